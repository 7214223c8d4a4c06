// SPDX-License-Identifier: GPL-2.0

//! Nobody else uses the buffer while a formatter writes to it.

extern crate kernel_core as kernel;

use kernel::{fmt::Write, str::NullTerminatedFormatter};

fn main() {
    let mut buffer = [0; 8];
    let mut f = NullTerminatedFormatter::new(&mut buffer);
    buffer[0] = b'x';
    if let Some(f) = &mut f {
        let _ = f.write_str("text");
    }
}
