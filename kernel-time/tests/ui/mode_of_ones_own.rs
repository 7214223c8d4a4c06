// SPDX-License-Identifier: GPL-2.0

//! The modes are those that C has.

extern crate kernel_time as kernel;

use kernel::time::{
    hrtimer::{HrTimerCallbackContext, HrTimerMode, HasHrTimer},
    Delta, Monotonic,
};

struct Sometimes;

impl HrTimerMode for Sometimes {
    type Clock = Monotonic;
    type Expires = Delta;
    const C_MODE: u32 = 99;
}

/// And a context is what only a callback has.
fn context<T: HasHrTimer<T>>() -> HrTimerCallbackContext<'static, T> {
    HrTimerCallbackContext(core::ptr::NonNull::dangling(), core::marker::PhantomData)
}

fn main() {}
