// SPDX-License-Identifier: Apache-2.0 OR MIT

//! A reference to a field is good for the rest of the initializer only.

use std::cell::Cell;

use pin_init::{init, pin_data, pin_init};

#[pin_data]
struct SelfReferential<'a> {
    a: u8,
    reference: &'a u8,
}

fn main() {
    let _ = pin_init!(SelfReferential { a: 1, reference: a });

    let kept = Cell::new(None);
    let keep = &kept;
    let _ = init!(SelfReferential {
        a: 1,
        _: { keep.set(Some(&*a)) },
        reference: &2,
    });
}
