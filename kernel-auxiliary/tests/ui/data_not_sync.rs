// SPDX-License-Identifier: GPL-2.0

//! Both sides may be at the data at the same time.

extern crate kernel_auxiliary as kernel;

use core::cell::Cell;
use kernel::{
    auxiliary::Registration,
    device::{Bound, Device},
    prelude::*,
    types::ForLt,
};

fn register(parent: &Device<Bound>) {
    let data = Ok::<_, Error>(Cell::new(1));
    let _ = Registration::<'_, ForLt!(Cell<u32>)>::new(parent, c"part", 0, c"whole", data);
}

fn main() {}
