// SPDX-License-Identifier: GPL-2.0

//! What `impl_has_hr_timer!` is told as the mode is one, not just the clock.

extern crate kernel_time as kernel;

use kernel::{
    impl_has_hr_timer,
    time::{hrtimer::HrTimer, Monotonic},
};

struct ClockOnly {
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for ClockOnly {
        mode: Monotonic, field: self.timer
    }
}

fn main() {}
