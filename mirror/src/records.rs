// SPDX-License-Identifier: GPL-2.0

//! The records that are kept in a tree: the lock, the list of the backup, the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::digest::{is_executable, is_false, Digest, Stamp};
use crate::disk::read;
use crate::error::{Error, Result};
use crate::flatten::{Flat, Origin};
use crate::tree::Tree;

/// The form of the records; a tool that does not know it keeps its hands off.
const FORM: u32 = 1;

/// `mirror.lock`: what the last `apply` put into the tree.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Lock {
    form: u32,
    pub(crate) tool: String,
    pub(crate) kernel: String,
    #[serde(default, rename = "crate")]
    crates: Vec<LockedCrate>,
    #[serde(default, rename = "file")]
    files: Vec<LockedFile>,
}

#[derive(Debug, Serialize, Deserialize)]
struct LockedCrate {
    name: String,
    version: String,
    sha256: Digest,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct LockedFile {
    path: String,
    #[serde(flatten)]
    stamp: Stamp,
    #[serde(default, rename = "crate", skip_serializing_if = "Option::is_none")]
    package: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    generated_from: Vec<String>,
}

impl Lock {
    pub(crate) fn new(flat: &Flat, tree: &Tree) -> Self {
        let crates = flat.crates.iter().map(|package| LockedCrate {
            name: package.name.clone(),
            version: package.version.clone(),
            sha256: package.digest.clone(),
        });
        let files = flat.files.iter().map(|(path, file)| {
            let (package, generated_from) = match file.origin() {
                Origin::Copied { package, .. } => (Some(package.clone()), Vec::new()),
                Origin::Generated { packages } => (None, packages.clone()),
            };
            LockedFile {
                path: path.clone(),
                stamp: file.stamp().clone(),
                package,
                generated_from,
            }
        });
        Self {
            form: FORM,
            tool: concat!("mirror ", env!("CARGO_PKG_VERSION")).to_owned(),
            kernel: tree.version().to_string(),
            crates: crates.collect(),
            files: files.collect(),
        }
    }

    /// What each file was, by its path.
    pub(crate) fn stamps(&self) -> BTreeMap<&str, &Stamp> {
        self.files
            .iter()
            .map(|file| (file.path.as_str(), &file.stamp))
            .collect()
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path)
    }

    /// The contents that are kept for later merges.
    pub(crate) fn blobs(&self) -> BTreeSet<&Digest> {
        self.files.iter().map(|file| &file.stamp.digest).collect()
    }

    /// The crates that `path` was from, and whether it was a copy of a single one's.
    pub(crate) fn origin(&self, path: &str) -> (Vec<String>, bool) {
        let file = self.files.iter().find(|file| file.path == path);
        match file.map(|file| (&file.package, &file.generated_from)) {
            Some((Some(package), _)) => (vec![package.clone()], true),
            Some((None, packages)) => (packages.clone(), false),
            None => (Vec::new(), false),
        }
    }
}

/// The list of the backup: what the crates' places held before the first `apply`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pristine {
    form: u32,
    pub(crate) kernel: String,
    #[serde(default, rename = "file")]
    files: Vec<PristineFile>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PristineFile {
    pub(crate) path: String,
    pub(crate) sha256: Digest,
    pub(crate) mode: u32,
}

impl Pristine {
    pub(crate) fn new(tree: &Tree) -> Self {
        Self {
            form: FORM,
            kernel: tree.version().to_string(),
            files: Vec::new(),
        }
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &PristineFile> {
        self.files.iter()
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path)
    }

    pub(crate) fn add(&mut self, file: PristineFile) {
        self.files.push(file);
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// What each file was, by its path.
    pub(crate) fn stamps(&self) -> BTreeMap<&str, Stamp> {
        self.files
            .iter()
            .map(|file| (file.path.as_str(), file.stamp()))
            .collect()
    }

    /// The contents that are kept for `restore`.
    pub(crate) fn blobs(&self) -> BTreeSet<&Digest> {
        self.files.iter().map(|file| &file.sha256).collect()
    }
}

impl PristineFile {
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            digest: self.sha256.clone(),
            executable: is_executable(self.mode),
        }
    }
}

/// The journal of an operation under way: how to take back each change.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Journal {
    form: u32,
    pub(crate) command: String,
    #[serde(default, rename = "change")]
    pub(crate) changes: Vec<Change>,
}

/// A file before and after an operation; no digest where there is no such file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Change {
    pub(crate) path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Digest>,
    #[serde(default, skip_serializing_if = "is_false")]
    before_executable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Digest>,
    #[serde(default, skip_serializing_if = "is_false")]
    after_executable: bool,
}

impl Change {
    pub(crate) fn new(path: &str, before: Option<&Stamp>, after: Option<&Stamp>) -> Self {
        Self {
            path: path.to_owned(),
            before: before.map(|stamp| stamp.digest.clone()),
            before_executable: before.is_some_and(|stamp| stamp.executable),
            after: after.map(|stamp| stamp.digest.clone()),
            after_executable: after.is_some_and(|stamp| stamp.executable),
        }
    }

    pub(crate) fn before(&self) -> Option<Stamp> {
        self.before.clone().map(|digest| Stamp {
            digest,
            executable: self.before_executable,
        })
    }

    pub(crate) fn after(&self) -> Option<Stamp> {
        self.after.clone().map(|digest| Stamp {
            digest,
            executable: self.after_executable,
        })
    }
}

impl Journal {
    pub(crate) fn new(command: &str, changes: Vec<Change>) -> Self {
        Self {
            form: FORM,
            command: command.to_owned(),
            changes,
        }
    }
}

/// A record in TOML, with a heading.
pub(crate) fn write<T: Serialize>(record: &T, heading: &str) -> Vec<u8> {
    // None of the records has a map with keys that TOML could not write.
    let body = toml::to_string(record).expect("a record can be written as TOML");
    format!("# SPDX-License-Identifier: GPL-2.0\n# {heading}\n\n{body}").into_bytes()
}

#[derive(Deserialize)]
struct Form {
    form: u32,
}

/// Reads a record, or none where there is none.
pub(crate) fn load<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let Some(bytes) = read(path)? else {
        return Ok(None);
    };
    let bad = |reason: String| Error::Record {
        path: path.to_owned(),
        reason,
    };
    let text = String::from_utf8(bytes).map_err(|_| bad("not UTF-8".to_owned()))?;
    let first = |error: toml::de::Error| {
        bad(error
            .message()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned())
    };
    let form: Form = toml::from_str(&text).map_err(first)?;
    if form.form != FORM {
        return Err(bad(format!(
            "written by another release of mirror (form {}, this one knows {FORM})",
            form.form
        )));
    }
    toml::from_str(&text).map(Some).map_err(first)
}
