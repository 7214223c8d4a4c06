// SPDX-License-Identifier: GPL-2.0

//! What tracks is a pinned field that does so for the same ID; what is not tracked is not asked.

extern crate kernel_collections as kernel;

use kernel::list::{impl_list_arc_safe, AtomicTracker, ListArc};
use kernel::prelude::*;
use kernel::sync::Arc;

#[pin_data]
struct NotPinned {
    tracker: AtomicTracker,
}

impl_list_arc_safe! {
    impl ListArcSafe<0> for NotPinned { tracked_by tracker: AtomicTracker; }
}

#[pin_data]
struct OtherId {
    #[pin]
    tracker: AtomicTracker<1>,
}

impl_list_arc_safe! {
    impl ListArcSafe<0> for OtherId { tracked_by tracker: AtomicTracker<1>; }
}

struct Untracked;

impl_list_arc_safe! {
    impl ListArcSafe<0> for Untracked { untracked; }
}

fn again(arc: Arc<Untracked>) -> Option<ListArc<Untracked>> {
    ListArc::try_from_arc_or_drop(arc)
}

fn main() {}
