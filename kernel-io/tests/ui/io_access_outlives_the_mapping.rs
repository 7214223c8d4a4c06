// SPDX-License-Identifier: GPL-2.0

//! Nothing is accessed that is not mapped any more, or whose device is not bound any more.

extern crate kernel_io as kernel;

use kernel::{
    error::Result,
    io::{
        mem::{IoMem, IoRequest},
        Mmio, RelaxedMmio,
    },
};

fn after_the_mapping(request: IoRequest<'_>) -> Result<&Mmio<4>> {
    let iomem = request.iomap_sized::<4>()?;
    Ok(&*iomem)
}

fn relaxed_after_the_mapping<'a>(iomem: IoMem<'a, 4>) -> &'a RelaxedMmio<4> {
    iomem.relaxed()
}

fn after_the_device(request: IoRequest<'_>) -> Result<IoMem<'static, 4>> {
    request.iomap_sized::<4>()
}

fn main() {}
