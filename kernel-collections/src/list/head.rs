// SPDX-License-Identifier: GPL-2.0

//! Lists.

use super::{
    ring::{Link, Node},
    Cursor, IntoIter, Iter, ListArc, ListItem, ListLinks,
};
use core::marker::PhantomData;

/// A linked list of shared objects, which owns their [`ListArc`]s.
///
/// No operation allocates memory. All take the same short time, but dropping a list and
/// [`Iter`]ating.
///
/// A list is no lock. If several threads use it, it has to be in one, and with it whoever
/// [`remove`](Self::remove)s. It may be moved.
///
/// Dropping it takes out the items one after the other, from the front, and gives up their
/// `ListArc`s; what nobody else owns is dropped.
///
/// C counterpart: [`struct list_head`], in its use as a head.
///
/// # Invariants
///
/// - The links of the items, and nothing else, are a ring of which `first` is one; without items
///   there is none.
/// - Each item was put in by [`ListItem::prepare_to_insert`], with the pointer of the `ListArc`
///   that the list owns in its place. So the items are valid, and their links are used by the list
///   alone.
///
/// # Examples
///
/// ```
/// use kernel::list::{impl_list_arc_safe, impl_list_item, List, ListArc, ListLinks};
/// use kernel::sync::{new_spinlock, SpinLock};
///
/// #[pin_data]
/// struct Request {
///     sector: u64,
///     #[pin]
///     links: ListLinks,
/// }
///
/// impl_list_arc_safe! {
///     impl ListArcSafe<0> for Request { untracked; }
/// }
/// impl_list_item! {
///     impl ListItem<0> for Request { using ListLinks { self.links }; }
/// }
///
/// #[pin_data]
/// struct Device {
///     #[pin]
///     waiting: SpinLock<List<Request>>,
/// }
///
/// impl Device {
///     fn submit(&self, sector: u64) -> Result {
///         // Allocates before the lock is taken.
///         let request = ListArc::pin_init(
///             try_pin_init!(Request { sector, links <- ListLinks::new() }),
///             GFP_KERNEL,
///         )?;
///         self.waiting.lock().push_back(request);
///         Ok(())
///     }
/// }
///
/// let device = KBox::pin_init(
///     pin_init!(Device { waiting <- new_spinlock!(List::new(), "Device::waiting") }),
///     GFP_KERNEL,
/// )?;
/// device.submit(8)?;
/// device.submit(64)?;
///
/// // Without the lock, for it may take its time.
/// let all = core::mem::take(&mut *device.waiting.lock());
/// assert_eq!(all.into_iter().map(|request| request.sector).sum::<u64>(), 72);
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct list_head`]: srctree/include/linux/list.h
pub struct List<T: ?Sized + ListItem<ID>, const ID: u64 = 0> {
    first: Option<Node>,
    _owns: PhantomData<ListArc<T, ID>>,
}

// SAFETY: It is a collection of `ListArc`s, which are sent with it.
unsafe impl<T, const ID: u64> Send for List<T, ID>
where
    ListArc<T, ID>: Send,
    T: ?Sized + ListItem<ID>,
{
}

// SAFETY: With a shared reference items can be looked at, and shared, as with a shared `ListArc`.
unsafe impl<T, const ID: u64> Sync for List<T, ID>
where
    ListArc<T, ID>: Sync,
    T: ?Sized + ListItem<ID>,
{
}

impl<T: ?Sized + ListItem<ID>, const ID: u64> List<T, ID> {
    /// Makes a list without items.
    pub const fn new() -> Self {
        // INVARIANT: There are no items, and there is no ring.
        Self {
            first: None,
            _owns: PhantomData,
        }
    }

    /// Returns whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Puts an item behind all others.
    pub fn push_back(&mut self, item: ListArc<T, ID>) {
        self.insert(None, item);
    }

    /// Puts an item before all others.
    pub fn push_front(&mut self, item: ListArc<T, ID>) {
        self.insert(self.first, item);
    }

    /// Takes out the last item.
    pub fn pop_back(&mut self) -> Option<ListArc<T, ID>> {
        let last = self.last()?;
        // SAFETY: It is in this list.
        Some(unsafe { self.take(last) })
    }

    /// Takes out the first item.
    pub fn pop_front(&mut self) -> Option<ListArc<T, ID>> {
        let first = self.first?;
        // SAFETY: It is in this list.
        Some(unsafe { self.take(first) })
    }

    /// Takes out an item that the caller knows, if it is in the list.
    ///
    /// Returns `None` if the item is in no list with this ID. (Whether it is in *another* list
    /// can't be seen, for which reason this is unsafe.)
    ///
    /// # Safety
    ///
    /// The link of `item` with this ID must belong to this list, or to none, and nobody else may
    /// put the item into a list or take it out until this returns. In detail:
    ///
    /// - **The owner.** Since the item was last in no list, it must not have been put into another
    ///   list of this ID than this one; nor may a list that it was in have become another, as by
    ///   [`mem::take`](core::mem::take) or [`push_all_back`](Self::push_all_back). A list on the
    ///   stack that has taken over the items of this one owns them, and it is no use that it did so
    ///   with the lock held.
    /// - **The lock.** There must be one lock, or other way of exclusion, that everyone holds who
    ///   puts this item into any list of this ID, takes it out of one, or goes through or changes
    ///   the list that it is in; and the caller must hold it. As a rule it is the lock that this
    ///   list is in: then `&mut self` is the proof that it is held here, but not that the others
    ///   hold it, too.
    ///
    /// So, where items are removed like this, the way to empty the list is to [`pop_front`] one
    /// item at a time, with the lock taken for each, and not to move the list out and empty it
    /// without. Binder did so: CVE-2025-68260.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::list::{impl_list_arc_safe, impl_list_item, List, ListArc, ListLinks};
    /// use kernel::sync::{new_mutex, Arc, Mutex};
    ///
    /// #[pin_data]
    /// struct Hub {
    ///     #[pin]
    ///     listeners: Mutex<List<Listener>>,
    /// }
    ///
    /// /// Is put into the list of its hub only. Who puts it there or takes it out has the lock.
    /// #[pin_data]
    /// struct Listener {
    ///     hub: Arc<Hub>,
    ///     #[pin]
    ///     links: ListLinks,
    /// }
    ///
    /// impl_list_arc_safe! {
    ///     impl ListArcSafe<0> for Listener { untracked; }
    /// }
    /// impl_list_item! {
    ///     impl ListItem<0> for Listener { using ListLinks { self.links }; }
    /// }
    ///
    /// impl Listener {
    ///     fn new(hub: &Arc<Hub>) -> Result<Arc<Self>> {
    ///         let listener: ListArc<Self> = ListArc::pin_init(
    ///             try_pin_init!(Self { hub: hub.clone(), links <- ListLinks::new() }),
    ///             GFP_KERNEL,
    ///         )?;
    ///         let shared = listener.clone_arc();
    ///         hub.listeners.lock().push_back(listener);
    ///         Ok(shared)
    ///     }
    ///
    ///     /// Returns whether it was listening.
    ///     fn stop(&self) -> bool {
    ///         let mut listeners = self.hub.listeners.lock();
    ///         // SAFETY: See the struct: it is in this list or in none, and all hold the lock.
    ///         unsafe { listeners.remove(self) }.is_some()
    ///     }
    /// }
    ///
    /// impl Hub {
    ///     fn close(&self) {
    ///         loop {
    ///             // A statement of its own, after which the lock is free again.
    ///             let listener = self.listeners.lock().pop_front();
    ///             let Some(listener) = listener else { break };
    ///             drop(listener);
    ///         }
    ///     }
    /// }
    ///
    /// let hub = Arc::pin_init(
    ///     pin_init!(Hub { listeners <- new_mutex!(List::new()) }),
    ///     GFP_KERNEL,
    /// )?;
    /// let (one, two) = (Listener::new(&hub)?, Listener::new(&hub)?);
    ///
    /// assert!(one.stop());
    /// assert!(!one.stop());
    /// hub.close();
    /// assert!(!two.stop());
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// [`pop_front`]: Self::pop_front
    pub unsafe fn remove(&mut self, item: &T) -> Option<ListArc<T, ID>> {
        // SAFETY: It points to an object.
        let links = unsafe { T::view_links(item) };
        // SAFETY: The links are valid as the object is. The caller says that nobody changes whether
        // the item is in a list, and if so, that it is in this, which is borrowed mutably.
        let node = unsafe { Node::enrolled(ListLinks::link(links)) }?;
        // SAFETY: It is in a list, and so in this one, says the caller.
        Some(unsafe { self.take(node) })
    }

    /// Moves all items of another list behind the ones here, in their order.
    ///
    /// The other list is empty afterwards. Takes the same time for any number of items.
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
    /// #     ListArc::pin_init(
    /// #         try_pin_init!(Job { number, links <- ListLinks::new() }),
    /// #         GFP_KERNEL,
    /// #     )
    /// # }
    /// let mut urgent = List::new();
    /// urgent.push_back(job(1)?);
    /// let mut later = List::new();
    /// later.push_back(job(2)?);
    /// later.push_back(job(3)?);
    ///
    /// urgent.push_all_back(&mut later);
    /// assert!(later.is_empty());
    /// assert!(urgent.iter().map(|job| job.number).eq([1, 2, 3]));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn push_all_back(&mut self, other: &mut List<T, ID>) {
        // INVARIANT: The other list has no items.
        let Some(theirs) = other.first.take() else {
            return;
        };
        match self.first {
            // SAFETY: Both are in the rings of lists that are borrowed mutably.
            // INVARIANT: The ring has the items of both, and so does this list; `first` stays.
            Some(ours) => unsafe { ours.cross(theirs) },
            // INVARIANT: It is the ring of this list now.
            None => self.first = Some(theirs),
        }
    }

    /// Returns a cursor before the first item.
    pub fn cursor_front(&mut self) -> Cursor<'_, T, ID> {
        let first = self.first;
        Cursor::new(self, first)
    }

    /// Returns a cursor behind the last item.
    pub fn cursor_back(&mut self) -> Cursor<'_, T, ID> {
        Cursor::new(self, None)
    }

    /// Returns an iterator over the items, from the front.
    pub fn iter(&self) -> Iter<'_, T, ID> {
        Iter::new(self)
    }

    /// Returns the first link.
    pub(super) fn first(&self) -> Option<Node> {
        self.first
    }

    /// Returns the last link.
    pub(super) fn last(&self) -> Option<Node> {
        // SAFETY: It is in the ring of this list, which is borrowed.
        self.first.map(|first| unsafe { first.prev() })
    }

    /// Returns the link after one, if it is not the last.
    ///
    /// # Safety
    ///
    /// `node` must be in this list.
    pub(super) unsafe fn after(&self, node: Node) -> Option<Node> {
        // SAFETY: It is in the ring of this list, says the caller; the list is borrowed.
        let next = unsafe { node.next() };
        (self.first != Some(next)).then_some(next)
    }

    /// Returns the link before one, if it is not the first.
    ///
    /// # Safety
    ///
    /// `node` must be in this list.
    pub(super) unsafe fn before(&self, node: Node) -> Option<Node> {
        if self.first == Some(node) {
            return None;
        }
        // SAFETY: It is in the ring of this list, says the caller; the list is borrowed.
        Some(unsafe { node.prev() })
    }

    /// Puts an item before the one at `next`, or behind all others if that is `None`.
    ///
    /// `next` has to be in this list.
    pub(super) fn insert(&mut self, next: Option<Node>, item: ListArc<T, ID>) -> Node {
        let raw = item.into_raw();
        // SAFETY: It comes from `into_raw`, of a `ListArc` that was ours. By its invariant the
        // object is in no list, and so `post_remove` was called for it if it ever was.
        let links = unsafe { T::prepare_to_insert(raw) };
        // SAFETY: By the invariant of `ListLinks` the link is in no ring, and belongs to who has
        // the `ListArc`; by the requirements of `ListItem` the pointer is good for all of the item.
        let node = unsafe { Node::alone(ListLinks::link(links)) };

        if let Some(first) = self.first {
            // SAFETY: One is in the ring of this list, the other has just been put into one.
            unsafe { next.unwrap_or(first).cross(node) };
        }
        // INVARIANT: The item is in the ring: before `next`, and if that was the first, or if there
        // was none, then the item is the first; without `next` it is before the first, and so the
        // last.
        if self.first == next {
            self.first = Some(node);
        }
        node
    }

    /// Takes an item out.
    ///
    /// # Safety
    ///
    /// `node` must be in this list.
    pub(super) unsafe fn take(&mut self, node: Node) -> ListArc<T, ID> {
        // SAFETY: It is in the ring of this list, which is borrowed mutably.
        let next = unsafe { node.leave() };
        // INVARIANT: The ring has one item less, and so has the list.
        if self.first == Some(node) {
            self.first = next;
        }
        // SAFETY: By the type invariant the links come from `prepare_to_insert` of an item, which
        // is valid as the list owns it.
        let item = unsafe { T::post_remove(ListLinks::of_link(node.as_ptr())) };
        // SAFETY: It is the pointer that came from `into_raw` when the item was put in. The item is
        // in no list.
        unsafe { ListArc::from_raw(item) }
    }

    /// Returns the item at a link.
    ///
    /// # Safety
    ///
    /// `node` must be in this list.
    pub(super) unsafe fn value(&self, node: Node) -> *const T {
        let link: *mut Link = node.as_ptr();
        // SAFETY: By the type invariant the links come from `prepare_to_insert`, of an item that is
        // valid and in the list.
        unsafe { T::view_value(ListLinks::of_link(link)) }
    }
}

impl<T: ?Sized + ListItem<ID>, const ID: u64> Default for List<T, ID> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: ?Sized + ListItem<ID>, const ID: u64> Drop for List<T, ID> {
    fn drop(&mut self) {
        while let Some(item) = self.pop_front() {
            drop(item);
        }
    }
}

impl<'a, T: ?Sized + ListItem<ID>, const ID: u64> IntoIterator for &'a List<T, ID> {
    type IntoIter = Iter<'a, T, ID>;
    type Item = crate::sync::ArcBorrow<'a, T>;

    fn into_iter(self) -> Iter<'a, T, ID> {
        self.iter()
    }
}

impl<T: ?Sized + ListItem<ID>, const ID: u64> IntoIterator for List<T, ID> {
    type IntoIter = IntoIter<T, ID>;
    type Item = ListArc<T, ID>;

    fn into_iter(self) -> IntoIter<T, ID> {
        IntoIter::new(self)
    }
}
