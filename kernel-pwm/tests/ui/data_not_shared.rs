// SPDX-License-Identifier: GPL-2.0

//! The data of a driver are used by many threads, and for as long as somebody has the chip.

extern crate kernel_pwm as kernel;

use core::cell::Cell;
use kernel::pwm::PwmOps;

struct Count(Cell<u32>);

impl PwmOps for Count {
    type WfHw = ();
}

struct Borrower<'a>(&'a u32);

impl PwmOps for Borrower<'_> {
    type WfHw = ();
}

fn main() {}
