// SPDX-License-Identifier: GPL-2.0

//! A regulator that has changed its state is not to be had in the one before.

extern crate kernel_regulator as kernel;

use kernel::regulator::{Disabled, Regulator};

fn both(supply: Regulator<Disabled>) -> bool {
    let _on = supply.try_into_enabled();
    supply.is_enabled()
}

fn main() {}
