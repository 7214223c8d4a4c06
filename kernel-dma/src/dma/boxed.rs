// SPDX-License-Identifier: GPL-2.0

//! Memory of a device's that it does not know of yet.

use super::{Attrs, Coherent};
use crate::{
    alloc::Flags,
    device::{Bound, Device},
    prelude::*,
    ptr::KnownSize,
    transmute::{AsBytes, FromBytes},
};
use core::ops::{Deref, DerefMut};

/// A `T` that a device is going to share, and that the CPU has for itself until then.
///
/// It does not tell where the device has it. So it can be filled by reference, and then becomes a
/// [`Coherent`].
///
/// # Examples
///
/// ```
/// use kernel::{device::{Bound, Device}, dma::{Coherent, CoherentBox}};
///
/// fn table(dev: &Device<Bound>, first: u64) -> Result<Coherent<[u64]>> {
///     let mut table = CoherentBox::<[u64]>::zeroed_slice(dev, 512, GFP_KERNEL)?;
///     for (entry, address) in table.iter_mut().zip((first..).step_by(4096)) {
///         *entry = address | 1;
///     }
///     Ok(table.into())
/// }
///
/// # if !kernel::dma::testing::available() { return Ok(()); }
/// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_box")?;
/// let table = table(dev.bound(), 0x10_0000)?;
/// assert_eq!(kernel::dma_read!(table, [try: 2]), 0x10_2001);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// Nobody else accesses the memory.
pub struct CoherentBox<T: KnownSize + ?Sized>(Coherent<T>);

impl<T: KnownSize + ?Sized> CoherentBox<T> {
    /// Shares the memory.
    #[inline]
    pub(super) fn into_inner(self) -> Coherent<T> {
        self.0
    }
}

impl<T: AsBytes + FromBytes> CoherentBox<T> {
    /// Allocates a `T` of zeroes, as [`zeroed_with_attrs`](Self::zeroed_with_attrs) does without
    /// attributes.
    ///
    /// # Errors
    ///
    /// As for [`Coherent::zeroed_with_attrs`].
    #[inline]
    pub fn zeroed(dev: &Device<Bound>, gfp_flags: Flags) -> Result<Self> {
        Self::zeroed_with_attrs(dev, gfp_flags, Attrs::default())
    }

    /// Allocates a `T` of zeroes.
    ///
    /// # Errors
    ///
    /// As for [`Coherent::zeroed_with_attrs`].
    #[inline]
    pub fn zeroed_with_attrs(
        dev: &Device<Bound>,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self> {
        // INVARIANT: It is new.
        Coherent::zeroed_with_attrs(dev, gfp_flags, dma_attrs).map(Self)
    }
}

impl<T: AsBytes + FromBytes> CoherentBox<[T]> {
    /// Allocates a slice of `len` zeroed `T`, as
    /// [`zeroed_slice_with_attrs`](Self::zeroed_slice_with_attrs) does without attributes.
    ///
    /// # Errors
    ///
    /// As for [`Coherent::zeroed_slice_with_attrs`].
    #[inline]
    pub fn zeroed_slice(dev: &Device<Bound>, len: usize, gfp_flags: Flags) -> Result<Self> {
        Self::zeroed_slice_with_attrs(dev, len, gfp_flags, Attrs::default())
    }

    /// Allocates a slice of `len` zeroed `T`.
    ///
    /// # Errors
    ///
    /// As for [`Coherent::zeroed_slice_with_attrs`].
    #[inline]
    pub fn zeroed_slice_with_attrs(
        dev: &Device<Bound>,
        len: usize,
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self> {
        // INVARIANT: It is new.
        Coherent::<T>::zeroed_slice_with_attrs(dev, len, gfp_flags, dma_attrs).map(Self)
    }

    /// Allocates a copy of a slice, as [`from_slice_with_attrs`](Self::from_slice_with_attrs) does
    /// without attributes.
    ///
    /// # Errors
    ///
    /// As for [`Coherent::zeroed_slice_with_attrs`].
    #[inline]
    pub fn from_slice(dev: &Device<Bound>, data: &[T], gfp_flags: Flags) -> Result<Self>
    where
        T: Copy,
    {
        Self::from_slice_with_attrs(dev, data, gfp_flags, Attrs::default())
    }

    /// Allocates a copy of a slice.
    ///
    /// # Errors
    ///
    /// As for [`Coherent::zeroed_slice_with_attrs`].
    pub fn from_slice_with_attrs(
        dev: &Device<Bound>,
        data: &[T],
        gfp_flags: Flags,
        dma_attrs: Attrs,
    ) -> Result<Self>
    where
        T: Copy,
    {
        let mut copy = Self::zeroed_slice_with_attrs(dev, data.len(), gfp_flags, dma_attrs)?;
        copy.copy_from_slice(data);
        Ok(copy)
    }

    /// Initialises an element in place. The value that it had before is forgotten.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if there is no such element.
    /// - The error of `init`. The element is zeroed then.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::dma::CoherentBox;
    ///
    /// # if !kernel::dma::testing::available() { return Ok(()); }
    /// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_init_at")?;
    /// # let dev = dev.bound();
    /// let mut rows = CoherentBox::<[[u16; 8]]>::zeroed_slice(dev, 4, GFP_KERNEL)?;
    /// rows.init_at(1, pin_init::init_array_from_fn(|column| column as u16))?;
    /// assert_eq!(rows[1][7], 7);
    ///
    /// let row = pin_init::init_array_from_fn(|_| 0_u16);
    /// assert_eq!(rows.init_at(4, row), Err(EINVAL));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn init_at<E>(&mut self, i: usize, init: impl Init<T, E>) -> Result
    where
        Error: From<E>,
    {
        let element: *mut T = self.get_mut(i).ok_or(EINVAL)?;
        // SAFETY: The pointer comes from a reference. After an error nobody looks at what is there
        // before it is written below.
        if let Err(error) = unsafe { init.__init(element) } {
            // SAFETY: The pointer comes from a reference; zeroes are a `T`, by `FromBytes`.
            unsafe { element.write_bytes(0, 1) };
            return Err(error.into());
        }
        Ok(())
    }
}

impl<T: KnownSize + ?Sized> Deref for CoherentBox<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &Self::Target {
        // SAFETY: By the type invariant nobody else accesses the memory.
        unsafe { self.0.as_ref() }
    }
}

impl<T: AsBytes + FromBytes + KnownSize + ?Sized> DerefMut for CoherentBox<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Self::Target {
        // SAFETY: By the type invariant nobody else accesses the memory, and `self` is borrowed
        // exclusively.
        unsafe { self.0.as_mut() }
    }
}
