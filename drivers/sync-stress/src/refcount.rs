// SPDX-License-Identifier: GPL-2.0

//! A count of references by hand: whatever the threads count up and down, one of them is the last.

use crate::{
    crew::Crew,
    plan::{must_be, Plan},
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc, Refcount,
    },
};

struct Counted {
    references: Refcount,
    /// How many threads gave up the last reference.
    last: Atomic<u32>,
}

impl Counted {
    /// Gives up a reference, and with the last one what it stands for.
    fn put(&self) {
        if self.references.dec_and_test() {
            self.last.add(1, Relaxed);
        }
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let counted = Arc::new(
        Counted {
            // One for each thread.
            references: Refcount::new(plan.threads as i32),
            last: Atomic::new(0),
        },
        GFP_KERNEL,
    )?;
    let mut crew = Crew::new()?;
    for _ in 0..plan.threads {
        let counted = counted.clone();
        crew.add(move || {
            for _ in 0..plan.rounds {
                counted.references.inc();
                counted.put();
            }
            counted.put();
            Ok(())
        })?;
    }
    crew.work()?;

    must_be(
        "refcount: references left",
        counted.references.as_atomic().load(Relaxed),
        0,
    )?;
    must_be(
        "refcount: the number of last references",
        counted.last.load(Relaxed),
        1,
    )?;
    pr_info!(
        "refcount: {} references came and went, and one was the last\n",
        plan.total()
    );
    Ok(())
}
