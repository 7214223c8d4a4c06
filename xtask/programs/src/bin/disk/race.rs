// SPDX-License-Identifier: GPL-2.0

//! Jobs that use the same blocks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::scope;

use guest_programs::{Cases, Errno, Outcome};

use crate::blocks::{origin, pattern, Buffer, Disk};

/// Few, so that jobs meet.
const BLOCKS: u64 = 64;

/// As many as go with one call.
const AT_ONCE: u64 = 12;

/// Numbers that are hard to foretell.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Returns a number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

pub(crate) fn run(cases: &mut Cases, device: &str, jobs: u64, rounds: u64) -> Outcome<()> {
    let disk = Disk::open(device)?;
    let torn = AtomicU64::new(0);
    let job = |job: u64| -> Outcome<()> {
        let mut dice = Dice::new(job + 1);
        let block = disk.block as u64;
        let mut buffer = Buffer::new((AT_ONCE * block) as usize);
        for round in 0..rounds {
            let first = dice.below(BLOCKS);
            let count = 1 + dice.below(AT_ONCE);
            let bytes = &mut buffer[..(count * block) as usize];
            match dice.below(8) {
                0 => match disk.discard(first * block, count * block) {
                    Ok(()) | Err(Errno(libc::EOPNOTSUPP)) => {}
                    Err(error) => return Err(error),
                },
                1..=3 => {
                    for (bytes, number) in bytes.chunks_exact_mut(disk.block).zip(first..) {
                        pattern(job * rounds + round + 1, number, bytes);
                    }
                    disk.write(first * block, bytes)?;
                }
                _ => {
                    disk.read(first * block, bytes)?;
                    for (bytes, number) in bytes.chunks_exact(disk.block).zip(first..) {
                        let whole = origin(number, bytes)
                            .is_some_and(|seed| (1..=jobs * rounds).contains(&seed));
                        if !whole && bytes.iter().any(|byte| *byte != 0) {
                            torn.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            }
        }
        Ok(())
    };
    // What was there before is no one's.
    disk.write(
        0,
        &Buffer::new(((BLOCKS + AT_ONCE) * disk.block as u64) as usize),
    )?;
    let job = &job;
    let outcome: Outcome<()> = scope(|scope| {
        let threads: Vec<_> = (0..jobs)
            .map(|number| scope.spawn(move || job(number)))
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or(Err(Errno(libc::ECANCELED))))
    });
    outcome?;
    cases.equal(
        &format!("{device}: blocks torn between {jobs} jobs"),
        torn.into_inner(),
        0,
    );
    Ok(())
}
