// SPDX-License-Identifier: GPL-2.0

//! One step of an import: a set of edits in a tree's terms, made on a [`Stage`].

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::digest::Digest;
use crate::error::Result;
use crate::flatten::Flat;
use crate::map::{Map, Place};
use crate::merge::{excerpt, is_text, merge_texts};
use crate::tree::{LOCK, PRIVATE};

use super::generated::{self, ROOT};
use super::stage::{File, Stage};
use super::{FileConflict, ImportError, ImportOptions, ImportStep, Importer, Moved, What};

/// A file before an edit.
#[derive(Clone, Debug)]
pub(crate) enum Before {
    /// As it is known.
    File(File),
    /// No more than this is known, and whether it can be run.
    Digest(Digest, bool),
}

impl Before {
    fn is(&self, file: &File) -> bool {
        match self {
            Self::File(before) => before == file,
            Self::Digest(digest, executable) => {
                file.executable == *executable && Digest::of(&file.bytes) == *digest
            }
        }
    }

    fn executable(&self) -> bool {
        match self {
            Self::File(file) => file.executable,
            Self::Digest(_, executable) => *executable,
        }
    }
}

/// An edit of a file of the tree: what it was, and what it is. The names differ in a rename.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
    pub(crate) before: Option<Before>,
    pub(crate) after: Option<File>,
}

/// A file in both layouts.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) path: String,
    pub(crate) package: String,
    pub(crate) source: String,
}

/// What an edit is about.
#[derive(Clone, Debug)]
pub(crate) enum Role {
    /// A file of a crate, by its old and its new place.
    Ours(Option<Spot>, Option<Spot>),
    /// A generated file.
    Generated,
    /// Nothing that is imported.
    Out,
}

/// An edit of a generated file.
pub(crate) struct GeneratedChange {
    pub(crate) path: String,
    pub(crate) before: Vec<u8>,
    pub(crate) after: Vec<u8>,
}

/// Looks for the content with this digest that a file of the workspace once was.
pub(crate) type FindBase<'a> = dyn Fn(&str, &Digest) -> Result<Option<Vec<u8>>> + 'a;

pub(crate) struct Engine<'a> {
    options: &'a ImportOptions,
    pub(crate) stage: Stage,
    pub(crate) flat: Flat,
    pub(crate) map: Map,
    /// The committed content of files with uncommitted changes.
    pub(crate) committed: BTreeMap<String, Option<File>>,
    /// The workspace itself, for messages.
    home: PathBuf,
}

impl<'a> Engine<'a> {
    pub(crate) fn new(importer: &'a Importer<'_>, stage: Stage) -> Result<Self> {
        let flat = stage.flatten()?;
        let map = Map::new(stage.workspace(), &flat);
        Ok(Self {
            options: &importer.options,
            stage,
            flat,
            map,
            committed: BTreeMap::new(),
            home: importer.workspace.root.clone(),
        })
    }

    /// Whether `path` is no file of the crates, or one that `apply` writes by itself.
    pub(crate) fn is_foreign(&self, path: &str) -> bool {
        let is_record = path == LOCK || path.starts_with(PRIVATE);
        !is_record && self.map.place(path) == Place::Foreign
    }

    pub(crate) fn excludes(&self, path: &str) -> bool {
        self.options.exclude.contains(path)
    }

    pub(crate) fn skips_foreign(&self) -> bool {
        self.options.skip_foreign
    }

    /// Says what each of these edits, by its names before and after, is about. Whose a new module is,
    /// the tree's `lib.rs` tells, which is among the edits of generated files or as it was.
    pub(crate) fn roles(
        &mut self,
        names: &[(Option<&str>, Option<&str>)],
        edits: &[GeneratedChange],
        step: &mut ImportStep,
    ) -> Result<Vec<Role>> {
        let edit = edits.iter().find(|edit| edit.path == ROOT);
        let now = self.flat.files.get(ROOT).map(|file| file.bytes());
        let root = edit.map_or(now.unwrap_or_default(), |edit| &edit.after);
        let declared = generated::declared(&String::from_utf8_lossy(root));
        let mut roles: Vec<Option<Role>> = names
            .iter()
            .map(|(old, new)| {
                let either = [*old, *new];
                let mut either = either.iter().flatten();
                let named = either
                    .clone()
                    .any(|path| self.options.exclude.contains(*path));
                if named {
                    step.left_out.extend(new.or(*old).map(str::to_owned));
                    return Some(Role::Out);
                }
                if either.any(|path| *path == LOCK || path.starts_with(PRIVATE)) {
                    step.ignored.extend(new.or(*old).map(str::to_owned));
                    return Some(Role::Out);
                }
                None
            })
            .collect();

        // What is above in the tree of modules comes first, since what is below goes by it.
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by_key(|&at| {
            let name = names[at].1.unwrap_or_default();
            let depth = name.trim_end_matches("/mod.rs").trim_end_matches(".rs");
            (depth.matches('/').count(), name.to_owned())
        });
        let mut undecided = Vec::new();
        let mut foreign = Vec::new();
        for at in order {
            if roles[at].is_some() {
                continue;
            }
            let (old, new) = names[at];
            let was = old.map(|path| (path, self.map.place(path)));
            let is = match (old, new) {
                (Some(old), Some(new)) if old == new => was.clone(),
                (_, None) => None,
                (_, Some(new)) => {
                    let place =
                        self.new_place(new, was.as_ref().map(|(_, place)| place), &declared);
                    Some((new, place?))
                }
            };
            let mut places = was.iter().chain(&is);
            if let Some((path, _)) = places.clone().find(|(_, place)| *place == Place::Foreign) {
                foreign.push(path.to_string());
                step.left_out.push(path.to_string());
                roles[at] = Some(Role::Out);
                continue;
            }
            if places.any(|(_, place)| matches!(place, Place::Generated { .. })) {
                roles[at] = Some(Role::Generated);
                continue;
            }
            if let Some((path, Place::Undecided { choices })) = &is {
                // What is edited without being there is no new file.
                if old != new {
                    undecided.push((path.to_string(), choices.clone()));
                    continue;
                }
            }
            roles[at] = Some(Role::Ours(was.map(spot), is.map(spot)));
        }
        if !foreign.is_empty() && !self.options.skip_foreign {
            // Nothing of ours in it at all is another matter, which the caller sees to.
            let ours = |role: &Role| !matches!(role, Role::Out);
            if roles.iter().flatten().any(ours) || !undecided.is_empty() {
                foreign.sort();
                return Err(ImportError::Foreign { paths: foreign }.into());
            }
        }
        // What is below one of them goes where that goes.
        let stems: Vec<_> = undecided
            .iter()
            .map(|(path, _)| {
                format!(
                    "{}/",
                    path.trim_end_matches("/mod.rs").trim_end_matches(".rs")
                )
            })
            .collect();
        undecided.retain(|(path, _)| {
            !stems
                .iter()
                .any(|stem| path.starts_with(stem) && *path != format!("{stem}mod.rs"))
        });
        if !undecided.is_empty() {
            return Err(ImportError::Undecided { files: undecided }.into());
        }
        Ok(roles.into_iter().flatten().collect())
    }

    /// The place of a file that is new under this name.
    fn new_place(
        &mut self,
        path: &str,
        was: Option<&Place>,
        declared: &BTreeMap<String, String>,
    ) -> Result<Place> {
        let place = self.map.place(path);
        if !matches!(place, Place::New { .. } | Place::Undecided { .. }) {
            return Ok(place);
        }
        if let Some(present) = self.map.case_clash(path) {
            return Err(ImportError::CaseClash {
                path: path.to_owned(),
                present: present.to_owned(),
            }
            .into());
        }
        let name = path.strip_prefix("rust/kernel/");
        let module = name.and_then(|name| name.split(['/', '.']).next());
        let package = match (self.options.into.get(path), &place) {
            (Some(package), _) => package.clone(),
            (None, Place::New { package, .. }) => package.clone(),
            (None, _) => match (module.and_then(|name| declared.get(name)), was) {
                (Some(package), _) => package.clone(),
                // A file that was a crate's stays that crate's.
                (None, Some(Place::Copied { package, .. })) => package.clone(),
                _ => return Ok(place),
            },
        };
        match self.map.tell(path, &package) {
            Some(source) => Ok(Place::New { package, source }),
            None => Err(ImportError::NoPlace {
                path: path.to_owned(),
                package,
            }
            .into()),
        }
    }

    /// Makes edits whose contents are known.
    pub(crate) fn change(
        &mut self,
        changes: &[Change],
        find_base: &FindBase<'_>,
        step: &mut ImportStep,
    ) -> Result<()> {
        let is_out = |path: &str| self.options.exclude.contains(path);
        let mut edits = Vec::new();
        let mut refused = Vec::new();
        for change in changes {
            let Some(path) = change.new.as_deref().or(change.old.as_deref()) else {
                continue;
            };
            if !matches!(self.map.place(path), Place::Generated { .. }) || is_out(path) {
                continue;
            }
            match self.generated_change(path, change, find_base)? {
                Some(edit) => edits.push(edit),
                None => refused.push(path.to_owned()),
            }
        }
        let names: Vec<_> = changes
            .iter()
            .map(|change| (change.old.as_deref(), change.new.as_deref()))
            .collect();
        let roles = self.roles(&names, &edits, step)?;
        if let Some(path) = refused.first() {
            let path = path.clone();
            return Err(ImportError::NoBase { path }.into());
        }

        let mut conflicts = Vec::new();
        let mut uncommitted = Vec::new();
        for (change, role) in changes.iter().zip(&roles) {
            let Role::Ours(old, new) = role else {
                continue;
            };
            let Some(spot) = new.as_ref().or(old.as_ref()) else {
                continue;
            };
            check_text(&spot.path, change.after.as_ref())?;
            for spot in old.iter().chain(new) {
                if let Some(file) = self.committed.get(&spot.source) {
                    let file = file.clone();
                    self.stage.set(&spot.source, file.as_ref())?;
                }
            }
            match self.merged(change, old.as_ref(), spot, find_base)? {
                Ok(file) => self.put(old.as_ref(), new.as_ref(), file, step)?,
                Err(_) if self.committed.contains_key(&spot.source) => {
                    uncommitted.push(spot.source.clone());
                }
                Err(conflict) => conflicts.push(conflict),
            }
        }
        if !uncommitted.is_empty() {
            return Err(ImportError::Uncommitted {
                path: self.home.clone(),
                files: uncommitted,
            }
            .into());
        }
        if !conflicts.is_empty() {
            return Err(ImportError::Conflicts { files: conflicts }.into());
        }
        self.generated(&edits, step)
    }

    fn generated_change(
        &self,
        path: &str,
        change: &Change,
        find_base: &FindBase<'_>,
    ) -> Result<Option<GeneratedChange>> {
        let now = self.flat.files.get(path).map(|file| file.bytes());
        let before = match &change.before {
            None => Some(Vec::new()),
            Some(Before::File(file)) => Some(file.bytes.clone()),
            Some(Before::Digest(digest, _)) => match now {
                Some(now) if Digest::of(now) == *digest => Some(now.to_vec()),
                _ => find_base(path, digest)?,
            },
        };
        let after = change.after.as_ref().map(|file| file.bytes.clone());
        let after = after.unwrap_or_default();
        // In step with the workspace: whatever it was before.
        let before = match now {
            Some(now) if now == after => Some(after.clone()),
            _ => before,
        };
        Ok(before.map(|before| GeneratedChange {
            path: path.to_owned(),
            before,
            after,
        }))
    }

    /// What the file is to be, with the workspace's own changes.
    fn merged(
        &self,
        change: &Change,
        old: Option<&Spot>,
        spot: &Spot,
        find_base: &FindBase<'_>,
    ) -> Result<Result<Option<File>, FileConflict>> {
        let conflict = |reason: &str, text: String| FileConflict {
            path: spot.path.clone(),
            source: spot.source.clone(),
            reason: reason.to_owned(),
            text,
        };
        let present = match spot.source.is_empty() {
            true => None,
            false => self.stage.read(&spot.source)?,
        };
        // A rename that was made in the workspace as well.
        if present.is_some() && present == change.after {
            return Ok(Ok(present));
        }
        let renamed = old.filter(|old| old.source != spot.source);
        let ours = match renamed {
            None => present,
            Some(old) => match (self.stage.read(&old.source)?, present) {
                (Some(_), Some(_)) => {
                    let reason = "there is another file of that name in the workspace";
                    return Ok(Err(conflict(reason, String::new())));
                }
                // Renamed there as well.
                (None, present) => present,
                (ours, None) => ours,
            },
        };
        Ok(match (&change.before, ours, &change.after) {
            (_, None, None) => Ok(None),
            (None, None, Some(after)) => Ok(Some(after.clone())),
            (None, Some(_), Some(_)) => Err(conflict(
                "new in both, with different contents",
                String::new(),
            )),
            (Some(_), None, Some(_)) => Err(conflict(
                "edited, and gone from the workspace",
                String::new(),
            )),
            (None, Some(ours), None) => Ok(Some(ours)),
            (Some(before), Some(ours), None) => match before.is(&ours) {
                true => Ok(None),
                false => Err(conflict(
                    "deleted, and changed in the workspace",
                    String::new(),
                )),
            },
            (Some(before), Some(ours), Some(after)) => {
                if before.is(&ours) {
                    return Ok(Ok(Some(after.clone())));
                }
                let base = match before {
                    Before::File(file) => file.bytes.clone(),
                    Before::Digest(digest, _) if Digest::of(&ours.bytes) == *digest => {
                        ours.bytes.clone()
                    }
                    Before::Digest(digest, _) => {
                        let source = old.map_or(&spot.source, |old| &old.source);
                        match find_base(source, digest)? {
                            Some(base) => base,
                            None => {
                                let path = spot.path.clone();
                                return Err(ImportError::NoBase { path }.into());
                            }
                        }
                    }
                };
                let executable = match after.executable == before.executable() {
                    true => ours.executable,
                    false => after.executable,
                };
                match merge(&base, &ours.bytes, &after.bytes)? {
                    Merged::Clean(bytes) => Ok(Some(File { bytes, executable })),
                    Merged::Conflict(text) => Err(conflict("both changed the same lines", text)),
                    Merged::NotText => Err(conflict(
                        "both changed it, and it is no text",
                        String::new(),
                    )),
                }
            }
        })
    }

    fn put(
        &mut self,
        old: Option<&Spot>,
        new: Option<&Spot>,
        file: Option<File>,
        step: &mut ImportStep,
    ) -> Result<()> {
        if let Some(new) = new {
            let before = self.stage.read(&new.source)?;
            self.stage.set(&new.source, file.as_ref())?;
            let from = old.filter(|old| old.source != new.source);
            let what = match (from, before.is_some()) {
                (Some(from), _) => What::Renamed(from.source.clone()),
                (None, true) => What::Changed,
                (None, false) => What::Added,
            };
            if before != file {
                step.files.push(moved(new, what));
            }
        }
        let gone = old.filter(|old| new.is_none_or(|new| new.source != old.source));
        if let Some(old) = gone.filter(|old| !old.source.is_empty()) {
            let was_there = self.stage.read(&old.source)?.is_some();
            self.stage.set(&old.source, None)?;
            if new.is_none() && was_there {
                step.files.push(moved(old, What::Removed));
            }
        }
        Ok(())
    }
}

/// What becomes of two versions of a file.
pub(super) enum Merged {
    /// The changes of both are in it.
    Clean(Vec<u8>),
    /// Some are at the same place: these lines, with marks.
    Conflict(String),
    /// They are not of a kind that can be merged.
    NotText,
}

pub(super) fn merge(base: &[u8], ours: &[u8], theirs: &[u8]) -> Result<Merged> {
    if ours == base || ours == theirs {
        return Ok(Merged::Clean(theirs.to_vec()));
    }
    if theirs == base {
        return Ok(Merged::Clean(ours.to_vec()));
    }
    let texts = [theirs, base, ours];
    if !texts.into_iter().all(is_text) {
        return Ok(Merged::NotText);
    }
    Ok(match merge_texts(texts)? {
        (bytes, true) => Merged::Clean(bytes),
        (bytes, false) => Merged::Conflict(excerpt(&bytes)),
    })
}

pub(crate) fn moved(spot: &Spot, what: What) -> Moved {
    Moved {
        path: spot.path.clone(),
        source: spot.source.clone(),
        package: spot.package.clone(),
        what,
    }
}

fn spot((path, place): (&str, Place)) -> Spot {
    let (package, source) = match place {
        Place::Copied { package, source } | Place::New { package, source } => (package, source),
        // It is in no crate, and whatever happens to it is a conflict or nothing.
        _ => (String::new(), String::new()),
    };
    Spot {
        path: path.to_owned(),
        package,
        source,
    }
}

/// Refuses a file with conflict markers in it, and a Rust source that is not UTF-8: the compiler
/// would.
pub(crate) fn check_text(path: &str, file: Option<&File>) -> Result<()> {
    let Some(file) = file else {
        return Ok(());
    };
    let path = path.to_owned();
    let mut lines = file.bytes.split(|&byte| byte == b'\n');
    let marks: [&[u8]; 3] = [b"<<<<<<< ", b"=======", b">>>>>>> "];
    let begin = lines.position(|line| line.starts_with(marks[0]));
    // All three, in this order.
    let rest = marks[1..]
        .iter()
        .all(|mark| lines.any(|line| line.starts_with(mark)));
    if let (Some(line), true) = (begin, rest) {
        let line = line + 1;
        return Err(ImportError::Markers { path, line }.into());
    }
    if !path.ends_with(".rs") {
        return Ok(());
    }
    std::str::from_utf8(&file.bytes).map(drop).map_err(|error| {
        let before = &file.bytes[..error.valid_up_to()];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        ImportError::NotUtf8 { path, line }.into()
    })
}
