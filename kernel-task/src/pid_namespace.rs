// SPDX-License-Identifier: GPL-2.0

//! PID namespaces: in each, a task has a number of its own.
//!
//! C header: [`include/linux/pid_namespace.h`](srctree/include/linux/pid_namespace.h)

use core::ptr::NonNull;

use crate::{bindings, sync::aref::AlwaysRefCounted, types::Opaque};

/// A PID namespace: [`struct pid_namespace`].
///
/// # Examples
///
/// ```
/// use kernel::{pid_namespace::PidNamespace, sync::aref::ARef};
///
/// let here: ARef<PidNamespace> = current!().get_pid_ns().ok_or(ESRCH)?;
/// // The number of a task depends on the namespace that asks.
/// assert_eq!(current!().tgid_nr_ns(Some(&here)), current!().tgid_nr_ns(None));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The count of users is not zero for as long as a reference to a value of this type exists.
///
/// [`struct pid_namespace`]: srctree/include/linux/pid_namespace.h
#[repr(transparent)]
pub struct PidNamespace {
    ns: Opaque<bindings::pid_namespace>,
}

impl PidNamespace {
    /// The C structure.
    #[inline]
    pub fn as_ptr(&self) -> *mut bindings::pid_namespace {
        self.ns.get()
    }

    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// `ptr` points to a `pid_namespace` whose count does not become zero for the length of `'a`.
    #[inline]
    pub unsafe fn from_ptr<'a>(ptr: *const bindings::pid_namespace) -> &'a Self {
        // SAFETY: `PidNamespace` is a transparent wrapper of `pid_namespace`; the caller vouches for
        // its life.
        unsafe { &*ptr.cast() }
    }
}

// SAFETY: The count of users keeps the structure alive.
unsafe impl AlwaysRefCounted for PidNamespace {
    #[inline]
    fn inc_ref(&self) {
        // SAFETY: By the invariant of `Self`, the count is not zero yet.
        unsafe { bindings::get_pid_ns(self.as_ptr()) };
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<PidNamespace>) {
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::put_pid_ns(obj.cast().as_ptr()) };
    }
}

// SAFETY: `put_pid_ns` may be called from any thread.
unsafe impl Send for PidNamespace {}

// SAFETY: A shared reference only tells namespaces apart, and takes part in the atomic count.
unsafe impl Sync for PidNamespace {}
