// SPDX-License-Identifier: GPL-2.0

// A tree goes to another thread, and is shared, only with values that may be sent.

extern crate kernel_collections as kernel;

use core::{cell::Cell, marker::PhantomData};
use kernel::{
    alloc::KBox,
    maple_tree::{MapleTree, MapleTreeAlloc},
};

/// Stays on its thread.
type Local = PhantomData<*const ()>;

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn main() {
    send::<MapleTree<KBox<Local>>>();
    sync::<MapleTree<KBox<Local>>>();
    send::<MapleTreeAlloc<KBox<Local>>>();
    // One task at a time has the lock.
    sync::<MapleTree<KBox<Cell<u32>>>>();
    sync::<MapleTreeAlloc<KBox<Cell<u32>>>>();
}
