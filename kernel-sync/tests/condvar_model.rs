// SPDX-License-Identifier: GPL-2.0

//! All orders of events in which waiters, one of them with a timeout, and notifiers can meet at a
//! `CondVar`.
//!
//! The steps are those of `CondVar::wait_internal` and of the kernel's wait queues: enter the queue,
//! give up the lock, sleep, leave the queue, acquire the lock. There are as many items as there are
//! waiters that have to get one, and each item is announced by one `notify_one`. The promise: nobody
//! sleeps while an item is there that nobody is going to take.
//!
//! As in `revocable_model.rs`, the rules of the protocol are then broken one by one.

use std::collections::HashSet;

#[derive(Clone, Copy, Debug, Default)]
struct Rules {
    /// A waiter gives up the lock first and enters the queue then.
    unlock_before_queueing: bool,
    /// A waiter stays in the queue until it has the lock again.
    leave_queue_after_lock: bool,
    /// The notifier does not take the lock to add its item.
    add_without_lock: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Waiter {
    /// Wants the lock, for the first time.
    Starting,
    /// Has the lock, looks at the items.
    Looking,
    /// Has the lock, found none.
    Queueing,
    /// In the queue, still has the lock. (The other way round if that rule is broken.)
    Releasing,
    /// In the queue with the lock given up, not yet off the CPU.
    Unlocked,
    Asleep,
    /// Runnable again, still in the queue unless a notification took it out.
    Awake,
    /// Wants the lock again. In C this, too, is sleeping in a state that wake functions take for one
    /// they may wake from.
    Relocking,
    Done,
}

const WAITERS: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    waiters: [Waiter; WAITERS],
    /// The first waiter gives up when its time is over.
    timed_out: bool,
    /// Whether a wake-up came between queueing and sleeping.
    runnable: [bool; WAITERS],
    queue: Vec<usize>,
    /// Who holds the lock; `WAITERS` is the notifier.
    owner: Option<usize>,
    items: u8,
    /// The notifier's progress through its rounds: 3 steps each.
    notifier: u8,
}

/// One item for each waiter that does not give up.
const ROUNDS: u8 = WAITERS as u8 - 1;

impl State {
    fn set(&self, i: usize, waiter: Waiter) -> State {
        let mut s = self.clone();
        s.waiters[i] = waiter;
        s
    }

    fn acquire(&self, i: usize, then: Waiter) -> Option<State> {
        self.owner.is_none().then(|| {
            let mut s = self.set(i, then);
            s.owner = Some(i);
            s
        })
    }

    fn leave_queue(mut self, i: usize) -> State {
        self.queue.retain(|&j| j != i);
        self
    }

    /// At rest, those in the queue are those that sleep.
    fn queue_is_right(&self) -> bool {
        (0..WAITERS).all(|i| self.queue.contains(&i) == (self.waiters[i] == Waiter::Asleep))
    }

    fn step_waiter(&self, i: usize, rules: Rules, next: &mut Vec<State>) {
        match self.waiters[i] {
            Waiter::Starting => next.extend(self.acquire(i, Waiter::Looking)),
            Waiter::Looking => {
                let mut s = self.clone();
                if s.items > 0 {
                    s.items -= 1;
                    s.owner = None;
                    s.waiters[i] = Waiter::Done;
                } else {
                    s.waiters[i] = Waiter::Queueing;
                }
                next.push(s);
            }
            Waiter::Queueing | Waiter::Releasing => {
                let first = self.waiters[i] == Waiter::Queueing;
                let mut s = self.set(
                    i,
                    if first {
                        Waiter::Releasing
                    } else {
                        Waiter::Unlocked
                    },
                );
                if first == rules.unlock_before_queueing {
                    s.owner = None;
                } else {
                    s.runnable[i] = false;
                    s.queue.push(i);
                }
                next.push(s);
            }
            Waiter::Unlocked => {
                next.push(self.set(
                    i,
                    if self.runnable[i] {
                        Waiter::Awake
                    } else {
                        Waiter::Asleep
                    },
                ));
            }
            Waiter::Asleep if i == 0 => {
                let mut s = self.set(i, Waiter::Awake);
                s.timed_out = true;
                next.push(s);
            }
            Waiter::Asleep => {}
            Waiter::Awake => {
                let s = self.set(i, Waiter::Relocking);
                next.push(if rules.leave_queue_after_lock {
                    s
                } else {
                    s.leave_queue(i)
                });
            }
            Waiter::Relocking => {
                if let Some(s) = self.acquire(i, Waiter::Looking) {
                    // The one that gives up does not look again, as callers do that have something
                    // else to do by then.
                    let mut s = s.leave_queue(i);
                    if i == 0 && s.timed_out {
                        s.owner = None;
                        s.waiters[i] = Waiter::Done;
                    }
                    next.push(s);
                }
            }
            Waiter::Done => {}
        }
    }

    fn step_notifier(&self, rules: Rules, next: &mut Vec<State>) {
        if self.notifier == ROUNDS * 3 {
            return;
        }
        let mut s = self.clone();
        s.notifier += 1;
        match self.notifier % 3 {
            0 if rules.add_without_lock => {}
            0 => {
                if self.owner.is_some() {
                    return;
                }
                s.owner = Some(WAITERS);
            }
            1 => {
                s.items += 1;
                if !rules.add_without_lock {
                    s.owner = None;
                }
            }
            _ => s.notify_one(),
        }
        next.push(s);
    }

    /// The first in the queue that can be woken is taken out, as `autoremove_wake_function` does.
    fn notify_one(&mut self) {
        for at in 0..self.queue.len() {
            let i = self.queue[at];
            let woken = match self.waiters[i] {
                Waiter::Asleep => {
                    self.waiters[i] = Waiter::Awake;
                    true
                }
                Waiter::Releasing | Waiter::Unlocked if !self.runnable[i] => {
                    self.runnable[i] = true;
                    true
                }
                // Asleep, too, but for the lock.
                Waiter::Relocking => true,
                _ => false,
            };
            if woken {
                self.queue.remove(at);
                return;
            }
        }
    }
}

fn explore(rules: Rules) -> Result<usize, String> {
    let mut seen = HashSet::new();
    let mut todo = vec![State {
        waiters: [Waiter::Starting; WAITERS],
        timed_out: false,
        runnable: [false; WAITERS],
        queue: Vec::new(),
        owner: None,
        items: 0,
        notifier: 0,
    }];

    while let Some(state) = todo.pop() {
        if !seen.insert(state.clone()) {
            continue;
        }
        let mut next = Vec::new();
        for i in 0..WAITERS {
            state.step_waiter(i, rules, &mut next);
        }
        state.step_notifier(rules, &mut next);

        // The end of a run. Those who sleep on may do so for want of an item (the first waiter does not
        // always give up), and for no other reason.
        if next.is_empty() {
            let stuck = |w: &Waiter| !matches!(w, Waiter::Done | Waiter::Asleep);
            if state.waiters.iter().any(stuck) || !state.queue_is_right() {
                return Err(format!("stuck: {state:?}"));
            }
            if state.items > 0 && state.waiters.contains(&Waiter::Asleep) {
                return Err(format!("asleep beside an item: {state:?}"));
            }
        }
        todo.append(&mut next);
    }
    Ok(seen.len())
}

#[test]
fn no_notification_is_lost() {
    let states = explore(Rules::default()).unwrap();
    assert!(states > 1_000, "{states} states only");
}

#[test]
fn the_model_sees_what_is_wrong() {
    for rules in [
        Rules {
            unlock_before_queueing: true,
            ..Rules::default()
        },
        Rules {
            leave_queue_after_lock: true,
            ..Rules::default()
        },
        Rules {
            add_without_lock: true,
            ..Rules::default()
        },
    ] {
        assert!(explore(rules).is_err(), "nothing found: {rules:?}");
    }
}
