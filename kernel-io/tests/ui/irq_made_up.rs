// SPDX-License-Identifier: GPL-2.0

//! Which interrupts a device has is for its bus to say.

extern crate kernel_io as kernel;

use kernel::{
    device::{Bound, Device},
    irq::IrqRequest,
};

fn guess(dev: &Device<Bound>) -> IrqRequest<'_> {
    IrqRequest::new(dev, 9)
}

fn main() {}
