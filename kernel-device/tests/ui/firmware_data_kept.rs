// SPDX-License-Identifier: GPL-2.0

//! The bytes of a firmware end with it.

extern crate kernel_device as kernel;

use kernel::{device::Device, firmware::Firmware, prelude::*};

fn load<'a>(dev: &Device) -> Result<&'a [u8]> {
    let firmware = Firmware::request(c"acme.bin", dev)?;
    Ok(firmware.data())
}

fn main() {}
