// SPDX-License-Identifier: GPL-2.0

//! Who has switched a regulator on can't do so again, nor off what is off.

extern crate kernel_regulator as kernel;

use kernel::regulator::{Disabled, Enabled, Regulator};

fn on(supply: Regulator<Enabled>) {
    let _ = supply.try_into_enabled();
}

fn off(supply: Regulator<Disabled>) {
    let _ = supply.try_into_disabled();
}

fn main() {}
