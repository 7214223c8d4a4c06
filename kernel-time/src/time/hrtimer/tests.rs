// SPDX-License-Identifier: GPL-2.0

//! Tests of timers. Each waits for what has to happen, for much longer than that should take, and
//! bounds times only from below: machines stall.

use super::*;
use crate::{
    impl_has_hr_timer,
    prelude::*,
    sync::{
        atomic::{Atomic, AtomicFlag, Full, Relaxed},
        Arc, ArcBorrow,
    },
    time::{delay::fsleep, BootTime, Delta, Instant, Monotonic, RealTime, Tai},
};
use core::{marker::PhantomData, ptr::null_mut};

mod modes;
mod own_callback;
mod pointers;

/// Longer than any test takes.
const NEVER: Delta = Delta::from_secs(100_000);

/// The interval that periodic timers here have.
const INTERVAL: Delta = Delta::from_millis(1);

/// Waits until `condition` holds, and returns whether it ever did.
fn eventually(condition: impl Fn() -> bool) -> bool {
    let start = Instant::<Monotonic>::now();
    while !condition() {
        if start.elapsed() > Delta::from_secs(20) {
            return false;
        }
        fsleep(Delta::from_micros(500));
    }
    true
}

/// Whether `count` stays as it is for a while, long enough for some intervals.
fn stays(count: &Atomic<u32>) -> bool {
    let before = count.load(Relaxed);
    fsleep(Delta::from_millis(30));
    count.load(Relaxed) == before
}

/// A timer in an `Arc`, of any mode, that fires a number of times.
#[pin_data]
struct Ticker<M: HrTimerMode> {
    #[pin]
    timer: HrTimer<Self>,
    wanted: u32,
    runs: Atomic<u32>,
    overruns: Atomic<u64>,
    mode: PhantomData<fn() -> M>,
}

impl_has_hr_timer! {
    impl{M: HrTimerMode} HasHrTimer<Self> for Ticker<M> {
        mode: M, field: self.timer
    }
}

impl<M: HrTimerMode + 'static> Ticker<M> {
    fn new(wanted: u32) -> Result<Arc<Self>> {
        let ticker = pin_init!(Self {
            timer <- HrTimer::new(),
            wanted,
            runs: Atomic::new(0),
            overruns: Atomic::new(0),
            mode: PhantomData,
        });
        Arc::pin_init(ticker, GFP_KERNEL)
    }

    fn runs(&self) -> u32 {
        self.runs.load(Relaxed)
    }
}

impl<M: HrTimerMode + 'static> HrTimerCallback for Ticker<M> {
    type Pointer<'a> = Arc<Self>;

    fn run(
        this: ArcBorrow<'_, Self>,
        mut context: HrTimerCallbackContext<'_, Self>,
    ) -> HrTimerRestart {
        if this.runs.fetch_add(1, Relaxed) + 1 == this.wanted {
            return HrTimerRestart::NoRestart;
        }
        this.overruns.add(context.forward_now(INTERVAL), Relaxed);
        HrTimerRestart::Restart
    }
}
