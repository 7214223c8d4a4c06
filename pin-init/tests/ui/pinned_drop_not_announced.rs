// SPDX-License-Identifier: Apache-2.0 OR MIT

//! Nothing would call this destructor.

use std::pin::Pin;

use pin_init::{pin_data, pinned_drop};

#[pin_data]
struct Silent {
    value: u8,
}

#[pinned_drop]
impl PinnedDrop for Silent {
    fn drop(self: Pin<&mut Self>) {}
}

struct Plain;

#[pinned_drop]
impl PinnedDrop for Plain {
    fn drop(self: Pin<&mut Self>) {}
}

fn main() {}
