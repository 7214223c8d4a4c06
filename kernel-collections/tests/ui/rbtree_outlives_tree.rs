// SPDX-License-Identifier: GPL-2.0

// Nothing that stands in a tree outlives it.

extern crate kernel_collections as kernel;

use kernel::rbtree::{Cursor, CursorMut, Entry, Iter, IterMut, RBTree};

fn cursor<'a>(tree: RBTree<u32, u32>) -> Option<Cursor<'a, u32, u32>> {
    tree.cursor_front()
}

fn cursor_mut<'a>(mut tree: RBTree<u32, u32>) -> Option<CursorMut<'a, u32, u32>> {
    tree.cursor_back_mut()
}

fn iter<'a>(tree: RBTree<u32, u32>) -> Iter<'a, u32, u32> {
    tree.iter()
}

fn iter_mut<'a>(mut tree: RBTree<u32, u32>) -> IterMut<'a, u32, u32> {
    tree.iter_mut()
}

fn entry<'a>(mut tree: RBTree<u32, u32>) -> Entry<'a, u32, u32> {
    tree.entry(1)
}

fn value_after_drop(tree: RBTree<u32, u32>) -> Option<u32> {
    let value = tree.get(&1);
    drop(tree);
    value.copied()
}

fn value_outlives_cursor<'a>(tree: &'a RBTree<u32, u32>) -> Option<&'a u32> {
    let cursor = tree.cursor_front()?;
    Some(cursor.current().1)
}

fn main() {}
