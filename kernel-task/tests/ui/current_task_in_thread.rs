// SPDX-License-Identifier: GPL-2.0

//! The current task is no longer the current one in another thread.

extern crate kernel_task as kernel;

use kernel::{c_str, current, kthread::Thread, task::CurrentTask};

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn main() {
    send::<CurrentTask>();
    sync::<CurrentTask>();

    let task = current!();
    let _ = Thread::spawn(c_str!("other"), move |_| {
        let _ = task.mm();
        Ok(())
    });
}
