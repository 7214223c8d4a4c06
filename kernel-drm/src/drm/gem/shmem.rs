// SPDX-License-Identifier: GPL-2.0

//! Buffers in the memory of the system, which user space can map.
//!
//! Available if the configuration has `CONFIG_DRM_GEM_SHMEM_HELPER=y`.
//!
//! On the C side this is
//! [`include/drm/drm_gem_shmem_helper.h`](srctree/include/drm/drm_gem_shmem_helper.h) with
//! [`drivers/gpu/drm/drm_gem_shmem_helper.c`](srctree/drivers/gpu/drm/drm_gem_shmem_helper.c).

use super::{close, open, DriverObject, IntoGEMObject};
use crate::{
    bindings,
    drm::{
        device::{Device, DeviceContext, Registered},
        driver::{AllocImpl, AllocOps},
        private::Sealed,
    },
    error::to_result,
    page::page_align,
    prelude::*,
    sync::aref::{ARef, AlwaysRefCounted},
    types::Opaque,
};
use core::{
    marker::PhantomData,
    mem::offset_of,
    ops::{Deref, DerefMut},
    ptr::NonNull,
};

/// How a buffer is to be.
///
/// # Examples
///
/// ```
/// use kernel::drm::{gem::{shmem::ObjectConfig, DriverObject}, DeviceContext};
///
/// /// For what the CPU writes and never reads.
/// fn upload<'a, T: DriverObject, C: DeviceContext>() -> ObjectConfig<'a, T, C> {
///     ObjectConfig { map_wc: true, ..ObjectConfig::default() }
/// }
/// ```
pub struct ObjectConfig<'a, T: DriverObject, C: DeviceContext = Registered> {
    /// Whether the CPU's mappings gather writes, and do not cache.
    pub map_wc: bool,
    /// A buffer whose reservation lock and fences this one is to share. It stays for as long as this one.
    pub parent_resv_obj: Option<&'a Object<T, C>>,
}

impl<T: DriverObject, C: DeviceContext> Default for ObjectConfig<'_, T, C> {
    fn default() -> Self {
        Self {
            map_wc: false,
            parent_resv_obj: None,
        }
    }
}

/// A buffer in the memory of the system.
///
/// Its pages are allocated when somebody uses them, are zero then, and may go to swap space while nobody
/// does. User space maps it at its [offset](super::BaseObject::create_mmap_offset).
///
/// It is counted: see [`ARef`]. The last reference is to be dropped where sleeping is allowed. It has a
/// reference to its device, and one to the buffer whose reservation it shares.
///
/// C counterpart: [`struct drm_gem_shmem_object`](srctree/include/drm/drm_gem_shmem_helper.h).
///
/// # Examples
///
/// ```
/// use kernel::{
///     drm::{gem::{shmem::{self, ObjectConfig}, BaseObject, DriverObject}, Device},
///     page::PAGE_SIZE,
///     sync::aref::ARef,
/// };
///
/// /// Two buffers under one lock.
/// fn pair<T: DriverObject<Args = u32>>(dev: &Device<T::Driver>) -> Result<ARef<shmem::Object<T>>> {
///     let first = shmem::Object::<T>::new(dev, PAGE_SIZE, ObjectConfig::default(), 1)?;
///     let config = ObjectConfig { parent_resv_obj: Some(&*first), ..ObjectConfig::default() };
///     // The size is rounded up.
///     let second = shmem::Object::<T>::new(dev, PAGE_SIZE + 1, config, 2)?;
///     assert_eq!(second.size(), 2 * PAGE_SIZE);
///     Ok(second)
/// }
/// ```
///
/// # Invariants
///
/// - `obj` is initialised, its count is not zero, and it has the table for `T` and `C`.
/// - Its `dev` is a `Device<T::Driver, C>`, of which this has a count.
/// - Its `resv` is the one in itself, or the one in `resv_owner`.
/// - It lies in a `KBox`, pinned, which C's count owns.
#[repr(C)]
#[pin_data]
pub struct Object<T: DriverObject, C: DeviceContext = Registered> {
    /// The first field: a pointer to it is one to all of this.
    #[pin]
    obj: Opaque<bindings::drm_gem_shmem_object>,
    resv_owner: Option<ARef<Object<T, C>>>,
    #[pin]
    data: T,
    _context: PhantomData<C>,
    /// A buffer of one type is none of another, not even of a subtype.
    _invariant: PhantomData<fn(T) -> T>,
}

impl<T: DriverObject, C: DeviceContext> Object<T, C> {
    const TABLE: bindings::drm_gem_object_funcs = {
        let mut table: bindings::drm_gem_object_funcs = pin_init::zeroed();
        table.free = Some(Self::free);
        table.open = Some(open::<T>);
        table.close = Some(close::<T>);
        table.print_info = Some(bindings::drm_gem_shmem_object_print_info);
        table.pin = Some(bindings::drm_gem_shmem_object_pin);
        table.unpin = Some(bindings::drm_gem_shmem_object_unpin);
        table.get_sg_table = Some(bindings::drm_gem_shmem_object_get_sg_table);
        table.vmap = Some(bindings::drm_gem_shmem_object_vmap);
        table.vunmap = Some(bindings::drm_gem_shmem_object_vunmap);
        table.mmap = Some(bindings::drm_gem_shmem_object_mmap);
        table.vm_ops = &raw const bindings::drm_gem_shmem_vm_ops;
        table
    };

    /// Makes a buffer of `size` bytes, rounded up to whole pages.
    ///
    /// # Errors
    ///
    /// - `EINVAL` when the size is zero, or more than a file can have.
    /// - Those of [`DriverObject::new`].
    /// - `ENOMEM` without memory, and `ENOSPC` without memory for its inode, or room for its offset.
    pub fn new(
        dev: &Device<T::Driver, C>,
        size: usize,
        config: ObjectConfig<'_, T, C>,
        args: T::Args,
    ) -> Result<ARef<Self>> {
        const { assert!(offset_of!(bindings::drm_gem_shmem_object, base) == 0) };
        let size = match page_align(size) {
            None | Some(0) => return Err(EINVAL),
            Some(size) => size,
        };
        // The one who has it, not one who shares it: so they do not form a chain, which would go in one
        // recursion.
        let resv_owner = config
            .parent_resv_obj
            .map(|parent| parent.resv_owner.as_deref().unwrap_or(parent));
        let resv = resv_owner.map(|owner| owner.own_resv());
        let this = KBox::pin_init(
            try_pin_init!(Self {
                obj: Opaque::zeroed(),
                resv_owner: resv_owner.map(ARef::from),
                data <- T::new(dev, size, args),
                _context: PhantomData,
                _invariant: PhantomData,
            }),
            GFP_KERNEL,
        )?;
        let shmem = this.obj.get();
        let obj = this.as_raw();
        // SAFETY: It is valid, and nobody else has it.
        unsafe { (*obj).funcs = &Self::TABLE };
        if let Some(resv) = resv {
            // INVARIANT: It is the one in `resv_owner`.
            // SAFETY: As above. C leaves it so.
            unsafe { (*obj).resv = resv };
        }
        // SAFETY: The device is initialised, by its type invariants; the object is all zeroes but for what
        // was set above, and the size is in whole pages. In case of an error, C undoes all.
        to_result(unsafe { bindings::drm_gem_shmem_init(dev.as_raw(), shmem, size) })?;
        // SAFETY: It is valid, and nobody else has it.
        unsafe { (*shmem).set_map_wc(config.map_wc) };
        // INVARIANT: The count is for the buffer.
        dev.inc_ref();
        // SAFETY: It stays where it is, and `free` pins it again.
        let this = KBox::into_raw(unsafe { Pin::into_inner_unchecked(this) });
        // SAFETY: It is from a box.
        let this = unsafe { NonNull::new_unchecked(this) };
        // SAFETY: C's count is one, and becomes that of the `ARef`.
        Ok(unsafe { ARef::from_raw(this) })
    }

    /// The reservation in this buffer.
    fn own_resv(&self) -> *mut bindings::dma_resv {
        // SAFETY: By the type invariants it is valid.
        unsafe { &raw mut (*self.as_raw())._resv }
    }

    /// The device that the buffer is of.
    pub fn dev(&self) -> &Device<T::Driver, C> {
        // SAFETY: By the type invariants it is valid, and the field does not change.
        let dev = unsafe { (*self.as_raw()).dev };
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
        // SAFETY: It is initialised, and the first field of such an object; nobody uses it any more. The
        // owner of its reservation is still there.
        unsafe { bindings::drm_gem_shmem_release(obj.cast()) };
        // SAFETY: It is the first field of a `Self`, which `new` has leaked from such a box.
        let this = unsafe { KBox::from_raw(obj.cast::<Self>()) };
        // It is dropped where it is.
        drop(KBox::into_pin(this));
        // SAFETY: The buffer had a count of it.
        unsafe { bindings::drm_dev_put(dev) };
    }
}

crate::impl_aref_for_gem_obj!(impl<T, C> for Object<T, C> where T: DriverObject, C: DeviceContext);

impl<T: DriverObject, C: DeviceContext> Sealed for Object<T, C> {}

impl<T: DriverObject, C: DeviceContext> IntoGEMObject for Object<T, C> {
    fn as_raw(&self) -> *mut bindings::drm_gem_object {
        // It is the first field, as `new` asserts.
        self.obj.get().cast()
    }

    unsafe fn from_raw<'a>(obj: *mut bindings::drm_gem_object) -> &'a Self {
        // SAFETY: It is the first field of the first field of a `Self`, as the caller says.
        unsafe { &*obj.cast::<Self>() }
    }
}

impl<T: DriverObject, C: DeviceContext> AllocImpl for Object<T, C> {
    type Driver = T::Driver;

    const ALLOC_OPS: AllocOps = AllocOps::NONE;
}

impl<T: DriverObject, C: DeviceContext> Deref for Object<T, C> {
    type Target = T;

    fn deref(&self) -> &Self::Target {
        &self.data
    }
}

impl<T: DriverObject, C: DeviceContext> DerefMut for Object<T, C> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.data
    }
}

// SAFETY: The last count may go in any thread, which drops the driver's part: that is `Send`. The rest is
// C's, which has locks.
unsafe impl<T: DriverObject, C: DeviceContext> Send for Object<T, C> {}

// SAFETY: It gives shared references to the driver's part, which is `Sync`. The rest is C's, which has
// locks, or does not change.
unsafe impl<T: DriverObject, C: DeviceContext> Sync for Object<T, C> {}
