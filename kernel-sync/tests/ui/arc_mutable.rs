// SPDX-License-Identifier: GPL-2.0

//! What is shared is not changed.

extern crate kernel_sync as kernel;

use kernel::sync::{Arc, ArcBorrow};

fn through_owner(mut arc: Arc<u32>) {
    *arc = 1;
}

fn through_borrow(mut borrow: ArcBorrow<'_, u32>) {
    *borrow = 1;
}

fn main() {}
