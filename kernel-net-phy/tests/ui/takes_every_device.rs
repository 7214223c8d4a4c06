// SPDX-License-Identifier: GPL-2.0

//! A driver says which devices it is for: one that does not would get them all.

extern crate kernel_net_phy as kernel;

use kernel::{
    net::phy::{create_phy_driver, Driver, DriverVTable},
    prelude::*,
};

struct Greedy;

#[vtable]
impl Driver for Greedy {
    const NAME: &'static CStr = c"Greedy";
}

const DRIVER: DriverVTable = create_phy_driver::<Greedy>();

fn main() {
    let _ = &DRIVER;
}
