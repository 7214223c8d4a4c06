// SPDX-License-Identifier: GPL-2.0

//! The part of a step that is about generated files: what was edited there is made in the seams, or
//! refused.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::flatten::Flat;
use crate::map::{Map, Place};
use crate::workspace::Dest;

use super::engine::{merge, Engine, GeneratedChange, Merged};
use super::generated::{self, ROOT};
use super::stage::{relative, File};
use super::{GeneratedEdit, ImportError, ImportStep, Moved, What};

impl Engine<'_> {
    /// Sees to it that the generated files become what they were edited to be, in the seams where
    /// need be; refuses what that cannot bring about.
    pub(crate) fn generated(
        &mut self,
        edits: &[GeneratedChange],
        step: &mut ImportStep,
    ) -> Result<()> {
        let mut wanted = BTreeMap::new();
        for edit in edits {
            let ours = self.flat.files.get(&edit.path).map(|file| file.bytes());
            let ours = ours.unwrap_or_default();
            let merged = merge(&edit.before, ours, &edit.after)?;
            wanted.insert(
                edit.path.as_str(),
                match merged {
                    Merged::Clean(bytes) => bytes,
                    _ => edit.after.clone(),
                },
            );
        }
        self.flat = self.stage.flatten()?;
        let differs = |flat: &Flat| {
            wanted.iter().any(|(path, bytes)| {
                let now = flat.files.get(*path).map(|file| file.bytes());
                now.unwrap_or_default() != bytes
            })
        };
        if differs(&self.flat) {
            let before = self.flat.clone();
            let edited = match wanted.get(ROOT) {
                Some(root) => self.edit_seams(root, step)?,
                None => false,
            };
            if !edited || differs(&self.flat) {
                return Err(self.refusal(&before, &wanted)?);
            }
        }
        self.map = Map::new(self.stage.workspace(), &self.flat);
        Ok(())
    }

    /// Edits the seams so that the tree's `lib.rs` becomes `wanted`, as far as that is possible.
    fn edit_seams(&mut self, wanted: &[u8], step: &mut ImportStep) -> Result<bool> {
        let Ok(wanted) = std::str::from_utf8(wanted) else {
            return Ok(false);
        };
        let mut seams = BTreeMap::new();
        let mut sources = BTreeMap::new();
        let packages = self.stage.workspace().packages.clone();
        for package in packages
            .iter()
            .filter(|package| package.dest == Dest::Kernel)
        {
            let path = package.root.join("src/lib.rs");
            let source = relative(self.stage.workspace(), &path);
            if let Some(file) = self.stage.read(&source)? {
                let text = String::from_utf8_lossy(&file.bytes).into_owned();
                seams.insert(package.name.clone(), text);
                sources.insert(package.name.clone(), (source, file.executable));
            }
        }
        let now = self.flat.files.get(ROOT).map(|file| file.bytes());
        let now = String::from_utf8_lossy(now.unwrap_or_default()).into_owned();
        let Some(edited) = generated::edit_seams(&now, wanted, &seams) else {
            return Ok(false);
        };
        for (package, text) in edited {
            let Some((source, executable)) = sources.get(&package) else {
                continue;
            };
            let file = File {
                bytes: text.into_bytes(),
                executable: *executable,
            };
            self.stage.set(source, Some(&file))?;
            step.files.push(Moved {
                path: ROOT.to_owned(),
                source: source.clone(),
                package,
                what: What::Changed,
            });
        }
        match self.stage.flatten() {
            Ok(flat) => self.flat = flat,
            // What the seams cannot say: the edit is refused as a whole.
            Err(Error::Source { .. } | Error::Clash { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// The refusal of edits that no source brings about.
    fn refusal(&self, now: &Flat, wanted: &BTreeMap<&str, Vec<u8>>) -> Result<Error> {
        let mut edits = Vec::new();
        for (path, bytes) in wanted {
            let now = now.files.get(*path).map(|file| file.bytes());
            let now = now.unwrap_or_default();
            if now == bytes {
                continue;
            }
            edits.push(self.edit_of(
                path,
                &String::from_utf8_lossy(now),
                &String::from_utf8_lossy(bytes),
            )?);
        }
        Ok(ImportError::Generated { edits }.into())
    }

    /// Where to make an edit of the generated file `path`.
    pub(crate) fn edit_of(&self, path: &str, now: &str, wanted: &str) -> Result<GeneratedEdit> {
        let mut sources = Vec::new();
        if let Place::Generated { sources: names, .. } = self.map.place(path) {
            let readme = names
                .iter()
                .filter_map(|name| Some(name.strip_suffix("src/lib.rs")?.to_owned() + "README.md"));
            for name in names.iter().cloned().chain(readme) {
                if let Some(file) = self.stage.read(&name)? {
                    sources.push((name, String::from_utf8_lossy(&file.bytes).into_owned()));
                } else if name.ends_with('/') {
                    sources.push((name, String::new()));
                }
            }
        }
        let (places, line) = generated::locate(now, wanted, &sources);
        Ok(GeneratedEdit {
            path: path.to_owned(),
            places,
            line,
        })
    }
}
