// SPDX-License-Identifier: GPL-2.0

//! Timers and work.

use kernel::{
    impl_has_hr_timer, impl_has_work, new_work,
    prelude::*,
    sync::{Arc, ArcBorrow},
    time::{
        hrtimer::{
            HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerHandle, HrTimerPointer,
            HrTimerRestart, RelativeMode,
        },
        Delta, Monotonic,
    },
    workqueue::{self, Work, WorkItem},
};

#[pin_data]
struct Alarm {
    #[pin]
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Alarm {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

impl HrTimerCallback for Alarm {
    type Pointer<'a> = Arc<Self>;

    fn run(_: ArcBorrow<'_, Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        HrTimerRestart::NoRestart
    }
}

/// Starts a timer and cancels it.
#[no_mangle]
pub(crate) extern "C" fn bench_rust_hrtimer(rounds: usize) {
    let Ok(alarm) = Arc::pin_init(pin_init!(Alarm { timer <- HrTimer::new() }), GFP_KERNEL) else {
        return;
    };
    for _ in 0..rounds {
        let mut handle = alarm.clone().start(Delta::from_secs(1));
        handle.cancel();
    }
}

// SAFETY: Both are functions of `in_c.c` that may be called at any time.
unsafe extern "C" {
    safe fn bench_work_is_done();
    safe fn bench_wait_for_work();
}

#[pin_data]
struct Job {
    #[pin]
    work: Work<Self>,
}

impl_has_work! {
    impl HasWork<Self> for Job { self.work }
}

impl WorkItem for Job {
    type Pointer = Arc<Self>;

    fn run(_: Arc<Self>) {
        bench_work_is_done();
    }
}

/// Enqueues a work item and waits until it has run.
#[no_mangle]
pub(crate) extern "C" fn bench_rust_work(rounds: usize) {
    let Ok(job) = Arc::pin_init(pin_init!(Job { work <- new_work!() }), GFP_KERNEL) else {
        return;
    };
    for _ in 0..rounds {
        // It has begun to run, and so can be enqueued again: nothing comes back.
        let _ = workqueue::system().enqueue(job.clone());
        bench_wait_for_work();
    }
}
