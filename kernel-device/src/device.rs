// SPDX-License-Identifier: GPL-2.0

//! Devices, in the states that the device core has them in.
//!
//! Whatever bus a device sits on, its structure has a [`struct device`] inside, and that is what the
//! device core works with. Here it is a [`Device<Ctx>`]. `Ctx` says what holds for as long as the
//! reference exists, so that a function which only makes sense for a device with a driver can ask
//! for one:
//!
//! | type | what holds | who gets one |
//! | --- | --- | --- |
//! | [`Device<Normal>`], or [`Device`] | the device is counted | anybody, and for as long as he likes: [`ARef<Device>`] |
//! | [`Device<Bound>`] | and a driver is bound to it | callbacks that end before the driver is unbound |
//! | [`Device<Core<'_>>`] | and its lock is held | callbacks of the bus, such as `probe` |
//! | [`Device<CoreInternal<'_>>`] | and it is the bus's turn | the abstraction of the bus itself |
//!
//! Each dereferences to the one above it. The other direction needs somebody who knows:
//! [`Device::as_bound`].
//!
//! What is printed about a device goes through [`dev_info!`] and its like, so that the line says
//! which device it is about.
//!
//! On the C side this is [`include/linux/device.h`] with [`drivers/base/core.c`].
//!
//! [`include/linux/device.h`]: srctree/include/linux/device.h
//! [`drivers/base/core.c`]: srctree/drivers/base/core.c
//! [`struct device`]: srctree/include/linux/device.h
//! [`dev_info!`]: crate::dev_info
//! [`ARef<Device>`]: crate::sync::aref::ARef

use crate::{
    bindings,
    prelude::*,
    sync::aref::{ARef, AlwaysRefCounted},
    types::Opaque,
};
use core::{marker::PhantomData, ptr::NonNull};

mod bus;
mod context;
mod drvdata;
mod print;
pub mod property;
#[cfg(CONFIG_KUNIT = "y")]
#[doc(hidden)]
pub mod testing;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use bus::AsBusDevice;
pub use context::{Bound, Core, CoreInternal, DeviceContext, Normal};

/// Keeps others from implementing traits that are closed.
mod private {
    pub trait Sealed {}
}

/// A device: [`struct device`].
///
/// `Ctx` is the state that the device is known to be in: see the [module](self). Without it,
/// nothing is known but that the device is counted. A reference to it can then be turned into an
/// [`ARef<Device>`], which keeps the *structure*: the hardware may be gone, and a driver may have
/// come or left.
///
/// C counterpart: [`struct device`], counted by `get_device()` and `put_device()`.
///
/// # Examples
///
/// Keep a device to print about it later:
///
/// ```
/// use kernel::{device::Device, sync::aref::ARef};
///
/// struct Channel {
///     dev: ARef<Device>,
///     number: u32,
/// }
///
/// impl Channel {
///     fn new(dev: &Device, number: u32) -> Self {
///         Self { dev: dev.into(), number }
///     }
///
///     fn stall(&self) {
///         dev_warn!(self.dev, "channel {} stalls\n", self.number);
///     }
/// }
///
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_channel")?;
/// # let dev: &Device = &root;
/// let channel = Channel::new(dev, 3);
/// channel.stall();
/// assert_eq!(channel.dev.name(), c"rust_doc_channel");
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// For as long as a reference exists, the structure is initialised, its count is not zero, and the
/// device is in the state that `Ctx` stands for.
///
/// [`struct device`]: srctree/include/linux/device.h
/// [`ARef<Device>`]: crate::sync::aref::ARef
#[repr(transparent)]
pub struct Device<Ctx: DeviceContext = Normal>(Opaque<bindings::device>, PhantomData<Ctx>);

impl Device {
    /// Takes a reference to a C structure, and owns it.
    ///
    /// C counterpart: `get_device()`.
    ///
    /// # Safety
    ///
    /// `ptr` points to an initialised device whose count does not become zero during the call. Its
    /// `release` function may be called from any thread.
    #[inline]
    pub unsafe fn get_device(ptr: *mut bindings::device) -> ARef<Self> {
        // SAFETY: The caller promises so for the length of the call, longer than this borrow.
        ARef::from(unsafe { Self::from_raw(ptr) })
    }

    /// Takes the device for one that a driver is bound to.
    ///
    /// # Safety
    ///
    /// A driver is bound to the device, and stays so for as long as the result is borrowed.
    #[inline]
    pub unsafe fn as_bound(&self) -> &Device<Bound> {
        // SAFETY: The layout does not depend on the context. The count is not zero, by the type
        // invariants; and the caller vouches for the driver.
        unsafe { Device::from_raw(self.as_raw()) }
    }
}

impl<Ctx: DeviceContext> Device<Ctx> {
    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// For the length of `'a`, `ptr` points to an initialised device with a count above zero, which
    /// is in the state that `Ctx` stands for. Its `release` function may be called from any thread.
    #[inline]
    pub unsafe fn from_raw<'a>(ptr: *mut bindings::device) -> &'a Self {
        // SAFETY: `Device` is a transparent wrapper of `struct device`. The caller promises what the
        // type invariants say, for all of `'a`.
        unsafe { &*ptr.cast() }
    }

    /// The C structure.
    ///
    /// Not API: for the crates of the buses and subsystems.
    #[doc(hidden)]
    #[inline]
    pub fn as_raw(&self) -> *mut bindings::device {
        self.0.get()
    }

    /// The device that this one hangs on.
    ///
    /// Not API: for the crates of the buses, which know when this is safe.
    ///
    /// # Safety
    ///
    /// The device has been added to the system, and for as long as the result is borrowed it is
    /// neither removed nor moved: only an added device has a reference to its parent.
    #[doc(hidden)]
    #[inline]
    pub unsafe fn parent(&self) -> Option<&Device> {
        // SAFETY: The structure is initialised, by the type invariants, and nobody changes the field,
        // as the caller says.
        let parent = unsafe { (*self.as_raw()).parent };
        // SAFETY: The device has a reference to its parent, as the caller says, unless it has none.
        NonNull::new(parent).map(|parent| unsafe { Device::from_raw(parent.as_ptr()) })
    }

    /// The name of the device, as in sysfs and in the log; empty for one without a name.
    ///
    /// Nobody but its subsystem renames a device, and few do (those of network interfaces, wireless
    /// devices and InfiniBand). They free the old name, so they must not do it while somebody has
    /// it.
    ///
    /// C counterpart: `dev_name()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::device::Device;
    ///
    /// fn is_virtual(dev: &Device) -> bool {
    ///     dev.name().to_bytes().starts_with(b"virt")
    /// }
    ///
    /// # let virt = kernel::device::testing::RootDevice::new(c"virt0")?;
    /// # let real = kernel::device::testing::RootDevice::new(c"real0")?;
    /// assert!(is_virtual(&virt));
    /// assert!(!is_virtual(&real));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn name(&self) -> &CStr {
        // SAFETY: The structure is initialised, by the type invariants.
        let name = unsafe { bindings::dev_name(self.as_raw()) };
        if name.is_null() {
            return c"";
        }
        // SAFETY: Names end with a zero byte. The device owns its own, or `init_name` is used, which
        // has to stay for as long; it is not renamed, as the documentation asks.
        unsafe { CStr::from_char_ptr(name) }
    }
}

// SAFETY: The count keeps the structure allocated, and there is none that is not counted. `get_device`
// counts with a `refcount_t`, which saturates.
unsafe impl AlwaysRefCounted for Device {
    #[inline]
    fn inc_ref(&self) {
        // SAFETY: By the type invariants, the count is not zero yet.
        unsafe { bindings::get_device(self.as_raw()) };
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::put_device(obj.cast().as_ptr()) };
    }
}

impl<Ctx: DeviceContext> AsRef<Device<Ctx>> for Device<Ctx> {
    #[inline]
    fn as_ref(&self) -> &Device<Ctx> {
        self
    }
}

// SAFETY: Whoever makes the first reference vouches that the last may go in any thread; and the C
// functions that are called here synchronise among themselves.
unsafe impl Send for Device {}

// SAFETY: Shared references allow to count, to print and to read the name, which all threads may.
unsafe impl Sync for Device {}

// SAFETY: As for `Device`. That a driver is bound is as true in another thread.
unsafe impl Sync for Device<Bound> {}

// SAFETY: `Device` is a transparent wrapper, whatever its context is.
crate::impl_device_context_deref!(unsafe { Device });
crate::impl_device_context_into_aref!(Device);
