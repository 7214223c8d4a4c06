// SPDX-License-Identifier: GPL-2.0

//! A borrow stays with the thread that made it; references do travel.

extern crate kernel_sync as kernel;

use kernel::sync::{Arc, ArcBorrow};

fn send<T: Send>() {}

fn main() {
    send::<&Arc<u32>>();
    send::<ArcBorrow<'static, u32>>();
}
