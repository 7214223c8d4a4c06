// SPDX-License-Identifier: GPL-2.0

//! An `Arc` goes to another thread only with what may be shared and dropped there.

extern crate kernel_sync as kernel;

use core::{cell::Cell, marker::PhantomData};
use kernel::sync::Arc;

/// May be shared with other threads, but not dropped there.
struct SyncOnly(PhantomData<*const ()>);

// SAFETY: There is nothing inside.
unsafe impl Sync for SyncOnly {}

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn main() {
    send::<Arc<Cell<u32>>>();
    sync::<Arc<Cell<u32>>>();
    send::<Arc<SyncOnly>>();
    sync::<Arc<SyncOnly>>();
    send::<Arc<dyn core::fmt::Debug>>();
}
