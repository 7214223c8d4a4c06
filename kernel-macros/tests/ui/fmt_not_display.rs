// SPDX-License-Identifier: GPL-2.0

//! `{}` asks for the kernel's `Display`.

use kernel::prelude::*;

struct Opaque;

fn main() {
    let captured = Opaque;
    let _ = fmt!("{}", Opaque);
    let _ = fmt!("{captured}");
}
