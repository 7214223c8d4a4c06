// SPDX-License-Identifier: GPL-2.0

//! A file has no place for what a function captures.

extern crate kernel_debugfs as kernel;

use kernel::{debugfs::Dir, fmt, prelude::*};

type Show = fn(&u32, &mut fmt::Formatter<'_>) -> fmt::Result;

fn show(number: &u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{number}")
}

static POINTER: Show = show;

fn main() {
    let dir = Dir::new(c"dir");
    let _ = KBox::pin_init(
        dir.read_callback_file(c"file", 1u32, &POINTER),
        GFP_KERNEL,
    );
}
