// SPDX-License-Identifier: GPL-2.0

//! Links that form rings: all that a list does to the memory of its items.
//!
//! A link is either in no ring, with null in both of its pointers, or it is in one, and then
//! following `next` leads through all links of the ring and back, and following `prev` the other
//! way. A list is a ring together with the knowledge which link is its first.
//!
//! There is a single operation, [`Node::cross`]. It joins two rings into one, or cuts one in two.

use core::ptr::{self, NonNull};

/// What lies in an item for each list that it may be in.
#[repr(C)]
pub(super) struct Link {
    next: *mut Link,
    prev: *mut Link,
}

impl Link {
    /// A link in no ring.
    pub(super) const OUT: Self = Self {
        next: ptr::null_mut(),
        prev: ptr::null_mut(),
    };
}

/// A link that is in a ring.
///
/// The methods that follow and change pointers are unsafe, as only the list knows that no other
/// list has the ring, and that the items are there.
///
/// # Invariants
///
/// The pointer was, when the `Node` was made, that of a link in a ring, and may be used for all of
/// the item that the link lies in.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Node(NonNull<Link>);

impl Node {
    /// Makes a ring of one link.
    ///
    /// # Safety
    ///
    /// - `link` must point to a link in no ring, and be good for the whole item around it.
    /// - Nobody else may look at the link or change it during the call.
    pub(super) unsafe fn alone(link: *mut Link) -> Self {
        let of_itself = Link {
            next: link,
            prev: link,
        };
        // SAFETY: The link is valid for writes, and nobody else uses it, says the caller.
        unsafe { link.write(of_itself) };
        // INVARIANT: It is in a ring now.
        // SAFETY: A pointer to a link is not null.
        Self(unsafe { NonNull::new_unchecked(link) })
    }

    /// Looks whether a link is in a ring.
    ///
    /// The result is the pointer that the ring has for the link, and so is good for the whole item
    /// even if `link` is not.
    ///
    /// # Safety
    ///
    /// - `link` must point to a valid link.
    /// - Nobody else may change it, or the ring it is in, during the call.
    pub(super) unsafe fn enrolled(link: *mut Link) -> Option<Self> {
        // SAFETY: The caller says that the link is valid and does not change.
        let next = NonNull::new(unsafe { (*link).next })?;
        // INVARIANT: By the invariant of rings the next one is a link, and its `prev` is this one,
        // as it was given to `alone`.
        // SAFETY: The links of a ring are valid; the ring does not change, says the caller.
        let this = unsafe { (*next.as_ptr()).prev };
        NonNull::new(this).map(Self)
    }

    /// The address of the link.
    pub(super) fn as_ptr(self) -> *mut Link {
        self.0.as_ptr()
    }

    /// Returns the link after this one, which is the same if the ring has no other.
    ///
    /// # Safety
    ///
    /// The link must be in a ring, which nobody else may change during the call.
    pub(super) unsafe fn next(self) -> Self {
        // SAFETY: The caller says that the link is in a ring, and links in a ring are valid.
        let next = unsafe { (*self.as_ptr()).next };
        // INVARIANT: It is in the same ring.
        // SAFETY: In a ring, there are no null pointers.
        Self(unsafe { NonNull::new_unchecked(next) })
    }

    /// Returns the link before this one, which is the same if the ring has no other.
    ///
    /// # Safety
    ///
    /// As for [`next`](Self::next).
    pub(super) unsafe fn prev(self) -> Self {
        // SAFETY: The caller says that the link is in a ring, and links in a ring are valid.
        let prev = unsafe { (*self.as_ptr()).prev };
        // INVARIANT: It is in the same ring.
        // SAFETY: In a ring, there are no null pointers.
        Self(unsafe { NonNull::new_unchecked(prev) })
    }

    /// Makes `next` follow this link.
    ///
    /// # Safety
    ///
    /// Both links must be in rings, which nobody else may use during the call. Until each link is
    /// followed by one and is before that one again, they are no rings.
    unsafe fn set_next(self, next: Self) {
        // SAFETY: Links in a ring are valid, and the caller says that nobody else uses them.
        unsafe { (*self.as_ptr()).next = next.as_ptr() };
        // SAFETY: As above.
        unsafe { (*next.as_ptr()).prev = self.as_ptr() };
    }

    /// Exchanges what comes before `self` with what comes before `other`.
    ///
    /// If they are in different rings, those become one, in which all of the other ring, beginning
    /// with `other`, comes between `self` and what was before it. If they are in the same, it
    /// becomes two: one from `self` to what was before `other`, and one from `other` to what was
    /// before `self`.
    ///
    /// # Safety
    ///
    /// Both must be in rings, which nobody else may use during the call.
    pub(super) unsafe fn cross(self, other: Self) {
        // SAFETY: The caller's promise.
        let before_self = unsafe { self.prev() };
        // SAFETY: The caller's promise.
        let before_other = unsafe { other.prev() };
        // SAFETY: All four are in those rings. After the second step each link has a follower that
        // it comes before, as `other` lost its predecessor in this one and gets the other there.
        unsafe { before_self.set_next(other) };
        // SAFETY: As above.
        unsafe { before_other.set_next(self) };
    }

    /// Takes the link out of its ring, and returns what came after it, if there was more.
    ///
    /// # Safety
    ///
    /// It must be in a ring, which nobody else may use during the call.
    pub(super) unsafe fn leave(self) -> Option<Self> {
        // SAFETY: The caller's promise.
        let next = unsafe { self.next() };
        // Of a ring of one this makes the same ring.
        //
        // SAFETY: Both are in the ring that nobody else uses.
        unsafe { next.cross(self) };
        // SAFETY: The link is valid, and alone in its ring, which ends with this.
        unsafe { self.as_ptr().write(Link::OUT) };
        (next != self).then_some(next)
    }
}
