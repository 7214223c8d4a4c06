// SPDX-License-Identifier: GPL-2.0

//! Device memory in the kernel's address space.
//!
//! In C: [`io.h`](srctree/include/asm-generic/io.h)

use super::{Io, IoCapable, IoKnownSize};
use crate::{bindings, prelude::*};
use core::ptr;

/// Where device memory is mapped, and how much: the parameters of a mapping, without access.
///
/// `SIZE` is the least size in bytes, or 0 if nothing is known while building.
///
/// Whoever makes mappings keeps one of these beside what keeps the mapping alive, and hands out
/// [`Mmio`], by [`Mmio::from_raw`].
///
/// # Invariants
///
/// - `maxsize` is at least `SIZE`.
/// - `addr + maxsize` does not overflow.
///
/// # Examples
///
/// ```
/// use kernel::io::MmioRaw;
///
/// let raw = MmioRaw::<0x80>::new(0x1000, 0x100)?;
/// assert_eq!((raw.addr(), raw.maxsize()), (0x1000, 0x100));
///
/// assert!(MmioRaw::<0x80>::new(0x1000, 0x7f).is_err());
/// # Ok::<(), Error>(())
/// ```
pub struct MmioRaw<const SIZE: usize> {
    addr: usize,
    maxsize: usize,
}

impl<const SIZE: usize> MmioRaw<SIZE> {
    /// Makes the parameters for `maxsize` bytes at `addr`.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `maxsize` is less than `SIZE`, or if such a range is beyond the address space.
    pub fn new(addr: usize, maxsize: usize) -> Result<Self> {
        if maxsize < SIZE || addr.checked_add(maxsize).is_none() {
            return Err(EINVAL);
        }
        // INVARIANT: Both were just checked.
        Ok(Self { addr, maxsize })
    }

    /// Returns the address of the first byte.
    #[inline]
    pub fn addr(&self) -> usize {
        self.addr
    }

    /// Returns the size in bytes.
    #[inline]
    pub fn maxsize(&self) -> usize {
        self.maxsize
    }
}

/// Device memory that is mapped into the kernel's address space.
///
/// `SIZE` is its least size in bytes, which the build checks accesses against, or 0 if nothing is known
/// while building; then there are only the methods of [`Io`] whose names begin with `try`.
///
/// Accesses are C's `readl()`, `writel()` and so on. Those to the same device happen in program order. A
/// write happens after what was written to memory before it, so that a device that is told to fetch
/// something by DMA finds it; and what is read from memory after a read is no older than what the device
/// had written by DMA before it answered. On some architectures that takes barriers. Where there is no
/// DMA to order, [`relaxed`](Self::relaxed) is cheaper. Writes may be *posted*: they reach the device at
/// some later time; read something back to have them there.
///
/// # Invariants
///
/// There are `maxsize` bytes of device memory mapped at `addr` for as long as this is borrowed.
///
/// # Examples
///
/// ```
/// use kernel::io::{Io, Mmio};
/// # use kernel::io::testing::Memory;
///
/// /// Rings the bell `n`; there are as many of them as the device has memory for.
/// fn ring(bells: &Mmio<0>, n: usize) -> Result {
///     let offset = n.checked_mul(4).ok_or(EINVAL)?;
///     bells.try_write32(1, offset)
/// }
///
/// # let bells = Memory::<0>::with_size(16)?;
/// ring(&bells, 3)?;
/// assert_eq!(bells.try_read32(12)?, 1);
/// assert_eq!(ring(&bells, 4), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
#[repr(transparent)]
pub struct Mmio<const SIZE: usize = 0>(MmioRaw<SIZE>);

impl<const SIZE: usize> Mmio<SIZE> {
    /// Gives access to device memory.
    ///
    /// The address should be a multiple of the width of each access: that offsets are is checked, and
    /// of the address, a driver has to know it.
    ///
    /// # Safety
    ///
    /// For as long as the result lives, `raw.maxsize()` bytes are mapped at `raw.addr()`. They are memory
    /// of a device, or other memory that Rust has no references into, and reading or writing it in any
    /// order does no harm to the kernel's memory.
    #[inline]
    pub unsafe fn from_raw(raw: &MmioRaw<SIZE>) -> &Self {
        let this: *const Self = ptr::from_ref(raw).cast();
        // INVARIANT: The caller vouches for the memory.
        // SAFETY: The pointer is that of a reference, of the same lifetime, and `Self` is transparent.
        unsafe { &*this }
    }

    /// Returns the same memory, accessed without an order to anything but the same device.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::io::{Io, Mmio};
    /// # use kernel::io::testing::Memory;
    ///
    /// /// Fills a FIFO, which is at offset 0, and starts the device.
    /// fn send(device: &Mmio<8>, words: &[u32]) {
    ///     for word in words {
    ///         device.relaxed().write32(*word, 0);
    ///     }
    ///     // In order after the FIFO in any case, being of the same device.
    ///     device.write32(1, 4);
    /// }
    ///
    /// # let device = Memory::<8>::new()?;
    /// send(&device, &[1, 2, 3]);
    /// assert_eq!((device.read32(0), device.read32(4)), (3, 1));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn relaxed(&self) -> &RelaxedMmio<SIZE> {
        let relaxed: *const RelaxedMmio<SIZE> = ptr::from_ref(self).cast();
        // SAFETY: The pointer is that of a reference, of the same lifetime, and `RelaxedMmio` is
        // transparent.
        unsafe { &*relaxed }
    }
}

impl<const SIZE: usize> Io for Mmio<SIZE> {
    #[inline]
    fn addr(&self) -> usize {
        self.0.addr
    }

    #[inline]
    fn maxsize(&self) -> usize {
        self.0.maxsize
    }
}

impl<const SIZE: usize> IoKnownSize for Mmio<SIZE> {
    const MIN_SIZE: usize = SIZE;
}

/// Device memory, accessed without an order to other memory: see [`Mmio::relaxed`].
///
/// Accesses are C's `readl_relaxed()`, `writel_relaxed()` and so on. Those to the same device happen in
/// program order; there is no order between them and what is done to memory, by the CPU or by DMA.
#[repr(transparent)]
pub struct RelaxedMmio<const SIZE: usize = 0>(Mmio<SIZE>);

impl<const SIZE: usize> Io for RelaxedMmio<SIZE> {
    #[inline]
    fn addr(&self) -> usize {
        self.0.addr()
    }

    #[inline]
    fn maxsize(&self) -> usize {
        self.0.maxsize()
    }
}

impl<const SIZE: usize> IoKnownSize for RelaxedMmio<SIZE> {
    const MIN_SIZE: usize = SIZE;
}

macro_rules! impl_io_capable {
    ($(#[$attr:meta])* $mmio:ident $int:ty: $read:ident $write:ident) => {
        $(#[$attr])*
        impl<const SIZE: usize> IoCapable<$int> for $mmio<SIZE> {
            #[inline(always)]
            unsafe fn io_read(&self, address: usize) -> $int {
                let pointer = ptr::with_exposed_provenance(address);
                // SAFETY: By the type invariant the region is mapped, and the caller vouches for the
                // address being that of such an integer in it.
                unsafe { bindings::$read(pointer) }
            }

            #[inline(always)]
            unsafe fn io_write(&self, value: $int, address: usize) {
                let pointer = ptr::with_exposed_provenance_mut(address);
                // SAFETY: By the type invariant the region is mapped, and the caller vouches for the
                // address being that of such an integer in it.
                unsafe { bindings::$write(value, pointer) }
            }
        }
    };
}

impl_io_capable!(Mmio u8: readb writeb);
impl_io_capable!(Mmio u16: readw writew);
impl_io_capable!(Mmio u32: readl writel);
impl_io_capable!(#[cfg(CONFIG_64BIT)] Mmio u64: readq writeq);

impl_io_capable!(RelaxedMmio u8: readb_relaxed writeb_relaxed);
impl_io_capable!(RelaxedMmio u16: readw_relaxed writew_relaxed);
impl_io_capable!(RelaxedMmio u32: readl_relaxed writel_relaxed);
impl_io_capable!(#[cfg(CONFIG_64BIT)] RelaxedMmio u64: readq_relaxed writeq_relaxed);
