// SPDX-License-Identifier: GPL-2.0

//! A BAR is for as long as the driver is bound. Only `into_devres` makes one of any length.

extern crate kernel_pci as kernel;

use kernel::{device::Bound, devres::Devres, pci, prelude::*};

fn devres(pdev: &pci::Device<Bound>, bar: pci::Bar<'_, 16>) -> Result {
    let kept = Devres::<pci::Bar<'_, 16>>::new(pdev.as_ref(), Ok::<_, Error>(bar))?;
    drop(kept);
    Ok(())
}

fn main() {}
