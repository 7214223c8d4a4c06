// SPDX-License-Identifier: GPL-2.0

// A lock class key must be there for as long as any lock that lockdep knows it by.

extern crate kernel_sync as kernel;

use kernel::{
    prelude::*,
    sync::{LockClassKey, Mutex},
};

fn key_in_a_box(key: Pin<KBox<LockClassKey>>) -> Result<Pin<KBox<Mutex<u32>>>> {
    KBox::pin_init(Mutex::new(0, c"lock", key.as_ref()), GFP_KERNEL)
}

fn key_on_the_stack() {
    // SAFETY: No: this is not a static.
    let key = unsafe { LockClassKey::new_static() };
    let key = core::pin::pin!(key);
    let _ = Mutex::new(0, c"lock", key.as_ref());
}

fn key_borrowed(key: Pin<&LockClassKey>) {
    let _ = Mutex::new(0, c"lock", key);
}

fn main() {}
