// SPDX-License-Identifier: GPL-2.0

//! `impl_has_hr_timer!` is told the mode.

extern crate kernel_time as kernel;

use kernel::{
    impl_has_hr_timer,
    time::hrtimer::HrTimer,
};

struct NoMode {
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for NoMode {
        field: self.timer
    }
}

fn main() {}
