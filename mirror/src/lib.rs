// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod apply;
mod check;
mod compare;
mod diff;
mod digest;
mod disk;
mod error;
mod flatten;
mod git;
mod graph;
pub mod ide;
mod merge;
mod plan;
mod records;
mod restore;
mod scaffold;
mod store;
mod transaction;
mod tree;
mod workspace;

pub use apply::{apply, apply_all, Changes, Options};
pub use check::{check, DifferentFile, State};
pub use compare::Difference;
pub use diff::{diff, Direction};
pub use digest::Digest;
pub use disk::{Disk, Step};
pub use error::{Cause, Conflict, Edit, Error, Kind, Result};
pub use flatten::{flatten, Flat, FlatCrate, FlatFile, Origin};
pub use graph::Graph;
pub use restore::restore;
pub use scaffold::{maintainer, Made, Name, Scaffold, ScaffoldKind};
pub use tree::{is_ours, Tree, Version, LOCK};
pub use workspace::{level, Dest, Package, Workspace};
