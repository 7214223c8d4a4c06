// SPDX-License-Identifier: GPL-2.0

//! An `ARef` goes to another thread only with what may be shared and dropped there.

extern crate kernel_sync as kernel;

use core::{cell::Cell, marker::PhantomData, ptr::NonNull};
use kernel::sync::aref::{ARef, AlwaysRefCounted};

struct Object<T>(PhantomData<T>);

// SAFETY: There is no object of this type.
unsafe impl<T> AlwaysRefCounted for Object<T> {
    fn inc_ref(&self) {}
    unsafe fn dec_ref(_: NonNull<Self>) {}
}

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn main() {
    send::<ARef<Object<u32>>>();
    send::<ARef<Object<Cell<u32>>>>();
    sync::<ARef<Object<Cell<u32>>>>();
}
