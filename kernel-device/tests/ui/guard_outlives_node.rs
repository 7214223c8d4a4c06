// SPDX-License-Identifier: GPL-2.0

//! What was read may name its node in the log, so it must not outlive that.

extern crate kernel_device as kernel;

use kernel::{
    device::property::{FwNode, PropertyGuard},
    sync::aref::ARef,
};

fn read(node: ARef<FwNode>) -> PropertyGuard<'static, 'static, u32> {
    node.property_read(c"width")
}

fn main() {}
