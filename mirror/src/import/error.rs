// SPDX-License-Identifier: GPL-2.0

//! Why edits cannot be imported. After any of these the workspace is as it was.

use std::path::PathBuf;

use crate::error::{count, Error, Kind};
use crate::map::BadName;

/// An edit of a generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GeneratedEdit {
    /// The file of the tree.
    pub path: String,
    /// Where to make the change instead: sources, with the line where that can be told.
    pub places: Vec<String>,
    /// The first line that differs.
    pub line: String,
}

/// A file whose edits do not go together with what the workspace has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileConflict {
    /// The file of the tree.
    pub path: String,
    /// The file of the workspace.
    pub source: String,
    /// What is in the way.
    pub reason: String,
    /// The places in question, as text.
    pub text: String,
}

/// Why edits are not imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// One patch or commit of a series is the reason.
    #[error("{step}: {cause}")]
    In {
        /// Which one.
        step: String,
        /// The reason.
        cause: Box<Error>,
    },

    /// A name that cannot be trusted.
    #[error("{path}: {reason}")]
    Name {
        /// The name, as far as it can be shown.
        path: String,
        /// What is wrong.
        reason: BadName,
    },

    /// A new file whose name is another one's on some systems.
    #[error("{path}: differs from {present} in case only")]
    CaseClash {
        /// The new name.
        path: String,
        /// The present name.
        present: String,
    },

    /// Something other than a file's text.
    #[error("{path}: {what}, which no crate can have")]
    NotAFile {
        /// The file of the tree.
        path: String,
        /// What it is.
        what: &'static str,
    },

    /// A Rust source that is none.
    #[error("{path}:{line}: not UTF-8")]
    NotUtf8 {
        /// The file of the tree.
        path: String,
        /// The line, from 1.
        line: usize,
    },

    /// A file with both sides of a conflict in it.
    #[error("{path}:{line}: conflict markers")]
    Markers {
        /// The file of the tree.
        path: String,
        /// The line, from 1.
        line: usize,
    },

    /// New files that could be several crates'.
    #[error("{} could be any of several crates'", count(files.len(), "new file"))]
    Undecided {
        /// Each file, and the crates.
        files: Vec<(String, Vec<String>)>,
    },

    /// `--into` names a crate that cannot have the file.
    #[error("`{package}` has no place for {path}")]
    NoPlace {
        /// The file of the tree.
        path: String,
        /// The crate.
        package: String,
    },

    /// Edits of files that are made from the crates' sources.
    #[error("{} edited: what is generated is changed in the crates", count(edits.len(), "generated file"))]
    Generated {
        /// The edits.
        edits: Vec<GeneratedEdit>,
    },

    /// Files that are not the crates'.
    #[error("{} not of the crates", count(paths.len(), "file"))]
    Foreign {
        /// The files.
        paths: Vec<String>,
    },

    /// Edits that do not go together with the workspace's own.
    #[error("{} changed both in the workspace and by the edits, at the same places", count(files.len(), "file"))]
    Conflicts {
        /// The files.
        files: Vec<FileConflict>,
    },

    /// A patch that does not apply.
    #[error("the patch does not apply: {}", count(files.len(), "file"))]
    Rejected {
        /// The files, with the rejected hunks.
        files: Vec<FileConflict>,
    },

    /// What should be a patch cannot be read.
    #[error("{path}:{line}: {reason}")]
    BadPatch {
        /// Where it is from.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },

    /// A file without a patch in it.
    #[error("{path}: no patch in it")]
    NoPatch {
        /// The file.
        path: String,
    },

    /// What should name commits does not.
    #[error("`{range}`: {reason}")]
    Range {
        /// What was given.
        range: String,
        /// What is wrong.
        reason: String,
    },

    /// A commit with several parents.
    #[error("a merge")]
    Merge,

    /// Commits have to go to a repository, and there is none.
    #[error("{}: not in a git repository", path.display())]
    NoRepository {
        /// The workspace.
        path: PathBuf,
    },

    /// The repository has no commit yet.
    #[error("{}: the repository has no commit yet", path.display())]
    Unborn {
        /// The workspace.
        path: PathBuf,
    },

    /// Git is in the middle of something.
    #[error("{}: a {what} is in progress", path.display())]
    InProgress {
        /// The workspace.
        path: PathBuf,
        /// What git is at.
        what: &'static str,
    },

    /// Edits in the workspace that are nowhere else.
    #[error("{}: {} with uncommitted changes would be overwritten", path.display(), count(files.len(), "file"))]
    Uncommitted {
        /// The workspace.
        path: PathBuf,
        /// The files.
        files: Vec<String>,
    },

    /// The workspace moved on, and what the edits were made to is gone.
    #[error("{path}: newer in the workspace, and what it was when it was edited cannot be found")]
    NoBase {
        /// The file of the tree.
        path: String,
    },

    /// There are no crates in the tree.
    #[error("{}: the crates are not in this tree", tree.display())]
    NotApplied {
        /// The tree.
        tree: PathBuf,
    },

    /// The tree has the crates, and no record of what they were.
    #[error("{}: mirror.lock is missing: what was edited cannot be told", tree.display())]
    NoLock {
        /// The tree.
        tree: PathBuf,
    },

    /// Files that are upstream's again.
    #[error("{}: {} back to what was before `apply`", tree.display(), count(paths.len(), "file"))]
    Reverted {
        /// The tree.
        tree: PathBuf,
        /// The files.
        paths: Vec<String>,
    },

    /// Another import is at work.
    #[error("{}: another import is at work in this workspace", path.display())]
    Busy {
        /// The workspace.
        path: PathBuf,
    },

    /// Cargo could not be asked about the crates.
    #[error("imported, but `cargo check` could not be run: {reason}")]
    Check {
        /// What it said.
        reason: String,
    },
}

impl ImportError {
    /// The family the error belongs to.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::In { cause, .. } => cause.kind(),
            Self::Conflicts { .. } | Self::Uncommitted { .. } => Kind::Edits,
            Self::NoRepository { .. }
            | Self::Unborn { .. }
            | Self::InProgress { .. }
            | Self::Range { .. } => Kind::Git,
            Self::NotApplied { .. } | Self::NoLock { .. } | Self::Reverted { .. } => Kind::Tree,
            Self::Busy { .. } => Kind::Busy,
            Self::Check { .. } => Kind::Workspace,
            _ => Kind::Import,
        }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::In { cause, .. } => return cause.hint(),
            Self::Name { .. } => "no source has such a name: be wary of where this comes from",
            Self::NotAFile { .. } => "leave it out with `--exclude PATH` if the rest is wanted",
            Self::CaseClash { .. } => "give it another name",
            Self::NotUtf8 { .. } => "save the file as UTF-8",
            Self::Markers { .. } => "choose what is to stay, and remove the markers",
            Self::Undecided { files } => {
                let (path, choices) = files.first()?;
                let choice = choices.first().map_or("CRATE", String::as_str);
                return Some(format!("say which: `--into {path}={choice}`"));
            }
            Self::NoPlace { .. } => "`mirror check` and `mirror diff` name the crates' files",
            Self::Generated { .. } => {
                "make the change there, or leave the file out with `--exclude PATH`"
            }
            Self::Foreign { .. } => {
                "`--skip-foreign` imports the rest, and leaves the changes of these where they are"
            }
            Self::Conflicts { .. } => {
                "`mirror apply --conflict-markers` brings both into the tree's files, to be mended \
                 there; or leave these out with `--exclude PATH`"
            }
            Self::Rejected { .. } => {
                "is the patch made against these crates? `mirror apply` a tree, and apply and \
                 mend the patch there"
            }
            Self::BadPatch { .. } => "was it cut short, or wrapped on its way?",
            Self::NoPatch { .. } => "wanted: a diff, a mail with one, or an mbox",
            Self::Range { .. } => "wanted: `--commits A..B`, of the tree's repository",
            Self::Merge => "import a range without merges, such as one branch of it at a time",
            Self::NoRepository { .. } => {
                "`git init` it, or import without commits: `mirror import TREE`"
            }
            Self::Unborn { .. } => "commit the workspace first",
            Self::InProgress { .. } => "end it, or take it back",
            Self::Uncommitted { .. } => "commit or stash them",
            Self::NoBase { .. } => "commit the workspace whenever it is applied to a tree",
            Self::NotApplied { .. } => "`mirror apply` puts them there",
            Self::NoLock { .. } => "take it from version control, or from another copy of the tree",
            Self::Reverted { .. } => {
                "they are no edits of the crates: `mirror apply` puts the crates back, and \
                 `--exclude PATH` leaves a file out"
            }
            Self::Busy { .. } => "wait for it to end",
            Self::Check { .. } => "see to it, and run `cargo check`",
        };
        Some(hint.to_owned())
    }

    /// What more there is to show, line by line.
    pub fn details(&self) -> Vec<String> {
        match self {
            Self::In { cause, .. } => match &**cause {
                Error::Import(error) => error.details(),
                _ => Vec::new(),
            },
            Self::Undecided { files } => files
                .iter()
                .map(|(path, choices)| format!("{path}: {}", choices.join(", ")))
                .collect(),
            Self::Generated { edits } => edits.iter().flat_map(generated).collect(),
            Self::Foreign { paths } | Self::Reverted { paths, .. } => paths.clone(),
            Self::Uncommitted { files, .. } => files.clone(),
            Self::Conflicts { files } | Self::Rejected { files } => {
                files.iter().flat_map(conflict).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn generated(edit: &GeneratedEdit) -> Vec<String> {
    vec![
        format!(
            "{} is generated: make this change in {}",
            edit.path,
            edit.places.join(", or ")
        ),
        format!("  {}", edit.line),
    ]
}

fn conflict(conflict: &FileConflict) -> Vec<String> {
    let FileConflict {
        path,
        source,
        reason,
        text,
    } = conflict;
    let name = match source.is_empty() {
        true => path.clone(),
        false => format!("{source} ({path})"),
    };
    let mut lines = vec![format!("{name}: {reason}")];
    lines.extend(text.lines().map(|line| format!("  {line}")));
    lines
}
