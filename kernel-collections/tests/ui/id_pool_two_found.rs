// SPDX-License-Identifier: GPL-2.0

//! While an id is found and not yet taken, nobody else finds it, and the pool stays as it is.

extern crate kernel_collections as kernel;

use kernel::id_pool::{IdPool, PoolResizer};

fn found_twice(pool: &mut IdPool) -> Option<(usize, usize)> {
    let first = pool.find_unused_id(0)?;
    let second = pool.find_unused_id(0)?;
    Some((first.acquire(), second.acquire()))
}

fn grown_meanwhile(pool: &mut IdPool, resizer: PoolResizer) -> Option<usize> {
    let id = pool.find_unused_id(0)?;
    pool.grow(resizer);
    Some(id.acquire())
}

fn main() {}
