// SPDX-License-Identifier: GPL-2.0

//! `Of<'static>` does not become `'static` by its name.

extern crate kernel_core as kernel;

use kernel::types::ForLt;

fn kept<F: ForLt>(value: F::Of<'static>) -> Box<dyn Fn() -> usize> {
    Box::new(move || size_of_val(&value))
}

fn escapes<'x>(borrowed: &'x u8) -> Box<dyn Fn() -> usize> {
    kept::<ForLt!(for<'a> &'x u8)>(borrowed)
}

fn main() {}
