// SPDX-License-Identifier: GPL-2.0

<<<<<<< HEAD
//! `impl_has_hr_timer!` is told the mode, and what it is told is a mode.
=======
//! `impl_has_hr_timer!` is told the mode.
>>>>>>> fa49a6c1884999670b43a5160de16dc9470c8070

extern crate kernel_time as kernel;

use kernel::{
    impl_has_hr_timer,
<<<<<<< HEAD
    time::{hrtimer::HrTimer, Monotonic},
=======
    time::hrtimer::HrTimer,
>>>>>>> fa49a6c1884999670b43a5160de16dc9470c8070
};

struct NoMode {
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for NoMode {
        field: self.timer
    }
}

<<<<<<< HEAD
struct ClockOnly {
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for ClockOnly {
        mode: Monotonic, field: self.timer
    }
}

=======
>>>>>>> fa49a6c1884999670b43a5160de16dc9470c8070
fn main() {}
