// SPDX-License-Identifier: GPL-2.0

//! The fields that make a struct fit for lists.

use super::{ring::Link, HasSelfPtr};
use crate::types::Opaque;
use core::ptr;
use pin_init::{init, PinInit};

/// The field by which an object is in a list.
///
/// The number says which lists: those with the same `ID`. Where the field lies is said by
/// [`impl_list_item!`]. It is used by nobody but the owner of the object's
/// [`ListArc<_, ID>`](super::ListArc), or the list that has that.
///
/// C counterpart: [`struct list_head`], in its use as a member of an item.
///
/// # Examples
///
/// An object for two lists:
///
/// ```
/// use kernel::list::{impl_list_arc_safe, impl_list_item, List, ListArc, ListLinks};
/// use kernel::sync::UniqueArc;
///
/// #[pin_data]
/// struct Page {
///     index: u32,
///     #[pin]
///     by_age: ListLinks<1>,
///     #[pin]
///     dirty: ListLinks<2>,
/// }
///
/// impl_list_arc_safe! {
///     impl ListArcSafe<1> for Page { untracked; }
///     impl ListArcSafe<2> for Page { untracked; }
/// }
/// impl_list_item! {
///     impl ListItem<1> for Page { using ListLinks { self.by_age }; }
///     impl ListItem<2> for Page { using ListLinks { self.dirty }; }
/// }
///
/// let page = UniqueArc::pin_init(
///     pin_init!(Page { index: 4, by_age <- ListLinks::new(), dirty <- ListLinks::new() }),
///     GFP_KERNEL,
/// )?;
/// let (one, two) = ListArc::pair_from_pin_unique(page);
///
/// let mut by_age = List::<Page, 1>::new();
/// let mut dirty = List::<Page, 2>::new();
/// by_age.push_back(one);
/// dirty.push_back(two);
///
/// // It is clean now.
/// drop(dirty.pop_front());
/// assert_eq!(by_age.iter().next().map(|page| page.index), Some(4));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The link is in a ring if and only if a [`List`](super::List) has the object, and then in the
/// ring of that list. Apart from then it belongs to the object's `ListArc<_, ID>`.
///
/// [`impl_list_item!`]: super::impl_list_item
/// [`struct list_head`]: srctree/include/linux/list.h
#[repr(transparent)]
pub struct ListLinks<const ID: u64 = 0> {
    link: Opaque<Link>,
}

// SAFETY: The link is used by the owner of the right to it, whoever that is. A list that is sent
// has the items sent, too, for which it asks.
unsafe impl<const ID: u64> Send for ListLinks<ID> {}

// SAFETY: There are no methods on a shared reference.
unsafe impl<const ID: u64> Sync for ListLinks<ID> {}

impl<const ID: u64> ListLinks<ID> {
    /// Initialises the field, for an object that is in no list.
    pub fn new() -> impl PinInit<Self> {
        // INVARIANT: The link is in no ring.
        init!(Self {
            link: Opaque::new(Link::OUT),
        })
    }

    /// Returns the link inside.
    pub(super) fn link(links: *mut Self) -> *mut Link {
        // `ListLinks` and `Opaque` are transparent wrappers.
        links.cast()
    }

    /// Returns the field that a link is inside of.
    pub(super) fn of_link(link: *mut Link) -> *mut Self {
        // `ListLinks` and `Opaque` are transparent wrappers.
        link.cast()
    }
}

/// A [`ListLinks`] that remembers which object it lies in.
///
/// For lists of trait objects. From the address of a link follows that of the object, but not what
/// the object's methods are: for that the list needs the whole pointer, which is stored here when
/// the object is put into a list.
///
/// `T` is the type of the items as the list has them, with the `dyn`.
///
/// # Examples
///
/// ```
/// use kernel::list::{
///     impl_list_arc_safe, impl_list_item, List, ListArc, ListArcSafe, ListLinksSelfPtr,
/// };
///
/// trait Work: ListArcSafe {
///     fn run(&self) -> u32;
/// }
///
/// #[pin_data]
/// struct Item<T: ?Sized> {
///     #[pin]
///     links: ListLinksSelfPtr<Item<dyn Work>>,
///     #[pin]
///     work: T,
/// }
///
/// impl_list_arc_safe! {
///     impl{T: ListArcSafe + ?Sized} ListArcSafe<0> for Item<T> { tracked_by work: T; }
/// }
/// impl_list_item! {
///     impl ListItem<0> for Item<dyn Work> { using ListLinksSelfPtr { self.links }; }
/// }
///
/// struct Double(u32);
/// struct Nothing;
///
/// impl_list_arc_safe! {
///     impl ListArcSafe<0> for Double { untracked; }
///     impl ListArcSafe<0> for Nothing { untracked; }
/// }
///
/// impl Work for Double {
///     fn run(&self) -> u32 {
///         2 * self.0
///     }
/// }
///
/// impl Work for Nothing {
///     fn run(&self) -> u32 {
///         0
///     }
/// }
///
/// fn item<T: ListArcSafe>(work: T) -> Result<ListArc<Item<T>>> {
///     ListArc::pin_init(
///         try_pin_init!(Item { links <- ListLinksSelfPtr::new(), work }),
///         GFP_KERNEL,
///     )
/// }
///
/// let mut list = List::<Item<dyn Work>>::new();
/// list.push_back(item(Double(4))?);
/// list.push_back(item(Nothing)?);
/// list.push_back(item(Double(7))?);
///
/// assert!(list.iter().map(|item| item.work.run()).eq([8, 0, 14]));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// While `inner` is in a ring, `owner` is the pointer that
/// [`Arc::into_raw`](crate::sync::Arc::into_raw) returned for the object.
#[repr(C)]
pub struct ListLinksSelfPtr<T: ?Sized, const ID: u64 = 0> {
    /// The links; for lists of items whose type is known there is no need of the pointer.
    pub inner: ListLinks<ID>,
    owner: Opaque<*const T>,
}

// SAFETY: As for `ListLinks`. The pointer is to the object around it, of type `T`, which goes
// along.
unsafe impl<T: ?Sized + Send, const ID: u64> Send for ListLinksSelfPtr<T, ID> {}

// SAFETY: There are no safe methods on a shared reference.
unsafe impl<T: ?Sized + Sync, const ID: u64> Sync for ListLinksSelfPtr<T, ID> {}

impl<T: ?Sized, const ID: u64> ListLinksSelfPtr<T, ID> {
    /// Initialises the field, for an object that is in no list.
    pub fn new() -> impl PinInit<Self> {
        // INVARIANT: `inner` is in no ring.
        init!(Self {
            inner: ListLinks {
                link: Opaque::new(Link::OUT),
            },
            owner: Opaque::uninit(),
        })
    }

    /// Returns where the pointer to the object is stored, without making a reference.
    ///
    /// # Safety
    ///
    /// `me` must point into an allocation that has a `ListLinksSelfPtr` there.
    pub unsafe fn raw_get_self_ptr(me: *const Self) -> *const Opaque<*const T> {
        // SAFETY: The caller says that it is within an allocation.
        unsafe { &raw const (*me).owner }
    }

    /// Stores the pointer to an object that goes into a list, and returns its links.
    ///
    /// Not API: public for the expansion of [`impl_list_item!`](super::impl_list_item).
    ///
    /// # Safety
    ///
    /// - `object` must point to a valid object.
    /// - The caller must own the object's `ListArc<T, ID>`, and the object be in no list.
    #[doc(hidden)]
    pub unsafe fn remember(object: *const T) -> *mut ListLinks<ID>
    where
        T: HasSelfPtr<T, ID>,
    {
        // SAFETY: The caller says that the object is valid.
        let links = unsafe { T::raw_get_list_links(object.cast_mut()) };
        // SAFETY: By the safety requirements of `HasSelfPtr` it is the `inner` of a `Self`, where
        // it comes first.
        let slot = unsafe { Self::raw_get_self_ptr(links.cast()) };
        // INVARIANT: The object is not yet in a list, and this is its pointer.
        // SAFETY: The slot is part of the object. It is read while the object is in a list only,
        // which the caller says it is not, and written to by the owner of the `ListArc` only: the
        // caller.
        unsafe { Opaque::cast_into(slot).write(object) };
        links
    }

    /// Returns the pointer to an object in a list.
    ///
    /// Not API: public for the expansion of [`impl_list_item!`](super::impl_list_item).
    ///
    /// # Safety
    ///
    /// `links` must come from [`remember`](Self::remember) of an object that is valid and, since
    /// then, in a list or about to be put into it, or has just been taken out.
    #[doc(hidden)]
    pub unsafe fn recall(links: *mut ListLinks<ID>) -> *const T
    where
        T: HasSelfPtr<T, ID>,
    {
        // SAFETY: What `remember` returned is the `inner` of a `Self`, where it comes first.
        let slot = unsafe { Self::raw_get_self_ptr(links.cast()) };
        // SAFETY: `remember` has written it, and it is not written to while the object is in the
        // list.
        unsafe { ptr::read(Opaque::cast_into(slot)) }
    }
}
