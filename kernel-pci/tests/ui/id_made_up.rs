// SPDX-License-Identifier: GPL-2.0

//! The numbers of vendors and classes are C's.

extern crate kernel_pci as kernel;

use kernel::pci::{Class, Vendor};

fn vendor() -> Vendor {
    Vendor(0x1234)
}

fn class() -> Class {
    Class(0x0300)
}

fn main() {}
