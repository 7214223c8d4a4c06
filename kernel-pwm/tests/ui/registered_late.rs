// SPDX-License-Identifier: GPL-2.0

//! A chip can be registered while its driver is bound, and not afterwards.

extern crate kernel_pwm as kernel;

use kernel::pwm::{PwmOps, UnregisteredChip};

struct Driver<T: PwmOps> {
    chip: UnregisteredChip<'static, T>,
}

fn keep<T: PwmOps>(chip: UnregisteredChip<'_, T>) -> Driver<T> {
    Driver { chip }
}

fn main() {}
