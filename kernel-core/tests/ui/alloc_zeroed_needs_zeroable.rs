// SPDX-License-Identifier: GPL-2.0

//! Only what may be zero can be made of zeroes. A box may be `None` then, but only one that has a
//! single pointer: of a pointer with a vtable, zeroes are no value.

extern crate kernel_core as kernel;

use core::fmt::Debug;
use kernel::alloc::{flags::GFP_KERNEL, KBox};

fn main() {
    let _ = KBox::<Option<KBox<u8>>>::zeroed(GFP_KERNEL);
    let _ = KBox::<KBox<u8>>::zeroed(GFP_KERNEL);
    let _ = KBox::<&u8>::zeroed(GFP_KERNEL);
    let _ = KBox::<Option<KBox<dyn Debug>>>::zeroed(GFP_KERNEL);
}
