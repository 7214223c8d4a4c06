// SPDX-License-Identifier: GPL-2.0

//! C has the address of the data, even of data that could be moved.

extern crate kernel_debugfs as kernel;

use kernel::{
    debugfs::{Dir, File, Scope},
    prelude::*,
};

fn swap(one: Pin<&mut File<u32>>, two: Pin<&mut File<u32>>) {
    core::mem::swap(one.get_mut(), two.get_mut());
}

fn out_of_the_box(file: Pin<KBox<Scope<u32>>>) -> Scope<u32> {
    *Pin::into_inner(file)
}

fn change(file: Pin<KBox<File<u32>>>) {
    **file = 2;
}

fn on_the_heap_but_not_pinned(dir: &Dir) -> Result {
    let _ = KBox::init(dir.read_only_file(c"number", 1u32), GFP_KERNEL)?;
    Ok(())
}

fn main() {}
