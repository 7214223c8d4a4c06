// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `PinnedDrop` takes the place of `Drop`.

use std::pin::Pin;

use pin_init::{pin_data, pinned_drop};

#[pin_data(PinnedDrop)]
struct Dropped {
    value: u8,
}

#[pinned_drop]
impl PinnedDrop for Dropped {
    fn drop(self: Pin<&mut Self>) {}
}

impl Drop for Dropped {
    fn drop(&mut self) {}
}

fn main() {}
