// SPDX-License-Identifier: GPL-2.0

//! Bitmaps: bits that many threads set and clear in the same words, each its own.

use crate::{
    crew::Crew,
    plan::{must_be, Plan},
};
use kernel::{
    bitmap::BitmapVec,
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc,
    },
};

/// How many bits each thread has.
const OWN: u32 = 40;

struct Shared {
    bits: BitmapVec,
    /// How many bits were not as their own thread had left them.
    lost: Atomic<u64>,
}

impl Shared {
    /// Changes one of the thread's bits, and looks whether the change is there.
    fn flip(&self, bit: usize, set: bool) {
        let found = if set {
            self.bits.set_bit_atomic(bit);
            self.bits.next_bit(bit)
        } else {
            self.bits.clear_bit_atomic(bit);
            self.bits.next_zero_bit(bit)
        };
        if found != Some(bit) {
            self.lost.add(1, Relaxed);
        }
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let len = (plan.threads * OWN) as usize;
    let shared = Shared {
        bits: BitmapVec::new(len, GFP_KERNEL)?,
        lost: Atomic::new(0),
    };
    let shared = Arc::new(shared, GFP_KERNEL)?;

    let mut crew = Crew::new()?;
    for thread in 0..plan.threads {
        let shared = shared.clone();
        crew.add(move || {
            for round in 0..plan.rounds {
                // The bits of all threads lie side by side.
                let bit = (round % OWN * plan.threads + thread) as usize;
                shared.flip(bit, round / OWN % 2 == 0);
            }
            Ok(())
        })?;
    }
    crew.work()?;

    must_be("bitmap: lost changes", shared.lost.load(Relaxed), 0)?;
    let mut set = 0;
    for own in 0..OWN {
        // The round that was the last to change the bits with this number, if there was one.
        let last = (0..plan.rounds).rev().take(OWN as usize);
        let due = last
            .filter(|round| round % OWN == own)
            .any(|round| round / OWN % 2 == 0);
        for thread in 0..plan.threads {
            let bit = (own * plan.threads + thread) as usize;
            must_be(
                "bitmap: a bit at the end",
                shared.bits.next_bit(bit) == Some(bit),
                due,
            )?;
            set += u32::from(due);
        }
    }
    pr_info!(
        "bitmap: {} changes left {} of {} bits set\n",
        plan.total(),
        set,
        len
    );
    Ok(())
}
