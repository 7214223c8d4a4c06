// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `#[pin_data]` is for structs with named fields.

use pin_init::pin_data;

#[pin_data]
enum Enum {
    A,
}

#[pin_data]
union Union {
    a: u8,
}

#[pin_data]
struct Tuple(#[pin] u8);

#[pin_data]
fn function() {}

#[pin_data(Drop)]
struct WrongArgument {
    a: u8,
}

#[pin_data(PinnedDrop, PinnedDrop)]
struct TooMany {
    a: u8,
}

fn main() {}
