// SPDX-License-Identifier: GPL-2.0

//! A thread is stopped once.

extern crate kernel_task as kernel;

use kernel::{error::Result, kthread::Thread};

fn twice(thread: Thread) -> Result {
    thread.stop()?;
    thread.stop()
}

fn after(thread: Thread) -> Result {
    let task = thread.task();
    thread.stop()?;
    let _ = task.pid();
    Ok(())
}

fn main() {}
