// SPDX-License-Identifier: GPL-2.0

//! The states are those there are.

extern crate kernel_regulator as kernel;

use kernel::regulator::RegulatorState;

struct Flickering;

impl RegulatorState for Flickering {
    const DISABLE_ON_DROP: bool = true;
}

fn main() {}
