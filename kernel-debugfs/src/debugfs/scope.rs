// SPDX-License-Identifier: GPL-2.0

//! A value with all the files to it.

use super::{
    entry::{Entry, Place},
    ops::FileOps,
    BinaryReader, BinaryWriter, Reader, Writer,
};
use crate::{fmt, prelude::*, uaccess::UserSliceReader};
use core::{
    marker::{PhantomData, PhantomPinned},
    ops::Deref,
};

/// A value, and a folder with files to it and to its parts.
///
/// Dereferences to the value. Dropping it first removes the folder, with all that is in it, and waits
/// until nobody uses a file any more, and then drops the value.
///
/// # Examples
///
/// As many files as there are ports:
///
/// ```
/// use kernel::{
///     debugfs::{Dir, Scope},
///     str::CString,
///     sync::atomic::{Atomic, Relaxed},
/// };
///
/// struct Switch {
///     name: CString,
///     ports: KVec<Atomic<u64>>,
/// }
///
/// let dir = Dir::new(c"doc_scope");
/// let switch = Switch {
///     name: CString::try_from_fmt(fmt!("sw{}", 0))?,
///     ports: kernel::kvec![Atomic::new(0), Atomic::new(0)]?,
/// };
///
/// let switch: Pin<KBox<Scope<Switch>>> = KBox::pin_init(
///     dir.scope(switch, c"switch", |switch, dir| {
///         dir.read_only_file(c"name", &switch.name);
///         let ports = dir.dir(c"ports");
///         for (index, port) in switch.ports.iter().enumerate() {
///             if let Ok(name) = CString::try_from_fmt(fmt!("{index}")) {
///                 ports.read_write_file(&name, port);
///             }
///         }
///     }),
///     GFP_KERNEL,
/// )?;
///
/// switch.ports[1].add(64, Relaxed);
/// assert_eq!(switch.ports[1].load(Relaxed), 64);
/// assert_eq!(switch.name.to_bytes(), b"sw0");
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// - `data` stays where it is, and is only shared, until `_entry` was dropped, which is the field
///   in front.
#[pin_data]
pub struct Scope<T> {
    // Dropped first: the order of the fields matters.
    _entry: Entry,
    #[pin]
    data: T,
    // Even if `T` can be moved, C has its address.
    #[pin]
    _pin: PhantomPinned,
}

impl<T: 'static> Scope<T> {
    /// Initialises a value with `data`, makes a folder called `name` in the root of debugfs, and
    /// calls `init` with both, to make the files.
    ///
    /// Most folders should not be in the root: see [`Dir::scope`](super::Dir::scope).
    ///
    /// The value is `'static`, so that a scope that is leaked, whose files stay, does no harm.
    ///
    /// # Errors
    ///
    /// Those of `data`. Where the folder can't be made there are no files; `init` is called all the
    /// same.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{debugfs::Scope, sync::atomic::{Atomic, Relaxed}};
    ///
    /// let scope = KBox::pin_init(
    ///     Scope::dir(Atomic::new(5u32), c"doc_scope_dir", |value, dir| {
    ///         dir.read_write_file(c"value", value);
    ///         // The same, to look at only.
    ///         dir.dir(c"public").read_only_file(c"value", value);
    ///     }),
    ///     GFP_KERNEL,
    /// )?;
    /// assert_eq!(scope.load(Relaxed), 5);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn dir<'a, E: 'a, F>(
        data: impl PinInit<T, E> + 'a,
        name: &'a CStr,
        init: F,
    ) -> impl PinInit<Self, E> + 'a
    where
        F: for<'data, 'dir> FnOnce(&'data T, &'dir ScopedDir<'data, 'dir>) + 'a,
    {
        Self::with_files(data, || Entry::root_dir(name), init)
    }

    /// Initialises a value with `data`, calls `folder`, and `init` with what that returned.
    pub(super) fn with_files<'a, E: 'a, F>(
        data: impl PinInit<T, E> + 'a,
        folder: impl FnOnce() -> Entry + 'a,
        init: F,
    ) -> impl PinInit<Self, E> + 'a
    where
        F: for<'data, 'dir> FnOnce(&'data T, &'dir ScopedDir<'data, 'dir>) + 'a,
    {
        Self::new(data, |data| {
            let entry = folder();
            // INVARIANT: By its invariant the scope keeps `data` until it has dropped `entry`.
            // Nobody knows how long `'data` is, here neither, so that the files are for what is in
            // `data`, and for what lives for ever.
            init(
                data,
                &ScopedDir {
                    place: entry.as_place(),
                    _data: PhantomData,
                },
            );
            entry
        })
    }

    /// Initialises a value with `data`, and has `make` make the entry for it.
    ///
    /// `make` may rely on the value to stay where it is, and to be shared only, until the entry that
    /// it returns was dropped.
    pub(super) fn new<'a, E: 'a>(
        data: impl PinInit<T, E> + 'a,
        make: impl FnOnce(&T) -> Entry + 'a,
    ) -> impl PinInit<Self, E> + 'a {
        // INVARIANT: The value is pinned, even if `T` can be moved: by `_pin`. No function gives
        // out more than `&T`.
        try_pin_init!(Self {
            data <- data,
            _entry: make(&data),
            _pin: PhantomPinned,
        }? E)
    }
}

impl<T> Deref for Scope<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.data
    }
}

/// A folder of a [`Scope`], while its files are being made.
///
/// The files are for what has the lifetime `'data`: parts of the scope's value, and statics. They go
/// with the scope. See there for an example.
///
/// # Invariants
///
/// What lives as long as `'data` stays where it is, and valid, until the scope has removed the folder.
/// (`'data` is invariant: nobody may have a `ScopedDir` with a shorter one.)
pub struct ScopedDir<'data, 'dir> {
    place: Place<'dir>,
    _data: PhantomData<fn(&'data ()) -> &'data ()>,
}

impl<'data, 'dir> ScopedDir<'data, 'dir> {
    /// Makes a folder in this one.
    pub fn dir<'dir2>(&'dir2 self, name: &CStr) -> ScopedDir<'data, 'dir2> {
        // INVARIANT: It is removed with this one.
        ScopedDir {
            place: self.place.dir(name),
            _data: PhantomData,
        }
    }

    /// Makes a file.
    fn file<T: Sync>(&self, name: &CStr, data: &'data T, ops: &'static FileOps<T>) {
        // SAFETY: By the invariant of `Self`, `data` stays until the folder was removed, and with it
        // the entry that the folder belongs to.
        unsafe { self.place.file(name, data, ops) };
    }

    /// Makes a file to look at `data` as text.
    pub fn read_only_file<T: Writer + Send + Sync + 'static>(&self, name: &CStr, data: &'data T) {
        self.file(name, data, FileOps::read_only());
    }

    /// Makes a file to look at the bytes of `data`.
    pub fn read_binary_file<T: BinaryWriter + Send + Sync + 'static>(
        &self,
        name: &CStr,
        data: &'data T,
    ) {
        self.file(name, data, FileOps::binary_read_only());
    }

    /// Makes a file that shows what `f` makes of `data`.
    ///
    /// `f` is a function, or a closure that captures nothing; anything else does not build.
    pub fn read_callback_file<T, F>(&self, name: &CStr, data: &'data T, f: &'static F)
    where
        T: Send + Sync + 'static,
        F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + Send + Sync,
    {
        self.file(name, data, FileOps::read_callback(f));
    }

    /// Makes a file to look at and change `data` as text.
    pub fn read_write_file<T: Writer + Reader + Send + Sync + 'static>(
        &self,
        name: &CStr,
        data: &'data T,
    ) {
        self.file(name, data, FileOps::read_write());
    }

    /// Makes a file to look at and change the bytes of `data`.
    pub fn read_write_binary_file<T: BinaryWriter + BinaryReader + Send + Sync + 'static>(
        &self,
        name: &CStr,
        data: &'data T,
    ) {
        self.file(name, data, FileOps::binary_read_write());
    }

    /// Makes a file that shows what `f` makes of `data`, and passes what is written to it to `w`.
    ///
    /// Both are functions, or closures that capture nothing; anything else does not build. A write
    /// of a process is one call of `w`.
    pub fn read_write_callback_file<T, F, W>(
        &self,
        name: &CStr,
        data: &'data T,
        f: &'static F,
        w: &'static W,
    ) where
        T: Send + Sync + 'static,
        F: Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result + Send + Sync,
        W: Fn(&T, &mut UserSliceReader) -> Result + Send + Sync,
    {
        self.file(name, data, FileOps::read_write_callback(f, w));
    }

    /// Makes a file to change `data` as text.
    pub fn write_only_file<T: Reader + Send + Sync + 'static>(&self, name: &CStr, data: &'data T) {
        self.file(name, data, FileOps::write_only());
    }

    /// Makes a file to change the bytes of `data`.
    pub fn write_binary_file<T: BinaryReader + Send + Sync + 'static>(
        &self,
        name: &CStr,
        data: &'data T,
    ) {
        self.file(name, data, FileOps::binary_write_only());
    }

    /// Makes a file that passes what is written to it to `w`.
    ///
    /// `w` is a function, or a closure that captures nothing; anything else does not build. A write
    /// of a process is one call.
    pub fn write_only_callback_file<T, W>(&self, name: &CStr, data: &'data T, w: &'static W)
    where
        T: Send + Sync + 'static,
        W: Fn(&T, &mut UserSliceReader) -> Result + Send + Sync,
    {
        self.file(name, data, FileOps::write_callback(w));
    }
}
