// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `#[pinned_drop]` is for implementations of `PinnedDrop`.

use std::pin::Pin;

use pin_init::{pin_data, pinned_drop};

#[pin_data(PinnedDrop)]
struct Value {
    value: u8,
}

#[pinned_drop]
impl Value {
    fn drop(self: Pin<&mut Self>) {}
}

#[pinned_drop]
impl Drop for Value {
    fn drop(&mut self) {}
}

#[pinned_drop]
impl other::PinnedDrop for Value {
    fn drop(self: Pin<&mut Self>) {}
}

#[pinned_drop]
unsafe impl PinnedDrop for Value {
    fn drop(self: Pin<&mut Self>) {}
}

#[pinned_drop]
impl !PinnedDrop for Value {}

#[pinned_drop(now)]
impl PinnedDrop for Value {
    fn drop(self: Pin<&mut Self>) {}
}

fn main() {}
