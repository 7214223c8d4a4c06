// SPDX-License-Identifier: GPL-2.0

//! What is pinned is not moved, unique or not.

extern crate kernel_sync as kernel;

use core::{marker::PhantomPinned, mem, pin::Pin};
use kernel::sync::UniqueArc;

fn swap(a: &mut Pin<UniqueArc<PhantomPinned>>, b: &mut Pin<UniqueArc<PhantomPinned>>) {
    mem::swap(&mut **a, &mut **b);
}

fn unpin(pinned: Pin<UniqueArc<PhantomPinned>>) -> UniqueArc<PhantomPinned> {
    Pin::into_inner(pinned)
}

fn main() {}
