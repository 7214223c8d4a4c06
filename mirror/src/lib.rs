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
mod export;
mod flatten;
mod git;
mod graph;
pub mod ide;
mod image;
mod import;
mod lint;
mod maintainers;
mod map;
mod merge;
mod mix;
mod owners;
mod plan;
mod records;
mod restore;
mod scaffold;
mod select;
mod store;
mod transaction;
mod tree;
mod workspace;

pub use apply::{apply, apply_all, Changes, Job, Options};
pub use check::{check, DifferentFile, State};
pub use compare::Difference;
pub use diff::{diff, Direction};
pub use digest::Digest;
pub use disk::{Disk, Step};
pub use error::{Cause, Conflict, Edit, Error, Kind, Requirement, Result};
pub use export::{
    check_free, export, Complaint, ExportError, ExportOptions, Fit, Mail, Recipients, Series,
    Skipped,
};
pub use flatten::{flatten, Flat, FlatCrate, FlatFile, Origin};
pub use graph::Graph;
pub use import::{
    compile, Breach, FileConflict, Form, GeneratedEdit, ImportError, ImportOptions, ImportStep,
    Imported, Importer, Moved, Rule, What,
};
pub use lint::{lint, Finding};
pub use maintainers::{own, owner, Region, MAINTAINERS};
pub use map::{check_name, BadName, Map, Place};
pub use owners::{codeowners, owners_in_step, write_owners, CODEOWNERS};
pub use restore::restore;
pub use scaffold::{maintainer, Made, Name, Scaffold, ScaffoldKind};
pub use select::{select, Selection};
pub use tree::{is_ours, Tree, Version, LOCK};
pub use workspace::{level, Dest, LeftOut, Package, Workspace};
