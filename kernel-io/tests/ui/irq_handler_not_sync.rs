// SPDX-License-Identifier: GPL-2.0

//! A handler is shared with whatever CPU the interrupt hits.

extern crate kernel_io as kernel;

use core::cell::Cell;
use kernel::{
    device::{Bound, Device},
    irq::{Handler, IrqReturn},
};

struct Count(Cell<u32>);

impl Handler for Count {
    fn handle(&self, _: &Device<Bound>) -> IrqReturn {
        self.0.set(self.0.get() + 1);
        IrqReturn::Handled
    }
}

fn main() {}
