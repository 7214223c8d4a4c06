// SPDX-License-Identifier: GPL-2.0

//! What the functions for files have to be.

extern crate kernel_debugfs as kernel;

use kernel::{
    debugfs::Dir,
    sync::atomic::{Atomic, Relaxed},
};

fn borrowed(dir: &Dir, add: u32) {
    let _ = dir.read_callback_file(c"file", Atomic::new(1u32), &|number, f| {
        write!(f, "{}", number.load(Relaxed) + add)
    });
}

fn data_kept(dir: &Dir) {
    static mut KEPT: Option<&'static Atomic<u32>> = None;
    let _ = dir.write_callback_file(c"file", Atomic::new(1u32), &|number: &Atomic<u32>, _| {
        let kept: &'static Atomic<u32> = number;
        // SAFETY: None: this is not to compile.
        unsafe { KEPT = Some(kept) };
        Ok(())
    });
}

fn main() {}
