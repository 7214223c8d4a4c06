// SPDX-License-Identifier: GPL-2.0

//! A cell could be given something short-lived through a shortened reference.

use kernel::types::ForLt;

struct Cell<'a>(core::cell::Cell<&'a u8>);

type A = ForLt!(Cell<'_>);
type B = ForLt!(for<'a> &'a mut &'a u8);
type C = ForLt!(for<'a> fn(&'a u8));

fn main() {}
