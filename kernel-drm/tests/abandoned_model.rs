// SPDX-License-Identifier: GPL-2.0

//! All orders of events in which the last `GpuVmBo` of a buffer is given up while the address space goes.
//!
//! `src/drm/gpuvm.rs` rests on the order of two things on each side: who drops the `UniqueRefGpuVm` says that
//! it is abandoned, and then frees what is on C's list; who gives up a `GpuVmBo` has C put it on the list, and
//! then looks whether the address space is abandoned, to free what is on the list himself. C's operations on
//! the list are fully ordered, so that each side's two are seen in their order. Here each step is a transition,
//! and all interleavings are walked through: in the end it must have been freed, once.
//!
//! Each rule is broken once, too, and the walk has to find out.

/// How the protocol under test differs from the real one.
#[derive(Clone, Copy, Default)]
struct Rules {
    /// Who drops the `UniqueRefGpuVm` says so when he has freed what is on the list.
    says_late: bool,
    /// Who gives up a `GpuVmBo` looks first.
    looks_first: bool,
}

#[derive(Clone, Copy, Default)]
struct State {
    /// How far either of them has come.
    owner: usize,
    user: usize,
    abandoned: bool,
    listed: bool,
    /// What the user has seen.
    seen: bool,
    freed: usize,
}

impl State {
    fn clean_up(&mut self) {
        self.freed += usize::from(std::mem::take(&mut self.listed));
    }

    /// The next step of who drops the `UniqueRefGpuVm`.
    fn owner(mut self, rules: Rules) -> Option<Self> {
        match (self.owner, rules.says_late) {
            (0, false) | (1, true) => self.abandoned = true,
            (1, false) | (0, true) => self.clean_up(),
            _ => return None,
        }
        self.owner += 1;
        Some(self)
    }

    /// The next step of who gives up a `GpuVmBo`.
    fn user(mut self, rules: Rules) -> Option<Self> {
        match (self.user, rules.looks_first) {
            (0, false) | (1, true) => self.listed = true,
            (1, false) | (0, true) => self.seen = self.abandoned,
            (2, _) if self.seen => self.clean_up(),
            (2, _) => {}
            _ => return None,
        }
        self.user += 1;
        Some(self)
    }
}

/// Walks through all orders, and returns how many there are, and how many leave it on the list.
fn walk(rules: Rules) -> (usize, usize) {
    let (mut orders, mut left) = (0, 0);
    let mut pending = vec![State::default()];
    while let Some(state) = pending.pop() {
        let next = [state.owner(rules), state.user(rules)];
        if next.iter().all(Option::is_none) {
            orders += 1;
            left += usize::from(state.listed);
            assert_eq!(state.freed + usize::from(state.listed), 1);
        }
        pending.extend(next.into_iter().flatten());
    }
    (orders, left)
}

#[test]
fn nothing_is_left_on_the_list() {
    // Two steps among three.
    assert_eq!(walk(Rules::default()), (10, 0));
}

#[test]
fn broken_rules_are_found() {
    let late = Rules {
        says_late: true,
        ..Rules::default()
    };
    assert!(walk(late).1 > 0);
    let first = Rules {
        looks_first: true,
        ..Rules::default()
    };
    assert!(walk(first).1 > 0);
}
