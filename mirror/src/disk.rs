// SPDX-License-Identifier: GPL-2.0

//! Every operation that changes something on the disk, one small step each.
//!
//! All writing of this crate goes through here, so that a test can stop it at any step, and see
//! whether what is left can be mended.

use std::cell::RefCell;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread;
use std::time::SystemTime;

use crate::error::{Error, Result};

/// One change to the disk, about to be made.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Step<'a> {
    /// Makes a folder.
    CreateFolder(&'a Path),
    /// Writes a new file.
    Write(&'a Path),
    /// Gives a file a second name.
    Link(&'a Path, &'a Path),
    /// Makes a symbolic link to the first path under the name of the second.
    Symlink(&'a Path, &'a Path),
    /// Gives a file another name, in place of whatever had it.
    Rename(&'a Path, &'a Path),
    /// Sets a file's time to the present.
    Touch(&'a Path),
    /// Removes a file.
    Remove(&'a Path),
    /// Removes an empty folder.
    RemoveFolder(&'a Path),
    /// Sees to it that a file's bytes, or a folder's entries, reach the disk.
    Sync(&'a Path),
}

/// How many files are forced to the disk at the same time.
const SYNCS_AT_ONCE: usize = 32;

type Observer = dyn FnMut(Step<'_>) -> io::Result<()>;

/// The way to the disk.
#[derive(Default)]
pub struct Disk {
    observer: Option<RefCell<Box<Observer>>>,
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").finish_non_exhaustive()
    }
}

impl Disk {
    /// The plain disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// A disk that asks `observer` before each step, and fails the step with its error.
    ///
    /// A [`Step::Write`] that fails this way leaves half of the bytes, as a full disk would. The
    /// steps are not forced to the medium, which would be the most of a test's time.
    pub fn observed(observer: impl FnMut(Step<'_>) -> io::Result<()> + 'static) -> Self {
        Self {
            observer: Some(RefCell::new(Box::new(observer))),
        }
    }

    fn ask(&self, step: Step<'_>) -> io::Result<()> {
        match &self.observer {
            Some(observer) => (observer.borrow_mut())(step),
            None => Ok(()),
        }
    }

    fn forces(&self) -> bool {
        self.observer.is_none()
    }

    /// Makes `path` and the folders above it, where they are missing.
    pub(crate) fn create_folders(&self, path: &Path) -> Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.create_folders(parent)?;
        }
        self.ask(Step::CreateFolder(path))
            .and_then(|()| fs::create_dir(path))
            .or_else(|error| match error.kind() {
                io::ErrorKind::AlreadyExists if path.is_dir() => Ok(()),
                _ => Err(error),
            })
            .map_err(Error::io("create", path))
    }

    /// Writes a file that no one else looks at yet. It is on its way to the disk then: many files
    /// are written first, and then each is seen to by [`sync`](Self::sync).
    pub(crate) fn write(&self, path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
        let write = |bytes: &[u8]| {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            let mut file = options.open(path)?;
            file.write_all(bytes)?;
            set_mode(&file, mode)
        };
        match self.ask(Step::Write(path)) {
            Ok(()) => write(bytes),
            Err(error) => {
                let _ = write(&bytes[..bytes.len() / 2]);
                Err(error)
            }
        }
        .map_err(Error::io("write", path))
    }

    /// Gives `from` the second name `to`; a copy where the file system knows no links.
    pub(crate) fn link(&self, from: &Path, to: &Path) -> Result<()> {
        self.ask(Step::Link(from, to))
            .and_then(|()| {
                fs::hard_link(from, to).or_else(|error| match error.kind() {
                    io::ErrorKind::Unsupported
                    | io::ErrorKind::PermissionDenied
                    | io::ErrorKind::TooManyLinks => {
                        fs::copy(from, to)?;
                        File::open(to)?.sync_all()
                    }
                    _ => Err(error),
                })
            })
            .map_err(Error::io("keep a copy of", from))
    }

    /// Makes `link` a symbolic link to `to`.
    pub(crate) fn symlink(&self, to: &Path, link: &Path) -> Result<()> {
        self.ask(Step::Symlink(to, link))
            .and_then(|()| std::os::unix::fs::symlink(to, link))
            .map_err(Error::io("write", link))
    }

    /// Makes `to` the name of the file `from`.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.ask(Step::Rename(from, to))
            .and_then(|()| fs::rename(from, to))
            .map_err(Error::io("write", to))
    }

    /// Makes `path` as new as it can be, so that a build sees it as changed.
    pub(crate) fn touch(&self, path: &Path) -> Result<()> {
        self.ask(Step::Touch(path))
            .and_then(|()| {
                // Its owner may set the time of a file that is not writable, too.
                File::open(path)?.set_modified(SystemTime::now())
            })
            .map_err(Error::io("set the time of", path))
    }

    /// Removes a file; one that is not there is as good as removed.
    pub(crate) fn remove(&self, path: &Path) -> Result<()> {
        if !exists(path) {
            return Ok(());
        }
        self.ask(Step::Remove(path))
            .and_then(|()| fs::remove_file(path))
            .map_err(Error::io("remove", path))
    }

    /// Removes a folder if it is empty, and says whether it is gone.
    pub(crate) fn remove_empty_folder(&self, path: &Path) -> Result<bool> {
        let mut entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(Error::io("read", path)(error)),
        };
        if entries.next().is_some() {
            return Ok(false);
        }
        self.ask(Step::RemoveFolder(path))
            .and_then(|()| fs::remove_dir(path))
            .map_err(Error::io("remove", path))?;
        Ok(true)
    }

    /// Removes a folder of this tool's own, with all that is in it.
    pub(crate) fn remove_own_folder(&self, path: &Path) -> Result<()> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io("read", path)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(Error::io("read", path))?;
            let kind = entry
                .file_type()
                .map_err(Error::io("read", &entry.path()))?;
            if kind.is_dir() {
                self.remove_own_folder(&entry.path())?;
            } else {
                self.remove(&entry.path())?;
            }
        }
        self.remove_empty_folder(path).map(drop)
    }

    /// Sees to it that the bytes of the file, or the entries of the folder `path` reach the disk.
    pub(crate) fn sync(&self, path: &Path) -> Result<()> {
        self.sync_all(&[path])
    }

    /// Does that for many, in no particular order: at once they take little longer than one of them.
    pub(crate) fn sync_all<P: AsRef<Path> + Sync>(&self, paths: &[P]) -> Result<()> {
        for path in paths.iter().map(AsRef::as_ref) {
            self.ask(Step::Sync(path))
                .map_err(Error::io("write", path))?;
        }
        if !self.forces() {
            return Ok(());
        }
        let sync = |path: &Path| {
            File::open(path)
                .and_then(|file| file.sync_all())
                .map_err(Error::io("write", path))
        };
        let each = paths.len().div_ceil(SYNCS_AT_ONCE).max(1);
        thread::scope(|scope| {
            let threads: Vec<_> = paths
                .chunks(each)
                .skip(1)
                .map(|paths| scope.spawn(move || paths.iter().try_for_each(|p| sync(p.as_ref()))))
                .collect();
            let mut results = vec![paths
                .iter()
                .take(each)
                .try_for_each(|path| sync(path.as_ref()))];
            results.extend(threads.into_iter().map(|thread| match thread.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            }));
            results.into_iter().collect()
        })
    }
}

fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    // What the user's mask takes away stays away: no file gets more than a plain write gives it.
    let now = file.metadata()?.permissions().mode();
    let wanted = now | (mode & 0o111 & (now >> 2));
    if wanted != now {
        file.set_permissions(fs::Permissions::from_mode(wanted))?;
    }
    Ok(())
}

/// The permission bits that a backup keeps of a file.
pub(crate) fn mode(metadata: &fs::Metadata) -> u32 {
    metadata.permissions().mode() & 0o777
}

/// Whether there is anything at `path`, be it a link to nowhere.
pub(crate) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// The content of `path`, or none where there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(Error::io("read", path)(error)),
    }
}
