// SPDX-License-Identifier: GPL-2.0

//! Safe code can't make up mappings, nor go round the checks.

extern crate kernel_io as kernel;

use kernel::io::{IoCapable, Mmio, MmioRaw};

fn make_up(raw: &MmioRaw<4>) -> &Mmio<4> {
    Mmio::from_raw(raw)
}

fn go_round(region: &Mmio<4>) -> u32 {
    region.io_read(0x1000)
}

fn without_a_check(raw: MmioRaw<4>) -> MmioRaw<4> {
    MmioRaw { maxsize: 4096, ..raw }
}

fn main() {}
