// SPDX-License-Identifier: GPL-2.0

//! Pages: the units in which the kernel manages physical memory.
//!
//! A [`Page`] is a page that this code owns. A [`BorrowedPage`] is one that belongs to something
//! else, such as a buffer from `vmalloc`; [`AsPageIter`] goes through the pages of such a buffer.
//!
//! A page need not have an address in the kernel, so its contents are reached through functions
//! that map it, copy, and unmap it again.
//!
//! C header: [`include/linux/mm_types.h`](srctree/include/linux/mm_types.h)

use crate::{
    alloc::{AllocError, Flags},
    error::{code::EINVAL, Result},
    uaccess::UserSliceReader,
};
use core::{
    marker::PhantomData,
    mem::{ManuallyDrop, MaybeUninit},
    ops::Deref,
    ptr::{self, NonNull},
};

/// The size of a page, as a power of two: a page has `1 << PAGE_SHIFT` bytes.
pub const PAGE_SHIFT: usize = bindings::PAGE_SHIFT as usize;

/// The size of a page in bytes.
pub const PAGE_SIZE: usize = bindings::PAGE_SIZE;

/// The bits of an address that say which page it lies in.
pub const PAGE_MASK: usize = !(PAGE_SIZE - 1);

/// Rounds `addr` up to the next multiple of [`PAGE_SIZE`].
///
/// Returns [`None`] if there is none below `usize::MAX`.
///
/// # Examples
///
/// ```
/// use kernel::page::{page_align, PAGE_SIZE};
///
/// assert_eq!(page_align(0), Some(0));
/// assert_eq!(page_align(1), Some(PAGE_SIZE));
/// assert_eq!(page_align(PAGE_SIZE), Some(PAGE_SIZE));
/// assert_eq!(page_align(usize::MAX - PAGE_SIZE + 2), None);
/// ```
#[inline]
pub const fn page_align(addr: usize) -> Option<usize> {
    addr.checked_next_multiple_of(PAGE_SIZE)
}

/// A page that is in use by somebody else during the lifetime `'a`.
///
/// It derefs to [`Page`], and is like a reference to one.
///
/// # Invariants
///
/// The page is not freed during `'a`.
///
/// # Examples
///
/// ```
/// use core::ptr::NonNull;
/// use kernel::page::{BorrowedPage, Page};
///
/// fn borrow(page: &Page) -> Result<BorrowedPage<'_>> {
///     let ptr = NonNull::new(page.as_ptr()).ok_or(EINVAL)?;
///     // SAFETY: The page lives as long as the reference to it.
///     Ok(unsafe { BorrowedPage::from_raw(ptr) })
/// }
///
/// let page = Page::alloc_page(GFP_KERNEL)?;
/// let borrowed = borrow(&page)?;
///
/// assert_eq!(borrowed.as_ptr(), page.as_ptr());
/// assert_eq!(borrowed.nid(), page.nid());
/// # Ok::<(), Error>(())
/// ```
pub struct BorrowedPage<'a>(ManuallyDrop<Page>, PhantomData<&'a Page>);

impl<'a> BorrowedPage<'a> {
    /// Makes a [`BorrowedPage`] of a pointer to a [`struct page`].
    ///
    /// # Safety
    ///
    /// - `ptr` points to a valid `struct page`.
    /// - The page is not freed during the lifetime `'a`.
    ///
    /// [`struct page`]: srctree/include/linux/mm_types.h
    #[inline]
    pub unsafe fn from_raw(ptr: NonNull<bindings::page>) -> Self {
        // INVARIANT: The caller promises that the page is valid, and is not freed during `'a`. It
        // is never freed from here.
        Self(ManuallyDrop::new(Page { page: ptr }), PhantomData)
    }
}

impl<'a> Deref for BorrowedPage<'a> {
    type Target = Page;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// One page that this code owns; it is freed when the `Page` is dropped.
///
/// The functions that reach its contents are `unsafe`, and take `&self`: a page can be shared with
/// user space or a device, so it is for the caller to know that nobody writes what is being read.
///
/// Stands for a [`struct page`] of order 0.
///
/// # Invariants
///
/// `page` points to a valid `struct page`, which this value owns.
///
/// # Examples
///
/// ```
/// use kernel::page::Page;
///
/// let page = Page::alloc_page(GFP_KERNEL)?;
/// let text = b"hello";
/// let mut read = [0u8; 5];
///
/// // SAFETY: Nobody else knows of the page, and `text` is 5 bytes long.
/// unsafe { page.write_raw(text.as_ptr(), 100, 5) }?;
/// // SAFETY: Nobody else knows of the page, and `read` is 5 bytes long.
/// unsafe { page.read_raw(read.as_mut_ptr(), 100, 5) }?;
///
/// assert_eq!(&read, text);
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct page`]: srctree/include/linux/mm_types.h
pub struct Page {
    page: NonNull<bindings::page>,
}

impl Page {
    /// Allocates a page.
    ///
    /// Its contents are arbitrary, or zero if `flags` has
    /// [`__GFP_ZERO`](crate::alloc::flags::__GFP_ZERO).
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no page to be had.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::page::Page;
    ///
    /// // A page that the kernel maps only while it is used need not have an address.
    /// let page = Page::alloc_page(GFP_KERNEL | __GFP_HIGHMEM)?;
    /// assert!(!page.as_ptr().is_null());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn alloc_page(flags: Flags) -> Result<Self, AllocError> {
        // SAFETY: The function may be called with any flags. Context is a matter of the flags.
        let page = unsafe { bindings::alloc_pages(flags.as_raw(), 0) };
        // INVARIANT: The page was just allocated, and nobody else has it.
        Ok(Self {
            page: NonNull::new(page).ok_or(AllocError)?,
        })
    }

    /// Returns the pointer to the [`struct page`](srctree/include/linux/mm_types.h).
    #[inline]
    pub fn as_ptr(&self) -> *mut bindings::page {
        self.page.as_ptr()
    }

    /// Returns the number of the NUMA node that the page belongs to.
    #[inline]
    pub fn nid(&self) -> i32 {
        // SAFETY: By the type's invariant, the pointer is valid.
        unsafe { bindings::page_to_nid(self.as_ptr()) }
    }

    /// Maps the page, if `offset..offset + len` lies within it.
    fn map(&self, offset: usize, len: usize) -> Result<Mapping<'_>> {
        match offset.checked_add(len) {
            Some(end) if end <= PAGE_SIZE => Ok(Mapping::new(self)),
            _ => Err(EINVAL),
        }
    }

    /// Copies `len` bytes out of the page, from the given offset, to `dst`.
    ///
    /// # Errors
    ///
    /// [`EINVAL`] if `offset..offset + len` does not lie within the page. Nothing is copied then.
    ///
    /// # Safety
    ///
    /// - `dst` is valid for writes of `len` bytes.
    /// - Nobody writes to those bytes of the page during the call, and they are initialised.
    pub unsafe fn read_raw(&self, dst: *mut u8, offset: usize, len: usize) -> Result {
        let mapping = self.map(offset, len)?;
        let src = mapping.at(offset);
        // SAFETY: `map` has checked that the mapping is valid for those `len` bytes; the rest is
        // what the caller promises. If `dst` were in the page, the caller would break the second
        // promise, so there is no overlap.
        unsafe { ptr::copy_nonoverlapping(src.cast_const(), dst, len) };
        Ok(())
    }

    /// Copies `len` bytes from `src` into the page, to the given offset.
    ///
    /// # Errors
    ///
    /// [`EINVAL`] if `offset..offset + len` does not lie within the page. Nothing is copied then.
    ///
    /// # Safety
    ///
    /// - `src` is valid for reads of `len` bytes, outside of those bytes of the page.
    /// - Nobody reads or writes those bytes of the page during the call.
    /// - If the page holds a value that somebody else owns or borrows, it is still valid afterwards.
    pub unsafe fn write_raw(&self, src: *const u8, offset: usize, len: usize) -> Result {
        let mapping = self.map(offset, len)?;
        let dst = mapping.at(offset);
        // SAFETY: `map` has checked that the mapping is valid for those `len` bytes; the rest is
        // what the caller promises.
        unsafe { ptr::copy_nonoverlapping(src, dst, len) };
        Ok(())
    }

    /// Fills `len` bytes of the page with zeroes, from the given offset.
    ///
    /// # Errors
    ///
    /// [`EINVAL`] if `offset..offset + len` does not lie within the page. Nothing is changed then.
    ///
    /// # Safety
    ///
    /// - Nobody reads or writes those bytes of the page during the call.
    /// - If the page holds a value that somebody else owns or borrows, it is still valid afterwards.
    pub unsafe fn fill_zero_raw(&self, offset: usize, len: usize) -> Result {
        let mapping = self.map(offset, len)?;
        let dst = mapping.at(offset);
        // SAFETY: `map` has checked that the mapping is valid for those `len` bytes; the caller
        // promises that there is no data race.
        unsafe { ptr::write_bytes(dst, 0, len) };
        Ok(())
    }

    /// Copies `len` bytes from user space into the page, to the given offset.
    ///
    /// # Errors
    ///
    /// - [`EINVAL`] if `offset..offset + len` does not lie within the page.
    /// - What [`UserSliceReader::read_raw`] returns: `EFAULT` if user space has not so many bytes
    ///   to read. Some bytes may have been copied then.
    ///
    /// # Safety
    ///
    /// - Nobody reads or writes those bytes of the page during the call.
    /// - If the page holds a value that somebody else owns or borrows, it is still valid afterwards.
    pub unsafe fn copy_from_user_slice_raw(
        &self,
        reader: &mut UserSliceReader,
        offset: usize,
        len: usize,
    ) -> Result {
        let mapping = self.map(offset, len)?;
        let dst = mapping.at(offset).cast::<MaybeUninit<u8>>();
        // SAFETY: `map` has checked that the mapping is valid for those `len` bytes; the caller
        // promises that nobody else uses them.
        let dst = unsafe { core::slice::from_raw_parts_mut(dst, len) };
        reader.read_raw(dst)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: By the type's invariant, this value owns the page, which is of order 0.
        unsafe { bindings::__free_pages(self.as_ptr(), 0) };
    }
}

// SAFETY: A page belongs to no thread: whoever has it may use and free it.
unsafe impl Send for Page {}

// SAFETY: What `&Page` offers safely reads the pointer, and what never changes of the page. The
// other functions demand of their callers that there is no data race.
unsafe impl Sync for Page {}

/// A page that has an address in the kernel, for the current thread, until this is dropped.
///
/// Mappings must be undone in the reverse order, which is why this type stays in this module: no
/// function here holds more than one.
///
/// # Invariants
///
/// `address` comes from `kmap_local_page`, and has not been unmapped.
struct Mapping<'a> {
    address: NonNull<u8>,
    /// The raw pointer keeps the mapping on its thread.
    _page: PhantomData<(&'a Page, *mut u8)>,
}

impl<'a> Mapping<'a> {
    fn new(page: &'a Page) -> Self {
        // SAFETY: By the invariant of `Page`, the page is valid.
        let address = unsafe { bindings::kmap_local_page(page.as_ptr()) };
        // SAFETY: `kmap_local_page` always succeeds.
        let address = unsafe { NonNull::new_unchecked(address.cast()) };
        // INVARIANT: The page was just mapped.
        Self {
            address,
            _page: PhantomData,
        }
    }

    /// Returns the address of the byte at `offset`, which is at most [`PAGE_SIZE`].
    #[inline]
    fn at(&self, offset: usize) -> *mut u8 {
        debug_assert!(offset <= PAGE_SIZE);
        self.address.as_ptr().wrapping_add(offset)
    }
}

impl Drop for Mapping<'_> {
    fn drop(&mut self) {
        // SAFETY: By the type's invariant, the page is mapped at this address. No mapping that this
        // thread made later is still there, as the type's documentation explains.
        unsafe { bindings::kunmap_local(self.address.as_ptr().cast_const().cast()) };
    }
}

/// Memory that consists of whole pages, which can be gone through one by one.
///
/// # Examples
///
/// ```
/// use kernel::page::{AsPageIter, PAGE_SIZE};
///
/// let mut buffer = VVec::<u8>::with_capacity(3 * PAGE_SIZE, GFP_KERNEL)?;
///
/// assert_eq!(buffer.page_iter().count(), 3);
/// # Ok::<(), Error>(())
/// ```
pub trait AsPageIter {
    /// What goes through the pages.
    type Iter<'a>: Iterator<Item = BorrowedPage<'a>>
    where
        Self: 'a;

    /// Returns an iterator over the pages, in the order of addresses.
    ///
    /// Nothing else can use the memory until the last of the pages is done with.
    fn page_iter(&mut self) -> Self::Iter<'_>;
}

#[macros::kunit_tests(rust_page)]
mod tests {
    use super::*;
    use crate::{
        error::{from_err_ptr, to_result},
        prelude::*,
        uaccess::UserSlice,
    };

    /// Reads `len` bytes of a page of which no one else knows.
    fn read<const N: usize>(page: &Page, offset: usize) -> Result<[u8; N]> {
        let mut bytes = [0xaau8; N];
        // SAFETY: `bytes` is that long; no test writes to its page at the same time, and each has
        // initialised it.
        unsafe { page.read_raw(bytes.as_mut_ptr(), offset, N) }?;
        Ok(bytes)
    }

    #[test]
    fn constants_agree() {
        assert_eq!(PAGE_SIZE, 1 << PAGE_SHIFT);
        assert_eq!(PAGE_MASK, !(PAGE_SIZE - 1));
        assert_eq!(PAGE_MASK & (PAGE_SIZE + 17), PAGE_SIZE);
    }

    #[test]
    fn page_align_at_both_ends() {
        assert_eq!(page_align(PAGE_SIZE - 1), Some(PAGE_SIZE));
        assert_eq!(page_align(PAGE_SIZE + 1), Some(2 * PAGE_SIZE));
        assert_eq!(page_align(PAGE_MASK), Some(PAGE_MASK));
        assert_eq!(page_align(PAGE_MASK - 1), Some(PAGE_MASK));
        assert_eq!(page_align(PAGE_MASK + 1), None);
        assert_eq!(page_align(usize::MAX), None);
    }

    #[test]
    fn zeroed_page_is_zero() -> Result {
        let page = Page::alloc_page(GFP_KERNEL | __GFP_ZERO)?;
        for offset in (0..PAGE_SIZE).step_by(64) {
            assert_eq!(read::<64>(&page, offset)?, [0; 64]);
        }
        Ok(())
    }

    #[test]
    fn access_is_bounded() -> Result {
        let page = Page::alloc_page(GFP_KERNEL | __GFP_ZERO)?;
        let mut bytes = [1u8; 2];
        let mut user = UserSlice::new(UserPtr::from_addr(0), PAGE_SIZE).reader();
        let outside = [
            (PAGE_SIZE, 1),
            (PAGE_SIZE - 1, 2),
            (PAGE_SIZE + 1, 0),
            (0, PAGE_SIZE + 1),
            (1, usize::MAX),
            (usize::MAX, 1),
        ];
        for (offset, len) in outside {
            // SAFETY: The range does not lie in the page, so `bytes` is not touched.
            let result = unsafe { page.read_raw(bytes.as_mut_ptr(), offset, len) };
            assert_eq!(result, Err(EINVAL));
            // SAFETY: As before.
            let result = unsafe { page.write_raw(bytes.as_ptr(), offset, len) };
            assert_eq!(result, Err(EINVAL));
            // SAFETY: The range does not lie in the page, so nothing is written.
            let result = unsafe { page.fill_zero_raw(offset, len) };
            assert_eq!(result, Err(EINVAL));
            // SAFETY: As before.
            let result = unsafe { page.copy_from_user_slice_raw(&mut user, offset, len) };
            assert_eq!(result, Err(EINVAL));
        }
        assert_eq!(bytes, [1, 1]);

        // What ends where the page ends lies within it, even if it is empty.
        assert_eq!(read::<1>(&page, PAGE_SIZE - 1)?, [0]);
        assert_eq!(read::<0>(&page, PAGE_SIZE)?, [0u8; 0]);
        Ok(())
    }

    #[test]
    fn writes_touch_only_their_bytes() -> Result {
        let page = Page::alloc_page(GFP_KERNEL | __GFP_ZERO | __GFP_HIGHMEM)?;
        let ones = [1u8; 8];
        // SAFETY: `ones` is 8 bytes long, and nobody else knows of the page.
        unsafe { page.write_raw(ones.as_ptr(), PAGE_SIZE - 8, 8) }?;
        // SAFETY: Nobody else knows of the page.
        unsafe { page.fill_zero_raw(PAGE_SIZE - 6, 2) }?;

        let tail = read::<10>(&page, PAGE_SIZE - 10)?;
        assert_eq!(tail, [0, 0, 1, 1, 0, 0, 1, 1, 1, 1]);
        Ok(())
    }

    /// Maps a page for the thread of this test, as a process has it, and returns its address.
    fn user_page() -> Result<usize> {
        // SAFETY: This is the thread of a test, with which the address space goes away.
        to_result(unsafe { bindings::kunit_attach_mm() })?;
        // SAFETY: Anonymous memory, at an address of the kernel's choice, takes nothing away.
        let address = unsafe {
            bindings::vm_mmap(
                ptr::null_mut(),
                0,
                PAGE_SIZE,
                (bindings::PROT_READ | bindings::PROT_WRITE) as usize,
                (bindings::MAP_ANONYMOUS | bindings::MAP_PRIVATE) as usize,
                0,
            )
        };
        let address = from_err_ptr(ptr::without_provenance_mut::<u8>(address))?;
        Ok(address.addr())
    }

    #[test]
    fn bytes_of_user_space() -> Result {
        let user = UserPtr::from_addr(user_page()?);
        UserSlice::new(user, 4).writer().write_slice(b"user")?;
        let page = Page::alloc_page(GFP_KERNEL | __GFP_ZERO)?;

        let mut reader = UserSlice::new(user, PAGE_SIZE).reader();
        // SAFETY: Nobody else knows of the page.
        unsafe { page.copy_from_user_slice_raw(&mut reader, PAGE_SIZE - 2, 2) }?;
        // SAFETY: As before.
        unsafe { page.copy_from_user_slice_raw(&mut reader, 0, 2) }?;
        assert_eq!(read::<3>(&page, 0)?, [b'e', b'r', 0]);
        assert_eq!(read::<3>(&page, PAGE_SIZE - 3)?, [0, b'u', b's']);
        assert_eq!(reader.len(), PAGE_SIZE - 4);

        // More than user space has described, and an address that it does not have.
        // SAFETY: As before.
        let result = unsafe { page.copy_from_user_slice_raw(&mut reader, 0, PAGE_SIZE) };
        assert_eq!(result, Err(EFAULT));
        let mut reader = UserSlice::new(UserPtr::from_addr(PAGE_MASK), PAGE_SIZE).reader();
        // SAFETY: As before.
        let result = unsafe { page.copy_from_user_slice_raw(&mut reader, 0, 8) };
        assert_eq!(result, Err(EFAULT));
        Ok(())
    }

    #[test]
    fn borrowed_page_does_not_free() -> Result {
        let page = Page::alloc_page(GFP_KERNEL | __GFP_ZERO)?;
        for _ in 0..3 {
            // SAFETY: `page` outlives the borrowed page.
            let borrowed = unsafe { BorrowedPage::from_raw(page.page) };
            assert_eq!(read::<1>(&borrowed, 0)?, [0]);
        }
        Ok(())
    }
}
