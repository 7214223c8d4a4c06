// SPDX-License-Identifier: GPL-2.0

//! `struct list_head`, as head or as member.

use crate::{bindings, prelude::*, types::Opaque};

/// A link of a C list, be it the head or in an item.
///
/// C counterpart: [`struct list_head`].
///
/// # Invariants
///
/// - It is initialised: following `next` leads through a ring of links, and back.
/// - While there is a shared reference to it, the links of the ring stay valid; and none of the
///   ring is changed while one of the methods here runs. It may be changed in between, by who has a
///   right to.
///
/// # Examples
///
/// A head for a list that C functions fill:
///
/// ```
/// use kernel::{bindings, interop::list::CListHead};
///
/// let head = KBox::pin_init(CListHead::new(), GFP_KERNEL)?;
/// let member = KBox::pin_init(CListHead::new(), GFP_KERNEL)?;
/// assert!(!head.is_linked());
/// assert!(head.next() == &*head);
///
/// // SAFETY: Both are initialised, and nobody else has them.
/// unsafe { bindings::list_add_tail(member.as_raw(), head.as_raw()) };
/// assert!(head.is_linked());
/// assert!(head.next() == &*member);
///
/// // SAFETY: As above; and so the head does not outlive what it is linked to.
/// unsafe { bindings::list_del_init(member.as_raw()) };
/// assert!(!head.is_linked());
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct list_head`]: srctree/include/linux/list.h
#[pin_data]
#[repr(transparent)]
pub struct CListHead {
    #[pin]
    inner: Opaque<bindings::list_head>,
}

// SAFETY: A link belongs to no thread. Nothing happens on a drop.
unsafe impl Send for CListHead {}

// SAFETY: The methods only read; by the type invariant nobody writes meanwhile.
unsafe impl Sync for CListHead {}

impl CListHead {
    /// Initialises a head without items, or a member of no list.
    ///
    /// What C code links it to has to be unlinked before it is dropped, which does nothing.
    pub fn new() -> impl PinInit<Self> {
        // INVARIANT: It is a ring of one.
        pin_init!(Self {
            // SAFETY: `ffi_init` gives memory that is valid for writes and stays in place.
            inner <- Opaque::ffi_init(|head| unsafe { bindings::INIT_LIST_HEAD(head) }),
        })
    }

    /// Takes C's structure for a reference.
    ///
    /// # Safety
    ///
    /// - `ptr` must point to an initialised `list_head`.
    /// - For the length of `'a` it must stay where it is, and with it all links of its ring.
    /// - Whoever changes the ring during `'a` must do so while no method of the result runs, nor of
    ///   what [`next`](Self::next) returns.
    #[inline]
    pub unsafe fn from_raw<'a>(ptr: *mut bindings::list_head) -> &'a Self {
        // INVARIANT: The caller promises just that.
        // SAFETY: `CListHead` is a transparent wrapper; the caller says that the pointer is valid.
        unsafe { &*ptr.cast() }
    }

    /// Returns the C structure.
    ///
    /// Who links it to something with that takes care of the type invariants.
    #[inline]
    pub fn as_raw(&self) -> *mut bindings::list_head {
        self.inner.get()
    }

    /// Returns the next link; that of a link which is alone is the same.
    #[inline]
    pub fn next(&self) -> &Self {
        // SAFETY: By the type invariant it is initialised and not being changed.
        let next = unsafe { (*self.as_raw()).next };
        // SAFETY: By the type invariant it is a link of the same ring, which stays valid as long as
        // `self` is borrowed, and does not change while a method runs.
        unsafe { Self::from_raw(next) }
    }

    /// Returns whether there are other links: a head has items, a member is in a list.
    ///
    /// C: the opposite of [`list_empty()`](srctree/include/linux/list.h).
    #[inline]
    pub fn is_linked(&self) -> bool {
        self != self.next()
    }
}

/// Two links are equal if they are the same.
impl PartialEq for CListHead {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self, other)
    }
}

impl Eq for CListHead {}
