// SPDX-License-Identifier: GPL-2.0

//! The current task is kept nowhere: later, it is another one.

extern crate kernel_task as kernel;

use kernel::{
    current,
    sync::SetOnce,
    task::{CurrentTask, Task},
};

static CURRENT: SetOnce<&'static CurrentTask> = SetOnce::new();
static LEADER: SetOnce<&'static Task> = SetOnce::new();

fn main() {
    CURRENT.populate(current!());
    LEADER.populate(current!().group_leader());
}
