// SPDX-License-Identifier: GPL-2.0

//! A closure runs when its caller is long gone, so it must not borrow from it.

extern crate kernel_workqueue as kernel;

use kernel::{
    alloc::flags::GFP_KERNEL,
    sync::atomic::{Atomic, Relaxed},
    workqueue,
};

fn borrows() {
    let count = Atomic::new(0);
    let _ = workqueue::system().try_spawn(GFP_KERNEL, || count.add(1, Relaxed));
}

fn main() {}
