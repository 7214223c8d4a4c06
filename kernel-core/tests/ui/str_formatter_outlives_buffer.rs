// SPDX-License-Identifier: GPL-2.0

//! A formatter borrows its buffer: it can't write to one that is gone.

extern crate kernel_core as kernel;

use kernel::{fmt::Write, str::Formatter};

fn main() {
    let mut f = {
        let mut buffer = [0; 8];
        Formatter::new(&mut buffer)
    };
    let _ = f.write_str("too late");
}
