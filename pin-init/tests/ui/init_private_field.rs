// SPDX-License-Identifier: Apache-2.0 OR MIT

//! A field can only be initialized where it is visible.

use pin_init::{init, pin_init};

mod inner {
    #[pin_init::pin_data]
    pub struct Pair {
        pub a: u8,
        b: u16,
    }
}

fn main() {
    let _ = pin_init!(inner::Pair { a: 1, b: 2 });
    let _ = init!(inner::Pair { a: 1, b: 2 });
}
