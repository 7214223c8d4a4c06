// SPDX-License-Identifier: GPL-2.0

//! Shared ownership: objects that many threads own and give up at the same time, each dropped once.

use crate::{
    crew::Crew,
    plan::{must_be, Plan},
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc,
    },
};

struct Counts {
    /// How many objects were dropped.
    drops: Atomic<u64>,
    /// How many owners were told that they are the last.
    last: Atomic<u64>,
}

/// An object that counts its own end.
struct Object {
    counts: Arc<Counts>,
}

impl Drop for Object {
    fn drop(&mut self) {
        self.counts.drops.add(1, Relaxed);
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let counts = Counts {
        drops: Atomic::new(0),
        last: Atomic::new(0),
    };
    let counts = Arc::new(counts, GFP_KERNEL)?;
    let mut objects: KVVec<Arc<Object>> = KVVec::new();
    for _ in 0..plan.rounds {
        let object = Object {
            counts: counts.clone(),
        };
        objects.push(Arc::new(object, GFP_KERNEL)?, GFP_KERNEL)?;
    }

    let mut crew = Crew::new()?;
    for _ in 0..plan.threads {
        let mut owned: KVVec<Arc<Object>> = KVVec::with_capacity(objects.len(), GFP_KERNEL)?;
        owned.extend_from_slice(&objects, GFP_KERNEL)?;
        let counts = counts.clone();
        crew.add(move || {
            for object in owned {
                // Up and down, while others go up and down as well.
                drop(object.clone());
                // All threads give up the same object at about the same time, and one is the last.
                if Arc::into_unique_or_drop(object).is_some() {
                    counts.last.add(1, Relaxed);
                }
            }
            Ok(())
        })?;
    }
    // From now on only the threads own the objects.
    drop(objects);
    must_be(
        "arc: drops before their time",
        counts.drops.load(Relaxed),
        0,
    )?;
    crew.work()?;

    let rounds = u64::from(plan.rounds);
    must_be(
        "arc: the number of drops",
        counts.drops.load(Relaxed),
        rounds,
    )?;
    must_be(
        "arc: the number of last owners",
        counts.last.load(Relaxed),
        rounds,
    )?;
    pr_info!(
        "arc: {} objects of {} owners each were dropped once each\n",
        rounds,
        plan.threads
    );
    Ok(())
}
