// SPDX-License-Identifier: GPL-2.0

//! A spinlock: a row of numbers that are equal whenever the lock is free.

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

/// How many numbers there are: enough to keep the holder busy until others come.
const NUMBERS: usize = 64;

/// What the lock protects. Who holds it never sleeps.
struct Row {
    numbers: [u64; NUMBERS],
    /// How often somebody found the numbers to be different.
    torn: u64,
}

impl Row {
    fn new() -> Self {
        Self {
            numbers: [0; NUMBERS],
            torn: 0,
        }
    }

    fn step(&mut self) {
        if self.numbers.iter().any(|number| *number != self.numbers[0]) {
            self.torn += 1;
        }
        for number in &mut self.numbers {
            *number += 1;
        }
    }
}

#[pin_data]
struct Shared {
    #[pin]
    row: SpinLock<Row>,
    /// How often the lock was not free when a thread tried it.
    busy: Atomic<u64>,
}

impl Shared {
    fn step(&self) {
        // At once if that is possible: both ways of taking the lock keep others out.
        if let Some(mut row) = self.row.try_lock() {
            return row.step();
        }
        self.busy.add(1, Relaxed);
        self.row.lock().step();
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let shared = Arc::pin_init(
        pin_init!(Shared {
            row <- new_spinlock!(Row::new(), "Shared::row"),
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

    let (steps, torn) = {
        let row = shared.row.lock();
        (row.numbers[0], row.torn)
    };
    must_be("spinlock: torn rows", torn, 0)?;
    must_be("spinlock: the number of steps", steps, plan.total())?;
    pr_info!(
        "spinlock: {} steps, {} of which found the lock busy\n",
        steps,
        shared.busy.load(Relaxed)
    );
    Ok(())
}
