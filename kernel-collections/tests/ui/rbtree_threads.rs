// SPDX-License-Identifier: GPL-2.0

// A tree goes to another thread only with keys and values that do, and is shared likewise.

extern crate kernel_collections as kernel;

use core::{cell::Cell, marker::PhantomData};
use kernel::rbtree::{Cursor, CursorMut, Iter, IterMut, RBTree, RBTreeNode};

/// Stays on its thread.
type Local = PhantomData<*const ()>;

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn main() {
    send::<RBTree<Local, ()>>();
    send::<RBTree<(), Local>>();
    sync::<RBTree<(), Cell<u32>>>();
    send::<RBTreeNode<(), Local>>();

    // These share values with other owners of the reference.
    send::<Cursor<'static, (), Cell<u32>>>();
    send::<Iter<'static, (), Cell<u32>>>();
    // These don't.
    send::<CursorMut<'static, (), Cell<u32>>>();
    send::<IterMut<'static, (), Cell<u32>>>();
    send::<CursorMut<'static, (), Local>>();
    send::<IterMut<'static, Local, ()>>();
}
