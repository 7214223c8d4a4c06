// SPDX-License-Identifier: GPL-2.0

//! Areas of an address space: ranges of pages with the same protection and the same backing.
//!
//! C has one `struct vm_area_struct` for every stage of an area's life. Here the type says what may
//! be done at the stage it is in:
//!
//! - [`VmaRef`]: the area is in use and cannot change, because a lock is held.
//! - [`VmaMixedMap`]: the same, and the area takes single pages from a driver.
//! - [`VmaNew`]: the area is being set up by a driver's `mmap`, and its flags can still be chosen.
//!
//! The C side is in [`include/linux/mm.h`](srctree/include/linux/mm.h).

use core::ops::Deref;

use crate::{
    bindings,
    error::{code::EINVAL, to_result, Result},
    mm::MmWithUser,
    page::{Page, PAGE_SIZE},
    types::Opaque,
};

pub mod flags;

pub use bindings::vm_flags_t;

/// An area that is locked against changes: [`struct vm_area_struct`].
///
/// References come from [`MmapReadGuard::vma_lookup`](super::MmapReadGuard::vma_lookup) and
/// [`MmWithUser::lock_vma_under_rcu`].
///
/// # Examples
///
/// ```
/// use kernel::mm::virt::{flags, VmaRef};
///
/// /// Whether a page may be written through this area, and the writes stay the process's own.
/// fn is_private_and_writable(vma: &VmaRef) -> bool {
///     vma.flags() & (flags::WRITE | flags::SHARED) == flags::WRITE
/// }
///
/// # use kernel::mm::MmWithUser;
/// # // SAFETY: `init_mm` is a static, and has users at all times.
/// # let mm = unsafe { MmWithUser::from_raw(&raw const kernel::bindings::init_mm) };
/// let guard = mm.mmap_read_lock();
/// assert!(!guard.vma_lookup(0).is_some_and(is_private_and_writable));
/// ```
///
/// # Invariants
///
/// For as long as a reference to a value of this type exists, the area belongs to an address space
/// with users, and its `mmap_lock` or the area's own lock is held, at least for reading.
///
/// [`struct vm_area_struct`]: srctree/include/linux/mm_types.h
#[repr(transparent)]
pub struct VmaRef {
    vma: Opaque<bindings::vm_area_struct>,
}

impl VmaRef {
    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// For the length of `'a`, `vma` points to an area of an address space with users, and the
    /// `mmap_lock` or the area's own lock is held, at least for reading.
    #[inline]
    pub unsafe fn from_raw<'a>(vma: *const bindings::vm_area_struct) -> &'a Self {
        // SAFETY: `VmaRef` is a transparent wrapper of the structure; the caller vouches for the rest.
        unsafe { &*vma.cast() }
    }

    /// The address of the first byte, a multiple of the page size.
    #[inline]
    pub fn start(&self) -> usize {
        self.range().0
    }

    /// The address after the last byte, a multiple of the page size.
    #[inline]
    pub fn end(&self) -> usize {
        self.range().1
    }

    /// The addresses of the first byte, and after the last byte.
    #[inline]
    fn range(&self) -> (usize, usize) {
        // SAFETY: By the invariant of `Self`, the structure is valid, and a lock keeps the range from
        // changing.
        let range = unsafe { &(*self.as_ptr()).__bindgen_anon_1 };
        // SAFETY: An area in use has a range there, rather than a free-list pointer.
        let range = unsafe { &range.__bindgen_anon_1 };
        (range.vm_start, range.vm_end)
    }

    /// What is allowed in this area, and how it behaves: a set of [`flags`].
    #[inline]
    pub fn flags(&self) -> vm_flags_t {
        // SAFETY: By the invariant of `Self`, the structure is valid.
        let flags = unsafe { &raw const (*self.as_ptr()).__bindgen_anon_2.vm_flags };
        // A few flags, none of which are in `flags`, are set with the lock held for reading only
        // (`vma_set_atomic_flag`): hence volatile, as C's `READ_ONCE`.
        //
        // SAFETY: As above; both members of the union are the same bits, and what may change them now
        // does so atomically.
        unsafe { flags.read_volatile() }
    }

    /// The address space that the area belongs to.
    #[inline]
    pub fn mm(&self) -> &MmWithUser {
        // SAFETY: By the invariant of `Self`, the structure is valid, and `vm_mm` never changes.
        let mm = unsafe { (*self.as_ptr()).vm_mm };
        // SAFETY: By the invariant of `Self`, the address space has users for as long as `self`.
        unsafe { MmWithUser::from_raw(mm) }
    }

    /// Unmaps the pages in `size` bytes from `address` on, which the process then faults in again.
    ///
    /// Both are multiples of the page size. A range that is not, or that is empty or not all in this
    /// area, is left as it is. So is a part of an area of huge pages ([`flags::HUGETLB`]), which is
    /// unmapped as a whole or not at all.
    #[inline]
    pub fn zap_vma_range(&self, address: usize, size: usize) {
        if self.may_zap(address, size) {
            // SAFETY: By the invariant of `Self`, a lock is held for reading, which is what unmapping
            // pages in a stable area takes; the range is one of whole pages of the area.
            unsafe { bindings::zap_vma_range(self.as_ptr(), address, size) };
        }
    }

    /// Whether a range is one of whole pages of this area, and there is one at least.
    ///
    /// C takes that for granted: the walk through the page table looks for the entry at which the
    /// range ends, and runs past the table's end for a range that ends within a page.
    fn may_zap(&self, address: usize, size: usize) -> bool {
        let area = self.start()..=self.end();
        let Some(end) = address.checked_add(size) else {
            return false;
        };
        let inside = area.contains(&address) && area.contains(&end);
        let whole_pages = address % PAGE_SIZE == 0 && size % PAGE_SIZE == 0;
        let whole_area = address == self.start() && end == self.end();
        let huge = self.flags() & flags::HUGETLB != 0;
        size != 0 && inside && whole_pages && (whole_area || !huge)
    }

    /// The area as one that takes single pages, if it has [`flags::MIXEDMAP`].
    #[inline]
    pub fn as_mixedmap_vma(&self) -> Option<&VmaMixedMap> {
        if self.flags() & flags::MIXEDMAP == 0 {
            return None;
        }
        // SAFETY: The invariant of `Self` holds for as long as `self`, and the flag is set.
        Some(unsafe { VmaMixedMap::from_raw(self.as_ptr()) })
    }

    /// The C structure.
    #[inline]
    pub fn as_ptr(&self) -> *mut bindings::vm_area_struct {
        self.vma.get()
    }
}

/// An area that takes single pages from a driver: one with [`flags::MIXEDMAP`].
///
/// # Examples
///
/// ```
/// use kernel::{mm::virt::VmaRef, page::{Page, PAGE_SIZE}};
///
/// /// Puts `page` at the area's beginning.
/// fn map_first(vma: &VmaRef, page: &Page) -> Result {
///     vma.as_mixedmap_vma().ok_or(EINVAL)?.vm_insert_page(vma.start(), page)
/// }
///
/// let page = Page::alloc_page(GFP_KERNEL)?;
/// # use kernel::mm::MmWithUser;
/// # // SAFETY: `init_mm` is a static, and has users at all times.
/// # let mm = unsafe { MmWithUser::from_raw(&raw const kernel::bindings::init_mm) };
/// let guard = mm.mmap_read_lock();
/// assert!(guard.vma_lookup(PAGE_SIZE).map(|vma| map_first(vma, &page)).is_none());
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// Those of [`VmaRef`], and the area has [`flags::MIXEDMAP`].
#[repr(transparent)]
pub struct VmaMixedMap {
    vma: VmaRef,
}

impl VmaMixedMap {
    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// What [`VmaRef::from_raw`] asks for, and the area has [`flags::MIXEDMAP`] for the length of
    /// `'a`.
    #[inline]
    pub unsafe fn from_raw<'a>(vma: *const bindings::vm_area_struct) -> &'a Self {
        // SAFETY: `VmaMixedMap` is a transparent wrapper of the structure; the caller vouches for
        // the rest.
        unsafe { &*vma.cast() }
    }

    /// Maps `page` at `address`, which is to lie in the area.
    ///
    /// The area takes a reference to the page, so it may be given up by the caller afterwards.
    ///
    /// # Errors
    ///
    /// `EFAULT` for an address outside the area, `EBUSY` where a page is mapped already, `EINVAL`
    /// for a page that cannot be mapped, `ENOMEM` without memory for page tables.
    #[inline]
    pub fn vm_insert_page(&self, address: usize, page: &Page) -> Result {
        // SAFETY: By the invariant of `Self`, the area is locked and may have pages inserted; C
        // checks the address, and counts the page.
        to_result(unsafe { bindings::vm_insert_page(self.as_ptr(), address, page.as_ptr()) })
    }
}

impl Deref for VmaMixedMap {
    type Target = VmaRef;

    #[inline]
    fn deref(&self) -> &VmaRef {
        &self.vma
    }
}

/// An area that a driver's `mmap` is setting up; nobody else sees it yet.
///
/// The flags may only become stricter, which is why a method exists for each change that is safe,
/// and none to set flags at will.
///
/// # Examples
///
/// A process's `mmap` is needed to run this one; the tests below stand in for it.
///
/// ```
/// use kernel::mm::virt::VmaNew;
///
/// /// What a driver's `mmap` does for memory that processes may read and never write.
/// fn set_up_read_only(vma: &VmaNew) -> Result {
///     if vma.executable() {
///         return Err(EPERM);
///     }
///     vma.try_clear_maywrite()?;
///     vma.set_dontcopy();
///     vma.set_dontexpand();
///     vma.set_mixedmap();
///     Ok(())
/// }
///
/// # let _ = set_up_read_only;
/// ```
///
/// # Invariants
///
/// Those of [`VmaRef`], with the `mmap_lock` held for writing, and the area is not visible to anyone
/// but its owner: there are no concurrent accesses, and none of its pages is mapped.
#[repr(transparent)]
pub struct VmaNew {
    vma: VmaRef,
}

impl VmaNew {
    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// For the length of `'a`, `vma` points to an area of an address space with users, whose
    /// `mmap_lock` is held for writing; the area is being set up, and no one else has access to it.
    #[inline]
    pub unsafe fn from_raw<'a>(vma: *mut bindings::vm_area_struct) -> &'a Self {
        // SAFETY: `VmaNew` is a transparent wrapper of the structure; the caller vouches for the rest.
        unsafe { &*vma.cast() }
    }

    /// Sets the flags in `set` and clears those in `clear`.
    ///
    /// # Safety
    ///
    /// The resulting set of flags is one that the kernel allows for an area of this kind.
    unsafe fn change(&self, set: vm_flags_t, clear: vm_flags_t) {
        // SAFETY: By the invariant of `Self`, the lock for writing is held, and nobody else uses the
        // area; the caller vouches for the flags.
        unsafe { bindings::vm_flags_mod(self.as_ptr(), set, clear) };
    }

    /// Lets a driver insert single pages, and returns the area as one that takes them.
    #[inline]
    pub fn set_mixedmap(&self) -> &VmaMixedMap {
        // SAFETY: An area without pages may become one that takes them.
        unsafe { self.change(flags::MIXEDMAP, 0) };
        // SAFETY: The invariants of `VmaRef` hold for as long as `self`, and the flag has been set;
        // no method clears it.
        unsafe { VmaMixedMap::from_raw(self.as_ptr()) }
    }

    /// Marks the area as device memory: reading it may have effects.
    #[inline]
    pub fn set_io(&self) {
        // SAFETY: This only makes the kernel treat the area with more care.
        unsafe { self.change(flags::IO, 0) };
    }

    /// Keeps the area from growing by `mremap`.
    #[inline]
    pub fn set_dontexpand(&self) {
        // SAFETY: This only takes an operation away.
        unsafe { self.change(flags::DONTEXPAND, 0) };
    }

    /// Keeps the area from being copied by `fork`.
    #[inline]
    pub fn set_dontcopy(&self) {
        // SAFETY: This only takes an operation away.
        unsafe { self.change(flags::DONTCOPY, 0) };
    }

    /// Keeps the area out of core dumps.
    #[inline]
    pub fn set_dontdump(&self) {
        // SAFETY: This only takes an operation away.
        unsafe { self.change(flags::DONTDUMP, 0) };
    }

    /// Whether the process may read the area now.
    #[inline]
    pub fn readable(&self) -> bool {
        self.flags() & flags::READ != 0
    }

    /// Whether the process may write the area now.
    #[inline]
    pub fn writable(&self) -> bool {
        self.flags() & flags::WRITE != 0
    }

    /// Whether the process may execute the area now.
    #[inline]
    pub fn executable(&self) -> bool {
        self.flags() & flags::EXEC != 0
    }

    /// Takes `may` away, provided that `now` is not granted already.
    fn forbid(&self, now: vm_flags_t, may: vm_flags_t) -> Result {
        if self.flags() & now != 0 {
            return Err(EINVAL);
        }
        // SAFETY: This only takes a permission away, and the one that depends on it is not there.
        unsafe { self.change(0, may) };
        Ok(())
    }

    /// Keeps the process from ever making the area readable.
    ///
    /// # Errors
    ///
    /// `EINVAL` when it is readable already.
    #[inline]
    pub fn try_clear_mayread(&self) -> Result {
        self.forbid(flags::READ, flags::MAYREAD)
    }

    /// Keeps the process from ever making the area writable.
    ///
    /// # Errors
    ///
    /// `EINVAL` when it is writable already.
    #[inline]
    pub fn try_clear_maywrite(&self) -> Result {
        self.forbid(flags::WRITE, flags::MAYWRITE)
    }

    /// Keeps the process from ever making the area executable.
    ///
    /// # Errors
    ///
    /// `EINVAL` when it is executable already.
    #[inline]
    pub fn try_clear_mayexec(&self) -> Result {
        self.forbid(flags::EXEC, flags::MAYEXEC)
    }
}

impl Deref for VmaNew {
    type Target = VmaRef;

    #[inline]
    fn deref(&self) -> &VmaRef {
        &self.vma
    }
}

#[macros::kunit_tests(rust_mm_virt)]
mod tests {
    use super::*;
    use crate::{
        alloc::flags::GFP_KERNEL,
        error::code::ENOMEM,
        mm::{Mm, MmWithUser},
        sync::aref::ARef,
    };
    use core::ptr::NonNull;

    const START: usize = 64 * PAGE_SIZE;
    const END: usize = 68 * PAGE_SIZE;

    /// Makes an address space of its own, with no areas in it.
    fn new_mm() -> Result<ARef<MmWithUser>> {
        // SAFETY: `mm_alloc` may be called wherever sleeping is allowed.
        let mm = unsafe { bindings::mm_alloc() };
        let mm = NonNull::new(mm).ok_or(ENOMEM)?;
        // SAFETY: A new address space has one user, which the reference takes over.
        Ok(unsafe { ARef::from_raw(mm.cast()) })
    }

    /// Adds an area from `START` to `END` to `mm`, as `mmap` would, after `set_up` has seen it.
    fn map(mm: &MmWithUser, set_up: impl FnOnce(&VmaNew) -> Result) -> Result {
        // SAFETY: The address space has users, and this thread holds none of its locks.
        unsafe { bindings::mmap_write_lock(mm.as_raw()) };
        let result = map_locked(mm, set_up);
        // SAFETY: This thread has just locked it.
        unsafe { bindings::mmap_write_unlock(mm.as_raw()) };
        result
    }

    fn map_locked(mm: &MmWithUser, set_up: impl FnOnce(&VmaNew) -> Result) -> Result {
        // SAFETY: The address space has users.
        let vma = unsafe { bindings::vm_area_alloc(mm.as_raw()) };
        if vma.is_null() {
            return Err(ENOMEM);
        }
        // SAFETY: The new area is valid, and nobody else knows of it.
        let range = unsafe { &mut (*vma).__bindgen_anon_1 };
        range.__bindgen_anon_1.vm_start = START;
        range.__bindgen_anon_1.vm_end = END;
        let initial = flags::READ | flags::MAYREAD | flags::MAYWRITE | flags::MAYEXEC;
        // SAFETY: As above, with the lock for writing held.
        unsafe { bindings::vm_flags_mod(vma, initial, 0) };
        // SAFETY: This function only computes.
        let protection = unsafe { bindings::vm_get_page_prot(initial) };
        // SAFETY: The new area is valid, and nobody else knows of it.
        unsafe { (*vma).vm_page_prot = protection };

        // SAFETY: The lock for writing is held; the area is being set up, and nobody else has access
        // to it.
        let outcome = set_up(unsafe { VmaNew::from_raw(vma) });
        let inserted = outcome.and_then(|()| {
            // SAFETY: The lock for writing is held, and the area is complete.
            to_result(unsafe { bindings::insert_vm_struct(mm.as_raw(), vma) })
        });
        if inserted.is_err() {
            // SAFETY: The area was not inserted, so nobody else knows of it.
            unsafe { bindings::vm_area_free(vma) };
        }
        inserted
    }

    #[test]
    fn a_new_area_only_becomes_stricter() -> Result {
        let mm = new_mm()?;
        map(&mm, |vma| {
            assert!(vma.readable() && !vma.writable() && !vma.executable());
            assert_eq!(vma.try_clear_mayread(), Err(EINVAL));
            assert_eq!(vma.try_clear_maywrite(), Ok(()));
            assert_eq!(vma.try_clear_mayexec(), Ok(()));
            assert_eq!(
                vma.flags() & (flags::MAYWRITE | flags::MAYEXEC),
                flags::NONE
            );
            assert!(vma.flags() & flags::MAYREAD != 0);
            vma.set_dontcopy();
            vma.set_dontexpand();
            vma.set_dontdump();
            vma.set_io();
            let all = flags::DONTCOPY | flags::DONTEXPAND | flags::DONTDUMP | flags::IO;
            assert_eq!(vma.flags() & all, all);
            Ok(())
        })
    }

    #[test]
    fn an_area_is_found_by_each_address_in_it() -> Result {
        let mm = new_mm()?;
        map(&mm, |_| Ok(()))?;
        let guard = mm.mmap_read_lock();
        for address in [START, START + 1, END - 1] {
            let vma = guard.vma_lookup(address).ok_or(EINVAL)?;
            assert_eq!((vma.start(), vma.end()), (START, END));
            assert!(core::ptr::eq(vma.mm(), &*mm));
        }
        assert!(guard.vma_lookup(START - 1).is_none());
        assert!(guard.vma_lookup(END).is_none());
        Ok(())
    }

    #[test]
    fn an_area_can_be_locked_by_itself() -> Result {
        let mm = new_mm()?;
        map(&mm, |_| Ok(()))?;
        if let Some(vma) = mm.lock_vma_under_rcu(START) {
            assert_eq!(vma.end(), END);
        }
        assert!(mm.lock_vma_under_rcu(END).is_none());
        Ok(())
    }

    #[test]
    fn only_a_mixed_area_takes_pages() -> Result {
        let mm = new_mm()?;
        map(&mm, |_| Ok(()))?;
        let guard = mm.mmap_read_lock();
        let vma = guard.vma_lookup(START).ok_or(EINVAL)?;
        assert!(vma.as_mixedmap_vma().is_none());
        Ok(())
    }

    #[test]
    fn a_page_goes_in_once_and_comes_out() -> Result {
        let mm = new_mm()?;
        map(&mm, |vma| {
            let mixed = vma.set_mixedmap();
            assert!(mixed.flags() & flags::MIXEDMAP != 0);
            Ok(())
        })?;
        let page = Page::alloc_page(GFP_KERNEL)?;
        let guard = mm.mmap_read_lock();
        let vma = guard.vma_lookup(START).ok_or(EINVAL)?;
        let mixed = vma.as_mixedmap_vma().ok_or(EINVAL)?;
        assert_eq!(mixed.vm_insert_page(START + PAGE_SIZE, &page), Ok(()));
        assert!(mixed.vm_insert_page(START + PAGE_SIZE, &page).is_err());
        assert!(mixed.vm_insert_page(END, &page).is_err());

        // Ranges that are not whole pages of the area change nothing: the page is still there.
        for (address, size) in [
            (START + PAGE_SIZE, usize::MAX),
            (START + PAGE_SIZE, 0),
            (START + PAGE_SIZE, 1),
            (START + PAGE_SIZE, PAGE_SIZE + 1),
            (START + PAGE_SIZE + 1, PAGE_SIZE),
            (START - PAGE_SIZE, 3 * PAGE_SIZE),
            (START, END - START + PAGE_SIZE),
            (END, PAGE_SIZE),
        ] {
            vma.zap_vma_range(address, size);
        }
        assert!(mixed.vm_insert_page(START + PAGE_SIZE, &page).is_err());
        vma.zap_vma_range(START + PAGE_SIZE, PAGE_SIZE);
        assert_eq!(mixed.vm_insert_page(START + PAGE_SIZE, &page), Ok(()));
        Ok(())
    }

    #[test]
    fn mappings_end_with_their_last_user() -> Result {
        let user = new_mm()?;
        let plain: ARef<Mm> = (&**user).into();
        map(&user, |_| Ok(()))?;
        drop(user);
        assert!(plain.mmget_not_zero().is_none());
        Ok(())
    }
}
