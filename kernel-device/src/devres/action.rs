// SPDX-License-Identifier: GPL-2.0

//! What the device core is asked to do when a driver is unbound.
//!
//! Not API: for the abstractions of buses and subsystems.

use crate::{
    alloc, bindings,
    device::{Bound, CoreInternal, Device},
    error::to_result,
    prelude::*,
};
use core::ptr::{self, NonNull};

/// What is called, with what was given for it.
type Action = unsafe extern "C" fn(*mut c_void);

/// Has something done when the device takes its resources back: what was added last is done first.
///
/// # Errors
///
/// - `ENOMEM` without memory.
/// - `ENXIO` when the driver is being unbound. Whoever is still called as if it were not, such as the
///   handler of an interrupt, comes too late: the device has made its list of what to take back.
///
/// Either way nothing is done.
///
/// # Safety
///
/// `action` may be called with `data`, once, in a task, from when this is called to when the driver has
/// been unbound; unless `devm_remove_action_nowarn()` has taken it back.
#[doc(hidden)]
pub unsafe fn add_action(
    dev: &Device<Bound>,
    action: Action,
    data: *mut c_void,
    name: &'static CStr,
) -> Result {
    // SAFETY: The device is initialised, the name is static, and the caller vouches for the action.
    to_result(unsafe {
        bindings::__devm_add_action(dev.as_raw(), Some(action), data, name.as_char_ptr())
    })?;
    if !is_leaving(dev) {
        return Ok(());
    }
    // SAFETY: The device is initialised, and looks for what was added above.
    let removed =
        unsafe { bindings::devm_remove_action_nowarn(dev.as_raw(), Some(action), data) } == 0;
    // What is not there any more was on the device's list in time.
    if removed {
        Err(ENXIO)
    } else {
        Ok(())
    }
}

/// Whether the driver of the device is being unbound, or could not be bound.
///
/// Who has added something, and then finds that it is not, knows that the device takes that back: the
/// device core says that it unbinds before it makes the list of what to take back, which has a lock.
fn is_leaving(dev: &Device<Bound>) -> bool {
    let dev = dev.as_raw();
    // SAFETY: The device is initialised.
    let status = unsafe { &raw const (*dev).links.status };
    // SAFETY: As above. C writes it meanwhile, at once.
    let status = unsafe { status.read_volatile() };
    if status == bindings::dl_dev_state_DL_DEV_UNBINDING {
        return true;
    }
    // Where `probe` has failed there is a driver, still. Where there is none, somebody takes the device
    // for bound who knows better, as tests do.
    // SAFETY: As above.
    let driver = unsafe { &raw const (*dev).driver };
    status == bindings::dl_dev_state_DL_DEV_NO_DRIVER
        // SAFETY: As above.
        && !unsafe { driver.read_volatile() }.is_null()
}

/// Somebody who has a `&Device<Bound>`, and what the device has lent, for longer than a callback.
///
/// # Invariants
///
/// Once added to the device, `end` may be called with `data`, which ends that.
#[repr(C)]
struct User {
    end: Action,
    data: *mut c_void,
}

/// What the device core calls for a [`User`], by whose address it is found: there must be one.
///
/// # Safety
///
/// For the device core: `user` is one that was added, and is not any more.
#[inline(never)]
unsafe extern "C" fn end_user(_dev: *mut bindings::device, user: *mut c_void) {
    // SAFETY: The caller says so.
    let User { end, data } = unsafe { user.cast::<User>().read() };
    // SAFETY: By the type invariants.
    unsafe { end(data) };
}

/// Whether a [`User`] is the one with that data.
///
/// # Safety
///
/// For the device core: `user` is one that was added.
unsafe extern "C" fn is_user_of(
    _dev: *mut bindings::device,
    user: *mut c_void,
    data: *mut c_void,
) -> c_int {
    // SAFETY: The caller says so.
    let user = unsafe { &*user.cast::<User>() };
    (user.data == data).into()
}

/// Has something ended when the driver is unbound, before the device takes back what it has lent.
///
/// An action would be too late: what came after it is gone by then, and may be in use. That is so for a
/// device that hangs on this one, whose own driver may have the resources of this one for as long as it
/// is bound.
///
/// # Errors
///
/// As those of [`add_action`].
///
/// # Safety
///
/// As that of [`add_action`]; [`remove_user`] takes it back.
#[doc(hidden)]
#[inline(never)]
pub unsafe fn add_user(dev: &Device<Bound>, end: Action, data: NonNull<c_void>) -> Result {
    // SAFETY: The name is static. The function is not called before the resource is added.
    let user = unsafe {
        bindings::__devres_alloc_node(
            Some(end_user),
            size_of::<User>(),
            alloc::flags::GFP_KERNEL.as_raw(),
            bindings::NUMA_NO_NODE,
            c"user of the device".as_char_ptr(),
        )
    };
    let user = NonNull::new(user.cast::<User>()).ok_or(ENOMEM)?;
    // INVARIANT: The caller says so.
    let contents = User {
        end,
        data: data.as_ptr(),
    };
    // SAFETY: It was allocated for one.
    unsafe { user.write(contents) };
    // SAFETY: The device is initialised; the resource was allocated, and is not part of any.
    unsafe { bindings::devres_add(dev.as_raw(), user.as_ptr().cast()) };
    if is_leaving(dev) && remove_user(dev, data) {
        return Err(ENXIO);
    }
    Ok(())
}

/// Takes back what [`add_user`] did, unless the device has called it, or is about to.
#[doc(hidden)]
#[inline(never)]
pub fn remove_user(dev: &Device, data: NonNull<c_void>) -> bool {
    // SAFETY: The device is initialised. The function is called for those that were added.
    let user = unsafe {
        bindings::devres_remove(
            dev.as_raw(),
            Some(end_user),
            Some(is_user_of),
            data.as_ptr(),
        )
    };
    if user.is_null() {
        return false;
    }
    // SAFETY: It is not part of the device any more, and nobody has another pointer to it.
    unsafe { bindings::devres_free(user) };
    true
}

/// Ends all that [`add_user`] has added, the last one first.
///
/// For the callbacks in which a driver is unbound, when its own data are gone, and for buses that release
/// resources themselves, before that.
#[doc(hidden)]
#[inline(never)]
pub fn end_users(dev: &Device<CoreInternal<'_>>) {
    // SAFETY: The device is initialised. Without a function that matches, the last one is taken.
    while unsafe { bindings::devres_release(dev.as_raw(), Some(end_user), None, ptr::null_mut()) }
        == 0
    {}
}
