// SPDX-License-Identifier: GPL-2.0

//! What a driver says about its misc device.

use super::{MiscDeviceRegistration, PollEvents};
use crate::{
    error::VTABLE_DEFAULT_ERROR,
    fs::{File, Kiocb},
    iov::{IovIterDest, IovIterSource},
    mm::virt::VmaNew,
    prelude::*,
    seq_file::SeqFile,
    sync::poll::PollTable,
    types::ForeignOwnable,
};

/// The operations of a misc device.
///
/// Only [`open`](Self::open) has to be there. What is not implemented behaves as it does for a driver
/// in C that leaves it out.
///
/// Any of them may run at the same time as any other, for the same file too, except that `open` comes
/// first and `release` last. All may sleep.
///
/// # Examples
///
/// A counter for each open file: each read takes a number, an ioctl sets the next one.
///
/// ```
/// use kernel::{
///     fs::{File, Kiocb},
///     ioctl::_IO,
///     iov::IovIterDest,
///     miscdevice::{MiscDevice, MiscDeviceOptions, MiscDeviceRegistration},
///     sync::atomic::{Atomic, Relaxed},
/// };
///
/// const RESET: u32 = _IO('|' as u32, 0x90);
///
/// struct Counter {
///     next: Atomic<u64>,
/// }
///
/// #[vtable]
/// impl MiscDevice for Counter {
///     type Ptr = KBox<Self>;
///
///     fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result<KBox<Self>> {
///         Ok(KBox::new(Counter { next: Atomic::new(0) }, GFP_KERNEL)?)
///     }
///
///     fn read_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
///         let number = kiocb.file().next.fetch_add(1, Relaxed).to_ne_bytes();
///         Ok(iov.copy_to_iter(&number))
///     }
///
///     fn ioctl(counter: &Self, _file: &File, cmd: u32, arg: usize) -> Result<isize> {
///         match cmd {
///             RESET => counter.next.store(arg as u64, Relaxed),
///             _ => return Err(ENOTTY),
///         }
///         Ok(0)
///     }
/// }
///
/// // What is there is known to the compiler, and goes into C's table.
/// assert!(Counter::HAS_READ_ITER && Counter::HAS_IOCTL);
/// assert!(!Counter::HAS_WRITE_ITER && !Counter::HAS_MMAP && !Counter::HAS_POLL);
///
/// let options = MiscDeviceOptions { name: c"rust_doc_counter" };
/// let counter = MiscDeviceRegistration::<Counter>::register(options);
/// let counter = KBox::pin_init(counter, GFP_KERNEL)?;
/// # // SAFETY: The device is registered.
/// # let fops = unsafe { &*(*counter.as_raw()).fops };
/// # assert!(fops.read_iter.is_some() && fops.unlocked_ioctl.is_some());
/// # assert!(fops.write_iter.is_none() && fops.mmap.is_none() && fops.poll.is_none());
/// # Ok::<(), Error>(())
/// ```
#[vtable]
pub trait MiscDevice: Sized {
    /// What is kept for each open file, from `open` to `release`.
    ///
    /// The other operations get it borrowed, in any thread, and several at once.
    type Ptr: ForeignOwnable + Send + Sync;

    /// A file is opened.
    ///
    /// The registration is valid during the call only: clone what you need of it, such as
    /// [`device`](MiscDeviceRegistration::device). The call is made with the lock of all misc devices
    /// held: don't register or drop a [`MiscDeviceRegistration`] here, and don't open a misc device.
    ///
    /// # Errors
    ///
    /// Whatever it returns is the error of the system call. Then there is no `release`.
    fn open(file: &File, misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr>;

    /// The last user of an open file is gone.
    ///
    /// Without an implementation, `device` is dropped. The file has no users any more, and can't get
    /// one.
    fn release(device: Self::Ptr, _file: &File) {
        drop(device);
    }

    /// User space reads: `read()`, `readv()`, `pread()` and others.
    ///
    /// Returns how many bytes were written to `iov`; 0 stands for the end of the file. More than there
    /// is room for are taken for that many.
    ///
    /// Without an implementation, files can't be read: `EINVAL`.
    ///
    /// # Errors
    ///
    /// Whatever it returns is the error of the system call. There is no way to complete a request
    /// later: `EIOCBQUEUED`, which would say so, becomes `EIO`.
    fn read_iter(_kiocb: Kiocb<'_, Self::Ptr>, _iov: &mut IovIterDest<'_>) -> Result<usize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// User space writes: `write()`, `writev()`, `pwrite()` and others.
    ///
    /// Returns how many bytes were taken from `iov`. More than there were are taken for that many.
    ///
    /// Without an implementation, files can't be written: `EINVAL`.
    ///
    /// # Errors
    ///
    /// As [`read_iter`](Self::read_iter).
    fn write_iter(_kiocb: Kiocb<'_, Self::Ptr>, _iov: &mut IovIterSource<'_>) -> Result<usize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Tells which events there are, and has the caller woken when there are more.
    ///
    /// Register with `table` first, then look at the state: see
    /// [`PollTable::register_wait`](crate::sync::poll::PollTable::register_wait). Only what user space
    /// asks for is reported to it, besides errors and hang-ups.
    ///
    /// Without an implementation, reading and writing always count as possible.
    ///
    /// Linux 7.2's trait does not have this operation.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{
    ///     fs::File,
    ///     miscdevice::{MiscDevice, MiscDeviceRegistration, PollEvent, PollEvents},
    ///     new_mutex, new_poll_condvar,
    ///     sync::{poll::{PollCondVar, PollTable}, Arc, ArcBorrow, Mutex},
    /// };
    ///
    /// #[pin_data]
    /// struct Mailbox {
    ///     #[pin]
    ///     letters: Mutex<KVec<u8>>,
    ///     #[pin]
    ///     changed: PollCondVar,
    /// }
    ///
    /// #[vtable]
    /// impl MiscDevice for Mailbox {
    ///     type Ptr = Arc<Self>;
    ///
    ///     fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result<Arc<Self>> {
    ///         Arc::pin_init(
    ///             pin_init!(Mailbox {
    ///                 letters <- new_mutex!(KVec::new()),
    ///                 changed <- new_poll_condvar!(),
    ///             }),
    ///             GFP_KERNEL,
    ///         )
    ///     }
    ///
    ///     fn poll(mailbox: ArcBorrow<'_, Self>, file: &File, table: PollTable<'_>) -> PollEvents {
    ///         table.register_wait(file, &mailbox.changed);
    ///         mailbox.events()
    ///     }
    /// }
    ///
    /// impl Mailbox {
    ///     /// A letter can be put in at any time, and taken out if there is one.
    ///     fn events(&self) -> PollEvents {
    ///         match self.letters.lock().is_empty() {
    ///             true => PollEvent::Out.into(),
    ///             false => PollEvent::In | PollEvent::Out,
    ///         }
    ///     }
    /// }
    ///
    /// # let mailbox = KBox::pin_init(
    /// #     pin_init!(Mailbox {
    /// #         letters <- new_mutex!(KVec::new()),
    /// #         changed <- new_poll_condvar!(),
    /// #     }),
    /// #     GFP_KERNEL,
    /// # )?;
    /// assert!(Mailbox::HAS_POLL);
    /// assert!(!mailbox.events().contains(PollEvent::In));
    /// mailbox.letters.lock().push(b'x', GFP_KERNEL)?;
    /// mailbox.changed.notify_all();
    /// assert!(mailbox.events().contains(PollEvent::In));
    /// # Ok::<(), Error>(())
    /// ```
    fn poll(
        _opened: <Self::Ptr as ForeignOwnable>::Borrowed<'_>,
        _file: &File,
        _table: PollTable<'_>,
    ) -> PollEvents {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Somebody looks into `/proc/PID/fdinfo/FD`: adds lines to what is there.
    fn show_fdinfo(
        _opened: <Self::Ptr as ForeignOwnable>::Borrowed<'_>,
        _seq: &SeqFile,
        _file: &File,
    ) {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// User space calls `ioctl()`.
    ///
    /// `cmd` and `arg` are what it passed, and may be anything. What there is to take a `cmd` apart is
    /// in [`ioctl`](crate::ioctl); `arg` is often an address in user space, for a
    /// [`UserSlice`](crate::uaccess::UserSlice). The `isize` is the result of the system call; one from
    /// -4095 to -1 looks like an error there.
    ///
    /// Without an implementation, `ioctl()` is refused: `ENOTTY`.
    ///
    /// # Errors
    ///
    /// Whatever it returns is the error of the system call. It should be `ENOTTY` for a `cmd` that is
    /// not known.
    fn ioctl(
        _opened: <Self::Ptr as ForeignOwnable>::Borrowed<'_>,
        _file: &File,
        _cmd: u32,
        _arg: usize,
    ) -> Result<isize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// A 32-bit process calls `ioctl()` on a 64-bit kernel.
    ///
    /// Without an implementation, [`ioctl`](Self::ioctl) is called, with `arg` taken for a pointer:
    /// then all that `cmd` says about sizes must hold for both. Without that one either, `ioctl()` is
    /// refused.
    ///
    /// # Errors
    ///
    /// As [`ioctl`](Self::ioctl).
    #[cfg(CONFIG_COMPAT)]
    fn compat_ioctl(
        _opened: <Self::Ptr as ForeignOwnable>::Borrowed<'_>,
        _file: &File,
        _cmd: u32,
        _arg: usize,
    ) -> Result<isize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// User space maps the file: `mmap()`.
    ///
    /// `area` is being set up, and so can still be refused what it asks for. While the mapping exists,
    /// the file stays open.
    ///
    /// Without an implementation, files can't be mapped: `ENODEV`.
    ///
    /// # Errors
    ///
    /// Whatever it returns is the error of the system call; then there is no mapping.
    fn mmap(
        _opened: <Self::Ptr as ForeignOwnable>::Borrowed<'_>,
        _file: &File,
        _area: &VmaNew,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}
