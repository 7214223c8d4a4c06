// SPDX-License-Identifier: GPL-2.0

//! While the callback has the structure for itself, the scope does not get at it.

extern crate kernel_time as kernel;

use core::pin::Pin;
use kernel::{
    impl_has_hr_timer,
    time::{
        hrtimer::{
            HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerRestart, RelativeMode,
            ScopedHrTimerPointer,
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
    type Pointer<'a> = Pin<&'a mut Self>;

    fn run(_: Pin<&mut Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        HrTimerRestart::NoRestart
    }
}

fn start(mut counter: Pin<&mut Counter>) -> u32 {
    let seen = counter.as_mut().start_scoped(Delta::ZERO, || counter.count);
    seen + counter.count
}

fn main() {}
