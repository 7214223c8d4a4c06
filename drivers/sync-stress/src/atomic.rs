// SPDX-License-Identifier: GPL-2.0

//! Atomics: numbers that threads draw, add, exchange and publish without a lock.

use crate::{
    crew::Crew,
    plan::{must_be, Plan},
};
use kernel::{
    kthread::yield_now,
    prelude::*,
    sync::{
        atomic::{Acquire, Atomic, Full, Relaxed, Release},
        Arc,
    },
};

struct Shared {
    /// The next ticket. Each is drawn once, by whomever.
    next: Atomic<u64>,
    /// The sum of all tickets, which each thread adds by hand.
    sum: Atomic<u64>,
    /// How often somebody else was faster with that.
    retries: Atomic<u64>,
    /// A bag that threads put a ticket into, in exchange for the one that is in there.
    bag: Atomic<u64>,
    /// The sum of all that came out of the bag.
    out: Atomic<u64>,
    /// A message: what `ready` promises is in `data` already.
    data: Atomic<u64>,
    ready: Atomic<u64>,
    /// How many messages were not what was promised.
    broken: Atomic<u64>,
}

impl Shared {
    fn new() -> Self {
        Self {
            next: Atomic::new(0),
            sum: Atomic::new(0),
            retries: Atomic::new(0),
            bag: Atomic::new(0),
            out: Atomic::new(0),
            data: Atomic::new(0),
            ready: Atomic::new(0),
            broken: Atomic::new(0),
        }
    }

    /// Adds `value`, in the long way that is open to any operation: look, compute, and exchange if
    /// nobody was faster.
    fn add_to_sum(&self, value: u64) {
        let mut seen = self.sum.load(Relaxed);
        pause(value);
        while let Err(now) = self.sum.cmpxchg(seen, seen + value, Relaxed) {
            self.retries.add(1, Relaxed);
            seen = now;
        }
    }

    fn work(&self, plan: Plan) {
        for _ in 0..plan.rounds {
            let ticket = self.next.fetch_add(1, Relaxed);
            self.add_to_sum(ticket);
            self.out.add(self.bag.xchg(ticket, Full), Relaxed);
        }
    }

    /// Publishes numbers, one after the other: first the message, then the promise.
    fn write(&self, plan: Plan) {
        for number in 1..=u64::from(plan.rounds) {
            self.data.store(number, Relaxed);
            pause(number);
            self.ready.store(number, Release);
        }
    }

    /// Reads until the last number was promised: first the promise, then the message.
    fn read(&self, plan: Plan) {
        loop {
            let promised = self.ready.load(Acquire);
            if self.data.load(Relaxed) < promised {
                self.broken.add(1, Relaxed);
            }
            if promised == u64::from(plan.rounds) {
                return;
            }
            yield_now();
        }
    }
}

/// Lets other threads run, at one number out of sixteen: what takes an instant would hardly ever be
/// interrupted by itself.
fn pause(number: u64) {
    if number % 16 == 0 {
        yield_now();
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let shared = Arc::new(Shared::new(), GFP_KERNEL)?;
    let mut crew = Crew::new()?;
    for thread in 0..plan.threads {
        let shared = shared.clone();
        crew.add(move || {
            shared.work(plan);
            if thread == 0 {
                shared.write(plan);
            } else {
                shared.read(plan);
            }
            Ok(())
        })?;
    }
    crew.work()?;

    let total = plan.total();
    let tickets = total * (total - 1) / 2;
    let out_of_bag = shared.out.load(Relaxed) + shared.bag.load(Relaxed);
    must_be(
        "atomic: the number of tickets",
        shared.next.load(Relaxed),
        total,
    )?;
    must_be(
        "atomic: the sum of the tickets",
        shared.sum.load(Relaxed),
        tickets,
    )?;
    must_be("atomic: what went through the bag", out_of_bag, tickets)?;
    must_be("atomic: broken promises", shared.broken.load(Relaxed), 0)?;
    pr_info!(
        "atomic: {} tickets were drawn, added and exchanged once each; {} times another was faster\n",
        total,
        shared.retries.load(Relaxed)
    );
    Ok(())
}
