// SPDX-License-Identifier: GPL-2.0

//! The value does not outlive its place.

extern crate kernel_sync as kernel;

use kernel::sync::SetOnce;

fn escape(cell: SetOnce<u32>) -> Option<&'static u32> {
    cell.as_ref()
}

fn use_after_drop(cell: SetOnce<u32>) -> Option<u32> {
    let value = cell.as_ref();
    drop(cell);
    value.copied()
}

fn changes(cell: &SetOnce<u32>) {
    if let Some(value) = cell.as_ref() {
        *value = 1;
    }
}

fn main() {}
