// SPDX-License-Identifier: GPL-2.0

//! Linked lists whose links lie in the items.
//!
//! Putting an item into a [`List`] allocates nothing, so it can't fail and may be done with a
//! spinlock held; and an item can be taken out of the middle by whoever has it. The price is that
//! an item can only be in one list for each pair of links that it has.
//!
//! # What to write
//!
//! 1. Give the struct a field [`ListLinks`], pinned. For a list of trait objects, it is
//!    [`ListLinksSelfPtr`].
//! 2. Say by [`impl_list_arc_safe!`] how it is known that an item is not in two lists: see below.
//! 3. Say by [`impl_list_item!`] where the links are.
//! 4. Make items with [`ListArc::pin_init`], and keep them in a [`List<T>`](List).
//!
//! ```
//! use kernel::list::{impl_list_arc_safe, impl_list_item, List, ListArc, ListLinks};
//!
//! #[pin_data]
//! struct Job {
//!     number: u32,
//!     #[pin]
//!     links: ListLinks,
//! }
//!
//! impl_list_arc_safe! {
//!     impl ListArcSafe<0> for Job { untracked; }
//! }
//! impl_list_item! {
//!     impl ListItem<0> for Job { using ListLinks { self.links }; }
//! }
//!
//! impl Job {
//!     fn new(number: u32) -> Result<ListArc<Self>> {
//!         ListArc::pin_init(try_pin_init!(Self { number, links <- ListLinks::new() }), GFP_KERNEL)
//!     }
//! }
//!
//! let mut queue = List::new();
//! queue.push_back(Job::new(1)?);
//! queue.push_back(Job::new(2)?);
//! queue.push_front(Job::new(0)?);
//!
//! assert!(queue.iter().map(|job| job.number).eq([0, 1, 2]));
//! assert_eq!(queue.pop_front().map(|job| job.number), Some(0));
//! # Ok::<(), Error>(())
//! ```
//!
//! # One right for each pair of links
//!
//! Items are shared: others may have an [`Arc`](crate::sync::Arc) of an item that is in a list.
//! What exists once is the right to use its links, and that is a [`ListArc`]. A list takes the
//! `ListArc` and gives it back with the item, so that nobody can put the item into a second list
//! meanwhile.
//!
//! A new object's `ListArc` comes with it. To get one of an object that has been shared already, it
//! has to be known whether there is one: that is what *tracking* is about. An untracked object
//! whose `ListArc` was turned into an `Arc` never gets another as long as it is shared; a tracked
//! one has a flag for it, an [`AtomicTracker`], and [`ListArc::try_from_arc`].
//!
//! # Several lists at once
//!
//! Links, the rights to them and the lists have an `ID`, a number that is 0 where none is given. An
//! item with `ListLinks<1>` and `ListLinks<2>` can be in a `List<T, 1>` and a `List<T, 2>` at the
//! same time. Any two different numbers do; they only have to differ within one type.
//!
//! # Compared to C
//!
//! C: [`struct list_head`]. There, the head is a link among others, and code that knows an item
//! takes it out without knowing the list. Here the list has its items: [`List::remove`] needs the
//! list, and that the item is in no other. For lists that C code makes see
//! [`interop::list`](crate::interop::list).
//!
//! [`struct list_head`]: srctree/include/linux/list.h

mod arc;
mod cursor;
mod field;
mod head;
mod item;
mod iter;
mod links;
mod ring;
mod tests;
mod track;

pub use arc::ListArc;
pub use cursor::{Cursor, CursorPeek};
pub use field::{define_list_arc_field_getter, ListArcField};
pub use head::List;
pub use item::{
    impl_has_list_links, impl_has_list_links_self_ptr, impl_list_item, HasListLinks, HasSelfPtr,
    ListItem,
};
pub use iter::{IntoIter, Iter};
pub use links::{ListLinks, ListLinksSelfPtr};
pub use track::{impl_list_arc_safe, AtomicTracker, ListArcSafe, TryNewListArc};

#[doc(hidden)]
pub use track::assert_sized;
