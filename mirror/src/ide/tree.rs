// SPDX-License-Identifier: GPL-2.0

//! A built tree, as Kbuild compiled it: each crate with the options that rustc was given.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::command::Rustc;
use super::library::{self, Network};
use super::model::{Crate, Dep, Model, Source};
use crate::disk::read;
use crate::error::{Error, Result};

/// Where a configured kernel keeps its configuration as rustc's arguments.
const RUSTC_CFG: &str = "include/generated/rustc_cfg";

/// The folder of the crates that all others are built on.
const RUST: &str = "rust";

/// The list of the configuration's cfgs.
const CONFIG: &str = "config";

/// The examples of the documentation, as a source that the build makes.
const DOCTESTS: &str = "doctests_kernel_generated";

/// The cfgs of a configuration: those of the folder `objtree`, in order.
pub(super) fn read_cfgs(objtree: &Path) -> Result<Vec<String>> {
    let text = read(&objtree.join(RUSTC_CFG))?.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut cfgs: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("--cfg="))
        // rust-analyzer knows no value without quotes, and refuses the whole file for one.
        .filter(|cfg| {
            cfg.split_once('=')
                .is_none_or(|(_, value)| value.starts_with('"') && value.ends_with('"'))
        })
        .map(str::to_owned)
        .collect();
    cfgs.sort();
    cfgs.dedup();
    Ok(cfgs)
}

/// A crate of the build.
struct Built {
    rustc: Rustc,
    /// Whether it is one of `rust/`, which others name.
    is_base: bool,
}

/// What the file says of `tree`, and the folder it was built in.
pub(super) fn model(tree: &Path, objtree: &Path) -> Result<(Model, PathBuf)> {
    let not_built = |reason: String| Error::NotBuilt {
        path: objtree.to_owned(),
        reason,
    };
    let objtree = objtree
        .canonicalize()
        .map_err(|error| not_built(error.to_string()))?;
    for needed in [RUSTC_CFG, "rust/.kernel.o.cmd", "rust/.core.o.cmd"] {
        if !objtree.join(needed).is_file() {
            return Err(not_built(format!("it has no `{needed}`")));
        }
    }

    let mut built = commands(&objtree)?;
    let core = built
        .iter()
        .position(|b| b.is_base && b.rustc.name == "core");
    let core = core.map(|at| built.remove(at).rustc);
    let kernel = built.iter().find(|b| b.is_base && b.rustc.name == "kernel");
    let source = kernel.map(|b| b.rustc.source.clone()).unwrap_or_default();
    let source = source.canonicalize().unwrap_or(source);
    if !source.starts_with(tree) {
        return Err(not_built(format!(
            "what was built there is {}",
            source.display()
        )));
    }
    // …/library/core/src/lib.rs
    let sysroot = library::sysroot(&objtree)?;
    let sources = core
        .as_ref()
        .and_then(|core| core.source.ancestors().nth(3));
    let sources = library::find(&sysroot, sources)?;
    // For the programs that the build itself consists of; a kernel has no use for it.
    let hashbrown = library::hashbrown(&sources, Network::Forbidden);
    let hashbrown = hashbrown.map(|path| path.display().to_string());
    let edition = core.map_or_else(|| "2024".to_owned(), |core| core.edition);

    let places: BTreeMap<String, usize> = built
        .iter()
        .enumerate()
        .filter(|(_, built)| built.is_base)
        .map(|(at, built)| (built.rustc.name.clone(), at))
        .collect();
    let crates = built
        .iter()
        .map(|built| describe(&built.rustc, tree, &objtree, &places))
        .collect();
    let model = Model {
        sysroot: sysroot.display().to_string(),
        sysroot_src: sources.display().to_string(),
        sysroot_project: library::crates(&edition, hashbrown.as_deref()),
        cfg_groups: BTreeMap::from([(CONFIG.to_owned(), read_cfgs(&objtree)?)]),
        crates,
        ..Model::default()
    };
    Ok((model, objtree))
}

/// Each run of rustc that the build remembers: those for `rust/` first.
fn commands(objtree: &Path) -> Result<Vec<Built>> {
    let mut found: BTreeMap<(bool, PathBuf), Rustc> = BTreeMap::new();
    let entries = WalkDir::new(objtree)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            entry.depth() == 0 || !(entry.file_type().is_dir() && hidden)
        });
    for entry in entries {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(objtree).to_owned();
            Error::io("read", &path)(error.into())
        })?;
        let name = entry.file_name().to_string_lossy();
        if !(name.starts_with('.') && name.ends_with(".cmd")) || name.contains(DOCTESTS) {
            continue;
        }
        let bytes = fs::read(entry.path()).map_err(Error::io("read", entry.path()))?;
        let Some(mut rustc) = Rustc::parse(&String::from_utf8_lossy(&bytes)) else {
            continue;
        };
        rustc.source = objtree.join(&rustc.source);
        let is_base = entry.path().parent() == Some(&objtree.join(RUST));
        // A source that is compiled more than once is still one crate to an editor.
        found
            .entry((!is_base, rustc.source.clone()))
            .or_insert(rustc);
    }
    Ok(found
        .into_iter()
        .map(|((other, _), rustc)| Built {
            rustc,
            is_base: !other,
        })
        .collect())
}

fn describe(rustc: &Rustc, tree: &Path, objtree: &Path, places: &BTreeMap<String, usize>) -> Crate {
    let folder = rustc.source.parent().unwrap_or(tree);
    let mut include_dirs = vec![folder.display().to_string()];
    // What the build makes for the crate is in the folder of the same name.
    let made = folder
        .strip_prefix(tree)
        .map(|path| objtree.join(path))
        .ok();
    if let Some(made) = made.filter(|made| made != folder && made.is_dir()) {
        include_dirs.push(made.display().to_string());
    }
    Crate {
        display_name: rustc.name.clone(),
        root_module: rustc.source.display().to_string(),
        edition: rustc.edition.clone(),
        is_workspace_member: !rustc.third_party,
        deps: rustc
            .externs
            .iter()
            .filter_map(|name| Some(Dep::new(*places.get(name)?, name)))
            .collect(),
        cfg_groups: match rustc.configured {
            true => vec![CONFIG.to_owned()],
            false => Vec::new(),
        },
        cfg: rustc.cfg.clone(),
        // A specification, as for x86, is for unstable compilers only: there it is the host's.
        target: rustc
            .target
            .clone()
            .filter(|target| rustc.for_kernel && !target.ends_with(".json")),
        crate_attrs: rustc.attributes.clone(),
        env: rustc.env.clone(),
        source: Some(Source {
            include_dirs,
            exclude_dirs: Vec::new(),
        }),
        is_proc_macro: rustc.is_proc_macro,
        proc_macro_dylib_path: rustc
            .linked
            .as_ref()
            .filter(|_| rustc.is_proc_macro)
            .map(|path| objtree.join(path).display().to_string()),
        ..Crate::default()
    }
}
