// SPDX-License-Identifier: GPL-2.0

//! Which entry of a table a device matches, as the firmware describes it.
//!
//! These are functions without type parameters, so that they are compiled here: drivers in modules
//! could not link to all that is called.

use crate::{acpi, bindings, device::Device, of};

/// Finds the entry that a device matches by its ids in ACPI.
///
/// # Safety
///
/// `table` is the beginning of a static array of entries, which ends with one of zeroes.
#[cfg(CONFIG_ACPI)]
pub(super) unsafe fn by_acpi_id(
    table: *const bindings::acpi_device_id,
    dev: &Device,
) -> Option<&'static acpi::DeviceId> {
    // SAFETY: The table has an end, as the caller says; the device is initialised, by its type
    // invariants.
    let id = unsafe { bindings::acpi_match_device(table, dev.as_raw()) };
    // SAFETY: It is null or points into the table, which is static, and whose entries the wrapper is
    // transparent for.
    unsafe { id.cast::<acpi::DeviceId>().as_ref() }
}

/// Finds nothing: there is no ACPI.
///
/// # Safety
///
/// None: the clause is of the function that there is with `CONFIG_ACPI`.
#[cfg(not(CONFIG_ACPI))]
pub(super) unsafe fn by_acpi_id(
    _table: *const bindings::acpi_device_id,
    _dev: &Device,
) -> Option<&'static acpi::DeviceId> {
    None
}

/// Finds the entry that a device is compatible with.
///
/// # Safety
///
/// `table` is the beginning of a static array of entries, which ends with one of zeroes.
pub(super) unsafe fn by_compatible(
    table: *const bindings::of_device_id,
    dev: &Device,
) -> Option<&'static of::DeviceId> {
    // SAFETY: The caller promises the same.
    let mut id = unsafe { by_device_tree(table, dev) };
    if id.is_null() {
        // SAFETY: As above.
        id = unsafe { by_compatible_in_acpi(table, dev) };
    }
    // SAFETY: It is null or points into the table, which is static, and whose entries the wrapper is
    // transparent for.
    unsafe { id.cast::<of::DeviceId>().as_ref() }
}

/// Finds the entry that a node of the device tree is compatible with, or null.
///
/// # Safety
///
/// As for [`by_compatible`].
#[cfg(CONFIG_OF)]
unsafe fn by_device_tree(
    table: *const bindings::of_device_id,
    dev: &Device,
) -> *const bindings::of_device_id {
    // SAFETY: The table has an end, as the caller says; the device is initialised, by its type
    // invariants.
    unsafe { bindings::of_match_device(table, dev.as_raw()) }
}

/// Finds nothing: there are no device trees.
///
/// # Safety
///
/// None.
#[cfg(not(CONFIG_OF))]
unsafe fn by_device_tree(
    _table: *const bindings::of_device_id,
    _dev: &Device,
) -> *const bindings::of_device_id {
    core::ptr::null()
}

/// Finds the entry that a device object of ACPI with the id `PRP0001` is compatible with, or null.
///
/// # Safety
///
/// As for [`by_compatible`].
#[cfg(CONFIG_ACPI)]
unsafe fn by_compatible_in_acpi(
    table: *const bindings::of_device_id,
    dev: &Device,
) -> *const bindings::of_device_id {
    let mut id = core::ptr::null();
    // SAFETY: The device is initialised, by its type invariants.
    let companion = unsafe { bindings::ACPI_COMPANION(dev.as_raw()) };
    // SAFETY: The companion is null, or there for as long as the device, which has a reference to it;
    // the table has an end, as the caller says. Without a match `id` stays as it is.
    unsafe { bindings::acpi_of_match_device(companion, table, &mut id) };
    id
}

/// Finds nothing: there is no ACPI.
///
/// # Safety
///
/// None.
#[cfg(not(CONFIG_ACPI))]
unsafe fn by_compatible_in_acpi(
    _table: *const bindings::of_device_id,
    _dev: &Device,
) -> *const bindings::of_device_id {
    core::ptr::null()
}
