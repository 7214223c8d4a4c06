// SPDX-License-Identifier: GPL-2.0

//! Buffers in an address space.

use super::{DriverGpuVm, GpuVm};
use crate::{
    bindings,
    drm::gem::IntoGEMObject,
    prelude::*,
    sync::aref::{ARef, AlwaysRefCounted},
    types::Opaque,
};
use core::ptr::{self, NonNull};

/// What stands for a buffer in an address space, with what the driver has for that.
///
/// It is counted: see [`ARef`]; each mapping of the buffer has a reference to it. It has one to the address
/// space and one to the buffer. When the last one to it goes, it waits for
/// [`GpuVm::deferred_cleanup`]. References are dropped where sleeping is allowed; when there is no
/// [`UniqueRefGpuVm`](super::UniqueRefGpuVm) any more, the last one is not dropped where a fence is about to
/// be signalled, as it drops the buffer.
///
/// C counterpart: [`struct drm_gpuvm_bo`](srctree/include/drm/drm_gpuvm.h).
///
/// # Examples
///
/// ```
/// use kernel::{drm::gpuvm::{DriverGpuVm, GpuVm, GpuVmBo}, sync::aref::ARef};
///
/// /// There is one for each buffer in an address space.
/// fn twice<T>(vm: &GpuVm<T>, buffer: &T::Object) -> Result<ARef<GpuVmBo<T>>>
/// where
///     T: DriverGpuVm<VmBoData = u32>,
/// {
///     let first = vm.obtain(buffer, Ok(1))?;
///     let second = vm.obtain(buffer, Ok(2))?;
///     assert!(core::ptr::eq(&*first, &*second));
///     assert_eq!(*second.data(), *first.data());
///     assert!(core::ptr::eq(second.vm(), vm));
///     assert!(core::ptr::eq(second.obj(), buffer));
///     Ok(first)
/// }
/// ```
///
/// # Invariants
///
/// - `inner` is initialised, and its count is not zero. Its `vm` is a [`GpuVm<T>`], its `obj` part of a
///   `T::Object`; there is a count of both.
/// - `data` is initialised.
/// - It lies in a box, pinned, which C's count owns.
#[repr(C)]
pub struct GpuVmBo<T: DriverGpuVm> {
    /// The first field: a pointer to it is one to all of this.
    inner: Opaque<bindings::drm_gpuvm_bo>,
    data: T::VmBoData,
}

impl<T: DriverGpuVm> GpuVmBo<T> {
    /// Allocates one, whose data are not initialised.
    ///
    /// # Safety
    ///
    /// For C, which initialises the rest of its structure if this does not return null.
    pub(super) unsafe extern "C" fn vm_bo_alloc() -> *mut bindings::drm_gpuvm_bo {
        // C's structure has to be zeroed.
        match KBox::<Self>::new_uninit(GFP_KERNEL | __GFP_ZERO) {
            Ok(this) => KBox::into_raw(this).cast(),
            Err(_) => ptr::null_mut(),
        }
    }

    /// Frees one.
    ///
    /// # Safety
    ///
    /// For C, when the last reference to a `Self` is gone, and it is in no list.
    pub(super) unsafe extern "C" fn vm_bo_free(vm_bo: *mut bindings::drm_gpuvm_bo) {
        // SAFETY: It is the first field of a `Self`, from the box in `vm_bo_alloc`. `obtain` has initialised
        // the data of each.
        let this = unsafe { KBox::from_raw(vm_bo.cast::<Self>()) };
        // It is dropped where it is.
        drop(KBox::into_pin(this));
    }

    /// See [`GpuVm::obtain`], which checks what the buffer is of.
    pub(super) fn obtain(
        vm: &GpuVm<T>,
        obj: &T::Object,
        data: impl PinInit<T::VmBoData>,
    ) -> Result<ARef<Self>> {
        // SAFETY: There is a reference, so that it is valid; it was zeroed, as buffers of all types are.
        unsafe { bindings::drm_gem_gpuva_init_once(obj.as_raw()) };
        // SAFETY: Both are valid. C takes a count of each.
        let new = unsafe { bindings::drm_gpuvm_bo_create(vm.as_raw(), obj.as_raw()) };
        if new.is_null() {
            return Err(ENOMEM);
        }
        // SAFETY: It is from `vm_bo_alloc`.
        let place = unsafe { &raw mut (*new.cast::<Self>()).data };
        // INVARIANT: So the data are initialised.
        // SAFETY: The place is valid, and nobody else has it. It stays there. There is no error.
        let Ok(()) = unsafe { data.__pinned_init(place) };
        // SAFETY: It is new, and in no list; we give up our count of it, for one of what C returns. The lists
        // of the buffer are initialised. In this, the last count of neither the address space nor the buffer
        // goes, since the caller has both.
        let vm_bo = unsafe { bindings::drm_gpuvm_bo_obtain_prealloc(new) };
        // SAFETY: It is valid: we have a count.
        unsafe { bindings::drm_gpuvm_bo_extobj_add(vm_bo) };
        // SAFETY: What stands for a buffer in this address space is a `Self`, by the invariants of `GpuVm`. C
        // does not return null.
        let this = unsafe { NonNull::new_unchecked(vm_bo.cast::<Self>()) };
        // SAFETY: The count becomes that of the `ARef`.
        Ok(unsafe { ARef::from_raw(this) })
    }

    /// The C structure.
    pub(super) fn as_raw(&self) -> *mut bindings::drm_gpuvm_bo {
        self.inner.get()
    }

    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// It is part of a `Self`, which is not freed in `'a`.
    pub(super) unsafe fn from_raw<'a>(vm_bo: *mut bindings::drm_gpuvm_bo) -> &'a Self {
        // SAFETY: It is the first field of a `Self`, as the caller says.
        unsafe { &*vm_bo.cast::<Self>() }
    }

    /// The address space.
    pub fn vm(&self) -> &GpuVm<T> {
        // SAFETY: By the type invariants it is valid, and the field does not change.
        let vm = unsafe { (*self.as_raw()).vm };
        // SAFETY: By the type invariants it is one, of which there is a count.
        unsafe { GpuVm::from_raw(vm) }
    }

    /// The buffer.
    pub fn obj(&self) -> &T::Object {
        // SAFETY: By the type invariants it is valid, and the field does not change.
        let obj = unsafe { (*self.as_raw()).obj };
        // SAFETY: By the type invariants it is part of one, of which there is a count.
        unsafe { T::Object::from_raw(obj) }
    }

    /// What the driver has for it.
    pub fn data(&self) -> &T::VmBoData {
        &self.data
    }
}

// SAFETY: C's count keeps the structure, and all that is in it. It is a `refcount_t`, which saturates.
unsafe impl<T: DriverGpuVm> AlwaysRefCounted for GpuVmBo<T> {
    fn inc_ref(&self) {
        // SAFETY: By the type invariants, the count is not zero yet.
        unsafe { bindings::drm_gpuvm_bo_get(self.as_raw()) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller has a count, so that it is there.
        let vm = ARef::from(unsafe { obj.as_ref() }.vm());
        // SAFETY: The caller gives up that count, and has no lock of the buffer's: none can be had. The address
        // space has immediate mode. The C structure comes first.
        let last = unsafe { bindings::drm_gpuvm_bo_put_deferred(obj.as_ptr().cast()) };
        if last && vm.is_abandoned() {
            vm.deferred_cleanup();
        }
    }
}

// SAFETY: The last count may go in any thread, which may drop the data, the buffer and the driver's part of the
// address space: all are `Send`. The rest is C's, and belongs to no thread.
unsafe impl<T: DriverGpuVm> Send for GpuVmBo<T> {}

// SAFETY: It gives shared references to the data, the buffer and the address space, which are `Sync`.
unsafe impl<T: DriverGpuVm> Sync for GpuVmBo<T> {}
