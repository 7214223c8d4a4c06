// SPDX-License-Identifier: GPL-2.0

//! What a driver does for its requests, and how C calls it.

use super::{
    request::{blk_status, Request},
    state::{Outcome, State},
};
use crate::{
    bindings, error::VTABLE_DEFAULT_ERROR, pr_warn_once, prelude::*, sync::aref::ARef,
    types::ForeignOwnable,
};
use core::{marker::PhantomData, mem::size_of};

/// What the driver of a block device does for it.
///
/// C counterpart: [`struct blk_mq_ops`].
///
/// # Examples
///
/// A driver whose requests take no time, with a number that goes with each disk:
///
/// ```
/// use kernel::{
///     block::mq::{Operations, Request},
///     prelude::*,
///     sync::aref::ARef,
/// };
///
/// struct Nothing;
///
/// struct Disk {
///     fails: bool,
/// }
///
/// #[vtable]
/// impl Operations for Nothing {
///     type QueueData = KBox<Disk>;
///
///     fn queue_rq(disk: &Disk, rq: ARef<Request<Self>>, _is_last: bool) -> Result {
///         if disk.fails {
///             // The request fails with this.
///             return Err(EIO);
///         }
///         Request::complete(rq);
///         Ok(())
///     }
///
///     fn complete(rq: ARef<Request<Self>>) {
///         // There is no other reference. If there were, the request would end with the last one.
///         let _ = Request::end_ok(rq);
///     }
/// }
///
/// assert!(Nothing::HAS_QUEUE_RQ && !Nothing::HAS_POLL);
/// ```
///
/// [`struct blk_mq_ops`]: srctree/include/linux/blk-mq.h
#[vtable]
pub trait Operations: Sized {
    /// The data that each disk has, shared by all its requests: a `KBox`, an `Arc`, or `()`.
    ///
    /// It is used by several CPUs at a time, and dropped by whichever drops the disk. 7.2's own `kernel` crate
    /// does not ask for [`Sync`] and the others; there, safe code can have a `Cell` here.
    type QueueData: ForeignOwnable + Send + Sync + 'static;

    /// Starts a request, and has its first reference.
    ///
    /// `is_last` says whether others follow at once. A driver whose hardware takes several at a time may start
    /// them with the last one; then it also has [`commit_rqs`](Self::commit_rqs).
    ///
    /// It must not sleep, unless the tag set has [`Flag::Blocking`](super::Flag::Blocking).
    ///
    /// # Errors
    ///
    /// - `ENOMEM` and `EBUSY`: the request is tried again a little later.
    /// - Others: the request fails with that, as by [`Request::end`].
    ///
    /// An error takes effect if the reference was dropped. It has none, but for a warning, if the request has
    /// ended or there still is a reference to it.
    fn queue_rq(
        queue_data: <Self::QueueData as ForeignOwnable>::Borrowed<'_>,
        rq: ARef<Request<Self>>,
        is_last: bool,
    ) -> Result;

    /// Starts those requests that wait for the last one, as that does not come after all.
    ///
    /// Need not be there for a driver that starts each at once.
    fn commit_rqs(_queue_data: <Self::QueueData as ForeignOwnable>::Borrowed<'_>) {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Finishes a request that was [completed](Request::complete), and has the reference of that.
    ///
    /// It is to end the request. It must not sleep.
    fn complete(rq: ARef<Request<Self>>);

    /// Looks for requests that are done, and ends them; returns whether there were any.
    ///
    /// For tag sets with three maps, the third of which is of the queues that are polled.
    fn poll() -> bool {
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}

/// What C calls for the driver `T`.
///
/// C has the table from [`TagSet`](super::TagSet), which only [`GenDiskBuilder`] makes disks of, so that all
/// queues have the queue data of `T`, and all requests a [`State`].
///
/// [`GenDiskBuilder`]: super::gen_disk::GenDiskBuilder
pub(super) struct OperationsVTable<T: Operations>(PhantomData<T>);

impl<T: Operations> OperationsVTable<T> {
    const TABLE: bindings::blk_mq_ops = {
        let mut ops: bindings::blk_mq_ops = pin_init::zeroed();
        ops.queue_rq = Some(Self::queue_rq_callback);
        if T::HAS_COMMIT_RQS {
            ops.commit_rqs = Some(Self::commit_rqs_callback);
        }
        ops.complete = Some(Self::complete_callback);
        if T::HAS_POLL {
            ops.poll = Some(Self::poll_callback);
        }
        ops.init_request = Some(Self::init_request_callback);
        ops.map_queues = Some(Self::map_queues_callback);
        ops
    };

    /// How many bytes C has to keep for each request.
    pub(super) const CMD_SIZE: u32 = size_of::<State>() as u32;

    /// The table, which is there for as long as the code of the driver.
    pub(super) fn build() -> &'static bindings::blk_mq_ops {
        &Self::TABLE
    }

    /// The queue data of the disk that a hardware queue is of.
    ///
    /// # Safety
    ///
    /// C has called a callback in the table with `hctx`, which is running and waited for before the data go.
    #[inline]
    unsafe fn queue_data<'a>(
        hctx: *mut bindings::blk_mq_hw_ctx,
    ) -> <T::QueueData as ForeignOwnable>::Borrowed<'a> {
        // SAFETY: C passes a valid one, which has a queue as long as it is there.
        let queue = unsafe { (*hctx).queue };
        // SAFETY: As above. It was set before the queue had requests, and stays.
        let data = unsafe { (*queue).queuedata };
        // SAFETY: `GenDiskBuilder` set it to what `into_foreign` of this type returned. `GenDisk` takes it back
        // after the last request, and after it has waited for those who call the table: the caller's callback
        // is one. Nobody borrows it mutably, and it is `Sync`.
        unsafe { T::QueueData::borrow(data) }
    }

    /// # Safety
    ///
    /// For C, in the table for `T`, with a request that it gives to the driver.
    unsafe extern "C" fn queue_rq_callback(
        hctx: *mut bindings::blk_mq_hw_ctx,
        bd: *const bindings::blk_mq_queue_data,
    ) -> bindings::blk_status_t {
        // SAFETY: C has valid data there for the length of the call.
        let rq = unsafe { (*bd).rq };
        // SAFETY: As above.
        let is_last = unsafe { (*bd).last };
        // SAFETY: C's `queue_rq` for a request in this table is this one, which has just got it.
        let (reference, ticket) = unsafe { Request::<T>::begin(rq) };
        // SAFETY: This is such a callback.
        let queue_data = unsafe { Self::queue_data(hctx) };

        let result = T::queue_rq(queue_data, reference, is_last);

        // SAFETY: It is the ticket from above. The set is there: who frees it waits for this callback.
        let outcome = unsafe { Request::<T>::settle(rq, ticket) };
        if outcome == Outcome::Taken && result.is_ok() {
            return bindings::BLK_STS_OK as bindings::blk_status_t;
        }
        // SAFETY: The outcome is that of the request.
        unsafe { finish_queueing(rq, outcome, result) }
    }

    /// # Safety
    ///
    /// For C, in the table for `T`.
    unsafe extern "C" fn commit_rqs_callback(hctx: *mut bindings::blk_mq_hw_ctx) {
        // SAFETY: This is such a callback: C calls it where it calls `queue_rq`.
        T::commit_rqs(unsafe { Self::queue_data(hctx) });
    }

    /// # Safety
    ///
    /// For C, in the table for `T`, with a request that was completed.
    unsafe extern "C" fn complete_callback(rq: *mut bindings::request) {
        // SAFETY: C has called this for the request.
        T::complete(unsafe { Request::<T>::from_completion(rq) });
    }

    /// # Safety
    ///
    /// For C, in the table for `T`.
    unsafe extern "C" fn poll_callback(
        _hctx: *mut bindings::blk_mq_hw_ctx,
        _iob: *mut bindings::io_comp_batch,
    ) -> c_int {
        T::poll().into()
    }

    /// # Safety
    ///
    /// For C, in the table for `T`, with a new request.
    unsafe extern "C" fn init_request_callback(
        _set: *mut bindings::blk_mq_tag_set,
        rq: *mut bindings::request,
        _hctx_idx: c_uint,
        _numa_node: c_int,
    ) -> c_int {
        // SAFETY: The set has `CMD_SIZE`, and C has just allocated the request.
        unsafe { Request::<T>::init_state(rq) };
        0
    }

    /// Says which queues are for what. C has no answer of its own for more than one map.
    ///
    /// # Safety
    ///
    /// For C, in the table for `T`.
    unsafe extern "C" fn map_queues_callback(set: *mut bindings::blk_mq_tag_set) {
        // SAFETY: C passes a valid set, of which it has set this.
        let queues = unsafe { (*set).nr_hw_queues };
        // SAFETY: As above.
        let maps = unsafe { (*set).nr_maps };
        let mut offset = 0;
        for (index, count) in (0..).zip(shares(queues, maps, T::HAS_POLL)) {
            if index >= maps {
                break;
            }
            // SAFETY: As above, and there are as many maps as shares.
            let map = unsafe { &raw mut (*set).map[index as usize] };
            // SAFETY: The map is a part of the set.
            unsafe { (*map).nr_queues = count };
            // SAFETY: As above.
            unsafe { (*map).queue_offset = offset };
            offset += count;
            if count != 0 {
                // SAFETY: It has queues, and C has allocated what is to be written.
                unsafe { bindings::blk_mq_map_queues(map) };
            }
        }
    }
}

/// How many of the queues each map gets: for all, or writes; for reads; for what is polled.
///
/// The first gets what is left over. One without queues has its requests go to the first. Without an operation
/// to poll no queue must be polled: C would call it.
pub(super) fn shares(queues: u32, maps: u32, has_poll: bool) -> [u32; 3] {
    let has_read = maps > bindings::hctx_type_HCTX_TYPE_READ;
    let has_poll = has_poll && maps > bindings::hctx_type_HCTX_TYPE_POLL;
    let each = queues / (1 + u32::from(has_read) + u32::from(has_poll));
    let read = if has_read { each } else { 0 };
    let poll = if has_poll { each } else { 0 };
    [queues - read - poll, read, poll]
}

/// Deals with a request that was not simply started, and returns what `queue_rq` is to tell C.
///
/// # Safety
///
/// It is the outcome for the request of a call of `queue_rq`, which returns what this does.
#[cold]
#[inline(never)]
unsafe fn finish_queueing(
    rq: *mut bindings::request,
    outcome: Outcome,
    result: Result,
) -> bindings::blk_status_t {
    const OK: bindings::blk_status_t = bindings::BLK_STS_OK as bindings::blk_status_t;
    match (outcome, result) {
        // Nobody has it, and C ends it or queues it again. C trusts a driver with `EBUSY` to run the queue when
        // it has room again, which ours has no means for; with `ENOMEM` C does that itself.
        (Outcome::Dropped, Err(error)) if error == EBUSY => blk_status(ENOMEM),
        (Outcome::Dropped, Err(error)) => blk_status(error),
        (Outcome::Dropped, Ok(())) => {
            // SAFETY: Nobody has the request, it was started, and has not ended.
            unsafe { bindings::blk_mq_end_request(rq, blk_status(EIO)) };
            OK
        }
        (Outcome::Taken, Ok(())) => OK,
        (Outcome::Taken, Err(error)) => {
            pr_warn_once!(
                "a driver fails to queue a request that it has kept or ended: {error:?}\n"
            );
            OK
        }
    }
}
