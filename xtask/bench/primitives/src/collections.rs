// SPDX-License-Identifier: GPL-2.0

//! Lists, trees and arrays.

use core::hint::black_box;

use kernel::{
    list::{impl_list_arc_safe, impl_list_item, List, ListArc, ListLinks},
    prelude::*,
    rbtree::RBTree,
    xarray::{AllocKind, XArray},
};

/// As many as `BENCH_ENTRIES` in `bench.h`.
const ENTRIES: usize = 256;

#[pin_data]
struct Entry {
    #[pin]
    links: ListLinks,
    value: usize,
}

impl_list_arc_safe! {
    impl ListArcSafe<0> for Entry { untracked; }
}

impl_list_item! {
    impl ListItem<0> for Entry { using ListLinks { self.links }; }
}

/// Puts an item into a list and takes it out at the other end.
#[no_mangle]
pub(crate) extern "C" fn bench_rust_list(rounds: usize) {
    let entry = ListArc::pin_init(
        try_pin_init!(Entry {
            links <- ListLinks::new(),
            value: 0,
        }),
        GFP_KERNEL,
    );
    let Ok(mut entry) = entry else {
        return;
    };
    black_box(entry.value);
    let mut list = List::new();
    for _ in 0..rounds {
        list.push_back(black_box(entry));
        let Some(first) = list.pop_front() else {
            return;
        };
        entry = first;
    }
}

/// Puts an entry into a tree, finds it there, and takes it out.
#[no_mangle]
pub(crate) extern "C" fn bench_rust_rbtree(rounds: usize) {
    let mut tree = RBTree::new();
    for key in 0..ENTRIES {
        if tree.try_create_and_insert(2 * key, key, GFP_KERNEL).is_err() {
            return;
        }
    }
    for round in (1..=rounds).rev() {
        let key = round % ENTRIES * 2 + 1;
        if tree.try_create_and_insert(key, round, GFP_KERNEL).is_err() {
            return;
        }
        black_box(tree.get(&key));
        tree.remove(&key);
    }
}

/// Stores a box in an array, in the place of another, and looks at what is there.
#[no_mangle]
pub(crate) extern "C" fn bench_rust_xarray(rounds: usize) {
    let (Ok(array), Ok(mut spare), Ok(present)) = (
        KBox::pin_init(XArray::new(AllocKind::Alloc), GFP_KERNEL),
        KBox::new(0usize, GFP_KERNEL),
        KBox::new(0usize, GFP_KERNEL),
    ) else {
        return;
    };
    if array.lock().store(1, present, GFP_KERNEL).is_err() {
        return;
    }
    for _ in 0..rounds {
        let mut guard = array.lock();
        let Ok(Some(old)) = guard.store(1, spare, GFP_KERNEL) else {
            return;
        };
        spare = old;
        black_box(guard.get(1));
    }
}
