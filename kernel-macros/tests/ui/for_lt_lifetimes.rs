// SPDX-License-Identifier: GPL-2.0

//! One lifetime stays open.

use kernel::types::ForLt;

struct Two<'a, 'b>(&'a u8, &'b u8);

type A = ForLt!(for<'a, 'b> Two<'a, 'b>);
type B = ForLt!(for<'a> Two<'a, '_>);

fn main() {}
