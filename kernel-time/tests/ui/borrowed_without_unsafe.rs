// SPDX-License-Identifier: GPL-2.0

//! Through a pointer that borrows a timer is started for a scope only; unscoped, it is unsafe.

extern crate kernel_time as kernel;

use core::pin::Pin;
use kernel::{
    impl_has_hr_timer,
    time::{
        hrtimer::{
            HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerRestart, RelativeMode,
            UnsafeHrTimerPointer,
        },
        Delta, Monotonic,
    },
};

struct Counter {
    timer: HrTimer<Self>,
    count: u32,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Counter {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

impl HrTimerCallback for Counter {
    type Pointer<'a> = Pin<&'a Self>;

    fn run(_: Pin<&Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        HrTimerRestart::NoRestart
    }
}

fn start(counter: Pin<&Counter>) {
    core::mem::forget(counter.start(Delta::ZERO));
}

fn main() {}
