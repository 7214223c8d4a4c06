// SPDX-License-Identifier: GPL-2.0

//! It joins two.

use kernel::macros::concat_idents;

fn main() {
    let abc = 1;
    let _ = concat_idents!(a, b, c);
    let _ = concat_idents!(a, "bc");
    let _ = concat_idents!(a, d);
}
