// SPDX-License-Identifier: GPL-2.0

//! Devices that a device tree describes: what their drivers match.
//!
//! On the C side this is [`include/linux/of.h`] with [`include/linux/of_device.h`].
//!
//! [`include/linux/of.h`]: srctree/include/linux/of.h
//! [`include/linux/of_device.h`]: srctree/include/linux/of_device.h

use crate::{
    bindings,
    device::Device,
    device_id::{self, RawDeviceId, RawDeviceIdIndex},
    prelude::*,
};
use core::{mem::offset_of, ptr::NonNull};

/// A table of what a driver matches, with infos of type `T`: see [`of_device_table!`].
///
/// [`of_device_table!`]: crate::of_device_table
pub type IdTable<T> = &'static dyn device_id::IdTable<DeviceId, T>;

/// What a device tree calls a kind of device: `struct of_device_id`.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::of_device_id);

// SAFETY: It is a transparent wrapper, and C ends a table with an entry whose names are all empty.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::of_device_id;
}

// SAFETY: `data` is a pointer that only drivers look at, and `index` reads it.
unsafe impl RawDeviceIdIndex for DeviceId {
    const DRIVER_DATA_OFFSET: usize = offset_of!(bindings::of_device_id, data);

    fn index(&self) -> usize {
        self.0.data.addr()
    }
}

impl DeviceId {
    /// A device that is `compatible` with what this says, such as `c"acme,thermostat"`.
    ///
    /// More than 127 bytes do not compile, nor does an empty string, which would end the table.
    #[inline(always)]
    pub const fn new(compatible: &'static CStr) -> Self {
        let from = compatible.to_bytes_with_nul();
        let mut id: bindings::of_device_id = pin_init::zeroed();
        build_assert!(from.len() > 1, "an empty name would end the table");
        build_assert!(
            from.len() <= id.compatible.len(),
            "the name of a kind of device is too long"
        );
        let mut i = 0;
        while i < from.len() {
            id.compatible[i] = from[i];
            i += 1;
        }
        Self(id)
    }
}

/// The place in a table of the entry that `dev` matches, if it does.
///
/// # Safety
///
/// `table` is the first entry of a table that ends with one of zeroes, and whose entries hold their
/// places.
pub(crate) unsafe fn matched(table: *const bindings::of_device_id, dev: &Device) -> Option<usize> {
    // SAFETY: The caller vouches for the table, and the device is one by its type's invariants.
    let entry = unsafe { bindings::of_match_device(table, dev.as_raw()) };
    let entry = NonNull::new(entry.cast_mut()).or_else(|| {
        let mut entry = core::ptr::null();
        // SAFETY: As above. Firmware that speaks ACPI may say that a device is `compatible` as well.
        let companion = unsafe { bindings::ACPI_COMPANION(dev.as_raw()) };
        // SAFETY: The companion is null or lives as long as its device; the table is as above, and the
        // result is written to a place of ours.
        let found = unsafe { bindings::acpi_of_match_device(companion, table, &mut entry) };
        NonNull::new(entry.cast_mut()).filter(|_| found)
    })?;
    // SAFETY: C gives an entry of the table, which the caller vouches for, or of nothing else; and
    // `DeviceId` is a transparent wrapper.
    let entry = unsafe { entry.cast::<DeviceId>().as_ref() };
    Some(entry.index())
}

/// Makes a driver's table for device trees.
///
/// The arguments are names for the table, and for what `modpost` finds of it, the type of the infos, and
/// the lines: pairs of a [`DeviceId`] and an info.
///
/// # Examples
///
/// ```
/// use kernel::{device_id::IdTable, of};
///
/// enum Model {
///     Fast,
///     Slow,
/// }
///
/// kernel::of_device_table!(
///     OF_TABLE,
///     MODULE_OF_TABLE,
///     Model,
///     [
///         (of::DeviceId::new(c"acme,fast"), Model::Fast),
///         (of::DeviceId::new(c"acme,slow"), Model::Slow),
///     ]
/// );
///
/// let table: of::IdTable<Model> = &OF_TABLE;
/// assert!(matches!(table.info(0), Model::Fast));
/// assert!(matches!(table.info(1), Model::Slow));
/// ```
#[macro_export]
macro_rules! of_device_table {
    ($table:ident, $module_table:ident, $info:ty, $lines:expr) => {
        const $table: $crate::device_id::IdArray<$crate::of::DeviceId, $info, { $lines.len() }> =
            $crate::device_id::IdArray::new($lines);

        $crate::module_device_table!("of", $module_table, $table);
    };
}
