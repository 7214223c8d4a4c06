// SPDX-License-Identifier: GPL-2.0

//! Memory in pieces, for devices that take it so.
//!
//! What is in one piece for the CPU, thanks to its page tables, often is not for a device. A table
//! lists the pieces; mapping it for a device gives each an address there, and may join some.
//!
//! - [`SGTable<Owned<P>>`](Owned) is made here: it lists the pages of a `P`, such as a
//!   [`VVec`], and keeps them mapped.
//! - [`SGTable`] is a view of any table that is mapped, C's too. [`SGTable::iter`] goes through the
//!   pieces, as the device sees them.
//!
//! Neither gives access to the memory: while it is mapped it is the device's.
//!
//! C header: [`include/linux/scatterlist.h`](srctree/include/linux/scatterlist.h).

use crate::{
    alloc::{allocator::VmallocPageIter, Flags},
    bindings,
    device::{Bound, Device},
    dma::{DataDirection, DmaAddress},
    io::ResourceSize,
    page::AsPageIter,
    prelude::*,
    types::Opaque,
};
use core::{marker::PhantomData, ops::Deref};

mod owned;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use owned::Owned;

/// Keeps others from having kinds of tables of their own.
mod private {
    pub trait Sealed {}
}

/// A piece of a table that is mapped: where the device has it, and how long it is.
///
/// C counterpart: `struct scatterlist`.
///
/// # Examples
///
/// ```
/// use kernel::scatterlist::SGEntry;
///
/// fn descriptor(entry: &SGEntry) -> (u64, u32) {
///     (entry.dma_address() as u64, entry.dma_len() as u32)
/// }
///
/// # use kernel::{dma::DataDirection, page::PAGE_SIZE, scatterlist::SGTable};
/// # if !kernel::dma::testing::available() { return Ok(()); }
/// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_sgentry")?;
/// # let pages = VVec::<u8>::with_capacity(PAGE_SIZE, GFP_KERNEL)?;
/// # let table = SGTable::new(dev.bound(), pages, DataDirection::ToDevice, GFP_KERNEL);
/// # let table = KBox::pin_init(table, GFP_KERNEL)?;
/// # for entry in table.iter() {
/// assert_eq!(descriptor(entry).1 as usize, PAGE_SIZE);
/// # }
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// It is an initialised entry of a table that is mapped, or has been.
#[repr(transparent)]
pub struct SGEntry(Opaque<bindings::scatterlist>);

// SAFETY: Any thread may look at an entry.
unsafe impl Send for SGEntry {}

// SAFETY: Shared references only read what mapping has set up.
unsafe impl Sync for SGEntry {}

impl SGEntry {
    /// Takes C's structure for a reference.
    ///
    /// # Safety
    ///
    /// For the length of `'a`, `ptr` points to an initialised entry of a table that is mapped or has
    /// been, and nobody writes to it.
    #[inline]
    unsafe fn from_raw<'a>(ptr: *mut bindings::scatterlist) -> &'a Self {
        // SAFETY: `SGEntry` is a transparent wrapper. The caller promises what the invariant says.
        unsafe { &*ptr.cast() }
    }

    fn as_raw(&self) -> *mut bindings::scatterlist {
        self.0.get()
    }

    /// Where the device has the piece.
    ///
    /// C counterpart: `sg_dma_address()`.
    #[inline]
    pub fn dma_address(&self) -> DmaAddress {
        // SAFETY: The entry is initialised, by the type invariant.
        unsafe { bindings::sg_dma_address(self.as_raw()) }
    }

    /// How many bytes the piece has.
    ///
    /// C counterpart: `sg_dma_len()`.
    #[inline]
    pub fn dma_len(&self) -> ResourceSize {
        // SAFETY: The entry is initialised, by the type invariant.
        unsafe { bindings::sg_dma_len(self.as_raw()) }.into()
    }
}

/// What an [`SGTable`] is when somebody else has set it up.
///
/// # Invariants
///
/// The table is initialised, and nobody writes to it while there is a reference.
#[repr(transparent)]
pub struct Borrowed(Opaque<bindings::sg_table>);

// SAFETY: Any thread may look at a table.
unsafe impl Send for Borrowed {}

// SAFETY: Shared references only read what is set up once.
unsafe impl Sync for Borrowed {}

impl private::Sealed for Borrowed {}
impl<P> private::Sealed for Owned<P> {}

/// A table of memory in pieces.
///
/// `SGTable<Owned<P>>` has the memory and the mapping; each is also an `SGTable`, by [`Deref`].
///
/// C counterpart: `struct sg_table`.
///
/// # Examples
///
/// ```
/// use kernel::{
///     device::{Bound, Device},
///     dma::DataDirection,
///     page::PAGE_SIZE,
///     scatterlist::{Owned, SGTable},
/// };
///
/// type Image = SGTable<Owned<VVec<u8>>>;
///
/// /// Hands an image to the device.
/// fn map(dev: &Device<Bound>, image: VVec<u8>) -> impl PinInit<Image, Error> + '_ {
///     SGTable::new(dev, image, DataDirection::ToDevice, GFP_KERNEL)
/// }
///
/// # if !kernel::dma::testing::available() { return Ok(()); }
/// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_sgtable")?;
/// let mut image = VVec::with_capacity(3 * PAGE_SIZE, GFP_KERNEL)?;
/// image.push(0x42, GFP_KERNEL)?;
///
/// let table = KBox::pin_init(map(dev.bound(), image), GFP_KERNEL)?;
/// // All of what is allocated is mapped, used or not.
/// let bytes: u64 = table.iter().map(|entry| entry.dma_len() as u64).sum();
/// assert_eq!(bytes, 3 * PAGE_SIZE as u64);
/// # Ok::<(), Error>(())
/// ```
#[repr(transparent)]
#[pin_data]
pub struct SGTable<T: private::Sealed = Borrowed> {
    #[pin]
    inner: T,
}

impl SGTable {
    /// Takes C's structure for a reference.
    ///
    /// # Safety
    ///
    /// For the length of `'a`, `ptr` points to an initialised table, and nobody writes to it or to its
    /// entries. As many entries as it says (`nents`) are mapped, or have been.
    #[inline]
    pub unsafe fn from_raw<'a>(ptr: *mut bindings::sg_table) -> &'a Self {
        // SAFETY: `SGTable` and `Borrowed` are transparent wrappers. The caller promises what the
        // invariant of `Borrowed` says.
        unsafe { &*ptr.cast() }
    }

    fn as_raw(&self) -> *mut bindings::sg_table {
        self.inner.0.get()
    }

    /// Goes through the pieces, as the device sees them.
    ///
    /// C counterpart: `for_each_sgtable_dma_sg()`.
    pub fn iter(&self) -> SGTableIter<'_> {
        let table = self.as_raw();
        // SAFETY: The table is initialised, by the invariant of `Borrowed`.
        let left = unsafe { (*table).nents };
        // SAFETY: As above.
        let next = unsafe { (*table).sgl };
        // INVARIANT: That is the first of the entries, and nobody writes to them, by the invariant of
        // `Borrowed`.
        SGTableIter {
            next,
            left,
            _table: PhantomData,
        }
    }
}

impl<P> SGTable<Owned<P>>
where
    for<'a> P: AsPageIter<Iter<'a> = VmallocPageIter<'a>> + 'static,
{
    /// Makes a table of all pages that `pages` has, and maps it for the device.
    ///
    /// The mapping ends when the driver is unbound, or when the table is dropped, whichever is first.
    /// The pages are freed when the table is dropped.
    ///
    /// A piece is as long as adjacent pages allow, and as
    /// [`dma_set_max_seg_size`](crate::dma::Device::dma_set_max_seg_size) does.
    ///
    /// # Errors
    ///
    /// - `EINVAL` without any pages, for [`DataDirection::None`], or for a device that can't take a
    ///   page in one piece.
    /// - `EOVERFLOW` for more pages than a table has room for.
    /// - `EIO` if the device does no DMA, or if the pages can't be mapped for it.
    /// - `ENOMEM` without memory, for the table or for the mapping.
    pub fn new(
        dev: &Device<Bound>,
        pages: P,
        dir: DataDirection,
        flags: Flags,
    ) -> impl PinInit<Self, Error> + '_ {
        pin_init::pin_init_scope(move || {
            let inner = Owned::new(dev, pages, dir, flags)?;
            Ok(try_pin_init!(Self { inner }? Error))
        })
    }
}

impl<P> Deref for SGTable<Owned<P>> {
    type Target = SGTable;

    #[inline]
    fn deref(&self) -> &Self::Target {
        // SAFETY: The table is initialised while it is owned, has been mapped, and nobody writes to it
        // afterwards: unmapping only reads it.
        unsafe { SGTable::from_raw(self.inner.as_raw()) }
    }
}

/// Goes through the pieces of an [`SGTable`].
///
/// # Invariants
///
/// Unless `left` is 0, `next` points to an entry, which at least `left - 1` follow, as in
/// [`SGEntry`]. Nobody writes to them during `'a`.
pub struct SGTableIter<'a> {
    next: *mut bindings::scatterlist,
    left: c_uint,
    _table: PhantomData<&'a SGTable>,
}

impl<'a> Iterator for SGTableIter<'a> {
    type Item = &'a SGEntry;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let entry = self.next;
        // INVARIANT: There is one less to come, and this is the one after.
        self.left -= 1;
        // SAFETY: By the type invariant it is an entry.
        self.next = unsafe { bindings::sg_next(entry) };
        // SAFETY: By the type invariant it is an entry, which nobody writes to during `'a`.
        Some(unsafe { SGEntry::from_raw(entry) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.left as usize;
        (left, Some(left))
    }
}

// SAFETY: Any thread may look at a table, as with `&SGTable`.
unsafe impl Send for SGTableIter<'_> {}

// SAFETY: As above.
unsafe impl Sync for SGTableIter<'_> {}
