// SPDX-License-Identifier: GPL-2.0

//! Values that are taken away while threads use them: nobody uses one that is gone.

use crate::{
    crew::Crew,
    plan::{must_be, Plan},
};
use kernel::{
    kthread::yield_now,
    prelude::*,
    revocable::Revocable,
    sync::{
        atomic::{Atomic, AtomicFlag, Full, Relaxed},
        rcu, Arc,
    },
};

/// How many values are taken away at most. Each costs a grace period of RCU, which is long.
const MOST_VALUES: u32 = 8;

/// How often a value is used before it is taken away.
const USES: u64 = 100;

/// What readers can still see when the value is gone.
struct Counts {
    uses: Atomic<u64>,
    /// How often a reader had a value that had been dropped.
    late: Atomic<u64>,
    drops: Atomic<u64>,
    revocations: Atomic<u64>,
    gone: AtomicFlag,
}

/// The value: as long as anyone has it, it is not gone.
struct Device {
    counts: Arc<Counts>,
}

impl Drop for Device {
    fn drop(&mut self) {
        self.counts.gone.xchg(true, Full);
        self.counts.drops.add(1, Relaxed);
    }
}

impl Device {
    fn use_it(&self) {
        for _ in 0..3 {
            if self.counts.gone.load(Relaxed) {
                self.counts.late.add(1, Relaxed);
            }
        }
        self.counts.uses.add(1, Relaxed);
    }
}

/// Uses the device until it is gone, in each way that there is.
fn read(device: &Revocable<Device>) {
    while device.try_access_with(Device::use_it).is_some() {
        if let Some(device) = device.try_access() {
            device.use_it();
        }
        // A section that is there for other reasons serves as well.
        let section = rcu::read_lock();
        if let Some(device) = device.try_access_with_guard(&section) {
            device.use_it();
        }
        section.unlock();
        // Nobody sleeps with a device at hand; but in between, so that a grace period can end.
        yield_now();
    }
}

/// Takes the device away once it was used; of the threads that do, one succeeds.
fn revoke(device: &Revocable<Device>, counts: &Counts) {
    while counts.uses.load(Relaxed) < USES {
        yield_now();
    }
    if device.revoke() {
        counts.revocations.add(1, Relaxed);
    }
}

/// Takes one device away from `plan.threads` readers, and returns how often it was used.
fn run_one(plan: Plan) -> Result<u64> {
    let counts = Arc::new(
        Counts {
            uses: Atomic::new(0),
            late: Atomic::new(0),
            drops: Atomic::new(0),
            revocations: Atomic::new(0),
            gone: AtomicFlag::new(false),
        },
        GFP_KERNEL,
    )?;
    let value = Device {
        counts: counts.clone(),
    };
    let device = Arc::pin_init(Revocable::new(value), GFP_KERNEL)?;
    let mut crew = Crew::new()?;
    for _ in 0..plan.threads {
        let device = device.clone();
        crew.add(move || {
            read(&device);
            Ok(())
        })?;
    }
    for _ in 0..2 {
        let device = device.clone();
        let counts = counts.clone();
        crew.add(move || {
            revoke(&device, &counts);
            Ok(())
        })?;
    }
    crew.work()?;

    must_be(
        "revocable: uses of what was gone",
        counts.late.load(Relaxed),
        0,
    )?;
    must_be(
        "revocable: successful revocations",
        counts.revocations.load(Relaxed),
        1,
    )?;
    must_be("revocable: drops", counts.drops.load(Relaxed), 1)?;
    must_be(
        "revocable: values that are still there",
        device.try_access().iter().count(),
        0,
    )?;
    Ok(counts.uses.load(Relaxed))
}

pub(crate) fn run(plan: Plan) -> Result {
    let values = plan.rounds.min(MOST_VALUES);
    let mut uses = 0;
    for _ in 0..values {
        uses += run_one(plan)?;
    }
    pr_info!(
        "revocable: {} values were taken away in the middle of {} uses\n",
        values,
        uses
    );
    Ok(())
}
