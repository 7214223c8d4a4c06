// SPDX-License-Identifier: Apache-2.0 OR MIT

//! A marker that is not pinned has no effect.

#![deny(warnings)]

use pin_init::pin_data;

#[pin_data]
struct Forgotten {
    #[pin]
    marked: std::marker::PhantomPinned,
    unmarked: std::marker::PhantomPinned,
}

fn main() {
    let _ = |forgotten: Forgotten| (forgotten.marked, forgotten.unmarked);
}
