// SPDX-License-Identifier: GPL-2.0

//! A table has the infos of its driver, and the ids of its bus.

extern crate kernel_device as kernel;

use kernel::{acpi, device_id::IdArray, driver::Adapter, of};

const OF: IdArray<of::DeviceId, u32, 1> = IdArray::new([(of::DeviceId::new(c"acme,fast"), 400)]);

struct WithText;

impl Adapter for WithText {
    type IdInfo = &'static str;

    fn acpi_id_table() -> Option<acpi::IdTable<&'static str>> {
        None
    }

    fn of_id_table() -> Option<of::IdTable<&'static str>> {
        Some(&OF)
    }
}

struct ForAcpi;

impl Adapter for ForAcpi {
    type IdInfo = u32;

    fn acpi_id_table() -> Option<acpi::IdTable<u32>> {
        Some(&OF)
    }

    fn of_id_table() -> Option<of::IdTable<u32>> {
        None
    }
}

fn main() {}
