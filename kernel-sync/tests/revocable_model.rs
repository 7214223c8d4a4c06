// SPDX-License-Identifier: GPL-2.0

//! All orders of events in which readers, revokers and the final drop of a `Revocable` can meet.
//!
//! `src/revocable.rs` rests on a protocol of a flag and RCU. Here every step of it that others can see
//! is one transition of a small state machine, and all interleavings of all participants are walked
//! through. In each state that is reached, the promises are checked:
//!
//! - a reader never looks at a value that is being dropped, or was;
//! - the value is dropped once;
//! - it is gone in the end, whoever did it.
//!
//! RCU is modelled by what it promises and not by how it works. A grace period waits for the read-side
//! critical sections that were open when it began. A section that begins after the grace period did
//! sees all that happened before the grace period began. About anything else nothing is promised, so
//! a reader whose section began earlier sees either the old or the new value of the flag, however long
//! ago it was written: more freedom than any machine takes.
//!
//! A model that finds nothing may be a model that sees nothing. So each rule of the protocol is broken
//! once, and the walk has to find out.

use std::collections::{BTreeSet, HashSet};

/// How the protocol under test differs from the real one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Rules {
    /// `revoke` drops without waiting for a grace period.
    no_grace_period: bool,
    /// `revoke` waits first and clears the flag then.
    clear_after_wait: bool,
    /// `revoke` looks at the flag and clears it in two steps instead of by `xchg`.
    test_then_clear: bool,
    /// A reader looks at the flag before its critical section begins.
    check_outside_section: bool,
    /// A reader goes on using the value after its section has ended.
    use_after_section: bool,
    /// The final drop does not look at the flag.
    drop_always: bool,
    /// The final drop leaves the value alone.
    never_drop: bool,
    /// The final drop happens while others still borrow the revocable.
    drop_early: bool,
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Flaw {
    /// A reader looks at the value while it is being dropped, or after.
    UseAfterDrop,
    /// The value is dropped a second time.
    DoubleDrop,
    /// The revocable is gone, the value is not.
    Leak,
    /// Nobody can go on.
    Stuck,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reader {
    Idle,
    /// With `check_outside_section` only: has seen the flag set.
    Checked,
    /// In the critical section, has not looked at the flag.
    Entered,
    /// In the section, flag seen set; has the reference.
    Holds,
    /// With `use_after_section` only: out of the section, still has the reference.
    Lingers,
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Revoker {
    Idle,
    /// With `test_then_clear` only: has seen the flag set.
    Tested,
    /// Has cleared the flag; the grace period has not begun.
    Cleared,
    /// The grace period waits for this set of readers (bits).
    Waiting(u8),
    /// Is about to drop.
    Waited,
    /// The value's `drop` runs.
    Dropping,
    Done,
}

const READERS: usize = 3;
const REVOKERS: usize = 2;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    flag: bool,
    readers: [Reader; READERS],
    /// How many accesses each reader still makes.
    accesses: [u8; READERS],
    /// Whether the section of each reader began late enough that it must see the flag cleared.
    must_see: [bool; READERS],
    revokers: [Revoker; REVOKERS],
    /// A grace period has begun after the flag was cleared.
    grace_since_cleared: bool,
    /// 0: alive; 1: being dropped; 2: dropped.
    value: u8,
    freed: bool,
}

impl State {
    fn new() -> Self {
        Self {
            flag: true,
            readers: [Reader::Idle; READERS],
            accesses: [2; READERS],
            must_see: [false; READERS],
            revokers: [Revoker::Idle; REVOKERS],
            grace_since_cleared: false,
            value: 0,
            freed: false,
        }
    }

    /// The readers that are in a critical section now.
    fn in_section(&self) -> u8 {
        let mut set = 0;
        for (i, reader) in self.readers.iter().enumerate() {
            if matches!(reader, Reader::Entered | Reader::Holds) {
                set |= 1 << i;
            }
        }
        set
    }

    /// What the flag may read as for reader `i`.
    fn visible_flag(&self, i: usize) -> Vec<bool> {
        if self.flag {
            vec![true]
        } else if self.must_see[i] {
            vec![false]
        } else {
            vec![true, false]
        }
    }

    fn all_done(&self) -> bool {
        self.readers.iter().all(|r| *r == Reader::Done)
            && self.revokers.iter().all(|r| *r == Revoker::Done)
    }

    /// All states one step of reader `i` leads to.
    fn step_reader(&self, i: usize, rules: Rules, next: &mut Vec<State>) -> Result<(), Flaw> {
        let goto = |reader: Reader| {
            let mut s = self.clone();
            s.readers[i] = reader;
            s
        };
        let enter = |reader: Reader| {
            let mut s = goto(reader);
            s.must_see[i] = self.grace_since_cleared;
            s
        };
        // The end of an access, from wherever.
        let finish = |mut s: State| {
            s.accesses[i] -= 1;
            s.must_see[i] = false;
            s.readers[i] = if s.accesses[i] == 0 {
                Reader::Done
            } else {
                Reader::Idle
            };
            s
        };
        let leave = |mut s: State| {
            for revoker in &mut s.revokers {
                if let Revoker::Waiting(set) = revoker {
                    *set &= !(1 << i);
                }
            }
            s
        };

        match self.readers[i] {
            Reader::Idle if rules.check_outside_section => {
                for flag in self.visible_flag(i) {
                    next.push(if flag {
                        goto(Reader::Checked)
                    } else {
                        finish(self.clone())
                    });
                }
            }
            Reader::Idle => next.push(enter(Reader::Entered)),
            Reader::Checked => next.push(enter(Reader::Holds)),
            Reader::Entered => {
                for flag in self.visible_flag(i) {
                    next.push(if flag {
                        goto(Reader::Holds)
                    } else {
                        finish(leave(self.clone()))
                    });
                }
            }
            Reader::Holds | Reader::Lingers => {
                if self.value != 0 {
                    return Err(Flaw::UseAfterDrop);
                }
                next.push(
                    if rules.use_after_section && self.readers[i] == Reader::Holds {
                        leave(goto(Reader::Lingers))
                    } else {
                        finish(leave(self.clone()))
                    },
                );
            }
            Reader::Done => {}
        }
        Ok(())
    }

    /// All states one step of revoker `i` leads to.
    fn step_revoker(&self, i: usize, rules: Rules, next: &mut Vec<State>) -> Result<(), Flaw> {
        let goto = |revoker: Revoker| {
            let mut s = self.clone();
            s.revokers[i] = revoker;
            s
        };
        let clear = |then: Revoker| {
            let mut s = goto(then);
            s.flag = false;
            s
        };
        let after_clear = if rules.no_grace_period || rules.clear_after_wait {
            Revoker::Waited
        } else {
            Revoker::Cleared
        };

        if self.revokers[i] == Revoker::Idle {
            // It never comes to revoking.
            next.push(goto(Revoker::Done));
        }

        match self.revokers[i] {
            Revoker::Idle if rules.clear_after_wait => {
                next.push(goto(Revoker::Waiting(self.in_section())));
            }
            Revoker::Idle if !self.flag => next.push(goto(Revoker::Done)),
            Revoker::Idle if rules.test_then_clear => next.push(goto(Revoker::Tested)),
            // The exchange: looks and clears in one.
            Revoker::Idle => next.push(clear(after_clear)),
            Revoker::Tested => next.push(clear(after_clear)),
            Revoker::Cleared => {
                let mut s = goto(Revoker::Waiting(self.in_section()));
                s.grace_since_cleared = true;
                next.push(s);
            }
            Revoker::Waiting(0) if rules.clear_after_wait => {
                next.push(if self.flag {
                    clear(after_clear)
                } else {
                    goto(Revoker::Done)
                });
            }
            Revoker::Waiting(0) => next.push(goto(Revoker::Waited)),
            // Blocked.
            Revoker::Waiting(_) => {}
            Revoker::Waited => {
                let mut s = goto(Revoker::Dropping);
                s.begin_drop()?;
                next.push(s);
            }
            Revoker::Dropping => {
                let mut s = goto(Revoker::Done);
                s.value = 2;
                next.push(s);
            }
            Revoker::Done => {}
        }
        Ok(())
    }

    fn begin_drop(&mut self) -> Result<(), Flaw> {
        if self.value != 0 {
            return Err(Flaw::DoubleDrop);
        }
        self.value = 1;
        Ok(())
    }

    /// The end of the revocable itself, which takes sole ownership.
    fn step_drop(&self, rules: Rules, next: &mut Vec<State>) -> Result<(), Flaw> {
        if self.freed || !(self.all_done() || rules.drop_early) {
            return Ok(());
        }
        let mut s = self.clone();
        s.freed = true;
        if (s.flag || rules.drop_always) && !rules.never_drop {
            s.flag = false;
            s.begin_drop()?;
            s.value = 2;
        }
        next.push(s);
        Ok(())
    }
}

/// Walks through all that can happen; returns the number of states, and all that went wrong.
///
/// What comes after something went wrong is not looked at.
fn explore(rules: Rules) -> (usize, BTreeSet<Flaw>) {
    let mut seen = HashSet::new();
    let mut todo = vec![State::new()];
    let mut flaws = BTreeSet::new();

    while let Some(state) = todo.pop() {
        if !seen.insert(state.clone()) {
            continue;
        }
        let mut next = Vec::new();
        for i in 0..READERS {
            flaws.extend(state.step_reader(i, rules, &mut next).err());
        }
        for i in 0..REVOKERS {
            flaws.extend(state.step_revoker(i, rules, &mut next).err());
        }
        flaws.extend(state.step_drop(rules, &mut next).err());

        if next.is_empty() && flaws.is_empty() {
            if !state.freed {
                flaws.insert(Flaw::Stuck);
            } else if state.value != 2 {
                flaws.insert(Flaw::Leak);
            }
        }
        todo.append(&mut next);
    }
    (seen.len(), flaws)
}

#[test]
fn the_protocol_holds() {
    let (states, flaws) = explore(Rules::default());
    assert!(flaws.is_empty(), "{flaws:?}");
    // Enough to be sure that participants do meet.
    assert!(states > 5_000, "{states} states only");
}

/// Each broken rule has the consequence it ought to have.
#[test]
fn the_model_sees_what_is_wrong() {
    let rules = Rules::default();
    for (rules, consequence) in [
        (
            Rules {
                no_grace_period: true,
                ..rules
            },
            Flaw::UseAfterDrop,
        ),
        (
            Rules {
                clear_after_wait: true,
                ..rules
            },
            Flaw::UseAfterDrop,
        ),
        (
            Rules {
                test_then_clear: true,
                ..rules
            },
            Flaw::DoubleDrop,
        ),
        (
            Rules {
                check_outside_section: true,
                ..rules
            },
            Flaw::UseAfterDrop,
        ),
        (
            Rules {
                use_after_section: true,
                ..rules
            },
            Flaw::UseAfterDrop,
        ),
        (
            Rules {
                drop_always: true,
                ..rules
            },
            Flaw::DoubleDrop,
        ),
        // What the borrow checker rules out.
        (
            Rules {
                drop_early: true,
                ..rules
            },
            Flaw::UseAfterDrop,
        ),
        (
            Rules {
                never_drop: true,
                ..rules
            },
            Flaw::Leak,
        ),
    ] {
        let (_, flaws) = explore(rules);
        assert!(flaws.contains(&consequence), "{rules:?}: {flaws:?}");
    }
}
