// SPDX-License-Identifier: GPL-2.0

//! An initialiser names every field once, and its errors convert to the kernel's.

extern crate kernel_core as kernel;

use kernel::{error::Error, try_init};
use pin_init::Init;

struct Pair {
    first: u32,
    second: u32,
}

fn forgotten() -> impl Init<Pair, Error> {
    try_init!(Pair { first: 1 })
}

fn twice() -> impl Init<Pair, Error> {
    try_init!(Pair { first: 1, first: 2, second: 3 })
}

fn of_what_error() -> impl Init<Pair, Error> {
    struct Strange;
    try_init!(Pair { first: 1, second: Err(Strange)? })
}

fn main() {}
