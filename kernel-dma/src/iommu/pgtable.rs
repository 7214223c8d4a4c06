// SPDX-License-Identifier: GPL-2.0

//! Page tables that a device walks.
//!
//! For hardware with an MMU of its own, such as a GPU: the kernel knows the formats, and this lets a
//! driver have tables in one of them.
//!
//! 1. Make an [`IoPageTable`] with the [`Config`] of the hardware.
//! 2. Tell the hardware where it is: for [`ARM64LPAES1`], [`IoPageTable::ttbr`] and
//!    [`IoPageTable::mair`].
//! 3. Map and unmap. After unmapping, the driver has to make the hardware forget what it remembers of
//!    the table: the callbacks that C has for this do nothing here.
//!
//! There are formats that a kernel lacks: `CONFIG_IOMMU_IO_PGTABLE_LPAE` brings those of ARM.
//!
//! C header: [`include/linux/io-pgtable.h`](srctree/include/linux/io-pgtable.h).

use crate::{
    alloc::Flags,
    bindings,
    device::{Bound, Device},
    devres::Devres,
    error::to_result,
    io::PhysAddr,
    prelude::*,
};
use core::{marker::PhantomData, ptr::NonNull};

mod flush;
pub mod prot;
#[cfg(all(CONFIG_KUNIT = "y", CONFIG_IOMMU_IO_PGTABLE_LPAE))]
mod tests;

/// What the hardware that walks a table is like.
///
/// C counterpart: `struct io_pgtable_cfg`.
///
/// # Examples
///
/// ```
/// use kernel::{iommu::pgtable::Config, sizes::{SZ_2M, SZ_4K}};
///
/// let config = Config {
///     quirks: 0,
///     pgsize_bitmap: SZ_4K | SZ_2M,
///     ias: 48,
///     oas: 40,
///     coherent_walk: true,
/// };
/// assert_eq!(config.pgsize_bitmap.count_ones(), 2);
/// ```
pub struct Config {
    /// What is special about the hardware: a set of `IO_PGTABLE_QUIRK_…`, by their numbers in C.
    pub quirks: usize,
    /// The sizes that a page may have, in bytes, each a bit. Those that the format lacks are not used.
    pub pgsize_bitmap: usize,
    /// How many bits there are in an address before translation: more than 16, and 64 at most. The
    /// format may have less.
    pub ias: u32,
    /// How many bits there are in an address after translation.
    pub oas: u32,
    /// The hardware sees what the CPU writes to the table, without being told.
    pub coherent_walk: bool,
}

/// A format of page tables.
///
/// C counterpart: `enum io_pgtable_fmt`.
///
/// # Examples
///
/// ```
/// use kernel::{bindings, iommu::pgtable::{IoPageTableFmt, ARM64LPAES1}};
///
/// assert_eq!(ARM64LPAES1::FORMAT, bindings::io_pgtable_fmt_ARM_64_LPAE_S1);
/// ```
pub trait IoPageTableFmt: 'static {
    /// The number that C has for the format.
    const FORMAT: bindings::io_pgtable_fmt;
}

/// 64-bit ARM, with the large physical address extension: the first stage of translation.
///
/// # Examples
///
/// ```
/// use kernel::iommu::pgtable::{IoPageTable, ARM64LPAES1};
///
/// /// What the hardware is to be told about a table.
/// struct AddressSpace {
///     table: u64,
///     attributes: u64,
/// }
///
/// fn describe(table: &IoPageTable<ARM64LPAES1>) -> AddressSpace {
///     AddressSpace {
///         // SAFETY: The table outlives the address space.
///         table: unsafe { table.ttbr() },
///         attributes: table.mair(),
///     }
/// }
///
/// # #[cfg(CONFIG_IOMMU_IO_PGTABLE_LPAE)]
/// # {
/// # use kernel::{iommu::pgtable::Config, sizes::SZ_4K};
/// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_lpae")?;
/// # let config =
/// #     Config { quirks: 0, pgsize_bitmap: SZ_4K, ias: 48, oas: 40, coherent_walk: true };
/// # // SAFETY: It is dropped before the device is.
/// # let table = unsafe { IoPageTable::new_raw(dev.bound(), config) }?;
/// assert_ne!(describe(&table).attributes, 0);
/// assert_ne!(describe(&table).table, 0);
/// # }
/// # Ok::<(), Error>(())
/// ```
pub enum ARM64LPAES1 {}

impl IoPageTableFmt for ARM64LPAES1 {
    const FORMAT: bindings::io_pgtable_fmt = bindings::io_pgtable_fmt_ARM_64_LPAE_S1;
}

/// A page table in the format `F`.
///
/// C counterpart: `struct io_pgtable_ops`.
///
/// # Examples
///
/// ```
/// use kernel::{
///     alloc::Flags,
///     device::{Bound, Device},
///     devres::Devres,
///     iommu::pgtable::{prot, Config, IoPageTable, ARM64LPAES1},
///     sizes::{SZ_2M, SZ_4K},
/// };
///
/// type Table = IoPageTable<ARM64LPAES1>;
///
/// fn table(dev: &Device<Bound>) -> impl PinInit<Devres<Table>, Error> + '_ {
///     Table::new(
///         dev,
///         Config {
///             quirks: 0,
///             pgsize_bitmap: SZ_4K | SZ_2M,
///             ias: 48,
///             oas: 40,
///             coherent_walk: true,
///         },
///     )
/// }
///
/// # #[cfg(CONFIG_IOMMU_IO_PGTABLE_LPAE)]
/// # {
/// # let dev = kernel::dma::testing::DmaDevice::new(c"rust_doc_pgtable")?;
/// # let dev = dev.bound();
/// let table = KBox::pin_init(table(dev), GFP_KERNEL)?;
/// let table = table.access(dev)?;
///
/// // SAFETY: Nothing is mapped yet, and nobody else has the table.
/// let (mapped, result) =
///     unsafe { table.map_pages(0x20_0000, 0x8000_0000, SZ_4K, 3, prot::READ, GFP_KERNEL) };
/// assert_eq!((mapped, result), (3 * SZ_4K, Ok(())));
///
/// // SAFETY: No hardware walks the table.
/// assert_eq!(unsafe { table.unmap_pages(0x20_0000, SZ_4K, 3) }, 3 * SZ_4K);
/// # }
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `alloc_io_pgtable_ops` has returned `ops`, for the format of `F`, and this owns it.
pub struct IoPageTable<F: IoPageTableFmt> {
    ops: NonNull<bindings::io_pgtable_ops>,
    _format: PhantomData<F>,
}

// SAFETY: Any thread may use a table, and free it.
unsafe impl<F: IoPageTableFmt> Send for IoPageTable<F> {}

// SAFETY: What changes the table asks for the caller's promise that no one is in the way; the rest only
// reads what is set up once.
unsafe impl<F: IoPageTableFmt> Sync for IoPageTable<F> {}

impl<F: IoPageTableFmt> IoPageTable<F> {
    /// Makes a table for the device, which is freed when the driver is unbound, at the latest.
    ///
    /// # Errors
    ///
    /// As for [`new_raw`](Self::new_raw).
    #[inline]
    pub fn new(
        dev: &Device<Bound>,
        config: Config,
    ) -> impl PinInit<Devres<IoPageTable<F>>, Error> + '_ {
        pin_init::pin_init_scope(move || {
            // SAFETY: It goes to a `Devres`, which drops it while the driver is bound.
            let table = unsafe { Self::new_raw(dev, config) }?;
            Ok(Devres::new(dev, table))
        })
    }

    /// Makes a table for the device.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if there are too few bits in an address, or too many.
    /// - `EIO` if the device does no DMA, and would have to for a walk that is not coherent.
    /// - `ENOMEM` without memory. C gives no other reason: it is also what happens if the kernel has
    ///   no such format, or if the format does not go with the configuration.
    ///
    /// # Safety
    ///
    /// The table is dropped before the driver is unbound.
    #[inline]
    pub unsafe fn new_raw(dev: &Device<Bound>, config: Config) -> Result<IoPageTable<F>> {
        // SAFETY: The callbacks do nothing. The caller says when the table is dropped.
        unsafe { Self::with_flush_ops(dev, config, &flush::NOTHING, core::ptr::null_mut()) }
    }

    /// Makes a table that calls `tlb`, with `cookie`, when the hardware should forget something.
    ///
    /// # Safety
    ///
    /// The callbacks can be called with `cookie` until the table is dropped, in any context. It is
    /// dropped before the driver is unbound.
    unsafe fn with_flush_ops(
        dev: &Device<Bound>,
        config: Config,
        tlb: &'static bindings::iommu_flush_ops,
        cookie: *mut c_void,
    ) -> Result<Self> {
        // C computes the number of levels from the bits above those of a page, of 64 KiB at most,
        // and does not expect to find none.
        if !(17..=64).contains(&config.ias) || config.oas > 64 {
            return Err(EINVAL);
        }
        // SAFETY: The device is valid, as it comes from a reference. Its bus sets the field before it
        // calls drivers.
        let dma = !unsafe { (*dev.as_raw()).dma_mask }.is_null();
        if !config.coherent_walk && !dma {
            return Err(EIO);
        }

        let mut raw = bindings::io_pgtable_cfg {
            quirks: config.quirks,
            pgsize_bitmap: config.pgsize_bitmap,
            ias: config.ias,
            oas: config.oas,
            coherent_walk: config.coherent_walk,
            tlb,
            iommu_dev: dev.as_raw(),
            ..pin_init::zeroed()
        };
        // SAFETY: The configuration is set up; C copies it. The device stays for as long as the table,
        // and so do the callbacks.
        let ops = unsafe { bindings::alloc_io_pgtable_ops(F::FORMAT, &mut raw, cookie) };
        // INVARIANT: That is how it has been made.
        Ok(Self {
            ops: NonNull::new(ops).ok_or(ENOMEM)?,
            _format: PhantomData,
        })
    }

    /// The C structure, of what can be done with a table.
    pub fn raw_ops(&self) -> *mut bindings::io_pgtable_ops {
        self.ops.as_ptr()
    }

    /// The C structure around that.
    ///
    /// C counterpart: `io_pgtable_ops_to_pgtable()`.
    pub fn raw_pgtable(&self) -> *mut bindings::io_pgtable {
        let ops = self.raw_ops();
        // SAFETY: By the type invariant it comes from `alloc_io_pgtable_ops`, which returns the field
        // of such a structure.
        unsafe { crate::container_of!(ops, bindings::io_pgtable, ops) }
    }

    /// The C configuration, with what the format has made of the [`Config`].
    pub fn raw_cfg(&self) -> *mut bindings::io_pgtable_cfg {
        // SAFETY: By the type invariant the structure exists, while `self` does.
        unsafe { &raw mut (*self.raw_pgtable()).cfg }
    }

    /// The C configuration, which stays as it is.
    fn config(&self) -> &bindings::io_pgtable_cfg {
        // SAFETY: The structure exists while `self` does, and nobody writes to it once there is a
        // table.
        unsafe { &*self.raw_cfg() }
    }

    /// Checks what C would warn of: that there are pages of such a size in the table, and that there
    /// is such an address.
    fn check(&self, iova: usize, pgsize: usize) -> Result {
        let config = self.config();
        let known = pgsize.is_power_of_two() && config.pgsize_bitmap & pgsize != 0;
        if !known || iova & (pgsize - 1) != 0 {
            return Err(EINVAL);
        }
        // The table is for the lower end of all addresses, or for the upper.
        let upper = config.quirks & flush::QUIRK_ARM_TTBR1 != 0;
        let beyond = (iova as i64).checked_shr(config.ias).unwrap_or(0);
        if beyond != if upper { -1 } else { 0 } {
            return Err(ERANGE);
        }
        Ok(())
    }

    /// Maps `pgcount` pages of `pgsize` bytes each: from `iova` on to the memory from `paddr` on.
    ///
    /// Returns how many bytes are mapped. These may be less than asked for, even if there is no error,
    /// since a call fills one table of the last level at most: then it takes another call for the rest.
    /// After an error they have to be unmapped, if they should not stay.
    ///
    /// `prot` is a combination of the constants in [`prot`]; it has [`prot::READ`], [`prot::WRITE`] or
    /// both.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if there are no pages of such a size, if an address is not a multiple of it, or if
    ///   `prot` allows nothing.
    /// - `ERANGE` for an address that has too many bits.
    /// - `EEXIST` if something is mapped there. C warns of a bug then, unless the table was made with
    ///   `IO_PGTABLE_QUIRK_NO_WARN`.
    /// - `ENOMEM` without memory for the table.
    ///
    /// # Safety
    ///
    /// - Nobody maps or unmaps at the same addresses meanwhile.
    /// - Hardware that walks the table may access the memory from now on: it stays what it is for, until
    ///   it is unmapped and the hardware has forgotten the mapping.
    pub unsafe fn map_pages(
        &self,
        iova: usize,
        paddr: PhysAddr,
        pgsize: usize,
        pgcount: usize,
        prot: u32,
        flags: Flags,
    ) -> (usize, Result) {
        if let Err(error) = self.check(iova, pgsize) {
            return (0, Err(error));
        }
        if paddr & (pgsize as PhysAddr - 1) != 0 {
            return (0, Err(EINVAL));
        }
        if paddr.checked_shr(self.config().oas).unwrap_or(0) != 0 {
            return (0, Err(ERANGE));
        }

        let mut mapped = 0;
        // SAFETY: By the type invariant the structure exists. All formats have this function.
        let map_pages = unsafe { (*self.raw_ops()).map_pages };
        let Some(map_pages) = map_pages else {
            return (0, Err(ENOTSUPP));
        };
        // SAFETY: The arguments have been checked, and the rest is what the caller promises. The
        // number of pages is an `int` inside: more than fit a table are not mapped anyway.
        let result = to_result(unsafe {
            map_pages(
                self.raw_ops(),
                iova,
                paddr,
                pgsize,
                pgcount.min(c_int::MAX as usize),
                prot as c_int,
                flags.as_raw(),
                &mut mapped,
            )
        });
        (mapped, result)
    }

    /// Unmaps `pgcount` pages of `pgsize` bytes each, from `iova` on.
    ///
    /// Returns how many bytes are unmapped. These may be less than asked for, since a call empties one
    /// table of the last level at most. It is 0 if nothing is mapped there, or if the arguments are such
    /// that [`map_pages`](Self::map_pages) would refuse them. C warns of a bug if something else is
    /// wrong: nothing is mapped there, or pages of another size are.
    ///
    /// # Safety
    ///
    /// - Nobody maps or unmaps at the same addresses meanwhile.
    /// - Hardware that walks the table is told to forget what was mapped, before the memory is used for
    ///   something else, and before the addresses are.
    #[must_use]
    pub unsafe fn unmap_pages(&self, iova: usize, pgsize: usize, pgcount: usize) -> usize {
        if pgcount == 0 || self.check(iova, pgsize).is_err() {
            return 0;
        }
        // SAFETY: By the type invariant the structure exists. All formats have this function.
        let unmap_pages = unsafe { (*self.raw_ops()).unmap_pages };
        let Some(unmap_pages) = unmap_pages else {
            return 0;
        };
        // SAFETY: The arguments have been checked, and the rest is what the caller promises. As for
        // the number, see above; and there may be nobody who gathers.
        unsafe {
            unmap_pages(
                self.raw_ops(),
                iova,
                pgsize,
                pgcount.min(c_int::MAX as usize),
                core::ptr::null_mut(),
            )
        }
    }
}

impl<F: IoPageTableFmt> Drop for IoPageTable<F> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant this owns the table. That no hardware walks it is what those
        // have promised who told it where the table is.
        unsafe { bindings::free_io_pgtable_ops(self.raw_ops()) };
    }
}

impl IoPageTable<ARM64LPAES1> {
    /// What the hardware has to know as the beginning of the table: for `TTBR`.
    ///
    /// # Safety
    ///
    /// Hardware that is told so stops to walk the table before it is dropped.
    pub unsafe fn ttbr(&self) -> u64 {
        // SAFETY: By the type invariant the table has this format, which sets this part of the union.
        unsafe { self.config().__bindgen_anon_1.arm_lpae_s1_cfg.ttbr }
    }

    /// What the hardware has to know of the memory attributes in the table: for `MAIR`.
    pub fn mair(&self) -> u64 {
        // SAFETY: As in `ttbr`.
        unsafe { self.config().__bindgen_anon_1.arm_lpae_s1_cfg.mair }
    }
}
