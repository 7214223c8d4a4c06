// SPDX-License-Identifier: GPL-2.0

//! A file that was looked up stays on its thread: a system call there may use its position without a
//! lock.

extern crate kernel_fs as kernel;

use kernel::{
    c_str,
    error::{code::EBADF, Result},
    fs::{File, LocalFile},
    kthread::Thread,
};

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn kinds() {
    send::<File>();
    sync::<File>();
    sync::<LocalFile>();
}

fn taken_along(file: &'static LocalFile) -> Result<Thread> {
    Thread::spawn(c_str!("other"), move |_| {
        if file.flags() == 0 {
            return Err(EBADF);
        }
        Ok(())
    })
}

fn shared_as_local(file: &'static File) -> Result<Thread> {
    let local: &LocalFile = file;
    Thread::spawn(c_str!("other"), move |_| {
        let _ = local.cred();
        Ok(())
    })
}

fn main() {}
