// SPDX-License-Identifier: GPL-2.0

//! Memory without a value is not taken for one.

extern crate kernel_sync as kernel;

use core::mem::MaybeUninit;
use kernel::sync::{Arc, UniqueArc};

fn read(slot: UniqueArc<MaybeUninit<u32>>) -> u32 {
    *slot
}

fn share(slot: UniqueArc<MaybeUninit<u32>>) -> Arc<u32> {
    slot.into()
}

fn claim(slot: UniqueArc<MaybeUninit<u32>>) -> UniqueArc<u32> {
    slot.assume_init()
}

fn main() {}
