// SPDX-License-Identifier: GPL-2.0

//! A thread of the kernel, for comparison.

use crate::{
    facts::{same_namespace, Facts},
    relations::Relations,
};
use kernel::{
    kthread::Thread,
    prelude::*,
    sync::{aref::ARef, Arc, SetOnce},
    task::{Pid, Task},
};

/// What the thread finds out, by itself.
struct Findings {
    itself: Facts,
    has_address_space: bool,
    leads_itself: bool,
    /// The number of the loader's process in the thread's namespace.
    loader: Pid,
}

impl Findings {
    /// Looks around in the thread that runs this code.
    fn collect(loader: &Task) -> Result<Self> {
        let task = current!();
        Ok(Self {
            itself: Facts::of(task)?,
            has_address_space: task.mm().is_some(),
            leads_itself: *task.group_leader() == **task,
            loader: loader.tgid_nr_ns(None),
        })
    }
}

/// Starts a thread that looks at itself and at the loader, and compares what both of them see.
pub(crate) fn report(relations: &mut Relations) -> Result {
    let loader = current!();
    let findings = Arc::new(SetOnce::new(), GFP_KERNEL)?;
    let thread = Thread::spawn(c"task_report", {
        let findings = findings.clone();
        let loader: ARef<Task> = ARef::from(loader.group_leader());
        move |context| {
            findings.populate(Findings::collect(&loader)?);
            while !context.should_stop() {
                context.yield_now();
            }
            Ok(())
        }
    })?;
    // The thread is there until it is stopped, so the loader can look at it, too.
    let from_here = Facts::of(thread.task())?;
    let other_task = *thread.task() != **loader;
    thread.stop()?;
    let found = SetOnce::as_ref(&findings).ok_or(ESRCH)?;

    pr_info!(
        "thread: task {} in the first namespace, seen as {} by the loader; uid {}, euid {}\n",
        found.itself.pid,
        from_here.seen,
        found.itself.uid,
        found.itself.euid
    );
    pr_info!("thread: sees the loader as {}\n", found.loader);
    relations.expect("a thread is another task than its owner", other_task);
    relations.expect(
        "a thread knows its number",
        found.itself.pid == from_here.pid,
    );
    relations.expect(
        "a kernel thread has no address space",
        !found.has_address_space,
    );
    relations.expect("a kernel thread leads itself", found.leads_itself);
    relations.expect(
        "a kernel thread is root's",
        found.itself.uid == 0 && found.itself.euid == 0,
    );
    relations.expect(
        "a kernel thread lives in the first namespace",
        found.itself.seen == found.itself.pid,
    );
    relations.expect(
        "from the first namespace all numbers are those of the first namespace",
        found.loader == loader.group_leader().pid(),
    );

    let together = same_namespace(
        loader.active_pid_ns().ok_or(ESRCH)?,
        &found.itself.namespace,
    );
    pr_info!(
        "thread: lives in {} namespace\n",
        if together { "the loader's" } else { "another" }
    );
    relations.expect(
        "a namespace shows its own tasks and those below, and no others",
        from_here.seen == if together { from_here.pid } else { 0 },
    );
    Ok(())
}
