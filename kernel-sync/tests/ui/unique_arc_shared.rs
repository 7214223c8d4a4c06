// SPDX-License-Identifier: GPL-2.0

//! What is unique has no second owner, and is not the first owner's once it has.

extern crate kernel_sync as kernel;

use kernel::sync::{Arc, UniqueArc};

fn clones(unique: UniqueArc<u32>) -> (UniqueArc<u32>, UniqueArc<u32>) {
    (unique.clone(), unique)
}

fn writes_after_sharing(mut unique: UniqueArc<u32>) -> Arc<u32> {
    let arc = Arc::from(unique);
    *unique = 1;
    arc
}

fn main() {}
