// SPDX-License-Identifier: GPL-2.0

//! Who has contexts dereference has to vouch for the layout.

extern crate kernel_device as kernel;

use core::marker::PhantomData;
use kernel::device::{DeviceContext, Normal};

struct Slot<Ctx: DeviceContext = Normal>(u8, PhantomData<Ctx>);

kernel::impl_device_context_deref!(Slot);

fn main() {}
