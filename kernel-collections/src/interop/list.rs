// SPDX-License-Identifier: GPL-2.0

//! Lists that C code makes.
//!
//! A [`CList`] is a view of the head of such a list, as a collection of Rust references to its
//! items. It owns nothing: the items, and how long they stay, are C's business, and what the
//! `unsafe` at its making is about. For lists of Rust's own objects see [`list`](mod@crate::list).
//!
//! C header: [`include/linux/list.h`](srctree/include/linux/list.h)

mod head;
mod tests;
mod view;

pub use head::CListHead;
pub use view::{clist_create, CList, CListIter};
