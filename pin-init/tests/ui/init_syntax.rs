// SPDX-License-Identifier: Apache-2.0 OR MIT

//! What is not the syntax.

use pin_init::{init, pin_data, pin_init};

#[pin_data]
struct Pair {
    a: u8,
    b: u16,
}

fn main() {
    let _ = pin_init!(Pair { a: 1 b: 2 });
    let _ = pin_init!(Pair { a = 1, b: 2 });
    let _ = pin_init!(Pair { a: 1, b: 2 }?);
    let _ = pin_init!(Pair { a: 1, b: 2 } u8);
    let _ = pin_init!(this in Pair { a: 1, b: 2 });
    let _ = pin_init!(Pair(1, 2));
    let _ = init!(Pair { a: 1, _: 5, b: 2 });
    let _ = init!(
        #[inline]
        Pair { a: 1, b: 2 }
    );
    let _ = init!(Pair { a: 1, ..Zeroable::init_zeroed(), b: 2 });
}
