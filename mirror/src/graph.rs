// SPDX-License-Identifier: GPL-2.0

//! The crate graph as a picture: a row for each level, arrows only downwards.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cargo_metadata::{DependencyKind, Metadata};

use crate::workspace::{level, FACADE};

/// The crates that everything stands on, as they are drawn: those in a row name no other in it.
const GROUND: [&[&str]; 2] = [
    &[
        "kernel-build-error",
        "kernel-macros",
        "kernel-bindings",
        "kernel-uapi",
    ],
    &["pin-init", "kernel-ffi"],
];

const BOX: (u32, u32) = (150, 34);
const GAP: (u32, u32) = (24, 56);
const MARGIN: u32 = 20;

/// A node and where its box begins.
struct Node {
    name: String,
    x: u32,
    y: u32,
}

/// The crates that end up in a kernel, and which depends on which.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The modules' crates.
    pub drivers: Vec<String>,
    /// The abstraction crates of each level.
    pub levels: BTreeMap<u32, Vec<String>>,
    /// Who depends on whom.
    pub arrows: Vec<(String, String)>,
}

impl Graph {
    /// The graph of a workspace.
    pub fn new(metadata: &Metadata) -> Self {
        let mut graph = Self {
            drivers: Vec::new(),
            levels: BTreeMap::new(),
            arrows: Vec::new(),
        };
        let drivers = metadata.workspace_root.join("drivers");
        for package in metadata.workspace_packages() {
            let name = package.name.to_string();
            for dependency in &package.dependencies {
                if dependency.kind == DependencyKind::Normal {
                    graph.arrows.push((name.clone(), dependency.name.clone()));
                }
            }
            if package.manifest_path.starts_with(&drivers) {
                graph.drivers.push(name);
            } else if let Some(level) = level(package) {
                graph.levels.entry(level).or_default().push(name);
            }
        }
        graph.drivers.sort();
        graph.levels.values_mut().for_each(|names| names.sort());
        graph.arrows.sort();
        graph.arrows.dedup();
        graph
    }

    pub(crate) fn add_driver(&mut self, name: &str) {
        self.drivers.push(name.to_owned());
        self.drivers.sort();
        self.drivers.dedup();
    }

    pub(crate) fn add_level(&mut self, level: u32, name: &str) {
        let names = self.levels.entry(level).or_default();
        names.push(name.to_owned());
        names.sort();
        names.dedup();
    }

    pub(crate) fn add_arrows<'a>(&mut self, from: &str, to: impl IntoIterator<Item = &'a str>) {
        let arrows = to.into_iter().map(|to| (from.to_owned(), to.to_owned()));
        self.arrows.extend(arrows);
        self.arrows.sort();
        self.arrows.dedup();
    }

    /// The crates, a row each, from the drivers at the top to what everything stands on.
    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = vec![self.drivers.clone(), vec![FACADE.to_owned()]];
        rows.extend(self.levels.values().rev().cloned());
        for row in GROUND {
            rows.push(row.iter().map(|name| (*name).to_owned()).collect());
        }
        rows.retain(|row| !row.is_empty());
        rows
    }

    /// The graph as a picture, with every arrow pointing down.
    pub fn svg(&self) -> String {
        svg(&self.rows(), &self.arrows)
    }
}

fn svg(rows: &[Vec<String>], arrows: &[(String, String)]) -> String {
    let widest = rows.iter().map(Vec::len).max().unwrap_or(1) as u32;
    let width = 2 * MARGIN + widest * (BOX.0 + GAP.0) - GAP.0;
    let height = 2 * MARGIN + rows.len() as u32 * (BOX.1 + GAP.1) - GAP.1;

    let mut nodes: BTreeMap<&str, Node> = BTreeMap::new();
    for (row, names) in rows.iter().enumerate() {
        let taken = names.len() as u32 * (BOX.0 + GAP.0) - GAP.0;
        for (column, name) in names.iter().enumerate() {
            nodes.insert(
                name,
                Node {
                    name: name.clone(),
                    x: (width - taken) / 2 + column as u32 * (BOX.0 + GAP.0),
                    y: MARGIN + row as u32 * (BOX.1 + GAP.1),
                },
            );
        }
    }

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n\
         <defs><marker id=\"tip\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" refY=\"4\" orient=\"auto\">\
         <path d=\"M0,0 L8,4 L0,8 z\" fill=\"#555\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (from, to) in arrows {
        let (Some(from), Some(to)) = (nodes.get(from.as_str()), nodes.get(to.as_str())) else {
            continue;
        };
        let _ = writeln!(
            svg,
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"#999\" marker-end=\"url(#tip)\"/>",
            from.x + BOX.0 / 2,
            from.y + BOX.1,
            to.x + BOX.0 / 2,
            to.y
        );
    }
    for node in nodes.values() {
        let _ = writeln!(
            svg,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"5\" fill=\"#eef3fa\" stroke=\"#345\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            node.x,
            node.y,
            BOX.0,
            BOX.1,
            node.x + BOX.0 / 2,
            node.y + BOX.1 / 2 + 5,
            node.name
        );
    }
    svg + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arrow_points_down() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let svg = Graph::new(&crate::workspace::metadata(root).unwrap()).svg();
        let value = |line: &str, key: &str| -> u32 {
            let start = line.find(&format!("{key}=\"")).unwrap() + key.len() + 2;
            line[start..].split('"').next().unwrap().parse().unwrap()
        };
        let lines: Vec<&str> = svg
            .lines()
            .filter(|line| line.starts_with("<line"))
            .collect();
        assert!(lines.len() > 5);
        for line in lines {
            assert!(value(line, "y1") < value(line, "y2"), "{line}");
        }
        assert!(svg.contains(">kernel-core</text>"));
    }
}
