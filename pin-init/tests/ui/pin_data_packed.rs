// SPDX-License-Identifier: Apache-2.0 OR MIT

//! The fields of a packed struct cannot be referred to.

use pin_init::pin_data;

#[pin_data]
#[repr(C, packed)]
struct Packed {
    a: u8,
    #[pin]
    b: u32,
}

fn main() {}
