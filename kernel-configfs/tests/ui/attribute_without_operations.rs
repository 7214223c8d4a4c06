// SPDX-License-Identifier: GPL-2.0

//! An attribute has operations under its number.

extern crate kernel_configfs as kernel;

use kernel::{
    configfs::{configfs_attrs, AttributeOperations, ItemType, Subsystem},
    page::PAGE_SIZE,
    prelude::*,
};

// SAFETY: What is built in has no module, and thus a null pointer.
static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

struct Data;

#[vtable]
impl AttributeOperations<0> for Data {
    type Data = Data;

    fn show(_: &Data, _: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        Ok(0)
    }
}

fn other_number() -> &'static ItemType<Subsystem<Data>, Data> {
    configfs_attrs! {
        container: Subsystem<Data>,
        data: Data,
        attributes: [
            here: 0,
            missing: 1,
        ],
    }
}

fn main() {}
