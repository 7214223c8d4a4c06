// SPDX-License-Identifier: GPL-2.0

//! An interrupt can be requested while the driver is bound, and not afterwards.

extern crate kernel_io as kernel;

use kernel::irq::IrqRequest;

struct Driver {
    request: IrqRequest<'static>,
}

fn keep(request: IrqRequest<'_>) -> Driver {
    Driver { request }
}

fn main() {}
