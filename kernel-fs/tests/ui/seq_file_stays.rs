// SPDX-License-Identifier: GPL-2.0

//! A sequence file belongs to the operation that shows it, on its thread.

extern crate kernel_fs as kernel;

use kernel::{c_str, error::Result, kthread::Thread, seq_file::SeqFile, seq_print};

fn sync<T: Sync>() {}

fn kinds() {
    sync::<SeqFile>();
}

fn printed_elsewhere(m: &'static SeqFile) -> Result<Thread> {
    Thread::spawn(c_str!("prints"), move |_| {
        seq_print!(m, "text\n");
        Ok(())
    })
}

fn kept(m: &SeqFile) -> &'static SeqFile {
    m
}

struct Silent;

fn not_shown(m: &SeqFile) {
    seq_print!(m, "{}\n", Silent);
}

fn main() {}
