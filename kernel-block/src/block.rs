// SPDX-License-Identifier: GPL-2.0

//! Block devices: disks, and whatever else keeps its data in blocks.
//!
//! [`mq`] is for their drivers. Here is what all of them count in.
//!
//! Available if the configuration has `CONFIG_BLOCK`.
//!
//! C header: [`include/linux/blkdev.h`](srctree/include/linux/blkdev.h).

use crate::bindings;

pub mod mq;

/// The size of a sector is two to the power of this, in bytes: C's `SECTOR_SHIFT`.
///
/// # Examples
///
/// ```
/// use kernel::block;
///
/// let mebibyte_in_sectors = 1 << (20 - block::SECTOR_SHIFT);
/// assert_eq!(mebibyte_in_sectors * block::SECTOR_SIZE, 1 << 20);
/// ```
pub const SECTOR_SHIFT: u32 = bindings::SECTOR_SHIFT;

/// The size of a sector in bytes: C's `SECTOR_SIZE`.
///
/// It is the unit of positions and lengths, 512, whatever the size of a device's blocks.
pub const SECTOR_SIZE: u32 = bindings::SECTOR_SIZE;

/// A page has two to the power of this sectors: C's `PAGE_SECTORS_SHIFT`.
pub const PAGE_SECTORS_SHIFT: u32 = bindings::PAGE_SECTORS_SHIFT;

/// The bits of a sector's number that say where in a page it is: C's `SECTOR_MASK`.
pub const SECTOR_MASK: u32 = bindings::SECTOR_MASK;
