// SPDX-License-Identifier: GPL-2.0

//! Memory that a device reads and writes by itself.
//!
//! A device on a bus has addresses of its own, [`DmaAddress`]: through an IOMMU, behind a bridge, or
//! with fewer bits than memory needs. This module gets memory for both sides, so that the driver has
//! an address for the CPU, and one to tell the device:
//!
//! 1. In `probe`, say how many address bits the hardware has: [`Device::dma_set_mask_and_coherent`].
//! 2. Allocate. There are three kinds:
//!
//!    | | what the CPU may do |
//!    | --- | --- |
//!    | [`CoherentBox`] | everything: the device does not know of it yet |
//!    | [`Coherent`] | read and write parts by value, with [`dma_read!`] and [`dma_write!`] |
//!    | [`CoherentHandle`] | nothing: it is for the device alone |
//!
//! 3. Tell the device [`Coherent::dma_handle`], by whatever registers it has.
//!
//! Memory that exists already, or is too large to be in one piece, goes through
//! [`scatterlist`](crate::scatterlist).
//!
//! # References
//!
//! A reference promises that nobody else writes while it exists, and a device knows nothing of that.
//! So there is no safe way to a `&T` or a slice in a [`Coherent`]: values are copied in and out, with
//! volatile accesses. What the CPU and the device tell each other has to be put in order by the
//! driver: with the accessors of I/O memory, or barriers.
//!
//! # When the driver goes
//!
//! An allocation belongs to the device, with mappings that end when the driver is unbound. Keep it
//! in the driver's data, which are dropped in time. One that stays longer may still be accessed, but
//! the memory is not freed then: it is lost, and a line in the log says so.
//!
//! C header: [`include/linux/dma-mapping.h`](srctree/include/linux/dma-mapping.h). The job is
//! described in [DMA API HOWTO](srctree/Documentation/core-api/dma-api-howto.rst).
//!
//! [`dma_read!`]: crate::dma_read
//! [`dma_write!`]: crate::dma_write

use crate::{bindings, device, device::Core, error::to_result, prelude::*};

mod access;
mod allocation;
pub mod attrs;
mod boxed;
mod coherent;
mod handle;
mod mask;
#[cfg(CONFIG_KUNIT = "y")]
#[doc(hidden)]
pub mod testing;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use boxed::CoherentBox;
pub use coherent::Coherent;
pub use handle::CoherentHandle;
pub use mask::DmaMask;

/// An address as a device has it.
///
/// C counterpart: `dma_addr_t`, of 32 or 64 bits.
pub type DmaAddress = bindings::dma_addr_t;

/// A device on a bus whose devices access memory.
///
/// Implemented by the device types of such buses, in the context of their callbacks.
///
/// # Examples
///
/// ```
/// use kernel::{device::Core, dma::{Device, DmaMask}};
///
/// fn setup<'a>(dev: &impl Device<'a>) -> Result {
///     // SAFETY: In `probe` nobody has allocated or mapped yet.
///     unsafe { dev.dma_set_mask_and_coherent(DmaMask::new::<36>()) }
/// }
///
/// # if !kernel::dma::testing::available() { return Ok(()); }
/// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_dma_device")?;
/// setup(dev.core())?;
/// # Ok::<(), Error>(())
/// ```
pub trait Device<'a>: AsRef<device::Device<Core<'a>>> {
    /// States which addresses the device can have for mapped memory, as in
    /// [`scatterlist`](crate::scatterlist).
    ///
    /// C counterpart: `dma_set_mask()`.
    ///
    /// # Errors
    ///
    /// `EIO` if the device does no DMA, or if there is no way to map memory to such addresses.
    ///
    /// # Safety
    ///
    /// Nobody allocates or maps memory for the device meanwhile.
    unsafe fn dma_set_mask(&self, mask: DmaMask) -> Result {
        // SAFETY: The device is valid, as it comes from a reference; the caller keeps others away
        // that look at the mask.
        to_result(unsafe { bindings::dma_set_mask(self.as_ref().as_raw(), mask.value()) })
    }

    /// States which addresses the device can have for what is allocated, as a [`Coherent`].
    ///
    /// C counterpart: `dma_set_coherent_mask()`.
    ///
    /// # Errors
    ///
    /// `EIO` if there is no way to allocate memory at such addresses.
    ///
    /// # Safety
    ///
    /// Nobody allocates or maps memory for the device meanwhile.
    unsafe fn dma_set_coherent_mask(&self, mask: DmaMask) -> Result {
        // SAFETY: As in `dma_set_mask`.
        to_result(unsafe { bindings::dma_set_coherent_mask(self.as_ref().as_raw(), mask.value()) })
    }

    /// States which addresses the device can have, be it for mapped or for allocated memory.
    ///
    /// C counterpart: `dma_set_mask_and_coherent()`.
    ///
    /// # Errors
    ///
    /// `EIO`, as for [`dma_set_mask`](Self::dma_set_mask).
    ///
    /// # Safety
    ///
    /// Nobody allocates or maps memory for the device meanwhile.
    unsafe fn dma_set_mask_and_coherent(&self, mask: DmaMask) -> Result {
        // SAFETY: As in `dma_set_mask`.
        to_result(unsafe {
            bindings::dma_set_mask_and_coherent(self.as_ref().as_raw(), mask.value())
        })
    }

    /// States how many bytes a segment may have at most: an entry of a
    /// [`scatterlist`](crate::scatterlist). Without it, that is 64 KiB.
    ///
    /// On a bus that has no place for the limit, C warns, and nothing changes.
    ///
    /// C counterpart: `dma_set_max_seg_size()`.
    ///
    /// # Safety
    ///
    /// Nobody allocates or maps memory for the device meanwhile.
    unsafe fn dma_set_max_seg_size(&self, size: u32) {
        // SAFETY: As in `dma_set_mask`.
        unsafe { bindings::dma_set_max_seg_size(self.as_ref().as_raw(), size) }
    }
}

/// What an allocation or a mapping should be like, beyond the usual: a set of those in [`attrs`].
///
/// Sets are combined by operators. The empty one is [`Default`].
///
/// # Examples
///
/// ```
/// use kernel::dma::{attrs::*, Attrs};
///
/// let attrs = DMA_ATTR_FORCE_CONTIGUOUS | DMA_ATTR_NO_WARN;
/// assert!(attrs.contains(DMA_ATTR_NO_WARN));
/// assert!(!attrs.contains(DMA_ATTR_WRITE_COMBINE));
/// assert_eq!(attrs & !DMA_ATTR_NO_WARN, DMA_ATTR_FORCE_CONTIGUOUS);
/// assert!(attrs.contains(Attrs::default()));
/// ```
///
/// # Invariants
///
/// There is no bit in it but those of the constants in [`attrs`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Attrs(u32);

impl Attrs {
    /// The number that C takes.
    #[inline]
    pub(crate) fn as_raw(self) -> c_ulong {
        self.0 as c_ulong
    }

    /// Tells whether all of `flags` are in the set.
    #[inline]
    pub fn contains(self, flags: Attrs) -> bool {
        self & flags == flags
    }
}

impl core::ops::BitOr for Attrs {
    type Output = Self;

    #[inline]
    fn bitor(self, rhs: Self) -> Self::Output {
        Self(self.0 | rhs.0)
    }
}

impl core::ops::BitAnd for Attrs {
    type Output = Self;

    #[inline]
    fn bitand(self, rhs: Self) -> Self::Output {
        Self(self.0 & rhs.0)
    }
}

impl core::ops::Not for Attrs {
    type Output = Self;

    /// Gives those of [`attrs`] that are not in the set.
    #[inline]
    fn not(self) -> Self::Output {
        // INVARIANT: What has no constant stays out: `DMA_ATTR_NO_KERNEL_MAPPING` would make the CPU's
        // address of an allocation one that must not be used.
        Self(!self.0 & attrs::ALL.0)
    }
}

/// Who writes to memory that is mapped for a device, and who reads it.
///
/// C counterpart: `enum dma_data_direction`.
///
/// # Examples
///
/// ```
/// use kernel::{bindings, dma::DataDirection};
///
/// let raw: bindings::dma_data_direction = DataDirection::ToDevice.into();
/// assert_eq!(raw, bindings::dma_data_direction_DMA_TO_DEVICE);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
// Whether C's enumeration is signed depends on which headers come first.
pub enum DataDirection {
    /// Both, in both directions.
    Bidirectional = bindings::dma_data_direction_DMA_BIDIRECTIONAL as u32,

    /// The CPU writes, and the device reads.
    ToDevice = bindings::dma_data_direction_DMA_TO_DEVICE as u32,

    /// The device writes, and the CPU reads.
    FromDevice = bindings::dma_data_direction_DMA_FROM_DEVICE as u32,

    /// Nobody. Nothing can be mapped this way: it stands for a direction that is not known yet.
    None = bindings::dma_data_direction_DMA_NONE as u32,
}

impl From<DataDirection> for bindings::dma_data_direction {
    #[inline]
    fn from(direction: DataDirection) -> Self {
        direction as Self
    }
}
