// SPDX-License-Identifier: GPL-2.0

// What does without the wait, or the check, says so.

extern crate kernel_sync as kernel;

use kernel::revocable::Revocable;

fn unchecked(value: &Revocable<u32>) -> &u32 {
    value.access()
}

fn not_waiting(value: &Revocable<u32>) {
    value.revoke_nosync();
}

fn main() {}
