// SPDX-License-Identifier: GPL-2.0

//! A load cannot release.

extern crate kernel_sync as kernel;

use kernel::sync::atomic::{Atomic, Full, Release};

fn main() {
    let x = Atomic::<i32>::new(0);
    x.load(Release);
    x.load(Full);
}
