// SPDX-License-Identifier: GPL-2.0

//! Character devices of one minor number each.
//!
//! A misc device is the simplest way to talk to user space through a file: a name, for which a file
//! appears in `/dev`, and operations on whoever opens it. All misc devices share a major number, and
//! each gets a minor number when it is registered.
//!
//! 1. Implement [`MiscDevice`] for a type of yours. Its [`Ptr`](MiscDevice::Ptr) is what you keep for
//!    each open file.
//! 2. Put a [`MiscDeviceRegistration`] of that type into your module. The device exists for as long as
//!    that does.
//!
//! # Files, the registration and the module
//!
//! - A file may stay open when the registration is gone. Its operations still work: they have what
//!   `open` has made, and nothing of the registration's. No file can be opened any more.
//! - While a file is open, the module whose operations it uses can't be removed: `rmmod` says
//!   `EWOULDBLOCK`. A driver in C states its module as `owner` in its [`struct file_operations`]; here
//!   the module is found by the address of the operations.
//! - While a module is still being initialised, its devices can't be opened: `EBUSY`. If the
//!   initialisation fails later on, C frees the module without a look at who uses it.
//!
//! # Locks
//!
//! C calls `open` with the lock held that [`MiscDeviceRegistration::register`] and the drop of a
//! registration take. So `open` must not do either, nor wait for somebody who does.
//!
//! C header: [`include/linux/miscdevice.h`](srctree/include/linux/miscdevice.h), with
//! [`drivers/char/misc.c`](srctree/drivers/char/misc.c).
//!
//! [`struct file_operations`]: srctree/include/linux/fs.h

use crate::{bindings, device::Device, error::to_result, prelude::*, types::Opaque};
use core::marker::PhantomData;

mod operations;
mod owner;
mod poll;
mod table;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use operations::MiscDevice;
pub use poll::{PollEvent, PollEvents};

/// What a misc device is registered with.
///
/// # Examples
///
/// ```
/// use kernel::miscdevice::MiscDeviceOptions;
///
/// let options = MiscDeviceOptions { name: c"rust-watchdog" };
/// assert_eq!(options.name.count_bytes(), 13);
/// ```
pub struct MiscDeviceOptions {
    /// The name: that of the file in `/dev`, and of the device in `/sys/class/misc`.
    ///
    /// No two misc devices can have the same. In `/dev`, slashes separate directories, and
    /// components over 255 bytes get no file.
    pub name: &'static CStr,
}

impl MiscDeviceOptions {
    /// Makes C's structure of it, for a device with the operations of `T`, and the minor number that
    /// comes next.
    ///
    /// The operations expect a [`MiscDeviceRegistration<T>`] around the structure, which
    /// [`register`](MiscDeviceRegistration::register) makes. C counterpart: [`struct miscdevice`].
    ///
    /// [`struct miscdevice`]: srctree/include/linux/miscdevice.h
    pub const fn into_raw<T: MiscDevice>(self) -> bindings::miscdevice {
        let mut device: bindings::miscdevice = pin_init::zeroed();
        device.minor = bindings::MISC_DYNAMIC_MINOR as c_int;
        device.name = self.name.to_bytes_with_nul().as_ptr();
        device.fops = table::of::<T>();
        device
    }
}

/// A misc device, in the system for as long as this exists.
///
/// C counterpart: [`struct miscdevice`], with `misc_register()` and `misc_deregister()`.
///
/// # Examples
///
/// ```
/// use kernel::{
///     fs::File,
///     miscdevice::{MiscDevice, MiscDeviceOptions, MiscDeviceRegistration},
/// };
///
/// /// A device that can be opened, and no more.
/// struct Door;
///
/// #[vtable]
/// impl MiscDevice for Door {
///     type Ptr = ();
///
///     fn open(_file: &File, device: &MiscDeviceRegistration<Self>) -> Result {
///         dev_info!(device.device(), "open\n");
///         Ok(())
///     }
/// }
///
/// let options = MiscDeviceOptions { name: c"rust_doc_door" };
/// let door = KBox::pin_init(MiscDeviceRegistration::<Door>::register(options), GFP_KERNEL)?;
/// assert_eq!(door.device().name(), c"rust_doc_door");
///
/// // A module has it among its own fields instead, and initialises it in place:
/// #[pin_data]
/// struct DoorModule {
///     #[pin]
///     door: MiscDeviceRegistration<Door>,
/// }
///
/// fn init(name: &'static CStr) -> impl PinInit<DoorModule, Error> {
///     try_pin_init!(DoorModule {
///         door <- MiscDeviceRegistration::register(MiscDeviceOptions { name }),
///     })
/// }
///
/// let module = KBox::pin_init(init(c"rust_doc_back_door"), GFP_KERNEL)?;
/// assert_eq!(module.door.device().name(), c"rust_doc_back_door");
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The structure is registered, and was made by [`MiscDeviceOptions::into_raw`] for this `T`.
///
/// [`struct miscdevice`]: srctree/include/linux/miscdevice.h
#[pin_data(PinnedDrop)]
#[repr(transparent)]
pub struct MiscDeviceRegistration<T> {
    #[pin]
    device: Opaque<bindings::miscdevice>,
    _operations: PhantomData<T>,
}

impl<T: MiscDevice> MiscDeviceRegistration<T> {
    /// Registers a misc device.
    ///
    /// User space may open it before this returns, in a module that is not being initialised.
    ///
    /// # Errors
    ///
    /// - `EINVAL` for an empty name.
    /// - `EEXIST` if there is a misc device of that name.
    /// - `EBUSY` without a free minor number, of which there are over a million.
    /// - `ENOMEM` without memory.
    pub fn register(opts: MiscDeviceOptions) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            // INVARIANT: Either it is registered, or there is an error, and no `Self`.
            device <- Opaque::try_ffi_init(move |slot: *mut bindings::miscdevice| {
                // C would say the same, but first warn of a bug in the kernel.
                if opts.name.is_empty() {
                    return Err(EINVAL);
                }
                // SAFETY: The slot is valid for writes.
                unsafe { slot.write(opts.into_raw::<T>()) };
                // SAFETY: The structure is set up, and is pinned: it stays until it is deregistered
                // by the drop, or if this fails, C does not keep it. The name is static, and the
                // operations are as long as their code.
                to_result(unsafe { bindings::misc_register(slot) })
            }),
            _operations: PhantomData,
        })
    }

    /// The C structure.
    pub fn as_raw(&self) -> *mut bindings::miscdevice {
        self.device.get()
    }

    /// The device, for what is to be printed, among others.
    ///
    /// It has no driver, and is no [`Device<Bound>`](crate::device::Bound).
    pub fn device(&self) -> &Device {
        // SAFETY: By the type invariant it is registered, and that sets the field for good.
        let device = unsafe { (*self.as_raw()).this_device };
        // SAFETY: The device is in the system for as long as `self` is registered, which it is while
        // borrowed. Its release function only frees memory.
        unsafe { Device::from_raw(device) }
    }
}

#[pinned_drop]
impl<T> PinnedDrop for MiscDeviceRegistration<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant it is registered, and it is not used any more. No `open` has
        // it afterwards: both hold `misc_mtx`.
        unsafe { bindings::misc_deregister(self.device.get()) };
    }
}

// SAFETY: There is no `T` in it, and any thread may deregister it.
unsafe impl<T> Send for MiscDeviceRegistration<T> {}

// SAFETY: There is no `T` in it; shared references only read what is set up once.
unsafe impl<T> Sync for MiscDeviceRegistration<T> {}
