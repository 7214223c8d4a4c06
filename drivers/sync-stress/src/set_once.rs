// SPDX-License-Identifier: GPL-2.0

//! Values that are set once: each thread tries to be the one, and all see who it was.

use crate::{
    crew::Crew,
    plan::{must_be, Plan},
};
use kernel::{
    kthread::yield_now,
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc, SetOnce,
    },
};

struct Race {
    /// Who won, for each race.
    winners: KVVec<SetOnce<u32>>,
    /// How often a thread was told that it won.
    wins: Atomic<u64>,
    /// The sum of the winners that all threads saw.
    seen: Atomic<u64>,
}

impl Race {
    fn new(rounds: u32) -> Result<Arc<Self>> {
        let mut winners = KVVec::new();
        for _ in 0..rounds {
            winners.push(SetOnce::new(), GFP_KERNEL)?;
        }
        let race = Self {
            winners,
            wins: Atomic::new(0),
            seen: Atomic::new(0),
        };
        Ok(Arc::new(race, GFP_KERNEL)?)
    }

    fn run_all(&self, thread: u32) {
        for winner in &self.winners {
            if winner.populate(thread) {
                self.wins.add(1, Relaxed);
            }
            // Who lost may have to wait for the value, since the winner is about to store it.
            let seen = loop {
                if let Some(seen) = winner.copy() {
                    break seen;
                }
                yield_now();
            };
            self.seen.add(u64::from(seen), Relaxed);
        }
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let race = Race::new(plan.rounds)?;
    let mut crew = Crew::new()?;
    for thread in 0..plan.threads {
        let race = race.clone();
        crew.add(move || {
            race.run_all(thread);
            Ok(())
        })?;
    }
    crew.work()?;

    let winners = race.winners.iter().filter_map(SetOnce::copy).map(u64::from);
    let sum: u64 = winners.sum();
    must_be(
        "set_once: the number of winners",
        race.wins.load(Relaxed),
        u64::from(plan.rounds),
    )?;
    must_be(
        "set_once: the winners seen",
        race.seen.load(Relaxed),
        sum * u64::from(plan.threads),
    )?;
    pr_info!(
        "set_once: {} races, each with one winner that all saw\n",
        plan.rounds
    );
    Ok(())
}
