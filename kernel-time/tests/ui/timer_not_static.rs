// SPDX-License-Identifier: GPL-2.0

//! What a timer may use for as long as it likes borrows nothing.

extern crate kernel_time as kernel;

use kernel::{
    impl_has_hr_timer,
    sync::{Arc, ArcBorrow},
    time::{
        hrtimer::{
            ArcHrTimerHandle, HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerPointer,
            HrTimerRestart, RelativeMode,
        },
        Delta, Monotonic,
    },
};

struct Printer<'t> {
    timer: HrTimer<Self>,
    text: &'t str,
}

impl_has_hr_timer! {
    impl{'t} HasHrTimer<Self> for Printer<'t> {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

impl<'t> HrTimerCallback for Printer<'t> {
    type Pointer<'a> = Arc<Self>;

    fn run(this: ArcBorrow<'_, Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        let _ = this.text;
        HrTimerRestart::NoRestart
    }
}

fn start<'t>(printer: Arc<Printer<'t>>) -> ArcHrTimerHandle<Printer<'t>> {
    printer.start(Delta::ZERO)
}

fn main() {}
