// SPDX-License-Identifier: GPL-2.0

//! The lock is held for the callback's thread only.

extern crate kernel_device as kernel;

use kernel::device::{Core, Device};

fn other_thread<T: Send>(_: T) {}

fn probe(dev: &Device<Core<'_>>) {
    other_thread(dev);
}

fn main() {}
