// SPDX-License-Identifier: GPL-2.0

//! A file that is open keeps the module that its operations lie in.
//!
//! C would do that, had the `struct file_operations` an owner. But those here are constants of the
//! driver's, and the driver does not say which module it is in. So the two operations that begin and
//! end a file's life are not the driver's: they lie here, in the kernel itself, look up the module by
//! the address of the driver's [`Table`], and hand over to that.
//!
//! Three things have to be right for that:
//!
//! - *That there is a module to look up.* `misc_open` calls `open` with `misc_mtx` held, and
//!   registration has to end with `misc_deregister`, which takes `misc_mtx`, before the module goes.
//!   After `open`, the file has a reference to the module.
//! - *That nothing of the module is used without a reference.* C looks at `f_op` again after `open` has
//!   failed and after `release`. Then it finds [`INERT`]. This also is why the functions here are not
//!   inlined: the one that gives the reference back has to lie elsewhere than what it gives back.
//! - *That a reference is good for anything.* It is not while the module's init function runs: if that
//!   fails, C frees the module with whatever references there are. So until then, nothing is opened.
//!
//! A driver has the file in its hands before it is open, and may give it a descriptor. So until it is
//! open it has the operations of `INERT`, that is, none: those of the driver's would take for the
//! driver's data what C has in `private_data` until then.

use super::table::Table;
use crate::{
    bindings,
    error::from_result,
    prelude::*,
    sync::atomic::{Atomic, Release},
};
use core::ptr::{self, NonNull};

/// Operations that can be looked at from any thread.
#[repr(transparent)]
struct Inert(bindings::file_operations);

// SAFETY: Nobody writes to it.
unsafe impl Sync for Inert {}

/// What a file can do that is not open: nothing.
static INERT: Inert = Inert(pin_init::zeroed());

/// Exchanges the operations of a file.
///
/// # Safety
///
/// `file` is a file, and what a thread may do with it that sees `operations` is sound by now.
unsafe fn set_operations(file: *mut bindings::file, operations: *const bindings::file_operations) {
    // SAFETY: `file` is valid, as the caller says.
    let field = unsafe { &raw mut (*file).f_op };
    // SAFETY: The field is valid and aligned, and C reads and writes it in one piece.
    let field = unsafe { Atomic::from_ptr(field) };
    field.store(operations, Release);
}

/// Takes a reference to the module that `table` lies in.
///
/// # Errors
///
/// - `EBUSY` if the module is still being initialised.
/// - `ENODEV` if it is being removed.
///
/// # Safety
///
/// The module does not go during the call.
unsafe fn enter(table: NonNull<Table>) -> Result {
    // SAFETY: Any address may be looked up.
    let module = unsafe { bindings::module_at(table.as_ptr().cast()) };
    // SAFETY: It is null, or a module, which stays as the caller says.
    if unsafe { bindings::module_is_coming(module) } {
        return Err(EBUSY);
    }
    // SAFETY: As above.
    match unsafe { bindings::try_module_get(module) } {
        true => Ok(()),
        false => Err(ENODEV),
    }
}

/// Gives back what [`enter`] has taken.
///
/// # Safety
///
/// The caller owns a reference to the module that `table` lies in, and does not use `table` any more,
/// nor returns to code in that module.
unsafe fn leave(table: NonNull<Table>) {
    // SAFETY: Any address may be looked up.
    let module = unsafe { bindings::module_at(table.as_ptr().cast()) };
    // SAFETY: It is null, or a module to which the caller gives a reference back.
    unsafe { bindings::module_put(module) };
}

/// The `open` operation of all misc devices.
///
/// # Safety
///
/// Only for `misc_open`, and for a device with a [`Table`] as its operations.
#[inline(never)]
pub(super) unsafe extern "C" fn open(
    _inode: *mut bindings::inode,
    file: *mut bindings::file,
) -> c_int {
    // SAFETY: The file is valid, and not yet in the hands of anybody else.
    let operations = unsafe { (*file).f_op };
    let Some(table) = NonNull::new(operations.cast::<Table>().cast_mut()) else {
        return EINVAL.to_errno();
    };
    // SAFETY: The file is valid. There is nothing to be done with it then.
    unsafe { set_operations(file, ptr::from_ref(&INERT).cast()) };

    from_result(|| {
        // SAFETY: The registration is there, as `misc_mtx` is held, and so is its module.
        unsafe { enter(table) }?;
        // SAFETY: The operations lead a `Table`, which has a reference to its module.
        let open = unsafe { table.as_ref() }.open;
        // SAFETY: The file has the `struct miscdevice` of a registration as its `private_data`, for the
        // same `T` as the table: both are from `MiscDeviceOptions::into_raw`.
        if let Err(error) = unsafe { open(file) } {
            // SAFETY: `enter` took a reference. The caller is C, outside of the module.
            unsafe { leave(table) };
            return Err(error);
        }
        // SAFETY: The file has the data that the operations expect.
        unsafe { set_operations(file, operations) };
        Ok(0)
    })
}

/// The `release` operation of all misc devices.
///
/// # Safety
///
/// Only for C, when a file that `open` has opened has no users any more.
#[inline(never)]
pub(super) unsafe extern "C" fn release(
    _inode: *mut bindings::inode,
    file: *mut bindings::file,
) -> c_int {
    // SAFETY: The file is valid, and nobody else uses it.
    let operations = unsafe { (*file).f_op };
    let Some(table) = NonNull::new(operations.cast::<Table>().cast_mut()) else {
        return 0;
    };
    // SAFETY: `open` has left the `Table` there, and taken a reference to its module.
    let release = unsafe { table.as_ref() }.release;
    // SAFETY: The data are those that `open` has stored, and nobody uses them any more.
    unsafe { release(file) };
    // SAFETY: The file is valid. There is nothing to be done with it then.
    unsafe { set_operations(file, ptr::from_ref(&INERT).cast()) };
    // SAFETY: The reference is the one of `open`. The caller is C, outside of the module.
    unsafe { leave(table) };
    0
}
