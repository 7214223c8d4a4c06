// SPDX-License-Identifier: Apache-2.0 OR MIT

//! The implementation is `drop` with a pinned receiver, and nothing else.

use std::pin::Pin;

use pin_init::{pin_data, pinned_drop};

#[pin_data(PinnedDrop)]
struct Receiver {
    value: u8,
}

#[pinned_drop]
impl PinnedDrop for Receiver {
    fn drop(&mut self) {}
}

#[pin_data(PinnedDrop)]
struct Nothing {
    value: u8,
}

#[pinned_drop]
impl PinnedDrop for Nothing {}

#[pin_data(PinnedDrop)]
struct More {
    value: u8,
}

#[pinned_drop]
impl PinnedDrop for More {
    const MORE: u8 = 1;

    fn drop(self: Pin<&mut Self>) {}
}

fn main() {}
