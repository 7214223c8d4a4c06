// SPDX-License-Identifier: GPL-2.0

//! Going through a list.

use super::{ring::Node, List, ListArc, ListItem};
use crate::sync::ArcBorrow;
use core::iter::FusedIterator;

/// An iterator over the items of a list, from the front; they stay in the list.
///
/// See [`List::iter`].
///
/// # Invariants
///
/// `next` is in the list.
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
/// use kernel::sync::Arc;
///
/// let mut jobs = List::new();
/// jobs.push_back(job(3)?);
/// jobs.push_back(job(5)?);
///
/// // Keeps the largest.
/// let kept: Option<Arc<Job>> = jobs.iter().max_by_key(|job| job.number).map(Arc::from);
/// drop(jobs);
/// assert_eq!(kept.map(|job| job.number), Some(5));
/// # Ok::<(), Error>(())
/// ```
pub struct Iter<'a, T: ?Sized + ListItem<ID>, const ID: u64 = 0> {
    list: &'a List<T, ID>,
    next: Option<Node>,
}

impl<'a, T: ?Sized + ListItem<ID>, const ID: u64> Iter<'a, T, ID> {
    /// Begins at the front of a list.
    pub(super) fn new(list: &'a List<T, ID>) -> Self {
        // INVARIANT: It is the first one of the list.
        Self {
            next: list.first(),
            list,
        }
    }
}

impl<'a, T: ?Sized + ListItem<ID>, const ID: u64> Iterator for Iter<'a, T, ID> {
    type Item = ArcBorrow<'a, T>;

    fn next(&mut self) -> Option<ArcBorrow<'a, T>> {
        let node = self.next?;
        // INVARIANT: What comes after it is in the list, too.
        // SAFETY: By the type invariant it is in the list.
        self.next = unsafe { self.list.after(node) };
        // SAFETY: By the type invariant it is in the list.
        let item = unsafe { self.list.value(node) };
        // SAFETY: It comes from an `Arc`, and the list, which owns that one, is borrowed for `'a`.
        Some(unsafe { ArcBorrow::from_raw(item) })
    }
}

impl<'a, T: ?Sized + ListItem<ID>, const ID: u64> FusedIterator for Iter<'a, T, ID> {}

/// An iterator that takes the items out of a list, from both ends.
///
/// What is left when it is dropped is dropped. See [`List::into_iter`].
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
/// for number in 0..4 {
///     jobs.push_back(job(number)?);
/// }
///
/// let mut reversed = List::new();
/// for job in jobs.into_iter().rev() {
///     reversed.push_back(job);
/// }
/// assert!(reversed.iter().map(|job| job.number).eq([3, 2, 1, 0]));
/// # Ok::<(), Error>(())
/// ```
pub struct IntoIter<T: ?Sized + ListItem<ID>, const ID: u64 = 0> {
    rest: List<T, ID>,
}

impl<T: ?Sized + ListItem<ID>, const ID: u64> IntoIter<T, ID> {
    /// Takes all items of a list.
    pub(super) fn new(rest: List<T, ID>) -> Self {
        Self { rest }
    }
}

impl<T: ?Sized + ListItem<ID>, const ID: u64> Iterator for IntoIter<T, ID> {
    type Item = ListArc<T, ID>;

    fn next(&mut self) -> Option<ListArc<T, ID>> {
        self.rest.pop_front()
    }
}

impl<T: ?Sized + ListItem<ID>, const ID: u64> DoubleEndedIterator for IntoIter<T, ID> {
    fn next_back(&mut self) -> Option<ListArc<T, ID>> {
        self.rest.pop_back()
    }
}

impl<T: ?Sized + ListItem<ID>, const ID: u64> FusedIterator for IntoIter<T, ID> {}
