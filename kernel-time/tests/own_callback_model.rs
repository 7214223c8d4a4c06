// SPDX-License-Identifier: GPL-2.0

//! All orders of events in which two tasks start a timer and give up their handles, while its callback
//! gives up one of the handles, too.
//!
//! The steps are those of `ArcHrTimerHandle`, `CallbackState` and `hrtimer_cancel()`. One task keeps
//! its handle and drops it at some point. The other one leaves its handle where the callback may take
//! and drop it, and drops it otherwise. The timer is periodic. The promises:
//!
//! - the object is not used after it has been freed, and not freed with its timer queued or running;
//! - no callback begins when there is no handle, nor about to be one;
//! - from every state there is a way to the end: the handles are gone, and the timer is at rest.
//!
//! Then the rules of the protocol are broken one by one, which shows that each is needed.

use std::collections::{HashMap, HashSet};

#[derive(Clone, Copy, Debug, Default)]
struct Rules {
    /// No rule, but another callback: before it drops the handle, it starts the timer once more, and it
    /// drops that handle as well.
    starts_within: bool,
    /// In its own callback a handle waits for the callback, as C's function does.
    waits_within: bool,
    /// In its own callback a handle gives up its reference.
    releases_within: bool,
    /// In its own callback a handle does nothing at all.
    ignores_within: bool,
    /// Elsewhere a handle does not wait for the callback.
    does_not_wait: bool,
    /// A timer that fires is not asked whether it has been stopped.
    fires_when_stopped: bool,
}

/// A task with a reference to start with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Task {
    AllowingCallbacks,
    Queueing,
    /// Has a handle, or has left it to the callback.
    Started,
    Cancelling,
    Releasing,
    Done,
}

/// The CPU that the timer fires on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Timer {
    Idle,
    /// C has called back.
    Entered,
    Callback,
    /// Has the other task's handle, and starts the timer to get another one.
    Starting,
    /// Has the other task's handle, and drops it.
    Dropping,
    /// Back in the callback, which goes on to use the object.
    Using,
    Returning,
    Left {
        restart: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct State {
    tasks: [Task; 2],
    timer: Timer,
    queued: bool,
    stopped: bool,
    /// The second task's handle lies where the callback can take it.
    left_to_callback: bool,
    references: u8,
    leaked: u8,
}

impl State {
    const START: Self = Self {
        tasks: [Task::AllowingCallbacks; 2],
        timer: Timer::Idle,
        queued: false,
        stopped: false,
        left_to_callback: false,
        references: 2,
        leaked: 0,
    };

    fn running(&self) -> bool {
        self.timer != Timer::Idle
    }

    /// Whether everybody is done and nothing is going to happen.
    fn is_end(&self) -> bool {
        self.tasks == [Task::Done; 2] && !self.running() && !self.queued
    }

    /// Whether there is a handle, or about to be one.
    fn has_handles(&self) -> bool {
        let is_starting = self.tasks.contains(&Task::Queueing);
        let first = matches!(self.tasks[0], Task::Started | Task::Cancelling);
        let second = self.left_to_callback || self.tasks[1] == Task::Cancelling;
        is_starting || first || second
    }

    fn touch(&self) -> Result<(), String> {
        match self.references {
            0 => Err(format!("used after it was freed: {self:?}")),
            _ => Ok(()),
        }
    }

    fn release(&mut self) -> Result<(), String> {
        self.touch()?;
        self.references -= 1;
        if self.references == 0 && (self.queued || self.running()) {
            return Err(format!("freed with the timer active: {self:?}"));
        }
        Ok(())
    }

    /// Returns the state after the next step of a task, if it can make one.
    fn task_step(mut self, task: usize, rules: Rules) -> Result<Option<Self>, String> {
        self.tasks[task] = match self.tasks[task] {
            Task::AllowingCallbacks => {
                self.touch()?;
                self.stopped = false;
                Task::Queueing
            }
            Task::Queueing => {
                self.touch()?;
                self.queued = true;
                self.left_to_callback |= task == 1;
                Task::Started
            }
            Task::Started if task == 1 && !self.left_to_callback => Task::Done,
            Task::Started => {
                self.left_to_callback &= task != 1;
                Task::Cancelling
            }
            Task::Cancelling => {
                self.touch()?;
                if self.running() && !rules.does_not_wait {
                    return Ok(None);
                }
                self.queued = false;
                Task::Releasing
            }
            Task::Releasing => {
                self.release()?;
                Task::Done
            }
            Task::Done => return Ok(None),
        };
        Ok(Some(self))
    }

    /// Returns the state after the next step of the timer, if it can make one.
    fn timer_step(mut self, rules: Rules) -> Result<Option<Self>, String> {
        self.timer = match self.timer {
            Timer::Idle if !self.queued => return Ok(None),
            Timer::Idle => {
                self.touch()?;
                self.queued = false;
                Timer::Entered
            }
            Timer::Entered => {
                self.touch()?;
                if self.stopped && !rules.fires_when_stopped {
                    Timer::Left { restart: false }
                } else if self.has_handles() {
                    Timer::Callback
                } else {
                    return Err(format!("called back without a handle: {self:?}"));
                }
            }
            Timer::Callback => {
                self.touch()?;
                match std::mem::take(&mut self.left_to_callback) {
                    true if rules.starts_within => Timer::Starting,
                    true => Timer::Dropping,
                    false => Timer::Returning,
                }
            }
            Timer::Starting => {
                self.touch()?;
                self.references += 1;
                self.stopped = false;
                self.queued = true;
                Timer::Dropping
            }
            // What it waits for is its own end.
            Timer::Dropping if rules.waits_within => return Ok(None),
            Timer::Dropping => {
                self.touch()?;
                self.stopped = !rules.ignores_within;
                let handles = 1 + u8::from(rules.starts_within);
                if rules.releases_within {
                    self.references -= handles;
                } else {
                    self.leaked += handles;
                }
                Timer::Using
            }
            Timer::Using => {
                self.touch()?;
                Timer::Returning
            }
            Timer::Returning => {
                self.touch()?;
                Timer::Left {
                    restart: !self.stopped,
                }
            }
            Timer::Left { restart } => {
                if restart {
                    self.touch()?;
                    self.queued = true;
                }
                Timer::Idle
            }
        };
        Ok(Some(self))
    }

    fn steps(self, rules: Rules) -> Result<Vec<Self>, String> {
        let steps = [
            self.task_step(0, rules)?,
            self.task_step(1, rules)?,
            self.timer_step(rules)?,
        ];
        Ok(steps.into_iter().flatten().collect())
    }
}

/// Goes through all orders of events; returns all ends, or what went wrong.
fn explore(rules: Rules) -> Result<HashSet<State>, String> {
    let mut before: HashMap<State, Vec<State>> = HashMap::from([(State::START, Vec::new())]);
    let mut open = vec![State::START];
    while let Some(state) = open.pop() {
        for next in state.steps(rules)? {
            let known = before.contains_key(&next);
            before.entry(next).or_default().push(state);
            if !known {
                open.push(next);
            }
        }
    }

    // Backwards from the ends.
    let ends: HashSet<State> = before.keys().copied().filter(State::is_end).collect();
    let mut ending = ends.clone();
    let mut open: Vec<State> = ends.iter().copied().collect();
    while let Some(state) = open.pop() {
        for &earlier in &before[&state] {
            if ending.insert(earlier) {
                open.push(earlier);
            }
        }
    }
    match before.keys().find(|state| !ending.contains(state)) {
        Some(state) => Err(format!("never ends: {state:?}")),
        None => Ok(ends),
    }
}

/// What goes wrong, with each kind of callback, if a rule is broken.
fn broken(rules: Rules) -> [Option<String>; 2] {
    [false, true].map(|starts_within| {
        explore(Rules {
            starts_within,
            ..rules
        })
        .err()
    })
}

/// Whether it goes wrong, with each kind of callback, as `how` says.
fn goes_wrong(rules: Rules, how: &str) -> bool {
    let errors = broken(rules);
    errors.iter().flatten().all(|error| error.starts_with(how)) && !errors.contains(&None)
}

#[test]
fn the_protocol_keeps_its_promises() {
    for starts_within in [false, true] {
        let ends = explore(Rules {
            starts_within,
            ..Rules::default()
        })
        .unwrap();
        // What the callback has dropped is leaked, and nothing else.
        assert!(ends.iter().all(|end| end.leaked == end.references));
        assert!(ends.iter().any(|end| end.leaked > 0));
        assert!(ends.iter().any(|end| end.references == 0));
    }
}

#[test]
fn waiting_for_oneself_never_ends() {
    let rules = Rules {
        waits_within: true,
        ..Rules::default()
    };
    assert!(goes_wrong(rules, "never ends"));
}

#[test]
fn releasing_in_the_callback_frees_what_it_uses() {
    let rules = Rules {
        releases_within: true,
        ..Rules::default()
    };
    assert!(goes_wrong(rules, "freed with the timer active"));
}

#[test]
fn a_drop_that_does_nothing_does_not_cancel() {
    let rules = Rules {
        ignores_within: true,
        ..Rules::default()
    };
    assert!(goes_wrong(rules, "called back without a handle"));
}

#[test]
fn a_drop_elsewhere_has_to_wait() {
    let rules = Rules {
        does_not_wait: true,
        ..Rules::default()
    };
    assert!(!broken(rules).contains(&None));
}

#[test]
fn what_is_queued_when_it_is_stopped_must_not_fire() {
    let rules = Rules {
        fires_when_stopped: true,
        ..Rules::default()
    };
    let [once, again] = broken(rules);
    // Without a start in the callback, nothing is queued when the last handle goes there.
    assert_eq!(once, None);
    assert!(again.unwrap().starts_with("called back without a handle"));
}
