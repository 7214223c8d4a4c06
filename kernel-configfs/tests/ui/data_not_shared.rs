// SPDX-License-Identifier: GPL-2.0

//! Any thread may use the data of a directory, and the last to do so drops it.

extern crate kernel_configfs as kernel;

use core::cell::Cell;
use kernel::{
    configfs::{configfs_attrs, Group, ItemType, Subsystem},
    prelude::*,
    sync::MutexGuard,
};

// SAFETY: What is built in has no module, and thus a null pointer.
static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

/// Shared, and not protected by anything.
fn not_sync() -> &'static ItemType<Subsystem<Cell<u32>>, Cell<u32>> {
    configfs_attrs! {
        container: Subsystem<Cell<u32>>,
        data: Cell<u32>,
        attributes: [],
    }
}

type Guard = MutexGuard<'static, u32>;

/// Dropped by whomever, though it belongs to a thread.
fn not_send() -> &'static ItemType<Group<Guard>, Guard> {
    configfs_attrs! {
        container: Group<Guard>,
        data: Guard,
        attributes: [],
    }
}

fn main() {}
