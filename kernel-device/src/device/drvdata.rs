// SPDX-License-Identifier: GPL-2.0

//! What a driver keeps with a device from `probe` to `unbind`.
//!
//! The device's field for it is not enough to know by whether there is something to drop: who made the
//! device may have left a pointer of his own there, and the device core gives up a binding before
//! `probe` was called at all, when pins or DMA could not be configured. So the data belong to a
//! resource of the device, an [`Owner`], which only [`Device::set_drvdata`] adds. A bus that releases
//! resources itself as soon as the driver is unbound (I2C does) thus drops the data in time, too: they
//! come last, hence are released first.

use super::{CoreInternal, Device};
use crate::{alloc, bindings, ffi::c_void, prelude::*, types::ScopeGuard};
use core::ptr::{self, NonNull};

/// The resource that has the driver's data.
///
/// # Invariants
///
/// Once added to the device, `data` is from `KBox::into_raw`, and `drop` is the [`drop_data`] of its
/// type.
#[repr(C)]
struct Owner {
    data: *mut c_void,
    drop: unsafe fn(*mut c_void),
}

/// Drops data of type `T`.
///
/// # Safety
///
/// `data` is from `KBox::<T>::into_raw`, and nobody uses it.
unsafe fn drop_data<T>(data: *mut c_void) {
    // SAFETY: The caller says so. The data stay where they are until they are dropped.
    drop(unsafe { KBox::<T>::from_raw(data.cast()) });
}

/// What the device core calls to release an [`Owner`]. There is one such function, by whose address the
/// resource is found: it must not have type parameters, nor be compiled into modules once more. The same
/// goes for those who name it.
///
/// # Safety
///
/// For the device core: `owner` is one that was added to `dev` and is not any more.
#[inline(never)]
unsafe extern "C" fn release_owner(dev: *mut bindings::device, owner: *mut c_void) {
    // SAFETY: The device is there until its resources are released. The data are not after this.
    unsafe { bindings::dev_set_drvdata(dev, ptr::null_mut()) };
    // SAFETY: By the invariants of `Owner`, which it is as the caller says.
    let Owner { data, drop } = unsafe { owner.cast::<Owner>().read() };
    // SAFETY: As above; the driver is unbound, so that nobody borrows them: see `drvdata_borrow`.
    unsafe { drop(data) };
}

/// Allocates an [`Owner`], which is to be added to `dev` or to be freed.
#[inline(never)]
fn allocate_owner() -> Result<NonNull<Owner>> {
    // SAFETY: The name is static. A release function that is never called until the resource is added.
    let owner = unsafe {
        bindings::__devres_alloc_node(
            Some(release_owner),
            size_of::<Owner>(),
            alloc::flags::GFP_KERNEL.as_raw(),
            bindings::NUMA_NO_NODE,
            c"rust_driver_data".as_char_ptr(),
        )
    };
    NonNull::new(owner.cast()).ok_or(ENOMEM)
}

/// Takes the data from their [`Owner`], if the device has one.
#[inline(never)]
fn take_from_owner(dev: *mut bindings::device) -> Option<NonNull<c_void>> {
    // SAFETY: The device is initialised. Without a function that matches, the last one added is taken.
    let owner = unsafe { bindings::devres_remove(dev, Some(release_owner), None, ptr::null_mut()) };
    let owner = NonNull::new(owner.cast::<Owner>())?;
    // SAFETY: By the invariants of `Owner`, and it is ours.
    let data = unsafe { owner.as_ref() }.data;
    // SAFETY: It was removed from the device, and nobody has another pointer to it.
    unsafe { bindings::devres_free(owner.as_ptr().cast()) };
    NonNull::new(data)
}

impl<'a> Device<CoreInternal<'a>> {
    /// Initialises the driver's data, and stores them with the device.
    ///
    /// They are pinned. They are dropped when the driver has been unbound, before all that was tied to
    /// the device while they were initialised; or when initialised already, if the driver can not be
    /// bound after all. What a pointer in the device's field was before is forgotten.
    ///
    /// C counterpart: `dev_set_drvdata()`.
    ///
    /// # Errors
    ///
    /// - `ENOMEM` without memory.
    /// - The error of `data`. Either way nothing is stored.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::device::{CoreInternal, Device};
    /// struct Data {
    ///     channels: u32,
    /// }
    ///
    /// fn bus_probe(dev: &Device<CoreInternal<'_>>) -> Result {
    ///     dev.set_drvdata(try_init!(Data { channels: 4 }))
    /// }
    ///
    /// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_drvdata")?;
    /// # // SAFETY: The device is registered, and nothing here relies on its lock, or on a driver.
    /// # let dev = unsafe { Device::<CoreInternal<'_>>::from_raw(root.as_raw()) };
    /// bus_probe(dev)?;
    /// // SAFETY: They are `Data`, and stay for as long as the borrow.
    /// assert_eq!(unsafe { dev.drvdata_borrow::<Data>() }.channels, 4);
    /// # // SAFETY: As above, and nobody has them borrowed.
    /// # drop(unsafe { dev.drvdata_obtain::<Data>() });
    /// # Ok::<(), Error>(())
    /// ```
    pub fn set_drvdata<T>(&self, data: impl PinInit<T, Error>) -> Result {
        let owner = allocate_owner()?;
        let free_owner = ScopeGuard::new(|| {
            // SAFETY: It was allocated above, and is not added.
            unsafe { bindings::devres_free(owner.as_ptr().cast()) }
        });
        let data = KBox::pin_init(data, GFP_KERNEL)?;
        free_owner.dismiss();
        // SAFETY: They stay in their allocation until they are dropped, or `drvdata_obtain` has them
        // back as pinned.
        let data = KBox::into_raw(unsafe { Pin::into_inner_unchecked(data) }).cast::<c_void>();
        // INVARIANT: `drop_data` is that of `T`.
        let contents = Owner {
            data,
            drop: drop_data::<T>,
        };
        // SAFETY: It was allocated for one.
        unsafe { owner.write(contents) };
        // SAFETY: The structure is initialised, by the type invariants. In this context nobody else
        // looks at the field.
        unsafe { bindings::dev_set_drvdata(self.as_raw(), data) };
        // SAFETY: As above; the resource was allocated, and is not part of any device.
        unsafe { bindings::devres_add(self.as_raw(), owner.as_ptr().cast()) };
        Ok(())
    }

    /// The driver's data.
    ///
    /// C counterpart: `dev_get_drvdata()`.
    ///
    /// # Safety
    ///
    /// The device has data that [`set_drvdata`](Self::set_drvdata) has stored for this same `T`, and
    /// they are not taken away while the result is borrowed.
    pub unsafe fn drvdata_borrow<T>(&self) -> Pin<&T> {
        // SAFETY: The structure is initialised, by the type invariants.
        let data = unsafe { bindings::dev_get_drvdata(self.as_raw()) }.cast::<T>();
        // SAFETY: The caller says that `set_drvdata` has stored a pointer to a `T`, which lives.
        let data = unsafe { &*data };
        // SAFETY: `set_drvdata` has pinned them.
        unsafe { Pin::new_unchecked(data) }
    }

    /// Takes the driver's data away from the device, if it has any.
    ///
    /// Not API: for the abstractions of buses, when the driver is unbound.
    ///
    /// # Safety
    ///
    /// If the device has data, [`set_drvdata`](Self::set_drvdata) has stored them for this same `T`,
    /// and nobody has them borrowed.
    #[doc(hidden)]
    pub unsafe fn drvdata_obtain<T>(&self) -> Option<Pin<KBox<T>>> {
        let data = take_from_owner(self.as_raw())?.cast::<T>();
        // SAFETY: The structure is initialised, by the type invariants; in this context nobody else
        // looks at the field.
        unsafe { bindings::dev_set_drvdata(self.as_raw(), ptr::null_mut()) };
        // SAFETY: `set_drvdata` has it from a `KBox<T>`, as the caller says, and the resource that
        // owned it does so no more.
        let data = unsafe { KBox::from_raw(data.as_ptr()) };
        Some(KBox::into_pin(data))
    }
}
