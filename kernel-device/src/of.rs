// SPDX-License-Identifier: GPL-2.0

//! Devices as a device tree describes them, and the tables that drivers match them with.
//!
//! A node of the tree says with its property `compatible` what it is, as strings: `"acme,uart-2"`. A
//! driver lists those that it is for with [`of_device_table!`](crate::of_device_table), and gives the
//! table to its bus.
//!
//! What else the node has is read through its properties.
//!
//! On the C side this is [`include/linux/of.h`] and `struct of_device_id`.
//!
//! [`include/linux/of.h`]: srctree/include/linux/of.h

use crate::{
    bindings,
    device_id::{RawDeviceId, RawDeviceIdIndex},
    prelude::*,
};
use core::mem::offset_of;

/// A table of [`DeviceId`]s of any length, each with an info of type `T`.
pub type IdTable<T> = &'static dyn crate::device_id::IdTable<DeviceId, T>;

/// A device that is compatible with a string: [`struct of_device_id`].
///
/// # Examples
///
/// ```
/// use kernel::{device_id::RawDeviceIdIndex, of};
///
/// const UART: of::DeviceId = of::DeviceId::new(c"acme,uart-2");
/// assert_eq!(UART.index(), 0);
/// ```
///
/// # Invariants
///
/// The strings in it end with a zero byte, and `data` is a number.
///
/// [`struct of_device_id`]: srctree/include/linux/mod_devicetable.h
#[repr(transparent)]
pub struct DeviceId(bindings::of_device_id);

// SAFETY: It is a transparent wrapper. An entry without strings ends a table: `of_match_node`. The one
// pointer in it is a number, which nobody follows.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::of_device_id;
}

// SAFETY: `data` is a pointer that is the driver's business; matching only hands it on.
unsafe impl RawDeviceIdIndex for DeviceId {
    const DRIVER_DATA_OFFSET: usize = offset_of!(bindings::of_device_id, data);

    fn index(&self) -> usize {
        self.0.data.addr()
    }
}

impl DeviceId {
    /// A device with this among the strings of its property `compatible`.
    ///
    /// # Panics
    ///
    /// Panics, in a table at build time, if the string is empty, which would end the table, or longer
    /// than 127 bytes.
    pub const fn new(compatible: &'static CStr) -> Self {
        // SAFETY: The structure consists of arrays of numbers and of a pointer, which may all be zero.
        let mut id: bindings::of_device_id = unsafe { core::mem::zeroed() };
        let bytes = compatible.to_bytes();
        assert!(!bytes.is_empty(), "an empty string ends the table");
        assert!(bytes.len() < id.compatible.len(), "the string is too long");
        let mut i = 0;
        while i < bytes.len() {
            id.compatible[i] = bytes[i];
            i += 1;
        }
        // INVARIANT: At least one byte behind the string is zero still, as all other strings are.
        Self(id)
    }
}

/// Makes a table of devices by what they are compatible with, and tells the build about it.
///
/// The arguments are: the name of the table, a static of type
/// [`IdArray`](crate::device_id::IdArray), to which the driver refers; the name of the static for
/// [`module_device_table!`](crate::module_device_table), to which nobody does; the type of the infos;
/// and the entries with their infos.
///
/// # Examples
///
/// ```
/// use kernel::{device_id::IdTable, of};
///
/// struct Model {
///     fifo: usize,
/// }
///
/// kernel::of_device_table!(
///     TABLE,
///     MODULE_TABLE,
///     Model,
///     [
///         (of::DeviceId::new(c"acme,uart"), Model { fifo: 1 }),
///         (of::DeviceId::new(c"acme,uart-2"), Model { fifo: 64 }),
///     ]
/// );
///
/// // As a driver names it.
/// const OF_ID_TABLE: Option<of::IdTable<Model>> = Some(&TABLE);
/// assert_eq!(OF_ID_TABLE.map(|table| table.info(1).fifo), Some(64));
/// ```
#[macro_export]
macro_rules! of_device_table {
    ($table:ident, $module_table:ident, $info:ty, $entries:expr $(,)?) => {
        static $table: $crate::device_id::IdArray<
            $crate::of::DeviceId,
            $info,
            { <[($crate::of::DeviceId, $info)]>::len(&$entries) },
        > = $crate::device_id::IdArray::new($entries);

        $crate::module_device_table!("of", $module_table, $table);
    };
}
