// SPDX-License-Identifier: GPL-2.0

//! Devices in a PHY have the standard's numbers, and a register belongs to one of them.

extern crate kernel_net_phy as kernel;

use kernel::net::phy::reg::{Mmd, C45};

fn made_up() -> Mmd {
    Mmd(32)
}

fn number() -> C45 {
    C45::new(31, 0)
}

fn main() {}
