// SPDX-License-Identifier: GPL-2.0

//! What a driver says about the devices it is for.

use super::{Class, ClassMask, Vendor};
use crate::{
    bindings, device_id,
    device_id::{RawDeviceId, RawDeviceIdIndex},
};
use core::mem::offset_of;

/// What a field says that matches any device.
///
/// C counterpart: `PCI_ANY_ID`.
const ANY: u32 = bindings::PCI_ANY_ID as u32;

/// One line of a driver's table: which devices it takes.
///
/// The table itself is made by [`pci_device_table!`](crate::pci_device_table).
///
/// C counterpart: [`struct pci_device_id`](srctree/include/linux/mod_devicetable.h).
///
/// # Examples
///
/// ```
/// use kernel::pci::{Class, ClassMask, DeviceId, Vendor};
///
/// // This device, QEMU's `pci-testdev`.
/// const TESTDEV: DeviceId = DeviceId::from_id(Vendor::REDHAT, 0x0005);
/// // All serial ports.
/// const SERIAL: DeviceId = DeviceId::from_class(
///     Class::COMMUNICATION_SERIAL.as_raw(),
///     ClassMask::ClassSubclass.as_raw(),
/// );
/// // This vendor's display controllers with the interface of a VGA.
/// const NVIDIA: DeviceId = DeviceId::from_class_and_vendor(
///     Class::DISPLAY_VGA,
///     ClassMask::Full,
///     Vendor::NVIDIA,
/// );
/// # assert_eq!(size_of_val(&[TESTDEV, SERIAL, NVIDIA]), 3 * size_of::<DeviceId>());
/// ```
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct DeviceId(bindings::pci_device_id);

impl DeviceId {
    /// The devices of this vendor that have this number, whatever they are built into.
    ///
    /// Device numbers have 16 bits. One with more matches nothing, but for `u32::MAX`, which matches
    /// all of the vendor's devices.
    ///
    /// C counterpart: `PCI_DEVICE()`.
    #[inline]
    pub const fn from_id(vendor: Vendor, device: u32) -> Self {
        Self::new(vendor.as_raw() as u32, device, 0, 0)
    }

    /// The devices whose class is `class` in the bits that `class_mask` has, from any vendor.
    ///
    /// A class has 24 bits, as [`Class::as_raw`] gives them. A mask of zero matches every device.
    ///
    /// C counterpart: `PCI_DEVICE_CLASS()`.
    #[inline]
    pub const fn from_class(class: u32, class_mask: u32) -> Self {
        Self::new(ANY, ANY, class, class_mask)
    }

    /// The devices of this vendor whose class is `class`, as far as the mask says.
    ///
    /// C counterpart: `PCI_DEVICE_CLASS()` with a `vendor`.
    #[inline]
    pub const fn from_class_and_vendor(
        class: Class,
        class_mask: ClassMask,
        vendor: Vendor,
    ) -> Self {
        Self::new(
            vendor.as_raw() as u32,
            ANY,
            class.as_raw(),
            class_mask.as_raw(),
        )
    }

    /// An entry for any subsystem, and so not one that C takes for the end of a table.
    const fn new(vendor: u32, device: u32, class: u32, class_mask: u32) -> Self {
        Self(bindings::pci_device_id {
            vendor,
            device,
            subvendor: ANY,
            subdevice: ANY,
            class,
            class_mask,
            driver_data: 0,
            override_only: 0,
        })
    }
}

// SAFETY: `DeviceId` is a transparent wrapper of `struct pci_device_id`.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::pci_device_id;
}

// SAFETY: It is the offset of `driver_data`, a word that the PCI core only looks at to see whether
// another table entry has the same.
unsafe impl RawDeviceIdIndex for DeviceId {
    const DRIVER_DATA_OFFSET: usize = offset_of!(bindings::pci_device_id, driver_data);

    #[inline]
    fn index(&self) -> usize {
        self.0.driver_data
    }
}

/// A driver's table of [`DeviceId`]s, each with a `T` of the driver's.
pub type IdTable<T> = &'static dyn device_id::IdTable<DeviceId, T>;
