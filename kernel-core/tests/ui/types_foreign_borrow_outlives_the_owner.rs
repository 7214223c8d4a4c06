// SPDX-License-Identifier: GPL-2.0

//! A borrow of what C holds cannot be said to last longer than what the owner itself borrows.

extern crate kernel_core as kernel;

use core::ffi::c_void;
use kernel::{alloc::KBox, types::ForeignOwnable};

struct Data<'a>(&'a u32);

/// # Safety
///
/// `ptr` stands for a box.
unsafe fn from_callback<'a>(ptr: *mut c_void, _: &'a u32) -> &'static u32 {
    // SAFETY: The caller's promise.
    let data: &'static Data<'a> = unsafe { KBox::<Data<'a>>::borrow(ptr) };
    data.0
}

fn main() {}
