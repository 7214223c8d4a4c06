// SPDX-License-Identifier: GPL-2.0

//! Maple trees: ranges that many threads want at the same time, and each number is one thread's.

use crate::{
    crew::Crew,
    life::{Life, Lives},
    plan::{must_be, Plan},
};
use kernel::{
    maple_tree::{InsertErrorKind, MapleTree},
    prelude::*,
    sync::{
        atomic::{Atomic, Full, Relaxed},
        Arc,
    },
};

/// How many numbers the ranges are made of.
const NUMBERS: usize = 256;

/// How many ranges a thread keeps before it gives one back.
const KEPT: usize = 4;

struct Value {
    first: usize,
    thread: u32,
    _life: Life,
}

#[pin_data]
struct Shared {
    #[pin]
    tree: MapleTree<KBox<Value>>,
    /// How many threads have each number.
    owners: KVec<Atomic<u32>>,
    inserted: Atomic<u64>,
    occupied: Atomic<u64>,
    /// How many numbers had two owners, and how many ranges were not where they belong.
    wrong: Atomic<u64>,
}

impl Shared {
    fn insert(&self, lives: &Lives, thread: u32, first: usize, end: usize) -> Result<bool> {
        let value = Value {
            first,
            thread,
            _life: lives.begin(),
        };
        let value = KBox::new(value, GFP_KERNEL)?;
        if let Err(error) = self.tree.insert_range(first..end, value, GFP_KERNEL) {
            if matches!(error.cause, InsertErrorKind::Occupied) {
                self.occupied.add(1, Relaxed);
                return Ok(false);
            }
            return Err(error.into());
        }
        self.inserted.add(1, Relaxed);
        for owner in &self.owners[first..end] {
            if owner.fetch_add(1, Full) != 0 {
                self.wrong.add(1, Relaxed);
            }
        }
        let mut guard = self.tree.lock();
        let found = guard.load(end - 1);
        if found.is_none_or(|value| value.first != first || value.thread != thread) {
            self.wrong.add(1, Relaxed);
        }
        Ok(true)
    }

    fn erase(&self, thread: u32, first: usize, end: usize) {
        for owner in &self.owners[first..end] {
            owner.fetch_sub(1, Full);
        }
        // By any of its numbers.
        let value = self.tree.erase((first + end) / 2);
        if value.is_none_or(|value| value.first != first || value.thread != thread) {
            self.wrong.add(1, Relaxed);
        }
    }

    fn work(&self, lives: &Lives, thread: u32, rounds: u32) -> Result {
        let mut kept = KVec::with_capacity(KEPT + 1, GFP_KERNEL)?;
        let mut dice = thread;
        for _ in 0..rounds {
            dice = dice.wrapping_mul(1664525).wrapping_add(1013904223);
            let first = (dice >> 16) as usize % (NUMBERS - 8);
            let end = first + 1 + (dice >> 8) as usize % 8;
            if self.insert(lives, thread, first, end)? {
                kept.push((first, end), GFP_KERNEL)?;
            }
            if kept.len() > KEPT {
                if let Ok((first, end)) = kept.remove(0) {
                    self.erase(thread, first, end);
                }
            }
        }
        kept.iter()
            .for_each(|&(first, end)| self.erase(thread, first, end));
        Ok(())
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let lives = Lives::new()?;
    let mut owners = KVec::with_capacity(NUMBERS, GFP_KERNEL)?;
    for _ in 0..NUMBERS {
        owners.push(Atomic::new(0), GFP_KERNEL)?;
    }
    let shared = Arc::pin_init(
        pin_init!(Shared {
            tree <- MapleTree::new(),
            owners,
            inserted: Atomic::new(0),
            occupied: Atomic::new(0),
            wrong: Atomic::new(0),
        }),
        GFP_KERNEL,
    )?;

    let mut crew = Crew::new()?;
    for thread in 0..plan.threads {
        let (lives, shared) = (lives.clone(), shared.clone());
        crew.add(move || shared.work(&lives, thread, plan.rounds))?;
    }
    crew.work()?;

    must_be("maple_tree: wrong ranges", shared.wrong.load(Relaxed), 0)?;
    let (inserted, occupied) = (shared.inserted.load(Relaxed), shared.occupied.load(Relaxed));
    must_be("maple_tree: attempts", inserted + occupied, plan.total())?;
    let empty = shared.tree.lock().ma_state(0, 0).find(usize::MAX).is_none();
    must_be("maple_tree: it is empty", empty, true)?;
    must_be("maple_tree: values left", lives.count(), 0)?;
    pr_info!(
        "maple_tree: {} ranges were inserted, {} were taken\n",
        inserted,
        occupied
    );
    Ok(())
}
