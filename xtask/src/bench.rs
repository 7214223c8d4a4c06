// SPDX-License-Identifier: GPL-2.0

//! Measurements: ratios of two things that were measured side by side, in one run.

pub(crate) mod mirror;
pub(crate) mod primitives;

use clap::ValueEnum;

/// What to measure.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// Instructions of locks, counters and boxes, against the same loops in C.
    Primitives,
    /// What `mirror apply` costs, against rsync and git, and what Kbuild builds after it.
    Mirror,
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
