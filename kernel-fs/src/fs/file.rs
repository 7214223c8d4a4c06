// SPDX-License-Identifier: GPL-2.0

//! Open files, and the descriptors that stand for them.
//!
//! A [`struct file`] is what `open()` makes, and what all descriptors that come from it by `dup()`,
//! `fork()` or a message share. It carries a count. There are two views of it:
//!
//! - [`LocalFile`] stays on the thread that looked it up. All that a single thread can do with a file
//!   is there.
//! - [`File`] may be shared and sent to other threads. It is a `LocalFile` too, by `Deref`.
//!
//! # Why one is not the other
//!
//! A system call such as `read()` looks its descriptor up by [`fdget_pos`]. Where nobody else can have
//! a reference to the file at that time (its count is one, and the descriptor table belongs to one
//! thread), that function neither counts the file up nor takes the lock of its position
//! (`f_pos_lock`). The system call then has the position to itself by the mere fact that there is
//! nobody else.
//!
//! So as long as such a call goes on, the file must not get to another thread: the next system call
//! there would take the lock, and the first one does not know of it. That is the promise behind a
//! [`File`], and why one gets a [`LocalFile`] from a descriptor: [`LocalFile::fget`] can't know whether
//! it runs inside such a call, on the same file. Who does know has
//! [`LocalFile::assume_no_fdget_pos`].
//!
//! | how one comes by it | type |
//! | --- | --- |
//! | `ioctl` and other operations that look up the file without its position | [`File`] |
//! | a file that was just made, and has no descriptor yet | [`File`] |
//! | [`LocalFile::fget`] on a descriptor from user space | [`LocalFile`] |
//!
//! # Contexts
//!
//! A process that exits gives up its descriptor table first, and the files in it are released after
//! that, by the same task. So code that is called from a release operation may find a task without a
//! table; there, [`LocalFile::fget`] knows no descriptor and [`FileDescriptorReservation`] makes none.
//!
//! A file that is being released has a count of zero and is gone when its release operation returns.
//! It can be looked at there, but not kept: making an `ARef` of it stops the kernel (`BUG`), as
//! whatever the `ARef` pointed to would be freed under it.
//!
//! C headers: [`include/linux/fs.h`](srctree/include/linux/fs.h),
//! [`include/linux/file.h`](srctree/include/linux/file.h)
//!
//! [`struct file`]: srctree/include/linux/fs.h
//! [`fdget_pos`]: srctree/include/linux/file.h

use core::{ops::Deref, ptr::NonNull};

use crate::{
    bindings,
    cred::Credential,
    error::{code::EBADF, Error, Result},
    sync::{
        aref::{ARef, AlwaysRefCounted},
        poll::PollFile,
    },
    types::{NotThreadSafe, Opaque},
};

pub mod flags;
mod reservation;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use reservation::FileDescriptorReservation;

/// A position in a file, in bytes: [`loff_t`].
///
/// It has a sign, as C uses negative numbers for errors, and as what user space asks for may be
/// negative: check before you take it for an index.
///
/// # Examples
///
/// ```
/// use kernel::fs::file::Offset;
///
/// /// Moves by `step`, as `lseek(SEEK_CUR)` does.
/// fn seek(position: Offset, step: Offset) -> Result<Offset> {
///     let position = position.checked_add(step).ok_or(EOVERFLOW)?;
///     if position < 0 { Err(EINVAL) } else { Ok(position) }
/// }
///
/// assert_eq!(seek(4, -4), Ok(0));
/// assert_eq!(seek(4, -5), Err(EINVAL));
/// assert_eq!(seek(Offset::MAX, 1), Err(EOVERFLOW));
/// ```
///
/// [`loff_t`]: srctree/include/linux/types.h
pub type Offset = bindings::loff_t;

/// An open file that any thread may use: [`struct file`].
///
/// It derefs to [`LocalFile`], which has the methods. See the [module](self) for what tells the two
/// apart, and for what a release operation can't do.
///
/// # Examples
///
/// A driver keeps the file it was opened by, beyond the call:
///
/// ```
/// use kernel::{fs::{file::flags, File}, sync::aref::ARef};
///
/// struct Listener {
///     file: ARef<File>,
/// }
///
/// impl Listener {
///     fn new(file: &File) -> Result<Self> {
///         // Listeners are never woken by themselves.
///         if file.flags() & flags::O_NONBLOCK == 0 {
///             return Err(EINVAL);
///         }
///         Ok(Self { file: file.into() })
///     }
/// }
///
/// # use core::ptr::NonNull;
/// # let flags = (flags::O_RDONLY | flags::O_NONBLOCK) as i32;
/// # // SAFETY: The path is a string.
/// # let file = unsafe { kernel::bindings::filp_open(c"/".as_char_ptr(), flags, 0) };
/// # let file = NonNull::new(kernel::error::from_err_ptr(file)?).ok_or(ENOENT)?;
/// # // SAFETY: The file was just opened: the count of one is ours, and it has no descriptor.
/// # let file: ARef<File> = unsafe { ARef::from_raw(file.cast()) };
/// let listener = Listener::new(&file)?;
/// drop(file);
/// assert_eq!(listener.file.flags() & flags::O_ACCMODE, flags::O_RDONLY);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// - The count is not zero for as long as a reference to a value of this type exists, or else the file
///   is being released, by the context that has the reference, and exists for as long.
/// - If a system call on another thread has looked the file up by `fdget_pos`, it holds the lock of the
///   position.
///
/// [`struct file`]: srctree/include/linux/fs.h
#[repr(transparent)]
pub struct File {
    inner: Opaque<bindings::file>,
}

impl File {
    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// For the length of `'a`,
    ///
    /// - `ptr` points to an open file whose count does not become zero, or which is being released by
    ///   the caller's context, and not freed meanwhile;
    /// - each system call that looks the file up by `fdget_pos`, on any thread but this one, holds
    ///   `f_pos_lock`; nor does the reference get to another thread while one on this thread goes on
    ///   without that lock.
    #[inline]
    pub unsafe fn from_raw_file<'a>(ptr: *const bindings::file) -> &'a File {
        // INVARIANT: The caller says both.
        //
        // SAFETY: `File` is a transparent wrapper of `file`; the caller vouches for its life.
        unsafe { &*ptr.cast() }
    }
}

impl Deref for File {
    type Target = LocalFile;

    #[inline]
    fn deref(&self) -> &LocalFile {
        // INVARIANT: The count is that of the `File`, and a `LocalFile` promises nothing else.
        //
        // SAFETY: Both are transparent wrappers of `file`, which lives as long as `self` is borrowed.
        unsafe { LocalFile::from_raw_file(self.inner.get()) }
    }
}

// SAFETY: The count keeps the structure alive; there is no file that is not counted, and the count
// does not overflow: it would take 2^63 references. A file that is being released is refused.
unsafe impl AlwaysRefCounted for File {
    #[inline]
    fn inc_ref(&self) {
        // SAFETY: By the invariant of `Self`, the file exists.
        unsafe { bindings::get_file(self.as_ptr()) };
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<File>) {
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::fput(obj.cast().as_ptr()) };
    }
}

// SAFETY: `fput` may be called from any thread, and by the second invariant no system call relies on
// the file being where it is.
unsafe impl Send for File {}

// SAFETY: What a shared reference offers is constant, read in one piece, or atomic.
unsafe impl Sync for File {}

// SAFETY: It is a file, which by the invariant of `File` exists; polling it does not go together with
// releasing it.
unsafe impl PollFile for File {
    #[inline]
    fn as_poll_file(&self) -> *mut bindings::file {
        self.as_ptr()
    }
}

/// An open file, seen from the thread that looked it up: [`struct file`].
///
/// It is neither `Send` nor `Sync`: see the [module](self).
///
/// # Examples
///
/// ```
/// use kernel::{fs::{file::BadFdError, LocalFile}, task::Kuid};
///
/// /// Tells whether a descriptor stands for a file that somebody else has opened.
/// fn is_foreign(fd: u32) -> Result<bool, BadFdError> {
///     let file = LocalFile::fget(fd)?;
///     Ok(file.cred().euid() != Kuid::current_euid())
/// }
///
/// // No table is so large.
/// assert_eq!(is_foreign(u32::MAX), Err(BadFdError));
/// ```
///
/// # Invariants
///
/// The count is not zero for as long as a reference to a value of this type exists, or else the file is
/// being released, by the context that has the reference, and exists for as long.
///
/// [`struct file`]: srctree/include/linux/fs.h
#[repr(transparent)]
pub struct LocalFile {
    inner: Opaque<bindings::file>,
    _stays_here: NotThreadSafe,
}

impl LocalFile {
    /// Looks up a descriptor of the current process: [`fget`].
    ///
    /// The file is counted up, and so stays open even when the descriptor is closed. May be called
    /// from any task, a kernel thread or one that exits included.
    ///
    /// # Errors
    ///
    /// [`BadFdError`] if there is no such descriptor, if it is one that was opened with `O_PATH`, or if
    /// the task has no descriptors (any more).
    ///
    /// [`fget`]: srctree/include/linux/file.h
    #[inline]
    pub fn fget(fd: u32) -> Result<ARef<LocalFile>, BadFdError> {
        // SAFETY: There is always a current task.
        if !unsafe { bindings::current_has_files() } {
            return Err(BadFdError);
        }
        // SAFETY: The current task has a table, and nobody else takes it away; any number may be
        // looked up.
        let file = unsafe { bindings::fget(fd) };
        let file = NonNull::new(file).ok_or(BadFdError)?;
        // INVARIANT: The file has been counted up.
        //
        // SAFETY: The new reference owns that count.
        Ok(unsafe { ARef::from_raw(file.cast()) })
    }

    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// For the length of `'a`, `ptr` points to an open file whose count does not become zero, or which
    /// is being released by the caller's context, and not freed meanwhile.
    #[inline]
    pub unsafe fn from_raw_file<'a>(ptr: *const bindings::file) -> &'a LocalFile {
        // INVARIANT: The caller says so.
        //
        // SAFETY: `LocalFile` is a transparent wrapper of `file`; the caller vouches for its life.
        unsafe { &*ptr.cast() }
    }

    /// Makes a file that other threads may use.
    ///
    /// # Safety
    ///
    /// No system call that goes on, on this thread, has looked the file up by `fdget_pos` without
    /// taking the lock of its position. That is so
    ///
    /// - in operations that never look at a position, such as `ioctl`: the calling system call has
    ///   looked up one file, the one it operates on, by `fdget`;
    /// - if the file is another one than the one the calling system call operates on;
    /// - in work queues and kernel threads, which are part of no system call.
    #[inline]
    pub unsafe fn assume_no_fdget_pos(me: ARef<LocalFile>) -> ARef<File> {
        let file = ARef::into_raw(me);
        // INVARIANT: Calls on this thread hold the lock, as the caller says. On other threads they do
        // because the file is counted up here: `fdget_pos` leaves the lock only if it sees no count
        // but its own.
        //
        // SAFETY: The pointer came from `into_raw`, with its count; both types are transparent
        // wrappers of `file`.
        unsafe { ARef::from_raw(file.cast()) }
    }

    /// The C structure.
    #[inline]
    pub fn as_ptr(&self) -> *mut bindings::file {
        self.inner.get()
    }

    /// The credentials of who opened the file, which may be another process than the current one.
    #[inline]
    pub fn cred(&self) -> &Credential {
        // SAFETY: By the invariant of `Self`, the file exists. Its credentials are set once, before it
        // is open.
        let cred = unsafe { (*self.as_ptr()).f_cred };
        // SAFETY: The file has a count of its credentials for as long as it exists.
        unsafe { Credential::from_ptr(cred) }
    }

    /// How the file is open: see [`flags`].
    ///
    /// `fcntl(F_SETFL)` may change some of them at any time.
    #[inline]
    pub fn flags(&self) -> u32 {
        // SAFETY: By the invariant of `Self`, the file exists.
        let flags = unsafe { &raw const (*self.as_ptr()).f_flags };
        // Volatile, as C's `READ_ONCE`: `fcntl` does not wait for readers.
        //
        // SAFETY: As above; C changes the flags in one piece.
        unsafe { flags.read_volatile() }
    }
}

// SAFETY: The count keeps the structure alive; there is no file that is not counted, and the count
// does not overflow: it would take 2^63 references. A file that is being released is refused.
unsafe impl AlwaysRefCounted for LocalFile {
    #[inline]
    fn inc_ref(&self) {
        // SAFETY: By the invariant of `Self`, the file exists.
        unsafe { bindings::get_file(self.as_ptr()) };
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<LocalFile>) {
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::fput(obj.cast().as_ptr()) };
    }
}

// SAFETY: It is a file, which by the invariant of `LocalFile` exists; polling it does not go together
// with releasing it.
unsafe impl PollFile for LocalFile {
    #[inline]
    fn as_poll_file(&self) -> *mut bindings::file {
        self.as_ptr()
    }
}

/// A number that is not a descriptor of the current process.
///
/// It becomes [`EBADF`] by `?`, where that is what the caller should see.
///
/// # Examples
///
/// ```
/// use kernel::fs::LocalFile;
///
/// fn flags_of(fd: u32) -> Result<u32> {
///     Ok(LocalFile::fget(fd)?.flags())
/// }
///
/// assert_eq!(flags_of(u32::MAX), Err(EBADF));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadFdError;

impl From<BadFdError> for Error {
    #[inline]
    fn from(_: BadFdError) -> Error {
        EBADF
    }
}
