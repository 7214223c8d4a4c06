// SPDX-License-Identifier: GPL-2.0

//! A handler may be called as long as it is there, and that may be longer than what it borrows.

extern crate kernel_io as kernel;

use kernel::{
    device::{Bound, Device},
    irq::{Handler, IrqReturn},
    sync::atomic::{Atomic, Relaxed},
};

struct Borrower<'a>(&'a Atomic<u32>);

impl Handler for Borrower<'_> {
    fn handle(&self, _: &Device<Bound>) -> IrqReturn {
        self.0.add(1, Relaxed);
        IrqReturn::Handled
    }
}

fn main() {}
