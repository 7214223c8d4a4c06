// SPDX-License-Identifier: GPL-2.0

//! What C may change at any time is neither shared between threads nor moved, unless the abstraction
//! says so.

extern crate kernel_core as kernel;

use kernel::types::Opaque;

fn shared<T: Sync>() {}
fn moved<T: Unpin>() {}

fn main() {
    shared::<Opaque<u32>>();
    moved::<Opaque<u32>>();
}
