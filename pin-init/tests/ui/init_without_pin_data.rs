// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `pin_init!` needs `#[pin_data]`.

use pin_init::pin_init;

struct Plain {
    a: u8,
}

fn main() {
    let _ = pin_init!(Plain { a: 1 });
}
