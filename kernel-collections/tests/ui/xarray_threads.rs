// SPDX-License-Identifier: GPL-2.0

// An array goes to another thread, and is shared, only with values that may be sent.

extern crate kernel_collections as kernel;

use core::{cell::Cell, marker::PhantomData};
use kernel::{alloc::KBox, sync::Arc, xarray::XArray};

/// Stays on its thread.
type Local = PhantomData<*const ()>;

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn main() {
    send::<XArray<KBox<Local>>>();
    sync::<XArray<KBox<Local>>>();
    sync::<XArray<Arc<Cell<u32>>>>();
    // One task at a time has the lock.
    sync::<XArray<KBox<Cell<u32>>>>();
}
