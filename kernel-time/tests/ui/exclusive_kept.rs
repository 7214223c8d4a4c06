// SPDX-License-Identifier: GPL-2.0

//! A callback that has its structure for itself has it until it returns, and not for good: the next
//! one has it, too.

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

struct Hoard {
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Hoard {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

fn keep(_: Pin<&'static mut Hoard>) {}

impl HrTimerCallback for Hoard {
    type Pointer<'a> = Pin<&'static mut Self>;

    fn run(
        this: Pin<&'static mut Self>,
        _: HrTimerCallbackContext<'_, Self>,
    ) -> HrTimerRestart {
        keep(this);
        HrTimerRestart::Restart
    }
}

fn start(hoard: Pin<&'static mut Hoard>) {
    hoard.start_scoped(Delta::ZERO, || ());
}

fn main() {}
