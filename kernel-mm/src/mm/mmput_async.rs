// SPDX-License-Identifier: GPL-2.0

//! A reference to an address space that may be dropped where sleeping is not allowed.
//!
//! Apart from [`mm`](crate::mm), because C has `mmput_async` only with `CONFIG_MMU`.

use core::{ops::Deref, ptr::NonNull};

use crate::{
    bindings,
    mm::MmWithUser,
    sync::aref::{ARef, AlwaysRefCounted},
};

/// A [`MmWithUser`] whose last reference leaves the unmapping to a work queue.
///
/// # Examples
///
/// ```
/// use kernel::{mm::{MmWithUser, MmWithUserAsync}, sync::aref::ARef};
///
/// /// Holds an address space on behalf of an interrupt handler, which can't sleep.
/// struct Target {
///     mm: ARef<MmWithUserAsync>,
/// }
///
/// // SAFETY: `init_mm` is a static, and has users at all times.
/// let init_mm = unsafe { MmWithUser::from_raw(&raw const kernel::bindings::init_mm) };
/// let target = Target { mm: MmWithUser::into_mmput_async(init_mm.into()) };
/// assert!(core::ptr::eq(&**target.mm, init_mm));
/// ```
///
/// # Invariants
///
/// Those of [`MmWithUser`].
#[repr(transparent)]
pub struct MmWithUserAsync {
    mm: MmWithUser,
}

impl MmWithUser {
    /// Turns a reference into one that may be dropped where sleeping is not allowed.
    #[inline]
    pub fn into_mmput_async(me: ARef<MmWithUser>) -> ARef<MmWithUserAsync> {
        let raw = ARef::into_raw(me).cast();
        // SAFETY: Both types wrap the same structure and count by `mm_users`; the count moves over.
        unsafe { ARef::from_raw(raw) }
    }
}

impl Deref for MmWithUserAsync {
    type Target = MmWithUser;

    #[inline]
    fn deref(&self) -> &MmWithUser {
        &self.mm
    }
}

// SAFETY: `mm_users` counts the references, as for `MmWithUser`.
unsafe impl AlwaysRefCounted for MmWithUserAsync {
    fn inc_ref(&self) {
        self.mm.inc_ref();
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::mmput_async(obj.cast().as_ptr()) };
    }
}

// SAFETY: `mmput_async` may be called from any thread.
unsafe impl Send for MmWithUserAsync {}

// SAFETY: What a shared reference offers is what `MmWithUser` offers, which is `Sync`.
unsafe impl Sync for MmWithUserAsync {}
