// SPDX-License-Identifier: GPL-2.0

//! The standard library of a toolchain.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::model::{Crate, Dep, Source};
use crate::error::{Error, Result};

/// Where the sources of the standard library are in a toolchain.
const PLACE: &str = "lib/rustlib/src/rust/library";

/// The library's crates, each with those of them that it uses.
///
/// Left to itself, rust-analyzer asks Cargo for them. That takes the network, for the few crates
/// of others that are used inside of `std`, and without it nothing in `std` is found at all.
const CRATES: [(&str, &[&str]); 9] = [
    ("core", &[]),
    ("alloc", &["core"]),
    ("panic_abort", &["alloc", "core"]),
    ("unwind", &["core"]),
    ("panic_unwind", &["alloc", "core", "unwind"]),
    ("std_detect", &["alloc", "core"]),
    (
        "std",
        &[
            "alloc",
            "core",
            "panic_abort",
            "panic_unwind",
            "std_detect",
            "unwind",
        ],
    ),
    ("proc_macro", &["alloc", "core", "std"]),
    ("test", &["alloc", "core", "proc_macro", "std"]),
];

/// The library's crates; their paths start from its folder.
pub(super) fn crates(edition: &str) -> Vec<Crate> {
    let places: BTreeMap<&str, usize> = CRATES
        .iter()
        .enumerate()
        .map(|(at, (name, _))| (*name, at))
        .collect();
    CRATES
        .iter()
        .map(|(name, deps)| Crate {
            display_name: (*name).to_owned(),
            root_module: format!("{name}/src/lib.rs"),
            edition: edition.to_owned(),
            deps: deps
                .iter()
                .map(|dep| Dep {
                    at: places[dep],
                    name: (*dep).to_owned(),
                })
                .collect(),
            source: Some(Source {
                include_dirs: vec![(*name).to_owned()],
                exclude_dirs: vec![format!("{name}/benches"), format!("{name}/tests")],
            }),
            ..Crate::default()
        })
        .collect()
}

/// The toolchain that is used in `dir`.
pub(super) fn sysroot(dir: &Path) -> Result<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let failed = |reason: String| Error::Tool {
        command: "rustc --print sysroot".to_owned(),
        reason,
    };
    let output = Command::new(rustc)
        .args(["--print", "sysroot"])
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(failed(words.trim().to_owned()));
    }
    Ok(PathBuf::from(
        String::from_utf8_lossy(&output.stdout).trim(),
    ))
}

/// The folder of the library's sources: `folder`, or that of the toolchain.
pub(super) fn find(sysroot: &Path, folder: Option<&Path>) -> Result<PathBuf> {
    let folder = folder.map_or_else(|| sysroot.join(PLACE), Path::to_owned);
    match folder.join("core/src/lib.rs").is_file() {
        true => folder.canonicalize().map_err(Error::io("read", &folder)),
        false => Err(Error::NoRustSource { path: folder }),
    }
}
