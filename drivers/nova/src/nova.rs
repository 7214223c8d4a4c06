// SPDX-License-Identifier: GPL-2.0

//! Keeps some squares for as long as it is loaded: what `mirror new driver` starts a driver with.

#![cfg_attr(cargo, no_std)]

use kernel::prelude::*;

module! {
    type: Driver,
    name: "nova",
    authors: ["kernel-crates maintainers"],
    description: "A sample driver: keeps some squares",
    license: "GPL",
}

/// What the module keeps while it is loaded.
struct Driver {
    squares: KVec<u32>,
}

impl kernel::Module for Driver {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let mut squares = KVec::with_capacity(10, GFP_KERNEL)?;
        for n in 1..=10 {
            squares.push(n * n, GFP_KERNEL)?;
        }
        pr_info!("loaded, with {} squares\n", squares.len());
        Ok(Self { squares })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let sum: u32 = self.squares.iter().sum();
        pr_info!("unloaded, the squares add up to {}\n", sum);
    }
}
