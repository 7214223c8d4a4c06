// SPDX-License-Identifier: GPL-2.0

//! Threads that use each collection, timers and work at once, and count what comes out.
//!
//! Each part is a file of its own: it sets something up that several threads work on, lets them, and
//! then checks that everything is there exactly once, that the sums are right, and that no object is
//! left. The module loads when all of that holds.

#![cfg_attr(cargo, no_std)]

use kernel::prelude::*;

mod bitmap;
mod crew;
mod hrtimer;
mod id_pool;
mod life;
mod list;
mod maple_tree;
mod plan;
mod rbtree;
mod workqueue;
mod xarray;

use plan::Plan;

module! {
    type: CollectionsStress,
    name: "collections_stress",
    authors: ["kernel-crates maintainers"],
    description: "Threads that use each collection, timers and work at once, and count what comes out",
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
            description: "How many rounds the part `list` forgets, to see that this is noticed",
        },
    },
}

/// A part: does its work and prints what came out, or fails.
type Part = fn(Plan) -> Result;

/// All parts, by the names that their lines begin with.
const PARTS: &[(&str, Part)] = &[
    ("list", list::run),
    ("rbtree", rbtree::run),
    ("xarray", xarray::run),
    ("maple_tree", maple_tree::run),
    ("id_pool", id_pool::run),
    ("bitmap", bitmap::run),
    ("hrtimer", hrtimer::run),
    ("workqueue", workqueue::run),
];

/// Keeps nothing: all is done when the module is loaded.
struct CollectionsStress;

impl kernel::Module for CollectionsStress {
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
