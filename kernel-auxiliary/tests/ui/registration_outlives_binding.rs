// SPDX-License-Identifier: GPL-2.0

//! A registration ends before the driver of the parent is unbound.

extern crate kernel_auxiliary as kernel;

use kernel::{
    auxiliary::Registration,
    device::{Bound, Device},
    prelude::*,
    types::ForLt,
};

fn register(parent: &Device<Bound>) -> Result<Registration<'static, ForLt!(u32)>> {
    Registration::new(parent, c"part", 0, c"whole", Ok::<_, Error>(1))
}

fn main() {}
