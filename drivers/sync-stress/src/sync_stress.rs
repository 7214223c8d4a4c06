// SPDX-License-Identifier: GPL-2.0

//! Threads that use each way to share data at once, and count what comes out.
//!
//! Each part is a file of its own: it sets something up that several threads work on, lets them, and
//! then checks a number that is right only if none of them ever got in another's way. The module loads
//! when every number is right.

#![cfg_attr(cargo, no_std)]

use kernel::prelude::*;

mod arc;
mod atomic;
mod completion;
mod condvar;
mod crew;
mod interrupt;
mod locked_by;
mod mutex;
mod plan;
mod refcount;
mod revocable;
mod set_once;
mod spinlock;

use plan::Plan;

module! {
    type: SyncStress,
    name: "sync_stress",
    authors: ["kernel-crates maintainers"],
    description: "Threads that use each way to share data at once, and count what comes out",
    license: "GPL",
    params: {
        threads: u32 {
            default: 4,
            description: "How many threads do the same at once (1 to 32)",
        },
        rounds: u32 {
            default: 1000,
            description: "How many times each thread does it (1 to 100000)",
        },
        forget: u32 {
            default: 0,
            description: "How many rounds the part `mutex` forgets, to see that this is noticed",
        },
    },
}

/// A part: does its work and prints what came out, or fails.
type Part = fn(Plan) -> Result;

/// All parts, by the names that their lines begin with.
const PARTS: &[(&str, Part)] = &[
    ("mutex", mutex::run),
    ("spinlock", spinlock::run),
    ("locked_by", locked_by::run),
    ("condvar", condvar::run),
    ("interrupt", interrupt::run),
    ("completion", completion::run),
    ("arc", arc::run),
    ("refcount", refcount::run),
    ("atomic", atomic::run),
    ("set_once", set_once::run),
    ("revocable", revocable::run),
];

/// Keeps nothing: all is done when the module is loaded.
struct SyncStress;

impl kernel::Module for SyncStress {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let plan = Plan::from_parameters()?;
        for (name, part) in PARTS {
            if let Err(error) = part(plan) {
                pr_err!("verdict: {} does not hold\n", name);
                return Err(error);
            }
        }
        pr_info!("verdict: all {} parts hold\n", PARTS.len());
        Ok(Self)
    }
}
