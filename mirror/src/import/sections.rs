// SPDX-License-Identifier: GPL-2.0

//! Edits of MAINTAINERS. The file is the tree's, and the crates' sections in it are generated from
//! their manifests: changes of these are the crates', all others are foreign.

use crate::error::Result;
use crate::maintainers::{own, MAINTAINERS};

use super::engine::Engine;
use super::patch::FilePatch;
use super::stage::File;
use super::ImportError;

/// What of a tree's file is the crates'.
pub(crate) fn own_part(path: &str, file: File) -> File {
    match path == MAINTAINERS {
        true => File {
            bytes: own(path, &file.bytes).unwrap_or_default().to_vec(),
            executable: false,
        },
        false => file,
    }
}

/// Whether a patch of MAINTAINERS is about the crates' sections, as far as its lines tell.
pub(crate) fn is_ours(engine: &Engine<'_>, patch: &FilePatch) -> bool {
    let region = region(engine);
    let (gone, new) = lines(patch);
    let is_header = |line: &String| line.starts_with("RUST CRATE ");
    gone.iter()
        .any(|line| region.lines().any(|own| own == line))
        || gone.iter().chain(&new).any(is_header)
        || new.iter().any(|line| line.starts_with("F:\trust/"))
}

/// Fails unless what such a patch does is what the crates' sections have become.
pub(crate) fn check(engine: &Engine<'_>, patch: &FilePatch) -> Result<()> {
    let region = region(engine);
    let (gone, new) = lines(patch);
    let has = |line: &String| region.lines().any(|own| own == line);
    let stays = gone.iter().find(|line| has(line) && !new.contains(line));
    let missing = new.iter().find(|line| !has(line));
    let line = match (missing, stays) {
        (Some(line), _) => format!("+{line}"),
        (None, Some(line)) => format!("-{line}"),
        (None, None) => return Ok(()),
    };
    let mut edit = engine.edit_of(MAINTAINERS, &region, "")?;
    edit.line = line;
    Err(ImportError::Generated { edits: vec![edit] }.into())
}

fn region(engine: &Engine<'_>) -> String {
    let file = engine.flat.files.get(MAINTAINERS);
    let bytes = file.map(|file| file.bytes()).unwrap_or_default();
    String::from_utf8_lossy(bytes).into_owned()
}

/// The lines that a patch takes away, and those that it adds.
fn lines(patch: &FilePatch) -> (Vec<String>, Vec<String>) {
    let text = String::from_utf8_lossy(&patch.hunks).into_owned();
    let of = |sign: char| {
        let lines = text.lines().filter_map(|line| line.strip_prefix(sign));
        let lines = lines.filter(|line| !line.trim().is_empty());
        lines.map(str::to_owned).collect()
    };
    (of('-'), of('+'))
}
