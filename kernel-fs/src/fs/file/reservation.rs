// SPDX-License-Identifier: GPL-2.0

//! A descriptor that is taken, and not open yet.

use core::mem::ManuallyDrop;

use crate::{
    bindings,
    error::{code::EBADF, to_result, Result},
    fs::File,
    sync::aref::ARef,
    types::NotThreadSafe,
};

/// A descriptor of the current process that is taken, and has no file yet.
///
/// Whoever makes a descriptor can fail in two ways: there is no number left, or there is no file. And
/// once a descriptor has its file, user space can use it, so that there is no way back. Hence the
/// order: reserve, make the file, do all else that can fail, and [`fd_install`](Self::fd_install) at
/// the end, which can't. A reservation that is dropped gives its number back.
///
/// It belongs to the process of the task that made it, and so stays on its thread.
///
/// C counterpart: [`get_unused_fd_flags`] and its like.
///
/// # Examples
///
/// ```
/// use kernel::{
///     fs::{file::{flags, FileDescriptorReservation}, File, LocalFile},
///     sync::aref::ARef,
/// };
///
/// /// Opens a descriptor for a file that `make` makes, and returns its number.
/// fn open(make: impl FnOnce() -> Result<ARef<File>>) -> Result<u32> {
///     let reservation = FileDescriptorReservation::get_unused_fd_flags(flags::O_CLOEXEC)?;
///     let file = make()?;
///     let fd = reservation.reserved_fd();
///     reservation.fd_install(file);
///     Ok(fd)
/// }
///
/// # use core::ptr::NonNull;
/// # fn root() -> Result<ARef<File>> {
/// #     // SAFETY: The path is a string.
/// #     let file = unsafe { kernel::bindings::filp_open(c"/".as_char_ptr(), 0, 0) };
/// #     let file = NonNull::new(kernel::error::from_err_ptr(file)?).ok_or(ENOENT)?;
/// #     // SAFETY: The file was just opened: the count of one is ours, and it has no descriptor.
/// #     Ok(unsafe { ARef::from_raw(file.cast()) })
/// # }
/// let fd = open(root)?;
/// assert!(LocalFile::fget(fd).is_ok());
///
/// assert_eq!(open(|| Err(ENOMEM)), Err(ENOMEM));
/// # // SAFETY: Nobody else has used the number.
/// # unsafe { kernel::bindings::close_fd(fd) };
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `fd` is marked as used in the table of the current task, without a file, and it is up to this value
/// to change that.
///
/// [`get_unused_fd_flags`]: srctree/include/linux/file.h
#[must_use = "the descriptor is given back as soon as its reservation is dropped"]
pub struct FileDescriptorReservation {
    fd: u32,
    /// The current task, and with it the table, is another one on another thread.
    _stays_here: NotThreadSafe,
}

impl FileDescriptorReservation {
    /// Takes the lowest number that is free.
    ///
    /// `flags` is 0 or [`O_CLOEXEC`](super::flags::O_CLOEXEC). Not for interrupt handlers, whose
    /// current process is any; may allocate memory, and so sleep.
    ///
    /// # Errors
    ///
    /// - `EMFILE` if the process has as many descriptors as its limit (`RLIMIT_NOFILE`) allows.
    /// - `ENOMEM` if the table can't grow.
    /// - `EBADF` if the task has no descriptors (any more): it is exiting, or works for the kernel.
    pub fn get_unused_fd_flags(flags: u32) -> Result<Self> {
        // SAFETY: There is always a current task.
        if !unsafe { bindings::current_has_files() } {
            return Err(EBADF);
        }
        // SAFETY: The current task has a table, and nobody else takes it away.
        let fd = unsafe { bindings::get_unused_fd_flags(flags) };
        to_result(fd)?;
        // INVARIANT: The number was free, and now is taken for us.
        Ok(Self {
            fd: fd as u32,
            _stays_here: NotThreadSafe,
        })
    }

    /// The number, by which user space will know the file.
    #[inline]
    pub fn reserved_fd(&self) -> u32 {
        self.fd
    }

    /// Opens the descriptor: from now on it stands for `file`.
    ///
    /// Other threads of the process can use it, and close it, before this returns.
    pub fn fd_install(self, file: ARef<File>) {
        // The number is no longer ours to give back.
        let this = ManuallyDrop::new(self);
        let file = ARef::into_raw(file).cast().as_ptr();
        // SAFETY: By the type invariants, the number is taken in the table of the current task and has
        // no file; the table gets the count that belonged to the `ARef`. By the invariants of `File`
        // no other thread uses the file's position without its lock.
        unsafe { bindings::fd_install(this.fd, file) };
    }
}

impl Drop for FileDescriptorReservation {
    fn drop(&mut self) {
        // SAFETY: By the type invariants, the number is taken in the table of the current task, for
        // us. That is the task that took it, as a reservation does not leave its thread, and it has
        // its table until it exits, when nothing is left on its stack.
        unsafe { bindings::put_unused_fd(self.fd) };
    }
}
