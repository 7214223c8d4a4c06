// SPDX-License-Identifier: GPL-2.0

//! An attribute can be read, or written, or both.

extern crate kernel_configfs as kernel;

use kernel::{
    configfs::{Attribute, AttributeOperations},
    prelude::*,
};

// SAFETY: What is built in has no module, and thus a null pointer.
static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

struct Data;

#[vtable]
impl AttributeOperations<0> for Data {
    type Data = Data;
}

static NEITHER: Attribute<0, Data, Data> = Attribute::new(c"neither");

fn main() {}
