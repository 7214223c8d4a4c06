// SPDX-License-Identifier: GPL-2.0

//! Neither what a callback is given nor the context outlive the callback.

extern crate kernel_time as kernel;

use kernel::{
    impl_has_hr_timer,
    sync::{Arc, ArcBorrow},
    time::{
        hrtimer::{
            HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerRestart, RelativeMode,
        },
        Monotonic,
    },
};

struct Gossip {
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Gossip {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

fn keep_target(_: ArcBorrow<'static, Gossip>) {}

fn keep_context(_: HrTimerCallbackContext<'static, Gossip>) {}

impl HrTimerCallback for Gossip {
    type Pointer<'a> = Arc<Self>;

    fn run(
        this: ArcBorrow<'_, Self>,
        context: HrTimerCallbackContext<'_, Self>,
    ) -> HrTimerRestart {
        keep_target(this);
        keep_context(context);
        HrTimerRestart::NoRestart
    }
}

fn main() {}
