// SPDX-License-Identifier: GPL-2.0

//! Changes, and the steps they consist of.

use super::{
    va::{self, GpuVa, GpuVaAlloc, GpuVaRemoved},
    DriverGpuVm, GpuVm, GpuVmBo, UniqueRefGpuVm,
};
use crate::{
    bindings,
    drm::gem::IntoGEMObject,
    error::{from_result, to_result},
    prelude::*,
};
use core::{marker::PhantomData, mem::offset_of, ops::Range, ptr};

/// Makes a lifetime one that nothing can be shortened or lengthened to: what one step returns is of no use
/// in another.
type Brand<'op> = PhantomData<fn(&'op ()) -> &'op ()>;

/// What is to be mapped: see [`UniqueRefGpuVm::sm_map`].
///
/// C counterpart: [`struct drm_gpuvm_map_req`](srctree/include/drm/drm_gpuvm.h).
///
/// # Examples
///
/// ```
/// use kernel::drm::gpuvm::{DriverGpuVm, GpuVmBo, OpMapRequest, UniqueRefGpuVm};
///
/// /// Maps a page of a buffer.
/// fn map_page<T: DriverGpuVm>(
///     vm: &mut UniqueRefGpuVm<T>,
///     vm_bo: &GpuVmBo<T>,
///     context: &mut T::SmContext<'_>,
/// ) -> Result {
///     vm.sm_map(OpMapRequest { addr: 0x10, length: 1, gem_offset: 3, vm_bo, context })
/// }
/// ```
pub struct OpMapRequest<'a, 'ctx, T: DriverGpuVm> {
    /// The first address.
    pub addr: u64,
    /// The number of addresses, and the size of the part of the buffer.
    pub length: u64,
    /// Where the part begins in the buffer. That it has such a part is for the driver to see to.
    pub gem_offset: u64,
    /// What stands for the buffer in the address space.
    pub vm_bo: &'a GpuVmBo<T>,
    /// What the steps are given.
    pub context: &'a mut T::SmContext<'ctx>,
}

/// What the steps get from who asked for the change.
struct Change<'a, 'ctx, T: DriverGpuVm> {
    vm: &'a GpuVm<T>,
    /// The one that is to be mapped, if any is.
    vm_bo: Option<&'a GpuVmBo<T>>,
    context: &'a mut T::SmContext<'ctx>,
}

/// See [`UniqueRefGpuVm::sm_map`].
pub(super) fn map<T: DriverGpuVm>(
    vm: &mut UniqueRefGpuVm<T>,
    request: OpMapRequest<'_, '_, T>,
) -> Result {
    if request.length == 0 || !ptr::eq(request.vm_bo.vm(), &**vm) {
        return Err(EINVAL);
    }
    request
        .gem_offset
        .checked_add(request.length)
        .ok_or(EINVAL)?;
    let mut req: bindings::drm_gpuvm_map_req = pin_init::zeroed();
    req.map.va.addr = request.addr;
    req.map.va.range = request.length;
    req.map.gem.offset = request.gem_offset;
    req.map.gem.obj = request.vm_bo.obj().as_raw();
    let mut change = Change {
        vm,
        vm_bo: Some(request.vm_bo),
        context: request.context,
    };
    // SAFETY: The address space is initialised. Its tree is ours, as the `UniqueRefGpuVm` is borrowed as `&mut`.
    // The steps are given what they ask for; the request is valid while this runs. C checks the addresses.
    to_result(unsafe {
        bindings::drm_gpuvm_sm_map(change.vm.as_raw(), (&raw mut change).cast(), &req)
    })
}

/// See [`UniqueRefGpuVm::sm_unmap`].
pub(super) fn unmap<T: DriverGpuVm>(
    vm: &mut UniqueRefGpuVm<T>,
    addr: u64,
    length: u64,
    context: &mut T::SmContext<'_>,
) -> Result {
    if length == 0 {
        return Err(EINVAL);
    }
    let mut change = Change {
        vm,
        vm_bo: None,
        context,
    };
    // SAFETY: The address space is initialised. Its tree is ours, as the `UniqueRefGpuVm` is borrowed as `&mut`.
    // The steps are given what they ask for. C checks the addresses.
    to_result(unsafe {
        bindings::drm_gpuvm_sm_unmap(change.vm.as_raw(), (&raw mut change).cast(), addr, length)
    })
}

/// What an operation is about: the member of its union that is an `A`. All of them begin where it does.
fn details<A>(op: *const bindings::drm_gpuva_op) -> *const A {
    op.wrapping_byte_add(offset_of!(bindings::drm_gpuva_op, __bindgen_anon_1))
        .cast()
}

/// Calls the driver to map.
///
/// # Safety
///
/// For C, in [`map`]. `change` points to the [`Change`] of that, and `op` to a map operation. What it wants
/// mapped is in the address space, and nothing else is there: the steps before have seen to it.
pub(super) unsafe extern "C" fn step_map<T: DriverGpuVm>(
    op: *mut bindings::drm_gpuva_op,
    change: *mut c_void,
) -> c_int {
    // SAFETY: The caller says so, and nobody else uses it meanwhile.
    let change = unsafe { &mut *change.cast::<Change<'_, '_, T>>() };
    let Some(vm_bo) = change.vm_bo else {
        return EINVAL.to_errno();
    };
    // SAFETY: The caller says so; it stays while this runs.
    let op = unsafe { &*details::<bindings::drm_gpuva_op_map>(op) };
    // INVARIANT: The caller vouches for the addresses. `map` has put the buffer of the `vm_bo` there.
    let op = OpMap {
        op,
        vm_bo,
        _brand: PhantomData,
    };
    // SAFETY: Who asked for the change has the `UniqueRefGpuVm` as `&mut`, so that this is the only one.
    let data = unsafe { &mut *change.vm.data.get() };
    from_result(|| T::sm_step_map(data, op, change.context).map(|_: OpMapped<'_, T>| 0))
}

/// Calls the driver to unmap.
///
/// # Safety
///
/// For C, in [`map`] or [`unmap`]. `change` points to the [`Change`] of that, and `op` to an unmap operation,
/// about a mapping in the tree that is not the kernel's.
pub(super) unsafe extern "C" fn step_unmap<T: DriverGpuVm>(
    op: *mut bindings::drm_gpuva_op,
    change: *mut c_void,
) -> c_int {
    // SAFETY: The caller says so, and nobody else uses it meanwhile.
    let change = unsafe { &mut *change.cast::<Change<'_, '_, T>>() };
    // SAFETY: The caller says so; it stays while this runs.
    let op = unsafe { &*details::<bindings::drm_gpuva_op_unmap>(op) };
    // INVARIANT: The caller vouches for the mapping.
    let op = OpUnmap {
        op,
        _vm: PhantomData,
        _brand: PhantomData,
    };
    // SAFETY: Who asked for the change has the `UniqueRefGpuVm` as `&mut`, so that this is the only one.
    let data = unsafe { &mut *change.vm.data.get() };
    from_result(|| T::sm_step_unmap(data, op, change.context).map(|_: OpUnmapped<'_, T>| 0))
}

/// Calls the driver to unmap a part.
///
/// # Safety
///
/// For C, in [`map`] or [`unmap`]. `change` points to the [`Change`] of that, and `op` to a remap operation,
/// about a mapping in the tree that is not the kernel's. Its `unmap` is valid; `prev` and `next` are null, or
/// valid for the beginning and the end of the mapping, with a gap in between.
pub(super) unsafe extern "C" fn step_remap<T: DriverGpuVm>(
    op: *mut bindings::drm_gpuva_op,
    change: *mut c_void,
) -> c_int {
    // SAFETY: The caller says so, and nobody else uses it meanwhile.
    let change = unsafe { &mut *change.cast::<Change<'_, '_, T>>() };
    // SAFETY: The caller says so; it stays while this runs.
    let remap = unsafe { &*details::<bindings::drm_gpuva_op_remap>(op) };
    // INVARIANT: The caller vouches for the mapping and its parts.
    let op = OpRemap {
        // SAFETY: The caller says that it is valid; it stays while this runs.
        unmap: unsafe { &*remap.unmap },
        // SAFETY: As above, or it is null.
        prev: unsafe { remap.prev.as_ref() },
        // SAFETY: As above.
        next: unsafe { remap.next.as_ref() },
        _vm: PhantomData,
        _brand: PhantomData,
    };
    // SAFETY: Who asked for the change has the `UniqueRefGpuVm` as `&mut`, so that this is the only one.
    let data = unsafe { &mut *change.vm.data.get() };
    from_result(|| T::sm_step_remap(data, op, change.context).map(|_: OpRemapped<'_, T>| 0))
}

/// The step that maps what was asked for.
///
/// C counterpart: [`struct drm_gpuva_op_map`](srctree/include/drm/drm_gpuvm.h).
///
/// # Examples
///
/// See [`UniqueRefGpuVm`].
///
/// # Invariants
///
/// - The addresses in `op` are some of `vm_bo`'s address space, and none of the kernel's. Nothing is mapped
///   there. The buffer in it is that of `vm_bo`.
/// - While it is there, nobody else has the tree of the address space.
pub struct OpMap<'op, T: DriverGpuVm> {
    op: &'op bindings::drm_gpuva_op_map,
    vm_bo: &'op GpuVmBo<T>,
    _brand: Brand<'op>,
}

impl<'op, T: DriverGpuVm> OpMap<'op, T> {
    /// The first address.
    pub fn addr(&self) -> u64 {
        self.op.va.addr
    }

    /// The number of addresses.
    pub fn length(&self) -> u64 {
        self.op.va.range
    }

    /// Where the part begins in the buffer.
    pub fn gem_offset(&self) -> u64 {
        self.op.gem.offset
    }

    /// What stands for the buffer in the address space.
    pub fn vm_bo(&self) -> &'op GpuVmBo<T> {
        self.vm_bo
    }

    /// The buffer.
    pub fn obj(&self) -> &'op T::Object {
        self.vm_bo.obj()
    }

    /// Does it, with what the driver has for the mapping.
    pub fn insert(self, va: GpuVaAlloc<T>, data: impl PinInit<T::VaData>) -> OpMapped<'op, T> {
        // SAFETY: By the type invariants.
        unsafe { va.insert(self.vm_bo, self.op, data) };
        OpMapped(PhantomData, PhantomData)
    }
}

/// Says that a step has [mapped](OpMap::insert).
///
/// # Examples
///
/// See [`UniqueRefGpuVm`].
#[must_use = "the step has to return it"]
pub struct OpMapped<'op, T: DriverGpuVm>(PhantomData<fn() -> T>, Brand<'op>);

/// The step that unmaps a mapping.
///
/// C counterpart: [`struct drm_gpuva_op_unmap`](srctree/include/drm/drm_gpuvm.h).
///
/// # Examples
///
/// See [`UniqueRefGpuVm`].
///
/// # Invariants
///
/// - The mapping in `op` is a [`GpuVa<T>`], in the tree of a [`GpuVm<T>`] that there is another reference to.
/// - While it is there, nobody else has the tree of the address space.
pub struct OpUnmap<'op, T: DriverGpuVm> {
    op: &'op bindings::drm_gpuva_op_unmap,
    _vm: PhantomData<&'op GpuVm<T>>,
    _brand: Brand<'op>,
}

impl<'op, T: DriverGpuVm> OpUnmap<'op, T> {
    /// The mapping.
    pub fn va(&self) -> &GpuVa<T> {
        // SAFETY: By the type invariants it is one. It is not removed while this is borrowed.
        unsafe { GpuVa::from_raw(self.op.va) }
    }

    /// Whether what is mapped afterwards has the same part of the same buffer at these addresses: then the
    /// page tables may stay as they are.
    pub fn should_keep(&self) -> bool {
        self.op.keep
    }

    /// Does it, and returns what is left of the mapping.
    pub fn remove(self) -> (OpUnmapped<'op, T>, GpuVaRemoved<T>) {
        let va = self.op.va;
        // SAFETY: By the type invariants.
        unsafe { va::take_out(va) };
        // SAFETY: It was taken out just now; by the type invariants it is part of such a mapping.
        let removed = unsafe { va::unlink(va) };
        (OpUnmapped(PhantomData, PhantomData), removed)
    }
}

/// Says that a step has [unmapped](OpUnmap::remove).
///
/// # Examples
///
/// See [`UniqueRefGpuVm`].
#[must_use = "the step has to return it"]
pub struct OpUnmapped<'op, T: DriverGpuVm>(PhantomData<fn() -> T>, Brand<'op>);

/// The step that unmaps a part of a mapping.
///
/// C counterpart: [`struct drm_gpuva_op_remap`](srctree/include/drm/drm_gpuvm.h).
///
/// # Examples
///
/// See [`UniqueRefGpuVm`].
///
/// # Invariants
///
/// - The mapping in `unmap` is a [`GpuVa<T>`], in the tree of a [`GpuVm<T>`] that there is another reference to.
/// - `prev`, if there is one, is the beginning of it, and `next` the end, of the same buffer. There is
///   something in between.
/// - While it is there, nobody else has the tree of the address space.
pub struct OpRemap<'op, T: DriverGpuVm> {
    unmap: &'op bindings::drm_gpuva_op_unmap,
    prev: Option<&'op bindings::drm_gpuva_op_map>,
    next: Option<&'op bindings::drm_gpuva_op_map>,
    _vm: PhantomData<&'op GpuVm<T>>,
    _brand: Brand<'op>,
}

impl<'op, T: DriverGpuVm> OpRemap<'op, T> {
    /// The mapping as it is.
    pub fn va(&self) -> &GpuVa<T> {
        // SAFETY: By the type invariants it is one. It is not removed while this is borrowed.
        unsafe { GpuVa::from_raw(self.unmap.va) }
    }

    /// What is left at its beginning.
    pub fn prev(&self) -> Option<RemapPart<'op>> {
        self.prev.map(RemapPart)
    }

    /// What is left at its end.
    pub fn next(&self) -> Option<RemapPart<'op>> {
        self.next.map(RemapPart)
    }

    /// The addresses that nothing of it is left at.
    ///
    /// C counterpart: `drm_gpuva_op_remap_to_unmap_range()`.
    pub fn unmap_range(&self) -> Range<u64> {
        let va = self.va();
        let start = self
            .prev()
            .map_or(va.addr(), |prev| prev.addr() + prev.length());
        let end = self
            .next()
            .map_or(va.addr() + va.length(), |next| next.addr());
        start..end
    }

    /// Whether what is mapped afterwards has the same part of the same buffer at the addresses in between:
    /// then the page tables may stay as they are.
    pub fn should_keep(&self) -> bool {
        self.unmap.keep
    }

    /// Does it, with what the driver has for the parts that are left.
    ///
    /// If there is one part only, the data for the other are not initialised.
    pub fn remap(
        self,
        [first, second]: [GpuVaAlloc<T>; 2],
        prev_data: impl PinInit<T::VaData>,
        next_data: impl PinInit<T::VaData>,
    ) -> (OpRemapped<'op, T>, OpRemapRet<T>) {
        let va = self.unmap.va;
        let vm_bo = ptr::from_ref(self.va().vm_bo());
        // SAFETY: By the type invariants.
        unsafe { va::take_out(va) };
        // SAFETY: The mapping is still linked to it, and so has a count of it, until below.
        let vm_bo = unsafe { &*vm_bo };
        let mut spare = Some(second);
        let mut unused = Some(first);
        if let Some(op) = self.prev {
            if let Some(alloc) = unused.take() {
                // SAFETY: By the type invariants these are addresses of the mapping, where nothing is now, and
                // the buffer is that of the mapping.
                unsafe { alloc.insert(vm_bo, op, prev_data) };
            }
            unused = spare.take();
        }
        if let Some(op) = self.next {
            if let Some(alloc) = unused.take() {
                // SAFETY: As above. The other part is elsewhere.
                unsafe { alloc.insert(vm_bo, op, next_data) };
            }
            unused = spare.take();
        }
        // SAFETY: It was taken out above; by the type invariants it is part of such a mapping.
        let unmapped_va = unsafe { va::unlink(va) };
        let ret = OpRemapRet {
            unmapped_va,
            unused_va: unused,
        };
        (OpRemapped(PhantomData, PhantomData), ret)
    }
}

/// A part of a mapping that is left.
///
/// # Examples
///
/// ```
/// use kernel::drm::gpuvm::{DriverGpuVm, OpRemap};
///
/// /// Whether all that is left is in whole blocks of 16, which can be large pages.
/// fn large<T: DriverGpuVm>(op: &OpRemap<'_, T>) -> bool {
///     op.prev().is_none_or(|part| part.length() % 16 == 0)
///         && op.next().is_none_or(|part| part.addr() % 16 == 0)
/// }
/// ```
#[derive(Clone, Copy)]
pub struct RemapPart<'op>(&'op bindings::drm_gpuva_op_map);

impl RemapPart<'_> {
    /// The first address.
    pub fn addr(&self) -> u64 {
        self.0.va.addr
    }

    /// The number of addresses.
    pub fn length(&self) -> u64 {
        self.0.va.range
    }

    /// Where the part begins in the buffer.
    pub fn gem_offset(&self) -> u64 {
        self.0.gem.offset
    }
}

/// What is left after [`OpRemap::remap`].
///
/// # Examples
///
/// ```
/// use kernel::drm::gpuvm::{DriverGpuVm, GpuVaAlloc, OpRemapRet};
///
/// /// Keeps memory for the next step.
/// fn keep<T: DriverGpuVm>(ret: OpRemapRet<T>, spare: &mut KVec<GpuVaAlloc<T>>) -> Result {
///     if let Some(va) = ret.unused_va {
///         spare.push(va, GFP_KERNEL)?;
///     }
///     Ok(())
/// }
/// ```
pub struct OpRemapRet<T: DriverGpuVm> {
    /// The mapping that is gone.
    pub unmapped_va: GpuVaRemoved<T>,
    /// Memory that was not needed, as there is one part only.
    pub unused_va: Option<GpuVaAlloc<T>>,
}

/// Says that a step has [unmapped a part](OpRemap::remap).
///
/// # Examples
///
/// See [`UniqueRefGpuVm`].
#[must_use = "the step has to return it"]
pub struct OpRemapped<'op, T: DriverGpuVm>(PhantomData<fn() -> T>, Brand<'op>);
