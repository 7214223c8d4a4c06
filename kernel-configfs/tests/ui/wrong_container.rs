// SPDX-License-Identifier: GPL-2.0

//! A type is for the container and the data that it was made for.

extern crate kernel_configfs as kernel;

use kernel::{
    configfs::{configfs_attrs, Group, ItemType, Subsystem},
    prelude::*,
};

// SAFETY: What is built in has no module, and thus a null pointer.
static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

fn group() -> &'static ItemType<Group<u32>, u32> {
    configfs_attrs! {
        container: Group<u32>,
        data: u32,
        attributes: [],
    }
}

/// Would never be released, or released though nobody allocated it.
fn as_subsystem() -> impl PinInit<Subsystem<u32>, Error> {
    Subsystem::new(c"name", group(), Ok(0))
}

fn of_other_data(name: kernel::str::CString) -> impl PinInit<Group<u64>, Error> {
    Group::<u64>::new(name, group(), Ok(0))
}

fn no_container() -> &'static ItemType<u32, u32> {
    configfs_attrs! {
        container: u32,
        data: u32,
        attributes: [],
    }
}

fn container_of_other_data() -> &'static ItemType<Group<u64>, u32> {
    configfs_attrs! {
        container: Group<u64>,
        data: u32,
        attributes: [],
    }
}

fn main() {}
