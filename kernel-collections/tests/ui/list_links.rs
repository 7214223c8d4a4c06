// SPDX-License-Identifier: GPL-2.0

//! The links of an item are a field of it, of the ID that is said, and not behind a pointer.

extern crate kernel_collections as kernel;

use core::ops::Deref;
use kernel::list::{impl_list_arc_safe, impl_list_item, ListLinks};
use kernel::prelude::*;

struct Inner {
    links: ListLinks,
}

struct Boxed {
    inner: KBox<Inner>,
}

struct Derefs(Inner);

impl Deref for Derefs {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

struct OtherId {
    links: ListLinks<1>,
}

struct NoLinks {
    links: [usize; 2],
}

impl_list_arc_safe! {
    impl ListArcSafe<0> for Boxed { untracked; }
    impl ListArcSafe<0> for Derefs { untracked; }
    impl ListArcSafe<0> for OtherId { untracked; }
    impl ListArcSafe<0> for NoLinks { untracked; }
}

impl_list_item! {
    impl ListItem<0> for Boxed { using ListLinks { self.inner.links }; }
}
impl_list_item! {
    impl ListItem<0> for Derefs { using ListLinks { self.links }; }
}
impl_list_item! {
    impl ListItem<0> for OtherId { using ListLinks { self.links }; }
}
impl_list_item! {
    impl ListItem<0> for NoLinks { using ListLinks { self.links }; }
}

fn main() {}
