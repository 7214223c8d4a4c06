// SPDX-License-Identifier: GPL-2.0

// A tree does not change while somebody walks it, nor a value while somebody looks at it.

extern crate kernel_collections as kernel;

use kernel::rbtree::{CursorMut, OccupiedEntry, RBTree};

fn remove_while_iterating(tree: &mut RBTree<u32, u32>) {
    for (key, _) in tree.iter() {
        tree.remove(key);
    }
}

fn remove_while_iterating_mutably(tree: &mut RBTree<u32, u32>) {
    for (key, _) in tree.iter_mut() {
        tree.remove(key);
    }
}

fn two_cursors(tree: &mut RBTree<u32, u32>) {
    let front = tree.cursor_front_mut();
    let back = tree.cursor_back_mut();
    drop((front, back));
}

fn read_beside_a_cursor(tree: &mut RBTree<u32, u32>) {
    let cursor = tree.cursor_front_mut();
    assert!(tree.get(&1).is_some());
    drop(cursor);
}

fn value_of_a_removed_neighbour(cursor: &mut CursorMut<'_, u32, u32>) {
    let next = cursor.peek_next();
    cursor.remove_next();
    assert!(next.is_none());
}

fn two_values_at_once(cursor: &mut CursorMut<'_, u32, u32>) {
    let here = cursor.current_mut();
    let next = cursor.peek_next_mut();
    assert!(next.is_none_or(|next| next.1 != here.1));
}

fn cursor_after_removal(cursor: CursorMut<'_, u32, u32>) {
    cursor.remove_current();
    cursor.current();
}

fn value_of_a_removed_entry(entry: OccupiedEntry<'_, u32, u32>) -> u32 {
    let value = entry.get();
    entry.remove();
    *value
}

fn main() {}
