// SPDX-License-Identifier: GPL-2.0

//! What drivers match: devices by their numbers, or by what they are for.

use crate::{
    bindings,
    device_id::{self, RawDeviceId, RawDeviceIdIndex},
};
use core::mem::offset_of;

/// What an interface or its device has to be: [`struct usb_device_id`].
///
/// A table of them is made with [`usb_device_table!`](crate::usb_device_table).
///
/// # Examples
///
/// ```
/// use kernel::{device_id::RawDeviceId, usb::DeviceId};
///
/// /// All keyboards that a PC's firmware can use.
/// const KEYBOARD: DeviceId = DeviceId::from_interface_info(3, 1, 1);
/// /// One device of one maker.
/// const GADGET: DeviceId = DeviceId::from_id(0x1234, 0x5678);
/// # let _ = (KEYBOARD, GADGET);
/// assert_eq!(size_of::<DeviceId>(), size_of::<<DeviceId as RawDeviceId>::RawType>());
/// ```
///
/// [`struct usb_device_id`]: srctree/include/linux/mod_devicetable.h
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(pub(super) bindings::usb_device_id);

impl DeviceId {
    /// What matches everything that `flags` do not ask about.
    const fn matching(flags: u32) -> bindings::usb_device_id {
        let mut raw: bindings::usb_device_id = pin_init::zeroed();
        // All flags are in the lower 11 bits.
        raw.match_flags = flags as u16;
        raw
    }

    /// Any interface of a device by its maker and number.
    ///
    /// C counterpart: `USB_DEVICE`.
    pub const fn from_id(vendor: u16, product: u16) -> Self {
        let mut raw = Self::matching(bindings::USB_DEVICE_ID_MATCH_DEVICE);
        raw.idVendor = vendor;
        raw.idProduct = product;
        Self(raw)
    }

    /// As [`from_id`](Self::from_id), if the device's release is in this range, both ends included.
    ///
    /// Releases are decimal numbers in binary: `0x0210` is 2.10. C counterpart: `USB_DEVICE_VER`.
    pub const fn from_device_ver(vendor: u16, product: u16, bcd_lo: u16, bcd_hi: u16) -> Self {
        let mut raw = Self::matching(bindings::USB_DEVICE_ID_MATCH_DEVICE_AND_VERSION);
        raw.idVendor = vendor;
        raw.idProduct = product;
        raw.bcdDevice_lo = bcd_lo;
        raw.bcdDevice_hi = bcd_hi;
        Self(raw)
    }

    /// Any interface of a device of this class, subclass and protocol.
    ///
    /// C counterpart: `USB_DEVICE_INFO`.
    pub const fn from_device_info(class: u8, subclass: u8, protocol: u8) -> Self {
        let mut raw = Self::matching(bindings::USB_DEVICE_ID_MATCH_DEV_INFO);
        raw.bDeviceClass = class;
        raw.bDeviceSubClass = subclass;
        raw.bDeviceProtocol = protocol;
        Self(raw)
    }

    /// Any interface of this class, subclass and protocol.
    ///
    /// C counterpart: `USB_INTERFACE_INFO`.
    pub const fn from_interface_info(class: u8, subclass: u8, protocol: u8) -> Self {
        let mut raw = Self::matching(bindings::USB_DEVICE_ID_MATCH_INT_INFO);
        raw.bInterfaceClass = class;
        raw.bInterfaceSubClass = subclass;
        raw.bInterfaceProtocol = protocol;
        Self(raw)
    }

    /// The interfaces of this class of a device by its maker and number.
    ///
    /// C counterpart: `USB_DEVICE_INTERFACE_CLASS`.
    pub const fn from_device_interface_class(vendor: u16, product: u16, class: u8) -> Self {
        let flags = bindings::USB_DEVICE_ID_MATCH_DEVICE | bindings::USB_DEVICE_ID_MATCH_INT_CLASS;
        let mut raw = Self::matching(flags);
        raw.idVendor = vendor;
        raw.idProduct = product;
        raw.bInterfaceClass = class;
        Self(raw)
    }

    /// The interfaces of this protocol of a device by its maker and number.
    ///
    /// C counterpart: `USB_DEVICE_INTERFACE_PROTOCOL`.
    pub const fn from_device_interface_protocol(vendor: u16, product: u16, protocol: u8) -> Self {
        let flags =
            bindings::USB_DEVICE_ID_MATCH_DEVICE | bindings::USB_DEVICE_ID_MATCH_INT_PROTOCOL;
        let mut raw = Self::matching(flags);
        raw.idVendor = vendor;
        raw.idProduct = product;
        raw.bInterfaceProtocol = protocol;
        Self(raw)
    }

    /// The interface of this number of a device by its maker and number.
    ///
    /// C counterpart: `USB_DEVICE_INTERFACE_NUMBER`.
    pub const fn from_device_interface_number(vendor: u16, product: u16, number: u8) -> Self {
        let flags = bindings::USB_DEVICE_ID_MATCH_DEVICE | bindings::USB_DEVICE_ID_MATCH_INT_NUMBER;
        let mut raw = Self::matching(flags);
        raw.idVendor = vendor;
        raw.idProduct = product;
        raw.bInterfaceNumber = number;
        Self(raw)
    }

    /// The interfaces of this class, subclass and protocol of a device by its maker and number.
    ///
    /// C counterpart: `USB_DEVICE_AND_INTERFACE_INFO`.
    pub const fn from_device_and_interface_info(
        vendor: u16,
        product: u16,
        class: u8,
        subclass: u8,
        protocol: u8,
    ) -> Self {
        let flags = bindings::USB_DEVICE_ID_MATCH_INT_INFO | bindings::USB_DEVICE_ID_MATCH_DEVICE;
        let mut raw = Self::matching(flags);
        raw.idVendor = vendor;
        raw.idProduct = product;
        raw.bInterfaceClass = class;
        raw.bInterfaceSubClass = subclass;
        raw.bInterfaceProtocol = protocol;
        Self(raw)
    }
}

// SAFETY: `DeviceId` is a transparent wrapper of `struct usb_device_id`, and does nothing that C's does
// not.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::usb_device_id;
}

// SAFETY: It is the offset of the field that C leaves to the driver.
unsafe impl RawDeviceIdIndex for DeviceId {
    const DRIVER_DATA_OFFSET: usize = offset_of!(bindings::usb_device_id, driver_info);

    fn index(&self) -> usize {
        self.0.driver_info
    }
}

/// What a driver matches, each with its information.
pub type IdTable<T> = &'static dyn device_id::IdTable<DeviceId, T>;

/// Makes a table of ids of USB devices, and states it in the module, so that it can be found for them.
///
/// It takes the name of the table, that of the symbol in the module, the type of information, and the
/// array of ids with that.
///
/// # Examples
///
/// ```
/// use kernel::usb;
///
/// struct Speed(u32);
///
/// kernel::usb_device_table!(
///     TABLE,
///     MODULE_TABLE,
///     Speed,
///     [
///         (usb::DeviceId::from_id(0x1234, 0x0001), Speed(9_600)),
///         (usb::DeviceId::from_id(0x1234, 0x0002), Speed(115_200)),
///     ]
/// );
///
/// let table: usb::IdTable<Speed> = &TABLE;
/// assert_eq!(table.info(1).0, 115_200);
/// ```
#[macro_export]
macro_rules! usb_device_table {
    ($table_name:ident, $module_table_name:ident, $id_info_type:ty, $table_data:expr $(,)?) => {
        const $table_name: $crate::device_id::IdArray<
            $crate::usb::DeviceId,
            $id_info_type,
            { $table_data.len() },
        > = $crate::device_id::IdArray::new($table_data);

        $crate::module_device_table!("usb", $module_table_name, $table_name);
    };
}
