// SPDX-License-Identifier: GPL-2.0

//! Instructions per operation, ours against the same loop in C, counted in one run.

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

/// Builds the loops, runs them under `-icount`, and returns the table of ratios.
pub(crate) fn run(workspace: &Workspace, kernel: &Kernel<'_>) -> Result<String> {
    let source = workspace.root.join("xtask/bench");
    let module = modules::build(kernel, "bench", &source)?;
    let exercise = Exercise {
        name: "bench".to_owned(),
        modules: vec![module],
        script: source.join("exercise.sh"),
    };
    let initramfs = guest::pack(kernel, &[exercise])?;
    let options = Options {
        // One instruction takes one nanosecond of the guest's time.
        machine: ["-icount", "shift=0", "-smp", "1"]
            .map(str::to_owned)
            .to_vec(),
        kernel: vec!["clocksource=tsc tsc=reliable".to_owned()],
    };
    let boot = vm::boot(kernel, &initramfs, &options, "bench")?;
    ensure!(
        boot.end == End::Finished,
        "the measurement did not finish: {:?}; the console is in {}",
        boot.end,
        boot.log.display()
    );
    let samples = read(&boot.console);
    ensure!(
        !samples.is_empty(),
        "the guest printed no measurement; the console is in {}",
        boot.log.display()
    );
    Ok(show(&samples))
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

fn show(samples: &BTreeMap<String, Samples>) -> String {
    let rows: Vec<Vec<String>> = samples
        .iter()
        .map(|(name, samples)| {
            let (middle, low, high) = ratio(&samples.rust, &samples.c);
            vec![
                name.clone(),
                format!("{:.1}", median(&samples.c)),
                format!("{:.1}", median(&samples.rust)),
                format!("{middle:.3}"),
                format!("{low:.3} to {high:.3}"),
            ]
        })
        .collect();
    table(
        &[
            "operation",
            "C, instructions",
            "Rust, instructions",
            "Rust/C",
            "spread",
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
        let text = show(&samples);
        assert!(text.contains("0.950 to 1.050"), "{text}");
        assert!(read("@bench x y z\n").is_empty());
    }
}
