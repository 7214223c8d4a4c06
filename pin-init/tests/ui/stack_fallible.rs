// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `stack_pin_init!` is for initializers that cannot fail.

use pin_init::stack_pin_init;

fn main() {
    stack_pin_init!(let value: u8 = Ok::<u8, u16>(1));
}
