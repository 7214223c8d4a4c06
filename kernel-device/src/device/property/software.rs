// SPDX-License-Identifier: GPL-2.0

//! The types of the properties of software nodes, which C does not look at.
//!
//! C copies what a property has to where the caller wants it. Of a number that would make a pointer to
//! a string, and then somebody reads the string; of a string, an address for everybody to see.

use super::FwNode;
use crate::{bindings, error::from_err_ptr, prelude::*};
use core::ptr::NonNull;

/// What a property is to be read as.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Numbers of any width.
    Numbers,
    /// Strings.
    Strings,
}

impl Kind {
    /// Says whether a property of a software node has that, or no value at all.
    fn is_of(self, entry: &bindings::property_entry) -> bool {
        match entry.type_ {
            _ if entry.length == 0 => true,
            bindings::dev_prop_type_DEV_PROP_STRING => matches!(self, Self::Strings),
            bindings::dev_prop_type_DEV_PROP_REF => false,
            _ => matches!(self, Self::Numbers),
        }
    }
}

/// Fails if what C would read is a property of a software node, and has something else.
///
/// If there is no such property, or it has no value, C says so.
///
/// # Errors
///
/// `EPROTO`, as for nodes of ACPI tables.
pub(super) fn check(node: &FwNode, name: &CStr, kind: Kind) -> Result {
    // SAFETY: The node is initialised, by its type invariants.
    let second = unsafe { (*node.as_raw()).secondary };
    // C reads from the second node what the first does not have.
    for node in [node.as_raw(), second] {
        // The last second node has an error in the place of another.
        let Some(node) = from_err_ptr(node).ok().and_then(NonNull::new) else {
            break;
        };
        // SAFETY: It is a node, initialised as long as the first.
        match unsafe { entry(node, name) } {
            // SAFETY: Software nodes keep their properties.
            Some(entry) if kind.is_of(unsafe { entry.as_ref() }) => break,
            Some(_) => return Err(Error::from_errno(-(bindings::EPROTO as c_int))),
            // SAFETY: As for `entry`.
            None if unsafe { has(node, name) } => break,
            None => {}
        }
    }
    Ok(())
}

/// Finds the property of that name, if `node` is a software node and has one.
///
/// # Safety
///
/// `node` is initialised.
unsafe fn entry(
    node: NonNull<bindings::fwnode_handle>,
    name: &CStr,
) -> Option<NonNull<bindings::property_entry>> {
    // SAFETY: The node is initialised, as the caller says.
    let software = NonNull::new(unsafe { bindings::to_software_node(node.as_ptr()) }.cast_mut())?;
    // SAFETY: A software node has its description for as long as it exists.
    let first = unsafe { (*software.as_ptr()).properties };
    let mut next = NonNull::new(first.cast_mut())?;
    loop {
        // SAFETY: It is one of the properties, or the entry without a name that ends them.
        let found = unsafe { (*next.as_ptr()).name };
        if found.is_null() {
            return None;
        }
        // SAFETY: The names of properties end with a zero byte.
        if unsafe { CStr::from_char_ptr(found) } == name {
            return Some(next);
        }
        // SAFETY: It was not the last, as it has a name.
        next = unsafe { next.add(1) };
    }
}

/// Says whether `node` itself has a property of that name.
///
/// # Safety
///
/// `node` is initialised.
unsafe fn has(node: NonNull<bindings::fwnode_handle>, name: &CStr) -> bool {
    // SAFETY: The node is initialised, as the caller says.
    let operations = unsafe { (*node.as_ptr()).ops };
    // SAFETY: It is null, or the static operations of the kind of node.
    let operations = unsafe { operations.as_ref() };
    let present = operations.and_then(|operations| operations.property_present);
    // SAFETY: The operation is called with a node of its kind, and a name that ends with a zero byte.
    present.is_some_and(|present| unsafe { present(node.as_ptr(), name.as_char_ptr()) })
}
