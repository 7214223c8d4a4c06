// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `#[pin_data(PinnedDrop)]` announces an implementation.

use pin_init::pin_data;

#[pin_data(PinnedDrop)]
struct Announced {
    value: u8,
}

fn main() {}
