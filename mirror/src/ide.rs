// SPDX-License-Identifier: GPL-2.0

//! What rust-analyzer has to know: a `rust-project.json` for the workspace, and one for a tree that
//! is built.
//!
//! The workspace's is committed. It names no path of a machine: what lies outside the workspace (the
//! standard library's sources, third-party crates) and what is built (procedural macros, what build
//! scripts leave) it reaches through links below `target/mirror-ide`, which [`Links::make`] makes. A tree's
//! belongs to one build, as the one of the kernel's `make rust-analyzer` does, and is full of paths.

mod command;
mod library;
mod links;
mod model;
mod tree;
mod workspace;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub use links::{Links, Made};

use crate::digest::Digest;
use crate::disk::{exists, Disk};
use crate::error::{Error, Result};
use crate::tree::Tree;

/// The name that rust-analyzer looks for.
pub const FILE: &str = "rust-project.json";

/// What a file that gives way is kept as.
const KEPT: &str = "rust-project.json.old";

/// How the line begins that tells a file of ours, and holds the digest of all the others.
const MARK: &str = "  \"mirror\": ";

/// A `rust-project.json`: where it belongs, and what it is to say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Project {
    /// The file.
    pub path: PathBuf,
    /// The command that makes it, for messages.
    pub command: String,
    /// Where rust-analyzer looks for the file when someone opens the sources, if that is elsewhere.
    pub link: Option<PathBuf>,
    /// How many crates it describes.
    pub crates: usize,
    text: String,
}

/// What is in a [`Project`]'s place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// The file as it is to be.
    UpToDate,
    /// Nothing.
    Missing,
    /// A file of ours, made from something else.
    OutOfDate,
    /// A file of ours that someone edited, or merged.
    Edited,
    /// Someone else's file.
    Foreign,
}

impl Project {
    /// The file for the workspace that `dir` is in.
    ///
    /// # Errors
    ///
    /// [`Error::NoWorkspace`], or [`Error::Io`].
    pub fn of_workspace(dir: &Path) -> Result<Self> {
        let (metadata, root) = workspace::metadata(dir)?;
        let model = workspace::model(&metadata, &root)?;
        Ok(Self {
            path: root.join(FILE),
            command: "mirror ide".to_owned(),
            link: None,
            crates: model.crates.len(),
            text: mark(&model.to_text()),
        })
    }

    /// The file for `tree` as it was built in the folder `objtree`.
    ///
    /// # Errors
    ///
    /// [`Error::NotBuilt`], [`Error::Tool`], or [`Error::Io`].
    pub fn of_tree(tree: &Tree, objtree: &Path) -> Result<Self> {
        let (model, objtree) = tree::model(tree.root(), objtree)?;
        let path = objtree.join(FILE);
        let inside = objtree == tree.root();
        Ok(Self {
            command: match inside {
                true => format!("mirror ide --tree {}", tree.root().display()),
                false => format!(
                    "mirror ide --tree {} --objtree {}",
                    tree.root().display(),
                    objtree.display()
                ),
            },
            link: (!inside).then(|| tree.root().join(FILE)),
            path,
            crates: model.crates.len(),
            text: mark(&model.to_text()),
        })
    }

    /// The file's content.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is in the file's place.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn state(&self) -> Result<State> {
        let state = self.state_of(&self.path)?;
        Ok(match &self.link {
            Some(link) if state == State::UpToDate => self.state_of(link)?,
            _ => state,
        })
    }

    fn state_of(&self, path: &Path) -> Result<State> {
        Ok(match fs::read(path) {
            Ok(bytes) if bytes == self.text.as_bytes() => State::UpToDate,
            Ok(bytes) => match std::str::from_utf8(&bytes).ok().map(is_marked) {
                Some(Some(true)) => State::OutOfDate,
                Some(Some(false)) => State::Edited,
                _ => State::Foreign,
            },
            // A link to nowhere is as good as nothing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::Missing,
            Err(error) => return Err(Error::io("read", path)(error)),
        })
    }

    /// Says whether [`write`](Self::write) would refuse.
    ///
    /// # Errors
    ///
    /// [`Error::ProjectFile`], or [`Error::Io`].
    pub fn may_write(&self, overwrite_edits: bool) -> Result<()> {
        for path in self.places() {
            let state = self.state_of(path)?;
            if !overwrite_edits && matches!(state, State::Edited | State::Foreign) {
                return Err(Error::ProjectFile {
                    path: path.clone(),
                    edited: state == State::Edited,
                });
            }
        }
        Ok(())
    }

    fn places(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.path).chain(&self.link)
    }

    /// Puts the file in its place, and says what was there before.
    ///
    /// A file that is edited or someone else's gives way only when `overwrite_edits` is set, and is
    /// kept as `rust-project.json.old` then.
    ///
    /// # Errors
    ///
    /// [`Error::ProjectFile`] when there is such a file, or [`Error::Io`].
    pub fn write(&self, disk: &Disk, overwrite_edits: bool) -> Result<State> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let _lock = lock(folder)?;
        let before = self.state()?;
        self.may_write(overwrite_edits)?;
        for path in self.places() {
            let gives_way = matches!(self.state_of(path)?, State::Edited | State::Foreign);
            // Of a link nothing is lost: what it leads to stays.
            if gives_way && !path.is_symlink() {
                disk.link(path, &free_name(path))?;
            }
        }
        if self.state_of(&self.path)? != State::UpToDate {
            let new = self.path.with_file_name(format!(".{FILE}.new"));
            disk.write(&new, self.text.as_bytes(), 0o644)?;
            disk.rename(&new, &self.path)?;
        }
        if let Some(link) = &self.link {
            links::point(disk, link, &self.path)?;
        }
        Ok(before)
    }
}

/// Has other runs wait until the result is dropped.
fn lock(folder: &Path) -> Result<File> {
    let file = File::open(folder).map_err(Error::io("open", folder))?;
    file.lock().map_err(Error::io("lock", folder))?;
    Ok(file)
}

/// A name under which a file can be kept.
fn free_name(path: &Path) -> PathBuf {
    let first = std::iter::once(path.with_file_name(KEPT));
    let others = (2..).map(|n: u32| path.with_file_name(format!("{KEPT}-{n}")));
    let mut names = first.chain(others).filter(|name| !exists(name));
    names.next().unwrap_or_else(|| path.with_file_name(KEPT))
}

/// `text`, an object over several lines, with the line that tells a file of ours.
fn mark(text: &str) -> String {
    let digest = Digest::of(text.as_bytes());
    let note = "made by `mirror ide`: change the manifests, and run it again";
    text.replacen(
        "{\n",
        &format!("{{\n{MARK}{{\"note\": \"{note}\", \"digest\": \"{digest}\"}},\n"),
        1,
    )
}

/// Whether a file is as it was made; none for one that was not made here.
fn is_marked(text: &str) -> Option<bool> {
    let at = text.find(&format!("\n{MARK}"))? + 1;
    let end = at + text[at..].find('\n')? + 1;
    let without = format!("{}{}", &text[..at], &text[end..]);
    let digest = Digest::of(without.as_bytes());
    Some(text[at..end].contains(&digest.to_string()))
}
