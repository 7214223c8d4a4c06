// SPDX-License-Identifier: GPL-2.0

//! The current task is no longer the current one in another thread.

extern crate kernel_task as kernel;

use kernel::{c_str, current, error::Result, kthread::Thread, task::CurrentTask};

fn send<T: Send>() {}

fn kind() {
    send::<CurrentTask>();
}

fn taken_along() -> Result<Thread> {
    let task = current!();
    Thread::spawn(c_str!("other"), move |_| {
        let _ = task.mm();
        Ok(())
    })
}

fn main() {}
