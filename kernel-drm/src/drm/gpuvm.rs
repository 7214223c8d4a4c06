// SPDX-License-Identifier: GPL-2.0

//! Address spaces of GPUs: which part of which buffer is at which address.
//!
//! A [`GpuVm`] keeps the books; the page tables are the driver's. Whoever has the [`UniqueRefGpuVm`] changes
//! what is mapped. A change may run into mappings that are there, and so consists of *steps*, which the
//! driver is called for one by one:
//!
//! - *unmap*: a mapping goes as a whole;
//! - *remap*: a mapping goes in part. What is left of it, one piece or two, is mapped anew;
//! - *map*: the new mapping, as the last step.
//!
//! 1. Implement [`DriverGpuVm`]: what the driver has for each address space, each mapping and each buffer in
//!    an address space, and what it does in a step.
//! 2. Make an address space: [`GpuVm::new`].
//! 3. [Obtain](GpuVm::obtain) a [`GpuVmBo`] for the buffer that is to be mapped.
//! 4. [Map](UniqueRefGpuVm::sm_map) parts of it, and [unmap](UniqueRefGpuVm::sm_unmap) addresses. All memory
//!    that the steps need is allocated before, as [`GpuVaAlloc`]s.
//! 5. [Clean up](GpuVm::deferred_cleanup) from time to time what is not mapped any more.
//!
//! Addresses, lengths and offsets are in the driver's unit: bytes or pages, as it likes.
//!
//! ## Locks
//!
//! C calls this *immediate mode*: steps may run where a fence is about to be signalled, in a job of a
//! scheduler for example. So they do not allocate, nor take locks that are held while memory is allocated.
//! All that changes the tree of mappings takes the `UniqueRefGpuVm` by `&mut`. The lists that a buffer has
//! are under a mutex in the buffer, which is taken here.
//!
//! For the same reason a `GpuVmBo` that nobody needs any more keeps its buffer until
//! [`GpuVm::deferred_cleanup`], or until the `UniqueRefGpuVm` is dropped.
//!
//! Available if the configuration has `CONFIG_DRM_GPUVM=y`, which `CONFIG_RUST_DRM_GPUVM` sees to.
//!
//! On the C side this is [`include/drm/drm_gpuvm.h`](srctree/include/drm/drm_gpuvm.h) with
//! [`drivers/gpu/drm/drm_gpuvm.c`](srctree/drivers/gpu/drm/drm_gpuvm.c).

use super::{device::Device, driver::Driver, gem::IntoGEMObject};
use crate::{
    bindings,
    prelude::*,
    sync::{
        aref::{ARef, AlwaysRefCounted},
        atomic::{Atomic, Relaxed},
    },
    types::Opaque,
};
use core::{
    cell::UnsafeCell,
    ops::{Deref, Range},
    ptr::{self, NonNull},
};

mod sm_ops;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;
mod va;
mod vm_bo;

pub use sm_ops::{
    OpMap, OpMapRequest, OpMapped, OpRemap, OpRemapRet, OpRemapped, OpUnmap, OpUnmapped, RemapPart,
};
pub use va::{GpuVa, GpuVaAlloc, GpuVaIter, GpuVaRemoved};
pub use vm_bo::GpuVmBo;

/// What a driver has for an address space, and what it does in the steps of a change.
///
/// A step has to do what it is for: it returns what only [`OpMap::insert`], [`OpUnmap::remove`] or
/// [`OpRemap::remap`] gives. If it fails, the change ends there; what the steps before have done stays.
///
/// C counterpart: [`struct drm_gpuvm_ops`](srctree/include/drm/drm_gpuvm.h).
///
/// # Examples
///
/// See [`UniqueRefGpuVm`].
pub trait DriverGpuVm: Sized + Send {
    /// The driver, on whose devices the address spaces are.
    type Driver: Driver;
    /// The type of the buffers that are mapped.
    type Object: IntoGEMObject + Send + Sync;
    /// What there is for each mapping.
    type VaData: Send;
    /// What there is for each buffer in each address space, as long as it is needed there.
    type VmBoData: Send + Sync;
    /// What the steps of a change are given, such as memory for new mappings.
    type SmContext<'ctx>;

    /// Maps what was asked for.
    ///
    /// By then there is nothing else at these addresses.
    ///
    /// # Errors
    ///
    /// Those of the driver, when nothing is mapped.
    fn sm_step_map<'op>(
        &mut self,
        op: OpMap<'op, Self>,
        context: &mut Self::SmContext<'_>,
    ) -> Result<OpMapped<'op, Self>>;

    /// Unmaps a mapping.
    ///
    /// # Errors
    ///
    /// Those of the driver, when it stays mapped.
    fn sm_step_unmap<'op>(
        &mut self,
        op: OpUnmap<'op, Self>,
        context: &mut Self::SmContext<'_>,
    ) -> Result<OpUnmapped<'op, Self>>;

    /// Unmaps a part of a mapping: its beginning, its end, or what is in between.
    ///
    /// # Errors
    ///
    /// Those of the driver, when it stays mapped as it was.
    fn sm_step_remap<'op>(
        &mut self,
        op: OpRemap<'op, Self>,
        context: &mut Self::SmContext<'_>,
    ) -> Result<OpRemapped<'op, Self>>;
}

/// An address space, as those see it that do not change what is mapped.
///
/// It is counted: see [`ARef`]. The last reference, which drops the driver's part, is to be dropped where
/// sleeping is allowed. It has a reference to its device.
///
/// C counterpart: [`struct drm_gpuvm`](srctree/include/drm/drm_gpuvm.h), counted by `drm_gpuvm_get()` and
/// `drm_gpuvm_put()`.
///
/// # Examples
///
/// ```
/// use kernel::{
///     drm::gpuvm::{DriverGpuVm, GpuVm, GpuVmBo},
///     sync::aref::ARef,
/// };
///
/// /// Gets ready to map a buffer, whoever is at work on the mappings.
/// fn prepare<T>(vm: &GpuVm<T>, buffer: &T::Object) -> Result<ARef<GpuVmBo<T>>>
/// where
///     T: DriverGpuVm<VmBoData = u32>,
/// {
///     // There are no mappings that the processor would have a say in.
///     assert!(vm.va_range().end > vm.va_range().start);
///     vm.obtain(buffer, Ok(7))
/// }
/// ```
///
/// # Invariants
///
/// - `vm` is initialised, its count is not zero, and it has the table for `T`, and immediate mode.
/// - Each mapping in its tree but for the kernel's is a [`GpuVa<T>`] in a box that the tree owns; it is linked
///   to a [`GpuVmBo<T>`] of this address space.
/// - Each `drm_gpuvm_bo` of it is a [`GpuVmBo<T>`] in a box that C's count owns.
/// - Only the one [`UniqueRefGpuVm`], while there is one, uses the tree and `data`.
/// - It lies in a box, pinned, which C's count owns.
#[repr(C)]
pub struct GpuVm<T: DriverGpuVm> {
    /// The first field: a pointer to it is one to all of this.
    vm: Opaque<bindings::drm_gpuvm>,
    /// Set when there is no [`UniqueRefGpuVm`] any more.
    abandoned: Atomic<u32>,
    data: UnsafeCell<T>,
}

impl<T: DriverGpuVm> GpuVm<T> {
    const TABLE: bindings::drm_gpuvm_ops = {
        let mut table: bindings::drm_gpuvm_ops = pin_init::zeroed();
        table.vm_free = Some(Self::vm_free);
        table.vm_bo_alloc = Some(GpuVmBo::<T>::vm_bo_alloc);
        table.vm_bo_free = Some(GpuVmBo::<T>::vm_bo_free);
        table.sm_step_map = Some(sm_ops::step_map::<T>);
        table.sm_step_unmap = Some(sm_ops::step_unmap::<T>);
        table.sm_step_remap = Some(sm_ops::step_remap::<T>);
        table
    };

    /// Makes an address space without mappings.
    ///
    /// In `range` are the addresses that can be mapped, but for those in `reserve_range`, which are the
    /// kernel's own, if any. The buffers that share the reservation of `resv` are taken for ones of this
    /// address space alone.
    ///
    /// C counterpart: `drm_gpuvm_init()`.
    ///
    /// # Errors
    ///
    /// - `EINVAL` when `range` is empty, when `reserve_range` is neither empty nor part of it, or when the
    ///   buffer is one of another device.
    /// - `ENOMEM` without memory.
    #[expect(
        clippy::new_ret_no_self,
        reason = "it is the only one to change mappings, at first"
    )]
    pub fn new(
        name: &'static CStr,
        dev: &Device<T::Driver>,
        resv: &T::Object,
        range: Range<u64>,
        reserve_range: Range<u64>,
        data: T,
    ) -> Result<UniqueRefGpuVm<T>> {
        if range.is_empty() || !is_of(resv, dev.as_raw()) {
            return Err(EINVAL);
        }
        let reserve = if reserve_range.is_empty() {
            0..0
        } else if reserve_range.start >= range.start && reserve_range.end <= range.end {
            reserve_range
        } else {
            return Err(EINVAL);
        };
        let this = KBox::new(
            Self {
                vm: Opaque::zeroed(),
                abandoned: Atomic::new(0),
                data: UnsafeCell::new(data),
            },
            GFP_KERNEL,
        )?;
        // It stays where it is, and `vm_free` takes it back.
        let this = KBox::into_raw(this);
        // SAFETY: It is from a box.
        let vm = Opaque::cast_into(unsafe { &raw const (*this).vm });
        // SAFETY: The structure is zeroed, and stays. The name is static. The device and the buffer are valid,
        // and C takes a count of each; the table is static. Both ranges end at `u64::MAX` at the latest.
        unsafe {
            bindings::drm_gpuvm_init(
                vm,
                name.as_char_ptr(),
                bindings::drm_gpuvm_flags_DRM_GPUVM_IMMEDIATE_MODE,
                dev.as_raw(),
                resv.as_raw(),
                range.start,
                range.end - range.start,
                reserve.start,
                reserve.end - reserve.start,
                &Self::TABLE,
            )
        };
        // SAFETY: It is from a box.
        let this = unsafe { NonNull::new_unchecked(this) };
        // INVARIANT: There are no mappings, and nobody else has it.
        // SAFETY: C's count is one, and becomes that of the `ARef`.
        Ok(UniqueRefGpuVm(unsafe { ARef::from_raw(this) }))
    }

    /// The C structure.
    fn as_raw(&self) -> *mut bindings::drm_gpuvm {
        self.vm.get()
    }

    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// It is part of a `Self`, which is not freed in `'a`.
    unsafe fn from_raw<'a>(vm: *mut bindings::drm_gpuvm) -> &'a Self {
        // SAFETY: It is the first field of a `Self`, as the caller says.
        unsafe { &*vm.cast::<Self>() }
    }

    /// The addresses that can be mapped, the kernel's own among them.
    pub fn va_range(&self) -> Range<u64> {
        let vm = self.as_raw();
        // SAFETY: It is valid, by the type invariants, and the field does not change.
        let start = unsafe { (*vm).mm_start };
        // SAFETY: As above.
        let length = unsafe { (*vm).mm_range };
        start..start + length
    }

    /// Returns what stands for a buffer in this address space: what is there already, or a new one, with
    /// `data`.
    ///
    /// If there is one already, `data` is initialised and dropped again.
    ///
    /// This allocates and may sleep: it must not be called in a step, nor where else a fence is about to be
    /// signalled.
    ///
    /// C counterpart: `drm_gpuvm_bo_create()` with `drm_gpuvm_bo_obtain_prealloc()`.
    ///
    /// # Errors
    ///
    /// - `EINVAL` when the buffer is one of another device.
    /// - `ENOMEM` without memory.
    pub fn obtain(
        &self,
        obj: &T::Object,
        data: impl PinInit<T::VmBoData>,
    ) -> Result<ARef<GpuVmBo<T>>> {
        // SAFETY: It is valid, by the type invariants, and the field does not change.
        let drm = unsafe { (*self.as_raw()).drm };
        if !is_of(obj, drm) {
            return Err(EINVAL);
        }
        GpuVmBo::obtain(self, obj, data)
    }

    /// Gives up what stands for buffers that are not mapped any more, and that nobody has a [`GpuVmBo`] of.
    ///
    /// This drops the driver's data for them, and may drop the buffers: so it may sleep, and must not be
    /// called where a fence is about to be signalled.
    ///
    /// C counterpart: `drm_gpuvm_bo_deferred_cleanup()`.
    pub fn deferred_cleanup(&self) {
        // SAFETY: It is valid, by the type invariants.
        unsafe { bindings::drm_gpuvm_bo_deferred_cleanup(self.as_raw()) };
    }

    /// Whether there is no [`UniqueRefGpuVm`] any more.
    fn is_abandoned(&self) -> bool {
        self.abandoned.load(Relaxed) != 0
    }

    /// Frees an address space.
    ///
    /// # Safety
    ///
    /// For C, when the last reference to a `Self` is gone.
    unsafe extern "C" fn vm_free(vm: *mut bindings::drm_gpuvm) {
        // SAFETY: It is the first field of a `Self`, which `new` has leaked from such a box. Mappings and what
        // stands for buffers have references to it, so there are none.
        drop(unsafe { KBox::from_raw(vm.cast::<Self>()) });
    }
}

/// Whether a buffer is one of a device.
fn is_of(obj: &impl IntoGEMObject, dev: *const bindings::drm_device) -> bool {
    // SAFETY: There is a reference, so that it is valid, and the field does not change.
    ptr::eq(unsafe { (*obj.as_raw()).dev }, dev)
}

// SAFETY: C's count keeps the structure, and all that is in it. It is a `refcount_t`, which saturates.
unsafe impl<T: DriverGpuVm> AlwaysRefCounted for GpuVm<T> {
    fn inc_ref(&self) {
        // SAFETY: By the type invariants, the count is not zero yet.
        unsafe { bindings::drm_gpuvm_get(self.as_raw()) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller gives up a count that it owns. The C structure comes first.
        unsafe { bindings::drm_gpuvm_put(obj.as_ptr().cast()) };
    }
}

// SAFETY: The last count may go in any thread, which drops the driver's part: that is `Send`. The rest is
// C's, and belongs to no thread.
unsafe impl<T: DriverGpuVm> Send for GpuVm<T> {}

// SAFETY: It gives nothing of the driver's part. By the type invariants it does not use the tree either; the
// rest is C's, which has locks, or does not change.
unsafe impl<T: DriverGpuVm> Sync for GpuVm<T> {}

/// The one reference to an address space by which its mappings are changed.
///
/// When it is dropped, all mappings go, and nothing can be mapped any more. The driver is not called for
/// steps then: what it has in its page tables is for the drop of its own part, or for an
/// [`sm_unmap`](Self::sm_unmap) before. It is to be dropped where sleeping is allowed.
///
/// # Examples
///
/// A driver that has nothing for mappings and buffers, and counts pages in place of a page table:
///
/// ```
/// use kernel::{
///     drm::{self, file::DriverFile, gem::{self, DriverObject}, gpuvm::*, DeviceContext},
///     faux,
///     page::PAGE_SIZE,
/// };
///
/// struct PageTable {
///     mapped: u64,
/// }
///
/// impl DriverGpuVm for PageTable {
///     type Driver = Lamp;
///     type Object = gem::Object<LampBuffer>;
///     type VaData = ();
///     type VmBoData = ();
///     /// Memory for the mappings that a change may take.
///     type SmContext<'ctx> = [Option<GpuVaAlloc<Self>>; 5];
///
///     fn sm_step_map<'op>(
///         &mut self,
///         op: OpMap<'op, Self>,
///         spare: &mut Self::SmContext<'_>,
///     ) -> Result<OpMapped<'op, Self>> {
///         let va = take(spare)?;
///         self.mapped += op.length();
///         Ok(op.insert(va, Ok(())))
///     }
///
///     fn sm_step_unmap<'op>(
///         &mut self,
///         op: OpUnmap<'op, Self>,
///         _spare: &mut Self::SmContext<'_>,
///     ) -> Result<OpUnmapped<'op, Self>> {
///         self.mapped -= op.va().length();
///         let (unmapped, _va) = op.remove();
///         Ok(unmapped)
///     }
///
///     fn sm_step_remap<'op>(
///         &mut self,
///         op: OpRemap<'op, Self>,
///         spare: &mut Self::SmContext<'_>,
///     ) -> Result<OpRemapped<'op, Self>> {
///         let vas = [take(spare)?, take(spare)?];
///         let hole = op.unmap_range();
///         self.mapped -= hole.end - hole.start;
///         let (remapped, _) = op.remap(vas, Ok(()), Ok(()));
///         Ok(remapped)
///     }
/// }
///
/// fn take(spare: &mut [Option<GpuVaAlloc<PageTable>>; 5]) -> Result<GpuVaAlloc<PageTable>> {
///     spare.iter_mut().find_map(Option::take).ok_or(ENOMEM)
/// }
///
/// fn spare() -> Result<[Option<GpuVaAlloc<PageTable>>; 5]> {
///     let one = || GpuVaAlloc::new(GFP_KERNEL).map(Some);
///     Ok([one()?, one()?, one()?, one()?, one()?])
/// }
/// #
/// # struct Lamp;
/// # struct LampFile;
/// # struct LampBuffer;
/// #
/// # #[vtable]
/// # impl drm::Driver for Lamp {
/// #     type Data = ();
/// #     type File = LampFile;
/// #     type Object<C: DeviceContext> = gem::Object<LampBuffer, C>;
/// #
/// #     const INFO: drm::DriverInfo = drm::DriverInfo {
/// #         major: 1,
/// #         minor: 0,
/// #         patchlevel: 0,
/// #         name: c"lamp",
/// #         desc: c"A lamp that can draw",
/// #     };
/// #
/// #     kernel::declare_drm_ioctls! {}
/// # }
/// #
/// # impl DriverFile for LampFile {
/// #     type Driver = Lamp;
/// #
/// #     fn open(_dev: &drm::Device<Lamp>) -> Result<Pin<KBox<Self>>> {
/// #         Ok(KBox::new(Self, GFP_KERNEL)?.into())
/// #     }
/// # }
/// #
/// # impl DriverObject for LampBuffer {
/// #     type Driver = Lamp;
/// #     type Args = ();
/// #
/// #     fn new<C: DeviceContext>(
/// #         _dev: &drm::Device<Lamp, C>,
/// #         _size: usize,
/// #         _args: (),
/// #     ) -> impl PinInit<Self, Error> {
/// #         Ok(Self)
/// #     }
/// # }
/// #
/// # let faux = faux::Registration::new(c"rust_doc_drm_gpuvm", None)?;
/// # // SAFETY: A faux device is bound for as long as it is there.
/// # let dev = unsafe { faux.as_ref().as_bound() };
/// # let drm = drm::UnregisteredDevice::<Lamp>::new(dev, Ok(()))?;
/// # let drm = drm::Registration::new_foreign_owned(drm, dev, 0)?;
/// # let buffer = gem::Object::<LampBuffer>::new(drm, 16 * PAGE_SIZE, ())?;
///
/// let table = PageTable { mapped: 0 };
/// let mut vm = GpuVm::<PageTable>::new(c"lamp", drm, &buffer, 0..1 << 48, 0..0, table)?;
/// let vm_bo = vm.obtain(&buffer, Ok(()))?;
///
/// // The whole of it, at an address of its choice.
/// vm.sm_map(OpMapRequest {
///     addr: 0x100,
///     length: 16,
///     gem_offset: 0,
///     vm_bo: &vm_bo,
///     context: &mut spare()?,
/// })?;
/// assert_eq!(vm.data().mapped, 16);
///
/// // A hole makes two mappings of it.
/// vm.sm_unmap(0x104, 2, &mut spare()?)?;
/// assert_eq!(vm.data().mapped, 14);
/// assert_eq!(vm.iter().count(), 2);
/// assert_eq!(vm.iter().last().map(|va| va.gem_offset()), Some(6));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// There is no other to the same address space.
pub struct UniqueRefGpuVm<T: DriverGpuVm>(ARef<GpuVm<T>>);

impl<T: DriverGpuVm> UniqueRefGpuVm<T> {
    /// The driver's part.
    pub fn data(&self) -> &T {
        // SAFETY: By the type invariants nobody else uses it; `&mut` comes of a `&mut` of this only.
        unsafe { &*self.0.data.get() }
    }

    /// The driver's part.
    pub fn data_mut(&mut self) -> &mut T {
        // SAFETY: By the type invariants nobody else uses it, and this is borrowed as `&mut`.
        unsafe { &mut *self.0.data.get() }
    }

    /// Goes through the mappings, by their addresses.
    pub fn iter(&self) -> GpuVaIter<'_, T> {
        GpuVaIter::new(self)
    }

    /// Maps a part of a buffer, in place of what is mapped there.
    ///
    /// C counterpart: `drm_gpuvm_sm_map()`.
    ///
    /// # Errors
    ///
    /// - `EINVAL` when the length is zero, when the addresses are not all of [this address
    ///   space](GpuVm::va_range) or some are the kernel's own, when the end of the part is beyond
    ///   `u64::MAX`, or when the [`GpuVmBo`] is one of another address space. No step was called then.
    /// - Those of the steps.
    pub fn sm_map(&mut self, request: OpMapRequest<'_, '_, T>) -> Result {
        sm_ops::map(self, request)
    }

    /// Unmaps what is mapped at these addresses, if anything.
    ///
    /// C counterpart: `drm_gpuvm_sm_unmap()`.
    ///
    /// # Errors
    ///
    /// - `EINVAL` when the length is zero, or when the addresses are not all of [this address
    ///   space](GpuVm::va_range) or some are the kernel's own. No step was called then.
    /// - Those of the steps.
    pub fn sm_unmap(&mut self, addr: u64, length: u64, context: &mut T::SmContext<'_>) -> Result {
        sm_ops::unmap(self, addr, length, context)
    }
}

impl<T: DriverGpuVm> Deref for UniqueRefGpuVm<T> {
    type Target = GpuVm<T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T: DriverGpuVm> Drop for UniqueRefGpuVm<T> {
    fn drop(&mut self) {
        let mut next = GpuVaIter::new(self).next_raw();
        while let Some(va) = next {
            // SAFETY: It is in the tree, and this is not to be used any more.
            let (after, removed) = unsafe { va::remove_and_advance(&self.0, va) };
            drop(removed);
            next = after;
        }
        // Who gives up a `GpuVmBo` after this cleans up by himself. C's list of those is changed by fully
        // ordered operations: either he sees this, or he is on the list by now.
        self.0.abandoned.store(1, Relaxed);
        self.0.deferred_cleanup();
    }
}

// SAFETY: With it go the driver's part and the data of mappings, which are `Send`. The rest belongs to no
// thread.
unsafe impl<T: DriverGpuVm> Send for UniqueRefGpuVm<T> {}

// SAFETY: It gives shared references to the driver's part and the data of mappings, which are `Sync`. All
// that changes something needs `&mut`.
unsafe impl<T: DriverGpuVm + Sync> Sync for UniqueRefGpuVm<T> where T::VaData: Sync {}
