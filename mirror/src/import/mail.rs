// SPDX-License-Identifier: GPL-2.0

//! Patches: mails with patches, which become commits, and plain diffs, which do not.
//!
//! Git takes mails apart and applies what is in them. Between the two the names are exchanged.

use std::fs;
use std::path::{Path, PathBuf};

use crate::disk::read;
use crate::error::{Error, Result};
use crate::git::Git;
use crate::maintainers::MAINTAINERS;
use crate::map::Place;

use super::commits::{into_commits, Series, Words};
use super::engine::{check_text, moved, Engine, GeneratedChange, Role, Spot};
use super::patch::{self, FilePatch, Problem};
use super::stage::{put, File};
use super::working::into_files;
use super::{files, sections, FileConflict, ImportError, ImportStep, Imported, Importer, What};

/// What a text that holds patches is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// Whatever it looks like.
    Any,
    /// Mails, one or many.
    Mails,
}

pub(crate) fn import(
    importer: &Importer<'_>,
    name: &str,
    text: &[u8],
    form: Form,
) -> Result<Imported> {
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(no_patch(name));
    }
    if form == Form::Mails || is_mail(text) {
        return mails(importer, name, text);
    }
    let text = without_cr(text);
    let patches = parse(name, &text)?;
    if patches.is_empty() {
        return Err(no_patch(name));
    }
    let _guard = files::lock(&importer.workspace.root)?;
    into_files(importer, |engine, _, step| {
        if apply(engine, patches, step)? {
            return Ok(());
        }
        let paths = std::mem::take(&mut step.left_out);
        Err(ImportError::Foreign { paths }.into())
    })
}

fn no_patch(name: &str) -> Error {
    ImportError::NoPatch {
        path: name.to_owned(),
    }
    .into()
}

/// Whether it begins as a mail or an mbox does.
fn is_mail(text: &[u8]) -> bool {
    let mut lines = text.split(|&byte| byte == b'\n');
    let first = lines.find(|line| !line.trim_ascii().is_empty());
    let first = first.unwrap_or_default();
    if first.starts_with(b"From ") {
        return true;
    }
    let header = |line: &[u8]| {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        name.len() < line.len() && !name.is_empty() && name.iter().all(is_name)
    };
    let mut head = text.split(|&byte| byte == b'\n');
    let mut head = head
        .by_ref()
        .skip_while(|line| line.trim_ascii().is_empty());
    header(first)
        && !patch::is_begin(first)
        && head
            .by_ref()
            .take_while(|line| !line.trim_ascii().is_empty())
            .any(|line| {
                let line = line.to_ascii_lowercase();
                line.starts_with(b"from:") || line.starts_with(b"subject:")
            })
}

/// A diff that came with another system's line ends is taken for one with its own.
fn without_cr(text: &[u8]) -> Vec<u8> {
    let lines = || text.split_inclusive(|&byte| byte == b'\n');
    if !lines()
        .filter(|line| line.ends_with(b"\n"))
        .all(|line| line.ends_with(b"\r\n"))
    {
        return text.to_vec();
    }
    let bare = lines().map(|line| match line.strip_suffix(b"\r\n") {
        Some(line) => [line, b"\n"].concat(),
        None => line.to_vec(),
    });
    bare.collect::<Vec<_>>().concat()
}

fn parse(name: &str, text: &[u8]) -> Result<Vec<FilePatch>> {
    patch::parse(text).map_err(|problem| {
        match problem {
            Problem::Line(line, reason) => ImportError::BadPatch {
                path: name.to_owned(),
                line,
                reason,
            },
            Problem::Name(path, reason) => ImportError::Name { path, reason },
        }
        .into()
    })
}

fn mails(importer: &Importer<'_>, name: &str, text: &[u8]) -> Result<Imported> {
    into_commits(importer, |series| {
        let folder = series.engine.stage.aside("mails")?;
        let all = folder.join("all");
        fs::write(&all, text).map_err(Error::io("write", &all))?;
        let output = format!("-o{}", folder.display());
        let all = all.to_string_lossy().into_owned();
        let count = series
            .git()
            .run(&["mailsplit", "-b", &output, "--", &all])?;
        let count: usize = count.trim().parse().unwrap_or(0);
        let mut any = false;
        for at in 1..=count {
            let mail = folder.join(format!("{at:04}"));
            any |= one(series, name, &mail, (at, count))?;
        }
        match any {
            true => Ok(()),
            false => Err(no_patch(name)),
        }
    })
}

/// Makes a commit of a mail; says whether there was a patch in it.
fn one(
    series: &mut Series<'_>,
    name: &str,
    mail: &Path,
    (at, count): (usize, usize),
) -> Result<bool> {
    let text = read(mail)?.unwrap_or_default();
    let (body, diff) = (mail.with_extension("body"), mail.with_extension("patch"));
    let (body_name, diff_name) = (body.to_string_lossy(), diff.to_string_lossy());
    // As `git am --keep-non-patch` does.
    let arguments = ["mailinfo", "-b", "--no-scissors", &body_name, &diff_name];
    let info = series.git().bytes(&arguments, Some(&text))?;
    let info = String::from_utf8_lossy(&info).into_owned();
    let field = |name: &str| {
        let mut lines = info.lines();
        lines
            .find_map(|line| line.strip_prefix(name))
            .unwrap_or_default()
            .trim()
    };
    let subject = field("Subject:").to_owned();
    let mut step = ImportStep {
        subject: Some(subject.clone()),
        ..ImportStep::default()
    };
    let diff = read(&diff)?.unwrap_or_default();
    let within = |cause: Error| ImportError::In {
        step: format!("patch {at} of {count} ({subject})"),
        cause: Box::new(cause),
    };
    let patches = parse(name, &diff).map_err(&within)?;
    if patches.is_empty() {
        // A cover letter, say.
        series.skip(step, "there is no patch in it");
        return Ok(false);
    }
    let make = |series: &mut Series<'_>| -> Result<()> {
        if !apply(&mut series.engine, patches, &mut step)? {
            let step = std::mem::take(&mut step);
            series.skip(step, "nothing in it is the crates'");
            return Ok(());
        }
        let body = read(&body)?.unwrap_or_default();
        let message = [subject.as_bytes(), b"\n\n", &body].concat();
        let message = series.git().bytes(&["stripspace"], Some(&message))?;
        let author = series.git().clone();
        let author = author
            .with("GIT_AUTHOR_NAME", field("Author:"))
            .with("GIT_AUTHOR_EMAIL", field("Email:"))
            .with("GIT_AUTHOR_DATE", field("Date:"))
            .run(&["var", "GIT_AUTHOR_IDENT"])?;
        let words = Words::new(author.into_bytes(), message);
        series.commit(&words, std::mem::take(&mut step))
    };
    make(series).map_err(within)?;
    Ok(true)
}

/// Applies a patch on the copy; says whether anything in it is the crates'.
fn apply(engine: &mut Engine<'_>, patches: Vec<FilePatch>, step: &mut ImportStep) -> Result<bool> {
    let is_generated = |engine: &Engine<'_>, patch: &FilePatch| {
        matches!(engine.map.place(patch.path()), Place::Generated { .. })
            && !engine.excludes(patch.path())
    };
    let (made, plain): (Vec<_>, Vec<_>) = patches
        .into_iter()
        .partition(|patch| is_generated(engine, patch));
    let (owners, made): (Vec<_>, Vec<_>) = made
        .into_iter()
        .partition(|patch| patch.path() == MAINTAINERS);
    let (owners, foreign): (Vec<_>, Vec<_>) = owners
        .into_iter()
        .partition(|patch| sections::is_ours(engine, patch));
    step.left_out
        .extend(foreign.iter().map(|patch| patch.path().to_owned()));
    let edits = made.iter().map(|patch| generated(engine, patch));
    let edits = edits.collect::<Result<Vec<_>>>()?;
    let names: Vec<_> = plain
        .iter()
        .map(|patch| (patch.old.as_deref(), patch.new.as_deref()))
        .collect();
    let roles = engine.roles(&names, &edits, step)?;
    if made.is_empty() && owners.is_empty() && roles.iter().all(|role| matches!(role, Role::Out)) {
        return Ok(!step.ignored.is_empty());
    }
    let foreign: Vec<_> = step
        .left_out
        .iter()
        .filter(|path| !engine.excludes(path))
        .collect();
    if !foreign.is_empty() && !engine.skips_foreign() {
        let paths = foreign.into_iter().cloned().collect();
        return Err(ImportError::Foreign { paths }.into());
    }

    let mut ours = Vec::new();
    for (patch, role) in plain.iter().zip(&roles) {
        if let Role::Ours(old, new) = role {
            if let Some(what) = patch.oddity() {
                let path = patch.path().to_owned();
                return Err(ImportError::NotAFile { path, what }.into());
            }
            ours.push((patch, old.as_ref(), new.as_ref()));
        }
    }
    apply_ours(engine, &ours, step)?;
    engine.generated(&edits, step)?;
    for patch in &owners {
        sections::check(engine, patch)?;
    }
    Ok(true)
}

type Ours<'a> = (&'a FilePatch, Option<&'a Spot>, Option<&'a Spot>);

fn apply_ours(engine: &mut Engine<'_>, ours: &[Ours<'_>], step: &mut ImportStep) -> Result<()> {
    let mut text = Vec::new();
    for (patch, old, new) in ours {
        let source = |spot: &Option<&Spot>| spot.map(|spot| spot.source.clone());
        let (from, to) = (source(old), source(new));
        patch.write(from.as_deref(), to.as_deref(), &mut text);
        for spot in old.iter().chain(new) {
            if let Some(file) = engine.committed.get(&spot.source).cloned() {
                engine.stage.set(&spot.source, file.as_ref())?;
            }
            engine.stage.note(&spot.source);
        }
    }
    if ours.is_empty() {
        return Ok(());
    }
    let missing = ours
        .iter()
        .any(|(_, old, _)| old.is_some_and(|spot| spot.source.is_empty()));
    let done = !missing && run_apply(engine, &text)?;
    if !done {
        // Another try may have left marks in the copy.
        engine.stage.check_out()?;
        let mut left = Vec::new();
        for patch in ours {
            if !is_there(engine, patch)? {
                left.push(*patch);
            }
        }
        return match left.len() < ours.len() {
            true => apply_ours(engine, &left, step),
            false => Err(rejected(engine, ours)?),
        };
    }
    for (patch, old, new) in ours {
        if let Some(spot) = new {
            check_text(&spot.path, engine.stage.read(&spot.source)?.as_ref())?;
        }
        let files = match (old, new) {
            (None, Some(new)) => moved(new, What::Added),
            (Some(old), None) => moved(old, What::Removed),
            (Some(old), Some(new)) if old.source != new.source && !patch.copy => {
                moved(new, What::Renamed(old.source.clone()))
            }
            (Some(old), Some(new)) if old.source != new.source => moved(new, What::Added),
            (_, Some(new)) => moved(new, What::Changed),
            (None, None) => continue,
        };
        step.files.push(files);
    }
    Ok(())
}

/// Whether git can apply `text` to the copy. It leaves the copy alone if it cannot; or with marks
/// of a conflict, after which no more is done with it.
fn run_apply(engine: &Engine<'_>, text: &[u8]) -> Result<bool> {
    let top = engine.stage.root();
    let Some(git) = engine.stage.git() else {
        let output = Git::outside(top).output(&["apply", "-"], Some(text))?;
        return Ok(output.status.success());
    };
    let prefix = format!("--directory={}", engine.stage.prefix());
    for arguments in [&["apply", "--index"][..], &["apply", "--index", "--3way"]] {
        let mut arguments = arguments.to_vec();
        if !engine.stage.prefix().is_empty() {
            arguments.push(&prefix);
        }
        arguments.push("-");
        engine.stage.refresh()?;
        if git.output(&arguments, Some(text))?.status.success() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A folder with the files that one part of a patch is about, and that part.
fn alone(engine: &Engine<'_>, (patch, old, new): &Ours<'_>) -> Result<(PathBuf, Vec<u8>)> {
    let folder = engine.stage.aside("alone")?;
    for spot in old.iter().chain(new) {
        let file = match spot.source.is_empty() {
            true => None,
            false => engine.stage.read(&spot.source)?,
        };
        if let Some(file) = file {
            put(&folder.join(&spot.source), &file)?;
        }
    }
    let mut text = Vec::new();
    patch.write(old.map(name_of), new.map(name_of), &mut text);
    Ok((folder, text))
}

fn name_of(spot: &Spot) -> &str {
    match spot.source.is_empty() {
        true => &spot.path,
        false => &spot.source,
    }
}

/// Whether the workspace has what this part of a patch would change.
fn is_there(engine: &Engine<'_>, ours: &Ours<'_>) -> Result<bool> {
    let (folder, text) = alone(engine, ours)?;
    let arguments = ["apply", "--check", "--reverse", "-"];
    let output = Git::outside(&folder).output(&arguments, Some(&text))?;
    Ok(output.status.success())
}

/// Which hunks of which files do not apply, told from one file at a time.
fn rejected(engine: &Engine<'_>, ours: &[Ours<'_>]) -> Result<Error> {
    let mut files = Vec::new();
    for ours @ (patch, old, new) in ours {
        let Some(spot) = new.or(*old) else {
            continue;
        };
        let (folder, text) = alone(engine, ours)?;
        let output = Git::outside(&folder).output(&["apply", "--reject", "-"], Some(&text))?;
        if output.status.success() {
            continue;
        }
        let reject = folder.join(format!("{}.rej", name_of(spot)));
        let hunks = read(&reject)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let total = patch
            .hunks
            .split(|&byte| byte == b'\n')
            .filter(|line| line.starts_with(b"@@ -"))
            .count();
        let (reason, text) = match hunks {
            Some(text) => {
                let count = text.lines().filter(|line| line.starts_with("@@ -")).count();
                let lines = text.lines().skip(1);
                let text: String = lines.map(|line| format!("{line}\n")).collect();
                (format!("rejected {count} of {total}"), text)
            }
            None => (words(&output.stderr), String::new()),
        };
        files.push(FileConflict {
            path: spot.path.clone(),
            source: spot.source.clone(),
            reason,
            text,
        });
    }
    Ok(ImportError::Rejected { files }.into())
}

/// What git's refusal of a single file comes to.
fn words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().find_map(|line| line.strip_prefix("error: "));
    let words = line.map(|line| line.rsplit(": ").next().unwrap_or(line));
    match words {
        Some("No such file or directory") => "there is no such file in the workspace".to_owned(),
        Some("already exists in working directory") => "it is there already".to_owned(),
        Some(words) => words.to_owned(),
        None => "git cannot apply it".to_owned(),
    }
}

/// What a patch makes of a generated file.
fn generated(engine: &Engine<'_>, patch: &FilePatch) -> Result<GeneratedChange> {
    let path = patch.path();
    let now = engine
        .flat
        .files
        .get(path)
        .map(|file| file.bytes().to_vec());
    let before = now.clone().unwrap_or_default();
    let folder = engine.stage.aside("generated")?;
    if let Some(bytes) = now {
        let executable = false;
        put(&folder.join(path), &File { bytes, executable })?;
    }
    let mut text = Vec::new();
    patch.write(patch.old.as_deref(), patch.new.as_deref(), &mut text);
    let git = Git::outside(&folder);
    if patch.oddity().is_none() {
        if git.output(&["apply", "-"], Some(&text))?.status.success() {
            return Ok(GeneratedChange {
                path: path.to_owned(),
                before,
                after: read(&folder.join(path))?.unwrap_or_default(),
            });
        }
        // The workspace may have moved on by the same change.
        if git
            .output(&["apply", "--check", "--reverse", "-"], Some(&text))?
            .status
            .success()
        {
            return Ok(GeneratedChange {
                path: path.to_owned(),
                after: before.clone(),
                before,
            });
        }
    }
    let hunks = String::from_utf8_lossy(&patch.hunks).into_owned();
    let changed = hunks.lines().filter(|line| line.starts_with(['+', '-']));
    let mut edit = engine.edit_of(path, &String::from_utf8_lossy(&before), "")?;
    edit.line = changed.clone().next().unwrap_or_default().to_owned();
    Err(ImportError::Generated { edits: vec![edit] }.into())
}
