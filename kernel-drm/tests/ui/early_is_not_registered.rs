// SPDX-License-Identifier: GPL-2.0

//! A device that was not registered is not taken for one that was.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;

use kernel::drm::{Device, Uninit, UnregisteredDevice};
use lamp::Lamp;

fn serve(_dev: &Device<Lamp>) {}

fn early(dev: &Device<Lamp, Uninit>) {
    serve(dev);
}

fn earlier(dev: &UnregisteredDevice<Lamp>) {
    serve(dev);
}

fn main() {}
