// SPDX-License-Identifier: GPL-2.0

//! A borrow ends before its owner.

extern crate kernel_sync as kernel;

use kernel::sync::{Arc, ArcBorrow};

fn escape(arc: Arc<u32>) -> ArcBorrow<'static, u32> {
    arc.as_arc_borrow()
}

fn use_after_drop(arc: Arc<u32>) -> u32 {
    let borrow = arc.as_arc_borrow();
    drop(arc);
    *borrow
}

fn unique_meanwhile(arc: Arc<u32>) -> u32 {
    let borrow = arc.as_arc_borrow();
    let unique = Arc::into_unique_or_drop(arc);
    unique.map_or(0, |_| *borrow)
}

fn main() {}
