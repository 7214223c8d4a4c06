// SPDX-License-Identifier: GPL-2.0

//! C follows the pointer of a table, so that not everybody can make one.

extern crate kernel_device as kernel;

use kernel::{
    bindings::of_device_id,
    device_id::{IdTable, RawDeviceId},
    of,
};

struct Nowhere;

impl IdTable<of::DeviceId, ()> for Nowhere {
    fn as_ptr(&self) -> *const of_device_id {
        16 as *const of_device_id
    }

    fn id(&self, _: usize) -> &<of::DeviceId as RawDeviceId>::RawType {
        loop {}
    }

    fn info(&self, _: usize) -> &() {
        &()
    }
}

fn main() {}
