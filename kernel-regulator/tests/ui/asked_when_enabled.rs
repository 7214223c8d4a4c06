// SPDX-License-Identifier: GPL-2.0

//! Whether a regulator is on is no question to who has switched it on.

extern crate kernel_regulator as kernel;

use kernel::regulator::{Enabled, Regulator};

fn ask(supply: &Regulator<Enabled>) -> bool {
    supply.is_enabled()
}

fn main() {}
