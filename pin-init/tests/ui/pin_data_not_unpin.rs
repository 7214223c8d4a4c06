// SPDX-License-Identifier: Apache-2.0 OR MIT

//! A struct with a pinned field that must not move must not move.

use pin_init::pin_data;

#[pin_data]
struct Pinned<T> {
    #[pin]
    value: T,
}

fn unpin<T: Unpin>() {}

fn generic<T>() {
    unpin::<Pinned<T>>();
}

fn main() {
    unpin::<Pinned<u8>>();
    unpin::<Pinned<std::marker::PhantomPinned>>();
}
