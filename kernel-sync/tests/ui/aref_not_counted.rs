// SPDX-License-Identifier: GPL-2.0

//! What has no count has no counted references.

extern crate kernel_sync as kernel;

use kernel::sync::aref::ARef;

fn keep(number: &u32) -> ARef<u32> {
    ARef::from(number)
}

fn main() {}
