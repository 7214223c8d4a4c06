// SPDX-License-Identifier: GPL-2.0

//! Null block devices: ours and the tree's own Rust driver, each against C's null_blk, in one boot each.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{ensure, Context, Result};
use plotters::prelude::*;
use serde::Serialize;

use super::{boot, median, ratio, CLOCK, COUNTED};
use crate::guest::Exercise;
use crate::kernel::{Arch, Kernel};
use crate::modules;
use crate::run::output;
use crate::table::table;
use crate::vm::Options;
use crate::workspace::Workspace;

/// What the script calls the disks.
const IN_C: &str = "nullb0";
const IN_RUST: &str = "rnull0";

/// The tree's own driver.
const THEIRS: &str = "drivers/block/rnull/rnull_mod.ko";
const C: &str = "drivers/block/null_blk/null_blk.ko";

/// A way of access, by what it is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Way {
    operation: String,
    bytes: u32,
    depth: u32,
    jobs: u32,
}

/// What a request of each device took, in each turn.
type Samples = BTreeMap<Way, BTreeMap<String, Vec<f64>>>;

/// A driver against null_blk, in the same boot.
#[derive(Clone, Copy, Debug, Serialize)]
struct Against {
    per_request: f64,
    ratio: f64,
    low: f64,
    high: f64,
}

/// One line of the table.
#[derive(Clone, Debug, Serialize)]
struct Cell {
    machine: &'static str,
    unit: &'static str,
    #[serde(flatten)]
    way: Way,
    null_blk: f64,
    ours: Against,
    upstream: Against,
}

/// What came of all measurements.
#[derive(Debug, Serialize)]
pub(crate) struct Block {
    cells: Vec<Cell>,
    /// Bytes of code of each module.
    text: BTreeMap<&'static str, u64>,
}

/// Measures on a pair of kernels: one with our crates, one with the crate that the tree came with.
pub(crate) fn run(workspace: &Workspace, pairs: &[[&Kernel<'_>; 2]]) -> Result<Block> {
    let driver = workspace.root.join("drivers/rnull");
    let mut cells = Vec::new();
    let mut text = BTreeMap::new();
    for [ours, theirs] in pairs {
        let module = modules::build(ours, "rnull", &driver)?;
        let untouched = theirs.out().join(THEIRS);
        if ours.arch == Arch::X86_64 {
            text.insert("null_blk", size_of_text(ours, &ours.out().join(C))?);
            text.insert("ours", size_of_text(ours, &module)?);
            text.insert("upstream's", size_of_text(theirs, &untouched)?);
        }
        let ours = measure(workspace, ours, &module)?;
        let theirs_too = measure(workspace, theirs, &untouched)?;
        let (machine, unit) = match theirs.arch {
            Arch::Um => (Arch::Um.machine(), "ns"),
            Arch::X86_64 => (Arch::X86_64.machine(), "instructions"),
        };
        for (way, samples) in &ours {
            let upstream = theirs_too
                .get(way)
                .context("the two kernels did not measure the same")?;
            cells.push(Cell {
                machine,
                unit,
                way: way.clone(),
                null_blk: median(of(samples, IN_C)?),
                ours: against(samples)?,
                upstream: against(upstream)?,
            });
        }
    }
    Ok(Block { cells, text })
}

/// Boots a kernel and has its two devices take turns.
fn measure(workspace: &Workspace, kernel: &Kernel<'_>, module: &Path) -> Result<Samples> {
    let exercise = Exercise {
        name: "block".to_owned(),
        modules: vec![module.to_owned(), kernel.out().join(C)],
        script: workspace.root.join("xtask/bench/block/exercise.sh"),
    };
    let options = match kernel.arch {
        Arch::Um => Options::default(),
        Arch::X86_64 => Options {
            machine: COUNTED.map(str::to_owned).to_vec(),
            kernel: vec![CLOCK.to_owned()],
            ..Options::default()
        },
    };
    let boot = boot(kernel, exercise, &options)?;
    let samples = read(&boot.console);
    ensure!(
        !samples.is_empty(),
        "the guest printed no measurement; the console is in {}",
        boot.log.display()
    );
    Ok(samples)
}

/// Reads the lines `@load DEVICE OPERATION BYTES DEPTH JOBS REQUESTS NANOSECONDS`.
fn read(console: &str) -> Samples {
    let mut samples = Samples::new();
    for line in console.lines() {
        let Some((_, rest)) = line.split_once("@load ") else {
            continue;
        };
        let words: Vec<&str> = rest.split_whitespace().collect();
        let [device, operation, numbers @ ..] = words.as_slice() else {
            continue;
        };
        let numbers: Vec<u32> = numbers.iter().flat_map(|word| word.parse()).collect();
        let [bytes, depth, jobs, requests, nanoseconds] = numbers[..] else {
            continue;
        };
        let way = Way {
            operation: (*operation).to_owned(),
            bytes,
            depth,
            jobs,
        };
        let of_way = samples.entry(way).or_default();
        let turns: &mut Vec<f64> = of_way.entry((*device).to_owned()).or_default();
        turns.push(f64::from(nanoseconds) / f64::from(requests));
    }
    samples
}

fn of<'a>(samples: &'a BTreeMap<String, Vec<f64>>, device: &str) -> Result<&'a [f64]> {
    let turns = samples.get(device).map(Vec::as_slice);
    turns.with_context(|| format!("{device} was not measured"))
}

fn against(samples: &BTreeMap<String, Vec<f64>>) -> Result<Against> {
    let (rust, c) = (of(samples, IN_RUST)?, of(samples, IN_C)?);
    let (ratio, low, high) = ratio(rust, c);
    Ok(Against {
        per_request: median(rust),
        ratio,
        low,
        high,
    })
}

/// The bytes of a module's code.
fn size_of_text(kernel: &Kernel<'_>, module: &Path) -> Result<u64> {
    let text = output(
        Command::new(kernel.tools.llvm.join("llvm-size"))
            .arg("--format=sysv")
            .arg(module),
    )?;
    let sizes = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let section = words.next()?;
        let size: u64 = words.next()?.parse().ok()?;
        let is_code = [".text", ".init.text", ".exit.text"]
            .iter()
            .any(|name| section == *name || section.starts_with(&format!("{name}.")));
        is_code.then_some(size)
    });
    Ok(sizes.sum())
}

impl Block {
    pub(crate) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// The table of ratios, and how many of them say what.
    pub(crate) fn text(&self) -> String {
        let spread = |of: Against| format!("{:.3} to {:.3}", of.low, of.high);
        let rows: Vec<Vec<String>> = self
            .cells
            .iter()
            .map(|cell| {
                vec![
                    cell.machine.to_owned(),
                    cell.way.operation.clone(),
                    format!("{} KiB", cell.way.bytes / 1024),
                    cell.way.depth.to_string(),
                    cell.way.jobs.to_string(),
                    format!("{:.0} {}", cell.null_blk, cell.unit),
                    format!("{:.3}", cell.ours.ratio),
                    spread(cell.ours),
                    format!("{:.3}", cell.upstream.ratio),
                    spread(cell.upstream),
                ]
            })
            .collect();
        let mut text = table(
            &[
                "machine",
                "requests",
                "size",
                "depth",
                "jobs",
                "null_blk, per request",
                "ours/null_blk",
                "spread",
                "upstream's/null_blk",
                "spread",
            ],
            &rows,
        );
        for machine in [Arch::X86_64, Arch::Um].map(Arch::machine) {
            let ours: Vec<f64> = self.ratios(machine, |cell| cell.ours.ratio);
            let upstream: Vec<f64> = self.ratios(machine, |cell| cell.upstream.ratio);
            if ours.is_empty() {
                continue;
            }
            let least = |ratios: &[f64]| ratios.iter().copied().fold(f64::INFINITY, f64::min);
            let most = |ratios: &[f64]| ratios.iter().copied().fold(0.0, f64::max);
            let better = ours.iter().zip(&upstream).filter(|(a, b)| a <= b).count();
            text += &format!(
                "\n{machine}: ours {:.3} to {:.3} of null_blk, median {:.3}; upstream's {:.3} to {:.3}, \
                 median {:.3}; ours at or below upstream's in {better} of {} cells\n",
                least(&ours),
                most(&ours),
                median(&ours),
                least(&upstream),
                most(&upstream),
                median(&upstream),
                ours.len()
            );
        }
        text += "\nbytes of code:";
        for (name, bytes) in &self.text {
            text += &format!(" {name} {bytes};");
        }
        text.pop();
        text + "\n"
    }

    fn ratios(&self, machine: &str, of: impl Fn(&Cell) -> f64) -> Vec<f64> {
        let cells = self.cells.iter().filter(|cell| cell.machine == machine);
        cells.map(of).collect()
    }

    /// Draws the ratios: a point for each way of access, and a bar from its least to its greatest.
    pub(crate) fn plot(&self, path: &Path) -> Result<()> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        let mut svg = String::new();
        self.draw(&mut svg)
            .map_err(|error| anyhow::anyhow!("the plot can't be drawn: {error}"))?;
        fs::write(path, svg).with_context(|| path.display().to_string())
    }

    fn draw(&self, svg: &mut String) -> Result<(), Box<dyn std::error::Error + '_>> {
        let area = SVGBackend::with_string(svg, (1100, 900)).into_drawing_area();
        area.fill(&WHITE)?;
        let machines = [
            (Arch::X86_64.machine(), "instructions per request"),
            (Arch::Um.machine(), "time per request"),
        ];
        for (area, (machine, what)) in area.split_evenly((2, 1)).iter().zip(machines) {
            let cells: Vec<&Cell> = self
                .cells
                .iter()
                .filter(|cell| cell.machine == machine)
                .collect();
            let all = || cells.iter().flat_map(|cell| [cell.ours, cell.upstream]);
            let low = all().map(|it| it.low).fold(0.95, f64::min);
            let high = all().map(|it| it.high).fold(1.05, f64::max);
            let mut chart = ChartBuilder::on(area)
                .caption(
                    format!("{machine}: {what}, of null_blk's"),
                    ("sans-serif", 18),
                )
                .margin(8)
                .x_label_area_size(30)
                .y_label_area_size(50)
                .build_cartesian_2d(0.0..cells.len() as f64, low..high)?;
            chart
                .configure_mesh()
                .disable_x_mesh()
                .x_labels(cells.len() / 18 + 1)
                .x_label_formatter(&|x| match cells.get(*x as usize) {
                    Some(cell) => format!("{} {} KiB", cell.way.operation, cell.way.bytes / 1024),
                    None => String::new(),
                })
                .draw()?;
            chart.draw_series([PathElement::new(
                [(0.0, 1.0), (cells.len() as f64, 1.0)],
                BLACK,
            )])?;
            let ours = cells.iter().map(|cell| cell.ours).collect();
            let upstream = cells.iter().map(|cell| cell.upstream).collect();
            let series: [(&str, RGBColor, f64, Vec<Against>); 2] = [
                ("ours", BLUE, 0.35, ours),
                ("upstream's", RED, 0.65, upstream),
            ];
            for (name, color, shift, points) in series {
                let bars = points.iter().enumerate().map(|(index, point)| {
                    let Against {
                        ratio, low, high, ..
                    } = *point;
                    let style = color.filled();
                    ErrorBar::new_vertical(index as f64 + shift, low, ratio, high, style, 5)
                });
                chart
                    .draw_series(bars)?
                    .label(name)
                    .legend(move |(x, y)| Circle::new((x, y), 4, color.filled()));
            }
            chart
                .configure_series_labels()
                .border_style(BLACK)
                .background_style(WHITE)
                .draw()?;
        }
        area.present()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSOLE: &str = "\
@load nullb0 read 4096 1 1 100 200000
[    1.0] noise
@load rnull0 read 4096 1 1 100 190000
@load nullb0 read 4096 1 1 100 100000
@load rnull0 read 4096 1 1 100 110000
@load rnull0 read 4096 1 1 100
";

    fn block() -> Block {
        let samples = read(CONSOLE);
        let (way, of_way) = samples.iter().next().unwrap();
        Block {
            cells: vec![Cell {
                machine: Arch::X86_64.machine(),
                unit: "instructions",
                way: way.clone(),
                null_blk: median(of(of_way, IN_C).unwrap()),
                ours: against(of_way).unwrap(),
                upstream: against(of_way).unwrap(),
            }],
            text: BTreeMap::from([("ours", 17)]),
        }
    }

    #[test]
    fn turns_of_one_way_are_one_cell() {
        let samples = read(CONSOLE);
        assert_eq!(samples.len(), 1);
        let of_way = samples.values().next().unwrap();
        assert_eq!(of(of_way, IN_C).unwrap(), [2000.0, 1000.0]);
        let against = against(of_way).unwrap();
        assert_eq!((against.low, against.high), (0.95, 1.1));
        assert!(of(of_way, "sda").is_err());
    }

    #[test]
    fn shows_ratios_with_their_spread() {
        let text = block().text();
        assert!(text.contains("0.950 to 1.100"), "{text}");
        assert!(text.contains("in 1 of 1 cells"), "{text}");
        assert!(text.ends_with("bytes of code: ours 17\n"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&block().json().unwrap()).unwrap();
        assert_eq!(json["cells"][0]["bytes"], 4096);
    }

    #[test]
    fn draws_a_plot() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/block.svg");
        block().plot(&path).unwrap();
        let svg = fs::read_to_string(&path).unwrap();
        assert!(
            svg.starts_with("<svg") && svg.contains("of null_blk"),
            "{svg}"
        );
    }
}
