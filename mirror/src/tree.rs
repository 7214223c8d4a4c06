// SPDX-License-Identifier: GPL-2.0

//! The kernel tree: which release it is, and which of its files are the crates' own.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::digest::Stamp;
use crate::disk::{mode, read, Disk};
use crate::error::{Error, Result};
use crate::maintainers::{own, Region, MAINTAINERS};

/// The releases that the crates are made for, in words.
pub(crate) const SUPPORTED: &str = "7.2 and its stable updates (7.2.x)";

/// The lock's path in the tree.
pub const LOCK: &str = "rust/kernel/mirror.lock";

/// The folder in the tree that holds the backup and, during an operation, its journal.
///
/// The kernel's `.gitignore` leaves hidden files out, no rule of Kbuild looks into such a folder,
/// and no file in it has a name that a tool (`make rustfmt`, `make tags`) would take for a source.
pub(crate) const PRIVATE: &str = "rust/kernel/.mirror";

/// What makes a folder a kernel tree that crates can be put into.
const NEEDED: [&str; 6] = [
    "Kbuild",
    "Makefile",
    "rust/Makefile",
    "rust/bindings",
    "rust/kernel",
    "rust/macros",
];

/// The folders that hold files of the crates.
const FOLDERS: [&str; 5] = [
    "rust/bindings",
    "rust/helpers",
    "rust/kernel",
    "rust/macros",
    "rust/uapi",
];

/// The release of a kernel tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    version: u32,
    patchlevel: u32,
    sublevel: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.version, self.patchlevel, self.sublevel)
    }
}

impl Version {
    fn parse(makefile: &str) -> Option<Self> {
        let number = |name: &str| {
            let line = makefile.lines().take(40).find_map(|line| {
                let rest = line.strip_prefix(name)?.trim_start();
                rest.strip_prefix('=').map(str::trim)
            })?;
            line.parse().ok()
        };
        Some(Self {
            version: number("VERSION")?,
            patchlevel: number("PATCHLEVEL")?,
            sublevel: number("SUBLEVEL")?,
        })
    }

    fn is_supported(&self) -> bool {
        (self.version, self.patchlevel) == (7, 2)
    }
}

/// A kernel tree.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    version: Version,
    disk: Disk,
}

/// A file of the tree, as found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) stamp: Stamp,
    pub(crate) mode: u32,
}

impl Tree {
    /// Takes `path` for a kernel tree.
    ///
    /// # Errors
    ///
    /// [`Error::NotAKernelTree`], [`Error::UnsupportedVersion`], and [`Error::Symlink`] when a
    /// folder that the crates' files go into is somewhere else.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_on(Disk::new(), path)
    }

    /// Takes `path` for a kernel tree, and makes all changes to it through `disk`.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open).
    pub fn open_on(disk: Disk, path: &Path) -> Result<Self> {
        let not = |reason: String| Error::NotAKernelTree {
            path: path.to_owned(),
            reason,
        };
        let root = path
            .canonicalize()
            .map_err(|error| not(error.to_string()))?;
        if let Some(missing) = NEEDED.iter().find(|name| !root.join(name).exists()) {
            return Err(not(format!("it has no `{missing}`")));
        }
        let makefile = read(&root.join("Makefile"))?.unwrap_or_default();
        let version = Version::parse(&String::from_utf8_lossy(&makefile))
            .ok_or_else(|| not("its Makefile states no version".to_owned()))?;
        if !version.is_supported() {
            return Err(Error::UnsupportedVersion {
                path: path.to_owned(),
                version: version.to_string(),
            });
        }
        for name in FOLDERS.iter().chain(&["rust", PRIVATE]) {
            let path = root.join(name);
            if path.is_symlink() {
                return Err(Error::Symlink { path });
            }
        }
        Ok(Self {
            root,
            version,
            disk,
        })
    }

    /// The tree's top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The tree's release.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Where a file of the tree is.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Whether the tree has a place for the crates' file `path`: not each has for their sections of
    /// MAINTAINERS.
    pub(crate) fn takes(&self, path: &str) -> Result<bool> {
        if path != MAINTAINERS {
            return Ok(true);
        }
        Ok(Region::splice(&self.maintainers()?, b"x").is_some())
    }

    /// What of the file `path` is the crates', as it is now; none where there is no such file.
    pub(crate) fn content(&self, path: &str) -> Result<Option<Vec<u8>>> {
        if path != MAINTAINERS {
            return read(&self.path(path));
        }
        Ok(own(path, &self.maintainers()?).map(<[u8]>::to_vec))
    }

    /// The tree's MAINTAINERS, all of it; empty where there is no such file.
    pub(crate) fn maintainers(&self) -> Result<Vec<u8>> {
        let path = self.path(MAINTAINERS);
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_file() => Ok(read(&path)?.unwrap_or_default()),
            _ => Ok(Vec::new()),
        }
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    pub(crate) fn private(&self, name: &str) -> PathBuf {
        self.root.join(PRIVATE).join(name)
    }

    /// Keeps other runs out of the tree for as long as the result lives.
    ///
    /// The lock is on the folder `rust` itself: there is no lock file to be left behind, and the
    /// operating system lets go of it however the process ends.
    pub(crate) fn lock(&self) -> Result<File> {
        self.lock_by(File::try_lock)
    }

    /// Keeps out only those runs that change the tree.
    pub(crate) fn lock_shared(&self) -> Result<File> {
        self.lock_by(File::try_lock_shared)
    }

    fn lock_by(&self, try_lock: fn(&File) -> Result<(), TryLockError>) -> Result<File> {
        let path = self.root.join("rust");
        let folder = File::open(&path).map_err(Error::io("open", &path))?;
        match try_lock(&folder) {
            Ok(()) => Ok(folder),
            Err(TryLockError::WouldBlock) => Err(Error::Busy {
                path: self.root.clone(),
            }),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", &path)(error)),
        }
    }

    /// The crates' own files, as they are now: all that are in the places of [`is_ours`], and those
    /// of `also` that are there.
    pub(crate) fn scan<'a>(
        &self,
        also: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeMap<String, Found>> {
        let mut found = BTreeMap::new();
        for top in FOLDERS {
            self.scan_folder(top, &mut found)?;
        }
        for path in ["rust/build_error.rs", "rust/ffi.rs", MAINTAINERS]
            .into_iter()
            .chain(also)
        {
            if !found.contains_key(path) {
                self.no_symlink_above(path)?;
                self.look(path, &mut found)?;
            }
        }
        Ok(found)
    }

    fn scan_folder(&self, folder: &str, found: &mut BTreeMap<String, Found>) -> Result<()> {
        let path = self.path(folder);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(Error::io("read", &path))?;
            // The crates' names are UTF-8.
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let kind = entry
                .file_type()
                .map_err(Error::io("read", &entry.path()))?;
            let name = format!("{folder}/{name}");
            if is_ours(&name) {
                self.look(&name, found)?;
            } else if has_folders(folder) && !is_hidden(&name) {
                if kind.is_dir() {
                    self.scan_folder(&name, found)?;
                } else if kind.is_symlink() && entry.path().is_dir() {
                    return Err(Error::Symlink { path: entry.path() });
                }
            }
        }
        Ok(())
    }

    fn look(&self, name: &str, found: &mut BTreeMap<String, Found>) -> Result<()> {
        if name == MAINTAINERS {
            if let Some(region) = self.content(name)? {
                let (stamp, mode) = (Stamp::of(&region, 0), 0o644);
                found.insert(name.to_owned(), Found { stamp, mode });
            }
            return Ok(());
        }
        let path = self.path(name);
        let metadata = match path.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(())
            }
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        if metadata.is_symlink() {
            return Err(Error::Symlink { path });
        }
        if !metadata.is_file() {
            return Err(Error::SpecialFile { path });
        }
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        let mode = mode(&metadata);
        let file = Found {
            stamp: Stamp::of(&bytes, mode),
            mode,
        };
        found.insert(name.to_owned(), file);
        Ok(())
    }

    fn no_symlink_above(&self, name: &str) -> Result<()> {
        for (at, _) in name.match_indices('/') {
            let path = self.path(&name[..at]);
            if path.is_symlink() {
                return Err(Error::Symlink { path });
            }
        }
        Ok(())
    }
}

/// Whether the file `path` of a tree is in a place that is the crates' alone: whatever is there
/// is theirs, or upstream's that theirs replaces, or someone's edit.
///
/// The rest of `rust/` stays as it is: its Makefile, the libraries that the tree carries, Kconfig
/// files, and what a build inside of the tree leaves.
pub fn is_ours(path: &str) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else {
        return false;
    };
    if is_hidden(path) || is_leftover(name) || is_built(name) {
        return false;
    }
    match folder {
        "rust" => matches!(name, "build_error.rs" | "ffi.rs"),
        "rust/bindings" => matches!(name, "lib.rs" | "bindings_helper.h"),
        "rust/helpers" => name.ends_with(".c"),
        "rust/uapi" => matches!(name, "lib.rs" | "uapi_helper.h"),
        _ => has_folders(folder) && (name.ends_with(".rs") || name.ends_with(".S")),
    }
}

/// Whether a crate may have a file that becomes `path`: [`is_ours`], and files of other kinds next
/// to the modules.
pub(crate) fn may_write(path: &str) -> bool {
    let Some((folder, name)) = path.rsplit_once('/') else {
        return false;
    };
    is_ours(path)
        || (has_folders(folder)
            && !is_hidden(path)
            && !is_leftover(name)
            && !is_built(name)
            && !name.starts_with("Kconfig")
            && !matches!(name, "Makefile" | "Kbuild")
            && path != LOCK)
}

/// Whether `folder` is a folder of modules, or inside of one.
pub(crate) fn has_folders(folder: &str) -> bool {
    ["rust/kernel", "rust/macros"].iter().any(|top| {
        folder
            .strip_prefix(top)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// What Kbuild makes in a tree that is built in place.
fn is_built(name: &str) -> bool {
    const SUFFIXES: [&str; 12] = [
        ".a", ".bc", ".d", ".i", ".ko", ".ll", ".mod", ".o", ".rmeta", ".rsi", ".s", ".so",
    ];
    (name.starts_with("generated_") && name.ends_with("_asm.rs"))
        || SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// What editors and `patch` leave next to a source, and hidden files.
pub(crate) fn is_leftover(name: &str) -> bool {
    name.starts_with(['.', '#'])
        || name.ends_with('~')
        || [".bak", ".orig", ".rej", ".swp"]
            .iter()
            .any(|suffix| name.ends_with(suffix))
}

fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version() {
        let parse = |text: &str| Version::parse(text).map(|version| version.to_string());
        assert_eq!(
            parse("# x\nVERSION = 7\nPATCHLEVEL = 2\nSUBLEVEL = 12\nEXTRAVERSION = -rc1\n"),
            Some("7.2.12".to_owned())
        );
        assert_eq!(parse("VERSION = 7\nPATCHLEVEL = x\nSUBLEVEL = 0\n"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn tells_own_files_from_others() {
        for path in [
            "rust/kernel/lib.rs",
            "rust/kernel/sync/lock.rs",
            "rust/kernel/generated_arch_warn_asm.rs.S",
            "rust/helpers/mutex.c",
            "rust/macros/lib.rs",
            "rust/macros/module/input.rs",
            "rust/bindings/bindings_helper.h",
            "rust/ffi.rs",
        ] {
            assert!(is_ours(path), "{path}");
            assert!(may_write(path), "{path}");
        }
        for path in [
            "Makefile",
            "rust/Makefile",
            "rust/exports.c",
            "rust/compiler_builtins.rs",
            "rust/bindings/bindings_generated.rs",
            "rust/helpers/helpers.o",
            "rust/pin-init/src/lib.rs",
            "rust/macros/Makefile",
            "rust/kernels/lib.rs",
            "rust/kernel/.gitignore",
            "rust/kernel/.mirror/old/1.rs",
            "rust/kernel/Kconfig.test",
            "rust/kernel/mirror.lock",
            "rust/kernel/error.rs~",
            "rust/kernel/generated_arch_warn_asm.rs",
        ] {
            assert!(!is_ours(path), "{path}");
            assert!(!may_write(path), "{path}");
        }
        assert!(may_write("rust/kernel/drm/README.md"));
        assert!(!is_ours("rust/kernel/drm/README.md"));
    }
}
