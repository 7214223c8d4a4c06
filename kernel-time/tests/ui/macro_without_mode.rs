// SPDX-License-Identifier: GPL-2.0

//! `impl_has_hr_timer!` is told the mode, and what it is told is a mode.

extern crate kernel_time as kernel;

use kernel::{
    impl_has_hr_timer,
    time::{hrtimer::HrTimer, Monotonic},
};

struct NoMode {
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for NoMode {
        field: self.timer
    }
}

struct ClockOnly {
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for ClockOnly {
        mode: Monotonic, field: self.timer
    }
}

fn main() {}
