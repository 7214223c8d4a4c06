// SPDX-License-Identifier: GPL-2.0

//! Address spaces.
//!
//! C counts the users of a `struct mm_struct` twice, and this module gives each count a type:
//!
//! - [`Mm`] keeps the structure alive (`mm_count`). The process may have ended, and its mappings may
//!   be gone.
//! - [`MmWithUser`] keeps the mappings alive as well (`mm_users`). Only such an address space can be
//!   locked and looked into. [`Mm::mmget_not_zero`] gets there, if it is not too late.
//! - [`MmWithUserAsync`] is the same, and can be dropped where sleeping is not allowed.
//!
//! The areas of an address space are in [`virt`].
//!
//! C header: [`include/linux/mm.h`](srctree/include/linux/mm.h),
//! [`include/linux/sched/mm.h`](srctree/include/linux/sched/mm.h)

use core::{ops::Deref, ptr::NonNull};

use crate::{
    bindings,
    sync::aref::{ARef, AlwaysRefCounted},
    types::{NotThreadSafe, Opaque},
};

#[cfg(CONFIG_MMU)]
mod mmput_async;
pub mod virt;

#[cfg(CONFIG_MMU)]
pub use mmput_async::MmWithUserAsync;
use virt::VmaRef;

/// An address space whose process may be gone: [`struct mm_struct`], held by `mm_count`.
///
/// It serves to tell address spaces apart, and to get back to the mappings later.
///
/// # Examples
///
/// A kernel thread has no address space of its own; the initial one never ends:
///
/// ```
/// use kernel::{mm::Mm, sync::aref::ARef};
///
/// /// Remembers an address space, and says later whether its mappings still exist.
/// struct Watched {
///     mm: ARef<Mm>,
/// }
///
/// impl Watched {
///     fn is_in_use(&self) -> bool {
///         self.mm.mmget_not_zero().is_some()
///     }
/// }
///
/// // SAFETY: `init_mm` is a static, and is never freed.
/// let init_mm = unsafe { Mm::from_raw(&raw const kernel::bindings::init_mm) };
/// let watched = Watched { mm: init_mm.into() };
/// assert!(watched.is_in_use());
/// ```
///
/// # Invariants
///
/// `mm_count` is not zero for as long as a reference to a value of this type exists.
///
/// [`struct mm_struct`]: srctree/include/linux/mm_types.h
#[repr(transparent)]
pub struct Mm {
    mm: Opaque<bindings::mm_struct>,
}

impl Mm {
    /// The C structure.
    #[inline]
    pub fn as_raw(&self) -> *mut bindings::mm_struct {
        self.mm.get()
    }

    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// `ptr` points to an `mm_struct` whose `mm_count` does not become zero for the length of `'a`.
    #[inline]
    pub unsafe fn from_raw<'a>(ptr: *const bindings::mm_struct) -> &'a Mm {
        // SAFETY: `Mm` is a transparent wrapper of `mm_struct`; the caller vouches for its life.
        unsafe { &*ptr.cast() }
    }

    /// Gets hold of the mappings, unless the last process that used them has let go.
    #[inline]
    pub fn mmget_not_zero(&self) -> Option<ARef<MmWithUser>> {
        // SAFETY: By the invariant of `Self`, the structure is alive.
        let held = unsafe { bindings::mmget_not_zero(self.as_raw()) };
        // SAFETY: `mmget_not_zero` has counted one user up, which the new reference owns.
        held.then(|| unsafe { ARef::from_raw(NonNull::from(self).cast()) })
    }
}

// SAFETY: `mm_count` counts the references; the structure stays until it is zero.
unsafe impl AlwaysRefCounted for Mm {
    fn inc_ref(&self) {
        // SAFETY: By the invariant of `Self`, the count is not zero yet.
        unsafe { bindings::mmgrab(self.as_raw()) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::mmdrop(obj.cast().as_ptr()) };
    }
}

// SAFETY: `mmdrop` may be called from any thread.
unsafe impl Send for Mm {}

// SAFETY: What a shared reference offers is either atomic or takes no part of the structure.
unsafe impl Sync for Mm {}

/// An address space with its mappings: [`struct mm_struct`], held by `mm_users`.
///
/// Dropping the last reference unmaps everything, and may sleep; see
/// [`MmWithUser::into_mmput_async`] for where it must not.
///
/// # Examples
///
/// ```
/// use kernel::mm::MmWithUser;
///
/// /// How many bytes the area around `address` spans, if there is one.
/// fn area_size(mm: &MmWithUser, address: usize) -> Option<usize> {
///     let guard = mm.mmap_read_lock();
///     let vma = guard.vma_lookup(address)?;
///     Some(vma.end() - vma.start())
/// }
///
/// // SAFETY: `init_mm` is a static, and has users at all times.
/// let init_mm = unsafe { MmWithUser::from_raw(&raw const kernel::bindings::init_mm) };
/// // The kernel's own address space has no areas for user space.
/// assert_eq!(area_size(init_mm, 0x1000), None);
/// ```
///
/// # Invariants
///
/// `mm_users` is not zero for as long as a reference to a value of this type exists.
///
/// [`struct mm_struct`]: srctree/include/linux/mm_types.h
#[repr(transparent)]
pub struct MmWithUser {
    mm: Mm,
}

impl MmWithUser {
    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// `ptr` points to an `mm_struct` whose `mm_users` does not become zero for the length of `'a`.
    #[inline]
    pub unsafe fn from_raw<'a>(ptr: *const bindings::mm_struct) -> &'a MmWithUser {
        // SAFETY: `MmWithUser` is a transparent wrapper of `mm_struct`; the caller vouches for its
        // users.
        unsafe { &*ptr.cast() }
    }

    /// Locks the one area that `vma_addr` lies in, without the lock of the whole address space.
    ///
    /// [`None`] means only that this way was not open: there may be no such area, or it is being
    /// changed, or the kernel has no locks for single areas. Fall back on
    /// [`MmWithUser::mmap_read_lock`].
    #[inline]
    pub fn lock_vma_under_rcu(&self, vma_addr: usize) -> Option<VmaReadGuard<'_>> {
        #[cfg(CONFIG_PER_VMA_LOCK)]
        {
            // SAFETY: By the invariant of `Self`, the address space has users.
            let vma = unsafe { bindings::lock_vma_under_rcu(self.as_raw(), vma_addr) };
            if vma.is_null() {
                return None;
            }
            // INVARIANT: The area was just locked for reading.
            Some(VmaReadGuard {
                // SAFETY: A locked area stays for as long as the guard that is made here.
                vma: unsafe { VmaRef::from_raw(vma) },
                _not_send: NotThreadSafe,
            })
        }
        #[cfg(not(CONFIG_PER_VMA_LOCK))]
        {
            let _ = vma_addr;
            None
        }
    }

    /// Locks the address space against changes to its areas, and sleeps until that is possible.
    #[inline]
    pub fn mmap_read_lock(&self) -> MmapReadGuard<'_> {
        // SAFETY: By the invariant of `Self`, the address space has users.
        unsafe { bindings::mmap_read_lock(self.as_raw()) };
        // INVARIANT: The lock was just taken.
        MmapReadGuard {
            mm: self,
            _not_send: NotThreadSafe,
        }
    }

    /// Locks the address space as [`MmWithUser::mmap_read_lock`] does, if that needs no wait.
    #[inline]
    pub fn mmap_read_trylock(&self) -> Option<MmapReadGuard<'_>> {
        // SAFETY: By the invariant of `Self`, the address space has users.
        let locked = unsafe { bindings::mmap_read_trylock(self.as_raw()) };
        // INVARIANT: The lock was just taken.
        locked.then(|| MmapReadGuard {
            mm: self,
            _not_send: NotThreadSafe,
        })
    }
}

impl Deref for MmWithUser {
    type Target = Mm;

    #[inline]
    fn deref(&self) -> &Mm {
        &self.mm
    }
}

// SAFETY: `mm_users` counts the references; the mappings, and so the structure, stay until it is zero.
unsafe impl AlwaysRefCounted for MmWithUser {
    fn inc_ref(&self) {
        // SAFETY: By the invariant of `Self`, the count is not zero yet.
        unsafe { bindings::mmget(self.as_raw()) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::mmput(obj.cast().as_ptr()) };
    }
}

// SAFETY: `mmput` may be called from any thread.
unsafe impl Send for MmWithUser {}

// SAFETY: What a shared reference offers takes the lock it needs.
unsafe impl Sync for MmWithUser {}

/// An address space's lock, held for reading; dropping it unlocks.
///
/// # Invariants
///
/// The current thread holds `mmap_lock` of `mm` for reading.
pub struct MmapReadGuard<'a> {
    mm: &'a MmWithUser,
    /// The lock is to be released by the thread that took it.
    _not_send: NotThreadSafe,
}

impl<'a> MmapReadGuard<'a> {
    /// The area that `vma_addr` lies in.
    #[inline]
    pub fn vma_lookup(&self, vma_addr: usize) -> Option<&VmaRef> {
        // SAFETY: By the invariant of `Self`, `mmap_lock` is held.
        let vma = unsafe { bindings::vma_lookup(self.mm.as_raw(), vma_addr) };
        if vma.is_null() {
            return None;
        }
        // SAFETY: Areas stay while `mmap_lock` is held, and the reference ends before this guard.
        Some(unsafe { VmaRef::from_raw(vma) })
    }
}

impl Drop for MmapReadGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the invariant of `Self`, this thread holds the lock.
        unsafe { bindings::mmap_read_unlock(self.mm.as_raw()) };
    }
}

/// An area's own lock, held for reading; dropping it unlocks.
///
/// # Invariants
///
/// The current thread holds the lock of `vma` for reading.
pub struct VmaReadGuard<'a> {
    vma: &'a VmaRef,
    /// The lock is to be released by the thread that took it.
    _not_send: NotThreadSafe,
}

impl Deref for VmaReadGuard<'_> {
    type Target = VmaRef;

    #[inline]
    fn deref(&self) -> &VmaRef {
        self.vma
    }
}

impl Drop for VmaReadGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the invariant of `Self`, this thread holds the lock.
        unsafe { bindings::vma_end_read(self.vma.as_ptr()) };
    }
}

#[macros::kunit_tests(rust_mm)]
mod tests {
    use super::*;

    /// The kernel's own address space, which always has users.
    fn init_mm() -> &'static MmWithUser {
        let init_mm = &raw const bindings::init_mm;
        // SAFETY: `init_mm` is a static whose counts never become zero.
        unsafe { MmWithUser::from_raw(init_mm) }
    }

    #[test]
    fn both_counts_go_up_and_down() {
        let user: ARef<MmWithUser> = init_mm().into();
        let plain: ARef<Mm> = ARef::from(&**init_mm());
        assert!(core::ptr::eq(&**user, &*plain));
        let again = plain.mmget_not_zero();
        assert!(again.is_some());
        drop(again);
        drop(plain);
        assert!(user.mmget_not_zero().is_some());
    }

    #[test]
    fn a_held_lock_can_be_taken_again_for_reading() {
        let first = init_mm().mmap_read_trylock();
        assert!(first.is_some());
        let second = init_mm().mmap_read_trylock();
        assert!(second.is_some());
    }

    #[test]
    fn an_address_without_area_has_none() {
        let guard = init_mm().mmap_read_lock();
        assert!(guard.vma_lookup(0).is_none());
        assert!(guard.vma_lookup(usize::MAX).is_none());
        drop(guard);
        assert!(init_mm().lock_vma_under_rcu(0).is_none());
    }

    #[cfg(CONFIG_MMU)]
    #[test]
    fn an_asynchronous_reference_is_the_same_address_space() {
        let user: ARef<MmWithUser> = init_mm().into();
        let later = MmWithUser::into_mmput_async(user);
        let copy = later.clone();
        assert!(core::ptr::eq(&**later, init_mm()));
        drop(later);
        assert!(copy.mmget_not_zero().is_some());
    }
}
