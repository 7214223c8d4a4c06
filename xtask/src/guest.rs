// SPDX-License-Identifier: GPL-2.0

//! The guest's root: a busybox, our programs, the modules, and the scripts that exercise them, as an
//! initramfs.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{ensure, Context, Result};

use crate::kernel::Kernel;
use crate::programs;
use crate::table::table;

/// Runs in the guest as process 1: mounts what scripts need, runs each, and turns the machine off.
const INIT: &str = include_str!("../guest/init.sh");

/// Functions that each script may use.
const LIBRARY: &str = include_str!("../guest/lib.sh");

/// A module and the script that loads and exercises it.
#[derive(Clone, Debug)]
pub(crate) struct Exercise {
    /// What the results are filed under.
    pub(crate) name: String,
    /// Modules the script needs, by their paths on the host.
    pub(crate) modules: Vec<PathBuf>,
    /// The script's path on the host.
    pub(crate) script: PathBuf,
}

/// Writes an initramfs that runs `exercises`, which find `test_modules` there too, and returns its path.
pub(crate) fn pack(
    kernel: &Kernel<'_>,
    exercises: &[Exercise],
    test_modules: &[PathBuf],
) -> Result<PathBuf> {
    let stage = kernel.out().join("guest");
    let _ = fs::remove_dir_all(&stage);
    fs::create_dir_all(&stage).with_context(|| stage.display().to_string())?;
    fs::write(stage.join("init"), INIT)?;
    fs::write(stage.join("lib.sh"), LIBRARY)?;

    let mut list = String::new();
    for dir in [
        "/bin",
        "/dev",
        "/lib",
        "/lib/firmware",
        "/proc",
        "/sys",
        "/tmp",
        "/modules",
        "/exercises",
    ] {
        writeln!(list, "dir {dir} 0755 0 0")?;
    }
    writeln!(list, "nod /dev/console 0600 0 0 c 5 1")?;
    writeln!(list, "nod /dev/null 0666 0 0 c 1 3")?;
    writeln!(
        list,
        "file /bin/busybox {} 0755 0 0",
        kernel.tools.busybox.display()
    )?;
    writeln!(list, "slink /bin/sh busybox 0777 0 0")?;
    for program in programs::build(kernel.workspace)? {
        let name = file_name(&program)?;
        writeln!(list, "file /bin/{name} {} 0755 0 0", program.display())?;
    }
    writeln!(list, "file /init {} 0755 0 0", stage.join("init").display())?;
    writeln!(
        list,
        "file /lib.sh {} 0644 0 0",
        stage.join("lib.sh").display()
    )?;
    let modules = exercises.iter().flat_map(|exercise| &exercise.modules);
    for module in modules.chain(test_modules) {
        let name = file_name(module)?;
        writeln!(list, "file /modules/{name} {} 0644 0 0", module.display())?;
    }
    for exercise in exercises {
        writeln!(
            list,
            "file /exercises/{}.sh {} 0644 0 0",
            exercise.name,
            exercise.script.display()
        )?;
    }
    let spec = stage.join("list");
    fs::write(&spec, &list)?;

    // The kernel's own tool makes device nodes without being root.
    let archive = stage.join("initramfs.cpio");
    let generator = kernel.out().join("usr/gen_init_cpio");
    ensure!(
        generator.is_file(),
        "{} is missing: the configuration needs CONFIG_BLK_DEV_INITRD",
        generator.display()
    );
    let status = Command::new(&generator)
        .arg(&spec)
        .stdin(Stdio::null())
        .stdout(fs::File::create(&archive)?)
        .status()
        .with_context(|| generator.display().to_string())?;
    ensure!(
        status.success(),
        "{} failed on {}",
        generator.display(),
        spec.display()
    );
    Ok(archive)
}

fn file_name(path: &Path) -> Result<&str> {
    path.file_name()
        .and_then(|name| name.to_str())
        .with_context(|| format!("{} has no usable name", path.display()))
}

/// What a script in the guest reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exercised {
    pub(crate) name: String,
    /// Whether it came to its end, and each of its checks passed.
    pub(crate) passed: bool,
    /// Its checks: what was checked, and whether it held.
    pub(crate) checks: Vec<(String, bool)>,
    /// Whether its modules were loaded.
    pub(crate) loaded: bool,
    /// How many allocations were made to fail.
    pub(crate) faults: usize,
    /// One line on what the module did, for people.
    pub(crate) summary: String,
    /// What there is to look at besides.
    pub(crate) tables: Vec<Table>,
    /// Why it was not run.
    pub(crate) skipped: Option<String>,
}

/// A table that a script reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Lays it out.
    pub(crate) fn show(&self) -> String {
        let columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        table(&columns, &self.rows)
    }
}

/// Reads the scripts' reports out of a console log.
///
/// The lines are `@begin NAME`, `@loaded`, `@check ok|not TEXT`, `@faults NUMBER …`, `@summary TEXT`,
/// `@table NAME: COLUMN | …`, with its `@row CELL | …`, `@skip REASON` and `@end STATUS`.
pub(crate) fn reports(log: &str) -> Vec<Exercised> {
    let mut all: Vec<Exercised> = Vec::new();
    let mut open = false;
    for line in log.lines() {
        let Some((word, rest)) = line
            .trim_end()
            .strip_prefix('@')
            .map(|line| line.split_once(' ').unwrap_or((line, "")))
        else {
            continue;
        };
        match (word, all.last_mut().filter(|_| open)) {
            ("begin", _) => {
                all.push(Exercised {
                    name: rest.to_owned(),
                    ..Exercised::default()
                });
                open = true;
            }
            ("loaded", Some(report)) => report.loaded = true,
            ("check", Some(report)) => match rest.split_once(' ') {
                Some(("ok", what)) => report.checks.push((what.to_owned(), true)),
                Some((_, what)) => report.checks.push((what.to_owned(), false)),
                None => report.checks.push((rest.to_owned(), false)),
            },
            ("faults", Some(report)) => {
                let number = rest.split(' ').next().unwrap_or_default();
                report.faults += number.parse::<usize>().unwrap_or(0);
            }
            ("summary", Some(report)) => rest.clone_into(&mut report.summary),
            ("table", Some(report)) => {
                let (name, columns) = rest.split_once(": ").unwrap_or((rest, ""));
                report.tables.push(Table {
                    name: name.to_owned(),
                    columns: cells(columns),
                    rows: Vec::new(),
                });
            }
            ("row", Some(report)) => {
                if let Some(table) = report.tables.last_mut() {
                    let mut row = cells(rest);
                    row.resize(table.columns.len(), String::new());
                    table.rows.push(row);
                }
            }
            ("skip", Some(report)) => report.skipped = Some(rest.to_owned()),
            ("end", Some(report)) => {
                report.passed = rest == "0"
                    && report.skipped.is_none()
                    && !report.checks.is_empty()
                    && report.checks.iter().all(|(_, ok)| *ok);
                open = false;
            }
            _ => {}
        }
    }
    all
}

/// The cells of a table's line.
fn cells(line: &str) -> Vec<String> {
    line.split(" | ")
        .map(|cell| cell.trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_the_rows_that_follow_them() {
        let log =
            "@begin a\n@row lost\n@table t: step | times\n@row one | 1\n@check ok x\n@row two\n\
                   @table u: a\n@end 0\n";
        let reports = reports(log);
        let [t, u] = reports[0].tables.as_slice() else {
            panic!("{reports:?}");
        };
        assert_eq!((t.name.as_str(), t.columns.len()), ("t", 2));
        assert_eq!(t.rows, [["one", "1"], ["two", ""]]);
        assert!(u.rows.is_empty() && t.show().contains("times"));
    }

    #[test]
    fn a_script_passes_only_with_checks_that_all_hold_and_an_end() {
        let log = "@begin a\n@loaded\n@check ok one\nnoise\n@faults 12 3 x\n@faults 5 0 y\n@summary did it\n@end 0\n\
                   @begin b\n@check not two\n@end 0\n\
                   @begin c\n@end 0\n\
                   @begin d\n@check ok one\n";
        let reports = reports(log);
        let passed: Vec<bool> = reports.iter().map(|report| report.passed).collect();
        assert_eq!(passed, [true, false, false, false]);
        assert!(reports[0].loaded && !reports[1].loaded);
        assert_eq!(reports[0].summary, "did it");
        assert_eq!(reports[0].faults, 17);
        assert_eq!(reports[1].checks, [("two".to_owned(), false)]);
    }
}
