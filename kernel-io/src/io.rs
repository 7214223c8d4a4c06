// SPDX-License-Identifier: GPL-2.0

//! Access to device memory: mapped regions, registers in them, and waiting for what they say.
//!
//! A *region* is something with bytes at offsets from 0: a mapping of a device's memory ([`Mmio`],
//! which [`mem::IoMem`] and PCI's BARs give), or PCI's configuration space. It implements [`Io`], which
//! has the methods, and [`IoCapable`] for each width in which it can be accessed.
//!
//! A *location* ([`IoLoc`]) says where in a region a value is, and what it is: an offset as a `usize`,
//! for plain integers, or one that [`register!`] defines, for words that are divided into fields.
//!
//! | location | checked | methods |
//! | --- | --- | --- |
//! | a register defined by [`register!`] | by the compiler | [`read`], [`write`](Io::write), [`write_reg`](Io::write_reg), [`update`](Io::update) |
//! | a constant offset, a constant index | by the optimiser, see [`build_assert!`](crate::build_assert!) | the same, and [`read32`](Io::read32) etc. |
//! | computed | when it runs | [`try_read`](Io::try_read), [`try_read32`](Io::try_read32) etc. |
//!
//! The first two want a region whose least size is in its type, [`IoKnownSize`]. What is checked is
//! that the value is within the region, and that its offset is a multiple of its size. **Accesses never
//! reach beyond the region.** What an access makes the device do is nothing that a type can know.
//!
//! # Surprises
//!
//! - Values are little-endian in the device, and in the CPU's order here.
//! - Each access is one instruction, of that width. `u64` is not available on 32-bit machines.
//! - Accesses to a device stay in their order, and are ordered against memory that the device reaches by
//!   DMA. [`Mmio::relaxed`] drops the latter. See [`Mmio`].
//! - [`Io::update`] reads and writes. It is not atomic; use a lock where others write, too.
//!
//! # Examples
//!
//! ```
//! use kernel::io::{register, Io, Mmio};
//! # use kernel::io::testing::Memory;
//!
//! register! {
//!     /// What the UART is doing.
//!     STATUS(u32) @ 0x10 {
//!         /// Bytes in the buffer.
//!         11:8 level;
//!         0:0 busy => bool;
//!     }
//!
//!     DIVIDER(u16) @ 0x14 {
//!         15:0 value;
//!     }
//! }
//!
//! fn slow_down(uart: &Mmio<0x20>) -> Option<u16> {
//!     if uart.read(STATUS).busy() {
//!         return None;
//!     }
//!     uart.update(DIVIDER, |divider| divider.with_value(divider.value().get() << 1));
//!     Some(uart.read(DIVIDER).into())
//! }
//!
//! # let uart = Memory::<0x20>::new()?;
//! uart.write_reg(DIVIDER::from_raw(12));
//! assert_eq!(slow_down(&uart), Some(24));
//! uart.write32(0x301, 0x10);
//! assert_eq!(slow_down(&uart), None);
//! assert_eq!(uart.read(STATUS).level(), 3);
//! // There is no such register.
//! assert_eq!(uart.try_read32(0x20), Err(EINVAL));
//! # Ok::<(), Error>(())
//! ```
//!
//! In C: [`io.h`](srctree/include/asm-generic/io.h), and
//! [device I/O](srctree/Documentation/driver-api/device-io.rst)
//!
//! [`read`]: Io::read

use crate::bindings;

mod access;
pub mod mem;
mod mmio;
pub mod poll;
pub mod register;
pub mod resource;
#[cfg(CONFIG_KUNIT = "y")]
#[doc(hidden)]
pub mod testing;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use crate::register;
pub use access::{Io, IoCapable, IoKnownSize, IoLoc};
pub use mmio::{Mmio, MmioRaw, RelaxedMmio};
pub use resource::Resource;

/// An address as the CPU puts it on the bus: C's `phys_addr_t`.
///
/// Possibly wider than a pointer.
pub type PhysAddr = bindings::phys_addr_t;

/// The size of a range of such addresses, in bytes: C's `resource_size_t`.
pub type ResourceSize = bindings::resource_size_t;
