// SPDX-License-Identifier: GPL-2.0

//! What can be told of a task, its address space and its namespace, and how it hangs together.
//!
//! The module looks at the process that loads it, and at a thread of its own for comparison. It prints
//! what it finds, and loads when all that has to be true of the two is true.

#![cfg_attr(cargo, no_std)]

use kernel::prelude::*;

mod facts;
mod loader;
mod relations;
mod thread;

use relations::Relations;

module! {
    type: TaskReport,
    name: "task_report",
    authors: ["kernel-crates maintainers"],
    description: "What can be told of a task, its address space and its namespace",
    license: "GPL",
    params: {
        address: usize {
            default: 0,
            description: "An address in the loading process, whose area is reported",
        },
    },
}

/// Keeps nothing: all is said when the module is loaded.
struct TaskReport;

impl kernel::Module for TaskReport {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // This runs in the process that loads the module.
        let mut relations = Relations::new();
        loader::report(&mut relations)?;
        loader::report_area(*module_parameters::address.value(), &mut relations)?;
        thread::report(&mut relations)?;
        relations.verdict()?;
        Ok(Self)
    }
}
