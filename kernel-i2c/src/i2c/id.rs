// SPDX-License-Identifier: GPL-2.0

//! Names of clients, which drivers match.

use super::copy_name;
use crate::{
    bindings,
    device_id::{self, RawDeviceId, RawDeviceIdIndex},
    prelude::*,
};
use core::mem::offset_of;

/// The name of a kind of client: [`struct i2c_device_id`].
///
/// A table of them is made with [`i2c_device_table!`](crate::i2c_device_table).
///
/// # Examples
///
/// ```
/// use kernel::{device_id::RawDeviceId, i2c::DeviceId};
///
/// const SENSOR: DeviceId = DeviceId::new(c"rust-sensor");
/// # let _ = SENSOR;
/// assert_eq!(size_of::<DeviceId>(), size_of::<<DeviceId as RawDeviceId>::RawType>());
/// ```
///
/// [`struct i2c_device_id`]: srctree/include/linux/mod_devicetable.h
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::i2c_device_id);

impl DeviceId {
    /// An id with this name, which has up to 19 bytes.
    ///
    /// A longer one ends the build.
    #[inline(always)]
    pub const fn new(id: &'static CStr) -> Self {
        let mut raw: bindings::i2c_device_id = pin_init::zeroed();
        match copy_name(id) {
            Some(name) => raw.name = name,
            None => build_error!("the name of an I2C device id has at most 19 bytes"),
        }
        Self(raw)
    }
}

// SAFETY: `DeviceId` is a transparent wrapper of `struct i2c_device_id`, and does nothing that C's does
// not.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::i2c_device_id;
}

// SAFETY: It is the offset of the field that C leaves to the driver.
unsafe impl RawDeviceIdIndex for DeviceId {
    const DRIVER_DATA_OFFSET: usize = offset_of!(bindings::i2c_device_id, driver_data);

    fn index(&self) -> usize {
        self.0.driver_data
    }
}

/// The names that a driver matches, each with its information.
pub type IdTable<T> = &'static dyn device_id::IdTable<DeviceId, T>;

/// Makes a table of the names of clients, and states it in the module, so that it can be found for them.
///
/// It takes the name of the table, that of the symbol in the module, the type of information, and the
/// array of ids with that.
///
/// # Examples
///
/// ```
/// use kernel::i2c;
///
/// struct Channels(u8);
///
/// kernel::i2c_device_table! {
///     TABLE,
///     MODULE_TABLE,
///     Channels,
///     [
///         (i2c::DeviceId::new(c"rust-doc-adc4"), Channels(4)),
///         (i2c::DeviceId::new(c"rust-doc-adc8"), Channels(8)),
///     ]
/// }
///
/// let table: i2c::IdTable<Channels> = &TABLE;
/// assert_eq!(table.info(1).0, 8);
/// ```
#[macro_export]
macro_rules! i2c_device_table {
    ($table_name:ident, $module_table_name:ident, $id_info_type:ty, $table_data:expr $(,)?) => {
        const $table_name: $crate::device_id::IdArray<
            $crate::i2c::DeviceId,
            $id_info_type,
            { $table_data.len() },
        > = $crate::device_id::IdArray::new($table_data);

        $crate::module_device_table!("i2c", $module_table_name, $table_name);
    };
}
