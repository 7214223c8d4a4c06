// SPDX-License-Identifier: GPL-2.0

//! A handle of what is borrowed does not outlive it.

extern crate kernel_time as kernel;

use core::pin::Pin;
use kernel::{
    impl_has_hr_timer,
    time::{
        hrtimer::{
            HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerRestart, PinHrTimerHandle,
            RelativeMode, UnsafeHrTimerPointer,
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

fn start<'a>(counter: Pin<&Counter>) -> PinHrTimerHandle<'a, Counter> {
    // SAFETY: It is not: the handle is returned.
    unsafe { counter.start(Delta::ZERO) }
}

fn main() {}
