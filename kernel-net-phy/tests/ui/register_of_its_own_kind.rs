// SPDX-License-Identifier: GPL-2.0

//! There are two kinds of addresses, and code that relies on them.

extern crate kernel_net_phy as kernel;

use kernel::{
    net::phy::{reg::Register, Device},
    prelude::*,
};

struct Clause99;

impl Register for Clause99 {
    fn read(&self, _dev: &mut Device) -> Result<u16> {
        Ok(0)
    }

    fn write(&self, _dev: &mut Device, _val: u16) -> Result {
        Ok(())
    }

    fn read_status(_dev: &mut Device) -> Result<u16> {
        Ok(0)
    }
}

fn main() {}
