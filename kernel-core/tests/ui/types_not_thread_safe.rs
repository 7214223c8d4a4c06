// SPDX-License-Identifier: GPL-2.0

//! What is bound to its thread does not leave it.

extern crate kernel_core as kernel;

use kernel::types::NotThreadSafe;

struct Bound {
    _not_thread_safe: NotThreadSafe,
}

fn sent<T: Send>(_: T) {}
fn shared<T: Sync>(_: T) {}

fn main() {
    sent(Bound { _not_thread_safe: NotThreadSafe });
    shared(Bound { _not_thread_safe: NotThreadSafe });
}
