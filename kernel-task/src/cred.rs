// SPDX-License-Identifier: GPL-2.0

//! Credentials: on whose behalf something happens.
//!
//! C header: [`include/linux/cred.h`](srctree/include/linux/cred.h),
//! [`Documentation/security/credentials.rst`](srctree/Documentation/security/credentials.rst)

use core::ptr::NonNull;

use crate::{bindings, sync::aref::AlwaysRefCounted, task::Kuid, types::Opaque};

/// A set of user, group and security identities: [`struct cred`].
///
/// It never changes: a task that changes its identity gets another set.
///
/// # Examples
///
/// ```
/// use kernel::{cred::Credential, sync::aref::ARef};
///
/// /// Remembers who opened something, for the checks that come later.
/// struct Opened {
///     by: ARef<Credential>,
/// }
///
/// # // SAFETY: `init_task` is a static, and its credentials never change.
/// # let init_cred = unsafe { (&raw const kernel::bindings::init_task.cred).read() };
/// // SAFETY: The first task keeps its credentials for ever.
/// let root = unsafe { Credential::from_ptr(init_cred) };
/// let opened = Opened { by: root.into() };
/// assert_eq!(opened.by.euid().into_uid_in_current_ns(), 0);
/// ```
///
/// # Invariants
///
/// The count of users is not zero for as long as a reference to a value of this type exists.
///
/// [`struct cred`]: srctree/include/linux/cred.h
#[repr(transparent)]
pub struct Credential(Opaque<bindings::cred>);

impl Credential {
    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// `ptr` points to a `cred` whose count of users does not become zero for the length of `'a`.
    #[inline]
    pub unsafe fn from_ptr<'a>(ptr: *const bindings::cred) -> &'a Credential {
        // SAFETY: `Credential` is a transparent wrapper of `cred`; the caller vouches for its life.
        unsafe { &*ptr.cast() }
    }

    /// The C structure.
    #[inline]
    pub fn as_ptr(&self) -> *const bindings::cred {
        self.0.get()
    }

    /// The security module's number for these credentials; 0 without one.
    #[inline]
    pub fn get_secid(&self) -> u32 {
        let mut secid = 0;
        // SAFETY: By the invariant of `Self`, the credentials are alive; `secid` takes a `u32`.
        unsafe { bindings::security_cred_getsecid(self.as_ptr(), &mut secid) };
        secid
    }

    /// The effective user id.
    #[inline]
    pub fn euid(&self) -> Kuid {
        // SAFETY: By the invariant of `Self`, the credentials are alive, and they do not change.
        Kuid::from_raw(unsafe { (*self.as_ptr()).euid })
    }
}

// SAFETY: The count of users keeps the structure alive.
unsafe impl AlwaysRefCounted for Credential {
    #[inline]
    fn inc_ref(&self) {
        // SAFETY: By the invariant of `Self`, the count is not zero yet.
        unsafe { bindings::get_cred(self.as_ptr()) };
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<Credential>) {
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::put_cred(obj.cast().as_ptr()) };
    }
}

// SAFETY: `put_cred` may be called from any thread.
unsafe impl Send for Credential {}

// SAFETY: A set of credentials does not change once others can see it.
unsafe impl Sync for Credential {}
