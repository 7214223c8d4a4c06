// SPDX-License-Identifier: GPL-2.0

//! A device is registered in the thread that has made it.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;

use kernel::drm::UnregisteredDevice;
use lamp::Lamp;

fn send<T: Send>(_: T) {}

fn make(dev: UnregisteredDevice<Lamp>) {
    send(dev);
}

fn main() {}
