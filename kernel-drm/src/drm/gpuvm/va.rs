// SPDX-License-Identifier: GPL-2.0

//! Mappings.

use super::{DriverGpuVm, GpuVm, GpuVmBo, UniqueRefGpuVm};
use crate::{
    alloc::{AllocError, Flags},
    bindings,
    error::to_result,
    prelude::*,
    types::Opaque,
};
use core::{
    iter::FusedIterator,
    marker::PhantomData,
    mem::{offset_of, MaybeUninit},
    ops::Deref,
    ptr::{self, NonNull},
};

/// A part of a buffer that is mapped in an address space, with what the driver has for that.
///
/// C counterpart: [`struct drm_gpuva`](srctree/include/drm/drm_gpuvm.h).
///
/// # Examples
///
/// ```
/// use kernel::drm::gpuvm::{DriverGpuVm, GpuVa};
///
/// /// The part of the buffer that is at an address.
/// fn offset_of<T: DriverGpuVm>(va: &GpuVa<T>, addr: u64) -> Option<u64> {
///     let distance = addr.checked_sub(va.addr())?;
///     (distance < va.length()).then(|| va.gem_offset() + distance)
/// }
/// ```
///
/// # Invariants
///
/// - `inner` is initialised, and in the tree of a [`GpuVm<T>`]; it is linked to a [`GpuVmBo<T>`] of the same,
///   of which it has a count, and which is one of its `obj`.
/// - None of this changes while there is a shared reference to it.
/// - It lies in a box, pinned, which the tree owns.
#[repr(C)]
pub struct GpuVa<T: DriverGpuVm> {
    /// The first field: a pointer to it is one to all of this.
    inner: Opaque<bindings::drm_gpuva>,
    data: T::VaData,
}

impl<T: DriverGpuVm> GpuVa<T> {
    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// It is part of a `Self`, for which the type invariants hold in `'a`.
    pub(super) unsafe fn from_raw<'a>(va: *mut bindings::drm_gpuva) -> &'a Self {
        // SAFETY: It is the first field of a `Self`, as the caller says.
        unsafe { &*va.cast::<Self>() }
    }

    /// The first address.
    pub fn addr(&self) -> u64 {
        // SAFETY: By the type invariants it is initialised, and does not change.
        unsafe { (*self.inner.get()).va.addr }
    }

    /// The number of addresses. It is not zero.
    pub fn length(&self) -> u64 {
        // SAFETY: By the type invariants it is initialised, and does not change.
        unsafe { (*self.inner.get()).va.range }
    }

    /// Where the part begins in the buffer.
    pub fn gem_offset(&self) -> u64 {
        // SAFETY: By the type invariants it is initialised, and does not change.
        unsafe { (*self.inner.get()).gem.offset }
    }

    /// What stands for the buffer in the address space.
    pub fn vm_bo(&self) -> &GpuVmBo<T> {
        // SAFETY: By the type invariants it is initialised, and does not change.
        let vm_bo = unsafe { (*self.inner.get()).vm_bo };
        // SAFETY: By the type invariants it is one, of which there is a count.
        unsafe { GpuVmBo::from_raw(vm_bo) }
    }

    /// The buffer.
    pub fn obj(&self) -> &T::Object {
        self.vm_bo().obj()
    }

    /// What the driver has for it.
    pub fn data(&self) -> &T::VaData {
        &self.data
    }
}

// SAFETY: The data are `Send`. The rest is C's, and belongs to no thread.
unsafe impl<T: DriverGpuVm> Send for GpuVa<T> {}

// SAFETY: It gives shared references to the data, which are `Sync`, and to a `GpuVmBo`, which is, too.
unsafe impl<T: DriverGpuVm> Sync for GpuVa<T> where T::VaData: Sync {}

/// Memory for a mapping.
///
/// # Examples
///
/// ```
/// use kernel::drm::gpuvm::{DriverGpuVm, GpuVaAlloc};
///
/// /// What a change can take at most: one mapping, and two pieces at either end.
/// fn spare<T: DriverGpuVm>() -> Result<KVec<GpuVaAlloc<T>>> {
///     let mut spare = KVec::with_capacity(5, GFP_KERNEL)?;
///     for _ in 0..5 {
///         spare.push(GpuVaAlloc::new(GFP_KERNEL)?, GFP_KERNEL)?;
///     }
///     Ok(spare)
/// }
/// ```
pub struct GpuVaAlloc<T: DriverGpuVm>(KBox<MaybeUninit<GpuVa<T>>>);

impl<T: DriverGpuVm> GpuVaAlloc<T> {
    /// Allocates it.
    ///
    /// # Errors
    ///
    /// `AllocError` without memory.
    pub fn new(flags: Flags) -> Result<Self, AllocError> {
        Ok(Self(KBox::new_uninit(flags)?))
    }

    /// Makes a mapping in it, inserts that into the tree, and links it.
    ///
    /// # Safety
    ///
    /// - The caller has the tree of `vm_bo`'s address space to himself.
    /// - The addresses in `op` are some of that, at least one, and none of the kernel's. Nothing is mapped
    ///   there.
    /// - The buffer in `op` is that of `vm_bo`.
    pub(super) unsafe fn insert(
        self,
        vm_bo: &GpuVmBo<T>,
        op: &bindings::drm_gpuva_op_map,
        data: impl PinInit<T::VaData>,
    ) {
        let mut inner: bindings::drm_gpuva = pin_init::zeroed();
        inner.va.addr = op.va.addr;
        inner.va.range = op.va.range;
        inner.gem.obj = op.gem.obj;
        inner.gem.offset = op.gem.offset;
        let this = KBox::into_raw(self.0).cast::<GpuVa<T>>();
        let va = this.cast::<bindings::drm_gpuva>();
        // SAFETY: It is the first field of what was allocated.
        unsafe { va.write(inner) };
        // SAFETY: It is from a box.
        let place = unsafe { &raw mut (*this).data };
        // SAFETY: It is part of what was allocated, and stays there. There is no error.
        let Ok(()) = unsafe { data.__pinned_init(place) };
        let vm = vm_bo.vm();
        // SAFETY: The address space is valid, and the caller has its tree. The mapping is initialised but for
        // what this sets.
        let inserted = to_result(unsafe { bindings::drm_gpuva_insert(vm.as_raw(), va) });
        if inserted.is_err() {
            // It would be a bug, here or in C; then it had better not be mapped at all.
            pr_err!("a mapping runs into another\n");
            // SAFETY: It is from a box, initialised, and in no tree.
            drop(KBox::into_pin(unsafe { KBox::from_raw(this) }));
            return;
        }
        // INVARIANT: From here on it is in the tree, which owns it, and linked.
        // SAFETY: Both are valid and of one address space. The caller says that they are of one buffer, whose
        // lock this takes.
        unsafe { bindings::drm_gpuva_link_immediate(va, vm_bo.as_raw()) };
    }
}

/// A mapping that is in no tree any more: what is left is the driver's data, which it dereferences to.
///
/// # Examples
///
/// ```
/// use kernel::drm::gpuvm::{DriverGpuVm, GpuVaRemoved};
///
/// /// Frees it elsewhere.
/// fn defer<T: DriverGpuVm<VaData = u32>>(
///     garbage: &mut KVec<GpuVaRemoved<T>>,
///     va: GpuVaRemoved<T>,
/// ) -> Result<u32> {
///     let number = *va;
///     garbage.push(va, GFP_KERNEL)?;
///     Ok(number)
/// }
/// ```
pub struct GpuVaRemoved<T: DriverGpuVm>(Pin<KBox<GpuVa<T>>>);

impl<T: DriverGpuVm> Deref for GpuVaRemoved<T> {
    type Target = T::VaData;

    fn deref(&self) -> &Self::Target {
        &self.0.data
    }
}

/// Takes a mapping out of the tree. It stays linked.
///
/// # Safety
///
/// - It is in the tree of an address space that the caller has a reference to, and is no [`GpuVa`] any more
///   from here on.
/// - The caller has the tree to himself.
pub(super) unsafe fn take_out(va: *mut bindings::drm_gpuva) {
    // SAFETY: The caller says that it is there, and is not the kernel's; the count of the address space that
    // this gives up is not the last.
    unsafe { bindings::drm_gpuva_remove(va) };
}

/// Unlinks a mapping that was taken out of the tree, and returns what is left.
///
/// # Safety
///
/// It was passed to [`take_out`], and not to this. It is part of a `GpuVa<T>`, and in a box. The caller has a
/// reference to its address space.
pub(super) unsafe fn unlink<T: DriverGpuVm>(va: *mut bindings::drm_gpuva) -> GpuVaRemoved<T> {
    // SAFETY: It is linked, as all that were in a tree are. The address space has immediate mode.
    unsafe { bindings::drm_gpuva_unlink_defer(va) };
    // SAFETY: It is from a box, as the caller says, and nobody else has it now.
    GpuVaRemoved(KBox::into_pin(unsafe { KBox::from_raw(va.cast()) }))
}

/// Takes a mapping away, and returns the one after it.
///
/// # Safety
///
/// It is one that [`GpuVaIter::next_raw`] of this address space, or this, has returned. The caller has the tree
/// to himself.
pub(super) unsafe fn remove_and_advance<T: DriverGpuVm>(
    vm: &GpuVm<T>,
    va: NonNull<bindings::drm_gpuva>,
) -> (Option<NonNull<bindings::drm_gpuva>>, GpuVaRemoved<T>) {
    // SAFETY: It is valid, and linked into the list of the tree.
    let next = unsafe { (*va.as_ptr()).rb.entry.next };
    let mut rest = GpuVaIter::<T> {
        vm,
        next,
        _vas: PhantomData,
    };
    let next = rest.next_raw();
    // SAFETY: The caller vouches for the tree, and has the address space.
    unsafe { take_out(va.as_ptr()) };
    // SAFETY: It was taken out just now; what is in the tree is in such a box.
    (next, unsafe { unlink(va.as_ptr()) })
}

/// An iterator over the mappings in an address space, by their addresses.
///
/// See [`UniqueRefGpuVm::iter`](super::UniqueRefGpuVm::iter).
///
/// # Examples
///
/// ```
/// use kernel::drm::gpuvm::{DriverGpuVm, UniqueRefGpuVm};
///
/// /// How much is mapped.
/// fn mapped<T: DriverGpuVm>(vm: &UniqueRefGpuVm<T>) -> u64 {
///     vm.iter().map(|va| va.length()).sum()
/// }
/// ```
///
/// # Invariants
///
/// `next` is the head, or in an item, of the list of `vm`'s mappings, which does not change.
pub struct GpuVaIter<'a, T: DriverGpuVm> {
    vm: &'a GpuVm<T>,
    next: *mut bindings::list_head,
    _vas: PhantomData<&'a GpuVa<T>>,
}

impl<'a, T: DriverGpuVm> GpuVaIter<'a, T> {
    /// Begins with the first.
    pub(super) fn new(vm: &'a UniqueRefGpuVm<T>) -> Self {
        let vm: &GpuVm<T> = vm;
        // SAFETY: It is valid, and the tree is that of the `UniqueRefGpuVm`, which is borrowed.
        let next = unsafe { (*vm.as_raw()).rb.list.next };
        // INVARIANT: That is what comes after the head.
        Self {
            vm,
            next,
            _vas: PhantomData,
        }
    }

    /// The next one that is not the kernel's.
    pub(super) fn next_raw(&mut self) -> Option<NonNull<bindings::drm_gpuva>> {
        let vm = self.vm.as_raw();
        // SAFETY: It is valid.
        let head = unsafe { &raw const (*vm).rb.list };
        // SAFETY: As above.
        let kernel = unsafe { &raw const (*vm).kernel_alloc_node };
        loop {
            let link = self.next;
            if ptr::eq(link, head) {
                return None;
            }
            // SAFETY: It is not the head, so by the type invariants it is in an item.
            self.next = unsafe { (*link).next };
            let va = link
                .wrapping_byte_sub(offset_of!(bindings::drm_gpuva, rb.entry))
                .cast::<bindings::drm_gpuva>();
            if !ptr::eq(va, kernel) {
                return NonNull::new(va);
            }
        }
    }
}

impl<'a, T: DriverGpuVm> Iterator for GpuVaIter<'a, T> {
    type Item = &'a GpuVa<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let va = self.next_raw()?;
        // SAFETY: It is in the tree, and not the kernel's, so it is such a mapping, by the invariants of
        // `GpuVm`. The tree does not change in `'a`.
        Some(unsafe { GpuVa::from_raw(va.as_ptr()) })
    }
}

impl<T: DriverGpuVm> FusedIterator for GpuVaIter<'_, T> {}
