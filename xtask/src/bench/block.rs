// SPDX-License-Identifier: GPL-2.0

//! Reads and writes of null block devices: ours and the tree's own, each next to C's in one boot.

mod plot;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{ensure, Context, Result};
use serde::Serialize;

use super::{median, ratio};
use crate::guest::{self, Exercise};
use crate::kernel::{Arch, Kernel};
use crate::modules;
use crate::run::output;
use crate::table::table;
use crate::vm::{self, End, Options};
use crate::workspace::Workspace;

pub(crate) use plot::plot;

/// Where Kbuild puts what the trees have themselves.
const IN_C: &str = "drivers/block/null_blk/null_blk.ko";
const UPSTREAM: &str = "drivers/block/rnull/rnull_mod.ko";

/// What one read or write takes on C's device and on the other, round by round.
#[derive(Debug, Default, PartialEq)]
struct Samples {
    cell: String,
    c: Vec<f64>,
    rust: Vec<f64>,
}

/// A ratio: its median over all rounds, its least and its greatest.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Ratio {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

/// What came of one kind of read or write.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Cell {
    /// What was done: `read sequential 4096 1 1` is by how many bytes, at once, in how many jobs.
    pub(crate) name: String,
    /// What one takes on C's device, on ours and on the tree's own.
    pub(crate) c: f64,
    pub(crate) ours: f64,
    pub(crate) upstream: f64,
    pub(crate) ours_to_c: Ratio,
    pub(crate) upstream_to_c: Ratio,
}

/// What was measured in one kind of machine.
#[derive(Serialize)]
pub(crate) struct Machine {
    pub(crate) machine: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) cells: Vec<Cell>,
    /// The bytes of code in the modules, in the order of the ratios: ours, C's, the tree's own.
    pub(crate) code: [u64; 3],
}

/// Boots both kernels, and measures.
///
/// `ours` has the crates in it, `theirs` the `kernel` crate that the tree came with.
pub(crate) fn run(
    workspace: &Workspace,
    ours: &Kernel<'_>,
    theirs: &Kernel<'_>,
) -> Result<Machine> {
    let module = modules::build(ours, "rnull", &workspace.root.join("drivers/rnull"))?;
    let upstream = theirs.out().join(UPSTREAM);
    let in_c = ours.out().join(IN_C);
    let mut code = [0; 3];
    for (size, module) in code.iter_mut().zip([&module, &in_c, &upstream]) {
        *size = code_size(ours, module)?;
    }
    let ours_samples = measure(workspace, ours, module)?;
    let their_samples = measure(workspace, theirs, upstream)?;
    let (machine, unit) = match ours.arch {
        // One instruction takes one nanosecond of the guest's time.
        Arch::X86_64 => ("QEMU", "instructions"),
        Arch::Um => ("User-mode Linux", "nanoseconds"),
    };
    Ok(Machine {
        machine,
        unit,
        cells: cells(&ours_samples, &their_samples)?,
        code,
    })
}

/// Boots `kernel`, with the driver in `module` next to C's.
fn measure(workspace: &Workspace, kernel: &Kernel<'_>, module: PathBuf) -> Result<Vec<Samples>> {
    let exercise = Exercise {
        name: "block".to_owned(),
        modules: vec![kernel.out().join(IN_C), module],
        script: workspace.root.join("xtask/bench/block/exercise.sh"),
    };
    let initramfs = guest::pack(kernel, &[exercise], &[])?;
    let options = match kernel.arch {
        Arch::X86_64 => Options {
            machine: ["-icount", "shift=0", "-smp", "1"]
                .map(str::to_owned)
                .to_vec(),
            kernel: vec!["clocksource=tsc tsc=reliable ROUNDS=3 SCALE=1".to_owned()],
            ..Options::default()
        },
        // Time is not as even as instructions are.
        Arch::Um => Options {
            kernel: vec!["ROUNDS=9".to_owned(), "SCALE=8".to_owned()],
            ..Options::default()
        },
    };
    let boot = vm::boot(kernel, &initramfs, &options, "block-boot")?;
    ensure!(
        boot.end == End::Finished && boot.exercises.iter().all(|exercise| exercise.passed),
        "the measurement did not come to its end ({:?}); the console is in {}",
        boot.end,
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

/// Reads the lines `@block C RUST CELL`, in their order.
fn read(console: &str) -> Vec<Samples> {
    let mut all: Vec<Samples> = Vec::new();
    for line in console.lines() {
        let Some(rest) = line.trim().strip_prefix("@block ") else {
            continue;
        };
        let mut words = rest.splitn(3, ' ');
        let mut number = || words.next().and_then(|word| word.parse::<f64>().ok());
        let (Some(c), Some(rust), Some(cell)) = (number(), number(), words.next()) else {
            continue;
        };
        if all.last().is_none_or(|last| last.cell != cell) {
            all.push(Samples {
                cell: cell.to_owned(),
                ..Samples::default()
            });
        }
        if let Some(samples) = all.last_mut() {
            samples.c.push(c);
            samples.rust.push(rust);
        }
    }
    all
}

fn cells(ours: &[Samples], theirs: &[Samples]) -> Result<Vec<Cell>> {
    let names = |samples: &[Samples]| -> Vec<String> {
        samples.iter().map(|samples| samples.cell.clone()).collect()
    };
    ensure!(
        names(ours) == names(theirs),
        "the two kernels did not measure the same"
    );
    let to_c = |samples: &Samples| {
        let (median, least, greatest) = ratio(&samples.rust, &samples.c);
        Ratio {
            median,
            least,
            greatest,
        }
    };
    Ok(ours
        .iter()
        .zip(theirs)
        .map(|(ours, theirs)| Cell {
            name: ours.cell.clone(),
            c: median(&ours.c),
            ours: median(&ours.rust),
            upstream: median(&theirs.rust),
            ours_to_c: to_c(ours),
            upstream_to_c: to_c(theirs),
        })
        .collect())
}

/// The bytes of code in a module.
fn code_size(kernel: &Kernel<'_>, module: &Path) -> Result<u64> {
    let sections = output(
        Command::new(kernel.tools.llvm.join("llvm-size"))
            .arg("-A")
            .arg(module),
    )?;
    Ok(sum_of_code(&sections))
}

/// Adds up the sections of code in what `llvm-size -A` prints: `.ltext` is that of the large code model.
fn sum_of_code(sections: &str) -> u64 {
    sections
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let name = words.next()?;
            let size = words.next()?.parse::<u64>().ok()?;
            [".text", ".ltext", ".init.text", ".exit.text"]
                .iter()
                .any(|code| name.starts_with(code))
                .then_some(size)
        })
        .sum()
}

impl Machine {
    /// The table of its ratios.
    pub(crate) fn show(&self) -> String {
        let spread = |ratio: &Ratio| format!("{:.3} to {:.3}", ratio.least, ratio.greatest);
        let rows: Vec<Vec<String>> = self
            .cells
            .iter()
            .map(|cell| {
                vec![
                    cell.name.clone(),
                    format!("{:.0}", cell.c),
                    format!("{:.0}", cell.ours),
                    format!("{:.0}", cell.upstream),
                    format!("{:.3}", cell.ours_to_c.median),
                    spread(&cell.ours_to_c),
                    format!("{:.3}", cell.upstream_to_c.median),
                    spread(&cell.upstream_to_c),
                ]
            })
            .collect();
        let [ours, c, upstream] = self.code;
        format!(
            "{} in {} of each read or write (bytes, at once, jobs)\n{}\
             code: ours {ours} bytes, null_blk {c}, 7.2's own {upstream}\n",
            self.unit,
            self.machine,
            table(
                &[
                    "what",
                    "null_blk",
                    "ours",
                    "7.2's own",
                    "ours/null_blk",
                    "spread",
                    "7.2's/null_blk",
                    "spread",
                ],
                &rows,
            )
        )
    }
}

/// Shows all that was measured, as text or as JSON, and writes a picture of it if there is to be one.
pub(crate) fn report(machines: &[Machine], json: bool, picture: Option<&Path>) -> Result<String> {
    if let Some(path) = picture {
        fs::write(path, plot(machines)).with_context(|| path.display().to_string())?;
    }
    if json {
        return Ok(serde_json::to_string_pretty(machines)? + "\n");
    }
    let tables: Vec<String> = machines.iter().map(Machine::show).collect();
    Ok(tables.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSOLE: &str = "@block 200.0 180.0 read sequential 4096 1 1\r\nnoise\n\
                           @block 100.0 110.0 read sequential 4096 1 1\n\
                           @block x y z\n\
                           @block 50.0 50.0 write random 65536 32 2\n";

    fn machine() -> Machine {
        let samples = read(CONSOLE);
        Machine {
            machine: "QEMU",
            unit: "instructions",
            cells: cells(&samples, &samples).unwrap(),
            code: [1, 2, 3],
        }
    }

    #[test]
    fn measurements_are_read_and_their_ratios_shown() {
        let machine = machine();
        assert_eq!(machine.cells.len(), 2);
        assert_eq!(machine.cells[0].ours_to_c.least, 0.9);
        assert_eq!(machine.cells[0].ours_to_c.greatest, 1.1);
        let text = report(&[machine], false, None).unwrap();
        assert!(text.contains("0.900 to 1.100"), "{text}");
        assert!(text.contains("write random 65536 32 2"), "{text}");
        assert!(text.contains("ours 1 bytes"), "{text}");
    }

    #[test]
    fn two_kernels_that_measured_something_else_are_not_compared() {
        let samples = read(CONSOLE);
        assert!(cells(&samples, &samples[..1]).is_err());
    }

    #[test]
    fn the_picture_has_a_mark_for_each_ratio() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plot.svg");
        let json = report(&[machine()], true, Some(&path)).unwrap();
        assert!(json.contains("\"ours_to_c\""), "{json}");
        let picture = fs::read_to_string(&path).unwrap();
        assert_eq!(picture.matches("<circle").count(), 2 * 2 + 2);
        assert!(picture.ends_with("</svg>\n"));
    }

    #[test]
    fn code_is_what_is_executed() {
        let sections = "rnull.ko  :\nsection  size  addr\n.text  100  0\n.init.text  20  0\n\
                        .rodata  7  0\n.rela.text  50  0\nTotal  177\n";
        assert_eq!(sum_of_code(sections), 120);
    }
}
