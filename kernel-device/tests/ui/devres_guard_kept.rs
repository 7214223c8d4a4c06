// SPDX-License-Identifier: GPL-2.0

//! A resource from a guard is there no longer than the guard.

extern crate kernel_device as kernel;

use kernel::devres::Devres;

fn first(registers: &Devres<[u32; 4]>) -> Option<&u32> {
    let guard = registers.try_access()?;
    Some(&guard[0])
}

fn main() {}
