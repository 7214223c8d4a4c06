// SPDX-License-Identifier: GPL-2.0

// A tree of references that live long does not take in one that lives shorter, though inserting it takes
// a shared reference only.

extern crate kernel_collections as kernel;

use kernel::{
    alloc::KBox,
    maple_tree::{MapleTree, MapleTreeAlloc},
};

fn shorten<'a, 'short>(
    tree: &'a MapleTree<KBox<&'static u32>>,
    _: &'short u32,
) -> &'a MapleTree<KBox<&'short u32>> {
    tree
}

fn shorten_alloc<'a, 'short>(
    tree: &'a MapleTreeAlloc<KBox<&'static u32>>,
    _: &'short u32,
) -> &'a MapleTreeAlloc<KBox<&'short u32>> {
    tree
}

fn main() {}
