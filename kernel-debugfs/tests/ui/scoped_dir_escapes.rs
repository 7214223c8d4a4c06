// SPDX-License-Identifier: GPL-2.0

//! A folder of a scope stays in the closure that makes the files.

extern crate kernel_debugfs as kernel;

use kernel::{
    debugfs::{Dir, ScopedDir},
    prelude::*,
    sync::atomic::Atomic,
};

fn folder(dir: &Dir) -> Result {
    let mut escaped = None;
    let scope = dir.scope(Atomic::new(1u32), c"scope", |_, dir| {
        escaped = Some(dir);
    });
    KBox::pin_init(scope, GFP_KERNEL)?;
    Ok(())
}

fn value(dir: &Dir) -> Result {
    let mut escaped = None;
    let scope = dir.scope(Atomic::new(1u32), c"scope", |value, _| {
        escaped = Some(value);
    });
    KBox::pin_init(scope, GFP_KERNEL)?;
    Ok(())
}

/// The lifetime of the data can't be made shorter, to let in data that lives less long.
fn shorter<'short, 'dir>(
    dir: &'dir ScopedDir<'static, 'dir>,
    _: &'short u32,
) -> &'dir ScopedDir<'short, 'dir> {
    dir
}

fn main() {}
