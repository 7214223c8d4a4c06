// SPDX-License-Identifier: GPL-2.0

//! A moment comes from the clock, and from nowhere else.

extern crate kernel_i2c as kernel;

use kernel::i2c::Moment;

fn made_up() -> Moment {
    Moment(7)
}

fn changed(moment: &mut Moment) {
    moment.0 += 1;
}

fn main() {}
