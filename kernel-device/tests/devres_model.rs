// SPDX-License-Identifier: GPL-2.0

//! All orders of events in which a device, the owner of a `Devres`, and those who use it can meet.
//!
//! `src/devres.rs` rests on a protocol of a claim (`taken_by`), a completion (`gone`), a count of owners,
//! RCU and SRCU. Here every step of it that others can see is one transition of a small state machine,
//! and all interleavings are walked through. In each state that is reached, the promises are checked:
//!
//! - nobody looks at a resource that is being dropped, or was;
//! - nobody looks at memory that was freed, the one who takes the resource back included;
//! - the resource is dropped once, and before the drop of the `Devres` returns, so that its code may go;
//! - in the end all is gone, and nobody waits for ever.
//!
//! The last two have a second part: the drop of the `Devres` may be part of the drop of the resource that
//! the device takes back, and the other way round. So each is walked through with the two apart, and with
//! each one inside the other.
//!
//! A model that finds nothing may be a model that sees nothing. So each rule of the protocol is broken
//! once, and the walk has to find out.

use std::collections::{BTreeSet, HashSet};

/// Who can take the resource back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Taker {
    Device,
    Owner,
}

use Taker::{Device, Owner};

/// Where the two takers run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Place {
    /// In a task each.
    #[default]
    Apart,
    /// The `Devres` lies in its own resource, or in another one that the same device takes back.
    OwnerInDevice,
    /// The drop of the resource has the device unbound.
    DeviceInOwner,
}

/// How the protocol under test differs from the real one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Rules {
    place: Place,
    /// Each of the two drops the resource without a claim.
    no_claim: bool,
    /// Who comes second does not wait.
    no_wait: bool,
    /// Who comes second waits even if it is inside the first.
    wait_for_oneself: bool,
    /// The device drops without waiting for those who know it to be bound.
    no_srcu: bool,
    /// The grace period of RCU is left out.
    no_rcu: bool,
    /// `access` does not look whether there is a claim.
    access_unasked: bool,
    /// The drop of the `Devres` frees the memory, whatever the device does.
    sole_owner: bool,
    /// The drop of the `Devres` gives up the device's share even if the device is at it.
    share_of_device: bool,
    /// Nobody gives up the device's share when the entry was taken from its list.
    share_is_lost: bool,
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Flaw {
    UseAfterDrop,
    UseAfterFree,
    DoubleDrop,
    CodeGone,
    Leak,
    Stuck,
}

/// What one of the takers does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    /// Nothing has begun.
    Idle,
    /// Decide who drops the resource.
    Claim,
    /// For the device: those who know it to be bound are waited for.
    Srcu,
    /// Make it unavailable.
    Clear,
    /// Readers are waited for.
    Rcu,
    /// The drop begins.
    Drop,
    /// The drop ends.
    Dropping,
    /// Tell who waits.
    Complete,
    /// Wait for that.
    Wait,
    /// For the owner: take the entry from the device's list.
    Unlist,
    /// Give up the device's share.
    PutOther,
    /// Give up one's own share.
    Put,
    Done,
}

/// A task that uses the resource through the `Devres`, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reader {
    Idle,
    /// Its section is open.
    Entered,
    /// It has the resource.
    Holds,
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    /// `try_access`: a read side of RCU, and the flag of the `Revocable`.
    rcu: Reader,
    /// `access`: a `BoundSection`, and the claim.
    bound: Reader,
    device: Step,
    owner: Step,
    listed: bool,
    claim: Option<Taker>,
    gone: bool,
    available: bool,
    /// 0: there, 1: being dropped, 2: dropped.
    value: u8,
    owners: u8,
    freed: bool,
    /// Which sections each grace period waits for, if it has begun: of the RCU reader, and of the bound
    /// one.
    rcu_waits: [bool; 2],
    srcu_waits: bool,
}

/// One step: the states it leads to.
type Next = Result<Vec<State>, Flaw>;

impl State {
    fn new() -> Self {
        Self {
            rcu: Reader::Idle,
            bound: Reader::Idle,
            device: Step::Idle,
            owner: Step::Idle,
            listed: true,
            claim: None,
            gone: false,
            available: true,
            value: 0,
            owners: 2,
            freed: false,
            rcu_waits: [false; 2],
            srcu_waits: false,
        }
    }

    fn readers_done(&self) -> bool {
        self.rcu == Reader::Done && self.bound == Reader::Done
    }

    fn memory(&self) -> Result<(), Flaw> {
        if self.freed {
            return Err(Flaw::UseAfterFree);
        }
        Ok(())
    }

    fn value(&self) -> Result<(), Flaw> {
        if self.value != 0 {
            return Err(Flaw::UseAfterDrop);
        }
        Ok(())
    }

    fn put(&mut self) -> Result<(), Flaw> {
        self.memory()?;
        self.owners -= 1;
        self.freed = self.owners == 0;
        Ok(())
    }

    /// `try_access_with`. It borrows the `Devres`.
    fn step_rcu(&self) -> Next {
        let mut next = self.clone();
        match self.rcu {
            Reader::Idle => {
                self.memory()?;
                next.rcu = Reader::Entered;
            }
            Reader::Entered => {
                self.memory()?;
                next.rcu = if self.available {
                    Reader::Holds
                } else {
                    next.rcu_waits = [false; 2];
                    Reader::Done
                };
            }
            Reader::Holds => {
                self.value()?;
                next.rcu = Reader::Done;
                next.rcu_waits = [false; 2];
            }
            Reader::Done => return Ok(Vec::new()),
        }
        Ok(vec![next])
    }

    /// `access`, in a callback that the device's resources make.
    fn step_bound(&self, rules: Rules) -> Next {
        let mut next = self.clone();
        match self.bound {
            // Callbacks end before the device has forgotten the resource that makes them; whether this
            // one does so before or after the resource here is the device's turn is left open.
            Reader::Idle => {
                self.memory()?;
                next.bound = Reader::Entered;
            }
            Reader::Entered => {
                self.memory()?;
                next.bound = if self.claim.is_none() || rules.access_unasked {
                    Reader::Holds
                } else {
                    next.srcu_waits = false;
                    Reader::Done
                };
            }
            Reader::Holds => {
                self.value()?;
                next.bound = Reader::Done;
                next.srcu_waits = false;
            }
            Reader::Done => return Ok(Vec::new()),
        }
        Ok(vec![next])
    }

    fn at(&self, who: Taker) -> Step {
        match who {
            Device => self.device,
            Owner => self.owner,
        }
    }

    fn goto(&self, who: Taker, step: Step) -> Self {
        let mut next = self.clone();
        match who {
            Device => next.device = step,
            Owner => next.owner = step,
        }
        next
    }

    /// Whether a taker can begin.
    fn may_begin(&self, who: Taker, rules: Rules) -> bool {
        // The drop of the `Devres` is after all that borrows it.
        let borrowed = who == Owner && !self.readers_done();
        let inside = match (rules.place, who) {
            (Place::OwnerInDevice, Owner) => self.device == Step::Dropping,
            (Place::DeviceInOwner, Device) => self.owner == Step::Dropping,
            _ => true,
        };
        inside && !borrowed
    }

    /// Whether the drop of the resource by `who` can end.
    fn may_end_drop(&self, who: Taker, rules: Rules) -> bool {
        match (rules.place, who) {
            (Place::OwnerInDevice, Device) => self.owner == Step::Done,
            (Place::DeviceInOwner, Owner) => self.device == Step::Done,
            _ => true,
        }
    }

    fn step_taker(&self, who: Taker, rules: Rules) -> Next {
        let one = |next: State| Ok(vec![next]);
        let blocked = || Ok(Vec::new());
        let index = who as usize;
        // What follows after the resource is gone.
        let after = match who {
            Device => Step::Put,
            Owner => Step::Unlist,
        };
        match self.at(who) {
            Step::Idle if !self.may_begin(who, rules) => blocked(),
            Step::Idle if who == Device => {
                // The device takes all from its list, and forgets about the list.
                let mut next = self.goto(who, if self.listed { Step::Claim } else { Step::Done });
                next.listed = false;
                one(next)
            }
            Step::Idle => one(self.goto(who, Step::Claim)),
            Step::Claim => {
                self.memory()?;
                if self.claim.is_some() && !rules.no_claim {
                    return one(self.goto(who, Step::Wait));
                }
                let first = match who {
                    Device if !rules.no_srcu => Step::Srcu,
                    _ => Step::Clear,
                };
                let mut next = self.goto(who, first);
                next.claim = self.claim.or(Some(who));
                next.srcu_waits = who == Device && self.in_bound_section();
                one(next)
            }
            Step::Srcu if self.srcu_waits => blocked(),
            Step::Srcu => one(self.goto(who, Step::Clear)),
            Step::Clear => {
                self.memory()?;
                let mut next = self.goto(who, if rules.no_rcu { Step::Drop } else { Step::Rcu });
                next.available = false;
                next.rcu_waits[index] = matches!(self.rcu, Reader::Entered | Reader::Holds);
                one(next)
            }
            Step::Rcu if self.rcu_waits[index] => blocked(),
            Step::Rcu => one(self.goto(who, Step::Drop)),
            Step::Drop => {
                self.memory()?;
                if self.value != 0 {
                    return Err(Flaw::DoubleDrop);
                }
                let mut next = self.goto(who, Step::Dropping);
                next.value = 1;
                one(next)
            }
            Step::Dropping if !self.may_end_drop(who, rules) => blocked(),
            Step::Dropping => {
                // The code of the resource belongs to the module that has the `Devres`.
                if rules.place == Place::Apart && who == Device && self.owner == Step::Done {
                    return Err(Flaw::CodeGone);
                }
                self.memory()?;
                let mut next = self.goto(who, Step::Complete);
                next.value = 2;
                one(next)
            }
            Step::Complete => {
                self.memory()?;
                let mut next = self.goto(who, after);
                next.gone = true;
                one(next)
            }
            Step::Wait => {
                self.memory()?;
                // Two that are one inside the other are one task.
                let oneself = rules.place != Place::Apart && !rules.wait_for_oneself;
                if self.gone || oneself || rules.no_wait {
                    return one(self.goto(who, after));
                }
                blocked()
            }
            Step::Unlist => {
                self.memory()?;
                let ours = self.listed || rules.share_of_device;
                let mut next = self.goto(
                    who,
                    if ours && !rules.share_is_lost {
                        Step::PutOther
                    } else {
                        Step::Put
                    },
                );
                next.listed = false;
                one(next)
            }
            Step::PutOther => {
                let mut next = self.goto(who, Step::Put);
                next.put()?;
                one(next)
            }
            Step::Put => {
                let mut next = self.goto(who, Step::Done);
                if who == Owner && rules.sole_owner {
                    self.memory()?;
                    next.freed = true;
                } else {
                    next.put()?;
                }
                one(next)
            }
            Step::Done => blocked(),
        }
    }

    fn in_bound_section(&self) -> bool {
        matches!(self.bound, Reader::Entered | Reader::Holds)
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
        let steps = [
            state.step_rcu(),
            state.step_bound(rules),
            state.step_taker(Device, rules),
            state.step_taker(Owner, rules),
        ];
        let mut moved = false;
        for step in steps {
            match step {
                Ok(next) => {
                    moved |= !next.is_empty();
                    todo.extend(next);
                }
                Err(flaw) => {
                    moved = true;
                    flaws.insert(flaw);
                }
            }
        }
        if moved {
            continue;
        }
        // What is inside the other need not have come to pass, if the other had nothing to drop.
        let ended = |step, inside| step == Step::Done || (step == Step::Idle && inside);
        let owner_inside = rules.place == Place::OwnerInDevice;
        let device_inside = rules.place == Place::DeviceInOwner;
        if !ended(state.device, device_inside) || !ended(state.owner, owner_inside) {
            flaws.insert(Flaw::Stuck);
        } else if state.value != 2 || !state.freed {
            flaws.insert(Flaw::Leak);
        }
    }
    (seen.len(), flaws)
}

#[test]
fn the_protocol_holds() {
    for place in [Place::Apart, Place::OwnerInDevice, Place::DeviceInOwner] {
        let (states, flaws) = explore(Rules {
            place,
            ..Rules::default()
        });
        assert!(flaws.is_empty(), "{place:?}: {flaws:?}");
        // Enough to be sure that participants do meet.
        assert!(states > 20, "{place:?}: {states} states only");
    }
    let (states, _) = explore(Rules::default());
    assert!(states > 150, "{states} states only");
}

/// Each broken rule has the consequence it ought to have.
#[test]
fn the_model_sees_what_is_wrong() {
    let rules = Rules::default();
    let inside = Rules {
        place: Place::OwnerInDevice,
        ..rules
    };
    for (rules, consequence) in [
        (
            Rules {
                no_claim: true,
                ..rules
            },
            Flaw::DoubleDrop,
        ),
        (
            Rules {
                no_wait: true,
                ..rules
            },
            Flaw::CodeGone,
        ),
        (
            Rules {
                wait_for_oneself: true,
                ..inside
            },
            Flaw::Stuck,
        ),
        (
            Rules {
                wait_for_oneself: true,
                place: Place::DeviceInOwner,
                ..rules
            },
            Flaw::Stuck,
        ),
        (
            Rules {
                no_srcu: true,
                ..rules
            },
            Flaw::UseAfterDrop,
        ),
        (
            Rules {
                no_rcu: true,
                ..rules
            },
            Flaw::UseAfterDrop,
        ),
        (
            Rules {
                access_unasked: true,
                ..rules
            },
            Flaw::UseAfterDrop,
        ),
        // The revoker that is used after it was freed.
        (
            Rules {
                sole_owner: true,
                ..inside
            },
            Flaw::UseAfterFree,
        ),
        (
            Rules {
                sole_owner: true,
                ..rules
            },
            Flaw::UseAfterFree,
        ),
        (
            Rules {
                share_of_device: true,
                ..rules
            },
            Flaw::UseAfterFree,
        ),
        (
            Rules {
                share_is_lost: true,
                ..rules
            },
            Flaw::Leak,
        ),
    ] {
        let (_, flaws) = explore(rules);
        assert!(flaws.contains(&consequence), "{rules:?}: {flaws:?}");
    }
}
