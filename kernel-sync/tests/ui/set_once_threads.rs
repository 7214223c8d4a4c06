// SPDX-License-Identifier: GPL-2.0

//! A `SetOnce` is shared only if its value may be: seen by many, and dropped by another.

extern crate kernel_sync as kernel;

use core::{cell::Cell, marker::PhantomData};
use kernel::sync::SetOnce;

/// May be shared with other threads, but not dropped there.
struct SyncOnly(PhantomData<*const ()>);

// SAFETY: There is nothing inside.
unsafe impl Sync for SyncOnly {}

static CELL: SetOnce<Cell<u32>> = SetOnce::new();
static SYNC_ONLY: SetOnce<SyncOnly> = SetOnce::new();

fn send<T: Send>() {}

fn main() {
    send::<SetOnce<Cell<u32>>>();
    send::<SetOnce<SyncOnly>>();
}
