// SPDX-License-Identifier: GPL-2.0

//! Lists as collections.

use super::CListHead;
use crate::bindings;
use core::{iter::FusedIterator, marker::PhantomData};

/// A list that C code made, seen by its head.
///
/// `T` is what an item is seen as, and `OFFSET` the number of bytes from its beginning to its
/// `list_head`. Use [`clist_create!`], which computes that.
///
/// C counterpart: [`struct list_head`], in its use as a head.
///
/// # Invariants
///
/// - The head is that of a list. Each other link of its ring lies `OFFSET` bytes into a valid `T`.
/// - While there is a shared reference to it, neither the items that there are nor their order
///   change.
///
/// # Examples
///
/// ```
/// use kernel::{bindings, interop::list::{clist_create, CListHead}, types::Opaque};
///
/// // What bindgen makes of a structure of C's.
/// # #[expect(non_camel_case_types)]
/// #[repr(C)]
/// struct c_sample {
///     value: u32,
///     entry: bindings::list_head,
/// }
///
/// // What it is for Rust code.
/// #[repr(transparent)]
/// struct Sample(Opaque<c_sample>);
///
/// impl Sample {
///     fn value(&self) -> u32 {
///         // SAFETY: It is initialised, and nobody writes to it.
///         unsafe { (*self.0.get()).value }
///     }
/// }
///
/// // This would be a function of C's that makes a list.
/// let head = KBox::pin_init(CListHead::new(), GFP_KERNEL)?;
/// let mut samples = KVec::new();
/// for value in [3, 4] {
///     let sample = c_sample { value, entry: bindings::list_head::default() };
///     samples.push(KBox::new(Opaque::new(sample), GFP_KERNEL)?, GFP_KERNEL)?;
/// }
/// for sample in &samples {
///     let sample: *mut c_sample = sample.get();
///     // SAFETY: It is valid.
///     let entry = unsafe { &raw mut (*sample).entry };
///     // SAFETY: The head is initialised, the entry is about to be, and both stay.
///     unsafe { bindings::list_add_tail(entry, head.as_raw()) };
/// }
///
/// // SAFETY: These are all items of the list; they outlive it, and nobody changes them.
/// let list = clist_create!(unsafe { head.as_raw(), Sample, c_sample, entry });
/// assert!(!list.is_empty());
/// assert!(list.iter().map(Sample::value).eq([3, 4]));
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct list_head`]: srctree/include/linux/list.h
#[repr(transparent)]
pub struct CList<T, const OFFSET: usize>(CListHead, PhantomData<T>);

impl<T, const OFFSET: usize> CList<T, OFFSET> {
    /// Takes the head of a C list for a reference to the list.
    ///
    /// # Safety
    ///
    /// - `ptr` must point to an initialised `list_head` which is the head of a list.
    /// - Each item of it must have its `list_head` `OFFSET` bytes behind the beginning of what is a
    ///   valid `T`, in one allocation.
    /// - For the length of `'a` all of them must stay valid for shared references, and the list
    ///   must not be changed.
    #[inline]
    pub unsafe fn from_raw<'a>(ptr: *mut bindings::list_head) -> &'a Self {
        // INVARIANT: The caller promises just that, and what a `CListHead` asks for, which is less.
        // SAFETY: `CList` is a transparent wrapper; the caller says that the pointer is valid.
        unsafe { &*ptr.cast() }
    }

    /// Returns whether there are no items.
    #[inline]
    pub fn is_empty(&self) -> bool {
        !self.0.is_linked()
    }

    /// Returns an iterator over the items, from the front.
    #[inline]
    pub fn iter(&self) -> CListIter<'_, T, OFFSET> {
        // INVARIANT: The head is that of the list, and what comes after it is in its ring.
        CListIter {
            head: &self.0,
            next: self.0.next(),
            _items: PhantomData,
        }
    }
}

/// An iterator over the items of a C list, from the front.
///
/// See [`CList::iter`].
///
/// # Invariants
///
/// `head` is that of a [`CList<T, OFFSET>`](CList) which is borrowed for `'a`, and `next` is in its
/// ring.
///
/// # Examples
///
/// ```
/// use kernel::{bindings, interop::list::{CList, CListHead}};
///
/// let head = KBox::pin_init(CListHead::new(), GFP_KERNEL)?;
/// let item = KBox::pin_init(CListHead::new(), GFP_KERNEL)?;
/// // SAFETY: Both are initialised, and stay.
/// unsafe { bindings::list_add_tail(item.as_raw(), head.as_raw()) };
///
/// // SAFETY: The items are nothing but links, the only one being valid; nobody changes the list.
/// let list = unsafe { CList::<CListHead, 0>::from_raw(head.as_raw()) };
/// let mut items = list.iter();
/// assert!(items.next().is_some_and(|first| *first == *item));
/// assert!(items.next().is_none());
/// # Ok::<(), Error>(())
/// ```
pub struct CListIter<'a, T, const OFFSET: usize> {
    head: &'a CListHead,
    next: &'a CListHead,
    _items: PhantomData<&'a T>,
}

impl<'a, T, const OFFSET: usize> Iterator for CListIter<'a, T, OFFSET> {
    type Item = &'a T;

    fn next(&mut self) -> Option<Self::Item> {
        let link = self.next;
        // Once it is there, it stays there.
        if link == self.head {
            return None;
        }
        // INVARIANT: What comes next is in the ring, too.
        self.next = link.next();
        // SAFETY: By the type invariant it is the link of an item, and lies that far into it.
        let item = unsafe { link.as_raw().byte_sub(OFFSET) };
        // SAFETY: By the invariant of `CList` it is a valid `T` as long as the list is borrowed.
        Some(unsafe { &*item.cast::<T>() })
    }
}

impl<'a, T, const OFFSET: usize> FusedIterator for CListIter<'a, T, OFFSET> {}

/// Takes the head of a C list for a reference to a [`CList`](crate::interop::list::CList).
///
/// `clist_create!(unsafe { head, Item, c_item, field })`:
///
/// - `head` is a pointer to the head, a `*mut bindings::list_head`;
/// - `Item` is what an item is in Rust, as a rule a transparent wrapper of `c_item`;
/// - `c_item` is the structure that C's items are;
/// - `field` is its `list_head`, which may be one in a field (`inner.entry`).
///
/// See [`CList`](crate::interop::list::CList) for wrapped items.
///
/// # Safety
///
/// - `head` must point to an initialised `list_head` that is the head of a list.
/// - Each item must be a `c_item` linked by `field`, and valid as an `Item`.
/// - As long as the result is used, all of them must stay valid for shared references, and the list
///   must not be changed.
///
/// # Examples
///
/// The links are in a structure inside of the items, which are used as they are:
///
/// ```
/// use kernel::{bindings, interop::list::{clist_create, CListHead}};
///
/// #[repr(C)]
/// struct Common {
///     name: u64,
///     entry: bindings::list_head,
/// }
///
/// #[repr(C)]
/// struct Item {
///     id: u64,
///     common: Common,
/// }
///
/// let head = KBox::pin_init(CListHead::new(), GFP_KERNEL)?;
/// let mut item = Item {
///     id: 1,
///     common: Common { name: 2, entry: bindings::list_head::default() },
/// };
/// let item: *mut Item = &mut item;
/// // SAFETY: It points to an item.
/// let entry = unsafe { &raw mut (*item).common.entry };
/// // SAFETY: The head is initialised, the entry is about to be, and both stay.
/// unsafe { bindings::list_add_tail(entry, head.as_raw()) };
///
/// // SAFETY: That was the only item; nobody changes it or the list.
/// let list = clist_create!(unsafe { head.as_raw(), Item, Item, common.entry });
/// assert_eq!(list.iter().map(|item| item.id + item.common.name).sum::<u64>(), 3);
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! clist_create {
    (unsafe { $head:expr, $item:ty, $c_item:ty, $($field:tt).+ $(,)? }) => {{
        // Never called: the field has to be a `list_head`.
        #[allow(unused_unsafe)]
        let _ = |item: &$c_item| -> *const $crate::bindings::list_head {
            // SAFETY: An address only, also if the field is one of a union.
            unsafe { &raw const item $(.$field)+ }
        };
        const {
            ::core::assert!(
                ::core::mem::size_of::<$item>() <= ::core::mem::size_of::<$c_item>(),
                "an item reaches beyond the structure that it is"
            )
        };

        #[allow(clippy::macro_metavars_in_unsafe)]
        // SAFETY: The caller of the macro promises just that, by the `unsafe` in its arguments.
        let list = unsafe {
            $crate::interop::list::CList::<
                $item,
                { ::core::mem::offset_of!($c_item, $($field).+) },
            >::from_raw($head)
        };
        list
    }};
}
pub use clist_create;
