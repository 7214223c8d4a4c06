// SPDX-License-Identifier: GPL-2.0

// A lock is not initialised where it might be moved from.

extern crate kernel_sync as kernel;

use kernel::{
    prelude::*,
    sync::{new_mutex, Mutex},
};

fn main() {
    let _: Result<KBox<Mutex<u32>>> = KBox::init(new_mutex!(5), GFP_KERNEL);
}
