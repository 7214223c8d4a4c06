// SPDX-License-Identifier: GPL-2.0

//! A thread may run on when the function that started it has returned, and so borrows nothing of it.

extern crate kernel_task as kernel;

use kernel::{c_str, error::Result, kthread::Thread};

fn count() -> Result<Thread> {
    let mut count = 0;
    Thread::spawn(c_str!("counts"), |_| {
        count += 1;
        Ok(())
    })
}

fn look(text: &str) -> Result<Thread> {
    Thread::spawn(c_str!("looks"), move |_| {
        let _ = text.len();
        Ok(())
    })
}

fn main() {}
