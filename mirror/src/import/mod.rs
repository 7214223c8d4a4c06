// SPDX-License-Identifier: GPL-2.0

//! `mirror import`, which brings edits made in a tree back to the crates.
//!
//! Whatever the edits are (a tree's files, commits, patches), they are first made on a copy of the
//! workspace, a [`stage`]. Only when all of them went well there does the workspace change: its files
//! one by one, or its branch at once.

mod commits;
mod compile;
mod definitions;
mod engine;
mod error;
mod files;
mod generated;
mod mail;
mod patch;
mod repository;
mod seams;
mod sections;
mod stage;
mod working;

use std::collections::{BTreeMap, BTreeSet};

use crate::disk::Disk;
use crate::error::Result;
use crate::tree::Tree;
use crate::workspace::Workspace;

pub use compile::{compile, Breach, Rule};
pub use error::{FileConflict, GeneratedEdit, ImportError};
pub use mail::Form;

/// How to go about an import.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The crates of new files that could be several crates'.
    pub into: BTreeMap<String, String>,
    /// Files of the tree to leave out.
    pub exclude: BTreeSet<String>,
    /// Leave out what is not of the crates.
    pub skip_foreign: bool,
    /// Find out what there is to do, and do nothing of it.
    pub dry_run: bool,
}

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// It is new.
    Added,
    /// It is another text, or can be run, or no longer.
    Changed,
    /// It is gone.
    Removed,
    /// It had this other name in the workspace.
    Renamed(String),
}

/// A file of the workspace that an import changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moved {
    /// The file of the tree that was edited.
    pub path: String,
    /// The file of the workspace.
    pub source: String,
    /// Its crate.
    pub package: String,
    /// What happened to it.
    pub what: What,
}

/// One edit, commit or patch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportStep {
    /// The commit that it became.
    pub commit: Option<String>,
    /// The subject of the commit or mail.
    pub subject: Option<String>,
    /// What it changes.
    pub files: Vec<Moved>,
    /// Why there is nothing in it to import.
    pub skipped: Option<&'static str>,
    /// Files that were left out: not of the crates, or excluded.
    pub left_out: Vec<String>,
    /// Files that `apply` writes by itself.
    pub ignored: Vec<String>,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// One by one.
    pub steps: Vec<ImportStep>,
    /// The branch that was moved; none without commits, or on no branch.
    pub branch: Option<String>,
    /// Whether the edits became commits.
    pub as_commits: bool,
}

impl Imported {
    /// The files that change.
    pub fn files(&self) -> impl Iterator<Item = &Moved> {
        self.steps.iter().flat_map(|step| &step.files)
    }

    /// The crates that change.
    pub fn packages(&self) -> BTreeSet<&str> {
        self.files().map(|file| file.package.as_str()).collect()
    }

    /// Whether there was nothing to do.
    pub fn is_empty(&self) -> bool {
        self.files().next().is_none()
    }
}

/// Brings edits to a workspace.
#[derive(Debug)]
pub struct Importer<'a> {
    workspace: &'a Workspace,
    options: ImportOptions,
    disk: Disk,
}

impl<'a> Importer<'a> {
    /// Imports into `workspace`.
    pub fn new(workspace: &'a Workspace, options: ImportOptions) -> Self {
        Self {
            workspace,
            options,
            disk: Disk::new(),
        }
    }

    /// Makes changes to the workspace's files through `disk`. Commits are git's to write.
    pub fn on(mut self, disk: Disk) -> Self {
        self.disk = disk;
        self
    }

    /// Brings what was edited in `tree` since the last `apply` to the workspace's files.
    ///
    /// Stopped half-way and run again, it does the rest.
    ///
    /// # Errors
    ///
    /// [`ImportError`], after which nothing has changed; [`Error::Io`](crate::Error::Io).
    pub fn tree(&self, tree: &Tree) -> Result<Imported> {
        working::tree(self, tree)
    }

    /// Makes a commit of each commit in `range` of `tree`'s repository, with its author, date and
    /// message, and moves the workspace's branch forward to the last.
    ///
    /// # Errors
    ///
    /// [`ImportError`], or [`Error::Git`](crate::Error::Git), after which nothing has changed.
    pub fn commits(&self, tree: &Tree, range: &str) -> Result<Imported> {
        commits::commits(self, tree, range)
    }

    /// Imports a patch or mails with patches; `name` is what messages call it. Mails become commits,
    /// a plain diff goes to the workspace's files.
    ///
    /// # Errors
    ///
    /// As for [`tree`](Self::tree) and [`commits`](Self::commits).
    pub fn patch(&self, name: &str, text: &[u8], form: Form) -> Result<Imported> {
        mail::import(self, name, text, form)
    }
}
