// SPDX-License-Identifier: GPL-2.0

//! A clock is given back once: there are no copies of it.

extern crate kernel_clk as kernel;

use kernel::clk::Clk;

fn twice(clock: Clk) {
    drop(clock);
    clock.disable();
}

fn copy(clock: &Clk) -> Clk {
    clock.clone()
}

fn main() {}
