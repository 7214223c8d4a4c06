// SPDX-License-Identifier: GPL-2.0

//! The contexts are those there are.

extern crate kernel_device as kernel;

use kernel::device::DeviceContext;

struct Imagined;

impl DeviceContext for Imagined {}

fn main() {}
