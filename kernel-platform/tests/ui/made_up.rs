// SPDX-License-Identifier: GPL-2.0

//! A moment comes from the clock, and from nowhere else.

extern crate kernel_platform as kernel;

use kernel::platform::Moment;

fn made_up() -> Moment {
    Moment(7)
}

fn changed(moment: &mut Moment) {
    moment.0 += 1;
}

fn main() {}
