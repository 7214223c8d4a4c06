// SPDX-License-Identifier: GPL-2.0

//! What a driver does for its requests, and how C calls it.

use super::{
    request::{blk_status, is_settled, settle, Request},
    state::{Outcome, State, Ticket},
};
use crate::{
    bindings, error::VTABLE_DEFAULT_ERROR, pr_warn_once, prelude::*, sync::aref::ARef,
    types::ForeignOwnable,
};
use core::{marker::PhantomData, mem::size_of, ptr};

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
    /// It must not sleep, unless the tag set has [`Flag::Blocking`](super::Flag::Blocking). Then, too, memory
    /// is to be had without waiting for a device: with [`GFP_NOWAIT`](crate::alloc::flags::GFP_NOWAIT).
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
        ops.queue_rqs = Some(Self::queue_rqs_callback);
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
    /// C has called a callback in the table with `hctx`, or with a request for it; that is running, and waited
    /// for before the data go.
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
        let is_last = || unsafe { (*bd).last };
        // SAFETY: C's `queue_rq` for a request in this table is this one, once, and it gets the status.
        unsafe { Self::queue_any(hctx, rq, is_last) }
    }

    /// Has the driver queue one request after the other.
    ///
    /// For C it is as if each was queued alone, but that it finds neither errors nor what the driver can't take
    /// now: those are dealt with here.
    ///
    /// # Safety
    ///
    /// For C, in the table for `T`, with a list of requests that it gives to the driver.
    unsafe extern "C" fn queue_rqs_callback(list: *mut bindings::rq_list) {
        // It may be the list of a task's plug, which gets new requests if the driver has to wait for memory,
        // and those of any disk. So it is empty while the driver has these.
        //
        // SAFETY: C has a valid list there for the length of the call.
        let bindings::rq_list {
            head: mut next,
            tail,
        } = unsafe { ptr::replace(list, pin_init::zeroed()) };
        while !next.is_null() {
            let rq = next;
            // SAFETY: It is the first of those that are left.
            next = unsafe { unlink(rq) };
            // SAFETY: C passes valid requests, each of which has a queue.
            let hctx = unsafe { (*rq).mq_hctx };
            // SAFETY: As above for those that are left.
            let is_last = || next.is_null() || unsafe { (*next).mq_hctx } != hctx;
            // SAFETY: C's `queue_rqs` for requests in this table is this one. Nobody else queues the request,
            // and the status is dealt with below.
            let status = unsafe { Self::queue_any(hctx, rq, is_last) };
            if status == OK {
                continue;
            }
            // SAFETY: It is what has come of the request, which nobody has.
            let goes_on = unsafe { give_back(rq, status) };
            if T::HAS_COMMIT_RQS && (is_last() || !goes_on) {
                // The last one has not come, or not in this call.
                //
                // SAFETY: C calls this in the table for `T`, and had a request for `hctx` in the list.
                T::commit_rqs(unsafe { Self::queue_data(hctx) });
            }
            if !goes_on {
                break;
            }
        }
        if next.is_null() {
            return;
        }
        // What is left C queues one by one, before what was added.
        //
        // SAFETY: The last of the requests is among those that are left.
        let link = unsafe { &raw mut (*tail).__bindgen_anon_1.rq_next };
        // SAFETY: C has a valid list there.
        let added = unsafe { (*list).head };
        // SAFETY: The link is that of a valid request, which is in no list but this.
        unsafe { link.write(added) };
        if added.is_null() {
            // SAFETY: As for `added`.
            unsafe { (*list).tail = tail };
        }
        // SAFETY: As for `added`.
        unsafe { (*list).head = next };
    }

    /// Gives the driver a request. A driver that has no use for `is_last` does not pay for it.
    ///
    /// # Safety
    ///
    /// C has called `queue_rq` in the table for `T` with `hctx` and `rq`, or `queue_rqs` with a list that has
    /// `rq`, which goes to `hctx`. It is called once, and C gets the status, or the caller does what C would.
    #[inline]
    unsafe fn queue_any(
        hctx: *mut bindings::blk_mq_hw_ctx,
        rq: *mut bindings::request,
        is_last: impl FnOnce() -> bool,
    ) -> bindings::blk_status_t {
        // SAFETY: The caller says that C gives the driver this request.
        if unsafe { Request::<T>::may_go(rq) } {
            // SAFETY: As the caller says.
            return unsafe { Self::queue_kept(hctx, rq, is_last()) };
        }
        // SAFETY: As the caller says. The request is one of the set's own, which stay: who frees a set waits for
        // C's call.
        unsafe { Self::queue(hctx, rq, is_last()) }
    }

    /// Gives the driver a request that C frees while the disk goes on.
    ///
    /// # Safety
    ///
    /// As for [`queue_any`](Self::queue_any).
    #[inline(never)]
    unsafe fn queue_kept(
        hctx: *mut bindings::blk_mq_hw_ctx,
        rq: *mut bindings::request,
        is_last: bool,
    ) -> bindings::blk_status_t {
        // SAFETY: The caller says that C has called the table, and does not have the status yet.
        let _kept = unsafe { RequestsKept::enter(hctx) };
        // SAFETY: As the caller says, and the request is kept.
        unsafe { Self::queue(hctx, rq, is_last) }
    }

    /// Gives the driver a request.
    ///
    /// # Safety
    ///
    /// As for [`queue_any`](Self::queue_any). The memory of the request stays until this returns, whatever
    /// becomes of it.
    #[inline(never)]
    unsafe fn queue(
        hctx: *mut bindings::blk_mq_hw_ctx,
        rq: *mut bindings::request,
        is_last: bool,
    ) -> bindings::blk_status_t {
        // SAFETY: The caller says that C has just handed out the request.
        let (reference, ticket) = unsafe { Request::<T>::begin(rq) };
        // SAFETY: The caller says that C has called the table, with a request of this queue.
        let queue_data = unsafe { Self::queue_data(hctx) };

        let result = T::queue_rq(queue_data, reference, is_last);

        // SAFETY: It is the ticket from above, and the caller says that the request is still there, if not with
        // this driver.
        if unsafe { is_settled(rq, ticket) } && result.is_ok() {
            return OK;
        }
        // SAFETY: As above.
        unsafe { finish_queueing(rq, ticket, result) }
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

/// Keeps requests that C frees while the disk goes on, though they may have ended.
///
/// That is the one beside each hardware queue which flushes the disk's cache, and those of a scheduler. C
/// waits for those who look for requests by their tags, but not always for those who queue them.
struct RequestsKept {
    set: *mut bindings::blk_mq_tag_set,
    index: c_int,
}

impl RequestsKept {
    /// # Safety
    ///
    /// C has called the table with a request for `hctx` that has not ended, and this is dropped before that
    /// call returns.
    #[inline]
    unsafe fn enter(hctx: *mut bindings::blk_mq_hw_ctx) -> Self {
        // SAFETY: C passes a valid one, which has a queue as long as it is there.
        let queue = unsafe { (*hctx).queue };
        // SAFETY: As above. A queue with requests has a set.
        let set = unsafe { (*queue).tag_set };
        // SAFETY: The set is there: who frees it waits for `queue_rq`.
        let index = unsafe { bindings::blk_mq_tags_read_lock(set) };
        Self { set, index }
    }
}

impl Drop for RequestsKept {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: As for `enter`, which has begun this section, in the same call of `queue_rq`.
        unsafe { bindings::blk_mq_tags_read_unlock(self.set, self.index) };
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

/// Takes a request out of a list, whose first it is, and returns the next one, or null.
///
/// # Safety
///
/// The request is valid, and the caller's, as is the list.
#[inline]
unsafe fn unlink(rq: *mut bindings::request) -> *mut bindings::request {
    // SAFETY: The caller says that the request is valid.
    let link = unsafe { &raw mut (*rq).__bindgen_anon_1.rq_next };
    // SAFETY: As above. In a list it has the next one there, and nobody else has it.
    unsafe { ptr::replace(link, ptr::null_mut()) }
}

/// Does with a request that was not queued what C does for the status that `queue_rq` returns, and returns
/// whether others may be.
///
/// # Safety
///
/// `queue_rq` would return that status for the request, which it has from a list.
#[cold]
unsafe fn give_back(rq: *mut bindings::request, status: bindings::blk_status_t) -> bool {
    let goes_on = status != blk_status(ENOMEM);
    if goes_on {
        // SAFETY: The caller says that it was not queued: it was started, has not ended, and nobody has it.
        unsafe { bindings::blk_mq_end_request(rq, status) };
    } else {
        // SAFETY: As above. From here on it is C's, which queues it again.
        unsafe { bindings::blk_mq_requeue_request(rq, true) };
    }
    goes_on
}

/// What `queue_rq` tells C of a request that it has nothing to do with any more.
const OK: bindings::blk_status_t = bindings::BLK_STS_OK as bindings::blk_status_t;

/// Deals with a request that the driver has not ended yet, or has not taken, and returns what `queue_rq` is to
/// tell C.
///
/// # Safety
///
/// As for [`settle`], and the result is that of the driver's `queue_rq`. C's returns what this does.
#[inline(never)]
unsafe fn finish_queueing(
    rq: *mut bindings::request,
    ticket: Ticket,
    result: Result,
) -> bindings::blk_status_t {
    // SAFETY: As the caller says.
    let outcome = unsafe { settle(rq, ticket) };
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
