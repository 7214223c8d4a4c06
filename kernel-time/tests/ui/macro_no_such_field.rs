// SPDX-License-Identifier: GPL-2.0

//! The field that `impl_has_hr_timer!` is told of is there, and is a timer of the structure itself.

extern crate kernel_time as kernel;

use kernel::{
    impl_has_hr_timer,
    time::{
        hrtimer::{HrTimer, RelativeMode},
        Monotonic,
    },
};

struct Missing {
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Missing {
        mode: RelativeMode<Monotonic>, field: self.time
    }
}

struct Other {
    timer: HrTimer<Missing>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Other {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

fn main() {}
