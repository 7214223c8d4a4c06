// SPDX-License-Identifier: GPL-2.0

//! What does not hold for constants does not compile.

extern crate kernel_core as kernel;

use kernel::{
    bits::{bit_u8, genmask_u32},
    build_assert::{build_assert, build_error, static_assert},
};

static_assert!(1 + 1 == 3);
static_assert!(cfg!(target_os = "none"), "this is for bare metal");

const CHECKED: () = {
    build_assert!(size_of::<u8>() == 2, "a byte of two bytes");
};
const REACHED: u32 = match 3 {
    0 => 1,
    _ => build_error!("only zero is supported"),
};
const NO_SUCH_BIT: u8 = bit_u8(8);
const NO_SUCH_RUN: u32 = genmask_u32(8..=32);
const EMPTY_RUN: u32 = genmask_u32(8..=7);

fn main() {}
