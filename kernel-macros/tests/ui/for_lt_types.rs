// SPDX-License-Identifier: GPL-2.0

//! There is one type.

use kernel::types::ForLt;

type A = ForLt!();
type B = ForLt!(u8, u8);

fn main() {}
