// SPDX-License-Identifier: GPL-2.0

//! A list of attributes ends with `None`, and not before.

extern crate kernel_configfs as kernel;

use kernel::{
    configfs::{Attribute, AttributeList, AttributeOperations},
    page::PAGE_SIZE,
    prelude::*,
};

struct Data;

#[vtable]
impl AttributeOperations<0> for Data {
    type Data = Data;

    fn show(_: &Data, _: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        Ok(0)
    }
}

static ATTRIBUTE: Attribute<0, Data, Data> = Attribute::new(c"attribute");

static ENDLESS: AttributeList<1, Data> = AttributeList::new([Some(ATTRIBUTE.entry())]);

static NOTHING: AttributeList<0, Data> = AttributeList::new([]);

static TOO_SOON: AttributeList<3, Data> =
    AttributeList::new([None, Some(ATTRIBUTE.entry()), None]);

fn main() {}
