// SPDX-License-Identifier: GPL-2.0

//! A moment comes from the clock, and from nowhere else.

extern crate kernel_regulator as kernel;

use kernel::regulator::Moment;

fn made_up() -> Moment {
    Moment(7)
}

fn changed(moment: &mut Moment) {
    moment.0 += 1;
}

fn main() {}
