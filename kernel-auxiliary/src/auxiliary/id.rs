// SPDX-License-Identifier: GPL-2.0

//! What a driver says about the devices it is for.

use crate::{
    bindings, device_id,
    device_id::{RawDeviceId, RawDeviceIdIndex},
    prelude::*,
};
use core::mem::offset_of;

/// One line of a driver's table: which devices it takes.
///
/// The table itself is made by [`auxiliary_device_table!`](crate::auxiliary_device_table).
///
/// C counterpart: [`struct auxiliary_device_id`](srctree/include/linux/mod_devicetable.h)
///
/// # Examples
///
/// ```
/// use kernel::auxiliary::DeviceId;
///
/// // The devices `nova-core.nova-drm.0`, `nova-core.nova-drm.1` and so on.
/// const ID: DeviceId = DeviceId::new(c"nova-core", c"nova-drm");
/// # assert_eq!(size_of_val(&ID), size_of::<kernel::bindings::auxiliary_device_id>());
/// ```
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct DeviceId(bindings::auxiliary_device_id);

impl DeviceId {
    /// The devices that the module `modname` registers as `name`, with any number.
    ///
    /// # Panics
    ///
    /// If the two, with a dot between them, have more than 39 bytes: the bus takes no longer ones.
    /// In a table, which is a constant, that is an error of compilation.
    pub const fn new(modname: &'static CStr, name: &'static CStr) -> Self {
        let modname = modname.to_bytes();
        let name = name.to_bytes_with_nul();

        let mut id: bindings::auxiliary_device_id = pin_init::zeroed();
        assert!(
            modname.len() + 1 + name.len() <= id.name.len(),
            "the names of the module and of the device are too long together"
        );

        let mut at = 0;
        while at < modname.len() {
            id.name[at] = modname[at];
            at += 1;
        }
        id.name[at] = b'.';
        at += 1;

        let mut i = 0;
        while i < name.len() {
            id.name[at] = name[i];
            at += 1;
            i += 1;
        }
        Self(id)
    }
}

// SAFETY: `DeviceId` is a transparent wrapper of `struct auxiliary_device_id`.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::auxiliary_device_id;
}

// SAFETY: It is the offset of `driver_data`, a word that the bus does not look at.
unsafe impl RawDeviceIdIndex for DeviceId {
    const DRIVER_DATA_OFFSET: usize = offset_of!(bindings::auxiliary_device_id, driver_data);

    #[inline]
    fn index(&self) -> usize {
        self.0.driver_data
    }
}

/// A driver's table of [`DeviceId`]s, each with a `T` of the driver's.
pub type IdTable<T> = &'static dyn device_id::IdTable<DeviceId, T>;
