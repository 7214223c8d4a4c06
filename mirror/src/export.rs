// SPDX-License-Identifier: GPL-2.0

//! `mirror export`: the workspace's commits as a series of mails against a kernel tree.
//!
//! Each commit is flattened, and what it changes there becomes a commit of a repository that lives
//! for a moment. Git makes the mails from that one, and `git am` is run on them, so that what a mail
//! would lose is found before it is sent.

mod cover;
mod error;
mod history;
mod scratch;
mod scripts;
mod subject;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub use error::ExportError;
pub use scripts::{Complaint, Recipients};

use crate::digest::is_executable;
use crate::disk::{exists, mode, read, Disk};
use crate::error::{Error, Result};
use crate::flatten::FlatFile;
use crate::git::Git;
use crate::maintainers::{Region, MAINTAINERS};
use crate::tree::Tree;

use history::{Change, Commit, History};
use scratch::{Blob, Files, Scratch, Sender, BASE, SERIES};

/// What is to be exported, and how.
#[derive(Clone, Debug)]
pub struct ExportOptions {
    /// The commit to begin after.
    pub since: String,
    /// The commit to end with.
    pub to: String,
    /// The version of the series, if not the first.
    pub version: Option<u32>,
    /// Whether a letter comes before the patches.
    pub cover_letter: bool,
    /// The letter's subject; otherwise it names what the series touches.
    pub title: Option<String>,
    /// What the letter says first.
    pub blurb: Option<String>,
    /// Adds the committer's sign-off to each patch that lacks it.
    pub signoff: bool,
    /// Runs the tree's `scripts/checkpatch.pl`.
    pub checkpatch: bool,
}

impl ExportOptions {
    /// All commits after `since`.
    pub fn since(since: impl Into<String>) -> Self {
        Self {
            since: since.into(),
            to: "HEAD".to_owned(),
            version: None,
            cover_letter: true,
            title: None,
            blurb: None,
            signoff: false,
            checkpatch: true,
        }
    }
}

/// A mail.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mail {
    /// The name of its file.
    pub name: String,
    /// Its subject, without what is in brackets.
    pub subject: String,
    /// The whole of it.
    pub bytes: Vec<u8>,
}

/// How the files that a series changes are in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// As they were before the series, or near enough for each patch to apply.
    Applies,
    /// As they are after it.
    Applied,
}

/// A commit that is no part of the series, since it changes no file of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Its abbreviated name.
    pub commit: String,
    /// Its subject.
    pub subject: String,
}

/// Mails that bring commits of the workspace into a kernel tree.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Series {
    /// The mails in order, the cover letter first. None, when no commit changes a tree.
    pub mails: Vec<Mail>,
    /// Who gets them.
    pub recipients: Recipients,
    /// The commits that are no part of it.
    pub skipped: Vec<Skipped>,
    /// How the series fits the tree, when there is one.
    pub fit: Option<Fit>,
    /// What the tree's checkpatch says; none when it was not asked.
    pub complaints: Option<Vec<Complaint>>,
    /// Whether the workspace has changes that no commit has.
    pub uncommitted: bool,
}

impl Series {
    /// How many of [`complaints`](Self::complaints) are errors.
    pub fn errors(&self) -> usize {
        let complaints = self.complaints.iter().flatten();
        complaints.filter(|complaint| complaint.is_error).count()
    }

    /// Writes the mails to the folder `dir`, which is not there yet, or empty: all of them, or none.
    ///
    /// # Errors
    ///
    /// [`ExportError::InTheWay`], and [`Error::Io`].
    pub fn write(&self, disk: &Disk, dir: &Path) -> Result<()> {
        let in_the_way = || ExportError::InTheWay {
            path: dir.to_owned(),
        };
        check_free(dir)?;
        let dir = match dir.canonicalize() {
            Ok(dir) => dir,
            Err(_) => dir.to_owned(),
        };
        let (Some(parent), Some(name)) = (dir.parent(), dir.file_name()) else {
            return Err(in_the_way().into());
        };
        let parent = match parent.as_os_str().is_empty() {
            true => Path::new("."),
            false => parent,
        };
        disk.create_folders(parent)?;
        let name = name.to_string_lossy();
        // What a run that was killed left there goes with the next one.
        let draft = parent.join(format!(".{name}.mirror-export"));
        let write = || {
            disk.remove_own_folder(&draft)?;
            disk.create_folders(&draft)?;
            for mail in &self.mails {
                disk.write(&draft.join(&mail.name), &mail.bytes, 0o644)?;
            }
            for mail in &self.mails {
                disk.sync(&draft.join(&mail.name))?;
            }
            disk.sync(&draft)?;
            disk.rename(&draft, &dir)?;
            disk.sync(parent)
        };
        write().inspect_err(|_| {
            let _ = disk.remove_own_folder(&draft);
        })
    }
}

/// Whether mails can go to `dir`.
///
/// # Errors
///
/// [`ExportError::InTheWay`] when it is there and not an empty folder.
pub fn check_free(dir: &Path) -> Result<()> {
    let is_empty = || fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    if exists(dir) && !is_empty() {
        let path = dir.to_owned();
        return Err(ExportError::InTheWay { path }.into());
    }
    Ok(())
}

/// Makes mails of commits of the workspace that `dir` is in, one a commit.
///
/// With a `tree`, they are for that one: they apply to it, its MAINTAINERS names who gets them, and
/// its checkpatch looks at them. It is read only.
///
/// # Errors
///
/// [`ExportError`] when the commits are no series, when a mail would not carry all of a commit, and
/// when the mails do not apply to the tree; [`Error::Git`].
pub fn export(dir: &Path, tree: Option<&Tree>, options: &ExportOptions) -> Result<Series> {
    let repository = Git::new(dir);
    let history = History::read(dir, &options.since, &options.to)?;
    let mut series = Series {
        uncommitted: !repository
            .run(&["status", "--porcelain", "--", "."])?
            .is_empty(),
        ..Series::default()
    };
    let maintainers = Maintainers::of(tree, &history)?;
    let (changes, rest): (Vec<&Change>, Vec<&Change>) =
        history.changes.iter().partition(|change| {
            let mut files = change.files.iter();
            files.any(|(path, _)| path != MAINTAINERS || maintainers.is_some())
        });
    let skipped = history.skipped.iter();
    let skipped = skipped.chain(rest.iter().map(|change| &change.commit));
    series.skipped.extend(skipped.map(|commit| Skipped {
        commit: commit.id.clone(),
        subject: commit.subject.clone(),
    }));
    if changes.is_empty() {
        return Ok(series);
    }

    let sender = Sender::of(&repository)?;
    let scratch = Scratch::new(&sender)?;
    let commits = commits(
        &scratch,
        &sender,
        &changes,
        maintainers.as_ref(),
        options.signoff,
    )?;
    let before = history.before.flat.files.iter();
    let before = before.filter(|(path, _)| *path != MAINTAINERS);
    let mut before: BTreeMap<&str, Blob<'_>> = before
        .map(|(path, file)| (path.as_str(), Blob::of(file)))
        .collect();
    before.extend(
        maintainers
            .as_ref()
            .map(|file| (MAINTAINERS, Blob::plain(&file.before))),
    );
    scratch.base(BASE, before.iter().map(|(path, blob)| (*path, *blob)))?;
    scratch.series(&commits)?;

    let mut arguments = arguments(options);
    if options.cover_letter {
        let letter = cover::letter(&history, &changes, tree, options);
        let key = format!("branch.{SERIES}.description");
        scratch.git().run(&["config", &key, &letter])?;
    }
    let mails = scratch.mails(&arguments)?;
    let patches = &mails[usize::from(options.cover_letter).min(mails.len())..];
    survives_mail(&scratch, &changes, patches)?;
    if let Some(tree) = tree {
        series.fit = Some(fit(&scratch, tree, &before, &commits, patches)?);
    }
    let asked = match tree {
        Some(tree) => scripts::recipients(tree, patches)?,
        None => None,
    };
    series.recipients = asked.unwrap_or_else(|| by_manifests(&history, &changes));
    let Recipients { to, cc } = &series.recipients;
    arguments.extend(to.iter().map(|who| format!("--to={who}")));
    arguments.extend(cc.iter().map(|who| format!("--cc={who}")));
    let mails = scratch.mails(&arguments)?;
    if let (Some(tree), true) = (tree, options.checkpatch) {
        series.complaints = scripts::complaints(tree, &mails)?;
    }
    let subjects = commits.iter().map(|(_, message, _)| {
        let subject = message.lines().next().unwrap_or_default();
        subject.to_owned()
    });
    let title = options
        .cover_letter
        .then(|| cover::title(&changes, options));
    for (path, subject) in mails.iter().zip(title.into_iter().chain(subjects)) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        series.mails.push(Mail {
            name: name.into_owned(),
            subject,
            bytes: fs::read(path).map_err(Error::io("read", path))?,
        });
    }
    Ok(series)
}

fn arguments(options: &ExportOptions) -> Vec<String> {
    let mut arguments = Vec::new();
    if options.cover_letter {
        arguments.push("--cover-letter".to_owned());
        arguments.push("--cover-from-description=subject".to_owned());
    }
    if let Some(version) = options.version {
        arguments.push(format!("--reroll-count={version}"));
    }
    arguments
}

/// The tree's MAINTAINERS before the series, and after each of its commits that changes it.
struct Maintainers {
    before: Vec<u8>,
    after: BTreeMap<String, Vec<u8>>,
}

impl Maintainers {
    /// None where the tree is not known, or has no entries of the crates.
    fn of(tree: Option<&Tree>, history: &History) -> Result<Option<Self>> {
        let Some(tree) = tree else {
            return Ok(None);
        };
        let file = read(&tree.path(MAINTAINERS))?.unwrap_or_default();
        if Region::find(&file).is_empty() {
            return Ok(None);
        }
        let with = |region: Option<&FlatFile>| {
            let region = region.map_or(&b""[..], |file| file.bytes());
            Region::splice(&file, region).unwrap_or_default()
        };
        let after = history.changes.iter().filter_map(|change| {
            let mut files = change.files.iter();
            let (_, region) = files.find(|(path, _)| path == MAINTAINERS)?;
            Some((change.commit.id.clone(), with(region.as_ref())))
        });
        Ok(Some(Self {
            before: with(history.before.flat.files.get(MAINTAINERS)),
            after: after.collect(),
        }))
    }
}

/// The commits of the series: whose, what they say, and what they change.
fn commits<'a>(
    scratch: &Scratch,
    sender: &Sender,
    changes: &[&'a Change],
    maintainers: Option<&'a Maintainers>,
    signoff: bool,
) -> Result<Vec<(&'a Commit, String, Files<'a>)>> {
    let mut commits = Vec::new();
    for &change in changes {
        let commit = &change.commit;
        let message = commit.message.trim_start();
        // The first paragraph is the subject, be it of several lines.
        let body = message.split_once("\n\n").map_or("", |(_, body)| body);
        let body = body.trim_start_matches('\n');
        let subject = change.topic.subject(&commit.subject);
        let mut message = format!("{subject}\n\n{body}").trim_end().to_owned() + "\n";
        if signoff {
            let trailer = format!("Signed-off-by: {} <{}>", sender.name, sender.address);
            let arguments = [
                "interpret-trailers",
                "--no-divider",
                "--if-exists=addIfDifferent",
                "--trailer",
                &trailer,
            ];
            let signed = scratch.git().bytes(&arguments, Some(message.as_bytes()))?;
            message = String::from_utf8_lossy(&signed).into_owned();
        }
        let files = change.files.iter();
        let files = files.filter(|(path, _)| path != MAINTAINERS);
        let mut files: Files<'_> = files
            .map(|(path, file)| (path.as_str(), file.as_ref().map(Blob::of)))
            .collect();
        let file = maintainers.and_then(|maintainers| maintainers.after.get(&commit.id));
        files.extend(file.map(|bytes| (MAINTAINERS, Some(Blob::plain(bytes)))));
        commits.push((commit, message, files));
    }
    Ok(commits)
}

/// Fails unless `git am` makes of `patches` the very commits that they are from.
fn survives_mail(scratch: &Scratch, changes: &[&Change], patches: &[PathBuf]) -> Result<()> {
    let result = scratch.am(BASE, patches)?;
    let wanted = scratch.summaries(&format!("{BASE}..{SERIES}"))?;
    let got = scratch.summaries(&format!("{BASE}..HEAD"))?;
    let (failed, reason) = match &result {
        Ok(()) => (None, ""),
        Err((at, reason)) => (Some(*at), reason.as_str()),
    };
    for (at, ((change, wanted), patch)) in changes.iter().zip(&wanted).zip(patches).enumerate() {
        let got = got.get(at);
        if failed != Some(at) && got == Some(wanted) {
            continue;
        }
        let (reason, advice) = scratch::culprit(wanted, got, patch, reason);
        return Err(ExportError::Unmailable {
            commit: change.commit.id.clone(),
            subject: change.commit.subject.clone(),
            reason,
            advice,
        }
        .into());
    }
    Ok(())
}

/// Whether the series fits the files as they are in `tree`.
fn fit(
    scratch: &Scratch,
    tree: &Tree,
    before: &BTreeMap<&str, Blob<'_>>,
    commits: &[(&Commit, String, Files<'_>)],
    patches: &[PathBuf],
) -> Result<Fit> {
    const TREE: &str = "tree";
    let mut after: BTreeMap<&str, Option<Blob<'_>>> = BTreeMap::new();
    for (_, _, files) in commits {
        after.extend(files.iter().copied());
    }
    let mut there = BTreeMap::new();
    for path in after.keys() {
        let file = tree.path(path);
        if let Some(bytes) = read(&file)? {
            let metadata = file.metadata().map_err(Error::io("read", &file))?;
            there.insert(*path, (bytes, is_executable(mode(&metadata))));
        }
    }
    let there: BTreeMap<&str, Blob<'_>> = there
        .iter()
        .map(|(path, &(ref bytes, executable))| (*path, Blob { bytes, executable }))
        .collect();
    let is_there = |path: &str, blob: Option<&Blob<'_>>| there.get(path) == blob;
    if after.keys().all(|path| is_there(path, before.get(path))) {
        return Ok(Fit::Applies);
    }
    if after
        .iter()
        .all(|(path, blob)| is_there(path, blob.as_ref()))
    {
        return Ok(Fit::Applied);
    }
    scratch.base(TREE, there)?;
    scratch.am(TREE, patches)?.map_err(|(at, reason)| {
        let patch = patches.get(at).and_then(|patch| patch.file_name());
        ExportError::DoesNotApply {
            tree: tree.root().to_owned(),
            patch: patch.unwrap_or_default().to_string_lossy().into_owned(),
            reason,
        }
    })?;
    Ok(Fit::Applies)
}

/// Who the manifests say looks after the crates that the series touches.
fn by_manifests(history: &History, changes: &[&Change]) -> Recipients {
    let packages = || {
        let snapshots = [&history.before, &history.after];
        let packages = snapshots.into_iter().flat_map(|s| &s.packages);
        packages.filter(|p| changes.iter().any(|c| c.topic.crates.contains(&p.name)))
    };
    Recipients {
        to: packages().flat_map(|p| p.maintainers.clone()).collect(),
        cc: packages().flat_map(|p| p.lists.clone()).collect(),
    }
}
