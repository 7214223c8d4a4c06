// SPDX-License-Identifier: GPL-2.0

//! The parts of the `rust-project.json` format that are used, and how they are laid out as text.

use std::collections::BTreeMap;

use serde::Serialize;

/// A whole file.
#[derive(Debug, Default)]
pub(super) struct Model {
    /// The toolchain: rust-analyzer takes `bin/rustc` and the server of procedural macros from it.
    pub(super) sysroot: String,
    /// The sources of the standard library.
    pub(super) sysroot_src: String,
    /// The standard library's crates.
    pub(super) sysroot_project: Vec<Crate>,
    /// Lists of cfgs, by name.
    pub(super) cfg_groups: BTreeMap<String, Vec<String>>,
    /// What editors run.
    pub(super) runnables: Vec<Runnable>,
    /// The crates; dependencies refer to them by their place here.
    pub(super) crates: Vec<Crate>,
}

/// A crate: one run of rustc.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Crate {
    pub(super) display_name: String,
    pub(super) root_module: String,
    pub(super) edition: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    pub(super) is_workspace_member: bool,
    pub(super) deps: Vec<Dep>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) cfg_groups: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) cfg: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) crate_attrs: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) env: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Source>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_proc_macro: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proc_macro_dylib_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) build: Option<Build>,
}

/// A dependency, under the name that the crate calls it by.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Dep {
    #[serde(rename = "crate")]
    pub(super) at: usize,
    pub(super) name: String,
}

/// The folders that a crate's files are in.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Source {
    pub(super) include_dirs: Vec<String>,
    pub(super) exclude_dirs: Vec<String>,
}

/// What the crate is called in commands.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Build {
    pub(super) label: String,
    pub(super) build_file: String,
    pub(super) target_kind: &'static str,
}

/// A command, with `{label}` and the like in it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Runnable {
    pub(super) kind: &'static str,
    pub(super) program: &'static str,
    pub(super) args: Vec<&'static str>,
    pub(super) cwd: &'static str,
}

impl Model {
    /// The file: a crate to a line, so that a diff shows which crates changed.
    pub(super) fn to_text(&self) -> String {
        let mut parts = vec![
            member("sysroot", &self.sysroot),
            member("sysroot_src", &self.sysroot_src),
        ];
        if !self.sysroot_project.is_empty() {
            let crates = list("    ", &self.sysroot_project);
            parts.push(format!(
                "  \"sysroot_project\": {{\"crates\": [{crates}  ]}}"
            ));
        }
        if !self.cfg_groups.is_empty() {
            let groups: Vec<String> = self
                .cfg_groups
                .iter()
                .map(|(name, cfgs)| format!("    {}: [{}    ]", json(name), list("      ", cfgs)))
                .collect();
            parts.push(format!(
                "  \"cfg_groups\": {{\n{}\n  }}",
                groups.join(",\n")
            ));
        }
        if !self.runnables.is_empty() {
            let runnables = list("    ", &self.runnables);
            parts.push(format!("  \"runnables\": [{runnables}  ]"));
        }
        parts.push(format!("  \"crates\": [{}  ]", list("    ", &self.crates)));
        format!("{{\n{}\n}}\n", parts.join(",\n"))
    }
}

fn member(name: &str, value: &str) -> String {
    format!("  {}: {}", json(name), json(value))
}

fn list<T: Serialize>(indent: &str, items: &[T]) -> String {
    let lines: Vec<String> = items
        .iter()
        .map(|item| format!("\n{indent}{}", json(item)))
        .collect();
    lines.join(",") + "\n"
}

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    // Strings, lists and maps with strings as keys: there is nothing that could fail.
    serde_json::to_string(value).unwrap_or_default()
}
