// SPDX-License-Identifier: GPL-2.0

//! The configuration space of a device.

use super::Device;
use crate::{
    bindings,
    device::Bound,
    io::{Io, IoCapable, IoKnownSize},
    prelude::*,
};
use core::marker::PhantomData;

/// How large the configuration space of a device is.
///
/// # Examples
///
/// ```
/// use kernel::pci::ConfigSpaceSize;
///
/// assert_eq!(ConfigSpaceSize::Normal.into_raw(), 256);
/// assert_eq!(ConfigSpaceSize::Extended.into_raw(), 4096);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum ConfigSpaceSize {
    /// 256 bytes, as with conventional PCI.
    Normal = 256,
    /// 4096 bytes, as with PCI Express.
    Extended = 4096,
}

impl ConfigSpaceSize {
    /// The size in bytes.
    #[inline]
    pub const fn into_raw(self) -> usize {
        self as usize
    }
}

/// A size of configuration space, as a type: [`Normal`] or [`Extended`]. There is no space of another.
pub trait ConfigSpaceKind {
    /// The size in bytes.
    const SIZE: usize;
}

/// The first 256 bytes, which every device has.
pub struct Normal;

/// All 4096 bytes.
pub struct Extended;

impl ConfigSpaceKind for Normal {
    const SIZE: usize = ConfigSpaceSize::Normal.into_raw();
}

impl ConfigSpaceKind for Extended {
    const SIZE: usize = ConfigSpaceSize::Extended.into_raw();
}

/// The configuration space of a device, for as long as its driver is bound.
///
/// Accessed by the methods of [`Io`], in units of 8, 16 and 32 bits: registers are little-endian, and
/// values are the CPU's. Where a device does not answer, all bits read as ones, and writes are lost.
///
/// The PCI core relies on much of what is in there. A driver is to write only to what is the device's.
///
/// C counterpart: `pci_read_config_dword()` and its like
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, io::Io, pci};
///
/// /// The capabilities of a device, as offsets of their registers.
/// fn capabilities(pdev: &pci::Device<Bound>) -> Result<KVec<u8>> {
///     let config = pdev.config_space();
///     let mut found = KVec::new();
///     let mut at = config.read8(0x34) & !3;
///     // A device may link them into a ring: no more than have room.
///     while at != 0 && found.len() < 48 {
///         found.push(at, GFP_KERNEL)?;
///         at = config.try_read8(usize::from(at) + 1)? & !3;
///     }
///     Ok(found)
/// }
/// # let bus = pci::testing::SoftBus::new()?;
/// # // SAFETY: The bus stays for as long, and nothing relies on a driver.
/// # let pdev = unsafe { bus.bound() };
/// # let config = pdev.config_space();
/// # assert!(capabilities(pdev)?.is_empty());
/// # // Two of them, and then a ring.
/// # config.write8(0x40, 0x34);
/// # config.write8(0x80, 0x41);
/// # assert_eq!(capabilities(pdev)?.as_slice(), [0x40, 0x80]);
/// # config.write8(0x40, 0x81);
/// # assert_eq!(capabilities(pdev)?.len(), 48);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The configuration space of `pdev` has at least `S::SIZE` bytes.
pub struct ConfigSpace<'a, S: ConfigSpaceKind = Normal> {
    pdev: &'a Device<Bound>,
    _size: PhantomData<S>,
}

/// Accesses of one width.
///
/// Failures are not reported: C's accessors then give all ones, or leave the value alone.
macro_rules! accesses {
    ($($type:ty, $read:ident, $write:ident;)*) => {$(
        impl<'a, S: ConfigSpaceKind> IoCapable<$type> for ConfigSpace<'a, S> {
            #[inline]
            unsafe fn io_read(&self, address: usize) -> $type {
                let mut value = <$type>::MAX;
                // SAFETY: The device is bound, so it is there, and the caller vouches for the
                // address, which is less than 4096.
                let _ = unsafe {
                    bindings::$read(self.pdev.as_raw(), address as c_int, &mut value)
                };
                value
            }

            #[inline]
            unsafe fn io_write(&self, value: $type, address: usize) {
                // SAFETY: As in `io_read`.
                let _ = unsafe {
                    bindings::$write(self.pdev.as_raw(), address as c_int, value)
                };
            }
        }
    )*};
}

accesses! {
    u8, pci_read_config_byte, pci_write_config_byte;
    u16, pci_read_config_word, pci_write_config_word;
    u32, pci_read_config_dword, pci_write_config_dword;
}

impl<'a, S: ConfigSpaceKind> Io for ConfigSpace<'a, S> {
    /// Offsets are addresses.
    #[inline]
    fn addr(&self) -> usize {
        0
    }

    #[inline]
    fn maxsize(&self) -> usize {
        S::SIZE
    }
}

impl<'a, S: ConfigSpaceKind> IoKnownSize for ConfigSpace<'a, S> {
    const MIN_SIZE: usize = S::SIZE;
}

impl Device<Bound> {
    /// How large the configuration space is.
    pub fn cfg_size(&self) -> ConfigSpaceSize {
        // SAFETY: The structure is initialised, by the type invariants, and the field is set when the
        // device is found.
        let size = unsafe { (*self.as_raw()).cfg_size };
        // A few devices are known to answer to some of it only.
        if size >= bindings::PCI_CFG_SPACE_EXP_SIZE as c_int {
            ConfigSpaceSize::Extended
        } else {
            ConfigSpaceSize::Normal
        }
    }

    /// The first 256 bytes of the configuration space.
    #[inline]
    pub fn config_space<'a>(&'a self) -> ConfigSpace<'a, Normal> {
        // INVARIANT: Every device has that many.
        ConfigSpace {
            pdev: self,
            _size: PhantomData,
        }
    }

    /// All 4096 bytes of the configuration space.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the device has only the first 256.
    #[inline]
    pub fn config_space_extended<'a>(&'a self) -> Result<ConfigSpace<'a, Extended>> {
        if self.cfg_size() != ConfigSpaceSize::Extended {
            return Err(EINVAL);
        }
        // INVARIANT: As just checked.
        Ok(ConfigSpace {
            pdev: self,
            _size: PhantomData,
        })
    }
}
