// SPDX-License-Identifier: GPL-2.0

//! The pointers that own an object while it is on a queue.

use super::{
    HasDelayedWork, HasWork, RawDelayedWorkItem, RawWorkItem, Work, WorkItem, WorkItemPointer,
};
use crate::{
    bindings,
    prelude::*,
    sync::{
        aref::{ARef, AlwaysRefCounted},
        Arc,
    },
};
use core::ptr::NonNull;

/// Returns the C work item of an object.
///
/// # Safety
///
/// `object` points to a valid object.
unsafe fn work_of<T: HasWork<T, ID>, const ID: u64>(object: *mut T) -> *mut bindings::work_struct {
    // SAFETY: The caller says that there is an object.
    let work = unsafe { T::raw_get_work(object) };
    // SAFETY: By the contract of `HasWork`, that is a field of it.
    unsafe { Work::raw_get(work) }
}

/// Returns the object of a C work item.
///
/// # Safety
///
/// `work` is what [`work_of`] returned for a `T` and the same `ID`, and the object is still there.
unsafe fn object_of<T: HasWork<T, ID>, const ID: u64>(work: *mut bindings::work_struct) -> *mut T {
    // `Work` is transparent.
    let work = work.cast::<Work<T, ID>>();
    // SAFETY: By the caller, that is the field of an object, and the pointer comes from one to all of
    // it.
    unsafe { T::work_container_of(work) }
}

// SAFETY: `work_of` gives the field of the object, which is initialised since its type's invariants
// say so. It stays there, since nobody moves what is in an `Arc`, and the reference that was given
// away keeps it alive until the function is called, which is that of `Self`.
unsafe impl<T, const ID: u64> RawWorkItem<ID> for Arc<T>
where
    T: WorkItem<ID, Pointer = Self> + HasWork<T, ID>,
{
    /// The `Arc` comes back when the object is pending already.
    type EnqueueOutput = Result<(), Self>;

    unsafe fn __enqueue<F>(self, queue_work_on: F) -> Self::EnqueueOutput
    where
        F: FnOnce(*mut bindings::work_struct) -> bool,
    {
        let object = Arc::into_raw(self).cast_mut();
        // SAFETY: The reference that was given away keeps the object valid.
        let work = unsafe { work_of::<T, ID>(object) };
        if queue_work_on(work) {
            // The reference is the queue's now, and may be gone already.
            return Ok(());
        }
        // SAFETY: Nothing has been enqueued, so the reference is still the one from `into_raw`.
        Err(unsafe { Arc::from_raw(object) })
    }
}

// SAFETY: `run` takes the reference back that `__enqueue` gave away.
unsafe impl<T, const ID: u64> WorkItemPointer<ID> for Arc<T>
where
    T: WorkItem<ID, Pointer = Self> + HasWork<T, ID>,
{
    unsafe extern "C" fn run(ptr: *mut bindings::work_struct) {
        // SAFETY: By the caller, it is what `__enqueue` passed on, with a reference to the object.
        let object = unsafe { object_of::<T, ID>(ptr) };
        // SAFETY: That reference came from `into_raw`, and is taken back once.
        T::run(unsafe { Arc::from_raw(object) });
    }
}

// SAFETY: By the contract of `HasDelayedWork`, what `__enqueue` passes on is in a `DelayedWork`.
unsafe impl<T, const ID: u64> RawDelayedWorkItem<ID> for Arc<T> where
    T: WorkItem<ID, Pointer = Self> + HasDelayedWork<T, ID>
{
}

// SAFETY: `work_of` gives the field of the object, which is initialised since its type's invariants
// say so. It stays there, since `&T` is all that an `ARef` gives, and the reference that was given
// away keeps it alive until the function is called, which is that of `Self`.
unsafe impl<T, const ID: u64> RawWorkItem<ID> for ARef<T>
where
    T: AlwaysRefCounted + WorkItem<ID, Pointer = Self> + HasWork<T, ID>,
{
    /// The `ARef` comes back when the object is pending already.
    type EnqueueOutput = Result<(), Self>;

    unsafe fn __enqueue<F>(self, queue_work_on: F) -> Self::EnqueueOutput
    where
        F: FnOnce(*mut bindings::work_struct) -> bool,
    {
        let object = ARef::into_raw(self);
        // SAFETY: The reference that was given away keeps the object valid.
        let work = unsafe { work_of::<T, ID>(object.as_ptr()) };
        if queue_work_on(work) {
            // The reference is the queue's now, and may be gone already.
            return Ok(());
        }
        // SAFETY: Nothing has been enqueued, so the reference is still the one from `into_raw`.
        Err(unsafe { ARef::from_raw(object) })
    }
}

// SAFETY: `run` takes the reference back that `__enqueue` gave away.
unsafe impl<T, const ID: u64> WorkItemPointer<ID> for ARef<T>
where
    T: AlwaysRefCounted + WorkItem<ID, Pointer = Self> + HasWork<T, ID>,
{
    unsafe extern "C" fn run(ptr: *mut bindings::work_struct) {
        // SAFETY: By the caller, it is what `__enqueue` passed on, with a reference to the object.
        let object = unsafe { object_of::<T, ID>(ptr) };
        // SAFETY: There is an object.
        let object = unsafe { NonNull::new_unchecked(object) };
        // SAFETY: The reference came from `into_raw`, and is taken back once.
        T::run(unsafe { ARef::from_raw(object) });
    }
}

// SAFETY: By the contract of `HasDelayedWork`, what `__enqueue` passes on is in a `DelayedWork`.
unsafe impl<T, const ID: u64> RawDelayedWorkItem<ID> for ARef<T> where
    T: WorkItem<ID, Pointer = Self> + HasDelayedWork<T, ID> + AlwaysRefCounted
{
}

// SAFETY: `work_of` gives the field of the object, which is initialised since its type's invariants
// say so. It stays there, being pinned, until the function is called, which is that of `Self`: until
// then nobody else has the box.
unsafe impl<T, const ID: u64> RawWorkItem<ID> for Pin<KBox<T>>
where
    T: WorkItem<ID, Pointer = Self> + HasWork<T, ID>,
{
    /// A box has one owner, who does not have it while it is on a queue: so it is not pending yet.
    type EnqueueOutput = ();

    unsafe fn __enqueue<F>(self, queue_work_on: F) -> Self::EnqueueOutput
    where
        F: FnOnce(*mut bindings::work_struct) -> bool,
    {
        // SAFETY: Nobody moves the object out of the box; it is pinned again below, and in `run`.
        let object = KBox::into_raw(unsafe { Pin::into_inner_unchecked(self) });
        // SAFETY: It comes from a box, so it is valid.
        let work = unsafe { work_of::<T, ID>(object) };
        if !queue_work_on(work) {
            // Not pending, and yet refused: somebody has disabled it with C's means.
            //
            // SAFETY: Nothing has been enqueued, so the object is still the one from `into_raw`.
            drop(KBox::into_pin(unsafe { KBox::from_raw(object) }));
        }
    }
}

// SAFETY: `run` takes the box back that `__enqueue` gave away.
unsafe impl<T, const ID: u64> WorkItemPointer<ID> for Pin<KBox<T>>
where
    T: WorkItem<ID, Pointer = Self> + HasWork<T, ID>,
{
    unsafe extern "C" fn run(ptr: *mut bindings::work_struct) {
        // SAFETY: By the caller, it is what `__enqueue` passed on, and the object is nobody else's.
        let object = unsafe { object_of::<T, ID>(ptr) };
        // SAFETY: It came from `into_raw`, and is taken back once.
        let object = unsafe { KBox::from_raw(object) };
        T::run(KBox::into_pin(object));
    }
}

// SAFETY: By the contract of `HasDelayedWork`, what `__enqueue` passes on is in a `DelayedWork`.
unsafe impl<T, const ID: u64> RawDelayedWorkItem<ID> for Pin<KBox<T>> where
    T: WorkItem<ID, Pointer = Self> + HasDelayedWork<T, ID>
{
}
