// SPDX-License-Identifier: GPL-2.0

//! All orders of events in which somebody adds a resource while the device takes its resources back.
//!
//! `src/devres/action.rs` rests on the order of two things on each side: the device core says that it
//! unbinds, and then makes the list of what to take back; who adds a resource puts it on the list, and
//! then looks whether the device unbinds. Here each step is a transition of a small state machine, and all
//! interleavings are walked through. In the end the resource must have been taken back by the device, once,
//! or have been refused, and not be on the list of a device without a driver.
//!
//! Each rule is broken once, too, and the walk has to find out.

use std::collections::BTreeSet;

/// How the protocol under test differs from the real one.
#[derive(Clone, Copy, Default)]
struct Rules {
    /// The device says so when it has made the list.
    says_late: bool,
    /// Who adds looks first.
    looks_first: bool,
    /// Who finds that the device unbinds takes it that his resource is still on the list.
    does_not_look_again: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Flaw {
    /// It is on the device's list, and there is no driver any more.
    LeftBehind,
    /// It was refused, and the device takes it back.
    TakenAndRefused,
}

#[derive(Clone, Copy, Default)]
struct State {
    device: usize,
    adder: usize,
    unbinds: bool,
    listed: bool,
    to_be_taken: bool,
    taken: bool,
    saw_it_unbind: bool,
    refused: bool,
}

#[derive(Clone, Copy)]
enum Device {
    Say,
    MakeList,
    TakeBack,
}

#[derive(Clone, Copy)]
enum Adder {
    Add,
    Look,
    Remove,
}

impl State {
    fn step_device(mut self, rules: Rules) -> Option<Self> {
        let steps = if rules.says_late {
            [Device::MakeList, Device::Say, Device::TakeBack]
        } else {
            [Device::Say, Device::MakeList, Device::TakeBack]
        };
        match steps.get(self.device)? {
            Device::Say => self.unbinds = true,
            // Under the lock of the list.
            Device::MakeList => {
                self.to_be_taken = self.listed;
                self.listed = false;
            }
            Device::TakeBack => self.taken = self.to_be_taken,
        }
        self.device += 1;
        Some(self)
    }

    fn step_adder(mut self, rules: Rules) -> Option<Self> {
        let steps = if rules.looks_first {
            [Adder::Look, Adder::Add, Adder::Remove]
        } else {
            [Adder::Add, Adder::Look, Adder::Remove]
        };
        match steps.get(self.adder)? {
            Adder::Add => self.listed = true,
            Adder::Look => self.saw_it_unbind = self.unbinds,
            // Under the lock of the list.
            Adder::Remove => {
                if self.saw_it_unbind && (self.listed || rules.does_not_look_again) {
                    self.refused = true;
                    self.listed = false;
                }
            }
        }
        self.adder += 1;
        Some(self)
    }
}

/// Walks through all that can happen; returns how many orders there are, and all that went wrong.
fn explore(rules: Rules) -> (usize, BTreeSet<Flaw>) {
    let (mut orders, mut flaws) = (0, BTreeSet::new());
    let mut pending = vec![State::default()];
    while let Some(state) = pending.pop() {
        let next = [state.step_device(rules), state.step_adder(rules)];
        if next.iter().all(Option::is_none) {
            orders += 1;
            if state.listed {
                flaws.insert(Flaw::LeftBehind);
            }
            if state.refused && state.taken {
                flaws.insert(Flaw::TakenAndRefused);
            }
            assert!(state.listed || state.refused || state.taken);
        }
        pending.extend(next.into_iter().flatten());
    }
    (orders, flaws)
}

#[test]
fn nothing_is_left_behind() {
    // Three steps each: six, of which three are the device's.
    assert_eq!(explore(Rules::default()), (20, BTreeSet::new()));
}

/// Each broken rule has the consequence it ought to have.
#[test]
fn the_model_sees_what_is_wrong() {
    let rules = Rules::default();
    for (rules, flaw) in [
        (
            Rules {
                says_late: true,
                ..rules
            },
            Flaw::LeftBehind,
        ),
        (
            Rules {
                looks_first: true,
                ..rules
            },
            Flaw::LeftBehind,
        ),
        (
            Rules {
                does_not_look_again: true,
                ..rules
            },
            Flaw::TakenAndRefused,
        ),
    ] {
        assert_eq!(explore(rules).1, BTreeSet::from([flaw]));
    }
}
