// SPDX-License-Identifier: GPL-2.0

//! A section ends in the task that it began in.

extern crate kernel_device as kernel;

use kernel::devres::BoundSection;

fn send<T: Send>(_: T) {}

fn main() {
    send(BoundSection::enter());
}
