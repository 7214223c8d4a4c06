// SPDX-License-Identifier: GPL-2.0

//! A thread's view of itself stays in the thread, and ends with its closure.

extern crate kernel_task as kernel;

use kernel::{
    c_str,
    kthread::{Context, Thread},
    types::NotThreadSafe,
};

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn main() {
    send::<Context>();
    sync::<Context>();

    let mut kept: Option<&Context> = None;
    let _ = Thread::spawn(c_str!("keeps"), move |context| {
        kept = Some(context);
        Ok(())
    });

    let _ = Thread::spawn(c_str!("passes on"), |context| {
        let _ = Thread::spawn(c_str!("gets"), move |_| {
            context.should_stop();
            Ok(())
        });
        Ok(())
    });

    let _ = Context {
        _not_send: NotThreadSafe,
    };
}
