// SPDX-License-Identifier: GPL-2.0

//! Subjects as the kernel's lists have them: `rust: <subsystem>: …`.

use std::collections::{BTreeMap, BTreeSet};

use crate::flatten::{Flat, Origin};
use crate::workspace::Package;

/// What a commit is about, and by which names.
#[derive(Debug, Default)]
pub(crate) struct Topic {
    /// The subsystem of each crate of the workspace.
    subsystems: BTreeMap<String, String>,
    /// The modules at the root of the crate `kernel`.
    modules: BTreeSet<String>,
    /// The crates that the commit changes.
    pub(crate) crates: BTreeSet<String>,
}

impl Topic {
    /// What the commit that makes `new` out of `old` is about, when it changes `paths`.
    pub(crate) fn new(packages: &[Package], old: &Flat, new: &Flat, paths: &[String]) -> Self {
        let crates = changed_crates(packages, old, new);
        let mut roots: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut touched: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for flat in [old, new] {
            for (path, file) in &flat.files {
                let Origin::Copied { package, .. } = file.origin() else {
                    continue;
                };
                let Some(module) = root_module(path) else {
                    continue;
                };
                roots.entry(package).or_default().insert(module);
                if paths.binary_search(path).is_ok() {
                    touched.entry(package).or_default().insert(module);
                }
            }
        }
        let subsystems = packages.iter().map(|package| {
            let name = package.lib.strip_prefix("kernel_").unwrap_or(&package.lib);
            let has_root = |name: &str| roots.get(&*package.name).is_some_and(|m| m.contains(name));
            let modules = touched.get(&*package.name);
            let only = modules.filter(|modules| modules.len() == 1);
            let subsystem = match only.and_then(BTreeSet::first) {
                // A crate of several subsystems: the one that it is about here.
                Some(module) if !has_root(name) => module,
                // In a kernel tree, `core` is the crate of Rust's own.
                _ if name == "core" => "kernel",
                _ => name,
            };
            (package.name.clone(), subsystem.to_owned())
        });
        Self {
            subsystems: subsystems.collect(),
            modules: roots.values().flatten().map(|m| m.to_string()).collect(),
            crates,
        }
    }

    /// The subsystem that the commit is about.
    pub(crate) fn subsystem(&self) -> &str {
        let mut names = self.subsystems();
        match (names.pop_first(), names.first()) {
            (Some(name), None) => name,
            _ => "kernel",
        }
    }

    /// The subsystems of all that it changes.
    pub(crate) fn subsystems(&self) -> BTreeSet<&str> {
        self.crates
            .iter()
            .filter_map(|name| self.subsystems.get(name))
            .map(String::as_str)
            .collect()
    }

    /// The subsystem that `name` stands for at the beginning of a subject.
    fn named<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let name = name.trim();
        if let Some(subsystem) = self.subsystems.get(name) {
            return Some(subsystem);
        }
        let is_known = self.modules.contains(name) || self.subsystems.values().any(|s| s == name);
        is_known.then_some(name)
    }

    /// The commit's subject, as the kernel's lists have it.
    pub(crate) fn subject(&self, subject: &str) -> String {
        // A mail keeps no more than one space either.
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        let subject = without_brackets(&subject);
        if subject.starts_with("rust:") || subject.starts_with("rust/") {
            return subject.to_owned();
        }
        let reverted = subject.strip_prefix("Revert \"");
        if let Some(reverted) = reverted.and_then(|rest| rest.strip_suffix('"')) {
            return format!("Revert \"{}\"", self.subject(reverted));
        }
        let parts = subject.split_once(": ").and_then(|(head, rest)| {
            let mut names = Vec::new();
            for name in head.split(',') {
                let name = self.named(name)?;
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            Some((names.join(", "), rest))
        });
        match parts {
            Some((names, rest)) => format!("rust: {names}: {rest}"),
            None => format!("rust: {}: {subject}", self.subsystem()),
        }
    }
}

/// A subject without `[…]` before it, which has a meaning to mail only, and gets lost there.
fn without_brackets(subject: &str) -> &str {
    let rest = subject
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    match rest {
        Some((_, rest)) if !rest.trim().is_empty() => without_brackets(rest.trim_start()),
        _ => subject,
    }
}

/// The crates whose sources differ; the facade, when only its documentation does.
fn changed_crates(packages: &[Package], old: &Flat, new: &Flat) -> BTreeSet<String> {
    fn digests(flat: &Flat) -> BTreeMap<&str, &crate::digest::Digest> {
        let crates = flat.crates.iter();
        crates
            .map(|c| (c.package.name.as_str(), &c.digest))
            .collect()
    }
    let (old, new) = (digests(old), digests(new));
    let names: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let mut changed: BTreeSet<String> = names
        .into_iter()
        .filter(|name| old.get(name) != new.get(name))
        .map(str::to_owned)
        .collect();
    if changed.is_empty() {
        let facade = packages.iter().find(|package| package.is_facade());
        changed.extend(facade.map(|package| package.name.clone()));
    }
    changed
}

/// The module at the root of the crate `kernel` that the file `path` of a tree belongs to.
fn root_module(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("rust/kernel/")?;
    let (first, _) = rest.split_once(['/', '.'])?;
    Some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(crates: &[&str]) -> Topic {
        let subsystems = [
            ("kernel-core", "alloc"),
            ("kernel-sync", "sync"),
            ("kernel-mm", "mm"),
            ("kernel", "kernel"),
        ];
        Topic {
            subsystems: subsystems
                .map(|(name, subsystem)| (name.to_owned(), subsystem.to_owned()))
                .into(),
            modules: ["error", "sync", "alloc", "mm"].map(str::to_owned).into(),
            crates: crates.iter().map(|name| name.to_string()).collect(),
        }
    }

    #[test]
    fn subjects_name_the_subsystem() {
        let sync = topic(&["kernel-sync"]);
        for (before, after) in [
            ("kernel-sync: add a lock", "rust: sync: add a lock"),
            ("sync: add a lock", "rust: sync: add a lock"),
            ("kernel-core: grow by half", "rust: alloc: grow by half"),
            ("error: one more code", "rust: error: one more code"),
            (
                "kernel-sync,  kernel-mm: part them",
                "rust: sync, mm: part them",
            ),
            ("rust: sync: as it is", "rust: sync: as it is"),
            ("rust: completion: as it is", "rust: completion: as it is"),
            ("add a lock", "rust: sync: add a lock"),
            (
                "xtask: new: a colon: more",
                "rust: sync: xtask: new: a colon: more",
            ),
            (
                "Revert \"kernel-sync: add a lock\"",
                "Revert \"rust: sync: add a lock\"",
            ),
            ("[RFC] [v2] sync: add [x]", "rust: sync: add [x]"),
            (
                "kernel-sync: two  lines\n of a subject",
                "rust: sync: two lines of a subject",
            ),
        ] {
            assert_eq!(sync.subject(before), after);
        }
        let both = topic(&["kernel-sync", "kernel-mm"]);
        assert_eq!(both.subject("tidy"), "rust: kernel: tidy");
    }

    #[test]
    fn modules_at_the_root() {
        assert_eq!(root_module("rust/kernel/sync/lock.rs"), Some("sync"));
        assert_eq!(root_module("rust/kernel/sync.rs"), Some("sync"));
        assert_eq!(root_module("rust/helpers/sync.c"), None);
    }
}
