// SPDX-License-Identifier: GPL-2.0

//! C's table of operations for a [`MiscDevice`], and what C calls through it.

use super::{owner, MiscDevice, MiscDeviceRegistration};
use crate::{
    bindings,
    error::from_result,
    fs::{File, Kiocb},
    iov::{IovIterDest, IovIterSource},
    mm::virt::VmaNew,
    prelude::*,
    seq_file::SeqFile,
    sync::poll::PollTable,
    types::ForeignOwnable,
};
use core::marker::PhantomData;

/// The operations of a file, and the two that the ones in [`owner`] hand over to.
///
/// The first field is what C knows of it.
#[repr(C)]
pub(super) struct Table {
    operations: bindings::file_operations,
    /// Opens a file.
    ///
    /// # Safety
    ///
    /// The argument is a file that `misc_open` opens, for a device with this table.
    pub(super) open: unsafe fn(*mut bindings::file) -> Result,
    /// Releases a file.
    ///
    /// # Safety
    ///
    /// The argument is a file that `open` has opened, and that nobody uses any more.
    pub(super) release: unsafe fn(*mut bindings::file),
}

/// Returns the operations of `T`, which are the first field of a [`Table`].
pub(super) const fn of<T: MiscDevice>() -> *const bindings::file_operations {
    let table: &'static Table = &Adapter::<T>::TABLE;
    core::ptr::from_ref(table).cast()
}

/// What C calls for a `T`.
struct Adapter<T>(PhantomData<T>);

impl<T: MiscDevice> Adapter<T> {
    const TABLE: Table = Table {
        operations: Self::operations(),
        open: Self::open,
        release: Self::release,
    };

    const fn operations() -> bindings::file_operations {
        let mut table: bindings::file_operations = pin_init::zeroed();
        table.open = Some(owner::open);
        table.release = Some(owner::release);
        if T::HAS_READ_ITER {
            table.read_iter = Some(Self::read_iter);
        }
        if T::HAS_WRITE_ITER {
            table.write_iter = Some(Self::write_iter);
        }
        if T::HAS_POLL {
            table.poll = Some(Self::poll);
        }
        if T::HAS_IOCTL {
            table.unlocked_ioctl = Some(Self::ioctl);
        }
        #[cfg(CONFIG_COMPAT)]
        if T::HAS_COMPAT_IOCTL {
            table.compat_ioctl = Some(Self::compat_ioctl);
        } else if T::HAS_IOCTL {
            table.compat_ioctl = Some(bindings::compat_ptr_ioctl);
        }
        if T::HAS_MMAP {
            table.mmap = Some(Self::mmap);
        }
        if T::HAS_SHOW_FDINFO {
            table.show_fdinfo = Some(Self::show_fdinfo);
        }
        table
    }

    /// # Safety
    ///
    /// As for [`Table::open`].
    unsafe fn open(file: *mut bindings::file) -> Result {
        // SAFETY: The file is valid, and nobody else has it.
        let misc = unsafe { (*file).private_data }.cast::<MiscDeviceRegistration<T>>();
        // SAFETY: `misc_open` has put the device there. It is registered, for this `T`, and stays so
        // while `misc_mtx` is held: until the call is over.
        let misc = unsafe { &*misc };
        // SAFETY: The file has a count for the length of the call, and no position that anybody has
        // looked up.
        let opened = T::open(unsafe { File::from_raw_file(file) }, misc)?;
        // SAFETY: The file is valid; while it has no operations, nobody reads its data.
        unsafe { (*file).private_data = opened.into_foreign() };
        Ok(())
    }

    /// # Safety
    ///
    /// As for [`Table::release`].
    unsafe fn release(file: *mut bindings::file) {
        // SAFETY: The file is valid.
        let data = unsafe { (*file).private_data };
        // SAFETY: `open` has stored them, and nobody has them borrowed any more.
        let data = unsafe { T::Ptr::from_foreign(data) };
        // SAFETY: The file is being released by this call, and freed after it.
        T::release(data, unsafe { File::from_raw_file(file) });
    }

    /// Borrows what `open` has made.
    ///
    /// # Safety
    ///
    /// `file` is open, and stays so for all of `'a`; its operations are those of `T`.
    unsafe fn data<'a>(file: *mut bindings::file) -> <T::Ptr as ForeignOwnable>::Borrowed<'a> {
        // SAFETY: The file is valid.
        let data = unsafe { (*file).private_data };
        // SAFETY: `open` has stored them, and `release` does not take them before the file has no
        // users any more.
        unsafe { T::Ptr::borrow(data) }
    }

    /// Makes of the number of bytes that were moved what C is to get.
    ///
    /// `asked` is how many there were to move. More than that would have C look at what is not there.
    fn moved(result: Result<usize>, asked: usize) -> isize {
        match result {
            // What was asked for is an `iov_iter`'s length, and those do not exceed `isize::MAX`.
            Ok(bytes) => bytes.min(asked) as isize,
            // Nobody is going to complete the request.
            Err(error) if error == EIOCBQUEUED => EIO.to_errno() as isize,
            Err(error) => error.to_errno() as isize,
        }
    }

    /// # Safety
    ///
    /// `kiocb` is a request for a file with the operations of `T`, and `iter` has room for what is
    /// read. Both are this call's.
    unsafe extern "C" fn read_iter(
        kiocb: *mut bindings::kiocb,
        iter: *mut bindings::iov_iter,
    ) -> isize {
        // SAFETY: The request is this call's. Its file is open, with data that `open` has stored.
        let kiocb = unsafe { Kiocb::from_raw(kiocb) };
        // SAFETY: The iterator is this call's, and takes data.
        let iov = unsafe { IovIterDest::from_raw(iter) };
        let asked = iov.len();
        Self::moved(T::read_iter(kiocb, iov), asked)
    }

    /// # Safety
    ///
    /// `kiocb` is a request for a file with the operations of `T`, and `iter` has what is to be
    /// written. Both are this call's.
    unsafe extern "C" fn write_iter(
        kiocb: *mut bindings::kiocb,
        iter: *mut bindings::iov_iter,
    ) -> isize {
        // SAFETY: The request is this call's. Its file is open, with data that `open` has stored.
        let kiocb = unsafe { Kiocb::from_raw(kiocb) };
        // SAFETY: The iterator is this call's, and gives data.
        let iov = unsafe { IovIterSource::from_raw(iter) };
        let asked = iov.len();
        Self::moved(T::write_iter(kiocb, iov), asked)
    }

    /// # Safety
    ///
    /// `file` is open, with the operations of `T`, and `table` is null or valid for the call.
    unsafe extern "C" fn poll(
        file: *mut bindings::file,
        table: *mut bindings::poll_table,
    ) -> bindings::__poll_t {
        // SAFETY: The file is open during the call.
        let data = unsafe { Self::data(file) };
        // SAFETY: The file has a count for the length of the call; `poll` looks at no position.
        let file = unsafe { File::from_raw_file(file) };
        // SAFETY: The table is null or valid for the length of the call, and this task's.
        let table = unsafe { PollTable::from_raw(table) };
        T::poll(data, file, table).into()
    }

    /// # Safety
    ///
    /// `file` is open, with the operations of `T`.
    unsafe extern "C" fn ioctl(file: *mut bindings::file, cmd: c_uint, arg: c_ulong) -> c_long {
        // SAFETY: The file is open during the call.
        let data = unsafe { Self::data(file) };
        // SAFETY: The file has a count for the length of the call; `ioctl` looks at no position.
        let file = unsafe { File::from_raw_file(file) };
        from_result(|| T::ioctl(data, file, cmd, arg))
    }

    /// # Safety
    ///
    /// `file` is open, with the operations of `T`.
    #[cfg(CONFIG_COMPAT)]
    unsafe extern "C" fn compat_ioctl(
        file: *mut bindings::file,
        cmd: c_uint,
        arg: c_ulong,
    ) -> c_long {
        // SAFETY: The file is open during the call.
        let data = unsafe { Self::data(file) };
        // SAFETY: The file has a count for the length of the call; `ioctl` looks at no position.
        let file = unsafe { File::from_raw_file(file) };
        from_result(|| T::compat_ioctl(data, file, cmd, arg))
    }

    /// # Safety
    ///
    /// `file` is open, with the operations of `T`, and `vma` is an area that is being set up for it.
    unsafe extern "C" fn mmap(
        file: *mut bindings::file,
        vma: *mut bindings::vm_area_struct,
    ) -> c_int {
        // SAFETY: The file is open during the call.
        let data = unsafe { Self::data(file) };
        // SAFETY: The file has a count for the length of the call; `mmap` looks at no position.
        let file = unsafe { File::from_raw_file(file) };
        // SAFETY: The area belongs to the current process, with `mmap_lock` held for writing, and
        // nobody else gets to it before the operation is over.
        let area = unsafe { VmaNew::from_raw(vma) };
        from_result(|| T::mmap(data, file, area).map(|()| 0))
    }

    /// # Safety
    ///
    /// `seq` is a sequence file that is being shown, and `file` is open, with the operations of `T`.
    unsafe extern "C" fn show_fdinfo(seq: *mut bindings::seq_file, file: *mut bindings::file) {
        // SAFETY: The file is open during the call.
        let data = unsafe { Self::data(file) };
        // SAFETY: The file has a count for the length of the call. It is not the one whose system call
        // this is.
        let file = unsafe { File::from_raw_file(file) };
        // SAFETY: The sequence file is this call's.
        let seq = unsafe { SeqFile::from_raw(seq) };
        T::show_fdinfo(data, seq, file);
    }
}
