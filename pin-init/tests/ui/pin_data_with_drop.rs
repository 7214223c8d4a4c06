// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `Drop` would get a plain `&mut` to a pinned value.

use pin_init::pin_data;

#[pin_data]
struct Dropped<T> {
    #[pin]
    value: T,
}

impl<T> Drop for Dropped<T> {
    fn drop(&mut self) {}
}

fn main() {}
