// SPDX-License-Identifier: GPL-2.0

//! There is one `ListArc` of an object, which can't be multiplied.

extern crate kernel_collections as kernel;

use kernel::list::{impl_list_arc_safe, ListArc};

struct Slot;

impl_list_arc_safe! {
    impl ListArcSafe<0> for Slot { untracked; }
}

fn twice(slot: &ListArc<Slot>) -> ListArc<Slot> {
    Clone::clone(slot)
}

fn main() {}
