// SPDX-License-Identifier: GPL-2.0

//! A callback runs on another CPU, perhaps, so what it uses must be able to go there.

extern crate kernel_time as kernel;

use core::{cell::Cell, pin::Pin};
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

struct Boxed {
    timer: HrTimer<Self>,
    pointer: *mut u8,
}

struct Shared {
    timer: HrTimer<Self>,
    count: Cell<u32>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Boxed {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Shared {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

impl HrTimerCallback for Boxed {
    type Pointer<'a> = Pin<KBox<Self>>;

    fn run(_: Pin<&mut Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        HrTimerRestart::NoRestart
    }
}

impl HrTimerCallback for Shared {
    type Pointer<'a> = Arc<Self>;

    fn run(_: ArcBorrow<'_, Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        HrTimerRestart::NoRestart
    }
}

fn start_boxed(boxed: Pin<KBox<Boxed>>) {
    let _handle = boxed.start(Delta::ZERO);
}

fn start_shared(shared: Arc<Shared>) {
    let _handle = shared.start(Delta::ZERO);
}

fn main() {}
