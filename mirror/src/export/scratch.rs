// SPDX-License-Identifier: GPL-2.0

//! A repository for a moment: the series as commits against a tree, from which git makes mails, and
//! where `git am` shows that they say all there is to say.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::history::Commit;
use crate::error::{Error, Result};
use crate::flatten::FlatFile;
use crate::git::Git;

/// A file's content, and whether it can be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Blob<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) executable: bool,
}

impl<'a> Blob<'a> {
    pub(crate) fn of(file: &'a FlatFile) -> Self {
        Self {
            bytes: file.bytes(),
            executable: file.is_executable(),
        }
    }

    pub(crate) fn plain(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            executable: false,
        }
    }
}

/// The files of a commit that differ from its parent's; none for a file that is removed.
pub(crate) type Files<'a> = Vec<(&'a str, Option<Blob<'a>>)>;

/// The branch of the tree before the series.
pub(crate) const BASE: &str = "base";
/// The branch of the series.
pub(crate) const SERIES: &str = "series";

pub(crate) struct Scratch {
    folder: TempDir,
    git: Git,
}

/// Who sends the mails, as git has it: `Name <address> seconds zone`.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(crate) name: String,
    pub(crate) address: String,
    date: String,
}

impl Sender {
    /// Whoever would be the committer in `repository`.
    pub(crate) fn of(repository: &Git) -> Result<Self> {
        let text = repository.run(&["var", "GIT_COMMITTER_IDENT"])?;
        let (name, rest) = text.split_once(" <").unwrap_or(("", &text));
        let (address, date) = rest.split_once("> ").unwrap_or((rest, ""));
        Ok(Self {
            name: name.to_owned(),
            address: address.to_owned(),
            date: date.to_owned(),
        })
    }
}

impl Scratch {
    pub(crate) fn new(sender: &Sender) -> Result<Self> {
        let folder = tempfile::tempdir().map_err(Error::io("create", &std::env::temp_dir()))?;
        let top = folder.path().to_string_lossy().into_owned();
        // Nobody's settings have a say in what a mail looks like.
        let git = Git::new(folder.path())
            .with("GIT_CONFIG_GLOBAL", "/dev/null")
            .with("GIT_CONFIG_SYSTEM", "/dev/null")
            .with("GIT_DIR", format!("{top}/.git"))
            .with("GIT_WORK_TREE", &*top)
            .with("GIT_INDEX_FILE", format!("{top}/.git/index"))
            .with("GIT_COMMITTER_NAME", &*sender.name)
            .with("GIT_COMMITTER_EMAIL", &*sender.address)
            .with("GIT_COMMITTER_DATE", &*sender.date);
        git.run(&["init", "--quiet", "--template=", "--initial-branch=none"])?;
        for (name, value) in [
            ("gc.auto", "0"),
            ("core.autocrlf", "false"),
            ("commit.gpgSign", "false"),
            // Beyond the abbreviations that a small repository finds unique.
            ("core.abbrev", "12"),
        ] {
            git.run(&["config", name, value])?;
        }
        Ok(Self { folder, git })
    }

    pub(crate) fn git(&self) -> &Git {
        &self.git
    }

    /// Makes the branch `name`, of one commit.
    pub(crate) fn base<'a>(
        &self,
        name: &str,
        files: impl IntoIterator<Item = (&'a str, Blob<'a>)>,
    ) -> Result<()> {
        let who = "mirror <mirror> 0 +0000";
        let files = files.into_iter().map(|(path, blob)| (path, Some(blob)));
        let mut stream = Stream::default();
        stream.commit(name, None, [who, who], "base\n", files);
        self.import(stream)
    }

    /// Makes the branch [`SERIES`] on top of [`BASE`].
    pub(crate) fn series(&self, commits: &[(&Commit, String, Files<'_>)]) -> Result<()> {
        let mut stream = Stream::default();
        for (at, (commit, message, files)) in commits.iter().enumerate() {
            let from = (at == 0).then_some(BASE);
            let who = [&*commit.author, &*commit.committer];
            stream.commit(SERIES, from, who, message, files.iter().copied());
        }
        self.import(stream)
    }

    fn import(&self, stream: Stream) -> Result<()> {
        let arguments = ["fast-import", "--quiet", "--date-format=raw"];
        self.git.bytes(&arguments, Some(&stream.0)).map(drop)
    }

    /// Lets git write the mails, and says which files they are, in order. Those that were there are
    /// written anew.
    pub(crate) fn mails(&self, options: &[String]) -> Result<Vec<PathBuf>> {
        let folder = self.folder.path().join(".git/mails");
        let _ = fs::remove_dir_all(&folder);
        let to = format!("--output-directory={}", folder.display());
        let range = format!("{BASE}..{SERIES}");
        let mut arguments = vec!["format-patch", "--quiet", "--no-signature", "-M", &to];
        arguments.extend(options.iter().map(String::as_str));
        arguments.push(&range);
        self.git.run(&arguments)?;
        let entries = fs::read_dir(&folder).map_err(Error::io("read", &folder))?;
        let mut mails = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(Error::io("read", &folder))?;
        mails.sort();
        Ok(mails)
    }

    /// Applies `patches` to the branch `base`, as the one who gets the mails does.
    ///
    /// # Errors
    ///
    /// The patch that does not apply, by its number from 0, and git's words about it.
    pub(crate) fn am(
        &self,
        base: &str,
        patches: &[PathBuf],
    ) -> Result<Result<(), (usize, String)>> {
        self.git
            .run(&["checkout", "--quiet", "--force", "--detach", base])?;
        for (at, patch) in patches.iter().enumerate() {
            let patch = patch.to_string_lossy();
            if let Err(error) = self.git.run(&["am", "--quiet", &patch]) {
                let Error::Git { reason, .. } = error else {
                    return Err(error);
                };
                let _ = self.git.run(&["am", "--abort"]);
                let lines = reason.lines().filter(|line| line.starts_with("error: "));
                let lines: Vec<_> = lines.map(|line| &line["error: ".len()..]).collect();
                let reason = match lines.is_empty() {
                    true => reason
                        .lines()
                        .find(|line| !line.starts_with("hint: "))
                        .unwrap_or_default()
                        .to_owned(),
                    false => lines.join("; "),
                };
                return Ok(Err((at, reason)));
            }
        }
        Ok(Ok(()))
    }

    /// What makes a commit what it is, for each commit of `range`.
    pub(crate) fn summaries(&self, range: &str) -> Result<Vec<Summary>> {
        let format = "--format=%T%x00%an <%ae> %ad%x00%B%x00%x00";
        let log = [
            "log",
            "--reverse",
            "--topo-order",
            "--date=raw",
            "--no-show-signature",
            format,
            range,
        ];
        let text = self.git.run(&log)?;
        let summaries = text.split("\0\0").filter_map(|text| {
            let mut parts = text.trim_start_matches('\n').splitn(3, '\0');
            Some(Summary {
                tree: parts.next()?.to_owned(),
                author: parts.next()?.to_owned(),
                message: tidy(parts.next()?),
            })
        });
        Ok(summaries.collect())
    }
}

/// A commit, as far as a mail carries it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) tree: String,
    pub(crate) author: String,
    pub(crate) message: String,
}

/// A message without the white space that git takes from it.
fn tidy(message: &str) -> String {
    let mut text = String::new();
    for line in message.lines().map(str::trim_end) {
        if !line.is_empty() || !(text.is_empty() || text.ends_with("\n\n")) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// What of a mail's content makes `git am` read it otherwise, in words.
pub(crate) fn culprit(
    wanted: &Summary,
    got: Option<&Summary>,
    mail: &Path,
    git: &str,
) -> (String, &'static str) {
    const REWORD: &str = "reword the commit: indent that line, say";
    let body = || wanted.message.lines().enumerate().skip(1);
    let break_at = body().find(|(_, line)| ends_message(line));
    if let Some((at, line)) = break_at {
        let reason = format!("line {} of its message, `{line}`, ends the message", at + 1);
        return (reason, REWORD);
    }
    if let Some((at, line)) = body().find(|(_, line)| line.starts_with("From ")) {
        let reason = format!("line {} of its message, `{line}`, begins a mail", at + 1);
        return (reason, REWORD);
    }
    if got.is_some_and(|got| got.author != wanted.author || got.message != wanted.message) {
        let first = body().find(|(_, line)| !line.is_empty());
        let (at, line) = first.unwrap_or((0, wanted.message.lines().next().unwrap_or_default()));
        let reason = format!(
            "its message is read otherwise, from line {} on: `{line}`",
            at + 1
        );
        return (reason, REWORD);
    }
    let mail = fs::read(mail).unwrap_or_default();
    if mail.windows(2).any(|pair| pair == b"\r\n") {
        return (
            "it has lines that end in CR LF, of which mail keeps LF".to_owned(),
            "the kernel's sources have no such lines: change them",
        );
    }
    let reason = match git {
        "" => "its files have another content".to_owned(),
        git => git.to_owned(),
    };
    (reason, "what a patch shows must be text")
}

/// Whether `git am` takes `line` for the beginning of the patch.
fn ends_message(line: &str) -> bool {
    match line.strip_prefix("---") {
        Some(rest) => {
            rest.trim().is_empty() || (rest.starts_with(' ') && !rest[1..].starts_with(' '))
        }
        None => line.starts_with("diff -") || line.starts_with("Index: "),
    }
}

/// The input of `git fast-import`.
#[derive(Default)]
struct Stream(Vec<u8>);

impl Stream {
    fn commit<'a>(
        &mut self,
        branch: &str,
        from: Option<&str>,
        [author, committer]: [&str; 2],
        message: &str,
        files: impl IntoIterator<Item = (&'a str, Option<Blob<'a>>)>,
    ) {
        self.line(&format!("commit refs/heads/{branch}"));
        self.line(&format!("author {author}"));
        self.line(&format!("committer {committer}"));
        self.data(message.as_bytes());
        if let Some(from) = from {
            self.line(&format!("from refs/heads/{from}"));
        }
        for (path, blob) in files {
            let path = quote(path);
            match blob {
                Some(blob) => {
                    let mode = if blob.executable { "100755" } else { "100644" };
                    self.line(&format!("M {mode} inline {path}"));
                    self.data(blob.bytes);
                }
                None => self.line(&format!("D {path}")),
            }
        }
        self.line("");
    }

    fn line(&mut self, line: &str) {
        self.0.extend_from_slice(line.as_bytes());
        self.0.push(b'\n');
    }

    fn data(&mut self, bytes: &[u8]) {
        self.line(&format!("data {}", bytes.len()));
        self.0.extend_from_slice(bytes);
        self.0.push(b'\n');
    }
}

/// A path as `git fast-import` reads any.
fn quote(path: &str) -> String {
    let path = path.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", path.replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_end_where_git_says() {
        for line in ["---", "---  ", "--- a/x", "diff --git a/x b/x", "Index: x"] {
            assert!(ends_message(line), "{line}");
        }
        for line in ["----", "-- ", "---x", " ---", "diffuse", "---  x"] {
            assert!(!ends_message(line), "{line}");
        }
    }

    #[test]
    fn white_space_of_messages() {
        assert_eq!(tidy("\na  \n\n\nb\n\n"), "a\n\nb");
    }
}
