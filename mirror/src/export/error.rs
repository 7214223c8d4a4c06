// SPDX-License-Identifier: GPL-2.0

//! Why there is no series.

use std::path::PathBuf;

use crate::error::Kind;

/// Why the workspace's commits could not become a series. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The commit to begin after is not in the history of the one to end with.
    #[error("{since} is no ancestor of {to}")]
    NotAncestor {
        /// The commit to begin after.
        since: String,
        /// The commit to end with.
        to: String,
    },

    /// A series is one patch after the other.
    #[error("{commit} ({subject}) is a merge")]
    Merge {
        /// The commit.
        commit: String,
        /// Its subject.
        subject: String,
    },

    /// A commit that is meant to become a part of another one.
    #[error("{commit} ({subject}) is not finished")]
    Unfinished {
        /// The commit.
        commit: String,
        /// Its subject.
        subject: String,
    },

    /// The workspace, as a commit has it, makes no kernel tree.
    #[error("{commit} ({subject}): {reason}")]
    Broken {
        /// The commit.
        commit: String,
        /// Its subject.
        subject: String,
        /// What is wrong with the workspace there.
        reason: String,
    },

    /// `git am` would make another commit of the mail.
    #[error("{commit} ({subject}) is not the same after a mail: {reason}")]
    Unmailable {
        /// The commit.
        commit: String,
        /// Its subject.
        subject: String,
        /// What gets lost, and where.
        reason: String,
        /// What to do about it.
        advice: &'static str,
    },

    /// The series does not apply to the tree.
    #[error("{}: {patch} does not apply: {reason}", tree.display())]
    DoesNotApply {
        /// The tree.
        tree: PathBuf,
        /// The file of the mail.
        patch: String,
        /// What git said.
        reason: String,
    },

    /// One of the tree's own scripts failed.
    #[error("{}: failed: {reason}", script.display())]
    Script {
        /// The script.
        script: PathBuf,
        /// What it said.
        reason: String,
    },

    /// There is something where the mails should go.
    #[error("{}: not an empty folder", path.display())]
    InTheWay {
        /// What is in the way.
        path: PathBuf,
    },
}

impl ExportError {
    /// The family the error belongs to.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::NotAncestor { .. }
            | Self::Merge { .. }
            | Self::Unfinished { .. }
            | Self::Unmailable { .. } => Kind::Git,
            Self::Broken { .. } => Kind::Workspace,
            Self::DoesNotApply { .. } | Self::Script { .. } => Kind::Tree,
            Self::InTheWay { .. } => Kind::Io,
        }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotAncestor { since, to } => {
                format!("`git merge-base {since} {to}` names the commit that both come from")
            }
            Self::Merge { .. } => {
                "a series has no merges: rebase the branch onto where it began".to_owned()
            }
            Self::Unfinished { .. } => "`git rebase --autosquash` first".to_owned(),
            Self::Broken { .. } => {
                "each commit must be whole by itself: mend it with `git rebase --interactive`"
                    .to_owned()
            }
            Self::Unmailable { advice, .. } => (*advice).to_owned(),
            Self::DoesNotApply { .. } => {
                "the series is against the crates as they were before its first commit: name a \
                 tree that has those, or leave the tree out"
                    .to_owned()
            }
            Self::Script { .. } => return None,
            Self::InTheWay { .. } => "name another folder, or remove this one".to_owned(),
        };
        Some(hint)
    }
}
