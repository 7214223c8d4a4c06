// SPDX-License-Identifier: GPL-2.0

//! A timer is started through the kind of pointer that its callback is for.

extern crate kernel_time as kernel;

use core::pin::Pin;
use kernel::{
    alloc::KBox,
    impl_has_hr_timer,
    sync::{Arc, ArcBorrow},
    time::{
        hrtimer::{
            HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerPointer, HrTimerRestart,
            RelativeMode,
        },
        Delta, Monotonic,
    },
};

struct Shared {
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Shared {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

impl HrTimerCallback for Shared {
    type Pointer<'a> = Arc<Self>;

    fn run(_: ArcBorrow<'_, Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        HrTimerRestart::NoRestart
    }
}

fn start(boxed: Pin<KBox<Shared>>) {
    let _handle = boxed.start(Delta::ZERO);
}

fn main() {}
