// SPDX-License-Identifier: GPL-2.0

//! The crate graph as a picture: a row for each level, arrows only downwards.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::layers::LEVELS;
use crate::workspace::Workspace;

const BOX: (u32, u32) = (150, 34);
const GAP: (u32, u32) = (24, 56);
const MARGIN: u32 = 20;

/// A node and where its box begins.
struct Node {
    name: String,
    x: u32,
    y: u32,
}

/// Draws the graph of the crates that end up in a kernel, as SVG.
pub(crate) fn svg(workspace: &Workspace) -> String {
    let rows = rows(workspace);
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
    for package in workspace.metadata.workspace_packages() {
        for dependency in &package.dependencies {
            if dependency.kind != cargo_metadata::DependencyKind::Normal {
                continue;
            }
            let (Some(from), Some(to)) = (
                nodes.get(package.name.as_str()),
                nodes.get(dependency.name.as_str()),
            ) else {
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

/// The crates from the drivers at the top to what everything stands on.
fn rows(workspace: &Workspace) -> Vec<Vec<String>> {
    let mut rows = vec![
        workspace
            .driver_packages()
            .iter()
            .map(|package| package.name.to_string())
            .collect(),
        vec!["kernel".to_owned()],
    ];
    let top = LEVELS.iter().map(|(_, level)| *level).max().unwrap_or(0);
    for level in (0..=top).rev() {
        rows.push(
            LEVELS
                .iter()
                .filter(|(_, l)| *l == level)
                .map(|(name, _)| (*name).to_owned())
                .collect(),
        );
    }
    rows.push(
        [
            "kernel-build-error",
            "kernel-macros",
            "kernel-bindings",
            "kernel-uapi",
        ]
        .map(str::to_owned)
        .to_vec(),
    );
    rows.push(["pin-init", "kernel-ffi"].map(str::to_owned).to_vec());
    rows.retain(|row| !row.is_empty());
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arrow_points_down() {
        let svg = svg(&Workspace::load().unwrap());
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
