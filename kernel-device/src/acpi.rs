// SPDX-License-Identifier: GPL-2.0

//! Devices that ACPI describes: what their drivers match.
//!
//! On the C side this is [`include/linux/acpi.h`].
//!
//! [`include/linux/acpi.h`]: srctree/include/linux/acpi.h

use crate::{
    bindings,
    device::Device,
    device_id::{self, RawDeviceId, RawDeviceIdIndex},
    prelude::*,
};
use core::{mem::offset_of, ptr::NonNull};

/// A table of what a driver matches, with infos of type `T`: see [`acpi_device_table!`].
///
/// [`acpi_device_table!`]: crate::acpi_device_table
pub type IdTable<T> = &'static dyn device_id::IdTable<DeviceId, T>;

/// What ACPI calls a kind of device: `struct acpi_device_id`.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::acpi_device_id);

// SAFETY: It is a transparent wrapper, and C ends a table with an entry that has neither name nor class.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::acpi_device_id;
}

// SAFETY: `driver_data` is a `kernel_ulong_t` that only drivers look at, and `index` reads it.
unsafe impl RawDeviceIdIndex for DeviceId {
    const DRIVER_DATA_OFFSET: usize = offset_of!(bindings::acpi_device_id, driver_data);

    fn index(&self) -> usize {
        self.0.driver_data
    }
}

impl DeviceId {
    /// A device with this hardware id or among whose compatible ids it is, such as `c"ACME0001"`.
    ///
    /// More than 15 bytes do not compile, nor does an empty id, which would end the table.
    #[inline(always)]
    pub const fn new(id: &'static CStr) -> Self {
        let from = id.to_bytes_with_nul();
        let mut id: bindings::acpi_device_id = pin_init::zeroed();
        build_assert!(from.len() > 1, "an empty id would end the table");
        build_assert!(
            from.len() <= id.id.len(),
            "the id of a kind of device is too long"
        );
        let mut i = 0;
        while i < from.len() {
            id.id[i] = from[i];
            i += 1;
        }
        Self(id)
    }
}

/// The place in a table of the entry that `dev` matches, if it does.
///
/// # Safety
///
/// As for [`of::matched`](crate::of::matched).
pub(crate) unsafe fn matched(
    table: *const bindings::acpi_device_id,
    dev: &Device,
) -> Option<usize> {
    // SAFETY: The caller vouches for the table, and the device is one by its type's invariants.
    let entry = unsafe { bindings::acpi_match_device(table, dev.as_raw()) };
    let entry = NonNull::new(entry.cast_mut())?;
    // SAFETY: C gives an entry of the table, and `DeviceId` is a transparent wrapper.
    let entry = unsafe { entry.cast::<DeviceId>().as_ref() };
    Some(entry.index())
}

/// Makes a driver's table for ACPI.
///
/// The arguments are names for the table, and for what `modpost` finds of it, the type of the infos, and
/// the lines: pairs of a [`DeviceId`] and an info.
///
/// # Examples
///
/// ```
/// use kernel::{acpi, device_id::IdTable};
///
/// kernel::acpi_device_table!(
///     ACPI_TABLE,
///     MODULE_ACPI_TABLE,
///     u32,
///     [(acpi::DeviceId::new(c"ACME0001"), 400)]
/// );
///
/// let table: acpi::IdTable<u32> = &ACPI_TABLE;
/// assert_eq!(*table.info(0), 400);
/// ```
#[macro_export]
macro_rules! acpi_device_table {
    ($table:ident, $module_table:ident, $info:ty, $lines:expr) => {
        const $table: $crate::device_id::IdArray<$crate::acpi::DeviceId, $info, { $lines.len() }> =
            $crate::device_id::IdArray::new($lines);

        $crate::module_device_table!("acpi", $module_table, $table);
    };
}
