// SPDX-License-Identifier: GPL-2.0

//! A mapping in a `Devres` is reached for as long as its device is bound, though its type says
//! `'static`.

extern crate kernel_io as kernel;

use kernel::{
    device::{Bound, Device},
    devres::Devres,
    error::Result,
    io::{mem::IoMem, Mmio},
};

fn escape(devres: &Devres<IoMem<'static, 4>>, device: &Device<Bound>) -> Result<&'static Mmio<4>> {
    let iomem = devres.access(device)?;
    Ok(iomem)
}

fn without_a_conversion(device: &Device<Bound>, iomem: IoMem<'_, 4>) -> Result {
    let _ = Devres::new(device, iomem)?;
    Ok(())
}

fn main() {}
