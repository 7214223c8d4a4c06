// SPDX-License-Identifier: GPL-2.0

//! What can be told of any task.

use core::ptr;
use kernel::{
    pid_namespace::PidNamespace,
    prelude::*,
    sync::aref::ARef,
    task::{Pid, Task},
};

/// A task, as it looks from the task that asks.
pub(crate) struct Facts {
    /// Its number in the first PID namespace.
    pub(crate) pid: Pid,
    /// The number of its process in the namespace of who asks; 0 if it is not to be seen from there.
    pub(crate) seen: Pid,
    /// The real and the effective user, as the user namespace of who asks knows them.
    pub(crate) uid: u32,
    pub(crate) euid: u32,
    /// The PID namespace that the task lives in.
    pub(crate) namespace: ARef<PidNamespace>,
}

impl Facts {
    /// Looks at `task`.
    ///
    /// # Errors
    ///
    /// `ESRCH` when it has exited.
    pub(crate) fn of(task: &Task) -> Result<Self> {
        Ok(Self {
            pid: task.pid(),
            seen: task.tgid_nr_ns(None),
            uid: task.uid().into_uid_in_current_ns(),
            euid: task.euid().into_uid_in_current_ns(),
            namespace: task.get_pid_ns().ok_or(ESRCH)?,
        })
    }
}

/// Whether two PID namespaces are the same one.
pub(crate) fn same_namespace(one: &PidNamespace, other: &PidNamespace) -> bool {
    ptr::eq(one.as_ptr(), other.as_ptr())
}
