// SPDX-License-Identifier: Apache-2.0 OR MIT

//! A pinned destructor is neither called nor implemented by hand.

use std::pin::Pin;

use pin_init::{pin_data, pinned_drop, PinnedDrop};

#[pin_data(PinnedDrop)]
struct Value {
    value: u8,
}

#[pinned_drop]
impl PinnedDrop for Value {
    fn drop(self: Pin<&mut Self>) {}
}

#[pin_data(PinnedDrop)]
struct ByHand {
    value: u8,
}

impl PinnedDrop for ByHand {
    fn drop(self: Pin<&mut Self>, _: pin_init::__internal::OnlyCallFromDrop) {}
}

fn twice(value: Pin<&mut Value>) {
    PinnedDrop::drop(value);
}

fn main() {}
