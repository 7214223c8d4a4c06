// SPDX-License-Identifier: GPL-2.0

//! What is reserved is part of a range, and goes before it.

extern crate kernel_io as kernel;

use kernel::{
    io::resource::{Flags, Region, Resource},
    str::CString,
};

fn keep(resource: &Resource, name: CString) -> Option<Region<'static>> {
    resource.request_region(0x1000, 0x100, name, Flags::IORESOURCE_MEM)
}

fn keep_a_part<'a>(region: Region<'a>, name: CString) -> Option<Region<'a>> {
    region.request_region(0x1000, 0x100, name, Flags::IORESOURCE_MEM)
}

fn main() {}
