// SPDX-License-Identifier: GPL-2.0

// What is borrowed from a tree is borrowed from its guard, one value at a time.

extern crate kernel_collections as kernel;

use kernel::{
    alloc::KBox,
    maple_tree::{MaState, MapleGuard, MapleTree},
};

fn outlives_guard(tree: &MapleTree<KBox<u32>>) -> Option<&mut u32> {
    tree.lock().load(0)
}

fn after_drop(tree: &MapleTree<KBox<u32>>) -> Option<u32> {
    let mut guard = tree.lock();
    let value = guard.load(0);
    drop(guard);
    value.copied()
}

fn two_at_once(guard: &mut MapleGuard<'_, KBox<u32>>) {
    let (a, b) = (guard.load(0), guard.load(0));
    assert!(a != b);
}

fn two_found(state: &mut MaState<'_, KBox<u32>>) {
    let (a, b) = (state.find(9), state.find(9));
    assert!(a != b);
}

fn load_while_finding(guard: &mut MapleGuard<'_, KBox<u32>>) {
    let mut state = guard.ma_state(0, 0);
    let found = state.find(9);
    assert!(guard.load(0) != found);
}

fn state_outlives_guard<'a>(tree: &'a MapleTree<KBox<u32>>) -> MaState<'a, KBox<u32>> {
    tree.lock().ma_state(0, 0)
}

fn main() {}
