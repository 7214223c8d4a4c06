// SPDX-License-Identifier: GPL-2.0

//! Graphics devices, before and after they are registered.
//!
//! On the C side this is [`include/drm/drm_device.h`](srctree/include/drm/drm_device.h) with
//! [`drivers/gpu/drm/drm_drv.c`](srctree/drivers/gpu/drm/drm_drv.c).

use super::{driver, private::Sealed, Driver};
use crate::{
    bindings, device,
    error::from_err_ptr,
    prelude::*,
    sync::aref::{ARef, AlwaysRefCounted},
    types::{NotThreadSafe, Opaque, ScopeGuard},
    workqueue::{HasDelayedWork, HasWork, Work, WorkItem},
};
use core::{marker::PhantomData, mem::offset_of, ops::Deref, ptr::NonNull};

/// How far a device has come.
///
/// Closed: [`Uninit`] and [`Registered`] are all there is.
pub trait DeviceContext: Sealed + Send + Sync {}

/// A device that is not known to have been registered: user space may not know of it.
///
/// # Examples
///
/// ```
/// use kernel::drm::{Device, Driver, Uninit};
///
/// /// Sets up what has to be there before user space comes.
/// fn prepare<T: Driver>(dev: &Device<T, Uninit>) -> &T::Data {
///     dev
/// }
/// ```
pub struct Uninit;

/// A device that has been registered, now or at some time: it may be unplugged by now.
///
/// # Examples
///
/// ```
/// use kernel::drm::{Device, Driver, Registered};
///
/// /// `Registered` may be left out.
/// fn data<T: Driver>(dev: &Device<T, Registered>) -> &T::Data {
///     let dev: &Device<T> = dev;
///     dev
/// }
/// ```
pub struct Registered;

impl Sealed for Uninit {}
impl Sealed for Registered {}
impl DeviceContext for Uninit {}
impl DeviceContext for Registered {}

/// A graphics device with its driver's data, which it dereferences to.
///
/// It is counted: see [`ARef`]. The last reference is to be dropped where sleeping is allowed; that drops
/// the data.
///
/// C counterpart: [`struct drm_device`], counted by `drm_dev_get()` and `drm_dev_put()`.
///
/// # Examples
///
/// ```
/// use kernel::{drm::{Device, Driver}, sync::aref::ARef};
///
/// /// What a driver has beside the device.
/// struct Client<T: Driver> {
///     dev: ARef<Device<T>>,
/// }
///
/// impl<T: Driver> Client<T> {
///     fn new(dev: &Device<T>) -> Self {
///         Self { dev: dev.into() }
///     }
///
///     fn hello(&self) {
///         // What it was made for.
///         let parent: &kernel::device::Device = self.dev.as_ref().as_ref();
///         dev_info!(parent, "hello\n");
///     }
/// }
/// ```
///
/// # Invariants
///
/// - It was allocated by `__drm_dev_alloc()` with the size of this type, for this `T`.
/// - `dev` is initialised, and its count is not zero.
/// - `driver` and `data` are initialised, and `dev` has `driver` as its driver.
/// - If `C` is [`Registered`], it has been passed to `drm_dev_register()`.
///
/// [`struct drm_device`]: srctree/include/drm/drm_device.h
/// [`ARef`]: crate::sync::aref::ARef
#[repr(C)]
pub struct Device<T: Driver, C: DeviceContext = Registered> {
    /// The first field: a pointer to it is one to all of this.
    dev: Opaque<bindings::drm_device>,
    /// What C calls the driver for: here, as its operations of files are not known before.
    driver: Opaque<bindings::drm_driver>,
    data: T::Data,
    _context: PhantomData<C>,
}

impl<T: Driver, C: DeviceContext> Device<T, C> {
    /// The C structure.
    pub(crate) fn as_raw(&self) -> *mut bindings::drm_device {
        self.dev.get()
    }

    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// For the length of `'a`, what the type invariants say is true of it.
    pub(crate) unsafe fn from_raw<'a>(dev: *const bindings::drm_device) -> &'a Self {
        // SAFETY: It is the first field of a `Self`, which is valid for so long, as the caller says.
        unsafe { &*dev.cast::<Self>() }
    }

    /// Whether the driver's module is still being initialised.
    ///
    /// C frees one whose init function fails, though files are open that have a reference to it.
    pub(super) fn is_coming(&self) -> bool {
        // SAFETY: By the type invariants it is valid, and nobody changes the field.
        let driver: *const bindings::drm_driver = unsafe { (*self.as_raw()).driver };
        // SAFETY: By the type invariants it is the one in `self`, or the one without files.
        let fops: *const bindings::file_operations = unsafe { (*driver).fops };
        if fops.is_null() {
            return false;
        }
        // SAFETY: They are there for ever.
        let owner = unsafe { (*fops).owner };
        // SAFETY: It is null, or the driver's module: that has the code that this is called from.
        unsafe { bindings::module_is_coming(owner) }
    }

    /// Takes the device for one that has come as far as `D` says.
    ///
    /// # Safety
    ///
    /// It has.
    pub(super) unsafe fn assume_context<D: DeviceContext>(&self) -> &Device<T, D> {
        // SAFETY: The layout does not depend on the context, and the caller vouches for that.
        unsafe { Device::from_raw(self.as_raw()) }
    }
}

/// While this is there, the device is not unplugged: who does that waits.
///
/// That is so for all devices: C has one lock for all of them.
///
/// # Invariants
///
/// `drm_dev_enter()` has returned true, with this index.
pub(super) struct Section(c_int, NotThreadSafe);

impl Section {
    /// Begins one, unless the device is unplugged.
    pub(super) fn enter<T: Driver, C: DeviceContext>(dev: &Device<T, C>) -> Option<Self> {
        let mut index = 0;
        // SAFETY: The device is valid, by its type invariants.
        if unsafe { bindings::drm_dev_enter(dev.as_raw(), &mut index) } {
            // INVARIANT: It has returned true.
            Some(Self(index, NotThreadSafe))
        } else {
            None
        }
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        // SAFETY: By the type invariants, there is one to be left.
        unsafe { bindings::drm_dev_exit(self.0) };
    }
}

/// Drops a driver's data.
///
/// # Safety
///
/// For C, when the last reference to a `Device<T, _>` is gone.
pub(super) unsafe extern "C" fn release<T: Driver>(dev: *mut bindings::drm_device) {
    let dev = dev.cast::<Device<T, Uninit>>();
    // SAFETY: The caller says that it is such a device, whose memory C has not freed yet.
    let data = unsafe { &raw mut (*dev).data };
    // SAFETY: They are initialised, by the type invariants, and nobody has the device any more. They are
    // dropped where they are.
    unsafe { data.drop_in_place() };
}

/// A device that user space does not know of yet.
///
/// [`Registration::new_foreign_owned`](super::Registration::new_foreign_owned) takes it: so no device is
/// registered twice.
///
/// # Examples
///
/// ```
/// use kernel::{device, drm::{Driver, UnregisteredDevice}};
///
/// fn make<T: Driver<Data = u32>>(parent: &device::Device) -> Result<UnregisteredDevice<T>> {
///     let dev = UnregisteredDevice::new(parent, Ok(7))?;
///     assert_eq!(**dev, 7);
///     Ok(dev)
/// }
/// ```
pub struct UnregisteredDevice<T: Driver>(ARef<Device<T, Uninit>>, NotThreadSafe);

impl<T: Driver> UnregisteredDevice<T> {
    /// Makes a device with its driver's data, for the device `dev` of a bus.
    ///
    /// C counterpart: `devm_drm_dev_alloc()`, without its action.
    ///
    /// # Errors
    ///
    /// - Those of `data`.
    /// - `ENOMEM` without memory, and `EBUSY` without a number for the device's file.
    pub fn new(dev: &device::Device, data: impl PinInit<T::Data, Error>) -> Result<Self> {
        const { assert!(offset_of!(Device<T, Uninit>, dev) == 0) };
        // SAFETY: The device is initialised, by its type invariant. The driver is static, and has no
        // `release`: there is nothing to be dropped yet.
        let raw = unsafe {
            bindings::__drm_dev_alloc(
                dev.as_raw(),
                driver::without_files::<T>(),
                size_of::<Device<T, Uninit>>(),
                offset_of!(Device<T, Uninit>, dev),
            )
        };
        let raw = from_err_ptr(raw)?.cast::<Device<T, Uninit>>();
        let drm = raw.cast::<bindings::drm_device>();
        let undo = ScopeGuard::new(move || {
            // SAFETY: It was allocated above, and the count is ours.
            unsafe { bindings::drm_dev_put(drm) };
        });

        // SAFETY: The pointer is valid.
        let table = Opaque::cast_into(unsafe { &raw const (*raw).driver });
        // SAFETY: It is part of what was allocated.
        unsafe { table.write(driver::table::<T>()?) };
        // SAFETY: The pointer is valid.
        let place = unsafe { &raw mut (*raw).data };
        // SAFETY: It is part of what was allocated, as zeroes, and aligned: the size is a multiple of the
        // alignment, and `kzalloc()` aligns to the largest power of two that divides the size. It stays
        // there, and is not used in case of an error.
        unsafe { data.__pinned_init(place) }?;
        // SAFETY: Nobody else has the device yet. From here on it has a `release`, for the data.
        unsafe { (*drm).driver = table };
        undo.dismiss();

        // SAFETY: It is not null, as it is no error.
        let raw = unsafe { NonNull::new_unchecked(raw) };
        // INVARIANT: All of it is initialised now.
        // SAFETY: The count is the one from the allocation.
        Ok(Self(unsafe { ARef::from_raw(raw) }, NotThreadSafe))
    }
}

impl<T: Driver> Deref for UnregisteredDevice<T> {
    type Target = Device<T, Uninit>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T: Driver, C: DeviceContext> Deref for Device<T, C> {
    type Target = T::Data;

    fn deref(&self) -> &Self::Target {
        &self.data
    }
}

/// The device of a bus that it was made for.
impl<T: Driver, C: DeviceContext> AsRef<device::Device> for Device<T, C> {
    fn as_ref(&self) -> &device::Device {
        // SAFETY: By the type invariants it is valid, and nobody changes the field.
        let dev = unsafe { (*self.as_raw()).dev };
        // SAFETY: The DRM device has a reference to it.
        unsafe { device::Device::from_raw(dev) }
    }
}

// SAFETY: C's count keeps the structure, and all that is in it. It is a `refcount_t`, which saturates.
unsafe impl<T: Driver, C: DeviceContext> AlwaysRefCounted for Device<T, C> {
    fn inc_ref(&self) {
        // SAFETY: By the type invariants, the count is not zero yet.
        unsafe { bindings::drm_dev_get(self.as_raw()) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller gives up a count that it owns. The C structure comes first.
        unsafe { bindings::drm_dev_put(obj.as_ptr().cast()) };
    }
}

// SAFETY: The last count may go in any thread, which drops the driver's data: those are `Send`. The rest
// is C's, which has locks.
unsafe impl<T: Driver, C: DeviceContext> Send for Device<T, C> {}

// SAFETY: It gives shared references to the driver's data, which are `Sync`. The rest is C's, which has
// locks, or does not change.
unsafe impl<T: Driver, C: DeviceContext> Sync for Device<T, C> {}

impl<T, C, const ID: u64> WorkItem<ID> for Device<T, C>
where
    T: Driver,
    T::Data: WorkItem<ID, Pointer = ARef<Self>> + HasWork<Self, ID>,
    C: DeviceContext,
{
    type Pointer = ARef<Self>;

    fn run(this: ARef<Self>) {
        T::Data::run(this);
    }
}

// SAFETY: Both functions are about one field of one field, and add and subtract the offsets of both, the
// inner one by the contract of the data's `HasWork`.
unsafe impl<T, C, const ID: u64> HasWork<Self, ID> for Device<T, C>
where
    T: Driver,
    T::Data: HasWork<Self, ID>,
    C: DeviceContext,
{
    unsafe fn raw_get_work(ptr: *mut Self) -> *mut Work<Self, ID> {
        // SAFETY: The caller says that it points into an allocation for a device.
        let data = unsafe { &raw mut (*ptr).data };
        // SAFETY: So this points into one for the data.
        unsafe { T::Data::raw_get_work(data) }
    }

    unsafe fn work_container_of(ptr: *mut Work<Self, ID>) -> *mut Self {
        // SAFETY: The caller says that it points to the field in the data of a device.
        let data = unsafe { T::Data::work_container_of(ptr) };
        // SAFETY: These are the data of one.
        unsafe { crate::container_of!(data, Self, data) }
    }
}

// SAFETY: `raw_get_work` above goes by way of that of the data, which goes by way of a `DelayedWork`.
unsafe impl<T, C, const ID: u64> HasDelayedWork<Self, ID> for Device<T, C>
where
    T: Driver,
    T::Data: HasDelayedWork<Self, ID>,
    C: DeviceContext,
{
}
