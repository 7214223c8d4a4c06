// SPDX-License-Identifier: GPL-2.0

//! A scope can be leaked, with its files: what it borrows would be gone, and they not.

extern crate kernel_debugfs as kernel;

use kernel::{
    debugfs::{Dir, Scope},
    prelude::*,
    sync::atomic::Atomic,
};

fn leak(dir: &Dir) -> Result {
    let number = Atomic::new(1u32);
    let scope = KBox::pin_init(
        dir.scope(&number, c"scope", |number, dir| {
            dir.read_write_file(c"number", *number);
        }),
        GFP_KERNEL,
    )?;
    core::mem::forget(scope);
    Ok(())
}

fn in_the_root<'a>(number: &'a Atomic<u32>) -> impl PinInit<Scope<&'a Atomic<u32>>> + 'a {
    Scope::dir(number, c"scope", |_, _| {})
}

fn main() {}
