// SPDX-License-Identifier: GPL-2.0

//! The data, and what is in them, are there for as long as the device is bound, and no longer.

extern crate kernel_auxiliary as kernel;

use core::pin::Pin;
use kernel::{
    auxiliary::Device,
    device::{self, Bound},
    prelude::*,
    types::ForLt,
};

fn data(adev: &Device<Bound>) -> Result<Pin<&'static u32>> {
    adev.registration_data::<ForLt!(u32)>()
}

fn within(adev: &Device<Bound>) -> Result<&'static u32> {
    Ok(*adev.registration_data::<ForLt!(&'_ u32)>()?)
}

fn parent(adev: &Device<Bound>) -> &'static device::Device<Bound> {
    adev.parent()
}

fn main() {}
