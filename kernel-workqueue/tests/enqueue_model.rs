// SPDX-License-Identifier: GPL-2.0

//! All orders of events in which owners of an object can enqueue it while a queue runs its work.
//!
//! The steps are those of `RawWorkItem::__enqueue` and `WorkItemPointer::run` for an `Arc`, and of C's
//! `queue_work_on()` and `process_one_work()`: give the reference away, set the bit that says pending,
//! take the reference back if it was set; clear the bit, take the reference back, run, drop. The
//! promises: nobody touches an object that is gone, no reference is lost, each time that an object is
//! taken it is run, and it is refused only while a run is yet to begin.
//!
//! The rules of the protocol are then broken one by one, to see that each is needed.

use std::collections::HashSet;

/// How many owners enqueue the object, once each.
const OWNERS: usize = 3;

#[derive(Clone, Copy, Debug, Default)]
struct Rules {
    /// An owner looks at the object once more after it has been taken.
    touch_what_was_taken: bool,
    /// A refused owner leaves its reference where it is.
    leave_what_was_refused: bool,
    /// The object is not pending from when its run ends, rather than begins.
    clear_after_run: bool,
    /// The run borrows the object instead of taking the reference.
    run_without_reference: bool,
    /// The bit is looked at, and set in a step of its own.
    test_then_set: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Owner {
    /// Has a reference.
    Owning,
    /// Has given it away as a pointer, and is about to set the bit.
    Given,
    /// Has seen the bit clear. (Only if that rule is broken.)
    Seen,
    /// Has set the bit; the object is to be put on the queue next.
    Claimed,
    /// Has put it there.
    Taken,
    Refused,
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Worker {
    Idle,
    /// Has the item off the queue.
    Begun,
    Running,
    /// The function is over.
    Over,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    owners: [Owner; OWNERS],
    worker: Worker,
    /// The object's count; it is gone when that is 0.
    count: u8,
    pending: bool,
    /// How many times the item is on the queue.
    queued: u8,
    taken: u8,
    runs: u8,
}

type Outcome = Result<Vec<State>, &'static str>;

impl State {
    fn new() -> Self {
        Self {
            owners: [Owner::Owning; OWNERS],
            worker: Worker::Idle,
            count: OWNERS as u8,
            pending: false,
            queued: 0,
            taken: 0,
            runs: 0,
        }
    }

    fn touch(&self) -> Result<(), &'static str> {
        if self.count == 0 {
            return Err("an object is used that is gone");
        }
        Ok(())
    }

    /// Whether somebody is going to begin a run that sees all that is done now.
    fn a_run_is_to_come(&self) -> bool {
        self.queued > 0 || self.worker == Worker::Begun || self.owners.contains(&Owner::Claimed)
    }

    fn drop_reference(&mut self) -> Result<(), &'static str> {
        self.touch()?;
        self.count -= 1;
        Ok(())
    }

    fn step_owner(&self, i: usize, rules: Rules) -> Outcome {
        let mut s = self.clone();
        s.owners[i] = match self.owners[i] {
            Owner::Owning => Owner::Given,
            Owner::Given => {
                self.touch()?;
                if self.pending {
                    if !self.a_run_is_to_come() {
                        return Err("an object is refused that is not going to be run");
                    }
                    Owner::Refused
                } else if rules.test_then_set {
                    Owner::Seen
                } else {
                    s.pending = true;
                    Owner::Claimed
                }
            }
            Owner::Seen => {
                self.touch()?;
                s.pending = true;
                Owner::Claimed
            }
            Owner::Claimed => {
                self.touch()?;
                if self.queued > 0 {
                    return Err("an object is put on the queue twice");
                }
                s.queued += 1;
                s.taken += 1;
                Owner::Taken
            }
            Owner::Taken => {
                if rules.touch_what_was_taken {
                    self.touch()?;
                }
                Owner::Done
            }
            Owner::Refused => {
                if !rules.leave_what_was_refused {
                    s.drop_reference()?;
                }
                Owner::Done
            }
            Owner::Done => return Ok(Vec::new()),
        };
        Ok(vec![s])
    }

    fn step_worker(&self, rules: Rules) -> Outcome {
        let mut s = self.clone();
        s.worker = match self.worker {
            Worker::Idle if self.queued == 0 => return Ok(Vec::new()),
            Worker::Idle => {
                self.touch()?;
                s.queued -= 1;
                Worker::Begun
            }
            Worker::Begun => {
                self.touch()?;
                if !rules.clear_after_run {
                    s.pending = false;
                }
                Worker::Running
            }
            Worker::Running => {
                self.touch()?;
                s.runs += 1;
                if !rules.run_without_reference {
                    s.drop_reference()?;
                }
                Worker::Over
            }
            Worker::Over => {
                if rules.clear_after_run {
                    self.touch()?;
                    s.pending = false;
                }
                Worker::Idle
            }
        };
        Ok(vec![s])
    }

    /// What has to hold when nobody has anything left to do.
    fn at_rest(&self) -> Result<(), &'static str> {
        if self.runs != self.taken {
            return Err("an object was taken and not run");
        }
        if self.count != 0 {
            return Err("a reference is lost");
        }
        Ok(())
    }
}

/// Goes through all that can happen. Returns how many states there are, or the first broken promise.
fn explore(rules: Rules) -> Result<usize, &'static str> {
    let mut seen = HashSet::from([State::new()]);
    let mut open = vec![State::new()];
    while let Some(state) = open.pop() {
        let mut next = state.step_worker(rules)?;
        for i in 0..OWNERS {
            next.extend(state.step_owner(i, rules)?);
        }
        if next.is_empty() {
            state.at_rest()?;
        }
        for state in next {
            if seen.insert(state.clone()) {
                open.push(state);
            }
        }
    }
    Ok(seen.len())
}

#[test]
fn the_protocol_holds() {
    let states = explore(Rules::default()).unwrap();
    assert!(states > 100, "only {states} states");
}

#[test]
fn what_was_taken_must_not_be_touched() {
    let rules = Rules {
        touch_what_was_taken: true,
        ..Rules::default()
    };
    assert_eq!(explore(rules), Err("an object is used that is gone"));
}

#[test]
fn what_was_refused_must_be_taken_back() {
    let rules = Rules {
        leave_what_was_refused: true,
        ..Rules::default()
    };
    assert_eq!(explore(rules), Err("a reference is lost"));
}

#[test]
fn a_run_must_take_its_reference() {
    let rules = Rules {
        run_without_reference: true,
        ..Rules::default()
    };
    assert_eq!(explore(rules), Err("a reference is lost"));
}

#[test]
fn pending_must_end_when_the_run_begins() {
    let rules = Rules {
        clear_after_run: true,
        ..Rules::default()
    };
    // The run may have been the end of it.
    assert_eq!(explore(rules), Err("an object is used that is gone"));
}

#[test]
fn pending_must_be_set_in_one_step() {
    let rules = Rules {
        test_then_set: true,
        ..Rules::default()
    };
    assert_eq!(explore(rules), Err("an object is put on the queue twice"));
}
