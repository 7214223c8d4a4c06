// SPDX-License-Identifier: GPL-2.0

//! The items of a module keep it loaded, for which it has to be named.

extern crate kernel_configfs as kernel;

use kernel::configfs::{configfs_attrs, ItemType, Subsystem};

fn item_type() -> &'static ItemType<Subsystem<u32>, u32> {
    configfs_attrs! {
        container: Subsystem<u32>,
        data: u32,
        attributes: [],
    }
}

fn main() {}
