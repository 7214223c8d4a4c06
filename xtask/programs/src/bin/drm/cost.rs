// SPDX-License-Identifier: GPL-2.0

//! What buffers cost with two drivers that have Nova's ioctls.

use std::time::Instant;

use guest_programs::Outcome;

use crate::calls::{Card, Node, VRAM_BAR_SIZE};

/// Something that is done again and again, with a file and with a buffer of its.
type Step = fn(&Card, u32) -> Outcome<()>;

const STEPS: [(&str, Step); 4] = [
    ("GEM create and close, 4 KiB", |card, _| {
        let handle = card.create(4 << 10)?;
        card.close(handle)
    }),
    ("GEM create and close, 1 MiB", |card, _| {
        let handle = card.create(1 << 20)?;
        card.close(handle)
    }),
    ("GEM info", |card, handle| card.size(handle).map(|_| ())),
    ("GETPARAM", |card, _| {
        card.parameter(VRAM_BAR_SIZE).map(|_| ())
    }),
];

/// Returns the nanoseconds that a step takes, `times` times.
fn measure(card: &Card, step: Step, times: u32) -> Outcome<u128> {
    let handle = card.create(4 << 10)?;
    let start = Instant::now();
    for _ in 0..times {
        step(card, handle)?;
    }
    let time = start.elapsed();
    card.close(handle)?;
    Ok(time.as_nanos())
}

/// Prints a line `@bench TIMES ONE OTHER STEP` for each step and round: nanoseconds for all times.
pub(crate) fn run(rounds: u32, times: u32, one: &str, other: &str) -> Outcome<()> {
    let one = Node::of_driver(one)?.open()?;
    let other = Node::of_driver(other)?.open()?;
    for (name, step) in STEPS {
        for card in [&one, &other] {
            // Once unmeasured, for the caches of the allocator.
            measure(card, step, times.div_ceil(8))?;
        }
        for _ in 0..rounds {
            let of_one = measure(&one, step, times)?;
            let of_other = measure(&other, step, times)?;
            println!("@bench {times} {of_one} {of_other} {name}");
        }
    }
    Ok(())
}
