// SPDX-License-Identifier: GPL-2.0

//! The timer is in the structure, not behind a pointer, and where a timer may be.

extern crate kernel_time as kernel;

use core::ops::Deref;
use kernel::{
    alloc::KBox,
    impl_has_hr_timer,
    time::{
        hrtimer::{HrTimer, RelativeMode},
        Monotonic,
    },
};

struct Inner {
    timer: HrTimer<Outer>,
}

struct Outer {
    inner: KBox<Inner>,
}

impl Deref for Outer {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Outer {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

#[repr(C, packed)]
struct Packed {
    byte: u8,
    timer: HrTimer<Self>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Packed {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

fn main() {}
