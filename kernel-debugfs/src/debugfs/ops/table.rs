// SPDX-License-Identifier: GPL-2.0

//! The tables of C functions, and the functions.

use super::Operations;
use crate::{
    bindings,
    error::from_result,
    fmt::{self, Write as _},
    prelude::*,
    uaccess::{UserPtr, UserSlice},
};

/// A table of functions that C only looks at.
///
/// They are statics, and neither constants nor generic: there is one of each, and it is in this
/// crate and not in a driver.
pub(in crate::debugfs) struct Table<T>(T);

// SAFETY: A table is never changed, and its functions may be called by any task.
unsafe impl<T> Sync for Table<T> {}

impl<T> Table<T> {
    /// Returns the table for C.
    pub(in crate::debugfs) const fn as_ptr(&'static self) -> *const T {
        &raw const self.0
    }
}

/// For files of text that can be read.
///
/// Without an owner: nothing of a driver's is called, nor looked at, when a file is closed.
pub(in crate::debugfs) static TEXT: Table<bindings::file_operations> =
    Table(bindings::file_operations {
        open: Some(open_text),
        read: Some(bindings::seq_read),
        write: Some(write),
        llseek: Some(bindings::seq_lseek),
        release: Some(bindings::single_release),
        ..pin_init::zeroed()
    });

/// For all other files.
pub(in crate::debugfs) static BYTES: Table<bindings::debugfs_short_fops> =
    Table(bindings::debugfs_short_fops {
        read: Some(read),
        write: Some(write),
        llseek: Some(bindings::default_llseek),
    });

/// Returns what was given to debugfs with the file that is open as `file`: the data, and the
/// operations for it.
///
/// # Safety
///
/// `file` is one of ours, opened, and is not removed during `'a`: debugfs calls an operation for it.
unsafe fn contents<'a>(file: *const bindings::file) -> (*const c_void, &'a Operations) {
    // SAFETY: By this function's contract, which makes it a file of debugfs.
    let operations = unsafe { bindings::debugfs_get_aux(file) };
    // SAFETY: `Dentry::file` passed an `Operations`, that lives on until the file was removed.
    let operations = unsafe { &*operations.cast::<Operations>() };
    // SAFETY: An open file has an inode.
    let inode = unsafe { (*file).f_inode };
    // SAFETY: The inode is there while the file is open, and this field of it never changes.
    let data = unsafe { (*inode).i_private };
    (data, operations)
}

/// Returns to C how many of the `len` bytes were handled, or the error.
fn count_or_errno(result: Result<usize>, len: usize) -> isize {
    match result {
        // An implementation that is wrong is not to make the process think that there is more, nor
        // to look like an error. The kernel's limit for `len` is less than the highest `isize`.
        Ok(count) => count.min(len) as isize,
        Err(error) => error.to_errno() as isize,
    }
}

/// `read` for files of bytes.
///
/// # Safety
///
/// Called by debugfs for a file that has this table, and is not removed meanwhile.
unsafe extern "C" fn read(
    file: *mut bindings::file,
    buf: *mut c_char,
    len: usize,
    offset: *mut bindings::loff_t,
) -> isize {
    // SAFETY: By this function's contract.
    let (data, operations) = unsafe { contents(file) };
    let Some(read) = operations.read else {
        return EINVAL.to_errno() as isize;
    };
    let mut writer = UserSlice::new(UserPtr::from_ptr(buf.cast()), len).writer();
    // SAFETY: The kernel passes a position for each file that is not a stream.
    let offset = unsafe { &mut *offset };
    // SAFETY: The data is what the operations are for; by the contract of `Dentry::file` it is valid
    // for shared use until the file was removed.
    count_or_errno(unsafe { read(data, &mut writer, offset) }, len)
}

/// `write` for all files.
///
/// # Safety
///
/// Called by debugfs for a file that has one of the tables, and is not removed meanwhile.
unsafe extern "C" fn write(
    file: *mut bindings::file,
    buf: *const c_char,
    len: usize,
    offset: *mut bindings::loff_t,
) -> isize {
    // SAFETY: By this function's contract.
    let (data, operations) = unsafe { contents(file) };
    let Some(write) = operations.write else {
        return EINVAL.to_errno() as isize;
    };
    let mut reader = UserSlice::new(UserPtr::from_ptr(buf.cast_mut().cast()), len).reader();
    // SAFETY: The kernel passes a position for each file that is not a stream.
    let offset = unsafe { &mut *offset };
    // SAFETY: The data is what the operations are for; by the contract of `Dentry::file` it is valid
    // for shared use until the file was removed.
    count_or_errno(unsafe { write(data, &mut reader, offset) }, len)
}

/// `open` for files of text.
///
/// # Safety
///
/// Called by debugfs for a file that has this table.
unsafe extern "C" fn open_text(_inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
    // SAFETY: The file is being opened, has no other use for its `private_data`, and is closed by
    // `single_release`. `show_text` is called in `seq_read` and `seq_lseek` only.
    unsafe { bindings::single_open(file, Some(show_text), core::ptr::null_mut()) }
}

/// Shows the data to a `seq_file`.
///
/// # Safety
///
/// Called for the `seq_file` of a file with the table [`TEXT`], in one of its operations, so that the
/// file is not removed meanwhile.
unsafe extern "C" fn show_text(seq: *mut bindings::seq_file, _: *mut c_void) -> c_int {
    // SAFETY: A `seq_file` belongs to an open file.
    let file = unsafe { (*seq).file };
    // SAFETY: By this function's contract.
    let (data, operations) = unsafe { contents(file) };
    let Some(show) = operations.show else {
        return EINVAL.to_errno();
    };

    let mut text = Text { seq, full: false };
    // SAFETY: The data is what the operations are for; by the contract of `Dentry::file` it is valid
    // for shared use until the file was removed, and so while `shown` is used, in here.
    let shown = ByFn(|f: &mut fmt::Formatter<'_>| unsafe { show(data, f) });
    let result = text.write_fmt(format_args!("{shown}"));

    from_result(|| {
        // The `seq_file` then gets a larger buffer, and calls again.
        if text.full {
            return Ok(0);
        }
        result.map_err(|_| EIO)?;
        Ok(0)
    })
}

/// Passes text to a `seq_file`, until its buffer is full.
///
/// # Invariants
///
/// `seq` is a `seq_file` that shows something at the moment.
struct Text {
    seq: *mut bindings::seq_file,
    full: bool,
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !self.full {
            let bytes = text.as_ptr().cast::<c_void>();
            // SAFETY: By the invariant; the pointer and the length are those of a string.
            self.full = unsafe { bindings::seq_write(self.seq, bytes, text.len()) } != 0;
        }
        if self.full {
            Err(fmt::Error)
        } else {
            Ok(())
        }
    }
}

/// Formats by a function.
struct ByFn<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> core::fmt::Display for ByFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}
