// SPDX-License-Identifier: GPL-2.0

//! Memory that the CPU and a device share.

use super::{allocation::Allocation, Attrs, CoherentBox, DmaAddress};
use crate::{
    alloc::Flags,
    bindings,
    device::{Bound, Device},
    page::PAGE_SIZE,
    prelude::*,
    ptr::KnownSize,
    transmute::{AsBytes, FromBytes},
    uaccess::{contents::BinaryWriter, DmaBytes, UserSliceWriter},
};
use core::ptr::{self, NonNull};

/// A `T` that the CPU and a device may both access at any time.
///
/// Neither has to be told what the other has written. Parts are read and written by value, with
/// [`dma_read!`](crate::dma_read) and [`dma_write!`](crate::dma_write); for why there is no safe
/// reference, see the [module](super).
///
/// It begins at the beginning of a page, and its bytes are zero unless another value is given. It is
/// to be dropped before the driver is unbound, where sleeping is allowed.
///
/// C counterpart: `dma_alloc_attrs()` and `dma_free_attrs()`.
///
/// # Examples
///
/// ```
/// use kernel::{
///     device::{Bound, Device},
///     dma::Coherent,
///     transmute::{AsBytes, FromBytes},
/// };
///
/// /// What the device finds its work in.
/// #[repr(C)]
/// struct Descriptor {
///     address: u64,
///     length: u32,
///     flags: u32,
/// }
///
/// // SAFETY: There is no padding, and no interior mutability.
/// unsafe impl AsBytes for Descriptor {}
/// // SAFETY: These are numbers, and no one minds which.
/// unsafe impl FromBytes for Descriptor {}
///
/// fn ring(dev: &Device<Bound>) -> Result<Coherent<[Descriptor]>> {
///     let ring = Coherent::<Descriptor>::zeroed_slice(dev, 64, GFP_KERNEL)?;
///     kernel::dma_write!(ring, [try: 0], Descriptor { address: 0x1000, length: 512, flags: 1 });
///     Ok(ring)
/// }
///
/// # if !kernel::dma::testing::available() { return Ok(()); }
/// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_coherent")?;
/// let ring = ring(dev.bound())?;
/// assert_eq!(ring.len(), 64);
/// assert_eq!(ring.size(), 1024);
/// assert_eq!(kernel::dma_read!(ring, [try: 0].length), 512);
/// assert_eq!(kernel::dma_read!(ring, [try: 1].length), 0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `memory` points to the beginning of the allocation, which is as large as the `T`, aligned for it,
/// mapped for the CPU, and holds a valid `T`.
pub struct Coherent<T: KnownSize + ?Sized> {
    memory: NonNull<T>,
    allocation: Allocation,
}

impl<T: KnownSize + ?Sized> Coherent<T> {
    /// Where the CPU has the memory.
    #[inline]
    pub fn as_ptr(&self) -> *const T {
        self.memory.as_ptr()
    }

    /// Where the CPU has the memory, for writes too.
    #[inline]
    pub fn as_mut_ptr(&self) -> *mut T {
        self.memory.as_ptr()
    }

    /// Where the device has the memory: what to tell it.
    #[inline]
    pub fn dma_handle(&self) -> DmaAddress {
        self.allocation.handle()
    }

    /// How many bytes there are.
    #[inline]
    pub fn size(&self) -> usize {
        self.allocation.size()
    }

    /// A reference to the memory.
    ///
    /// # Safety
    ///
    /// While the result is borrowed, the device does not write to the memory, and nobody else does:
    /// neither by a reference, nor by [`dma_write!`](crate::dma_write).
    #[inline]
    pub unsafe fn as_ref(&self) -> &T {
        // SAFETY: By the type invariant it is a valid `T`, for as long as `self`. Nobody writes to
        // it, as the caller says.
        unsafe { self.memory.as_ref() }
    }

    /// A reference to the memory, to write to it.
    ///
    /// # Safety
    ///
    /// While the result is borrowed, the device does not access the memory, and nobody else does:
    /// neither by a reference, nor by [`dma_read!`](crate::dma_read) or
    /// [`dma_write!`](crate::dma_write).
    #[inline]
    #[expect(
        clippy::mut_from_ref,
        reason = "the caller vouches for there being no other"
    )]
    pub unsafe fn as_mut(&self) -> &mut T {
        let memory = self.as_mut_ptr();
        // SAFETY: By the type invariant it is a valid `T`, for as long as `self`. Nobody else accesses
        // it, as the caller says.
        unsafe { &mut *memory }
    }
}

/// The pointer to a `T` at the beginning of an allocation.
///
/// # Errors
///
/// `EINVAL` if an alignment of a page is not enough for a `T`.
pub(super) fn aligned<T>(allocation: &Allocation) -> Result<NonNull<T>> {
    if align_of::<T>() > PAGE_SIZE {
        return Err(EINVAL);
    }
    Ok(allocation.cpu().cast())
}

impl<T: AsBytes + FromBytes> Coherent<T> {
    /// Allocates a `T` of zeroes, as [`zeroed_with_attrs`](Self::zeroed_with_attrs) does without
    /// attributes.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn zeroed(dev: &Device<Bound>, gfp_flags: Flags) -> Result<Self> {
        Self::zeroed_with_attrs(dev, gfp_flags, Attrs::default())
    }

    /// Allocates a `T` of zeroes.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if a `T` has no bytes, or an alignment of more than a page.
    /// - `EIO` if the device has no mask: it does no DMA.
    /// - `ENOMEM` without memory at an address that the device can have.
    pub fn zeroed_with_attrs(
        dev: &Device<Bound>,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self> {
        let allocation = Allocation::new(dev, size_of::<T>(), gfp_flags, dma_attrs.as_raw())?;
        // INVARIANT: The size is that of a `T`, and the alignment is enough. There is a mapping, as
        // `Attrs` can't say that there should be none. Zeroes are a `T`, by `FromBytes`.
        Ok(Self {
            memory: aligned(&allocation)?,
            allocation,
        })
    }

    /// Allocates a slice of `len` zeroed `T`, as
    /// [`zeroed_slice_with_attrs`](Self::zeroed_slice_with_attrs) does without attributes.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn zeroed_slice(
        dev: &Device<Bound>,
        len: usize,
        gfp_flags: Flags,
    ) -> Result<Coherent<[T]>> {
        Self::zeroed_slice_with_attrs(dev, len, gfp_flags, Attrs::default())
    }

    /// Allocates a slice of `len` zeroed `T`.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if there are no bytes, or if a `T` has an alignment of more than a page.
    /// - `EOVERFLOW` if there is no room for so many in the address space.
    /// - `EIO` if the device has no mask: it does no DMA.
    /// - `ENOMEM` without memory at an address that the device can have.
    pub fn zeroed_slice_with_attrs(
        dev: &Device<Bound>,
        len: usize,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Coherent<[T]>> {
        let size = size_of::<T>().checked_mul(len).ok_or(EOVERFLOW)?;
        let allocation = Allocation::new(dev, size, gfp_flags, dma_attrs.as_raw())?;
        let first = aligned::<T>(&allocation)?;
        // INVARIANT: As in `zeroed_with_attrs`, for each of them.
        Ok(Coherent {
            memory: NonNull::slice_from_raw_parts(first, len),
            allocation,
        })
    }

    /// Allocates a copy of a slice, as
    /// [`from_slice_with_attrs`](Self::from_slice_with_attrs) does without attributes.
    ///
    /// # Errors
    ///
    /// As for [`zeroed_slice_with_attrs`](Self::zeroed_slice_with_attrs).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{device::{Bound, Device}, dma::Coherent};
    ///
    /// /// Puts a firmware where the device can load it from.
    /// fn stage(dev: &Device<Bound>, firmware: &[u8]) -> Result<Coherent<[u8]>> {
    ///     Coherent::from_slice(dev, firmware, GFP_KERNEL)
    /// }
    ///
    /// # if !kernel::dma::testing::available() { return Ok(()); }
    /// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_from_slice")?;
    /// let staged = stage(dev.bound(), b"\x7fELF")?;
    /// assert_eq!(kernel::dma_read!(staged, [try: 1]), b'E');
    /// # Ok::<(), Error>(())
    /// ```
    pub fn from_slice(dev: &Device<Bound>, data: &[T], gfp_flags: Flags) -> Result<Coherent<[T]>>
    where
        T: Copy,
    {
        Self::from_slice_with_attrs(dev, data, gfp_flags, Attrs::default())
    }

    /// Allocates a copy of a slice.
    ///
    /// # Errors
    ///
    /// As for [`zeroed_slice_with_attrs`](Self::zeroed_slice_with_attrs).
    pub fn from_slice_with_attrs(
        dev: &Device<Bound>,
        data: &[T],
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Coherent<[T]>>
    where
        T: Copy,
    {
        CoherentBox::from_slice_with_attrs(dev, data, gfp_flags, dma_attrs).map(Coherent::from)
    }

    /// Allocates a `T` and initialises it in place, as
    /// [`init_with_attrs`](Self::init_with_attrs) does without attributes.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn init<E>(dev: &Device<Bound>, gfp_flags: Flags, init: impl Init<T, E>) -> Result<Self>
    where
        Error: From<E>,
    {
        Self::init_with_attrs(dev, gfp_flags, Attrs::default(), init)
    }

    /// Allocates a `T` and initialises it in place.
    ///
    /// # Errors
    ///
    /// The error of `init`, or one as for [`zeroed_with_attrs`](Self::zeroed_with_attrs).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::dma::{attrs::DMA_ATTR_NO_WARN, Coherent};
    ///
    /// # if !kernel::dma::testing::available() { return Ok(()); }
    /// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_init")?;
    /// # let dev = dev.bound();
    /// let ones = pin_init::init_array_from_fn(|_| 1_u32);
    /// let ones: Coherent<[u32; 256]> =
    ///     Coherent::init_with_attrs(dev, GFP_KERNEL, DMA_ATTR_NO_WARN, ones)?;
    /// assert_eq!(kernel::dma_read!(ones, [try: 255]), 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn init_with_attrs<E>(
        dev: &Device<Bound>,
        gfp_flags: Flags,
        dma_attrs: Attrs,
        init: impl Init<T, E>,
    ) -> Result<Self>
    where
        Error: From<E>,
    {
        let memory = Self::zeroed_with_attrs(dev, gfp_flags, dma_attrs)?;
        // SAFETY: By the type invariant the pointer is valid for writes of a `T`, and nobody else knows
        // of it. After an error the memory is freed without a look at the `T`.
        unsafe { init.__init(memory.as_mut_ptr()) }?;
        Ok(memory)
    }
}

impl<T> Coherent<[T]> {
    /// How many elements there are.
    #[inline]
    #[expect(
        clippy::len_without_is_empty,
        reason = "there is none without an element"
    )]
    pub fn len(&self) -> usize {
        self.memory.len()
    }
}

impl<T: AsBytes + FromBytes + KnownSize + ?Sized> From<CoherentBox<T>> for Coherent<T> {
    #[inline]
    fn from(value: CoherentBox<T>) -> Self {
        value.into_inner()
    }
}

// SAFETY: By the type invariant all of the memory is mapped, for as long as `self`.
unsafe impl<T: KnownSize + AsBytes + ?Sized> DmaBytes for Coherent<T> {
    fn bytes(&self) -> *const [u8] {
        ptr::slice_from_raw_parts(self.as_ptr().cast(), self.size())
    }
}

impl<T: KnownSize + AsBytes + ?Sized> BinaryWriter for Coherent<T> {
    /// Handles a read from the file. The device may write meanwhile: then the process may see a
    /// mixture.
    fn write_to_slice(
        &self,
        writer: &mut UserSliceWriter,
        offset: &mut bindings::loff_t,
    ) -> Result<usize> {
        if *offset < 0 {
            return Err(EINVAL);
        }
        // Where an offset does not fit, it is beyond the end.
        let start = usize::try_from(*offset).unwrap_or(usize::MAX);
        let count = self.size().saturating_sub(start).min(writer.len());
        if count == 0 {
            return Ok(0);
        }
        writer.write_dma(self, start, count)?;
        // No more than the size, which fits.
        *offset += count as bindings::loff_t;
        Ok(count)
    }
}

// SAFETY: What is in there is the `T`, which may be sent, and the allocation.
unsafe impl<T: KnownSize + Send + ?Sized> Send for Coherent<T> {}

// SAFETY: Shared references read and write parts of the `T` with volatile accesses, which may run in
// several threads: whatever mixture they give, it is valid, by `FromBytes`. References need `unsafe`.
unsafe impl<T: KnownSize + ?Sized + AsBytes + FromBytes + Sync> Sync for Coherent<T> {}
