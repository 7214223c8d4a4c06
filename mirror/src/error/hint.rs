// SPDX-License-Identifier: GPL-2.0

//! What to do about each error.

use std::io;

use super::{Cause, Error};

impl Error {
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

/// The name that was probably meant.
fn closest<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let near = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known));
    near.filter(|(distance, _)| *distance <= 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
