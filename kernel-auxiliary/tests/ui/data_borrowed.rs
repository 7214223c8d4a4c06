// SPDX-License-Identifier: GPL-2.0

//! Data that borrow something take somebody who vouches that the registration is not forgotten.

extern crate kernel_auxiliary as kernel;

use kernel::{
    auxiliary::Registration,
    device::{Bound, Device},
    prelude::*,
    types::ForLt,
};

fn register<'a>(
    parent: &'a Device<Bound>,
    number: &'a u32,
) -> Result<Registration<'a, ForLt!(&'_ u32)>> {
    Registration::new(parent, c"part", 0, c"whole", Ok::<_, Error>(number))
}

fn main() {}
