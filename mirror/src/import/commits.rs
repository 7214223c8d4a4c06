// SPDX-License-Identifier: GPL-2.0

//! Imports that become commits, and the commits of a tree's repository as such.

use crate::error::{Error, Result};
use crate::git::Git;
use crate::maintainers::MAINTAINERS;
use crate::tree::Tree;

use super::engine::{Before, Change, Engine};
use super::repository::{of_tree, Repository};
use super::sections::own_part;
use super::stage::{File, Stage};
use super::{files, ImportError, ImportStep, Imported, Importer};

/// A commit's words, apart from its files.
pub(crate) struct Words {
    /// The bytes of its `author` line and of those that follow the committer's, such as `encoding`.
    author: Vec<u8>,
    encoding: Option<Vec<u8>>,
    message: Vec<u8>,
}

/// Commits that are being made on a copy of the workspace.
pub(crate) struct Series<'a> {
    pub(crate) engine: Engine<'a>,
    repository: &'a Repository<'a>,
    start: String,
    tip: String,
    imported: Imported,
}

/// Makes commits on a copy, and moves the workspace's branch to the last of them.
pub(crate) fn into_commits(
    importer: &Importer<'_>,
    make: impl FnOnce(&mut Series<'_>) -> Result<()>,
) -> Result<Imported> {
    let workspace = importer.workspace;
    let _guard = files::lock(&workspace.root)?;
    let Some(repository) = Repository::find(workspace)? else {
        return Err(ImportError::NoRepository {
            path: workspace.root.clone(),
        }
        .into());
    };
    let start = repository.ready()?;
    let mut series = Series {
        engine: Engine::new(importer, Stage::of_commit(workspace, &start)?)?,
        repository: &repository,
        tip: start.clone(),
        start,
        imported: Imported {
            as_commits: true,
            branch: repository.branch(),
            ..Imported::default()
        },
    };
    make(&mut series)?;
    let Series {
        start,
        tip,
        imported,
        ..
    } = series;
    if tip != start {
        repository.forward(&start, &tip, importer.options.dry_run)?;
    }
    Ok(imported)
}

impl Series<'_> {
    /// Makes a commit of what was changed on the copy; none if that comes to nothing.
    pub(crate) fn commit(&mut self, words: &Words, mut step: ImportStep) -> Result<()> {
        let before = self.engine.stage.tree().to_owned();
        let tree = self.engine.stage.write_tree()?;
        if tree == before {
            step.skipped = Some(match step.left_out.is_empty() {
                true => "in the workspace already",
                false => "nothing in it is the crates'",
            });
            step.files.clear();
            self.imported.steps.push(step);
            return Ok(());
        }
        let git = self.repository.git();
        let committer = git.run(&["var", "GIT_COMMITTER_IDENT"])?;
        let mut text = format!("tree {tree}\nparent {}\n", self.tip).into_bytes();
        text.extend_from_slice(b"author ");
        text.extend_from_slice(&words.author);
        text.extend_from_slice(format!("\ncommitter {committer}\n").as_bytes());
        if let Some(encoding) = &words.encoding {
            text.extend_from_slice(b"encoding ");
            text.extend_from_slice(encoding);
            text.push(b'\n');
        }
        text.push(b'\n');
        text.extend_from_slice(&words.message);
        let id = git.bytes(
            &["hash-object", "-t", "commit", "-w", "--stdin"],
            Some(&text),
        )?;
        self.tip = String::from_utf8_lossy(&id).trim().to_owned();
        step.commit = Some(self.tip.clone());
        self.imported.steps.push(step);
        Ok(())
    }

    /// Takes note of a patch or commit from which nothing comes.
    pub(crate) fn skip(&mut self, mut step: ImportStep, why: &'static str) {
        step.skipped = Some(why);
        self.imported.steps.push(step);
    }

    pub(crate) fn git(&self) -> &Git {
        self.repository.git()
    }
}

impl Words {
    /// Those of a commit, from its raw text.
    fn of_commit(raw: &[u8]) -> Self {
        let end = raw.windows(2).position(|part| part == b"\n\n");
        let (head, message) = raw.split_at(end.unwrap_or(raw.len()));
        let field = |name: &[u8]| {
            let mut lines = head.split(|&byte| byte == b'\n');
            lines
                .find_map(|line| line.strip_prefix(name))
                .map(<[u8]>::to_vec)
        };
        Self {
            author: field(b"author ").unwrap_or_default(),
            encoding: field(b"encoding "),
            message: message.get(2..).unwrap_or_default().to_vec(),
        }
    }

    /// Those of a mail.
    pub(crate) fn new(author: Vec<u8>, message: Vec<u8>) -> Self {
        Self {
            author,
            encoding: None,
            message,
        }
    }

    /// The first line of the message.
    pub(crate) fn subject(&self) -> String {
        let line = self.message.split(|&byte| byte == b'\n').next();
        String::from_utf8_lossy(line.unwrap_or_default()).into_owned()
    }
}

pub(crate) fn commits(importer: &Importer<'_>, tree: &Tree, range: &str) -> Result<Imported> {
    let (git, prefix) = of_tree(tree.root())?;
    let ids = list(&git, range)?;
    into_commits(importer, |series| {
        let total = ids.len();
        for (at, ids) in ids.iter().enumerate() {
            let Some(id) = ids.first() else {
                continue;
            };
            let words = Words::of_commit(&git.bytes(&["cat-file", "commit", id], None)?);
            let subject = match words.encoding {
                Some(_) => git.run(&["show", "--no-patch", "--format=%s", id])?,
                None => words.subject(),
            };
            let within = |cause: Error| ImportError::In {
                step: format!("commit {} of {total}, {} ({subject})", at + 1, short(id)),
                cause: Box::new(cause),
            };
            one(series, &git, &prefix, ids, &words, &subject).map_err(within)?;
        }
        Ok(())
    })
}

/// The commits of a range with their parents, the oldest first.
fn list(git: &Git, range: &str) -> Result<Vec<Vec<String>>> {
    let wrong = |reason: &str| ImportError::Range {
        range: range.to_owned(),
        reason: reason.to_owned(),
    };
    if range.starts_with('-') || range.contains(char::is_whitespace) {
        return Err(wrong("not a range of commits").into());
    }
    let Some((first, _)) = range
        .split_once("..")
        .filter(|(_, last)| !last.starts_with('.'))
    else {
        return Err(wrong("not a range of commits").into());
    };
    if first.is_empty() {
        return Err(wrong("it has no beginning").into());
    }
    let arguments = [
        "rev-list",
        "--reverse",
        "--topo-order",
        "--parents",
        range,
        "--",
    ];
    let listed = git.run(&arguments).map_err(|error| match error {
        Error::Git { reason, .. } if reason.starts_with("bad revision") => {
            wrong("there are no such commits").into()
        }
        error => error,
    })?;
    let line = |line: &str| line.split(' ').map(str::to_owned).collect();
    let commits: Vec<_> = listed.lines().map(line).collect();
    if commits.is_empty() {
        return Err(wrong("no commit is in it").into());
    }
    Ok(commits)
}

fn one(
    series: &mut Series<'_>,
    git: &Git,
    prefix: &str,
    ids: &[String],
    words: &Words,
    subject: &str,
) -> Result<()> {
    let ([id, _] | [id]) = ids else {
        return Err(ImportError::Merge.into());
    };
    let mut step = ImportStep {
        subject: Some(subject.to_owned()),
        ..ImportStep::default()
    };
    let changes = changes(series, git, prefix, id, &mut step)?;
    if changes.is_empty() {
        series.skip(step, "nothing in it is the crates'");
        return Ok(());
    }
    let no_base = |_: &str, _: &_| Ok(None);
    series.engine.change(&changes, &no_base, &mut step)?;
    series.commit(words, step)
}

/// What a commit changes.
fn changes(
    series: &Series<'_>,
    git: &Git,
    prefix: &str,
    id: &str,
    step: &mut ImportStep,
) -> Result<Vec<Change>> {
    let arguments = [
        "diff-tree",
        "--root",
        "-r",
        "-z",
        "-M",
        "--raw",
        "--no-commit-id",
        id,
    ];
    let raw = git.bytes(&arguments, None)?;
    let mut fields = raw.split(|&byte| byte == 0);
    let mut changes = Vec::new();
    let mut foreign = Vec::new();
    while let Some(head) = fields.next().filter(|head| !head.is_empty()) {
        let head = String::from_utf8_lossy(head).into_owned();
        let head: Vec<_> = head.trim_start_matches(':').split(' ').collect();
        let [old_mode, new_mode, old_blob, new_blob, status] = head[..] else {
            continue;
        };
        let first = fields.next().unwrap_or_default();
        let second = match status.starts_with(['R', 'C']) {
            true => fields.next().unwrap_or_default(),
            false => first,
        };
        let shown = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        let mut own = |name: &[u8]| {
            let bare = name.strip_prefix(prefix.as_bytes());
            let bare = bare.filter(|bare| !series.engine.is_foreign(&shown(bare)));
            if bare.is_none() {
                foreign.push(shown(name));
            }
            bare.map(<[u8]>::to_vec)
        };
        // The source of a copy stays as it is.
        let is_copy = status.starts_with('C');
        let from = if is_copy { None } else { own(first) };
        let to = if second == first {
            from.clone()
        } else {
            own(second)
        };
        let read = |name: Option<Vec<u8>>, mode: &str, blob: &str| -> Result<_> {
            let Some(name) = name.filter(|_| mode != "000000") else {
                return Ok(None);
            };
            let path = crate::map::check_name(&name).map_err(|reason| ImportError::Name {
                path: shown(&name),
                reason,
            })?;
            let what = match mode {
                "120000" => Some("a symbolic link"),
                "160000" => Some("a submodule"),
                _ => None,
            };
            if let Some(what) = what {
                let path = path.to_owned();
                return Err(ImportError::NotAFile { path, what }.into());
            }
            let file = File {
                bytes: git.bytes(&["cat-file", "blob", blob], None)?,
                executable: mode == "100755",
            };
            Ok(Some((path.to_owned(), own_part(path, file))))
        };
        let before = read(from, old_mode, old_blob)?;
        let after = read(to, new_mode, new_blob)?;
        if before.is_none() && after.is_none() {
            continue;
        }
        if second == [prefix.as_bytes(), MAINTAINERS.as_bytes()].concat() && before == after {
            // Other people's sections.
            foreign.push(shown(second));
            continue;
        }
        changes.push(Change {
            old: before.as_ref().map(|(name, _)| name.clone()),
            new: after.as_ref().map(|(name, _)| name.clone()),
            before: before.map(|(_, file)| Before::File(file)),
            after: after.map(|(_, file)| file),
        });
    }
    let wanted: Vec<_> = foreign
        .iter()
        .filter(|path| !series.engine.excludes(path))
        .collect();
    if !changes.is_empty() && !wanted.is_empty() && !series.engine.skips_foreign() {
        let paths = wanted.into_iter().cloned().collect();
        return Err(ImportError::Foreign { paths }.into());
    }
    step.left_out.extend(foreign);
    Ok(changes)
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
