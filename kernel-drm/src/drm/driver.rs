// SPDX-License-Identifier: GPL-2.0

//! Drivers of graphics devices, and the registration of those.
//!
//! On the C side this is [`include/drm/drm_drv.h`](srctree/include/drm/drm_drv.h) with
//! [`drivers/gpu/drm/drm_drv.c`](srctree/drivers/gpu/drm/drm_drv.c).

use super::{
    device::{self as drm_device, Device, DeviceContext, UnregisteredDevice},
    file::{self, DriverFile},
    fops, gem,
    ioctl::DrmIoctlDescriptor,
    private::Sealed,
};
use crate::{
    bindings,
    device::{self, Bound},
    devres,
    error::to_result,
    prelude::*,
    sync::aref::ARef,
};
use core::{marker::PhantomData, ptr};

/// What user space is told of a driver.
///
/// C counterpart: fields of [`struct drm_driver`](srctree/include/drm/drm_drv.h).
///
/// # Examples
///
/// ```
/// use kernel::drm::DriverInfo;
///
/// const INFO: DriverInfo = DriverInfo {
///     major: 1,
///     minor: 0,
///     patchlevel: 0,
///     name: c"lamp",
///     desc: c"A lamp that can draw",
/// };
/// assert_eq!(INFO.name.to_bytes().len(), 4);
/// ```
pub struct DriverInfo {
    /// The version of the interface: a new one where programs for the old one would not work.
    pub major: i32,
    /// What was added to the interface since then.
    pub minor: i32,
    /// What changed without changing the interface.
    pub patchlevel: i32,
    /// The name, by which user space finds out what to do with the device.
    pub name: &'static CStr,
    /// What the driver is for, in a few words.
    pub desc: &'static CStr,
}

/// How C makes buffers of its own accord.
///
/// It does not: a buffer that C makes has to be one of the driver's type, since a handle of it can be looked
/// up as such, and none of the types here can be made without the driver's arguments for it. So there is
/// nothing in this.
///
/// # Examples
///
/// ```
/// use kernel::drm::driver::{AllocImpl, AllocOps};
///
/// /// What there is for a type of buffer.
/// const fn ops<T: AllocImpl>() -> AllocOps {
///     T::ALLOC_OPS
/// }
/// ```
pub struct AllocOps {
    _none: (),
}

impl AllocOps {
    /// C makes none.
    pub(super) const NONE: Self = Self { _none: () };
}

/// A type of buffer that a driver can have.
///
/// Closed: [`gem::Object`] and [`gem::shmem::Object`](super::gem) are all there is.
pub trait AllocImpl: Sealed + gem::IntoGEMObject {
    /// The driver whose devices these buffers are for.
    type Driver: Driver;

    /// How C makes them.
    const ALLOC_OPS: AllocOps;
}

/// A driver of graphics devices.
///
/// C counterpart: [`struct drm_driver`](srctree/include/drm/drm_drv.h).
///
/// # Examples
///
/// ```
/// use kernel::{
///     drm::{self, file::DriverFile, gem::{self, DriverObject}, DeviceContext},
///     faux,
/// };
///
/// /// A driver without any ioctls.
/// struct Lamp;
///
/// /// What there is for each open file.
/// struct LampFile;
///
/// /// What there is for each buffer.
/// struct LampBuffer;
///
/// #[vtable]
/// impl drm::Driver for Lamp {
///     type Data = u32;
///     type File = LampFile;
///     type Object<C: DeviceContext> = gem::Object<LampBuffer, C>;
///
///     const INFO: drm::DriverInfo = drm::DriverInfo {
///         major: 1,
///         minor: 0,
///         patchlevel: 0,
///         name: c"lamp",
///         desc: c"A lamp that can draw",
///     };
///
///     kernel::declare_drm_ioctls! {}
/// }
///
/// impl DriverFile for LampFile {
///     type Driver = Lamp;
///
///     fn open(_dev: &drm::Device<Lamp>) -> Result<Pin<KBox<Self>>> {
///         Ok(KBox::new(Self, GFP_KERNEL)?.into())
///     }
/// }
///
/// impl DriverObject for LampBuffer {
///     type Driver = Lamp;
///     type Args = ();
///
///     fn new<C: DeviceContext>(
///         _dev: &drm::Device<Lamp, C>,
///         _size: usize,
///         _args: (),
///     ) -> impl PinInit<Self, Error> {
///         Ok(Self)
///     }
/// }
///
/// # let faux = faux::Registration::new(c"rust_doc_drm_driver", None)?;
/// # // SAFETY: A faux device is bound for as long as it is there.
/// # let dev = unsafe { faux.as_ref().as_bound() };
/// // In `probe`:
/// let drm = drm::UnregisteredDevice::<Lamp>::new(dev, Ok(40))?;
/// let drm = drm::Registration::new_foreign_owned(drm, dev, 0)?;
/// assert_eq!(**drm, 40);
/// # Ok::<(), Error>(())
/// ```
#[vtable]
pub trait Driver: Sized + 'static {
    /// What a [`Device`] has of the driver's.
    type Data: Sync + Send;

    /// What there is for each file that user space opens.
    type File: DriverFile<Driver = Self>;

    /// The type of its buffers, on a device that has come as far as `Ctx` says.
    type Object<Ctx: DeviceContext>: AllocImpl;

    /// What user space is told.
    const INFO: DriverInfo;

    /// The ioctls: what [`declare_drm_ioctls!`](crate::declare_drm_ioctls) makes.
    ///
    /// C takes the first for the one with the number `DRM_COMMAND_BASE`, and so on.
    const IOCTLS: &'static [DrmIoctlDescriptor<Self>];

    /// Whether there is a *render node*: a file for whoever may compute, but not set the screen.
    const FEAT_RENDER: bool = false;
}

/// The tables of a `T`.
struct Tables<T>(PhantomData<T>);

impl<T: Driver> Tables<T> {
    /// All but what depends on its module, and on whether the driver's data are there.
    const WITHOUT_FILES: bindings::drm_driver = {
        let mut driver: bindings::drm_driver = pin_init::zeroed();
        driver.major = T::INFO.major;
        driver.minor = T::INFO.minor;
        driver.patchlevel = T::INFO.patchlevel;
        driver.name = T::INFO.name.to_bytes_with_nul().as_ptr().cast_mut().cast();
        driver.desc = T::INFO.desc.to_bytes_with_nul().as_ptr().cast_mut().cast();
        driver.driver_features = bindings::drm_driver_feature_DRIVER_GEM;
        if T::FEAT_RENDER {
            driver.driver_features |= bindings::drm_driver_feature_DRIVER_RENDER;
        }
        driver.ioctls = T::IOCTLS.as_ptr().cast();
        driver.num_ioctls = T::IOCTLS.len() as c_int;
        driver.open = Some(file::open::<T>);
        driver.postclose = Some(file::postclose::<T>);
        driver
    };
}

/// What C is to know of a driver while it allocates a device. Nobody can open that yet.
pub(super) fn without_files<T: Driver>() -> &'static bindings::drm_driver {
    &Tables::<T>::WITHOUT_FILES
}

/// What C is to know of a driver from then on.
///
/// # Errors
///
/// `ENOMEM` without memory.
pub(super) fn table<T: Driver>() -> Result<bindings::drm_driver> {
    let release = drm_device::release::<T>;
    // SAFETY: Any address may be looked up. This is one in the module that this was called from, which
    // does not go meanwhile.
    let owner = unsafe { bindings::module_at(release as *const c_void) };
    Ok(bindings::drm_driver {
        release: Some(release),
        fops: fops::of(owner)?,
        ..Tables::<T>::WITHOUT_FILES
    })
}

/// A device that user space knows of, until this is dropped.
///
/// The drop waits for ioctls, of whatever device: so it must not be part of one, nor may an ioctl wait
/// for what the dropper holds.
///
/// C counterpart: `drm_dev_register()` with `drm_dev_unplug()`.
///
/// # Examples
///
/// See [`Driver`].
///
/// # Invariants
///
/// The device is registered.
pub struct Registration<T: Driver>(ARef<Device<T>>);

impl<T: Driver> Registration<T> {
    fn new(drm: UnregisteredDevice<T>, flags: usize) -> Result<Self> {
        // SAFETY: The device is initialised. As who has the `UnregisteredDevice` gives it away, it was not
        // registered before. If this fails, C takes back what it has shown to user space, and waits for
        // who is in a `Section`.
        to_result(unsafe { bindings::drm_dev_register(drm.as_raw(), flags) })?;
        // SAFETY: It is registered now.
        let dev = unsafe { drm.assume_context() };
        // INVARIANT: As above.
        Ok(Self(dev.into()))
    }

    /// Registers a device, until the driver is unbound from `dev`, for which it was made.
    ///
    /// User space may open the device's files before this returns. `flags` are for the driver's `load`,
    /// which no Rust driver has: they have no effect.
    ///
    /// A device takes back last what it lent first: what is tied to it after this goes before the device is
    /// unplugged, while ioctls still run. So what they need has to be made earlier, or be a
    /// [`Devres`](crate::devres::Devres).
    ///
    /// # Errors
    ///
    /// - `EINVAL` when the device was made for another one than `dev`.
    /// - `ENXIO` when the driver is being unbound.
    /// - `ENOMEM` without memory, and those of the device core.
    pub fn new_foreign_owned<'a>(
        drm: UnregisteredDevice<T>,
        dev: &'a device::Device<Bound>,
        flags: usize,
    ) -> Result<&'a Device<T>>
    where
        T: 'static,
    {
        let parent: &device::Device = (*drm).as_ref();
        if !ptr::eq(parent.as_raw(), dev.as_raw()) {
            return Err(EINVAL);
        }
        let registration = Self::new(drm, flags)?;
        let drm = ptr::from_ref(registration.device());
        devres::register(dev, registration, GFP_KERNEL)?;
        // SAFETY: The registration has a count of it. `dev` has that until the driver is unbound, which is
        // not before the borrow of `dev` ends.
        Ok(unsafe { &*drm })
    }

    /// The device.
    pub fn device(&self) -> &Device<T> {
        &self.0
    }
}

impl<T: Driver> Drop for Registration<T> {
    fn drop(&mut self) {
        // SAFETY: It is registered, by the type invariants. Who has its files open may keep them.
        unsafe { bindings::drm_dev_unplug(self.0.as_raw()) };
    }
}

// SAFETY: A device may be unplugged from any thread.
unsafe impl<T: Driver> Send for Registration<T> {}

// SAFETY: It gives nothing but shared references to the device, which is `Sync`.
unsafe impl<T: Driver> Sync for Registration<T> {}
