// SPDX-License-Identifier: GPL-2.0

//! The kernel's allocators: [`Kmalloc`], [`Vmalloc`], [`KVmalloc`].
//!
//! C headers: [`include/linux/slab.h`](srctree/include/linux/slab.h),
//! [`include/linux/vmalloc.h`](srctree/include/linux/vmalloc.h)

mod iter;
#[cfg(CONFIG_RUST_ALLOCATOR_KUNIT_TEST)]
mod tests;

pub use self::iter::VmallocPageIter;

use super::{dangling, AllocError, Allocator, Flags, NumaNode};
use crate::page::{BorrowedPage, PAGE_SIZE};
use core::{
    alloc::Layout,
    ffi::c_void,
    ptr::{self, NonNull},
};

/// The allocator of memory that is contiguous, physically too: [`kmalloc`].
///
/// The one to use for all that is smaller than a page. It never sleeps if its flags say so, and its
/// memory may be freed in any context but that of a non-maskable interrupt.
///
/// # Examples
///
/// ```
/// let number = KBox::new(42u32, GFP_KERNEL)?;
///
/// assert_eq!(*number, 42);
/// # Ok::<(), Error>(())
/// ```
///
/// [`kmalloc`]: srctree/include/linux/slab.h
pub struct Kmalloc;

/// The allocator of memory that is contiguous in the kernel's address space only: [`vmalloc`].
///
/// It makes whole pages out of whatever pages there are, and so can make large buffers when memory
/// is fragmented. Making one costs more than with [`Kmalloc`]. Freeing the memory may sleep, except in an
/// interrupt handler (see [`vfree`]): do not drop what owns it while a spinlock is held.
///
/// # Examples
///
/// ```
/// let table: VVec<u64> = VVec::from_elem(u64::MAX, 3000, GFP_KERNEL)?;
///
/// assert_eq!(table.len(), 3000);
/// assert!(table.iter().all(|&entry| entry == u64::MAX));
/// # Ok::<(), Error>(())
/// ```
///
/// [`vmalloc`]: srctree/include/linux/vmalloc.h
/// [`vfree`]: srctree/include/linux/vmalloc.h
pub struct Vmalloc;

/// The allocator that tries [`Kmalloc`] first, and falls back on [`Vmalloc`]: [`kvmalloc`].
///
/// For buffers whose size isn't known beforehand and need not be contiguous physically. Freeing the
/// memory may sleep, as with [`Vmalloc`].
///
/// # Examples
///
/// ```
/// let mut log = KVVec::with_capacity(100_000, GFP_KERNEL)?;
/// log.extend_from_slice(b"booted\n", GFP_KERNEL)?;
///
/// assert!(log.capacity() >= 100_000);
/// assert_eq!(&log[..], b"booted\n");
/// # Ok::<(), Error>(())
/// ```
///
/// [`kvmalloc`]: srctree/include/linux/slab.h
pub struct KVmalloc;

/// What the allocators have in common: allocations of size zero, and the way results are told.
///
/// `resize(old)` asks the kernel to turn `old`, which is null if there is nothing to begin with,
/// into memory of the size and alignment of `layout`, which is not of size zero. It is given an
/// `old` of that alignment only: `vrealloc` warns about others, instead of moving them.
///
/// # Safety
///
/// - `ptr` and `old_layout` are as [`Allocator::realloc`] demands of `A`.
/// - `resize` is one of the kernel's `realloc` functions, for memory of the allocator `A`.
#[inline]
unsafe fn realloc_with<A: Allocator>(
    ptr: Option<NonNull<u8>>,
    layout: Layout,
    old_layout: Layout,
    resize: impl FnOnce(*const c_void) -> *mut c_void,
) -> Result<NonNull<[u8]>, AllocError> {
    // The pointer of an allocation of size zero is none that the kernel knows.
    let old = ptr.filter(|_| old_layout.size() != 0);

    let (new, leftover) = if layout.size() == 0 {
        (dangling(layout), old)
    } else {
        let (grown, moved) = match old {
            Some(old) if old.addr().get() % layout.align() == 0 => (Some(old), None),
            other => (None, other),
        };
        let raw = resize(grown.map_or(ptr::null(), |old| old.as_ptr().cast_const().cast()));
        let new = NonNull::new(raw.cast::<u8>()).ok_or(AllocError)?;
        if let Some(old) = moved {
            let both = layout.size().min(old_layout.size());
            // SAFETY: Both allocations are at least that long. The new one was made while the old
            // one existed, so they don't overlap.
            unsafe { old.copy_to_nonoverlapping(new, both) };
        }
        (new, moved)
    };
    if let Some(old) = leftover {
        // SAFETY: By the requirements of this function, `old` is an allocation of `A` with this
        // layout, and the caller gives it up.
        unsafe { A::free(old, old_layout) };
    }
    Ok(NonNull::slice_from_raw_parts(new, layout.size()))
}

impl Kmalloc {
    /// Returns a layout that `kmalloc` aligns as `layout` demands, and that is no smaller.
    ///
    /// Memory from `kmalloc` is aligned to the largest power of two that divides its size. So it
    /// suffices to round the size up to a multiple of the alignment.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::alloc::Layout;
    /// use kernel::alloc::allocator::Kmalloc;
    ///
    /// let layout = Layout::from_size_align(65, 64).map_err(|_| EINVAL)?;
    ///
    /// assert_eq!(Kmalloc::aligned_layout(layout).size(), 128);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn aligned_layout(layout: Layout) -> Layout {
        layout.pad_to_align()
    }
}

// SAFETY: `krealloc` and `kfree` keep the contract of the trait. Memory from `kmalloc` is aligned
// to `ARCH_KMALLOC_MINALIGN`, and by the padding of `aligned_layout` also as the layout demands.
unsafe impl Allocator for Kmalloc {
    const MIN_ALIGN: usize = bindings::ARCH_KMALLOC_MINALIGN;

    #[inline]
    unsafe fn realloc(
        ptr: Option<NonNull<u8>>,
        layout: Layout,
        old_layout: Layout,
        flags: Flags,
        nid: NumaNode,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let size = Kmalloc::aligned_layout(layout).size();
        let resize = |old| {
            // SAFETY: `realloc_with` hands over null, or memory that `kmalloc` has made and that
            // the caller gives up.
            unsafe { bindings::krealloc_node_align(old, size, layout.align(), flags.0, nid.0) }
        };
        // SAFETY: The requirements of this function; and `resize` calls `krealloc`.
        unsafe { realloc_with::<Self>(ptr, layout, old_layout, resize) }
    }

    #[inline]
    unsafe fn free(ptr: NonNull<u8>, layout: Layout) {
        if layout.size() != 0 {
            // SAFETY: As its size is not zero, the memory comes from `krealloc`. The caller gives
            // it up.
            unsafe { bindings::kfree(ptr.as_ptr().cast_const().cast()) };
        }
    }
}

impl Vmalloc {
    /// Returns the page that backs the byte at `ptr`.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::ptr::{from_mut, NonNull};
    /// use kernel::{alloc::allocator::Vmalloc, page::PAGE_SIZE};
    ///
    /// let mut buffer = VBox::new([7u8; PAGE_SIZE], GFP_KERNEL)?;
    /// let ptr = NonNull::from(&mut *buffer).cast();
    ///
    /// let mut byte = 0u8;
    /// // SAFETY: The memory comes from `Vmalloc`, and outlives the page.
    /// let page = unsafe { Vmalloc::to_page(ptr) };
    /// // SAFETY: `byte` is valid for writes, and nobody writes to the page.
    /// unsafe { page.read_raw(from_mut(&mut byte), PAGE_SIZE - 1, 1) }?;
    ///
    /// assert_eq!(byte, 7);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Safety
    ///
    /// - `ptr` points into an allocation of [`Vmalloc`] whose size is not zero.
    /// - That allocation is neither freed nor reallocated during the lifetime `'a`.
    #[inline]
    pub unsafe fn to_page<'a>(ptr: NonNull<u8>) -> BorrowedPage<'a> {
        // SAFETY: By the first requirement, the address lies in the `vmalloc` area.
        let page = unsafe { bindings::vmalloc_to_page(ptr.as_ptr().cast_const().cast()) };
        // SAFETY: By the same requirement the address is mapped, hence there is a page.
        let page = unsafe { NonNull::new_unchecked(page) };
        // SAFETY: By the second requirement, the mapping keeps its page during `'a`.
        unsafe { BorrowedPage::from_raw(page) }
    }
}

// SAFETY: `vrealloc` and `vfree` keep the contract of the trait. Memory from `vmalloc` begins at
// the start of a page, and is aligned to more than that if asked.
unsafe impl Allocator for Vmalloc {
    const MIN_ALIGN: usize = PAGE_SIZE;

    #[inline]
    unsafe fn realloc(
        ptr: Option<NonNull<u8>>,
        layout: Layout,
        old_layout: Layout,
        flags: Flags,
        nid: NumaNode,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let resize = |old| {
            // SAFETY: `realloc_with` hands over null, or memory that `vmalloc` has made and that
            // the caller gives up.
            unsafe {
                bindings::vrealloc_node_align(old, layout.size(), layout.align(), flags.0, nid.0)
            }
        };
        // SAFETY: The requirements of this function; and `resize` calls `vrealloc`.
        unsafe { realloc_with::<Self>(ptr, layout, old_layout, resize) }
    }

    #[inline]
    unsafe fn free(ptr: NonNull<u8>, layout: Layout) {
        if layout.size() != 0 {
            // SAFETY: As its size is not zero, the memory comes from `vrealloc`. The caller gives
            // it up.
            unsafe { bindings::vfree(ptr.as_ptr().cast_const().cast()) };
        }
    }
}

// SAFETY: `kvrealloc` and `kvfree` keep the contract of the trait. The memory comes from `kmalloc`,
// with the layout that aligns it there, or else from `vmalloc`, which aligns as asked: in both
// cases to `ARCH_KMALLOC_MINALIGN` at least.
unsafe impl Allocator for KVmalloc {
    const MIN_ALIGN: usize = Kmalloc::MIN_ALIGN;

    #[inline]
    unsafe fn realloc(
        ptr: Option<NonNull<u8>>,
        layout: Layout,
        old_layout: Layout,
        flags: Flags,
        nid: NumaNode,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let size = Kmalloc::aligned_layout(layout).size();
        let resize = |old| {
            // SAFETY: `realloc_with` hands over null, or memory that `kvmalloc` has made and that
            // the caller gives up.
            unsafe { bindings::kvrealloc_node_align(old, size, layout.align(), flags.0, nid.0) }
        };
        // SAFETY: The requirements of this function; and `resize` calls `kvrealloc`.
        unsafe { realloc_with::<Self>(ptr, layout, old_layout, resize) }
    }

    #[inline]
    unsafe fn free(ptr: NonNull<u8>, layout: Layout) {
        if layout.size() != 0 {
            // SAFETY: As its size is not zero, the memory comes from `kvrealloc`. The caller gives
            // it up.
            unsafe { bindings::kvfree(ptr.as_ptr().cast_const().cast()) };
        }
    }
}
