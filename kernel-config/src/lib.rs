// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The environment variable that names another object tree than the snapshot.
const OVERRIDE: &str = "KERNEL_OBJTREE";

/// Where a configured kernel keeps its configuration as rustc arguments.
const RUSTC_CFG: &str = "include/generated/rustc_cfg";

/// Emits the configuration that the crate's direct dependency (`kernel-bindings` or the `kernel`
/// facade) was built for.
///
/// # Panics
///
/// When the crate depends on neither, since there is no configuration to speak of then.
pub fn emit() {
    let objtree = ["DEP_KERNEL_BINDINGS_OBJTREE", "DEP_KERNEL_OBJTREE"]
        .iter()
        .find_map(env::var_os)
        .expect("a crate that uses kernel-config depends on `kernel-bindings` or on `kernel`");
    emit_objtree(Path::new(&objtree));
}

/// Emits the configuration of `KERNEL_OBJTREE`, or else of `snapshot`, a folder of the calling
/// crate's package.
///
/// # Panics
///
/// When neither folder can be read.
pub fn emit_from(snapshot: &str) {
    println!("cargo::rerun-if-env-changed={OVERRIDE}");
    let objtree = match env::var_os(OVERRIDE) {
        Some(dir) => PathBuf::from(dir),
        None => Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join(snapshot),
    };
    match objtree.canonicalize() {
        Ok(dir) => emit_objtree(&dir),
        Err(error) => panic!(
            "{}: {error}; {OVERRIDE} is to name the object tree of a configured and prepared kernel",
            objtree.display()
        ),
    }
}

fn emit_objtree(objtree: &Path) {
    println!("cargo::rustc-env=OBJTREE={}", objtree.display());
    println!("cargo::metadata=objtree={}", objtree.display());
    println!("cargo::rustc-check-cfg=cfg(cargo)");
    println!("cargo::rustc-cfg=cargo");

    let path = objtree.join(RUSTC_CFG);
    println!("cargo::rerun-if-changed={}", watched(objtree).display());
    let options = parse(&fs::read_to_string(&path).unwrap_or_default());
    for (name, values) in &options {
        for value in values {
            match value {
                None => println!("cargo::rustc-cfg={name}"),
                Some(value) => println!("cargo::rustc-cfg={name}={value}"),
            }
        }
    }
    // The names that sources test are checked against Kconfig by `cargo xtask bindings`; here any
    // option may be unset.
    for name in names_tested() {
        println!("cargo::rustc-check-cfg=cfg({name})");
        println!("cargo::rustc-check-cfg=cfg({name}, values(any()))");
    }
    println!("cargo::rustc-check-cfg=cfg(MODULE, testlib)");
}

/// What Cargo watches: the configuration, or where that would be, since a file that is not there counts
/// as changed each time, and so would every crate that builds on this one.
fn watched(objtree: &Path) -> PathBuf {
    let path = objtree.join(RUSTC_CFG);
    if path.is_file() {
        path
    } else {
        objtree.to_owned()
    }
}

/// Reads `--cfg=NAME` and `--cfg=NAME="value"` lines into the values that each name has.
fn parse(text: &str) -> BTreeMap<String, BTreeSet<Option<String>>> {
    let mut options = BTreeMap::<_, BTreeSet<_>>::new();
    for line in text.lines() {
        let Some(cfg) = line.strip_prefix("--cfg=") else {
            continue;
        };
        let (name, value) = match cfg.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (cfg, None),
        };
        options.entry(name.to_owned()).or_default().insert(value);
    }
    options
}

/// Every `CONFIG_…` name in the calling crate's sources.
fn names_tested() -> BTreeSet<String> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("src");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut names = BTreeSet::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                collect_names(&fs::read_to_string(&path).unwrap_or_default(), &mut names);
            }
        }
    }
    names
}

fn collect_names(text: &str, names: &mut BTreeSet<String>) {
    for (start, _) in text.match_indices("CONFIG_") {
        let name: String = text[start..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect();
        if name.len() > "CONFIG_".len() {
            names.insert(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_watched_is_there() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let bindings = workspace.join("kernel-bindings/snapshot");
        assert_eq!(watched(&bindings), bindings.join(RUSTC_CFG));
        let uapi = workspace.join("kernel-uapi/snapshot");
        assert_eq!(watched(&uapi), uapi);
    }

    #[test]
    fn reads_both_forms_of_an_option() {
        let options =
            parse("--cfg=CONFIG_SMP\n--cfg=CONFIG_SMP=\"y\"\n--cfg=CONFIG_NAME=\"a=b\"\nnoise\n");
        assert_eq!(
            options["CONFIG_SMP"],
            BTreeSet::from([None, Some("\"y\"".to_owned())])
        );
        assert_eq!(
            options["CONFIG_NAME"],
            BTreeSet::from([Some("\"a=b\"".to_owned())])
        );
        assert_eq!(options.len(), 2);
    }

    #[test]
    fn finds_the_names_that_a_source_tests() {
        let mut names = BTreeSet::new();
        collect_names(
            "#[cfg(CONFIG_A)] cfg!(CONFIG_B = \"y\") CONFIG_…",
            &mut names,
        );
        assert_eq!(
            names,
            BTreeSet::from(["CONFIG_A".to_owned(), "CONFIG_B".to_owned()])
        );
    }
}
