// SPDX-License-Identifier: GPL-2.0

//! A thread's view of itself stays in the thread, and ends with its closure.

extern crate kernel_task as kernel;

use kernel::{
    c_str,
    error::Result,
    kthread::{Context, Thread},
};

fn send<T: Send>() {}

fn kind() {
    send::<Context>();
}

fn passed_on(context: &'static Context) -> Result<Thread> {
    Thread::spawn(c_str!("gets"), move |_| {
        context.should_stop();
        Ok(())
    })
}

fn kept() -> Result<Thread> {
    Thread::spawn(c_str!("keeps"), |context| {
        let _: &'static Context = context;
        Ok(())
    })
}

fn main() {}
