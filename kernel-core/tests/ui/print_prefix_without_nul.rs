// SPDX-License-Identifier: GPL-2.0

//! The prefix goes to C, which wants it terminated.

extern crate kernel_core as kernel;

const __LOG_PREFIX: &[u8] = b"example";

fn main() {
    kernel::pr_info!("text\n");
}
