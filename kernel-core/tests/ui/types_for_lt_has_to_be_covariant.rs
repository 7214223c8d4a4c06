// SPDX-License-Identifier: GPL-2.0

//! A lifetime that may not be shortened has no `ForLt!`.

extern crate kernel_core as kernel;

use core::cell::Cell;
use kernel::types::ForLt;

struct Invariant<'a>(Cell<&'a u32>);

struct Contravariant<'a>(fn(&'a u32));

fn shortened<F: ForLt>() {}

fn main() {
    shortened::<ForLt!(Invariant<'_>)>();
    shortened::<ForLt!(Contravariant<'_>)>();
}
