// SPDX-License-Identifier: GPL-2.0

//! An absolute timer is started with an instant of its clock, and not with a span.

extern crate kernel_time as kernel;

use kernel::{
    impl_has_hr_timer,
    sync::{Arc, ArcBorrow},
    time::{
        hrtimer::{
            AbsoluteMode, HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerPointer,
            HrTimerRestart,
        },
        Delta, Instant, Monotonic, RealTime,
    },
};

struct Alarm {
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Alarm {
        mode: AbsoluteMode<RealTime>, field: self.timer
    }
}

impl HrTimerCallback for Alarm {
    type Pointer<'a> = Arc<Self>;

    fn run(_: ArcBorrow<'_, Self>, mut context: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        context.forward(Instant::<Monotonic>::now(), Delta::from_secs(1));
        HrTimerRestart::NoRestart
    }
}

fn by_span(alarm: Arc<Alarm>) {
    let _handle = alarm.start(Delta::from_secs(1));
}

fn by_another_clock(alarm: Arc<Alarm>) {
    let _handle = alarm.start(Instant::<Monotonic>::now());
}

fn main() {}
