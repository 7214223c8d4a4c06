// SPDX-License-Identifier: GPL-2.0

//! A picture of ratios: a line for each kind of read or write, with ours and the tree's own on it.

use std::fmt::Write as _;

use super::{Machine, Ratio};

/// Where the axis begins, and how long it is.
const LEFT: f64 = 230.0;
const WIDTH: f64 = 560.0;

/// The height of a line, and of what is above the first.
const LINE: f64 = 16.0;
const TOP: f64 = 60.0;

/// Each driver, its colour and where it lies within a line.
const DRIVERS: [(&str, &str, f64); 2] = [("ours", "#0072b2", -3.0), ("7.2's own", "#d55e00", 3.0)];

/// Draws all that was measured as an SVG, one machine below the other.
pub(crate) fn plot(machines: &[Machine]) -> String {
    let (low, high) = range(machines);
    let x = |ratio: f64| LEFT + (ratio - low) / (high - low) * WIDTH;
    let mut body = String::new();
    let mut y = 0.0;
    for machine in machines {
        let bottom = y + TOP + LINE * machine.cells.len() as f64;
        let _ = writeln!(
            body,
            r#"<text x="10" y="{:.0}" font-weight="bold">{} in {}, to those of C's null_blk</text>"#,
            y + 20.0,
            machine.unit,
            machine.machine
        );
        for step in 0..=4 {
            let ratio = low + (high - low) * f64::from(step) / 4.0;
            axis(
                &mut body,
                x(ratio),
                y + TOP,
                bottom,
                "#ccc",
                &format!("{ratio:.2}"),
            );
        }
        axis(&mut body, x(1.0), y + TOP, bottom, "#000", "");
        for (index, cell) in machine.cells.iter().enumerate() {
            let middle = y + TOP + LINE * (index as f64 + 0.5);
            let _ = writeln!(
                body,
                r#"<text x="10" y="{:.1}">{}</text>"#,
                middle + 4.0,
                cell.name
            );
            let ratios = [&cell.ours_to_c, &cell.upstream_to_c];
            for ((_, colour, shift), ratio) in DRIVERS.into_iter().zip(ratios) {
                let Ratio {
                    median,
                    least,
                    greatest,
                } = ratio;
                let at = middle + shift;
                let _ = writeln!(
                    body,
                    r#"<path d="M{:.1} {at:.1}H{:.1}" stroke="{colour}"/>"#,
                    x(*least),
                    x(*greatest)
                );
                mark(&mut body, x(*median), at, colour);
            }
        }
        y = bottom + 20.0;
    }
    for (index, (name, colour, _)) in DRIVERS.into_iter().enumerate() {
        let at = LEFT + 150.0 * index as f64;
        mark(&mut body, at, y, colour);
        let _ = writeln!(
            body,
            r#"<text x="{:.0}" y="{:.0}">{name}</text>"#,
            at + 8.0,
            y + 4.0
        );
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0}\" height=\"{1:.0}\" \
         viewBox=\"0 0 {0:.0} {1:.0}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n",
        LEFT + WIDTH + 40.0,
        y + 20.0
    )
}

/// From where to where ratios go, with 1 among them.
fn range(machines: &[Machine]) -> (f64, f64) {
    let mut low: f64 = 0.95;
    let mut high: f64 = 1.05;
    for cell in machines.iter().flat_map(|machine| &machine.cells) {
        for ratio in [&cell.ours_to_c, &cell.upstream_to_c] {
            low = low.min(ratio.least);
            high = high.max(ratio.greatest);
        }
    }
    (low, high)
}

fn axis(body: &mut String, x: f64, top: f64, bottom: f64, colour: &str, label: &str) {
    let _ = writeln!(
        body,
        r#"<path d="M{x:.1} {top:.1}V{bottom:.1}" stroke="{colour}"/><text x="{x:.1}" y="{:.1}" text-anchor="middle">{label}</text>"#,
        top - 6.0
    );
}

fn mark(body: &mut String, x: f64, y: f64, colour: &str) {
    let _ = writeln!(
        body,
        r#"<circle cx="{x:.1}" cy="{y:.1}" r="3" fill="{colour}"/>"#
    );
}
