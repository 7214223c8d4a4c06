// SPDX-License-Identifier: GPL-2.0

//! XArrays: values that many threads store, replace and take out at the same places.

use crate::{
    crew::Crew,
    life::{Life, Lives},
    plan::{must_be, Plan},
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc,
    },
    xarray::{AllocKind, XArray},
};

/// Places far from each other, so that the array grows and shrinks.
fn place(number: u32) -> usize {
    const PLACES: u32 = 48;
    (number % PLACES) as usize * 1000
}

struct Value {
    place: usize,
    _life: Life,
}

#[pin_data]
struct Shared {
    #[pin]
    array: XArray<Arc<Value>>,
    stored: Atomic<u64>,
    /// How many values came out, removed or replaced.
    out: Atomic<u64>,
    /// How many were somewhere else than where they had been stored.
    lost: Atomic<u64>,
}

impl Shared {
    fn came_out(&self, place: usize, value: Option<Arc<Value>>) {
        if let Some(value) = value {
            self.out.add(1, Relaxed);
            if value.place != place {
                self.lost.add(1, Relaxed);
            }
        }
    }

    fn step(&self, lives: &Lives, number: u32, round: u32) -> Result {
        let at = place(number);
        let value = Value {
            place: at,
            _life: lives.begin(),
        };
        let value = Arc::new(value, GFP_KERNEL)?;
        let old = self.array.lock().store(at, value, GFP_KERNEL)?;
        self.stored.add(1, Relaxed);
        self.came_out(at, old);

        let near = place(number / 2);
        if self
            .array
            .lock()
            .get(near)
            .is_some_and(|value| value.place != near)
        {
            self.lost.add(1, Relaxed);
        }
        if round % 3 > 0 {
            let gone = place(number + round);
            let old = self.array.lock().remove(gone);
            self.came_out(gone, old);
        }
        Ok(())
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let lives = Lives::new()?;
    let shared = Arc::pin_init(
        pin_init!(Shared {
            array <- XArray::new(AllocKind::Alloc),
            stored: Atomic::new(0),
            out: Atomic::new(0),
            lost: Atomic::new(0),
        }),
        GFP_KERNEL,
    )?;

    let mut crew = Crew::new()?;
    for thread in 0..plan.threads {
        let (lives, shared) = (lives.clone(), shared.clone());
        crew.add(move || {
            (0..plan.rounds).try_for_each(|round| shared.step(&lives, thread + round, round))
        })?;
    }
    crew.work()?;

    let (stored, out) = (shared.stored.load(Relaxed), shared.out.load(Relaxed));
    must_be("xarray: the number of stores", stored, plan.total())?;
    must_be("xarray: lost values", shared.lost.load(Relaxed), 0)?;
    must_be("xarray: values that are there", lives.count(), stored - out)?;
    // The rest goes with the array.
    drop(shared);
    must_be("xarray: values left", lives.count(), 0)?;
    pr_info!(
        "xarray: {} values went in, {} came out before the end\n",
        stored,
        out
    );
    Ok(())
}
