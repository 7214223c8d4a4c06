// SPDX-License-Identifier: GPL-2.0

//! Folders.

use super::{
    entry::Folder, ops::FileOps, BinaryReader, BinaryWriter, File, Reader, Scope, ScopedDir, Writer,
};
use crate::{fmt, prelude::*, uaccess::UserSliceReader};

/// A folder of debugfs.
///
/// It goes when this value and everything that was made in it are gone; a clone is the same folder.
///
/// Nothing here fails, except for the initialisers that its methods are given: the
/// [module](super#nothing-fails) says what happens where there is no folder.
///
/// # Examples
///
/// ```
/// use kernel::{debugfs::Dir, fmt, sync::atomic::{Atomic, Relaxed}, uaccess::UserSliceReader};
///
/// /// Counts, in a file that shows the number of hits, and starts again for whatever is written.
/// struct Hits(Atomic<u32>);
///
/// fn show(hits: &Hits, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///     writeln!(f, "{} hits", hits.0.load(Relaxed))
/// }
///
/// fn reset(hits: &Hits, _: &mut UserSliceReader) -> Result {
///     hits.0.store(0, Relaxed);
///     Ok(())
/// }
///
/// let dir = Dir::new(c"doc_dir");
/// let cache = dir.subdir(c"cache");
/// let hits = KBox::pin_init(
///     cache.read_write_callback_file(c"hits", Hits(Atomic::new(0)), &show, &reset),
///     GFP_KERNEL,
/// )?;
///
/// hits.0.add(1, Relaxed);
/// assert_eq!(hits.0.load(Relaxed), 1);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Dir(Folder);

impl Dir {
    /// Makes a folder in the root of debugfs.
    #[must_use = "a folder that nobody has is removed at once"]
    pub fn new(name: &CStr) -> Self {
        Self(Folder::new(name))
    }

    /// Makes a folder in this one.
    #[must_use = "a folder that nobody has is removed at once"]
    pub fn subdir(&self, name: &CStr) -> Self {
        Self(self.0.sub_folder(name))
    }

    /// Initialises a value with `data`, and makes a file to look at it as text.
    ///
    /// # Errors
    ///
    /// Those of `data`.
    pub fn read_only_file<'a, T, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Writer + Send + Sync + 'static,
    {
        File::new(data, &self.0, name, FileOps::read_only())
    }

    /// Initialises a value with `data`, and makes a file to look at its bytes.
    ///
    /// # Errors
    ///
    /// Those of `data`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::debugfs::Dir;
    /// let dir = Dir::new(c"doc_read_binary_file");
    /// let eeprom: KVec<u8> = kernel::kvec![0xff; 64]?;
    /// let file = KBox::pin_init(dir.read_binary_file(c"eeprom", eeprom), GFP_KERNEL)?;
    /// assert_eq!(file.len(), 64);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn read_binary_file<'a, T, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: BinaryWriter + Send + Sync + 'static,
    {
        File::new(data, &self.0, name, FileOps::binary_read_only())
    }

    /// Initialises a value with `data`, and makes a file to look at and change it as text.
    ///
    /// # Errors
    ///
    /// Those of `data`.
    pub fn read_write_file<'a, T, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Writer + Reader + Send + Sync + 'static,
    {
        File::new(data, &self.0, name, FileOps::read_write())
    }

    /// Initialises a value with `data`, and makes a file to look at and change its bytes.
    ///
    /// # Errors
    ///
    /// Those of `data`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{debugfs::Dir, new_mutex};
    /// let dir = Dir::new(c"doc_read_write_binary_file");
    /// let key = KBox::pin_init(
    ///     dir.read_write_binary_file(c"key", new_mutex!([0u8; 32])),
    ///     GFP_KERNEL,
    /// )?;
    /// key.lock()[0] = 1;
    /// assert_eq!(key.lock()[..2], [1, 0]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn read_write_binary_file<'a, T, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: BinaryWriter + BinaryReader + Send + Sync + 'static,
    {
        File::new(data, &self.0, name, FileOps::binary_read_write())
    }

    /// Initialises a value with `data`, and makes a file to change it as text.
    ///
    /// # Errors
    ///
    /// Those of `data`.
    pub fn write_only_file<'a, T, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Reader + Send + Sync + 'static,
    {
        File::new(data, &self.0, name, FileOps::write_only())
    }

    /// Initialises a value with `data`, and makes a file to change its bytes.
    ///
    /// # Errors
    ///
    /// Those of `data`.
    pub fn write_binary_file<'a, T, E: 'a>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: BinaryReader + Send + Sync + 'static,
    {
        File::new(data, &self.0, name, FileOps::binary_write_only())
    }

    /// Initialises a value with `data`, and makes a file that shows what `f` makes of it.
    ///
    /// `f` is a function, or a closure that captures nothing; anything else does not build. It may
    /// be called more than once for a read, until a text that is long has found room. When it fails
    /// the process gets `EIO`.
    ///
    /// # Errors
    ///
    /// Those of `data`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::debugfs::Dir;
    /// let dir = Dir::new(c"doc_read_callback_file");
    /// let file = KBox::pin_init(
    ///     dir.read_callback_file(c"kib", 4096usize, &|bytes: &usize, f| {
    ///         writeln!(f, "{} KiB", bytes / 1024)
    ///     }),
    ///     GFP_KERNEL,
    /// )?;
    /// assert_eq!(**file, 4096);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn read_callback_file<'a, T, E: 'a, F>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
        f: &'static F,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Send + Sync + 'static,
        F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + Send + Sync,
    {
        File::new(data, &self.0, name, FileOps::read_callback(f))
    }

    /// Initialises a value with `data`, and makes a file that shows what `f` makes of it, and passes
    /// what is written to it to `w`.
    ///
    /// Both are as for [`read_callback_file`](Self::read_callback_file) and
    /// [`write_callback_file`](Self::write_callback_file).
    ///
    /// # Errors
    ///
    /// Those of `data`.
    pub fn read_write_callback_file<'a, T, E: 'a, F, W>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
        f: &'static F,
        w: &'static W,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Send + Sync + 'static,
        F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + Send + Sync,
        W: Fn(&T, &mut UserSliceReader) -> Result + Send + Sync,
    {
        File::new(data, &self.0, name, FileOps::read_write_callback(f, w))
    }

    /// Initialises a value with `data`, and makes a file that passes what is written to it to `w`.
    ///
    /// `w` is a function, or a closure that captures nothing; anything else does not build. A write
    /// of a process is one call, that of no bytes too. The process gets the error of `w`; if there is
    /// none, everything counts as written, whether `w` read it or not.
    ///
    /// # Errors
    ///
    /// Those of `data`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{debugfs::Dir, new_mutex, sync::Mutex, uaccess::UserSliceReader};
    ///
    /// fn append(log: &Mutex<KVec<u8>>, reader: &mut UserSliceReader) -> Result {
    ///     // Root decides how long it is, so it is bounded.
    ///     if reader.len() > 64 {
    ///         return Err(E2BIG);
    ///     }
    ///     let mut bytes = KVec::new();
    ///     reader.clone_reader().read_all(&mut bytes, GFP_KERNEL)?;
    ///     log.lock().extend_from_slice(&bytes, GFP_KERNEL)?;
    ///     Ok(())
    /// }
    ///
    /// let dir = Dir::new(c"doc_write_callback_file");
    /// let log = KBox::pin_init(
    ///     dir.write_callback_file(c"append", new_mutex!(KVec::new()), &append),
    ///     GFP_KERNEL,
    /// )?;
    /// assert!(log.lock().is_empty());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn write_callback_file<'a, T, E: 'a, W>(
        &'a self,
        name: &'a CStr,
        data: impl PinInit<T, E> + 'a,
        w: &'static W,
    ) -> impl PinInit<File<T>, E> + 'a
    where
        T: Send + Sync + 'static,
        W: Fn(&T, &mut UserSliceReader) -> Result + Send + Sync,
    {
        File::new(data, &self.0, name, FileOps::write_callback(w))
    }

    /// Initialises a value with `data`, makes a folder called `name` in this one, and calls `init`
    /// with both, to make the files: see [`Scope`].
    ///
    /// # Errors
    ///
    /// Those of `data`. Where the folder can't be made there are no files; `init` is called all the
    /// same.
    pub fn scope<'a, T: 'static, E: 'a, F>(
        &'a self,
        data: impl PinInit<T, E> + 'a,
        name: &'a CStr,
        init: F,
    ) -> impl PinInit<Scope<T>, E> + 'a
    where
        F: for<'data, 'dir> FnOnce(&'data T, &'dir ScopedDir<'data, 'dir>) + 'a,
    {
        Scope::with_files(data, || self.0.dir(name), init)
    }
}
