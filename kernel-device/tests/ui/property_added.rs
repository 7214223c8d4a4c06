// SPDX-License-Identifier: GPL-2.0

//! What properties can be read as is closed.

extern crate kernel_device as kernel;

use kernel::{
    device::property::{FwNode, Property},
    prelude::*,
};

struct Angle(u32);

impl Property for Angle {
    fn read_from_fwnode_property(node: &FwNode, name: &CStr) -> Result<Self> {
        u32::read_from_fwnode_property(node, name).map(Angle)
    }
}

fn main() {}
