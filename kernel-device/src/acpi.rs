// SPDX-License-Identifier: GPL-2.0

//! Devices as ACPI describes them, and the tables that drivers match them with.
//!
//! A device object in the firmware's tables has ids: a vendor and a number, as `"ACME0017"`. A driver
//! lists those that it is for with [`acpi_device_table!`](crate::acpi_device_table), and gives the
//! table to its bus.
//!
//! On the C side this is [`include/linux/acpi.h`] and `struct acpi_device_id`.
//!
//! [`include/linux/acpi.h`]: srctree/include/linux/acpi.h

use crate::{
    bindings,
    device_id::{RawDeviceId, RawDeviceIdIndex},
    prelude::*,
};
use core::mem::offset_of;

/// A table of [`DeviceId`]s of any length, each with an info of type `T`.
pub type IdTable<T> = &'static dyn crate::device_id::IdTable<DeviceId, T>;

/// A device with an id: [`struct acpi_device_id`].
///
/// # Examples
///
/// ```
/// use kernel::{acpi, device_id::RawDeviceIdIndex};
///
/// const UART: acpi::DeviceId = acpi::DeviceId::new(c"ACME0017");
/// assert_eq!(UART.index(), 0);
/// ```
///
/// # Invariants
///
/// The string in it ends with a zero byte.
///
/// [`struct acpi_device_id`]: srctree/include/linux/mod_devicetable.h
#[repr(transparent)]
pub struct DeviceId(bindings::acpi_device_id);

// SAFETY: It is a transparent wrapper. An entry with neither an id nor a class ends a table:
// `__acpi_match_device`. It has no pointers.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::acpi_device_id;
}

// SAFETY: `driver_data` is a `kernel_ulong_t` that is the driver's business; matching only hands it on.
unsafe impl RawDeviceIdIndex for DeviceId {
    const DRIVER_DATA_OFFSET: usize = offset_of!(bindings::acpi_device_id, driver_data);

    fn index(&self) -> usize {
        self.0.driver_data
    }
}

impl DeviceId {
    /// A device with this hardware id, or compatible id.
    ///
    /// # Panics
    ///
    /// Panics, in a table at build time, if the id is empty, which would end the table, or longer than
    /// 15 bytes.
    pub const fn new(id: &'static CStr) -> Self {
        // SAFETY: The structure consists of numbers, which may all be zero.
        let mut raw: bindings::acpi_device_id = unsafe { core::mem::zeroed() };
        let bytes = id.to_bytes();
        assert!(!bytes.is_empty(), "an empty id ends the table");
        assert!(bytes.len() < raw.id.len(), "the id is too long");
        let mut i = 0;
        while i < bytes.len() {
            raw.id[i] = bytes[i];
            i += 1;
        }
        // INVARIANT: At least one byte behind the id is zero still.
        Self(raw)
    }
}

/// Makes a table of devices by their ids in ACPI, and tells the build about it.
///
/// The arguments are as those of [`of_device_table!`](crate::of_device_table).
///
/// # Examples
///
/// ```
/// use kernel::{acpi, device_id::IdTable};
///
/// kernel::acpi_device_table!(
///     TABLE,
///     MODULE_TABLE,
///     &'static str,
///     [
///         (acpi::DeviceId::new(c"ACME0017"), "first"),
///         (acpi::DeviceId::new(c"ACME0018"), "second"),
///     ]
/// );
///
/// const ACPI_ID_TABLE: Option<acpi::IdTable<&'static str>> = Some(&TABLE);
/// assert_eq!(ACPI_ID_TABLE.map(|table| *table.info(1)), Some("second"));
/// ```
#[macro_export]
macro_rules! acpi_device_table {
    ($table:ident, $module_table:ident, $info:ty, $entries:expr $(,)?) => {
        static $table: $crate::device_id::IdArray<
            $crate::acpi::DeviceId,
            $info,
            { <[($crate::acpi::DeviceId, $info)]>::len(&$entries) },
        > = $crate::device_id::IdArray::new($entries);

        $crate::module_device_table!("acpi", $module_table, $table);
    };
}
