// SPDX-License-Identifier: GPL-2.0

//! Only what starts a thread makes its view of itself: the task that runs this may be none of them.

extern crate kernel_task as kernel;

use kernel::{kthread::Context, types::NotThreadSafe};

fn main() {
    let context = Context {
        _not_send: NotThreadSafe,
    };
    context.should_stop();
}
