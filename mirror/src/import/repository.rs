// SPDX-License-Identifier: GPL-2.0

//! The workspace's repository: what is not committed in it, and how its branch moves forward.

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::{Error, Result};
use crate::git::Git;
use crate::workspace::Workspace;

use super::stage::File;
use super::ImportError;

pub(crate) struct Repository<'a> {
    workspace: &'a Workspace,
    git: Git,
    /// The workspace's folder in it: empty, or ending with `/`.
    prefix: String,
}

impl<'a> Repository<'a> {
    /// The repository that the workspace is in, if it is in one.
    pub(crate) fn find(workspace: &'a Workspace) -> Result<Option<Self>> {
        let git = Git::plain(&workspace.root);
        match git.prefix() {
            Ok(prefix) => Ok(Some(Self {
                workspace,
                git,
                prefix,
            })),
            Err(error) if is_none(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn git(&self) -> &Git {
        &self.git
    }

    /// The present commit; none before the first.
    pub(crate) fn head(&self) -> Option<String> {
        let head = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"];
        self.git.run(&head).ok()
    }

    /// The branch that commits go to; none if they go to no branch.
    pub(crate) fn branch(&self) -> Option<String> {
        let branch = self
            .git
            .run(&["symbolic-ref", "--quiet", "--short", "HEAD"]);
        branch.ok()
    }

    /// Fails unless commits can be added to the present one, which is returned.
    pub(crate) fn ready(&self) -> Result<String> {
        let path = &self.workspace.root;
        let states = [
            ("rebase-merge", "rebase"),
            ("rebase-apply", "rebase or `git am`"),
            ("MERGE_HEAD", "merge"),
            ("CHERRY_PICK_HEAD", "cherry-pick"),
            ("REVERT_HEAD", "revert"),
        ];
        for (name, what) in states {
            let file = self.git.run(&["rev-parse", "--git-path", name])?;
            if path.join(file).exists() {
                let path = path.clone();
                return Err(ImportError::InProgress { path, what }.into());
            }
        }
        let unborn = || ImportError::Unborn { path: path.clone() };
        self.head().ok_or_else(|| unborn().into())
    }

    /// Those of the workspace's files that are not as the present commit has them, new ones
    /// included; relative to the workspace.
    pub(crate) fn uncommitted(&self) -> Result<BTreeSet<String>> {
        let status = self.git.bytes(
            &[
                "status",
                "--porcelain",
                "-z",
                "--untracked-files=all",
                "--no-renames",
                "--",
                ".",
            ],
            None,
        )?;
        let entries = status.split(|&byte| byte == 0);
        let names = entries.filter_map(|entry| {
            let name = String::from_utf8_lossy(entry.get(3..)?);
            Some(name.strip_prefix(self.prefix.as_str())?.to_owned())
        });
        Ok(names.collect())
    }

    /// The file `source` as `commit` has it.
    pub(crate) fn file_at(&self, commit: &str, source: &str) -> Result<Option<File>> {
        let name = format!("{}{source}", self.prefix);
        let arguments = ["ls-tree", "-z", "--full-tree", commit, "--", &name];
        let listed = self.git.run(&arguments)?;
        let mut fields = listed.split([' ', '\t']);
        let (Some(mode), Some("blob"), Some(blob)) = (fields.next(), fields.next(), fields.next())
        else {
            return Ok(None);
        };
        Ok(Some(File {
            bytes: self.git.bytes(&["cat-file", "blob", blob], None)?,
            executable: mode == "100755",
        }))
    }

    /// The commits that changed `source`, the latest first.
    pub(crate) fn history(&self, source: &str) -> Result<Vec<String>> {
        let list = self
            .git
            .run(&["log", "--format=%H", "--max-count=1000", "--", source])?;
        Ok(list.lines().map(str::to_owned).collect())
    }

    /// Moves the branch forward from `from` to `to`, and the files with it; all or nothing. Changes
    /// that are not committed stay, or are in the way.
    pub(crate) fn forward(&self, from: &str, to: &str, dry_run: bool) -> Result<()> {
        let uncommitted = self.uncommitted()?;
        let arguments = ["diff", "--name-only", "-z", "--no-renames", from, to];
        let changed = self.git.run(&arguments)?;
        let mut in_the_way = Vec::new();
        let mut as_wanted = Vec::new();
        for name in changed.split('\0').filter(|name| !name.is_empty()) {
            let source = name.strip_prefix(self.prefix.as_str()).unwrap_or(name);
            if !uncommitted.contains(source) {
                continue;
            }
            let now = File::read(&self.workspace.root.join(source))?;
            match now == self.file_at(to, source)? {
                true => as_wanted.push(source),
                false => in_the_way.push(source.to_owned()),
            }
        }
        if !in_the_way.is_empty() {
            return Err(ImportError::Uncommitted {
                path: self.workspace.root.clone(),
                files: in_the_way,
            }
            .into());
        }
        if dry_run {
            return Ok(());
        }
        if !as_wanted.is_empty() {
            // An earlier run was stopped between writing the files and moving the branch.
            let mut list = as_wanted.join("\0");
            list.push('\0');
            let arguments = ["update-index", "--add", "--remove", "-z", "--stdin"];
            self.git.bytes(&arguments, Some(list.as_bytes()))?;
        }
        self.git
            .run(&["merge", "--ff-only", "--quiet", to])
            .map(drop)
    }
}

/// The repository of a tree, for reading.
pub(crate) fn of_tree(root: &Path) -> Result<(Git, String)> {
    let git = Git::plain(root);
    match git.prefix() {
        Ok(prefix) => Ok((git, prefix)),
        Err(error) if is_none(&error) => Err(ImportError::NoRepository {
            path: root.to_owned(),
        }
        .into()),
        Err(error) => Err(error),
    }
}

/// Whether it says that there is no repository.
fn is_none(error: &Error) -> bool {
    matches!(error, Error::Git { reason, .. } if reason.starts_with("not a git repository"))
}
