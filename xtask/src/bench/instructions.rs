// SPDX-License-Identifier: GPL-2.0

//! Instructions per operation: with our crates, with the `kernel` crate that the tree came with, and in C,
//! counted in one run.

use std::collections::BTreeMap;

use anyhow::{ensure, Result};

use super::{median, ratio};
use crate::guest::{self, Exercise};
use crate::kernel::Kernel;
use crate::modules;
use crate::table::table;
use crate::vm::{self, End, Options};
use crate::workspace::Workspace;

/// The instructions of one round, in C and in Rust, over all repeats.
#[derive(Debug, Default, PartialEq)]
struct Samples {
    c: Vec<f64>,
    rust: Vec<f64>,
}

/// Builds the loops in `xtask/bench/NAME` for both kernels, runs them under `-icount`, and returns the table
/// of ratios.
///
/// The loops find the `drivers` of the workspace there, too. `ours` has the crates in it, `theirs` the
/// `kernel` crate that the tree came with.
pub(crate) fn run(
    workspace: &Workspace,
    name: &str,
    drivers: &[&str],
    ours: &Kernel<'_>,
    theirs: &Kernel<'_>,
) -> Result<String> {
    let [ours, theirs] = [ours, theirs].map(|kernel| measure(workspace, name, drivers, kernel));
    let (ours, theirs) = (ours?, theirs?);
    ensure!(
        ours.keys().eq(theirs.keys()),
        "the two kernels did not measure the same"
    );
    Ok(show(&ours, &theirs))
}

/// Builds the loops for `kernel`, and runs them under `-icount`.
fn measure(
    workspace: &Workspace,
    name: &str,
    drivers: &[&str],
    kernel: &Kernel<'_>,
) -> Result<BTreeMap<String, Samples>> {
    let source = workspace.root.join("xtask/bench").join(name);
    let mut modules = vec![modules::build(kernel, name, &source)?];
    for driver in drivers {
        let source = workspace.root.join("drivers").join(driver);
        modules.push(modules::build(kernel, &driver.replace('-', "_"), &source)?);
    }
    let exercise = Exercise {
        name: name.to_owned(),
        modules,
        script: source.join("exercise.sh"),
    };
    let initramfs = guest::pack(kernel, &[exercise], &[])?;
    let options = Options {
        // One instruction takes one nanosecond of the guest's time.
        machine: ["-icount", "shift=0", "-smp", "1"]
            .map(str::to_owned)
            .to_vec(),
        kernel: vec!["clocksource=tsc tsc=reliable".to_owned()],
        ..Options::default()
    };
    let boot = vm::boot(kernel, &initramfs, &options, &format!("{name}-boot"))?;
    ensure!(
        boot.end == End::Finished,
        "the measurement did not finish: {:?}; the console is in {}",
        boot.end,
        boot.log.display()
    );
    ensure!(
        boot.exercises.iter().all(|exercise| exercise.passed),
        "the loops did not run as they should; the console is in {}",
        boot.log.display()
    );
    let samples = read(&boot.console);
    ensure!(
        !samples.is_empty(),
        "the guest printed no measurement; the console is in {}",
        boot.log.display()
    );
    Ok(samples)
}

/// Reads the lines `@bench ROUNDS C RUST NAME`.
fn read(console: &str) -> BTreeMap<String, Samples> {
    let mut samples: BTreeMap<String, Samples> = BTreeMap::new();
    for line in console.lines() {
        let Some((_, rest)) = line.split_once("@bench ") else {
            continue;
        };
        let mut words = rest.splitn(4, ' ');
        let mut number = || words.next().and_then(|word| word.parse::<f64>().ok());
        let (Some(rounds), Some(c), Some(rust)) = (number(), number(), number()) else {
            continue;
        };
        let Some(name) = words.next() else {
            continue;
        };
        let entry = samples.entry(name.trim().to_owned()).or_default();
        entry.c.push(c / rounds);
        entry.rust.push(rust / rounds);
    }
    samples
}

fn show(ours: &BTreeMap<String, Samples>, theirs: &BTreeMap<String, Samples>) -> String {
    let rows: Vec<Vec<String>> = ours
        .iter()
        .zip(theirs.values())
        .map(|((name, ours), theirs)| {
            let (to_c, low, high) = ratio(&ours.rust, &ours.c);
            let (to_theirs, ..) = ratio(&ours.rust, &theirs.rust);
            vec![
                name.clone(),
                format!("{:.1}", median(&ours.c)),
                format!("{:.1}", median(&ours.rust)),
                format!("{:.1}", median(&theirs.rust)),
                format!("{to_c:.3}"),
                format!("{low:.3} to {high:.3}"),
                format!("{to_theirs:.3}"),
            ]
        })
        .collect();
    table(
        &[
            "instructions of",
            "C",
            "ours",
            "7.2's own crate",
            "ours/C",
            "spread",
            "ours/7.2's",
        ],
        &rows,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_measurements_and_shows_their_ratio() {
        let samples = read("bench: @bench 10 200 210 Arc clone+drop\nnoise\nbench: @bench 10 200 190 Arc clone+drop\n");
        assert_eq!(samples["Arc clone+drop"].c, [20.0, 20.0]);
        assert_eq!(samples["Arc clone+drop"].rust, [21.0, 19.0]);
        let text = show(&samples, &samples);
        assert!(text.contains("0.950 to 1.050"), "{text}");
        assert!(text.contains("1.000"), "{text}");
        assert!(read("@bench x y z\n").is_empty());
    }
}
