// SPDX-License-Identifier: GPL-2.0

//! What the data of a file has to be: shared by tasks, and without borrows.

extern crate kernel_debugfs as kernel;

use core::cell::Cell;
use kernel::{debugfs::Dir, sync::atomic::Atomic};

fn not_shared(dir: &Dir) {
    let _ = dir.read_only_file(c"cell", Cell::new(1));
}

fn not_static<'a>(dir: &'a Dir, number: &'a Atomic<u32>) {
    let _ = dir.read_only_file(c"borrow", number);
}

fn not_changed(dir: &Dir) {
    let _ = dir.read_write_file(c"number", 1u32);
}

fn without_text(dir: &Dir) {
    struct Opaque;
    let _ = dir.read_only_file(c"opaque", Opaque);
}

fn with_padding(dir: &Dir) {
    #[repr(C)]
    struct Padded(u8, u32);
    let _ = dir.read_binary_file(c"padded", Padded(1, 2));
}

fn main() {}
