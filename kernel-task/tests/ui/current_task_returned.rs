// SPDX-License-Identifier: GPL-2.0

//! Neither the current task nor what is borrowed from it leaves the function that asked for it.

extern crate kernel_task as kernel;

use core::ops::Deref;
use kernel::{
    current,
    mm::MmWithUser,
    pid_namespace::PidNamespace,
    task::{CurrentTask, Task},
};

fn task<'a>() -> &'a CurrentTask {
    current!()
}

fn leader<'a>() -> &'a Task {
    current!().group_leader()
}

fn address_space<'a>() -> Option<&'a MmWithUser> {
    current!().mm()
}

fn namespace<'a>() -> Option<&'a PidNamespace> {
    current!().active_pid_ns()
}

fn unsafely() -> impl Deref<Target = CurrentTask> {
    Task::current()
}

fn main() {}
