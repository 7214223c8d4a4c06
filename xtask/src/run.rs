// SPDX-License-Identifier: GPL-2.0

//! Running the programs that a step consists of: progress while it lasts, and, when it fails, the
//! command, the last lines it printed and where the rest is.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

/// How many of its last lines a failing command shows.
const TAIL: usize = 15;

/// How long a step may be silent before it says that it is still at work, where there is no terminal.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// A command that ended with a status other than 0.
#[derive(Debug)]
pub(crate) struct Failed {
    command: String,
    status: String,
    tail: Vec<String>,
    log: PathBuf,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "command failed: {}", self.status)?;
        writeln!(f, "  command: {}", self.command)?;
        for line in &self.tail {
            writeln!(f, "  | {line}")?;
        }
        write!(f, "  whole log: {}", self.log.display())
    }
}

impl std::error::Error for Failed {}

thread_local! {
    /// Whether steps of this thread are shown.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` with its steps not shown: those of another thread are.
pub(crate) fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let before = QUIET.replace(true);
    let result = work();
    QUIET.set(before);
    result
}

/// The state of one long step on the terminal.
pub(crate) struct Progress {
    name: String,
    bar: ProgressBar,
    start: Instant,
    last: Instant,
    lines: usize,
    quiet: bool,
}

impl Progress {
    pub(crate) fn new(name: &str) -> Self {
        let quiet = QUIET.get();
        let bar = if quiet {
            ProgressBar::hidden()
        } else if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new_spinner();
            bar.set_style(
                ProgressStyle::with_template("{spinner} {prefix} [{elapsed}] {wide_msg}")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner()),
            );
            bar.set_prefix(name.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        } else {
            eprintln!("==> {name}");
            ProgressBar::hidden()
        };
        let now = Instant::now();
        Self {
            name: name.to_owned(),
            bar,
            start: now,
            last: now,
            lines: 0,
            quiet,
        }
    }

    /// Counts a line of output and shows it.
    pub(crate) fn line(&mut self, line: &str) {
        self.lines += 1;
        self.bar.set_message(line.trim().to_owned());
        self.beat(&format!(", {} lines: {}", self.lines, line.trim()));
    }

    /// Says that the step is still at work, where there is no terminal, and how far it is.
    fn beat(&mut self, how_far: &str) {
        if !self.quiet && self.bar.is_hidden() && self.last.elapsed() > HEARTBEAT {
            eprintln!("    … {} s{how_far}", self.start.elapsed().as_secs());
            self.last = Instant::now();
        }
    }

    /// Ends the step with what it came to.
    pub(crate) fn done(self, outcome: &str) {
        let hidden = self.bar.is_hidden();
        self.bar.finish_and_clear();
        let seconds = self.start.elapsed().as_secs_f32();
        if self.quiet {
            return;
        }
        if hidden {
            eprintln!("    {outcome} ({seconds:.1} s)");
        } else {
            eprintln!("==> {}: {outcome} ({seconds:.1} s)", self.name);
        }
    }
}

/// Waits for what another thread sends, as the step `name`; `None` when it ended without.
pub(crate) fn wait<T>(name: &str, from: &Receiver<T>) -> Option<T> {
    let mut progress = Progress::new(name);
    let sent = loop {
        match from.recv_timeout(Duration::from_millis(100)) {
            Ok(sent) => break Some(sent),
            Err(RecvTimeoutError::Disconnected) => break None,
            Err(RecvTimeoutError::Timeout) => progress.beat(""),
        }
    };
    progress.done("done");
    sent
}

/// Runs `command` as the step `name`, with everything it prints in `log`, and returns what it printed.
///
/// # Errors
///
/// [`Failed`] when it ends with another status than 0.
pub(crate) fn step(name: &str, command: &mut Command, log: &Path) -> Result<String> {
    let (text, success) = run(name, command, log)?;
    success.map_err(anyhow::Error::from)?;
    Ok(text)
}

/// Like [`step`], but leaves what a bad status means to the caller.
pub(crate) fn run(
    name: &str,
    command: &mut Command,
    log: &Path,
) -> Result<(String, Result<(), Failed>)> {
    if let Some(parent) = log.parent() {
        fs::create_dir_all(parent).with_context(|| format!("{}", parent.display()))?;
    }
    let mut file = File::create(log).with_context(|| format!("{}", log.display()))?;
    let shown = show(command);
    writeln!(file, "$ {shown}")?;

    let (reader, writer) = std::io::pipe()?;
    command
        .stdin(std::process::Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let mut progress = Progress::new(name);
    let mut child = command
        .spawn()
        .with_context(|| format!("can't start `{}`", command.get_program().to_string_lossy()))?;
    // The pipe's writing end lives on in `command`; the reader would wait for it for ever.
    command
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());

    let mut text = String::new();
    let mut tail = VecDeque::with_capacity(TAIL);
    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        file.write_all(&bytes)?;
        let line = String::from_utf8_lossy(&bytes);
        progress.line(&line);
        if tail.len() == TAIL {
            tail.pop_front();
        }
        tail.push_back(line.trim_end().to_owned());
        text.push_str(&line);
        bytes.clear();
    }
    let status = child.wait()?;
    progress.done(if status.success() { "done" } else { "failed" });
    let result = if status.success() {
        Ok(())
    } else {
        Err(Failed {
            command: shown,
            status: status.to_string(),
            tail: tail.into(),
            log: log.to_owned(),
        })
    };
    Ok((text, result))
}

/// Runs a short command and returns its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let out = command
        .stdin(std::process::Stdio::null())
        .output()
        .with_context(|| format!("can't start `{}`", command.get_program().to_string_lossy()))?;
    anyhow::ensure!(
        out.status.success(),
        "`{}` failed ({}): {}",
        show(command),
        out.status,
        String::from_utf8_lossy(&out.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// The command as one would type it.
pub(crate) fn show(command: &Command) -> String {
    let quote = |s: &std::ffi::OsStr| {
        let s = s.to_string_lossy();
        if !s.is_empty()
            && s.chars()
                .all(|c| c.is_alphanumeric() || "-_=./,:+@%".contains(c))
        {
            s.into_owned()
        } else {
            format!("'{}'", s.replace('\'', r"'\''"))
        }
    };
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(quote)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_shows_its_command_last_lines_and_log() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("step.log");
        let error = step(
            "a step",
            Command::new("sh").args(["-c", "seq 1 40; echo last >&2; exit 3"]),
            &log,
        )
        .unwrap_err()
        .to_string();
        assert!(error.contains("exit status: 3"), "{error}");
        assert!(
            error.contains("sh -c 'seq 1 40; echo last >&2; exit 3'"),
            "{error}"
        );
        assert!(error.contains("| 40\n"), "{error}");
        assert!(error.contains("| last\n"), "{error}");
        assert!(!error.contains("| 12\n"), "{error}");
        assert!(error.contains(&log.display().to_string()), "{error}");
        assert!(fs::read_to_string(&log).unwrap().contains("\n12\n"));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = step(
            "a step",
            &mut Command::new("no-such-program"),
            &dir.path().join("log"),
        )
        .unwrap_err();
        assert!(format!("{error:#}").contains("no-such-program"));
    }
}
