// SPDX-License-Identifier: GPL-2.0

//! An id is taken once, and memory for a pool is used once.

extern crate kernel_collections as kernel;

use kernel::id_pool::{IdPool, PoolResizer, UnusedId};

fn acquired(id: UnusedId<'_>) -> (usize, usize) {
    (id.acquire(), id.acquire())
}

fn used(pool: &mut IdPool, other: &mut IdPool, resizer: PoolResizer) {
    pool.grow(resizer);
    other.grow(resizer);
}

fn main() {}
