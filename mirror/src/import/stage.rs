// SPDX-License-Identifier: GPL-2.0

//! A copy of the workspace in a folder of its own, on which edits are tried before anything happens.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::disk::{mode, read};
use crate::error::{Error, Result};
use crate::flatten::{flatten, Flat};
use crate::git::Git;
use crate::workspace::Workspace;

/// What of a file is the same in both layouts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    pub(crate) executable: bool,
}

impl File {
    /// The file at `path`, if there is one.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>> {
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_symlink() => {
                return Err(Error::Symlink {
                    path: path.to_owned(),
                })
            }
            Ok(metadata) if metadata.is_dir() => return Ok(None),
            _ => {}
        }
        let Some(bytes) = read(path)? else {
            return Ok(None);
        };
        let metadata = fs::metadata(path).map_err(Error::io("read", path))?;
        Ok(Some(Self {
            bytes,
            executable: mode(&metadata) & 0o100 != 0,
        }))
    }
}

/// The copy.
pub(crate) struct Stage {
    folder: TempDir,
    /// The workspace in it.
    workspace: Workspace,
    /// The workspace's own repository, with the copy for its files and an index of its own.
    git: Option<Git>,
    /// The tree of the latest commit on it; empty for mere files.
    tree: String,
    /// What was changed since the last commit.
    changed: BTreeSet<String>,
}

impl Stage {
    /// The crates as they are.
    pub(crate) fn of_files(workspace: &Workspace) -> Result<Self> {
        let folder = temporary()?;
        let root = folder.path().to_owned();
        for package in &workspace.packages {
            let to = root.join(relative(workspace, &package.root));
            for name in ["src", "helpers"] {
                let from = package.root.join(name);
                if from.is_dir() {
                    copy(&from, &to.join(name))?;
                }
            }
            for name in ["bindings.h", "uapi.h", "README.md", "Cargo.toml"] {
                if let Some(file) = File::read(&package.root.join(name))? {
                    put(&to.join(name), &file)?;
                }
            }
        }
        Ok(Self {
            workspace: moved(workspace, &root),
            folder,
            git: None,
            tree: String::new(),
            changed: BTreeSet::new(),
        })
    }

    /// The workspace as `commit` has it.
    pub(crate) fn of_commit(workspace: &Workspace, commit: &str) -> Result<Self> {
        let git = Git::plain(&workspace.root);
        let prefix = git.prefix()?;
        let directory = git.run(&["rev-parse", "--absolute-git-dir"])?;
        let folder = temporary()?;
        let files = folder.path().join("files");
        fs::create_dir(&files).map_err(Error::io("create", &files))?;
        let index = folder.path().join("index");
        let git = Git::plain(&files)
            .with("GIT_DIR", directory)
            .with("GIT_WORK_TREE", files.to_string_lossy())
            .with("GIT_INDEX_FILE", index.to_string_lossy());
        let tree = git.run(&["rev-parse", &format!("{commit}^{{tree}}")])?;
        git.run(&["read-tree", &tree])?;
        git.run(&["checkout-index", "--all", "--index", "--quiet"])?;
        let mut workspace = moved(workspace, &files.join(prefix));
        // A crate may be so new that no commit has it.
        workspace
            .packages
            .retain(|package| package.root.join("src").is_dir());
        Ok(Self {
            workspace,
            folder,
            git: Some(git),
            tree,
            changed: BTreeSet::new(),
        })
    }

    /// The workspace's folder in the copy.
    pub(crate) fn root(&self) -> &Path {
        &self.workspace.root
    }

    pub(crate) fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// A folder for what else is needed meanwhile.
    pub(crate) fn aside(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.path().join(".aside").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Error::io("remove", &folder))?;
        }
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        Ok(folder)
    }

    /// Git in the copy; none if the copy is of mere files.
    pub(crate) fn git(&self) -> Option<&Git> {
        self.git.as_ref()
    }

    /// The crates as the files of a tree.
    pub(crate) fn flatten(&self) -> Result<Flat> {
        flatten(&self.workspace)
    }

    pub(crate) fn read(&self, source: &str) -> Result<Option<File>> {
        File::read(&self.root().join(source))
    }

    /// Makes `source` this file, or removes it.
    pub(crate) fn set(&mut self, source: &str, file: Option<&File>) -> Result<()> {
        let path = self.root().join(source);
        match file {
            Some(file) => put(&path, file)?,
            None if path.exists() => {
                fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            }
            None => {}
        }
        self.note(source);
        Ok(())
    }

    /// Takes note that `source` was changed by something else.
    pub(crate) fn note(&mut self, source: &str) {
        self.changed.insert(source.to_owned());
    }

    /// The workspace's folder in the repository: empty, or ending with `/`.
    pub(crate) fn prefix(&self) -> String {
        let top = self.folder.path().join("files");
        match self.root().strip_prefix(&top) {
            Ok(path) if path != Path::new("") => format!("{}/", path.display()),
            _ => String::new(),
        }
    }

    /// Tells git's index of what was changed in other ways.
    pub(crate) fn refresh(&self) -> Result<()> {
        let Some(git) = &self.git else {
            return Ok(());
        };
        // Its status tells of files that differ, which is no failure.
        git.output(&["update-index", "--refresh", "-q"], None)
            .map(drop)
    }

    /// Makes the copy what its last commit was.
    pub(crate) fn check_out(&self) -> Result<()> {
        let Some(git) = &self.git else {
            return Ok(());
        };
        git.run(&["read-tree", "--reset", "-u", &self.tree])
            .map(drop)
    }

    /// The files that were changed, or looked as if they were.
    pub(crate) fn changed(&self) -> &BTreeSet<String> {
        &self.changed
    }

    /// Writes what was changed as a tree of the repository; says its name.
    pub(crate) fn write_tree(&mut self) -> Result<String> {
        let changed = std::mem::take(&mut self.changed);
        let git = Git::clone(self.git.as_ref().ok_or_else(|| no_repository(self))?);
        let top = self.folder.path().join("files");
        let mut list = Vec::new();
        for source in changed {
            let path = self.root().join(source);
            list.extend_from_slice(relative_to(&top, &path).as_bytes());
            list.push(0);
        }
        let arguments = ["update-index", "--add", "--remove", "-z", "--stdin"];
        git.bytes(&arguments, Some(&list))?;
        self.tree = git.run(&["write-tree"])?;
        Ok(self.tree.clone())
    }

    /// The tree of the latest commit on it.
    pub(crate) fn tree(&self) -> &str {
        &self.tree
    }
}

fn no_repository(stage: &Stage) -> Error {
    super::ImportError::NoRepository {
        path: stage.root().to_owned(),
    }
    .into()
}

fn temporary() -> Result<TempDir> {
    let above = std::env::temp_dir();
    tempfile::Builder::new()
        .prefix("mirror-import-")
        .tempdir()
        .map_err(Error::io("create", &above))
}

/// A path of the workspace, relative to it.
pub(crate) fn relative(workspace: &Workspace, path: &Path) -> String {
    relative_to(&workspace.root, path)
}

fn relative_to(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.to_string_lossy().into_owned()
}

/// The same workspace in another folder.
fn moved(workspace: &Workspace, root: &Path) -> Workspace {
    let mut moved = workspace.clone();
    for package in &mut moved.packages {
        package.root = root.join(relative(workspace, &package.root));
    }
    moved.root = root.to_owned();
    moved
}

/// Writes a file of a copy.
pub(crate) fn put(path: &Path, file: &File) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
    }
    fs::write(path, &file.bytes).map_err(Error::io("write", path))?;
    let mode = if file.executable { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(Error::io("write", path))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).map_err(Error::io("read", from))? {
        let entry = entry.map_err(Error::io("read", from))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(Error::io("read", &path))?;
        let to = to.join(entry.file_name());
        if kind.is_dir() {
            copy(&path, &to)?;
        } else if kind.is_file() {
            if let Some(file) = File::read(&path)? {
                put(&to, &file)?;
            }
        }
    }
    Ok(())
}
