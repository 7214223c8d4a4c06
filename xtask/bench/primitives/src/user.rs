// SPDX-License-Identifier: GPL-2.0

//! Memory of user space.

use kernel::{
    prelude::*,
    uaccess::{UserPtr, UserSlice},
};

/// As much as `BENCH_COPY` in `bench.h`.
const LENGTH: usize = 4096;

extern "C" {
    static bench_user_page: usize;
}

/// Copies a page to user space and back.
#[no_mangle]
pub(crate) extern "C" fn bench_rust_user_copy(rounds: usize) {
    let Ok(mut here) = KVec::from_elem(0u8, LENGTH, GFP_KERNEL) else {
        return;
    };
    // SAFETY: The harness wrote it before it called this, and does not write it again.
    let there = UserPtr::from_addr(unsafe { bench_user_page });
    for _ in 0..rounds {
        let mut writer = UserSlice::new(there, LENGTH).writer();
        let mut reader = UserSlice::new(there, LENGTH).reader();
        if writer.write_slice(&here).is_err() || reader.read_slice(&mut here).is_err() {
            return;
        }
    }
}
