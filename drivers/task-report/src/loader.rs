// SPDX-License-Identifier: GPL-2.0

//! The process that loads the module.

use crate::{
    facts::{same_namespace, Facts},
    relations::Relations,
};
use core::ptr;
use kernel::{
    mm::virt::{flags, vm_flags_t, VmaRef},
    prelude::*,
    sync::aref::ARef,
    task::{Kuid, Task},
};

/// Reports on the task that runs this code.
pub(crate) fn report(relations: &mut Relations) -> Result {
    let task = current!();
    let facts = Facts::of(task)?;
    pr_info!(
        "loader: process {}, task {} in the first namespace\n",
        facts.seen,
        facts.pid
    );
    pr_info!("loader: uid {}, euid {}\n", facts.uid, facts.euid);

    let leader = task.group_leader();
    pr_info!(
        "loader: {}\n",
        if *leader == **task {
            "leads its process"
        } else {
            "is led by another thread"
        }
    );
    relations.expect("who runs has a number", facts.pid > 0 && facts.seen > 0);
    relations.expect(
        "a task and its leader are of one process",
        leader.tgid_nr_ns(None) == facts.seen,
    );

    let namespace = task.active_pid_ns().ok_or(ESRCH)?;
    relations.expect(
        "the namespace is the same, counted or borrowed",
        same_namespace(&facts.namespace, namespace),
    );
    relations.expect(
        "who names no namespace means its own",
        task.tgid_nr_ns(Some(namespace)) == facts.seen,
    );
    relations.expect(
        "a task and the current credentials agree on the effective user",
        task.euid() == Kuid::current_euid(),
    );

    // The current task can't be kept, but a counted reference to it can.
    let kept: ARef<Task> = ARef::from(&**task);
    relations.expect(
        "a kept task is the same task",
        *kept == **task && kept.pid() == facts.pid,
    );
    Ok(())
}

/// Reports on the address space of the task that runs this code, and on the area around `address`.
pub(crate) fn report_area(address: usize, relations: &mut Relations) -> Result {
    let task = current!();
    // Whoever loads a module is a process, and thus has one.
    let mm = task.mm().ok_or(ESRCH)?;
    let held = mm.mmget_not_zero();
    relations.expect(
        "an address space in use can be held, and stays the same",
        held.is_some_and(|held| ptr::eq(&*held, mm)),
    );
    if address == 0 {
        pr_info!("loader: has an address space\n");
        return Ok(());
    }

    let guard = mm.mmap_read_lock();
    let Some(area) = guard.vma_lookup(address) else {
        pr_info!("loader: {:#x} is in no area\n", address);
        return Ok(());
    };
    let (start, end) = (area.start(), area.end());
    pr_info!(
        "loader: {:#x} is in {:08x}-{:08x} {}{}{}{}\n",
        address,
        start,
        end,
        flag(area, flags::READ, 'r', '-'),
        flag(area, flags::WRITE, 'w', '-'),
        flag(area, flags::EXEC, 'x', '-'),
        flag(area, flags::SHARED, 's', 'p'),
    );
    relations.expect(
        "an area is around its addresses",
        start <= address && address < end,
    );
    relations.expect("an area is of its address space", ptr::eq(area.mm(), mm));
    relations.expect(
        "each address in an area leads to it",
        [start, end - 1].iter().all(|&inside| {
            guard
                .vma_lookup(inside)
                .is_some_and(|found| ptr::eq(found, area))
        }),
    );
    drop(guard);

    // The same without the lock of the whole address space, where that is possible.
    if let Some(area) = mm.lock_vma_under_rcu(address) {
        relations.expect(
            "an area is the same by either lock",
            (area.start(), area.end()) == (start, end),
        );
    }
    Ok(())
}

/// The letter that stands for a flag which is set, or for one which is not.
fn flag(area: &VmaRef, flag: vm_flags_t, set: char, clear: char) -> char {
    if area.flags() & flag != 0 {
        set
    } else {
        clear
    }
}
