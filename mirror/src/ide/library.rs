// SPDX-License-Identifier: GPL-2.0

//! The standard library of a toolchain.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::MetadataCommand;

use super::model::{Crate, Dep, Source};
use crate::error::{Error, Result};

/// Where the sources of the standard library are in a toolchain.
const PLACE: &str = "lib/rustlib/src/rust/library";

/// The library's crates, each with those of them that it uses.
///
/// Left to itself, rust-analyzer asks Cargo for them and all they use of others'. That may take the
/// network, and without it nothing of `std` is found at all. Of the others' only [`HASHBROWN`]
/// matters: it is what `HashMap` is made of.
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

/// What `std` has its hash tables from.
pub(super) const HASHBROWN: &str = "hashbrown";

/// The library's crates; paths start from its folder, that of `hashbrown`, if it is known, too.
pub(super) fn crates(edition: &str, hashbrown: Option<&str>) -> Vec<Crate> {
    let describe = |name: &str, folder: &str, deps: &[&str]| Crate {
        display_name: name.to_owned(),
        root_module: format!("{folder}/src/lib.rs"),
        edition: edition.to_owned(),
        deps: deps
            .iter()
            .filter_map(|name| {
                let at = CRATES.iter().position(|(other, _)| other == name)?;
                Some(Dep::new(at, name))
            })
            .collect(),
        source: Some(Source {
            include_dirs: vec![folder.to_owned()],
            exclude_dirs: vec![format!("{folder}/benches"), format!("{folder}/tests")],
        }),
        ..Crate::default()
    };
    let mut crates: Vec<Crate> = CRATES
        .iter()
        .map(|(name, deps)| describe(name, name, deps))
        .collect();
    if let Some(folder) = hashbrown {
        let at = crates.len();
        for std in crates.iter_mut().filter(|one| one.display_name == "std") {
            std.deps.push(Dep::new(at, HASHBROWN));
        }
        let features = ["nightly", "rustc-dep-of-std", "rustc-internal-api"];
        crates.push(Crate {
            edition: "2021".to_owned(),
            cfg: features.map(|name| format!("feature=\"{name}\"")).to_vec(),
            ..describe(HASHBROWN, folder, &["alloc", "core"])
        });
    }
    crates
}

/// Whether Cargo may download something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    Allowed,
    Forbidden,
}

/// The folder of the `hashbrown` that the library in the folder `library` is built with; none if
/// Cargo doesn't have it.
pub(super) fn hashbrown(library: &Path, network: Network) -> Option<PathBuf> {
    let mut options = vec!["--locked".to_owned()];
    if network == Network::Forbidden {
        options.push("--offline".to_owned());
    }
    let metadata = MetadataCommand::new()
        .manifest_path(library.join("Cargo.toml"))
        .other_options(options)
        // The library's manifest is written for the unstable Cargo.
        .env("RUSTC_BOOTSTRAP", "1")
        .exec()
        .ok()?;
    let package = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == HASHBROWN)?;
    Some(package.manifest_path.parent()?.as_std_path().to_owned())
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
