// SPDX-License-Identifier: GPL-2.0

//! A program that uses nothing of the kernel links, so that the others fail for what they say. That
//! there is such a program also has all of them built, and not only checked.

extern crate kernel_debugfs as kernel;

fn main() {
    assert!(kernel::error::code::EINVAL.to_errno() < 0);
}
