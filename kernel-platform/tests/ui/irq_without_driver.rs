// SPDX-License-Identifier: GPL-2.0

//! Only a driver has the interrupts.

extern crate kernel_platform as kernel;

use kernel::{platform, prelude::*, sync::aref::ARef};

fn line(pdev: &ARef<platform::Device>) -> Result<u32> {
    Ok(pdev.irq_by_index(0)?.irq())
}

fn main() {}
