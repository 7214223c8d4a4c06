// SPDX-License-Identifier: GPL-2.0

//! Values in and out of memory that a device shares.

use super::Coherent;
use crate::{
    ptr::KnownSize,
    transmute::{AsBytes, FromBytes},
};
use core::mem::{ManuallyDrop, MaybeUninit};

/// Reads a part of a [`Coherent`](crate::dma::Coherent).
///
/// `dma_read!(memory, path)` copies out what the path leads to, once. The path is that of
/// [`ptr::project!`](crate::ptr::project): of fields, as in `.field`, and of indices, as in
/// `[try: index]`, `[panic: index]` or `[build: index]`. What is read has to be
/// [`FromBytes`](crate::transmute::FromBytes).
///
/// If the device writes meanwhile, the result may be a mixture; but up to the size of a `usize`, where
/// the value is aligned, it is not.
///
/// # Examples
///
/// ```
/// use kernel::{dma::Coherent, transmute::{AsBytes, FromBytes}};
///
/// #[repr(C)]
/// struct Queue {
///     head: u32,
///     tail: u32,
///     slots: [u64; 16],
/// }
/// // SAFETY: There is no padding, and no interior mutability.
/// unsafe impl AsBytes for Queue {}
/// // SAFETY: These are numbers, and no one minds which.
/// unsafe impl FromBytes for Queue {}
///
/// fn next(queue: &Coherent<Queue>) -> Result<u64> {
///     let tail = kernel::dma_read!(queue, .tail);
///     // The device says which, so it is not to be trusted.
///     Ok(kernel::dma_read!(queue, .slots[try: tail as usize]))
/// }
///
/// # if !kernel::dma::testing::available() { return Ok(()); }
/// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_read")?;
/// let queue: Coherent<Queue> = Coherent::zeroed(dev.bound(), GFP_KERNEL)?;
/// kernel::dma_write!(queue, .slots[try: 3], 7);
/// kernel::dma_write!(queue, .tail, 3);
/// assert_eq!(next(&queue)?, 7);
/// kernel::dma_write!(queue, .tail, 16);
/// assert_eq!(next(&queue), Err(ERANGE));
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! dma_read {
    ($memory:expr, $($path:tt)*) => {{
        let memory = &$memory;
        let part = $crate::ptr::project!($crate::dma::Coherent::as_ptr(memory), $($path)*);
        // SAFETY: It is a projection of the memory.
        unsafe { $crate::dma::Coherent::field_read(memory, part) }
    }};
}

/// Writes a part of a [`Coherent`](crate::dma::Coherent).
///
/// `dma_write!(memory, path, value)` copies the value to where the path leads, once. The path is
/// that of [`dma_read!`](crate::dma_read). The value has to be
/// [`AsBytes`](crate::transmute::AsBytes); the one that was there is forgotten.
///
/// # Examples
///
/// ```
/// use kernel::dma::Coherent;
///
/// fn fill(table: &Coherent<[u32]>) -> Result {
///     for i in 0..table.len() {
///         kernel::dma_write!(table, [try: i], i as u32);
///     }
///     Ok(())
/// }
///
/// # if !kernel::dma::testing::available() { return Ok(()); }
/// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_write")?;
/// let table = Coherent::<u32>::zeroed_slice(dev.bound(), 32, GFP_KERNEL)?;
/// fill(&table)?;
/// assert_eq!(kernel::dma_read!(table, [try: 31]), 31);
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! dma_write {
    (@path [$memory:expr] [$($path:tt)*] , $value:expr $(,)?) => {{
        let memory = &$memory;
        let part = $crate::ptr::project!(
            mut $crate::dma::Coherent::as_mut_ptr(memory),
            $($path)*
        );
        let value = $value;
        // SAFETY: It is a projection of the memory.
        unsafe { $crate::dma::Coherent::field_write(memory, part, value) }
    }};
    (@path [$memory:expr] [$($path:tt)*] $next:tt $($rest:tt)*) => {
        $crate::dma_write!(@path [$memory] [$($path)* $next] $($rest)*)
    };
    ($memory:expr, $($path_and_value:tt)*) => {
        $crate::dma_write!(@path [$memory] [] $($path_and_value)*)
    };
}

impl<T: KnownSize + ?Sized> Coherent<T> {
    /// Copies a part out of the memory.
    ///
    /// Not API: for [`dma_read!`](crate::dma_read).
    ///
    /// # Safety
    ///
    /// `field` points into the memory, and so does all of the `F`. It need not be aligned.
    #[doc(hidden)]
    #[inline]
    pub unsafe fn field_read<F: FromBytes>(&self, field: *const F) -> F {
        if field.is_aligned() {
            // SAFETY: The part lies in memory that is mapped while `self` is borrowed, it is aligned,
            // and whatever is there is an `F`, by `FromBytes`.
            return unsafe { field.read_volatile() };
        }

        // A field of a packed structure.
        let mut value = MaybeUninit::<F>::uninit();
        for i in 0..size_of::<F>() {
            let from = field.cast::<u8>().wrapping_add(i);
            // SAFETY: As above; a byte is always aligned.
            let byte = unsafe { from.read_volatile() };
            let to = value.as_mut_ptr().cast::<u8>().wrapping_add(i);
            // SAFETY: The value has as many bytes.
            unsafe { to.write(byte) };
        }
        // SAFETY: All bytes are written, and any are an `F`, by `FromBytes`.
        unsafe { value.assume_init() }
    }

    /// Copies a value to a part of the memory.
    ///
    /// Not API: for [`dma_write!`](crate::dma_write).
    ///
    /// # Safety
    ///
    /// `field` points into the memory, and so does all of the `F`. It need not be aligned.
    #[doc(hidden)]
    #[inline]
    pub unsafe fn field_write<F: AsBytes>(&self, field: *mut F, value: F) {
        if field.is_aligned() {
            // SAFETY: The part lies in memory that is mapped while `self` is borrowed, and it is
            // aligned. Parts of the `T` are written with values of their own types, so it stays a `T`.
            return unsafe { field.write_volatile(value) };
        }

        // A field of a packed structure. What is there has the value then, so it is not dropped.
        let value = ManuallyDrop::new(value);
        for (i, byte) in F::as_bytes(&value).iter().enumerate() {
            let to = field.cast::<u8>().wrapping_add(i);
            // SAFETY: As above; a byte is always aligned.
            unsafe { to.write_volatile(*byte) };
        }
    }
}
