// SPDX-License-Identifier: GPL-2.0

//! An object that is tracked as one type and not as another would have two `ListArc`s.

extern crate kernel_collections as kernel;

use core::pin::Pin;
use kernel::list::{impl_list_arc_safe, AtomicTracker, ListArcSafe, ListLinksSelfPtr};
use kernel::prelude::*;

trait Work {}

#[pin_data]
struct Item<T: ?Sized> {
    #[pin]
    links: ListLinksSelfPtr<Item<dyn Work>>,
    #[pin]
    tracker: AtomicTracker,
    work: T,
}

// Not as the concrete type...
impl_list_arc_safe! {
    impl ListArcSafe<0> for Item<u32> { untracked; }
}

// ...but as the trait object.
impl_list_arc_safe! {
    impl ListArcSafe<0> for Item<dyn Work> { tracked_by tracker: AtomicTracker; }
}

// Nor by a family that leaves some out.
struct Other<T: ?Sized>(T);

impl_list_arc_safe! {
    impl{T: Work + ?Sized} ListArcSafe<0> for Other<T> { untracked; }
}

// Nor by one whose parameter makes no difference.
struct Tail<T: ?Sized>(core::marker::PhantomData<T>, dyn Work);

impl_list_arc_safe! {
    impl{T: ?Sized} ListArcSafe<0> for Tail<T> { untracked; }
}

// By hand it is a promise.
struct Promise;

impl ListArcSafe for Promise {
    unsafe fn on_create_list_arc_from_unique(self: Pin<&mut Self>) {}

    unsafe fn on_drop_list_arc(&self) {}
}

fn main() {}
