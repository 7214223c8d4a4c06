// SPDX-License-Identifier: GPL-2.0

//! Places in a list.

use super::{ring::Node, List, ListArc, ListItem};
use crate::sync::ArcBorrow;
use core::ops::Deref;

/// A place between two items of a list, or at one of its ends, where items can be put in and taken
/// out.
///
/// A list of *n* items has *n* + 1 places. What is done at one leaves the cursor between the items
/// that are its neighbours then. It has the list to itself for as long as it lives.
///
/// # Invariants
///
/// `next` is in the list; if it is `None`, the place is behind all items.
///
/// # Examples
///
/// ```
/// # use kernel::list::{impl_list_arc_safe, impl_list_item, List, ListArc, ListLinks};
/// # #[pin_data]
/// # struct Job {
/// #     number: u32,
/// #     #[pin]
/// #     links: ListLinks,
/// # }
/// # impl_list_arc_safe! {
/// #     impl ListArcSafe<0> for Job { untracked; }
/// # }
/// # impl_list_item! {
/// #     impl ListItem<0> for Job { using ListLinks { self.links }; }
/// # }
/// # fn job(number: u32) -> Result<ListArc<Job>> {
/// #     ListArc::pin_init(try_pin_init!(Job { number, links <- ListLinks::new() }), GFP_KERNEL)
/// # }
/// /// Puts a job where it belongs in a list that is sorted.
/// fn insert_sorted(jobs: &mut List<Job>, job: ListArc<Job>) {
///     let mut cursor = jobs.cursor_front();
///     while cursor.peek_next().is_some_and(|next| next.number <= job.number) {
///         cursor.move_next();
///     }
///     cursor.insert(job);
/// }
///
/// let mut jobs = List::new();
/// for number in [5, 1, 4, 9, 1] {
///     insert_sorted(&mut jobs, job(number)?);
/// }
/// assert!(jobs.iter().map(|job| job.number).eq([1, 1, 4, 5, 9]));
///
/// // Takes out the odd ones.
/// let mut cursor = jobs.cursor_front();
/// while let Some(next) = cursor.peek_next() {
///     if next.number % 2 == 1 {
///         drop(next.remove());
///     } else {
///         cursor.move_next();
///     }
/// }
/// assert!(jobs.iter().map(|job| job.number).eq([4]));
/// # Ok::<(), Error>(())
/// ```
pub struct Cursor<'a, T: ?Sized + ListItem<ID>, const ID: u64 = 0> {
    list: &'a mut List<T, ID>,
    next: Option<Node>,
}

impl<'a, T: ?Sized + ListItem<ID>, const ID: u64> Cursor<'a, T, ID> {
    /// Returns the place before `next`, which has to be in the list, or the one behind all.
    pub(super) fn new(list: &'a mut List<T, ID>, next: Option<Node>) -> Self {
        // INVARIANT: The caller gives one that is in the list.
        Self { list, next }
    }

    /// Returns the link before this place.
    fn prev(&self) -> Option<Node> {
        match self.next {
            // SAFETY: By the type invariant it is in the list.
            Some(next) => unsafe { self.list.before(next) },
            None => self.list.last(),
        }
    }

    /// Takes out one of the neighbours.
    ///
    /// # Safety
    ///
    /// `node` must be in the list.
    unsafe fn take(&mut self, node: Node) -> ListArc<T, ID> {
        if self.next == Some(node) {
            // INVARIANT: What comes after it is in the list, and stays.
            // SAFETY: The caller says that it is in the list.
            self.next = unsafe { self.list.after(node) };
        }
        // SAFETY: The caller says that it is in the list.
        unsafe { self.list.take(node) }
    }

    /// Looks at the item after this place.
    pub fn peek_next(&mut self) -> Option<CursorPeek<'_, 'a, T, true, ID>> {
        // INVARIANT: By that of `self` it is in the list.
        self.next.map(|node| CursorPeek { cursor: self, node })
    }

    /// Looks at the item before this place.
    pub fn peek_prev(&mut self) -> Option<CursorPeek<'_, 'a, T, false, ID>> {
        // INVARIANT: What is before a place of the list is in the list.
        self.prev().map(|node| CursorPeek { cursor: self, node })
    }

    /// Moves behind the next item; returns false if there is none.
    pub fn move_next(&mut self) -> bool {
        let Some(next) = self.next else {
            return false;
        };
        // INVARIANT: What comes after it is in the list.
        // SAFETY: By the type invariant it is in the list.
        self.next = unsafe { self.list.after(next) };
        true
    }

    /// Moves before the previous item; returns false if there is none.
    pub fn move_prev(&mut self) -> bool {
        let Some(prev) = self.prev() else {
            return false;
        };
        // INVARIANT: What is before a place of the list is in the list.
        self.next = Some(prev);
        true
    }

    /// Puts an item here, so that the cursor is before it.
    pub fn insert_next(&mut self, item: ListArc<T, ID>) {
        // INVARIANT: It is in the list now.
        self.next = Some(self.list.insert(self.next, item));
    }

    /// Puts an item here, so that the cursor is behind it.
    pub fn insert_prev(&mut self, item: ListArc<T, ID>) {
        self.list.insert(self.next, item);
    }

    /// Puts an item here, and is done.
    pub fn insert(self, item: ListArc<T, ID>) {
        self.list.insert(self.next, item);
    }

    /// Takes out the item after this place.
    pub fn remove_next(&mut self) -> Option<ListArc<T, ID>> {
        // SAFETY: By the type invariant it is in the list.
        self.next.map(|node| unsafe { self.take(node) })
    }

    /// Takes out the item before this place.
    pub fn remove_prev(&mut self) -> Option<ListArc<T, ID>> {
        // SAFETY: What is before a place of the list is in the list.
        self.prev().map(|node| unsafe { self.take(node) })
    }
}

/// An item next to a [`Cursor`], which can be looked at or taken out.
///
/// `ISNEXT` tells whether it is the one after the cursor or the one before it.
///
/// # Invariants
///
/// `node` is in the list of the cursor.
///
/// # Examples
///
/// ```
/// # use kernel::list::{impl_list_arc_safe, impl_list_item, List, ListArc, ListLinks};
/// # #[pin_data]
/// # struct Job {
/// #     number: u32,
/// #     #[pin]
/// #     links: ListLinks,
/// # }
/// # impl_list_arc_safe! {
/// #     impl ListArcSafe<0> for Job { untracked; }
/// # }
/// # impl_list_item! {
/// #     impl ListItem<0> for Job { using ListLinks { self.links }; }
/// # }
/// # fn job(number: u32) -> Result<ListArc<Job>> {
/// #     ListArc::pin_init(try_pin_init!(Job { number, links <- ListLinks::new() }), GFP_KERNEL)
/// # }
/// let mut jobs = List::new();
/// jobs.push_back(job(1)?);
/// jobs.push_back(job(2)?);
///
/// let mut cursor = jobs.cursor_back();
/// let last = cursor.peek_prev().ok_or(ENOENT)?;
/// assert_eq!(last.number, 2);
/// let last = last.remove();
///
/// // Now the other is the last.
/// assert_eq!(cursor.peek_prev().map(|job| job.number), Some(1));
/// assert!(cursor.peek_next().is_none());
/// assert_eq!(last.number, 2);
/// # Ok::<(), Error>(())
/// ```
pub struct CursorPeek<'a, 'b, T: ?Sized + ListItem<ID>, const ISNEXT: bool, const ID: u64> {
    cursor: &'a mut Cursor<'b, T, ID>,
    node: Node,
}

impl<'a, 'b, T: ?Sized + ListItem<ID>, const ISNEXT: bool, const ID: u64>
    CursorPeek<'a, 'b, T, ISNEXT, ID>
{
    /// Takes the item out of the list.
    pub fn remove(self) -> ListArc<T, ID> {
        // SAFETY: By the type invariant it is in the list.
        unsafe { self.cursor.take(self.node) }
    }

    /// Borrows the item in such a way that the borrower can become an owner.
    pub fn arc(&self) -> ArcBorrow<'_, T> {
        // SAFETY: By the type invariant it is in the list.
        let item = unsafe { self.cursor.list.value(self.node) };
        // SAFETY: It comes from an `Arc` which the list owns; the item can't be taken out as long
        // as `self` is borrowed.
        unsafe { ArcBorrow::from_raw(item) }
    }
}

impl<'a, 'b, T: ?Sized + ListItem<ID>, const ISNEXT: bool, const ID: u64> Deref
    for CursorPeek<'a, 'b, T, ISNEXT, ID>
{
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: By the type invariant it is in the list.
        let item = unsafe { self.cursor.list.value(self.node) };
        // SAFETY: Items are valid and shared as long as the list owns them; this one can't be taken
        // out as long as `self` is borrowed.
        unsafe { &*item }
    }
}
