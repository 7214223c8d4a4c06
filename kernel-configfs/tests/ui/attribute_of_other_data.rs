// SPDX-License-Identifier: GPL-2.0

//! The operations of an attribute are for the data that the items have.

extern crate kernel_configfs as kernel;

use kernel::{
    configfs::{configfs_attrs, AttributeOperations, ItemType, Subsystem},
    page::PAGE_SIZE,
    prelude::*,
};

// SAFETY: What is built in has no module, and thus a null pointer.
static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

struct Data;

struct Other(u64);

#[vtable]
impl AttributeOperations<0> for Data {
    type Data = Other;

    fn show(other: &Other, _: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        Ok(other.0 as usize)
    }
}

fn item_type() -> &'static ItemType<Subsystem<Data>, Data> {
    configfs_attrs! {
        container: Subsystem<Data>,
        data: Data,
        attributes: [
            other: 0,
        ],
    }
}

fn main() {}
