// SPDX-License-Identifier: GPL-2.0

//! The workspace's commits, and what each changes in a kernel tree.

use std::path::Path;

use super::error::ExportError;
use super::subject::Topic;
use crate::error::{Error, Result};
use crate::flatten::{flatten, Flat, FlatFile};
use crate::git::Git;
use crate::workspace::{Package, Workspace};

/// A commit of the workspace.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    /// Its abbreviated name.
    pub(crate) id: String,
    /// `Name <address> seconds zone`.
    pub(crate) author: String,
    /// As `author`.
    pub(crate) committer: String,
    /// Its first paragraph, in one line.
    pub(crate) subject: String,
    /// The whole message.
    pub(crate) message: String,
}

/// The crates as a commit has them.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) packages: Vec<Package>,
    pub(crate) flat: Flat,
}

/// A commit that changes a kernel tree.
pub(crate) struct Change {
    pub(crate) commit: Commit,
    /// Each file that it changes, and what it makes of it; none for one that it removes.
    pub(crate) files: Vec<(String, Option<FlatFile>)>,
    pub(crate) topic: Topic,
}

/// The commits of a range, as far as a tree is concerned.
pub(crate) struct History {
    /// The commit that it begins after.
    pub(crate) since: String,
    /// The crates before the first commit.
    pub(crate) before: Snapshot,
    /// The crates after the last one.
    pub(crate) after: Snapshot,
    pub(crate) changes: Vec<Change>,
    /// The commits that change no file of a tree.
    pub(crate) skipped: Vec<Commit>,
}

impl History {
    /// The commits after `since`, up to `to`, of the repository that the workspace `dir` is in.
    pub(crate) fn read(dir: &Path, since: &str, to: &str) -> Result<Self> {
        let git = Git::new(dir);
        let commits = commits(&git, since, to)?;
        let prefix = git.prefix()?;
        let since = commit(&git, since)?;
        let before = snapshot(dir, &since)?;
        let mut now: Option<Snapshot> = None;
        let mut tree = tree(&git, &since.id, &prefix);
        let mut changes = Vec::new();
        let mut skipped = Vec::new();
        for commit in commits {
            // Most that a repository has besides the workspace is told by the names of its trees.
            let new_tree = self::tree(&git, &commit.id, &prefix);
            if new_tree == tree {
                skipped.push(commit);
                continue;
            }
            tree = new_tree;
            let new = snapshot(dir, &commit)?;
            let old = now.as_ref().unwrap_or(&before);
            match Change::new(&commit, old, &new) {
                Some(change) => changes.push(change),
                None => skipped.push(commit),
            }
            now = Some(new);
        }
        let after = match now {
            Some(now) => now,
            None => before.clone(),
        };
        Ok(Self {
            since: since.id,
            before,
            after,
            changes,
            skipped,
        })
    }
}

impl Change {
    fn new(commit: &Commit, old: &Snapshot, new: &Snapshot) -> Option<Self> {
        let mut paths: Vec<String> = (old.flat.files.keys())
            .chain(new.flat.files.keys())
            .filter(|path| {
                let stamp = |flat: &'_ Flat| flat.files.get(*path).map(|file| file.stamp().clone());
                stamp(&old.flat) != stamp(&new.flat)
            })
            .cloned()
            .collect();
        paths.sort();
        paths.dedup();
        if paths.is_empty() {
            return None;
        }
        let topic = Topic::new(&new.packages, &old.flat, &new.flat, &paths);
        let files = paths.into_iter().map(|path| {
            let file = new.flat.files.get(&path).cloned();
            (path, file)
        });
        Some(Self {
            commit: commit.clone(),
            files: files.collect(),
            topic,
        })
    }
}

/// The commits after `since`, up to `to`, from the oldest to the newest.
fn commits(git: &Git, since: &str, to: &str) -> Result<Vec<Commit>> {
    let (since_id, to_id) = (git.commit(since)?, git.commit(to)?);
    let base = git.run(&["merge-base", &since_id, &to_id]);
    if base.ok().as_ref() != Some(&since_id) {
        let (since, to) = (since.to_owned(), to.to_owned());
        return Err(ExportError::NotAncestor { since, to }.into());
    }
    let range = format!("{since_id}..{to_id}");
    let list = git.run(&["rev-list", "--reverse", "--topo-order", "--parents", &range])?;
    let mut commits = Vec::new();
    for line in list.lines() {
        let mut ids = line.split(' ');
        let commit = commit(git, ids.next().unwrap_or_default())?;
        let (id, subject) = (commit.id.clone(), commit.subject.clone());
        if ids.count() > 1 {
            return Err(ExportError::Merge {
                commit: id,
                subject,
            }
            .into());
        }
        let unfinished = ["fixup! ", "squash! ", "amend! "];
        if unfinished.iter().any(|mark| subject.starts_with(mark)) {
            return Err(ExportError::Unfinished {
                commit: id,
                subject,
            }
            .into());
        }
        commits.push(commit);
    }
    Ok(commits)
}

fn commit(git: &Git, id: &str) -> Result<Commit> {
    let id = git.commit(id)?;
    let show = [
        "show",
        "--no-patch",
        "--no-show-signature",
        "--encoding=UTF-8",
        "--date=raw",
        "--format=%h%x00%an <%ae> %ad%x00%cn <%ce> %cd%x00%s%x00%B",
        &id,
    ];
    let text = git.run(&show)?;
    let mut parts = text.splitn(5, '\0').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    Ok(Commit {
        id: part(),
        author: part(),
        committer: part(),
        subject: part(),
        message: part(),
    })
}

/// The name of the workspace's tree in a commit; empty where it has none.
fn tree(git: &Git, commit: &str, prefix: &str) -> String {
    git.run(&["rev-parse", "--verify", &format!("{commit}:{prefix}")])
        .unwrap_or_default()
}

fn snapshot(dir: &Path, commit: &Commit) -> Result<Snapshot> {
    let read = || {
        let (folder, workspace) = Workspace::at(dir, &commit.id)?;
        let flat = flatten(&workspace)?;
        drop(folder);
        Ok(Snapshot {
            packages: workspace.packages,
            flat,
        })
    };
    read().map_err(|error: Error| match error {
        error @ (Error::Git { .. } | Error::Io { .. }) => error,
        error => {
            let reason = match error.hint() {
                Some(hint) => format!("{error} ({hint})"),
                None => error.to_string(),
            };
            ExportError::Broken {
                commit: commit.id.clone(),
                subject: commit.subject.clone(),
                reason: without_snapshot(&reason),
            }
            .into()
        }
    })
}

/// `text` without the names of the folder that [`Workspace::at`] used: it is gone.
fn without_snapshot(text: &str) -> String {
    const TOP: &str = "/workspace/";
    let temporary = std::env::temp_dir();
    let temporary = temporary.to_string_lossy();
    let mut rest = text;
    let mut result = String::new();
    while let Some(start) = rest.find(&*temporary) {
        let (before, from) = rest.split_at(start);
        let Some(end) = from.find(TOP) else { break };
        result.push_str(before);
        rest = &from[end + TOP.len()..];
    }
    result + rest
}
