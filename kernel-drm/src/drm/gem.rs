// SPDX-License-Identifier: GPL-2.0

//! Buffers of graphics devices: GEM objects.
//!
//! A buffer is an [`Object`], with what the driver has for it: a [`DriverObject`]. User space knows a buffer
//! by a *handle*, a number that is valid on one open file: see [`BaseObject`].
//!
//! | type | memory | user space can map it |
//! | --- | --- | --- |
//! | [`Object`] | a file of shmem, which the driver has no access to | no |
//! | `shmem::Object` | pages of shmem, allocated when they are used | yes |
//!
//! On the C side this is [`include/drm/drm_gem.h`](srctree/include/drm/drm_gem.h) with
//! [`drivers/gpu/drm/drm_gem.c`](srctree/drivers/gpu/drm/drm_gem.c).

use super::{
    device::{Device, DeviceContext, Registered, Section, Uninit},
    driver::{AllocImpl, AllocOps, Driver},
    file::{self, File},
    private::Sealed,
};
use crate::{
    bindings,
    error::{from_result, to_result},
    page::PAGE_SIZE,
    prelude::*,
    sync::aref::{ARef, AlwaysRefCounted},
    types::Opaque,
};
use core::{
    marker::PhantomData,
    ops::Deref,
    ptr::{self, NonNull},
};

#[cfg(CONFIG_DRM_GEM_SHMEM_HELPER = "y")]
pub mod shmem;

/// Implements [`AlwaysRefCounted`] for a type of buffer, by the count of its GEM object.
///
/// The form is that of an implementation without a body: `impl<T, C> for Object<T, C> where T: A, C: B`.
/// The type implements [`IntoGEMObject`](crate::drm::gem::IntoGEMObject), which only those here can.
///
/// # Examples
///
/// ```ignore
/// // Ignored, as the trait is closed: the buffers here do this.
/// impl_aref_for_gem_obj!(impl<T, C> for Object<T, C> where T: DriverObject, C: DeviceContext);
/// ```
#[macro_export]
macro_rules! impl_aref_for_gem_obj {
    (
        impl $(<$($param:ident),+ $(,)?>)? for $type:ty
        $(where $($bound:ident: $trait:path),+ $(,)?)?
    ) => {
        // SAFETY: The count of the GEM object keeps the buffer that it is part of. It is a `refcount_t`,
        // which saturates.
        unsafe impl $(<$($param),+>)? $crate::sync::aref::AlwaysRefCounted for $type
        where
            Self: $crate::drm::gem::IntoGEMObject,
            $($($bound: $trait),+)?
        {
            fn inc_ref(&self) {
                let obj = $crate::drm::gem::IntoGEMObject::as_raw(self);
                // SAFETY: There is a reference, so that the count is not zero.
                unsafe { $crate::bindings::drm_gem_object_get(obj) };
            }

            unsafe fn dec_ref(obj: ::core::ptr::NonNull<Self>) {
                // SAFETY: The caller has a count, so that it is there.
                let obj = $crate::drm::gem::IntoGEMObject::as_raw(unsafe { obj.as_ref() });
                // SAFETY: The caller gives up that count.
                unsafe { $crate::bindings::drm_gem_object_put(obj) };
            }
        }
    };
}

/// The type of the buffers of the driver that a `T` is of.
pub type DriverAllocImpl<T, Ctx = Registered> =
    <<T as DriverObject>::Driver as Driver>::Object<Ctx>;

/// The type of the open files of the driver that a `T` is of.
pub type DriverFile<T> = File<<<T as DriverObject>::Driver as Driver>::File>;

/// What a driver has for each buffer.
///
/// # Examples
///
/// ```
/// use kernel::drm::{self, gem::DriverObject, DeviceContext};
///
/// /// A buffer that knows where it is in the memory of the device.
/// struct Placed<T> {
///     offset: u64,
///     _driver: core::marker::PhantomData<fn(T)>,
/// }
///
/// impl<T: drm::Driver> DriverObject for Placed<T> {
///     type Driver = T;
///     type Args = u64;
///
///     fn new<C: DeviceContext>(
///         _dev: &drm::Device<T, C>,
///         size: usize,
///         offset: u64,
///     ) -> impl PinInit<Self, Error> {
///         offset.checked_add(size as u64).ok_or(EINVAL)?;
///         Ok(Self { offset, _driver: core::marker::PhantomData })
///     }
/// }
/// ```
pub trait DriverObject: Sync + Send + Sized + 'static {
    /// The driver whose buffers these are.
    type Driver: Driver;

    /// What it takes to make one.
    type Args;

    /// Makes it, for a buffer of `size` bytes: a number of whole pages that is not zero.
    ///
    /// # Errors
    ///
    /// Those of the driver. The buffer is not made then.
    fn new<Ctx: DeviceContext>(
        dev: &Device<Self::Driver, Ctx>,
        size: usize,
        args: Self::Args,
    ) -> impl PinInit<Self, Error>;

    /// Called when a file gets a handle of the buffer.
    ///
    /// As in an ioctl, the device is not unplugged meanwhile.
    ///
    /// # Errors
    ///
    /// Those of the driver. The file does not get the handle then.
    fn open(_obj: &DriverAllocImpl<Self>, _file: &DriverFile<Self>) -> Result {
        Ok(())
    }

    /// Called when a handle of the buffer is taken from a file, or the file is closed.
    ///
    /// The device may be unplugged by then.
    fn close(_obj: &DriverAllocImpl<Self>, _file: &DriverFile<Self>) {}
}

/// A buffer that has a GEM object inside.
///
/// Closed: [`Object`] and `shmem::Object` are all there is.
pub trait IntoGEMObject: Sized + Sealed + AlwaysRefCounted {
    /// The C structure.
    ///
    /// Not for drivers, who can do nothing with it.
    fn as_raw(&self) -> *mut bindings::drm_gem_object;

    /// Takes a C structure for a reference to the buffer that it is part of.
    ///
    /// # Safety
    ///
    /// It is part of a `Self`, which is not freed in `'a`.
    unsafe fn from_raw<'a>(obj: *mut bindings::drm_gem_object) -> &'a Self;
}

/// What can be done with buffers of any type.
///
/// # Examples
///
/// Two ioctls, in part:
///
/// ```
/// use kernel::{
///     drm::{driver::AllocImpl, file::DriverFile, gem::BaseObject, Driver, File, Registered},
///     sync::aref::ARef,
/// };
///
/// /// Gives user space a handle of a buffer.
/// fn publish<D, F, O>(file: &File<F>, buffer: ARef<O>) -> Result<u32>
/// where
///     D: Driver<Object<Registered> = O, File = F>,
///     F: DriverFile<Driver = D>,
///     O: AllocImpl<Driver = D>,
/// {
///     // The handle has a reference of its own.
///     buffer.create_handle(file)
/// }
///
/// /// Tells user space how large a buffer is.
/// fn size<D, F, O>(file: &File<F>, handle: u32) -> Result<usize>
/// where
///     D: Driver<Object<Registered> = O, File = F>,
///     F: DriverFile<Driver = D>,
///     O: AllocImpl<Driver = D>,
/// {
///     Ok(O::lookup_handle(file, handle)?.size())
/// }
/// ```
pub trait BaseObject: IntoGEMObject {
    /// The size, in bytes: a number of whole pages.
    fn size(&self) -> usize {
        // SAFETY: There is a reference, so that it is valid, and the size does not change.
        unsafe { (*self.as_raw()).size }
    }

    /// Gives a file a handle of the buffer. User space may use it before this returns.
    ///
    /// The handle keeps the buffer, until user space gives it up, or the file is closed.
    ///
    /// C counterpart: `drm_gem_handle_create()`.
    ///
    /// # Errors
    ///
    /// - `EINVAL` when the file is one of another device.
    /// - `ENODEV` when the device is unplugged.
    /// - `ENOSPC` when the file has all the handles that there can be.
    /// - `ENOMEM` without memory, and those of [`DriverObject::open`].
    fn create_handle<D, F>(&self, file: &File<F>) -> Result<u32>
    where
        Self: AllocImpl<Driver = D>,
        D: Driver<Object<Registered> = Self, File = F>,
        F: file::DriverFile<Driver = D>,
    {
        // SAFETY: There is a reference, so that it is valid, and the field does not change.
        let dev = unsafe { (*self.as_raw()).dev };
        if !ptr::eq(dev, file.raw_device()) {
            return Err(EINVAL);
        }
        let mut handle = 0;
        // SAFETY: Both are valid, and the buffer is of the type that handles are looked up as.
        to_result(unsafe {
            bindings::drm_gem_handle_create(file.as_raw(), self.as_raw(), &mut handle)
        })?;
        Ok(handle)
    }

    /// Returns the buffer that a file has a handle of.
    ///
    /// C counterpart: `drm_gem_object_lookup()`.
    ///
    /// # Errors
    ///
    /// `ENOENT` when this file has no such handle, whatever other files have.
    fn lookup_handle<D, F>(file: &File<F>, handle: u32) -> Result<ARef<Self>>
    where
        Self: AllocImpl<Driver = D>,
        D: Driver<Object<Registered> = Self, File = F>,
        F: file::DriverFile<Driver = D>,
    {
        // SAFETY: The file is valid, by its type invariants.
        let obj = unsafe { bindings::drm_gem_object_lookup(file.as_raw(), handle) };
        if obj.is_null() {
            return Err(ENOENT);
        }
        // SAFETY: C gives a count of it. The files of a driver have handles of no other type: C makes
        // none by itself (see `AllocOps`), `create_handle` takes no other, and those that come by way of a
        // name or a DMA-BUF are from a handle on the same device.
        let obj = unsafe { Self::from_raw(obj) };
        // SAFETY: The count becomes that of the `ARef`.
        Ok(unsafe { ARef::from_raw(NonNull::from(obj)) })
    }

    /// Returns the offset at which user space can map the buffer, in the file of the device.
    ///
    /// It is made the first time, and goes with the buffer. Only a file with a handle of the buffer
    /// can map it.
    ///
    /// C counterpart: `drm_gem_create_mmap_offset()`.
    ///
    /// # Errors
    ///
    /// `ENOSPC` when there is no room left, or no memory.
    fn create_mmap_offset(&self) -> Result<u64> {
        // SAFETY: There is a reference, so that it is valid.
        to_result(unsafe { bindings::drm_gem_create_mmap_offset(self.as_raw()) })?;
        // SAFETY: As above.
        let node = unsafe { &raw mut (*self.as_raw()).vma_node };
        // SAFETY: It has an offset, since above.
        Ok(unsafe { bindings::drm_vma_node_offset_addr(node) })
    }
}

impl<T: IntoGEMObject> BaseObject for T {}

/// Called when a file gets a handle.
///
/// # Safety
///
/// For C: `obj` is part of a buffer with a `T`, which [`BaseObject::create_handle`] gives, or gave, a handle
/// of. `file` is an open file of its device.
unsafe extern "C" fn open<T: DriverObject>(
    obj: *mut bindings::drm_gem_object,
    file: *mut bindings::drm_file,
) -> c_int {
    // SAFETY: The caller says so. Handles are of buffers of the driver's type.
    let obj = unsafe { <DriverAllocImpl<T> as IntoGEMObject>::from_raw(obj) };
    // SAFETY: The caller says so.
    let file = unsafe { DriverFile::<T>::from_raw(file) };
    // SAFETY: The buffer is valid, and the field does not change.
    let dev = unsafe { (*obj.as_raw()).dev };
    // SAFETY: A buffer has its device.
    let dev = unsafe { Device::<T::Driver, Uninit>::from_raw(dev) };
    from_result(|| {
        // C's own ioctls, which end up here too, do not keep the device from being unplugged.
        let _section = Section::enter(dev).ok_or(ENODEV)?;
        T::open(obj, file).map(|()| 0)
    })
}

/// Called when a handle is taken from a file.
///
/// # Safety
///
/// As [`open`], which was called.
unsafe extern "C" fn close<T: DriverObject>(
    obj: *mut bindings::drm_gem_object,
    file: *mut bindings::drm_file,
) {
    // SAFETY: The caller says so. Handles are of buffers of the driver's type.
    let obj = unsafe { <DriverAllocImpl<T> as IntoGEMObject>::from_raw(obj) };
    // SAFETY: The caller says so.
    let file = unsafe { DriverFile::<T>::from_raw(file) };
    T::close(obj, file);
}

/// A buffer of which the driver alone knows what is behind it.
///
/// C makes a file of shmem for each, which takes no memory as long as nobody uses it; nobody here does.
/// User space can't map it.
///
/// It is counted: see [`ARef`]. The last reference is to be dropped where sleeping is allowed. It has a
/// reference to its device.
///
/// C counterpart: [`struct drm_gem_object`](srctree/include/drm/drm_gem.h).
///
/// # Examples
///
/// ```
/// use kernel::{
///     drm::{gem::{self, BaseObject, DriverObject}, Device},
///     page::PAGE_SIZE,
///     sync::aref::ARef,
/// };
///
/// /// Two pages.
/// fn two<T: DriverObject<Args = u32>>(dev: &Device<T::Driver>) -> Result<ARef<gem::Object<T>>> {
///     // Parts of pages are refused.
///     assert_eq!(gem::Object::<T>::new(dev, 1, 7).err(), Some(EINVAL));
///     let buffer = gem::Object::<T>::new(dev, 2 * PAGE_SIZE, 7)?;
///     assert_eq!(buffer.size(), 2 * PAGE_SIZE);
///     assert!(core::ptr::eq(buffer.dev(), dev));
///     Ok(buffer)
/// }
/// ```
///
/// # Invariants
///
/// - `obj` is initialised, its count is not zero, and it has the table for `T` and `Ctx`.
/// - Its `dev` is a `Device<T::Driver, Ctx>`, of which this has a count.
/// - It lies in a `KBox`, pinned, which C's count owns.
#[repr(C)]
#[pin_data]
pub struct Object<T: DriverObject + Send + Sync, Ctx: DeviceContext = Registered> {
    /// The first field: a pointer to it is one to all of this.
    #[pin]
    obj: Opaque<bindings::drm_gem_object>,
    #[pin]
    data: T,
    _context: PhantomData<Ctx>,
    /// A buffer of one type is none of another, not even of a subtype.
    _invariant: PhantomData<fn(T) -> T>,
}

impl<T: DriverObject, Ctx: DeviceContext> Object<T, Ctx> {
    const TABLE: bindings::drm_gem_object_funcs = {
        let mut table: bindings::drm_gem_object_funcs = pin_init::zeroed();
        table.free = Some(Self::free);
        table.open = Some(open::<T>);
        table.close = Some(close::<T>);
        table
    };

    /// Makes a buffer of `size` bytes.
    ///
    /// # Errors
    ///
    /// - `EINVAL` when the size is zero, or not a number of whole pages, or more than a file can have.
    /// - Those of [`DriverObject::new`].
    /// - `ENOMEM` without memory, and `ENOSPC` without memory for its inode.
    pub fn new(dev: &Device<T::Driver, Ctx>, size: usize, args: T::Args) -> Result<ARef<Self>> {
        if size == 0 || !size.is_multiple_of(PAGE_SIZE) {
            return Err(EINVAL);
        }
        let this = KBox::pin_init(
            try_pin_init!(Self {
                obj: Opaque::zeroed(),
                data <- T::new(dev, size, args),
                _context: PhantomData,
                _invariant: PhantomData,
            }),
            GFP_KERNEL,
        )?;
        let obj = this.obj.get();
        // SAFETY: It is valid, and nobody else has it.
        unsafe { (*obj).funcs = &Self::TABLE };
        // SAFETY: The device is initialised, by its type invariants; the object is all zeroes but for its
        // table, and the size is in whole pages.
        to_result(unsafe { bindings::drm_gem_object_init(dev.as_raw(), obj, size) }).inspect_err(
            |_| {
                // SAFETY: All but the file is initialised by now, and there is no file.
                unsafe { bindings::drm_gem_private_object_fini(obj) }
            },
        )?;
        // INVARIANT: The count is for the buffer.
        dev.inc_ref();
        // SAFETY: It stays where it is, and `free` pins it again.
        let this = KBox::into_raw(unsafe { Pin::into_inner_unchecked(this) });
        // SAFETY: It is from a box.
        let this = unsafe { NonNull::new_unchecked(this) };
        // SAFETY: C's count is one, and becomes that of the `ARef`.
        Ok(unsafe { ARef::from_raw(this) })
    }

    /// The device that the buffer is of.
    pub fn dev(&self) -> &Device<T::Driver, Ctx> {
        // SAFETY: By the type invariants it is valid, and the field does not change.
        let dev = unsafe { (*self.obj.get()).dev };
        // SAFETY: By the type invariants it is one, of which there is a count.
        unsafe { Device::from_raw(dev) }
    }

    /// Frees a buffer.
    ///
    /// # Safety
    ///
    /// For C, when the last reference to a `Self` is gone.
    unsafe extern "C" fn free(obj: *mut bindings::drm_gem_object) {
        // SAFETY: It is valid until it is freed, below.
        let dev = unsafe { (*obj).dev };
        // SAFETY: It is initialised, and nobody uses it any more.
        unsafe { bindings::drm_gem_object_release(obj) };
        // SAFETY: It is the first field of a `Self`, which `new` has leaked from such a box.
        let this = unsafe { KBox::from_raw(obj.cast::<Self>()) };
        // It is dropped where it is.
        drop(KBox::into_pin(this));
        // SAFETY: The buffer had a count of it.
        unsafe { bindings::drm_dev_put(dev) };
    }
}

impl_aref_for_gem_obj!(impl<T, C> for Object<T, C> where T: DriverObject, C: DeviceContext);

impl<T: DriverObject, Ctx: DeviceContext> Sealed for Object<T, Ctx> {}

impl<T: DriverObject, Ctx: DeviceContext> IntoGEMObject for Object<T, Ctx> {
    fn as_raw(&self) -> *mut bindings::drm_gem_object {
        self.obj.get()
    }

    unsafe fn from_raw<'a>(obj: *mut bindings::drm_gem_object) -> &'a Self {
        // SAFETY: It is the first field of a `Self`, as the caller says.
        unsafe { &*obj.cast::<Self>() }
    }
}

impl<T: DriverObject, Ctx: DeviceContext> AllocImpl for Object<T, Ctx> {
    type Driver = T::Driver;

    const ALLOC_OPS: AllocOps = AllocOps::NONE;
}

impl<T: DriverObject, Ctx: DeviceContext> Deref for Object<T, Ctx> {
    type Target = T;

    fn deref(&self) -> &Self::Target {
        &self.data
    }
}

// SAFETY: The last count may go in any thread, which drops the driver's part: that is `Send`. The rest is
// C's, which has locks.
unsafe impl<T: DriverObject, Ctx: DeviceContext> Send for Object<T, Ctx> {}

// SAFETY: It gives shared references to the driver's part, which is `Sync`. The rest is C's, which has
// locks, or does not change.
unsafe impl<T: DriverObject, Ctx: DeviceContext> Sync for Object<T, Ctx> {}
