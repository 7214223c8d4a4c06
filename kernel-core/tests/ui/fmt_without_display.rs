// SPDX-License-Identifier: GPL-2.0

//! `{}` wants the kernel's `Display`.

extern crate kernel_core as kernel;

struct Opaque;

impl core::fmt::Display for Opaque {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("core's")
    }
}

fn main() {
    let _ = kernel::str::CString::try_from_fmt(kernel::prelude::fmt!("{}", Opaque));
}
