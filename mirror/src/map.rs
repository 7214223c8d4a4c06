// SPDX-License-Identifier: GPL-2.0

//! Which file of the workspace a file of a tree is, and the other way round.
//!
//! Files are the same bytes in both layouts, so this is all there is to bringing a change across.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::flatten::{Flat, Origin};
use crate::maintainers::MAINTAINERS;
use crate::tree;
use crate::workspace::{Dest, Package, Workspace};

/// The folder of the one crate `kernel`, with its `/`.
const KERNEL: &str = "rust/kernel/";
const HELPERS: &str = "rust/helpers/";

/// Where a file of a tree belongs in the workspace. Sources are relative to the workspace, with `/`
/// between the parts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// It is the same bytes as this file.
    Copied {
        /// The crate that has it.
        package: String,
        /// The file.
        source: String,
    },
    /// There is none yet; it would be this one.
    New {
        /// The crate that would have it.
        package: String,
        /// The file.
        source: String,
    },
    /// It is made from several crates' sources.
    Generated {
        /// The crates.
        packages: Vec<String>,
        /// What to edit instead.
        sources: Vec<String>,
    },
    /// It is new, and could be any of these crates'.
    Undecided {
        /// The crates.
        choices: Vec<String>,
    },
    /// It is none of the crates' files.
    Foreign,
}

/// What is wrong with a name that a patch or a commit brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadName {
    /// There is nothing, or nothing between two `/`.
    Empty,
    /// It begins with `/`.
    Absolute,
    /// A part of it is `.` or `..`.
    Dots,
    /// A part of it is `.git`.
    Git,
    /// A character that no source's name has: a control character, or a backslash.
    Control,
    /// It is not UTF-8.
    NotUtf8,
}

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty part in the name",
            Self::Absolute => "an absolute path",
            Self::Dots => "`.` or `..` in the name",
            Self::Git => "`.git` in the name",
            Self::Control => "a control character or a backslash in the name",
            Self::NotUtf8 => "the name is not UTF-8",
        })
    }
}

/// Takes `name` for a path below some folder.
///
/// # Errors
///
/// When it could mean another place, or something else on another system.
pub fn check_name(name: &[u8]) -> Result<&str, BadName> {
    let name = std::str::from_utf8(name).map_err(|_| BadName::NotUtf8)?;
    if name.starts_with('/') {
        return Err(BadName::Absolute);
    }
    if name.contains(|c: char| c.is_control() || c == '\\') {
        return Err(BadName::Control);
    }
    for part in name.split('/') {
        match part {
            "" => return Err(BadName::Empty),
            "." | ".." => return Err(BadName::Dots),
            part if part.eq_ignore_ascii_case(".git") => return Err(BadName::Git),
            _ => {}
        }
    }
    Ok(name)
}

#[derive(Clone, Debug)]
struct Part {
    name: String,
    /// Its folder, relative to the workspace; empty, or ending with `/`.
    folder: String,
    dest: Dest,
    is_facade: bool,
}

/// A workspace's files and a tree's, side by side.
#[derive(Clone, Debug)]
pub struct Map {
    parts: Vec<Part>,
    /// The tree's files: the crate and the source of a copy, or the crates that one is made from.
    files: BTreeMap<String, Known>,
    sources: BTreeMap<String, String>,
    /// New files whose crate is known.
    told: BTreeMap<String, String>,
    /// The present names, folders included, by what they are on a disk that is blind to case.
    names: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
enum Known {
    Copied(String, String),
    Generated(Vec<String>),
}

impl Map {
    /// The map of a workspace and of what [`flatten`](crate::flatten()) made of it.
    pub fn new(workspace: &Workspace, flat: &Flat) -> Self {
        let relative = |path: &std::path::Path| {
            let path = path.strip_prefix(&workspace.root).unwrap_or(path);
            path.to_string_lossy().into_owned()
        };
        let part = |package: &Package| {
            let mut folder = relative(&package.root);
            if !folder.is_empty() {
                folder.push('/');
            }
            Part {
                name: package.name.clone(),
                folder,
                dest: package.dest.clone(),
                is_facade: package.is_facade(),
            }
        };
        let mut map = Self {
            parts: workspace.packages.iter().map(part).collect(),
            files: BTreeMap::new(),
            sources: BTreeMap::new(),
            told: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        for (path, file) in &flat.files {
            let known = match file.origin() {
                Origin::Copied { package, source } => {
                    let source = relative(source);
                    map.sources.insert(source.clone(), path.clone());
                    Known::Copied(package.clone(), source)
                }
                Origin::Generated { packages } => Known::Generated(packages.clone()),
            };
            map.files.insert(path.clone(), known);
            map.remember(path);
        }
        map
    }

    fn remember(&mut self, path: &str) {
        for end in path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()])
        {
            let name = &path[..end];
            self.names
                .entry(name.to_lowercase())
                .or_insert_with(|| name.to_owned());
        }
    }

    /// The crates' names, in dependency order.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.name.as_str())
    }

    /// Settles that the new file `path` is `package`'s; says where it would be in the workspace, or
    /// none when that crate cannot have such a file.
    pub fn tell(&mut self, path: &str, package: &str) -> Option<String> {
        let part = self.parts.iter().find(|part| part.name == package)?;
        let source = part.source(path)?;
        self.told.insert(path.to_owned(), package.to_owned());
        self.remember(path);
        Some(source)
    }

    /// The present file or folder from which `path` differs in case only.
    pub fn case_clash(&self, path: &str) -> Option<&str> {
        let ends = path.match_indices('/').map(|(at, _)| at);
        ends.chain([path.len()]).find_map(|end| {
            let present = self.names.get(&path[..end].to_lowercase())?;
            (present != &path[..end]).then_some(present.as_str())
        })
    }

    /// Where the tree's file `path` belongs.
    pub fn place(&self, path: &str) -> Place {
        match self.files.get(path) {
            Some(Known::Copied(package, source)) => {
                return Place::Copied {
                    package: package.clone(),
                    source: source.clone(),
                }
            }
            Some(Known::Generated(packages)) => return self.generated(path, packages.clone()),
            None if is_generated(path) => {
                let packages = self.kernel().map(|part| part.name.clone()).collect();
                return self.generated(path, packages);
            }
            None => {}
        }
        if !tree::may_write(path) {
            return Place::Foreign;
        }
        if let Some(package) = self.told.get(path) {
            return self.new_in(package, path);
        }
        // The longest folder is the nearest.
        let outside = self.parts.iter().filter(|part| part.dest != Dest::Kernel);
        let nearest = outside
            .filter(|part| !path.starts_with(HELPERS) && part.source(path).is_some())
            .max_by_key(|part| match &part.dest {
                Dest::Folder(name) | Dest::File(name) => name.len(),
                Dest::Kernel => 0,
            });
        if let Some(part) = nearest {
            return self.new_in(&part.name, path);
        }
        if path.starts_with(KERNEL) {
            return match self.owner(path) {
                Ok(package) => self.new_in(&package, path),
                Err(choices) => Place::Undecided { choices },
            };
        }
        if path.starts_with(HELPERS) {
            return Place::Undecided {
                choices: self.choices(),
            };
        }
        Place::Foreign
    }

    /// The tree's file that the workspace's file `source` becomes, or would become.
    pub fn tree_path(&self, source: &str) -> Option<String> {
        if let Some(path) = self.sources.get(source) {
            return Some(path.clone());
        }
        // A crate's folder may be inside another's.
        let part = self
            .parts
            .iter()
            .filter(|part| source.starts_with(&part.folder))
            .max_by_key(|part| part.folder.len())?;
        let name = &source[part.folder.len()..];
        let path = match (name.strip_prefix("src/"), &part.dest) {
            (Some("lib.rs"), Dest::Kernel) => return None,
            (Some(name), Dest::Kernel) => format!("{KERNEL}{name}"),
            (Some(name), Dest::Folder(folder)) => format!("{folder}/{name}"),
            (Some("lib.rs"), Dest::File(file)) => file.clone(),
            (Some(_), Dest::File(_)) => return None,
            (None, _) => format!("{HELPERS}{}", name.strip_prefix("helpers/")?),
        };
        tree::may_write(&path).then_some(path)
    }

    /// The crate whose file `source` is, by the folder that it is in.
    pub fn package_of(&self, source: &str) -> Option<&str> {
        let holds = |part: &&Part| source.starts_with(&part.folder);
        let parts = self.parts.iter().filter(holds);
        let part = parts.max_by_key(|part| part.folder.len())?;
        Some(&part.name)
    }

    fn kernel(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.dest == Dest::Kernel)
    }

    /// The crates that a new module or helper may be in: the facade has none.
    fn choices(&self) -> Vec<String> {
        let plain = self.kernel().filter(|part| !part.is_facade);
        plain.map(|part| part.name.clone()).collect()
    }

    fn new_in(&self, package: &str, path: &str) -> Place {
        let part = self.parts.iter().find(|part| part.name == package);
        match part.and_then(|part| part.source(path)) {
            Some(source) => Place::New {
                package: package.to_owned(),
                source,
            },
            None => Place::Foreign,
        }
    }

    fn generated(&self, path: &str, packages: Vec<String>) -> Place {
        let name = match path {
            "rust/helpers/helpers.c" => "helpers/",
            "rust/bindings/bindings_helper.h" => "bindings.h",
            "rust/uapi/uapi_helper.h" => "uapi.h",
            MAINTAINERS => "Cargo.toml",
            _ => "src/lib.rs",
        };
        let parts = self.parts.iter();
        let sources = parts
            .filter(|part| packages.contains(&part.name))
            .map(|part| format!("{}{name}", part.folder))
            .collect();
        Place::Generated { packages, sources }
    }

    /// The crate that the file `path` of the tree is, or is going to be, copied from.
    fn owner_of(&self, path: &str) -> Option<&str> {
        match self.files.get(path) {
            Some(Known::Copied(package, _)) => Some(package),
            _ => self.told.get(path).map(String::as_str),
        }
    }

    fn owners_under(&self, folder: &str) -> BTreeSet<&str> {
        let in_folder = |path: &&String| path.starts_with(folder);
        let files = self.files.keys().filter(in_folder);
        let told = self.told.keys().filter(in_folder);
        files
            .chain(told)
            .filter_map(|path| self.owner_of(path))
            .collect()
    }

    /// The crate whose module tree has a place for the new file `path` of `kernel`, or the crates
    /// that may have one.
    fn owner(&self, path: &str) -> Result<String, Vec<String>> {
        let only = |owners: BTreeSet<&str>| {
            let mut owners: Vec<_> = owners.into_iter().map(str::to_owned).collect();
            match owners.len() {
                0 => None,
                1 => owners.pop().map(Ok),
                _ => Some(Err(owners)),
            }
        };
        // It may be the module of a folder that is there already.
        let inside = path.strip_suffix(".rs").map(|stem| format!("{stem}/"));
        if let Some(found) = inside.and_then(|folder| only(self.owners_under(&folder))) {
            return found;
        }
        let mut folder = path;
        while let Some((above, _)) = folder.rsplit_once('/') {
            if above.len() < KERNEL.len() {
                break;
            }
            folder = above;
            let module = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
            if let Some(owner) = module.iter().find_map(|file| self.owner_of(file)) {
                return Ok(owner.to_owned());
            }
            if let Some(found) = only(self.owners_under(&format!("{folder}/"))) {
                return found;
            }
        }
        Err(self.choices())
    }
}

impl Part {
    /// The file of this crate that would become `path`.
    fn source(&self, path: &str) -> Option<String> {
        let Self { folder, dest, .. } = self;
        if let Some(name) = path.strip_prefix(HELPERS) {
            return (!name.contains('/') && name.ends_with(".c"))
                .then(|| format!("{folder}helpers/{name}"));
        }
        match dest {
            Dest::Kernel => {
                let name = path.strip_prefix(KERNEL).filter(|name| *name != "lib.rs")?;
                Some(format!("{folder}src/{name}"))
            }
            Dest::Folder(top) => {
                let name = path.strip_prefix(top.as_str())?.strip_prefix('/')?;
                Some(format!("{folder}src/{name}"))
            }
            Dest::File(file) => (file == path).then(|| format!("{folder}src/lib.rs")),
        }
    }
}

/// Whether `path` is what [`flatten`](crate::flatten()) may make from many crates, made or not.
fn is_generated(path: &str) -> bool {
    matches!(
        path,
        "rust/kernel/lib.rs"
            | "rust/kernel/prelude.rs"
            | "rust/helpers/helpers.c"
            | "rust/bindings/bindings_helper.h"
            | "rust/uapi/uapi_helper.h"
    )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::flatten::FlatFile;

    fn package(name: &str, dest: Dest) -> Package {
        Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            description: String::new(),
            lib: name.replace('-', "_"),
            root: PathBuf::from("/w").join(name),
            dest,
            maintainers: Vec::new(),
            status: String::new(),
            lists: Vec::new(),
            dependencies: BTreeMap::new(),
        }
    }

    fn map() -> Map {
        let workspace = Workspace::new(
            PathBuf::from("/w"),
            [
                package("kernel", Dest::Kernel),
                package("kernel-core", Dest::Kernel),
                package("kernel-sync", Dest::Kernel),
                package("kernel-macros", Dest::Folder("rust/macros".to_owned())),
                package("kernel-ffi", Dest::File("rust/ffi.rs".to_owned())),
            ],
        );
        let mut flat = Flat::default();
        for (path, package, source) in [
            ("rust/kernel/error.rs", "kernel-core", "src/error.rs"),
            ("rust/kernel/mixed/a.rs", "kernel-core", "src/mixed/a.rs"),
            ("rust/kernel/mixed/b.rs", "kernel-sync", "src/mixed/b.rs"),
            ("rust/kernel/sync.rs", "kernel-sync", "src/sync.rs"),
            (
                "rust/kernel/sync/lock.rs",
                "kernel-sync",
                "src/sync/lock.rs",
            ),
            ("rust/kernel/io/mem/x.rs", "kernel-core", "src/io/mem/x.rs"),
            ("rust/ffi.rs", "kernel-ffi", "src/lib.rs"),
            ("rust/helpers/err.c", "kernel-core", "helpers/err.c"),
        ] {
            let origin = Origin::Copied {
                package: package.to_owned(),
                source: PathBuf::from("/w").join(package).join(source),
            };
            flat.files
                .insert(path.to_owned(), FlatFile::new(Vec::new(), origin));
        }
        Map::new(&workspace, &flat)
    }

    fn place(path: &str) -> String {
        match map().place(path) {
            Place::Copied { source, .. } => format!("is {source}"),
            Place::New { source, .. } => format!("new {source}"),
            Place::Generated { sources, .. } => format!("from {}", sources.join(" ")),
            Place::Undecided { choices } => format!("one of {}", choices.join(" ")),
            Place::Foreign => "foreign".to_owned(),
        }
    }

    #[test]
    fn a_new_file_goes_to_the_crate_whose_module_it_is() {
        for (path, wanted) in [
            ("rust/kernel/error.rs", "is kernel-core/src/error.rs"),
            ("rust/ffi.rs", "is kernel-ffi/src/lib.rs"),
            ("rust/kernel/sync/rcu.rs", "new kernel-sync/src/sync/rcu.rs"),
            (
                "rust/kernel/sync/a/b/c.rs",
                "new kernel-sync/src/sync/a/b/c.rs",
            ),
            (
                "rust/kernel/sync/README.md",
                "new kernel-sync/src/sync/README.md",
            ),
            (
                "rust/kernel/error/code.rs",
                "new kernel-core/src/error/code.rs",
            ),
            ("rust/kernel/io.rs", "new kernel-core/src/io.rs"),
            ("rust/kernel/io/y.rs", "new kernel-core/src/io/y.rs"),
            ("rust/kernel/mixed/c.rs", "one of kernel-core kernel-sync"),
            ("rust/kernel/drm.rs", "one of kernel-core kernel-sync"),
            ("rust/helpers/drm.c", "one of kernel-core kernel-sync"),
            ("rust/macros/a/b.rs", "new kernel-macros/src/a/b.rs"),
            ("rust/macros/lib.rs", "new kernel-macros/src/lib.rs"),
            ("rust/kernel/Kconfig", "foreign"),
            ("rust/uapi/lib.rs", "foreign"),
            ("drivers/a.rs", "foreign"),
            ("rust/kernel/x.rs.orig", "foreign"),
            (
                "rust/kernel/lib.rs",
                "from kernel-core/src/lib.rs kernel-sync/src/lib.rs kernel/src/lib.rs",
            ),
        ] {
            assert_eq!(place(path), wanted, "{path}");
        }
    }

    #[test]
    fn both_ways_agree() {
        let mut map = map();
        for path in ["rust/kernel/sync/rcu.rs", "rust/macros/a.rs", "rust/ffi.rs"] {
            let (Place::New { source, .. } | Place::Copied { source, .. }) = map.place(path) else {
                panic!("{path}");
            };
            assert_eq!(map.tree_path(&source).as_deref(), Some(path));
        }
        assert_eq!(map.tree_path("kernel-core/src/lib.rs"), None);
        assert_eq!(map.tree_path("kernel-core/Cargo.toml"), None);
        assert_eq!(map.tree_path("README.md"), None);

        let source = map.tell("rust/kernel/drm.rs", "kernel-sync");
        assert_eq!(source.as_deref(), Some("kernel-sync/src/drm.rs"));
        assert!(matches!(
            map.place("rust/kernel/drm/gem.rs"),
            Place::New { package, .. } if package == "kernel-sync"
        ));
        assert_eq!(map.tell("rust/kernel/x.rs", "kernel-macros"), None);
    }

    #[test]
    fn names_that_could_mean_something_else_are_refused() {
        assert_eq!(check_name(b"rust/kernel/a b.rs"), Ok("rust/kernel/a b.rs"));
        for (name, wanted) in [
            (&b""[..], BadName::Empty),
            (b"rust//a", BadName::Empty),
            (b"/etc/passwd", BadName::Absolute),
            (b"rust/../../x", BadName::Dots),
            (b"./x", BadName::Dots),
            (b"rust/.GIT/config", BadName::Git),
            (b"rust/a\nb", BadName::Control),
            (b"rust\\..\\x", BadName::Control),
            (b"rust/\xff", BadName::NotUtf8),
        ] {
            assert_eq!(check_name(name), Err(wanted), "{name:?}");
        }
        let map = map();
        assert_eq!(
            map.case_clash("rust/kernel/Error.rs"),
            Some("rust/kernel/error.rs")
        );
        assert_eq!(
            map.case_clash("rust/kernel/SYNC/x.rs"),
            Some("rust/kernel/sync")
        );
        assert_eq!(map.case_clash("rust/kernel/sync/x.rs"), None);
    }
}
