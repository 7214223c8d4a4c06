// SPDX-License-Identifier: GPL-2.0

//! A guard holds on to what its function uses.

extern crate kernel_core as kernel;

use kernel::types::ScopeGuard;

fn main() {
    let mut undone = 0;
    let guard = ScopeGuard::new(|| undone += 1);
    undone += 1;
    guard.dismiss();
    assert_eq!(undone, 1);

    let dismissed = ScopeGuard::new_with_data(1, drop);
    dismissed.dismiss();
    dismissed.dismiss();
}
