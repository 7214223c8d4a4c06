// SPDX-License-Identifier: GPL-2.0

//! The options that a tree's Kconfig files define.

use std::collections::BTreeMap;
use std::fs;

use crate::error::{Error, Result};
use crate::tree::Tree;

/// Folders with Kconfig files that are no part of the kernel's configuration.
const ELSEWHERE: [&str; 3] = ["Documentation", "scripts/kconfig/tests", "tools"];

/// What is known of an option.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Symbol {
    /// Somewhere it is a yes or no.
    pub(super) is_switch: bool,
    /// Somewhere it is a number or a text.
    pub(super) is_value: bool,
}

/// The options.
#[derive(Debug, Default)]
pub(super) struct Kconfig {
    symbols: BTreeMap<String, Symbol>,
}

impl Kconfig {
    /// Reads all Kconfig files of the tree.
    pub(super) fn read(tree: &Tree) -> Result<Self> {
        let mut kconfig = Self::default();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let path = tree.path(&folder);
            for entry in fs::read_dir(&path).map_err(Error::io("read", &path))? {
                let entry = entry.map_err(Error::io("read", &path))?;
                let Ok(name) = entry.file_name().into_string() else {
                    continue;
                };
                let kind = entry
                    .file_type()
                    .map_err(Error::io("read", &entry.path()))?;
                if kind.is_file() && name.starts_with("Kconfig") {
                    let bytes = fs::read(entry.path()).map_err(Error::io("read", &entry.path()))?;
                    kconfig.add(&String::from_utf8_lossy(&bytes));
                }
                let name = format!("{folder}{name}");
                let is_part = !ELSEWHERE.contains(&name.as_str()) && !name.contains("/.");
                if kind.is_dir() && is_part && !name.starts_with('.') {
                    folders.push(format!("{name}/"));
                }
            }
        }
        Ok(kconfig)
    }

    fn add(&mut self, text: &str) {
        let mut current: Option<&mut Symbol> = None;
        for line in text.lines() {
            let mut words = line.split_whitespace();
            match (words.next(), words.next()) {
                (Some("config" | "menuconfig"), Some(name)) => {
                    current = Some(self.symbols.entry(name.to_owned()).or_default());
                }
                (Some("bool" | "tristate" | "def_bool" | "def_tristate"), _) => {
                    current
                        .iter_mut()
                        .for_each(|symbol| symbol.is_switch = true);
                }
                (Some("int" | "hex" | "string"), _) => {
                    current.iter_mut().for_each(|symbol| symbol.is_value = true);
                }
                _ => {}
            }
        }
    }

    /// The option `CONFIG_name`.
    pub(super) fn get(&self, name: &str) -> Option<Symbol> {
        self.symbols.get(name.strip_prefix("CONFIG_")?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_options_and_their_kinds() {
        let mut kconfig = Kconfig::default();
        kconfig.add(
            "menu \"x\"\n\nconfig A\n\tbool \"a\"\n\thelp\n\t  Text.\n\nmenuconfig B\n\tdef_tristate y\n\
             config NR\n\tint\n\trange 1 2\n",
        );
        let symbol = |is_switch, is_value| {
            Some(Symbol {
                is_switch,
                is_value,
            })
        };
        assert_eq!(kconfig.get("CONFIG_A"), symbol(true, false));
        assert_eq!(kconfig.get("CONFIG_B"), symbol(true, false));
        assert_eq!(kconfig.get("CONFIG_NR"), symbol(false, true));
        assert_eq!(kconfig.get("CONFIG_C"), None);
        assert_eq!(kconfig.get("A"), None);
    }
}
