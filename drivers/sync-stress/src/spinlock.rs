// SPDX-License-Identifier: GPL-2.0

//! A spinlock: two numbers that are equal whenever the lock is free.

use crate::{
    crew::Crew,
    plan::{must_be, Plan},
};
use kernel::{
    new_spinlock,
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc, SpinLock,
    },
};

/// What the lock protects. Who holds it never sleeps.
#[derive(Default)]
struct Pair {
    left: u64,
    right: u64,
    /// How often somebody found the numbers to be different.
    torn: u64,
}

impl Pair {
    fn step(&mut self) {
        if self.left != self.right {
            self.torn += 1;
        }
        self.left += 1;
        self.right += 1;
    }
}

#[pin_data]
struct Shared {
    #[pin]
    pair: SpinLock<Pair>,
    /// How often the lock was not free when a thread tried it.
    busy: Atomic<u64>,
}

impl Shared {
    fn step(&self) {
        // Without waiting if that is possible, which both ways of taking the lock have to agree on.
        if let Some(mut pair) = self.pair.try_lock() {
            return pair.step();
        }
        self.busy.add(1, Relaxed);
        self.pair.lock().step();
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let shared = Arc::pin_init(
        pin_init!(Shared {
            pair <- new_spinlock!(Pair::default(), "Shared::pair"),
            busy: Atomic::new(0),
        }),
        GFP_KERNEL,
    )?;
    let mut crew = Crew::new()?;
    for _ in 0..plan.threads {
        let shared = shared.clone();
        crew.add(move || {
            for _ in 0..plan.rounds {
                shared.step();
            }
            Ok(())
        })?;
    }
    crew.work()?;

    let pair = shared.pair.lock();
    must_be("spinlock: torn pairs", pair.torn, 0)?;
    must_be("spinlock: the left number", pair.left, plan.total())?;
    must_be("spinlock: the right number", pair.right, plan.total())?;
    pr_info!(
        "spinlock: {} steps, {} of which found the lock busy\n",
        pair.left,
        shared.busy.load(Relaxed)
    );
    Ok(())
}
