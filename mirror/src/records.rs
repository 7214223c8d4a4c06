// SPDX-License-Identifier: GPL-2.0

//! The records that are kept in a tree: the lock, the list of the backup, the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use semver::VersionReq;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::digest::{is_executable, is_false, Digest, Stamp};
use crate::disk::read;
use crate::error::{Error, Result};
use crate::flatten::{Flat, FlatCrate, Origin};
use crate::tree::Tree;
use crate::workspace::LeftOut;

/// The form of the records; a tool that does not know it keeps its hands off.
///
/// Form 1 had no last line, and knew of no executable files.
const FORM: u32 = 2;

/// The last line of a record, by which one that was cut short is known. There is no digest of the
/// whole: each merge of two locks by version control would be a conflict there, while it comes out
/// right file by file.
const END: &str = "# end";

/// `mirror.lock`: what the last `apply` put into the tree.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Lock {
    form: u32,
    pub(crate) tool: String,
    pub(crate) kernel: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_out: Vec<LeftOut>,
    #[serde(default, rename = "crate")]
    pub(crate) crates: Vec<LockedCrate>,
    #[serde(default, rename = "file")]
    files: Vec<LockedFile>,
}

/// A crate as it was put into the tree: all that it takes to put the same into it again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LockedCrate {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) sha256: Digest,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) lib: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dest: Option<String>,
    #[serde(default)]
    pub(crate) maintainers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) lists: Vec<String>,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) dependencies: BTreeMap<String, VersionReq>,
    /// What generated files were made from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) inputs: BTreeMap<String, Digest>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LockedFile {
    pub(crate) path: String,
    #[serde(flatten)]
    pub(crate) stamp: Stamp,
    #[serde(default, rename = "crate", skip_serializing_if = "Option::is_none")]
    package: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    generated_from: Vec<String>,
}

impl Lock {
    /// What `flat` puts into `tree`, of those files that this one takes.
    pub(crate) fn new(flat: &Flat, tree: &Tree, takes: impl Fn(&str) -> bool) -> Self {
        let crates = flat.crates.iter().map(LockedCrate::new);
        let files = flat.files.iter().filter(|(path, _)| takes(path));
        let files = files.map(|(path, file)| {
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
            left_out: flat.left_out.clone(),
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

    /// The contents that are kept for later runs.
    pub(crate) fn blobs(&self) -> BTreeSet<&Digest> {
        let inputs = self
            .crates
            .iter()
            .flat_map(|package| package.inputs.values());
        let files = self.files.iter().map(|file| &file.stamp.digest);
        files.chain(inputs).collect()
    }

    /// The files that are copies of this crate's.
    pub(crate) fn files_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a LockedFile> {
        let is_from = move |package: &String| package == name;
        let files = self.files.iter();
        files.filter(move |file| file.package.as_ref().is_some_and(is_from))
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

impl LockedCrate {
    fn new(flat: &FlatCrate) -> Self {
        let package = &flat.package;
        let inputs = flat.inputs.iter();
        Self {
            name: package.name.clone(),
            version: package.version.clone(),
            sha256: flat.digest.clone(),
            description: package.description.clone(),
            lib: package.lib.clone(),
            dest: package.dest.place().map(str::to_owned),
            maintainers: package.maintainers.clone(),
            lists: package.lists.clone(),
            status: package.status.clone(),
            dependencies: package.dependencies.clone(),
            inputs: inputs
                .map(|(name, file)| (name.clone(), file.digest().clone()))
                .collect(),
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

/// What is kept in a file of its own.
pub(crate) trait Record: DeserializeOwned {
    /// Fails with what contradicts itself.
    fn check(&self) -> Result<(), String>;
}

impl Record for Lock {
    fn check(&self) -> Result<(), String> {
        let paths = check_once(self.files.iter().map(|file| &file.path))?;
        for path in &paths {
            let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
            if let Some(folder) = folders.find(|folder| paths.contains(folder)) {
                return Err(format!("it has `{folder}` as a file and as a folder"));
            }
        }
        let mut crates = BTreeSet::new();
        for LockedCrate { name, .. } in &self.crates {
            if !crates.insert(name) {
                return Err(format!("it has the crate `{name}` twice"));
            }
        }
        Ok(())
    }
}

impl Record for Pristine {
    fn check(&self) -> Result<(), String> {
        check_once(self.files.iter().map(|file| &file.path)).map(drop)
    }
}

impl Record for Journal {
    fn check(&self) -> Result<(), String> {
        check_once(self.changes.iter().map(|change| &change.path)).map(drop)
    }
}

/// All of `paths`, unless one of them is there twice.
fn check_once<'a>(paths: impl Iterator<Item = &'a String>) -> Result<BTreeSet<&'a str>, String> {
    let mut seen = BTreeSet::new();
    for path in paths {
        if !seen.insert(path.as_str()) {
            return Err(format!("it has `{path}` twice"));
        }
    }
    Ok(seen)
}

/// A record in TOML, with a heading.
pub(crate) fn write<T: Serialize>(record: &T, heading: &str) -> Vec<u8> {
    // None of the records has a map with keys that TOML could not write.
    let body = toml::to_string(record).expect("a record can be written as TOML");
    format!("# SPDX-License-Identifier: GPL-2.0\n# {heading}\n\n{body}\n{END}\n").into_bytes()
}

#[derive(Deserialize)]
struct Form {
    form: u32,
    tool: Option<String>,
}

/// Reads a record, or none where there is none.
pub(crate) fn load<T: Record>(path: &Path) -> Result<Option<T>> {
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
    if text.lines().any(|line| line.starts_with("<<<<<<< ")) {
        return Err(bad("it has the conflict markers of a merge".to_owned()));
    }
    let Form { form, tool } = toml::from_str(&text).map_err(first)?;
    if !(1..=FORM).contains(&form) {
        return Err(Error::OtherForm {
            path: path.to_owned(),
            form,
            known: FORM,
            tool: tool.unwrap_or_else(|| "another release of mirror".to_owned()),
        });
    }
    let record: T = toml::from_str(&text).map_err(first)?;
    if form > 1 && text.trim_end().lines().next_back() != Some(END) {
        return Err(bad(format!("cut short: its last line is not `{END}`")));
    }
    record.check().map_err(bad)?;
    Ok(Some(record))
}
