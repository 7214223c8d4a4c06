// SPDX-License-Identifier: GPL-2.0

//! Measurements: ratios of two things that were measured side by side, in one run.

pub(crate) mod block;
pub(crate) mod check;
pub(crate) mod instructions;
pub(crate) mod mirror;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{ensure, Context, Result};
use clap::ValueEnum;

use crate::run::{output, show};
use crate::workspace::Workspace;

/// What to measure.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// Instructions of locks, counters and boxes, against the same loops in C.
    Primitives,
    /// Instructions of register accesses, interrupts and memory of a device, against the same in C.
    Hardware,
    /// Instructions of ioctls on buffers of Nova's DRM driver, against the same in C.
    Gem,
    /// What `mirror apply` costs, against rsync and git, and what Kbuild builds after it.
    Mirror,
    /// What reads and writes of null block devices take, ours and 7.2's own, against C's.
    Block,
    /// How long `cargo check` takes after a change, against Kbuild's build of the tree's crate.
    Check,
}

/// A copy of the workspace, as it was committed last.
fn copy(workspace: &Workspace, to: &Path) -> Result<()> {
    output(
        Command::new("git")
            .args(["clone", "--quiet", "--shared"])
            .arg(&workspace.root)
            .arg(to),
    )?;
    Ok(())
}

/// The milliseconds that a command takes.
fn timed(command: &mut Command) -> Result<f64> {
    Ok(heard(command)?.0)
}

/// The milliseconds that a command takes, and what it printed.
fn heard(command: &mut Command) -> Result<(f64, String)> {
    let start = Instant::now();
    let out = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("can't start `{}`", command.get_program().to_string_lossy()))?;
    let time = start.elapsed().as_secs_f64() * 1e3;
    let [said, errors] =
        [out.stdout, out.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    ensure!(
        out.status.success(),
        "`{}` failed ({}): {}",
        show(command),
        out.status,
        errors.trim()
    );
    Ok((time, said + &errors))
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The ratio of each pair: its median, its least, its greatest.
fn ratio(of: &[f64], to: &[f64]) -> (f64, f64, f64) {
    let ratios: Vec<f64> = of.iter().zip(to).map(|(of, to)| of / to).collect();
    let low = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let high = ratios.iter().copied().fold(0.0, f64::max);
    (median(&ratios), low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_milliseconds_and_failures_are_told() {
        let (time, said) =
            heard(Command::new("sh").args(["-c", "sleep 0.05; echo a; echo b >&2"])).unwrap();
        assert!(time >= 50.0, "{time}");
        assert_eq!(said, "a\nb\n");
        let error = heard(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().contains("why"), "{error}");
    }

    #[test]
    fn a_ratio_is_that_of_each_pair() {
        assert_eq!(ratio(&[1.0, 4.0, 9.0], &[1.0, 2.0, 3.0]), (2.0, 1.0, 3.0));
    }
}
