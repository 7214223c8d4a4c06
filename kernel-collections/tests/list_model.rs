// SPDX-License-Identifier: GPL-2.0

//! All orders of events in which those who put items into lists, remove them and drain them can
//! meet.
//!
//! `List::remove` is unsafe, as it believes its caller that the item is in this list or in none,
//! and that nobody else changes that. Here the memory of a list and its items is a handful of
//! words; each load and store that `src/list/ring.rs` and `src/list/head.rs` do to it is one step,
//! and all interleavings of all participants are walked through. In each state that is reached, the
//! promises are checked:
//!
//! - no step touches an item that has been freed, nor leaves a null pointer where a ring was;
//! - the right to an item, its `ListArc`, is handed out once;
//! - in the end the lists are what their pointers say, and each item is in a list or has been
//!   handed out.
//!
//! With the two rules of the safety clause none of that breaks. The rules are that of the *owner*
//! (an item is removed from the list it is in), and that of the *lock* (all who change the list
//! hold one lock). Then each is broken as drivers have broken it, and the walk has to find out. The
//! case of Binder, CVE-2025-68260, is `Drain::Moved { locked: false }`: the list is moved to the
//! stack with the lock held, and emptied without it, while a remover, with the lock held, takes out
//! an item.
//!
//! Memory is sequentially consistent here: what breaks, breaks on the kindest of machines; and what
//! holds does so by a lock, which makes it consistent on all others.

use std::collections::{BTreeSet, HashSet};

/// How many items there are; they begin in the shared list, in their order.
const ITEMS: usize = 3;
/// The list that all know, and the one on the stack of who drains.
const SHARED: usize = 0;
const STACK: usize = 1;

/// How the shared list is emptied.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Drain {
    /// Nobody does.
    Never,
    /// One item after the other, with the lock taken for each.
    OneByOne,
    /// The same, without a lock.
    OneByOneUnlocked,
    /// Everything under one lock, on the stack even: the lock is held until the last item is out.
    WholeLocked,
    /// Moved to the stack with the lock held, and from there one by one, with or without the lock.
    Moved { locked: bool },
}

/// What one participant does, in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Op {
    Lock,
    Unlock,
    /// `mem::take` of the shared list, into the one on the stack.
    MoveAll,
    /// `pop_front`; ends the loop if there is none, else goes on after it.
    Pop {
        list: usize,
        if_empty: usize,
    },
    /// `remove` of this item from this list; hands the item out if there was one.
    Remove {
        list: usize,
        item: usize,
    },
    /// `push_back` of the item that was removed before, if any, to this list.
    PushBack {
        list: usize,
    },
    Goto(usize),
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Flaw {
    /// A step of a list touches an item that has been freed.
    UseAfterFree,
    /// A pointer of a ring is null where one is followed.
    NullPointer,
    /// The right to an item exists twice.
    HandedOutTwice,
    /// An item is in no list, and nobody has it.
    Lost,
    /// The pointers of a list, in the end, are not those of a list.
    TornRing,
    /// Nobody can go on.
    Stuck,
}

type Pointer = Option<usize>;

/// Where a participant is within an operation. Each variant is what it has read so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    /// Before the operation at the program counter.
    Start,
    /// `enrolled`: has seen that the item is in a ring.
    Enrolled { list: usize, node: usize },
    /// `leave`, to `take` the node out of this list.
    LeaveBegins { list: usize, node: usize },
    /// Has read the next.
    HasNext {
        list: usize,
        node: usize,
        next: usize,
    },
    /// Of `next.cross(node)`, has read what is before `next`.
    HasFirst {
        list: usize,
        node: usize,
        next: usize,
        before_next: usize,
    },
    /// Has read what is before the node, too. `done` stores have been made, of four.
    Crossing {
        list: usize,
        node: usize,
        next: usize,
        before_next: usize,
        before_node: usize,
        done: u8,
    },
    /// Takes the node out of the list's `first`, if it is that.
    Outside {
        list: usize,
        node: usize,
        next: usize,
    },
    /// `insert`: the node is a ring of one, and goes to the end.
    InsertBegins { list: usize, node: usize },
    /// Has read the list's first one, and what is before it.
    InsertHasLast {
        node: usize,
        first: usize,
        last: usize,
        done: u8,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Thread {
    pc: usize,
    at: At,
    /// The item that `remove` gave, until it is put back or dropped.
    holds: Pointer,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    first: [Pointer; 2],
    next: [Pointer; ITEMS],
    prev: [Pointer; ITEMS],
    /// How often the `ListArc` of each item is in some hand, and not a list's.
    handed_out: [u8; ITEMS],
    freed: [bool; ITEMS],
    lock: Option<usize>,
    threads: Vec<Thread>,
}

/// Whether what is removed is also owned by someone else, so that memory stays when its right goes.
#[derive(Clone, Copy, PartialEq)]
enum Memory {
    /// Removers have an `Arc` of their own of the item that they remove, as they must.
    KeptBy(usize),
}

impl State {
    fn new(threads: usize) -> Self {
        Self {
            first: [Some(0), None],
            next: std::array::from_fn(|i| Some((i + 1) % ITEMS)),
            prev: std::array::from_fn(|i| Some((i + ITEMS - 1) % ITEMS)),
            handed_out: [0; ITEMS],
            freed: [false; ITEMS],
            lock: None,
            threads: vec![
                Thread {
                    pc: 0,
                    at: At::Start,
                    holds: None,
                };
                threads
            ],
        }
    }

    /// Follows a pointer that a ring never has as null, to an item that had better be there.
    fn there(&self, pointer: Pointer) -> Result<usize, Flaw> {
        let item = pointer.ok_or(Flaw::NullPointer)?;
        if self.freed[item] {
            return Err(Flaw::UseAfterFree);
        }
        Ok(item)
    }

    fn load_next(&self, item: usize) -> Result<usize, Flaw> {
        self.there(Some(item))?;
        self.next[item].ok_or(Flaw::NullPointer)
    }

    fn load_prev(&self, item: usize) -> Result<usize, Flaw> {
        self.there(Some(item))?;
        self.prev[item].ok_or(Flaw::NullPointer)
    }

    fn store_next(&mut self, item: usize, to: Pointer) -> Result<(), Flaw> {
        self.there(Some(item))?;
        self.next[item] = to;
        Ok(())
    }

    fn store_prev(&mut self, item: usize, to: Pointer) -> Result<(), Flaw> {
        self.there(Some(item))?;
        self.prev[item] = to;
        Ok(())
    }

    /// One store of `cross`, in the order of `ring.rs`: `before_a.set_next(b);
    /// before_b.set_next(a)`.
    fn cross_store(
        &mut self,
        done: u8,
        a: usize,
        b: usize,
        before_a: usize,
        before_b: usize,
    ) -> Result<(), Flaw> {
        match done {
            0 => self.store_next(before_a, Some(b)),
            1 => self.store_prev(b, Some(before_a)),
            2 => self.store_next(before_b, Some(a)),
            _ => self.store_prev(a, Some(before_b)),
        }
    }

    /// The `ListArc` of an item comes out of a list.
    fn hand_out(&mut self, item: usize) -> Result<(), Flaw> {
        self.handed_out[item] += 1;
        if self.handed_out[item] > 1 {
            return Err(Flaw::HandedOutTwice);
        }
        Ok(())
    }

    /// One step of a thread; `None` if it has ended or has to wait.
    fn step(&self, id: usize, program: &[Op], kept: &[Memory]) -> Result<Option<State>, Flaw> {
        let mut s = self.clone();
        let thread = &self.threads[id];
        let Some(&op) = program.get(thread.pc) else {
            return Ok(None);
        };
        let mut at = At::Start;
        let mut pc = thread.pc;
        let finished = thread.pc + 1;

        match (thread.at, op) {
            (At::Start, Op::Lock) => {
                if s.lock.is_some() {
                    return Ok(None);
                }
                s.lock = Some(id);
                pc = finished;
            }
            (At::Start, Op::Unlock) => {
                assert_eq!(s.lock, Some(id), "a program that unlocks what it has not");
                s.lock = None;
                pc = finished;
            }
            (At::Start, Op::Goto(target)) => pc = target,
            (At::Start, Op::MoveAll) => {
                s.first[STACK] = s.first[SHARED].take();
                pc = finished;
            }
            (At::Start, Op::Pop { list, if_empty }) => match s.first[list] {
                Some(node) => at = At::LeaveBegins { list, node },
                None => pc = if_empty,
            },
            // `enrolled`: null means that the item is in no ring.
            (At::Start, Op::Remove { list, item }) => match s.next[item] {
                Some(next) => at = At::Enrolled { list, node: next },
                None => pc = finished,
            },
            (At::Enrolled { list, node: next }, _) => {
                let node = s.load_prev(next)?;
                at = At::LeaveBegins { list, node };
            }
            (At::Start, Op::PushBack { list }) => match s.threads[id].holds.take() {
                Some(node) => {
                    // It is put into a ring of one, and belongs to the list from here on.
                    s.store_next(node, Some(node))?;
                    s.store_prev(node, Some(node))?;
                    s.handed_out[node] -= 1;
                    at = At::InsertBegins { list, node };
                }
                None => pc = finished,
            },
            (At::InsertBegins { list, node }, _) => match s.first[list] {
                Some(first) => {
                    let last = s.load_prev(first)?;
                    at = At::InsertHasLast {
                        node,
                        first,
                        last,
                        done: 0,
                    };
                }
                None => {
                    s.first[list] = Some(node);
                    pc = finished;
                }
            },
            (
                At::InsertHasLast {
                    node,
                    first,
                    last,
                    done,
                },
                _,
            ) => {
                // `first.cross(node)`, and before the node comes the node.
                s.cross_store(done, first, node, last, node)?;
                if done < 3 {
                    at = At::InsertHasLast {
                        node,
                        first,
                        last,
                        done: done + 1,
                    };
                } else {
                    pc = finished;
                }
            }
            (At::LeaveBegins { list, node }, _) => {
                let next = s.load_next(node)?;
                at = At::HasNext { list, node, next };
            }
            (At::HasNext { list, node, next }, _) => {
                let before_next = s.load_prev(next)?;
                at = At::HasFirst {
                    list,
                    node,
                    next,
                    before_next,
                };
            }
            (
                At::HasFirst {
                    list,
                    node,
                    next,
                    before_next,
                },
                _,
            ) => {
                let before_node = s.load_prev(node)?;
                at = At::Crossing {
                    list,
                    node,
                    next,
                    before_next,
                    before_node,
                    done: 0,
                };
            }
            (
                At::Crossing {
                    list,
                    node,
                    next,
                    before_next,
                    before_node,
                    done,
                },
                _,
            ) => {
                // `next.cross(node)`.
                s.cross_store(done, next, node, before_next, before_node)?;
                at = if done < 3 {
                    At::Crossing {
                        list,
                        node,
                        next,
                        before_next,
                        before_node,
                        done: done + 1,
                    }
                } else {
                    At::Outside { list, node, next }
                };
            }
            (At::Outside { list, node, next }, _) => {
                s.store_next(node, None)?;
                s.store_prev(node, None)?;
                if s.first[list] == Some(node) {
                    s.first[list] = (next != node).then_some(next);
                }
                s.hand_out(node)?;
                if matches!(op, Op::Remove { .. }) {
                    s.threads[id].holds = Some(node);
                } else if !kept.contains(&Memory::KeptBy(node)) {
                    // Who pops drops, and nobody else owns it.
                    s.freed[node] = true;
                }
                pc = finished;
            }
        }
        s.threads[id].at = at;
        s.threads[id].pc = pc;
        Ok(Some(s))
    }

    /// Checks what the pointers have become when all are done.
    fn check_end(&self) -> Result<(), Flaw> {
        let mut seen = [0; ITEMS];
        for first in self.first.into_iter().flatten() {
            let mut item = first;
            loop {
                self.there(Some(item))?;
                seen[item] += 1;
                if seen[item] > 1 {
                    return Err(Flaw::TornRing);
                }
                let next = self.next[item].ok_or(Flaw::TornRing)?;
                if self.prev[next] != Some(item) {
                    return Err(Flaw::TornRing);
                }
                item = next;
                if item == first {
                    break;
                }
            }
        }
        for (item, seen) in seen.into_iter().enumerate() {
            match seen + self.handed_out[item] {
                0 => return Err(Flaw::Lost),
                1 => {}
                _ => return Err(Flaw::HandedOutTwice),
            }
            // In a ring if and only if in a list.
            if (seen == 1) != self.next[item].is_some() {
                return Err(Flaw::TornRing);
            }
        }
        Ok(())
    }
}

/// What one who drains does.
fn drain(how: Drain) -> Vec<Op> {
    let pop = |list, if_empty| Op::Pop { list, if_empty };
    match how {
        Drain::Never => vec![],
        Drain::OneByOne => vec![
            Op::Lock,
            pop(SHARED, 4),
            Op::Unlock,
            Op::Goto(0),
            Op::Unlock,
        ],
        Drain::OneByOneUnlocked => vec![pop(SHARED, 2), Op::Goto(0)],
        Drain::WholeLocked => vec![
            Op::Lock,
            Op::MoveAll,
            pop(STACK, 4),
            Op::Goto(2),
            Op::Unlock,
        ],
        Drain::Moved { locked: false } => vec![
            Op::Lock,
            Op::MoveAll,
            Op::Unlock,
            pop(STACK, 5),
            Op::Goto(3),
        ],
        Drain::Moved { locked: true } => vec![
            Op::Lock,
            Op::MoveAll,
            Op::Unlock,
            Op::Lock,
            pop(STACK, 7),
            Op::Unlock,
            Op::Goto(3),
            Op::Unlock,
        ],
    }
}

/// What one does who removes an item.
fn remove(item: usize, locked: bool) -> Vec<Op> {
    let remove = Op::Remove { list: SHARED, item };
    if locked {
        vec![Op::Lock, remove, Op::Unlock]
    } else {
        vec![remove]
    }
}

/// Walks through all that can happen; returns the number of states, and all that went wrong.
///
/// What comes after something went wrong is not looked at.
fn explore(programs: &[Vec<Op>]) -> (usize, BTreeSet<Flaw>) {
    let kept: Vec<Memory> = programs
        .iter()
        .flatten()
        .filter_map(|op| match op {
            Op::Remove { item, .. } => Some(Memory::KeptBy(*item)),
            _ => None,
        })
        .collect();

    let mut seen = HashSet::new();
    let mut todo = vec![State::new(programs.len())];
    let mut flaws = BTreeSet::new();

    while let Some(state) = todo.pop() {
        if !seen.insert(state.clone()) {
            continue;
        }
        let mut waits = false;
        let mut moved = false;
        let mut failed = false;
        for (id, program) in programs.iter().enumerate() {
            match state.step(id, program, &kept) {
                Ok(Some(next)) => {
                    moved = true;
                    todo.push(next);
                }
                Ok(None) => waits |= state.threads[id].pc < program.len(),
                Err(flaw) => {
                    failed = true;
                    flaws.insert(flaw);
                }
            }
        }
        if !moved && !failed {
            if waits {
                flaws.insert(Flaw::Stuck);
            } else {
                flaws.extend(state.check_end().err());
            }
        }
    }
    (seen.len(), flaws)
}

/// Each way of draining that keeps to the rules, against removers of each two items.
#[test]
fn with_the_rules_nothing_breaks() {
    let mut states = 0;
    for how in [Drain::Never, Drain::OneByOne, Drain::WholeLocked] {
        for one in 0..ITEMS {
            for two in 0..ITEMS {
                let programs = [drain(how), remove(one, true), remove(two, true)];
                let (seen, flaws) = explore(&programs);
                assert!(flaws.is_empty(), "{how:?}, {one}, {two}: {flaws:?}");
                states += seen;
            }
        }
    }
    // Enough to be sure that participants do meet.
    assert!(states > 5_000, "{states} states only");
}

/// An item that is removed may go back to the same list.
#[test]
fn with_the_rules_items_come_back() {
    for how in [Drain::Never, Drain::OneByOne, Drain::WholeLocked] {
        for item in 0..ITEMS {
            let moves = vec![
                Op::Lock,
                Op::Remove { list: SHARED, item },
                Op::Unlock,
                Op::Lock,
                Op::PushBack { list: SHARED },
                Op::Unlock,
            ];
            for other in 0..ITEMS {
                let (_, flaws) = explore(&[drain(how), moves.clone(), remove(other, true)]);
                assert!(flaws.is_empty(), "{how:?}, {item}, {other}: {flaws:?}");
            }
        }
    }
}

/// Binder's: drained on the stack without the lock, while a remover holds it.
#[test]
fn a_drain_without_the_lock_breaks() {
    let mut all = BTreeSet::new();
    for item in 0..ITEMS {
        let programs = [drain(Drain::Moved { locked: false }), remove(item, true)];
        let (_, flaws) = explore(&programs);
        assert!(!flaws.is_empty(), "item {item}");
        all.extend(flaws);
    }
    // An item that has been freed is written to, and one is handed out to both.
    assert!(all.contains(&Flaw::UseAfterFree), "{all:?}");
    assert!(all.contains(&Flaw::HandedOutTwice), "{all:?}");
}

/// The lock alone is not enough: the item is in the list on the stack, and not in that it is
/// removed from.
#[test]
fn a_remove_from_another_list_breaks() {
    let programs = [drain(Drain::Moved { locked: true }), remove(0, true)];
    let (_, flaws) = explore(&programs);
    assert!(flaws.contains(&Flaw::NullPointer), "{flaws:?}");

    // Nor does it help to be lucky: for an item in the middle nothing breaks, and the next change
    // of the code makes it the first one.
    let (_, flaws) = explore(&[
        drain(Drain::Moved { locked: true }),
        remove(0, true),
        remove(1, true),
    ]);
    assert!(!flaws.is_empty());
}

/// The owner alone is not enough, either.
#[test]
fn a_remove_without_the_lock_breaks() {
    for how in [Drain::OneByOne, Drain::WholeLocked] {
        for item in 0..ITEMS {
            let (_, flaws) = explore(&[drain(how), remove(item, false)]);
            assert!(!flaws.is_empty(), "{how:?}, {item}");
        }
    }
    // Two neighbours.
    let (_, flaws) = explore(&[remove(0, true), remove(1, false)]);
    assert!(!flaws.is_empty());
    // Who pops is no better than who removes.
    let (_, flaws) = explore(&[drain(Drain::OneByOneUnlocked), remove(1, true)]);
    assert!(!flaws.is_empty());
}

/// Putting an item into a list is a change like any other.
#[test]
fn an_insertion_without_the_lock_breaks() {
    let moves = vec![
        Op::Lock,
        Op::Remove {
            list: SHARED,
            item: 1,
        },
        Op::Unlock,
        Op::PushBack { list: SHARED },
    ];
    let (_, flaws) = explore(&[moves, remove(0, true)]);
    assert!(!flaws.is_empty());
}

/// How an `AtomicTracker` may be written.
#[derive(Clone, Copy, PartialEq)]
enum Tracker {
    /// `cmpxchg` to take the right; given up by a store after the last use of it.
    Real,
    /// A load, and a store if it was false.
    TestThenSet,
    /// Given up before the last use.
    EarlyDrop,
}

/// Walks through threads that take the right to an object's links, use it and give it up, twice
/// each.
///
/// Returns how many have it at most.
fn most_at_once(tracker: Tracker, threads: usize) -> usize {
    /// 0: without; 1: has seen that it is free; 2: has it; 3: has given it up, and still uses it.
    type Phase = u8;

    let mut seen = HashSet::new();
    let mut todo = vec![(false, vec![(0 as Phase, 2_u8); threads])];
    let mut most = 0;
    while let Some(state) = todo.pop() {
        if !seen.insert(state.clone()) {
            continue;
        }
        let (taken, phases) = state;
        most = most.max(phases.iter().filter(|(phase, _)| *phase >= 2).count());
        for (id, &(phase, rounds)) in phases.iter().enumerate() {
            let mut goto = |taken: bool, phase: Phase, rounds: u8| {
                let mut phases = phases.clone();
                phases[id] = (phase, rounds);
                todo.push((taken, phases));
            };
            match phase {
                0 if rounds == 0 || taken => {}
                0 if tracker == Tracker::TestThenSet => goto(taken, 1, rounds),
                0 => goto(true, 2, rounds),
                1 => goto(true, 2, rounds),
                2 if tracker == Tracker::EarlyDrop => goto(false, 3, rounds),
                2 => goto(false, 0, rounds - 1),
                _ => goto(taken, 0, rounds - 1),
            }
        }
    }
    most
}

#[test]
fn a_tracker_gives_one_at_a_time() {
    for threads in 2..=4 {
        assert_eq!(most_at_once(Tracker::Real, threads), 1);
        assert!(most_at_once(Tracker::TestThenSet, threads) > 1);
        assert!(most_at_once(Tracker::EarlyDrop, threads) > 1);
    }
}
