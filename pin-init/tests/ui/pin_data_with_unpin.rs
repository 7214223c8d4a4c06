// SPDX-License-Identifier: Apache-2.0 OR MIT

//! Which pinned types are `Unpin` is for the macro to say.

use pin_init::pin_data;

#[pin_data]
struct Pinned {
    #[pin]
    pin: std::marker::PhantomPinned,
}

impl Unpin for Pinned {}

fn main() {}
