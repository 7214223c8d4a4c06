// SPDX-License-Identifier: GPL-2.0

//! What can go wrong, with the path it went wrong at and, apart from that, what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::export::ExportError;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The family of an [`Error`]; each has an exit status of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The tree is none that crates can be put into.
    Tree,
    /// Someone's edits in the tree would be lost.
    Edits,
    /// The operating system refused a file operation.
    Io,
    /// Another run is at work in the tree.
    Busy,
    /// The workspace, or a crate of it, is not as it should be.
    Workspace,
    /// Git failed, or a repository is not as it should be.
    Git,
    /// Edits cannot be imported as they are.
    Import,
    /// The Rust toolchain failed, or lacks something.
    Tool,
    /// What was asked for makes no sense for this workspace, or this tree.
    Arguments,
}

/// A file that someone edited in the tree, and that an operation would overwrite or remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file, relative to the tree.
    pub path: String,
    /// From what was put there to what is there, as the hunks of a patch; empty where that is not
    /// known, or no text.
    pub diff: String,
}

/// A file that changed both in the tree and in the workspace, and that cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The file, relative to the tree.
    pub path: String,
    /// Why it cannot be merged.
    pub cause: Cause,
    /// The lines that conflict, between conflict markers; empty where the cause is another one.
    pub excerpt: String,
}

/// Why a file cannot be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Cause {
    /// Both sides changed the same lines, or lines next to each other.
    SameLines,
    /// The same, in a file that conflict markers would break.
    NoMarkers,
    /// One side or the other is no text.
    NotText,
    /// What it was before both changes is not known here.
    NoBase,
    /// The two differ, and without the lock nothing tells on which side that comes from.
    NoLock,
    /// Both sides have a new file of this name.
    AddedInBoth,
    /// It changed in the workspace, and is gone from the tree.
    GoneFromTree,
    /// It changed in the tree, and is gone from the workspace.
    GoneFromWorkspace,
}

impl Cause {
    /// The cause in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::SameLines => "the same lines changed on both sides",
            Self::NoMarkers => {
                "the same lines changed on both sides, and it can have no conflict markers"
            }
            Self::NotText => "changed on both sides, and not UTF-8 text",
            Self::NoBase => {
                "changed on both sides, and what it was before is not kept in this tree"
            }
            Self::NoLock => "different, and no lock tells who changed it",
            Self::AddedInBoth => "another file of this name is new in the workspace",
            Self::GoneFromTree => "removed from the tree, and changed in the workspace",
            Self::GoneFromWorkspace => "changed in the tree, and removed from the workspace",
        }
    }
}

/// A version of one crate that another one cannot be with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The crate that requires something.
    pub by: String,
    /// The version that it would be in.
    pub version: String,
    /// The crate that it requires.
    pub name: String,
    /// The versions of that which would do.
    pub versions: String,
    /// The version that there would be, if any.
    pub found: Option<String>,
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            by,
            version,
            name,
            versions,
            found,
        } = self;
        match found {
            Some(found) => write!(
                f,
                "{by} {version} requires {name} {versions}, and would meet {found}"
            ),
            None => write!(
                f,
                "{by} {version} requires {name} {versions}, which is not in the tree"
            ),
        }
    }
}

/// Why an operation did not happen. Unless the variant says otherwise, the tree is unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder lacks what every kernel tree with Rust support has.
    #[error("{}: not a kernel tree: {reason}", path.display())]
    NotAKernelTree {
        /// The folder.
        path: PathBuf,
        /// What it lacks.
        reason: String,
    },

    /// The tree is of a release that the crates are not made for.
    #[error("{}: Linux {version} is not supported", path.display())]
    UnsupportedVersion {
        /// The tree.
        path: PathBuf,
        /// Its version, as its Makefile has it.
        version: String,
    },

    /// The tree's release changed after the crates were put into it.
    #[error(
        "{}: the tree is Linux {now} now, but the crates were put into Linux {then}",
        path.display()
    )]
    KernelChanged {
        /// The tree.
        path: PathBuf,
        /// The release that the crates were put into.
        then: String,
        /// The release that the tree is at.
        now: String,
        /// Whether the tree has the backup that `restore` needs.
        backup: bool,
    },

    /// A symbolic link where a file or folder of the crates belongs.
    #[error("{}: a symbolic link", path.display())]
    Symlink {
        /// The link.
        path: PathBuf,
    },

    /// A folder, or a device or the like, where a file of the crates belongs.
    #[error("{}: not a regular file", path.display())]
    SpecialFile {
        /// The thing.
        path: PathBuf,
    },

    /// An earlier run was interrupted, so that the tree is in between.
    #[error("{}: {command} was interrupted half-way", path.display())]
    InBetween {
        /// The tree.
        path: PathBuf,
        /// What was interrupted.
        command: String,
    },

    /// A record that `mirror` left in the tree cannot be read.
    #[error("{}: unreadable: {reason}", path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },

    /// A record that `mirror` left in the tree is in a form that this release does not know.
    #[error("{}: written by {tool} in form {form}, and this release knows {known}", path.display())]
    OtherForm {
        /// The record.
        path: PathBuf,
        /// Its form.
        form: u32,
        /// The latest form that is known.
        known: u32,
        /// What wrote it.
        tool: String,
    },

    /// `restore` has nothing to restore from.
    #[error("{}: no backup of the files from before the first `apply`", path.display())]
    NoBackup {
        /// The tree.
        path: PathBuf,
    },

    /// A file of the backup is missing or damaged.
    #[error("{}: missing from the backup, or damaged (wanted as `{wanted}`)", path.display())]
    BackupDamaged {
        /// The file in the backup.
        path: PathBuf,
        /// The file of the tree that it is the original of.
        wanted: String,
    },

    /// The operation, or undoing an interrupted one before it, would lose edits.
    #[error(
        "{}: {} edited in the tree would be lost{}",
        tree.display(),
        count(edits.len(), "file"),
        interrupted.as_ref().map(|command| format!(" by undoing the interrupted {command}"))
            .unwrap_or_default()
    )]
    Edits {
        /// The tree.
        tree: PathBuf,
        /// The command that was interrupted, and is to be undone.
        interrupted: Option<String>,
        /// The edited files.
        edits: Vec<Edit>,
    },

    /// Files changed both in the tree and in the workspace, and not all of it can be merged.
    #[error(
        "{}: {} in conflict with the workspace",
        tree.display(),
        count(conflicts.len(), "file")
    )]
    Conflicts {
        /// The tree.
        tree: PathBuf,
        /// The files that cannot be merged.
        conflicts: Vec<Conflict>,
    },

    /// Two files whose names differ in nothing but case, which some file systems take for one.
    #[error("{}: `{first}` and `{second}` differ in nothing but case", tree.display())]
    CaseClash {
        /// The tree.
        tree: PathBuf,
        /// One file or folder.
        first: String,
        /// The other one.
        second: String,
    },

    /// Someone changed a file while the operation was at work.
    #[error("{}: changed while mirror was at work", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },

    /// An operation failed half-way, and so did the attempt to undo it.
    #[error("{}: interrupted half-way: {cause}; undoing it failed as well", tree.display())]
    Interrupted {
        /// The tree, which is in need of mending.
        tree: PathBuf,
        /// Why the operation failed.
        cause: Box<Error>,
        /// Why undoing it failed.
        #[source]
        undo: Box<Error>,
    },

    /// Another run holds the tree.
    #[error("{}: another mirror is at work in this tree", path.display())]
    Busy {
        /// The tree.
        path: PathBuf,
    },

    /// A file operation failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// A verb, such as `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },

    /// Git could not do what it was asked to.
    #[error("{}: `git {command}` failed: {reason}", path.display())]
    Git {
        /// The folder that it ran in.
        path: PathBuf,
        /// Its arguments.
        command: String,
        /// Its own words.
        reason: String,
    },

    /// Edits could not be imported.
    #[error(transparent)]
    Import(#[from] crate::import::ImportError),

    /// A program of the toolchain could not do what it was asked to.
    #[error("`{command}` failed: {reason}")]
    Tool {
        /// The program, and what it was asked.
        command: String,
        /// Its own words.
        reason: String,
    },

    /// The toolchain comes without the standard library's sources.
    #[error("{}: the sources of the standard library are not there", path.display())]
    NoRustSource {
        /// Where they should be.
        path: PathBuf,
    },

    /// The tree was not built there, or not so far.
    #[error("{}: no build of the tree: {reason}", path.display())]
    NotBuilt {
        /// The folder that it should be built in.
        path: PathBuf,
        /// What is missing.
        reason: String,
    },

    /// A `rust-project.json` that someone edited, or that something else made, is in the way.
    #[error(
        "{}: {}",
        path.display(),
        if *edited { "edited by hand" } else { "not made by mirror" }
    )]
    ProjectFile {
        /// The file.
        path: PathBuf,
        /// Whether `mirror ide` made it before it was edited.
        edited: bool,
    },
    /// The workspace's commits make no series.
    #[error(transparent)]
    Export(#[from] ExportError),

    /// Cargo could not say what the workspace consists of.
    #[error("{}: no workspace could be read here: {reason}", path.display())]
    NoWorkspace {
        /// The folder that was asked about.
        path: PathBuf,
        /// Cargo's reason.
        reason: String,
    },

    /// The workspace has no crate to put into a tree.
    #[error("{}: no crate has a `[package.metadata.mirror]` table", path.display())]
    NoCrates {
        /// The workspace.
        path: PathBuf,
    },

    /// The workspace has no crate of this name, or none that goes into trees.
    #[error("`{name}`: no such crate")]
    NoSuchCrate {
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },

    /// A crate that every tree needs was to be left out.
    #[error("`{name}` cannot be left out: {reason}")]
    Needed {
        /// The crate.
        name: String,
        /// What needs it.
        reason: String,
    },

    /// A crate was to be taken back into a tree, and one that it depends on stays out.
    #[error("`{name}` cannot be taken back in: it depends on `{because}`, which stays left out")]
    StaysOut {
        /// The crate.
        name: String,
        /// The one that it depends on.
        because: String,
    },

    /// A crate was to be left out and taken back in.
    #[error("`{name}` cannot be both left out and taken back in")]
    InAndOut {
        /// The crate.
        name: String,
    },

    /// A tree's lock leaves out a crate that the workspace does not have.
    #[error("{}: it leaves out `{name}`, which the workspace does not have", path.display())]
    UnknownLeftOut {
        /// The lock.
        path: PathBuf,
        /// The crate.
        name: String,
    },

    /// A single crate was to be moved in a tree that has none of the others.
    #[error("{}: no crate is in this tree yet", path.display())]
    NotApplied {
        /// The tree.
        path: PathBuf,
    },

    /// A crate was to be moved in a tree that leaves it out.
    #[error("{}: `{name}` is left out of this tree", path.display())]
    IsLeftOut {
        /// The tree.
        path: PathBuf,
        /// The crate.
        name: String,
    },

    /// A crate was asked for in two versions.
    #[error("`{name}` cannot be in a tree twice")]
    TwoVersions {
        /// The crate.
        name: String,
    },

    /// No such version of a crate was released.
    #[error("`{name}@{version}`: there is no such version")]
    NoSuchVersion {
        /// The crate.
        name: String,
        /// The version.
        version: String,
        /// The versions that there are.
        known: Vec<String>,
    },

    /// What a crate was when it was put into the tree is not kept there, or is damaged.
    #[error("{}: what `{name}` was when it was applied is not kept in this tree", path.display())]
    NoBase {
        /// The tree.
        path: PathBuf,
        /// The crate.
        name: String,
    },

    /// Crates that were to be in a tree together do not fit.
    #[error("{}: crates that do not fit together: {}", path.display(), list(broken))]
    Requirements {
        /// The tree.
        path: PathBuf,
        /// Each requirement that does not hold.
        broken: Vec<Requirement>,
        /// The other crates that would have to be moved, too; empty when that would not help.
        also: Vec<String>,
    },

    /// A manifest's `[package.metadata.mirror]` table is wrong.
    #[error("{}: `[package.metadata.mirror]`: {reason}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },

    /// A name or another text that was given will not do.
    #[error("`{text}` will not do: {reason}")]
    Unusable {
        /// What was given.
        text: String,
        /// Why not, or what would do.
        reason: String,
    },

    /// A name that was given is in use.
    #[error("`{name}` is taken by {by}")]
    Taken {
        /// The name.
        name: String,
        /// Who has it.
        by: String,
    },

    /// A new crate's folder is there, and is not as it would be made.
    #[error("{}: is there already, and not as it would be made", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },

    /// A file that names the workspace's crates lacks the place for another.
    #[error("{}: no place for another crate: it lacks {wanted}", path.display())]
    NoPlace {
        /// The file.
        path: PathBuf,
        /// What it lacks.
        wanted: String,
    },

    /// The workspace's `[workspace.metadata.mirror.ide]` table is wrong.
    #[error("{}: `[workspace.metadata.mirror.ide]`: {reason}", path.display())]
    WorkspaceTable {
        /// The workspace's manifest.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },

    /// A source that has to be understood is not.
    #[error("{}:{line}: {reason}", path.display())]
    Source {
        /// The source file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What was met there.
        reason: String,
        /// What is allowed there.
        allowed: &'static str,
    },

    /// Two sources want to be one file of the tree.
    #[error("{path}: claimed by both {} and {}", first.display(), second.display())]
    Clash {
        /// The file of the tree.
        path: String,
        /// One source.
        first: PathBuf,
        /// Another source.
        second: PathBuf,
    },

    /// A source wants to be a file that is not the crates' to write.
    #[error("{}: would become `{path}`, which is not a file of the crates", source_path.display())]
    NotOurs {
        /// The source.
        source_path: PathBuf,
        /// The file of the tree.
        path: String,
    },
}

impl Error {
    /// Makes the `map_err` of a file operation.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// The family the error belongs to.
    pub fn kind(&self) -> Kind {
        match self {
            Self::NotAKernelTree { .. }
            | Self::UnsupportedVersion { .. }
            | Self::KernelChanged { .. }
            | Self::Symlink { .. }
            | Self::SpecialFile { .. }
            | Self::InBetween { .. }
            | Self::Record { .. }
            | Self::UnknownLeftOut { .. }
            | Self::NotApplied { .. }
            | Self::IsLeftOut { .. }
            | Self::NoBase { .. }
            | Self::Requirements { .. }
            | Self::OtherForm { .. }
            | Self::CaseClash { .. }
            | Self::NoBackup { .. }
            | Self::BackupDamaged { .. }
            | Self::NotBuilt { .. } => Kind::Tree,
            Self::Edits { .. }
            | Self::Conflicts { .. }
            | Self::ChangedMeanwhile { .. }
            | Self::ProjectFile { .. } => Kind::Edits,
            Self::Interrupted { .. } | Self::Io { .. } => Kind::Io,
            Self::Busy { .. } => Kind::Busy,
            Self::Git { .. } => Kind::Git,
            Self::Import(error) => error.kind(),
            Self::Tool { .. } | Self::NoRustSource { .. } => Kind::Tool,
            Self::NoSuchCrate { .. }
            | Self::NoSuchVersion { .. }
            | Self::TwoVersions { .. }
            | Self::Needed { .. }
            | Self::StaysOut { .. }
            | Self::InAndOut { .. } => Kind::Arguments,
            Self::Export(error) => error.kind(),
            Self::NoWorkspace { .. }
            | Self::NoCrates { .. }
            | Self::Manifest { .. }
            | Self::Unusable { .. }
            | Self::Taken { .. }
            | Self::Exists { .. }
            | Self::NoPlace { .. }
            | Self::WorkspaceTable { .. }
            | Self::Source { .. }
            | Self::Clash { .. }
            | Self::NotOurs { .. } => Kind::Workspace,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotAKernelTree { .. } => {
                "name the top folder of a Linux 7.2 source tree".to_owned()
            }
            Self::UnsupportedVersion { .. } => {
                format!("these crates are made for Linux {}", crate::tree::SUPPORTED)
            }
            Self::KernelChanged {
                then, backup: true, ..
            } => format!(
                "go back to {then}, run `mirror restore`, update the tree, and run `mirror apply`"
            ),
            Self::KernelChanged { now, .. } => format!(
                "put {now}'s own `rust` there, without `rust/kernel/mirror.lock`, and run \
                 `mirror apply`"
            ),
            Self::Symlink { .. } => {
                "mirror writes and reads real files only: put the file or folder itself there"
                    .to_owned()
            }
            Self::SpecialFile { .. } => "move it out of the way".to_owned(),
            Self::Record { .. } => {
                "undo what was done to it by hand, and after a merge take either side's; else \
                 remove it and run `mirror apply`, which then asks before it overwrites anything"
                    .to_owned()
            }
            Self::OtherForm { .. } => {
                "use the release of mirror that wrote it, or a newer one".to_owned()
            }
            Self::NoBackup { .. } => {
                "the backup stays in the tree that `mirror apply` ran in, and copies made by \
                 version control lack it: use version control to go back"
                    .to_owned()
            }
            Self::BackupDamaged { .. } => {
                "take the file from the kernel's release, and put it there".to_owned()
            }
            Self::Edits { .. } => {
                "`mirror import` brings the edits into the workspace; or add `--overwrite-edits`, which \
                 keeps a copy of them"
                    .to_owned()
            }
            Self::Conflicts { conflicts, .. } => {
                let mut hint = String::new();
                if conflicts.iter().any(|c| c.cause == Cause::NoBase) {
                    hint.push_str(
                        "it is kept where `mirror apply` ran last, and copies made by version \
                         control lack it; ",
                    );
                }
                hint.push_str("bring the edits into the workspace, ");
                if conflicts.iter().all(|c| c.cause == Cause::SameLines) {
                    hint.push_str("or add `--conflict-markers`, which puts both into the files, ");
                }
                hint + "or add `--overwrite-edits`, which keeps a copy of them"
            }
            Self::CaseClash { .. } => "rename or remove one of them".to_owned(),
            Self::ChangedMeanwhile { .. } => "run the command again".to_owned(),
            Self::InBetween { .. } => {
                "run `mirror apply` or `mirror restore`: either takes back first what it did"
                    .to_owned()
            }
            Self::Interrupted { .. } => {
                "see to the cause, then run `mirror apply` or `mirror restore`: either mends \
                 the tree"
                    .to_owned()
            }
            Self::Busy { .. } => "wait for it to end".to_owned(),
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "free some space, and run the command again".to_owned()
                }
                io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                    "make the tree writable for this user".to_owned()
                }
                _ => return None,
            },
            Self::Export(error) => return error.hint(),
            Self::Git { .. } | Self::Tool { .. } => return None,
            Self::NoRustSource { .. } => {
                "run `rustup component add rust-src`, or name the folder that holds `core` with \
                 `--library DIR`"
                    .to_owned()
            }
            Self::NotBuilt { .. } => {
                "build the tree (`make LLVM=1`), and name the folder of an `O=` with \
                 `--objtree DIR`"
                    .to_owned()
            }
            Self::ProjectFile { .. } => {
                "add `--overwrite-edits`: it is kept as `rust-project.json.old` then".to_owned()
            }
            Self::Import(error) => return error.hint(),
            Self::NoWorkspace { .. } => {
                "run from inside the workspace, or name it with `--workspace DIR`".to_owned()
            }
            Self::NoCrates { .. } => "is this the workspace of the kernel crates?".to_owned(),
            Self::NoSuchCrate { name, known } => {
                let list = format!("the crates are {}", known.join(", "));
                match closest(name, known) {
                    Some(near) => format!("did you mean `{near}`? {list}"),
                    None => list,
                }
            }
            Self::NotApplied { .. } => "run `mirror apply` without `--package` first".to_owned(),
            Self::IsLeftOut { name, .. } => {
                format!("take it back in with `mirror apply --with {name}`")
            }
            Self::TwoVersions { .. } => "ask for one of its versions".to_owned(),
            Self::NoSuchVersion { name, known, .. } => match known.as_slice() {
                [] => format!(
                    "a version is the commit tagged `{name}@VERSION`, and there is no such tag; \
                     `--package {name}` takes what the workspace has"
                ),
                known => format!("there are {}", known.join(", ")),
            },
            Self::NoBase { .. } => {
                "copies made by version control lack it, and so do trees that an older mirror \
                 wrote to: run `mirror apply` without `--package` first, which brings all crates \
                 to what the workspace has"
                    .to_owned()
            }
            Self::Requirements { also, .. } => match also.as_slice() {
                [] => "choose other versions, take back in what is left out, or move all crates: `mirror apply` without `--package`"
                    .to_owned(),
                also => {
                    let also = also.iter().map(|name| format!(" `--package {name}`"));
                    format!("add{}", also.collect::<Vec<_>>().join(" and"))
                }
            },
            Self::Needed { .. } => {
                "only a subsystem can be left out, such as one that the facade has a feature for"
                    .to_owned()
            }
            Self::StaysOut { because, .. } => format!("add `--with {because}`"),
            Self::InAndOut { .. } => "drop one of `--with` and `--without`".to_owned(),
            Self::UnknownLeftOut { name, .. } => {
                format!("it was renamed or removed: `mirror apply --with {name}` forgets about it")
            }
            Self::Manifest { .. } => crate::workspace::TABLE_HELP.to_owned(),
            Self::Unusable { .. } => return None,
            Self::Taken { .. } => "choose another name".to_owned(),
            Self::Exists { .. } => "choose another name, or move the folder away".to_owned(),
            Self::NoPlace { .. } => {
                "give the file that place, or make the crate by hand as its neighbours are"
                    .to_owned()
            }
            Self::WorkspaceTable { .. } => {
                "the table holds `cfg`: the name of a package, and a list of cfgs".to_owned()
            }
            Self::Source { allowed, .. } => format!("allowed here: {allowed}"),
            Self::Clash { .. } => "rename or remove one of them".to_owned(),
            Self::NotOurs { .. } => {
                "the kernel or its build has that place: rename or move the source (`helpers` is \
                 for `.c` files only)"
                    .to_owned()
            }
        };
        Some(hint)
    }
}

/// `1 file`, `2 files`.
pub(crate) fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn list(broken: &[Requirement]) -> String {
    let broken: Vec<_> = broken.iter().map(ToString::to_string).collect();
    broken.join("; ")
}

/// The name that was probably meant.
fn closest<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let near = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known));
    near.filter(|(distance, _)| *distance <= 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
