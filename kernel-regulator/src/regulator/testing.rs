// SPDX-License-Identifier: GPL-2.0

//! What tests and examples need.
//!
//! Not API.

use crate::bindings;

/// Tells C that all supplies that there are have been described, as a kernel with a device tree assumes:
/// then a dummy stands in for one that is not.
///
/// This holds until the next boot.
///
/// C counterpart: `regulator_has_full_constraints()`.
pub fn assume_all_supplies() {
    // SAFETY: The function may be called at any time.
    unsafe { bindings::regulator_has_full_constraints() };
}
