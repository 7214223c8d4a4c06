// SPDX-License-Identifier: GPL-2.0

//! The smallest module worth having: it takes a parameter of each kind, does a sum with them, and
//! says good-bye.

#![cfg_attr(cargo, no_std)]

use kernel::prelude::*;

module! {
    type: Minimal,
    name: "minimal",
    authors: ["kernel-crates maintainers"],
    description: "Parameters of each kind",
    license: "GPL",
    params: {
        tiny: i8 {
            default: -1,
            description: "A signed byte",
        },
        byte: u8 {
            default: 1,
            description: "A byte",
        },
        small: i16 {
            default: -2,
            description: "A signed 16-bit number",
        },
        port: u16 {
            default: 2,
            description: "A 16-bit number",
        },
        number: i32 {
            default: -3,
            description: "A signed 32-bit number",
        },
        count: u32 {
            default: 3,
            description: "A 32-bit number",
        },
        offset: i64 {
            default: -4,
            description: "A signed 64-bit number",
        },
        size: u64 {
            default: 4,
            description: "A 64-bit number",
        },
        distance: isize {
            default: -5,
            description: "A signed number as wide as a pointer",
        },
        length: usize {
            default: 5,
            description: "A number as wide as a pointer",
        },
    },
}

/// What the module keeps while it is loaded: the parameters, widened.
struct Minimal {
    signed: KVec<i64>,
    unsigned: KVec<u64>,
}

impl kernel::Module for Minimal {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        use module_parameters::*;

        let mut signed = KVec::with_capacity(5, GFP_KERNEL)?;
        signed.extend_from_slice(
            &[
                i64::from(*tiny.value()),
                i64::from(*small.value()),
                i64::from(*number.value()),
                *offset.value(),
                *distance.value() as i64,
            ],
            GFP_KERNEL,
        )?;
        let mut unsigned = KVec::with_capacity(5, GFP_KERNEL)?;
        unsigned.extend_from_slice(
            &[
                u64::from(*byte.value()),
                u64::from(*port.value()),
                u64::from(*count.value()),
                *size.value(),
                *length.value() as u64,
            ],
            GFP_KERNEL,
        )?;
        pr_info!("hello, signed {:?}, unsigned {:?}\n", signed, unsigned);
        Ok(Self { signed, unsigned })
    }
}

impl Drop for Minimal {
    fn drop(&mut self) {
        let below: i64 = self.signed.iter().fold(0, |sum, n| sum.wrapping_add(*n));
        let above: u64 = self.unsigned.iter().fold(0, |sum, n| sum.wrapping_add(*n));
        pr_info!("good-bye, the sums were {} and {}\n", below, above);
    }
}
