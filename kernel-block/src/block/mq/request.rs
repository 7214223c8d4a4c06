// SPDX-License-Identifier: GPL-2.0

//! Requests.

use super::{
    operations::Operations,
    segment::{Segment, Segments},
    state::{Outcome, State, Ticket},
};
use crate::{
    bindings,
    block::SECTOR_SHIFT,
    prelude::*,
    sync::{
        aref::{ARef, AlwaysRefCounted},
        atomic::{cmpxchg, Relaxed},
    },
    types::Opaque,
};
use core::{
    marker::PhantomData,
    mem::{align_of, size_of},
    ptr::NonNull,
};

/// What a request asks for: C's `enum req_op`.
///
/// Beyond 7.2's own `kernel` crate.
///
/// # Examples
///
/// ```
/// use kernel::{block::mq::Command, error::{code::ENOTSUPP, Result}};
///
/// fn check(command: Command) -> Result {
///     match command {
///         Command::Read | Command::Write => Ok(()),
///         _ => Err(ENOTSUPP),
///     }
/// }
///
/// assert!(check(Command::Read).is_ok());
/// assert!(check(Command::Discard).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Reads from the device to the request's memory.
    Read,
    /// Writes to the device what the request's memory has.
    Write,
    /// Writes back what the device has in a cache. Only asked of a disk that has one:
    /// [`write_cache`](super::gen_disk::GenDiskBuilder::write_cache).
    Flush,
    /// Sectors that nobody needs any more. Only asked of a disk with
    /// [`max_discard_sectors`](super::gen_disk::GenDiskBuilder::max_discard_sectors).
    Discard,
    /// Sectors that are to be zero. Only asked of a disk with
    /// [`max_write_zeroes_sectors`](super::gen_disk::GenDiskBuilder::max_write_zeroes_sectors).
    WriteZeroes,
    /// Another of C's `REQ_OP_*`. The odd ones send data to the device.
    Other(u8),
}

impl Command {
    #[inline]
    fn from_op(op: u8) -> Self {
        match u32::from(op) {
            bindings::req_op_REQ_OP_READ => Self::Read,
            bindings::req_op_REQ_OP_WRITE => Self::Write,
            bindings::req_op_REQ_OP_FLUSH => Self::Flush,
            bindings::req_op_REQ_OP_DISCARD => Self::Discard,
            bindings::req_op_REQ_OP_WRITE_ZEROES => Self::WriteZeroes,
            _ => Self::Other(op),
        }
    }
}

/// A request to a block device, as its driver `T` has it.
///
/// [`Operations::queue_rq`] gets the first reference to it, as an [`ARef`]. What becomes of that is in the
/// documentation of [`mq`](super): in short, who has the only reference ends the request with it.
///
/// C counterpart: [`struct request`].
///
/// # Examples
///
/// To keep requests until they are dealt with; each of them ends once, as to end it takes its reference:
///
/// ```
/// use kernel::{
///     block::mq::{Operations, Request},
///     prelude::*,
///     sync::aref::ARef,
/// };
///
/// struct Pending<T: Operations>(KVec<ARef<Request<T>>>);
///
/// impl<T: Operations> Pending<T> {
///     /// Ends those that end before `sector`, and returns how many.
///     fn end_before(&mut self, sector: u64) -> usize {
///         let mut count = 0;
///         let mut rest = KVec::new();
///         for rq in core::mem::take(&mut self.0) {
///             let rq = if rq.sector() + u64::from(rq.sectors()) <= sector {
///                 match Request::end_ok(rq) {
///                     Ok(()) => {
///                         count += 1;
///                         continue;
///                     }
///                     Err(shared) => shared,
///                 }
///             } else {
///                 rq
///             };
///             // Without memory it is dropped, and so fails.
///             let _ = rest.push(rq, GFP_NOWAIT);
///         }
///         self.0 = rest;
///         count
///     }
/// }
/// # struct Driver;
/// # #[vtable]
/// # impl Operations for Driver {
/// #     type QueueData = ();
/// #     fn queue_rq(_: (), rq: ARef<Request<Self>>, _: bool) -> Result {
/// #         Request::end_ok(rq).map_err(|_| EIO)
/// #     }
/// #     fn complete(rq: ARef<Request<Self>>) {
/// #         let _ = Request::end_ok(rq);
/// #     }
/// # }
/// # assert_eq!(Pending::<Driver>(KVec::new()).end_before(8), 0);
/// ```
///
/// # Invariants
///
/// - It is of a tag set that [`TagSet`](super::TagSet) made for `T`, which has put a `State` beside it.
/// - It was started, and has not ended: it has at least one reference.
///
/// [`struct request`]: srctree/include/linux/blk-mq.h
#[repr(transparent)]
pub struct Request<T>(Opaque<bindings::request>, PhantomData<T>);

// The state lies directly after the request, where C has room for the size that the tag set names.
const _: () = assert!(
    align_of::<State>() <= align_of::<bindings::request>()
        && size_of::<bindings::request>() % align_of::<State>() == 0
);

/// The state beside a request.
///
/// # Safety
///
/// `rq` is a request of a [`TagSet`](super::TagSet), which is there for the length of `'a`.
#[inline]
unsafe fn state_of<'a>(rq: *mut bindings::request) -> &'a State {
    // This is what `blk_mq_rq_to_pdu()` does, without the call.
    //
    // SAFETY: C has allocated the request with as many bytes after it as a `State` has.
    let state = unsafe { rq.add(1) };
    // SAFETY: It is initialised since `init_state`, which C calls first, and aligned, as checked above.
    // It is only changed atomically.
    unsafe { &*state.cast::<State>() }
}

impl<T> Request<T> {
    #[inline]
    fn as_raw(&self) -> *mut bindings::request {
        self.0.get()
    }

    #[inline]
    fn state(&self) -> &State {
        // SAFETY: By the type invariant it is of such a set, which is there while it has requests.
        unsafe { state_of(self.as_raw()) }
    }

    /// Puts a state beside a new request.
    ///
    /// # Safety
    ///
    /// `rq` is of a tag set whose `cmd_size` is at least that of a [`State`], and nobody else has it.
    pub(super) unsafe fn init_state(rq: *mut bindings::request) {
        // SAFETY: As the caller says, there is as much memory after the request.
        let state = unsafe { rq.add(1) };
        // SAFETY: As above, and nobody else uses it. It is aligned, as checked above.
        unsafe { state.cast::<State>().write(State::new()) };
    }
}

impl<T: Operations> Request<T> {
    /// Starts a request that C has handed to the driver, and makes the first reference to it.
    ///
    /// # Safety
    ///
    /// `rq` is a valid request of a [`TagSet`](super::TagSet) of `T`, and `queue_rq` of C's has just got it.
    #[inline]
    pub(super) unsafe fn begin(rq: *mut bindings::request) -> (ARef<Self>, Ticket) {
        // SAFETY: The caller says that it is such a request.
        let ticket = unsafe { state_of(rq) }.begin();
        // SAFETY: The caller says that the request has not been started.
        unsafe { bindings::blk_mq_start_request(rq) };
        // SAFETY: It is not null, as it is valid.
        let rq = unsafe { NonNull::new_unchecked(rq.cast::<Self>()) };
        // INVARIANT: The caller says which set it is of, and it has just been started.
        // SAFETY: The count is one, for this reference.
        (unsafe { ARef::from_raw(rq) }, ticket)
    }

    /// Takes back the reference that [`complete`](Self::complete) gave to C.
    ///
    /// # Safety
    ///
    /// C calls `complete` of the operations of `T` with `rq`.
    #[inline]
    pub(super) unsafe fn from_completion(rq: *mut bindings::request) -> ARef<Self> {
        // SAFETY: C does not call it with null.
        let rq = unsafe { NonNull::new_unchecked(rq.cast::<Self>()) };
        // SAFETY: C only calls it for a request that `complete` passed to it, once, and with a reference.
        unsafe { ARef::from_raw(rq) }
    }

    /// Ends the request with success.
    ///
    /// It may be called in any context. Whoever waits for the request may go on before this returns. If it
    /// reads, its memory has to have been written: what was there before is the reader's now.
    ///
    /// # Errors
    ///
    /// The reference comes back if there are others.
    #[inline]
    pub fn end_ok(this: ARef<Self>) -> Result<(), ARef<Self>> {
        Self::end_with(this, bindings::BLK_STS_OK as bindings::blk_status_t)
    }

    /// Ends the request with a result: how it went.
    ///
    /// It may be called in any context. The error is what the request fails with, as far as C has a
    /// `BLK_STS_*` for it: `ENOSPC`, `ETIMEDOUT` and some others. `ENOTSUPP` becomes `EOPNOTSUPP`, and the rest
    /// `EIO`.
    ///
    /// Beyond 7.2's own `kernel` crate.
    ///
    /// # Errors
    ///
    /// The reference comes back if there are others.
    #[inline]
    pub fn end(this: ARef<Self>, result: Result) -> Result<(), ARef<Self>> {
        let status = match result {
            Ok(()) => bindings::BLK_STS_OK as bindings::blk_status_t,
            Err(error) => blk_status(error),
        };
        Self::end_with(this, status)
    }

    #[inline]
    fn end_with(this: ARef<Self>, status: bindings::blk_status_t) -> Result<(), ARef<Self>> {
        if !this.state().end() {
            return Err(this);
        }
        let rq = ARef::into_raw(this).cast::<bindings::request>();
        // SAFETY: It was the only reference, so that nobody else has the request, nor ends it. By the type
        // invariant it was started, and has not ended.
        unsafe { bindings::blk_mq_end_request(rq.as_ptr(), status) };
        Ok(())
    }

    /// Has [`Operations::complete`] called with this reference, on a CPU that suits who waits for the request.
    ///
    /// That may be this one, before this returns. It may be called in any context.
    ///
    /// A request is completed once. If it has been before, with another reference, this one is dropped.
    #[inline]
    pub fn complete(this: ARef<Self>) {
        if !this.claim_completion() {
            return;
        }
        let rq = ARef::into_raw(this).cast::<bindings::request>();
        // SAFETY: By the type invariant the request is valid, and was started. As `claim_completion` says, this
        // is its only completion. C gets the reference, and returns it with `from_completion`.
        if !unsafe { bindings::blk_mq_complete_request_remote(rq.as_ptr()) } {
            // SAFETY: C did not take the reference.
            T::complete(unsafe { ARef::from_raw(rq.cast()) });
        }
    }

    /// Whether the caller is the one who completes the request.
    ///
    /// C has a list of requests to complete elsewhere, and breaks it if one gets there twice.
    #[inline]
    fn claim_completion(&self) -> bool {
        // SAFETY: By the type invariant the request is valid.
        let state = unsafe { &raw mut (*self.as_raw()).state };
        if self.state().is_unique() {
            // Nobody else can be completing it, so that this does not change meanwhile.
            //
            // SAFETY: As above. C reads and writes it with `READ_ONCE()` and `WRITE_ONCE()`.
            return unsafe { state.read_volatile() } == IN_FLIGHT;
        }
        // SAFETY: As above, and C's accesses are atomic as far as these are.
        unsafe { claim_shared(state) }
    }
}

impl<T> Request<T> {
    /// Whether the request may be one of those that C frees while the disk goes on.
    ///
    /// Those are the one that flushes a disk's cache, which goes with its hardware queue, and those of a
    /// scheduler, which go with that.
    ///
    /// # Safety
    ///
    /// `rq` is a valid request that is with the driver, or about to be.
    #[inline]
    pub(super) unsafe fn may_go(rq: *mut bindings::request) -> bool {
        // The second is that of all requests around a flush, too, which do stay.
        const MAY_GO: u32 =
            1 << bindings::rqf_flags___RQF_SCHED_TAGS | 1 << bindings::rqf_flags___RQF_FLUSH_SEQ;
        // SAFETY: As the caller says. They do not change while that is so.
        let flags = unsafe { (*rq).rq_flags };
        flags & MAY_GO != 0
    }

    /// The number of what the request asks for.
    #[inline]
    fn op(&self) -> u8 {
        // SAFETY: By the type invariants the request is valid, and this does not change before it ends.
        let flags = unsafe { (*self.as_raw()).cmd_flags };
        // The lowest `REQ_OP_BITS`, which are eight.
        flags as u8
    }

    /// What the request asks for.
    ///
    /// Beyond 7.2's own `kernel` crate.
    #[inline]
    pub fn command(&self) -> Command {
        Command::from_op(self.op())
    }

    /// Whether what it writes has to be beyond the device's cache before it ends: C's `REQ_FUA`.
    ///
    /// Only asked of a disk with a [cache](super::gen_disk::GenDiskBuilder::write_cache) and with
    /// [`fua`](super::gen_disk::GenDiskBuilder::fua).
    ///
    /// Beyond 7.2's own `kernel` crate.
    #[inline]
    pub fn is_fua(&self) -> bool {
        // SAFETY: By the type invariants the request is valid, and this does not change before it ends.
        unsafe { (*self.as_raw()).cmd_flags & (1 << bindings::req_flag_bits___REQ_FUA) != 0 }
    }

    /// The first sector, of 512 bytes: C's `blk_rq_pos()`.
    ///
    /// With [`sectors`](Self::sectors) it is within the capacity of the disk, and aligned to its logical
    /// blocks, for requests that come from user space or a file system; not for [`Command::Flush`].
    ///
    /// Beyond 7.2's own `kernel` crate.
    #[inline]
    pub fn sector(&self) -> u64 {
        // SAFETY: By the type invariants the request is valid, and this does not change before it ends.
        unsafe { (*self.as_raw()).__sector }
    }

    /// The number of sectors, of 512 bytes: C's `blk_rq_sectors()`.
    ///
    /// Beyond 7.2's own `kernel` crate.
    #[inline]
    pub fn sectors(&self) -> u32 {
        self.bytes() >> SECTOR_SHIFT
    }

    /// The number of bytes: C's `blk_rq_bytes()`.
    ///
    /// Beyond 7.2's own `kernel` crate.
    #[inline]
    pub fn bytes(&self) -> u32 {
        // SAFETY: By the type invariants the request is valid, and this does not change before it ends.
        unsafe { (*self.as_raw()).__data_len }
    }

    /// The request's number among those that are with the driver in the same queue.
    ///
    /// It is below the number of tags that the [`TagSet`](super::TagSet) was made with. With
    /// [`queue_index`](Self::queue_index) it says which of the driver's own data belong to the request, if it
    /// has some for each. The request to flush a disk's cache may have the number of another request, which
    /// waits for it.
    ///
    /// Beyond 7.2's own `kernel` crate.
    #[inline]
    pub fn tag(&self) -> u32 {
        // SAFETY: By the type invariants the request is valid, and this does not change before it ends.
        let tag = unsafe { (*self.as_raw()).tag };
        // It has a tag, as it was started.
        tag as u32
    }

    /// The number of the hardware queue that the request is in, from zero.
    ///
    /// Beyond 7.2's own `kernel` crate.
    #[inline]
    pub fn queue_index(&self) -> u32 {
        // SAFETY: By the type invariants the request is valid, and this does not change before it ends.
        let queue = unsafe { (*self.as_raw()).mq_hctx };
        // SAFETY: It was started, so that it has a queue, which stays for as long as it has requests.
        unsafe { (*queue).queue_num }
    }

    /// Calls `f` with each part of the request's memory, one after the other: C's `rq_for_each_segment()`.
    ///
    /// Their lengths add up to [`bytes`](Self::bytes) for [`Command::Read`] and [`Command::Write`]. Requests
    /// that only name sectors have no memory.
    ///
    /// Beyond 7.2's own `kernel` crate.
    ///
    /// # Errors
    ///
    /// The first one of `f`, after which it is not called any more.
    #[inline]
    pub fn segments(&self, mut f: impl FnMut(Segment<'_>) -> Result) -> Result {
        // What has the lowest bit set sends data to the device: C's `op_is_write()`.
        let to_device = self.op() & 1 != 0;
        // SAFETY: By the type invariants the request is valid and does not end while it is borrowed.
        let segments = unsafe { Segments::new(self.as_raw(), to_device) };
        for segment in segments {
            f(segment)?;
        }
        Ok(())
    }
}

// SAFETY: A request is C's, and has nothing of `T`. Any thread may end it, and use what is here.
unsafe impl<T: Operations> Send for Request<T> {}

// SAFETY: What is here for a shared reference only reads what stays the same until the request ends, or is
// atomic.
unsafe impl<T: Operations> Sync for Request<T> {}

// SAFETY: Only who has the last reference ends the request, and then gives it up. The count is a `refcount_t`,
// which saturates.
unsafe impl<T: Operations> AlwaysRefCounted for Request<T> {
    #[inline]
    fn inc_ref(&self) {
        self.state().inc_ref();
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller has a reference. By the type invariant the request is one of a `TagSet`, was
        // started, and has not ended.
        unsafe { drop_reference(obj.cast().as_ptr()) };
    }
}

const IN_FLIGHT: bindings::mq_rq_state = bindings::mq_rq_state_MQ_RQ_IN_FLIGHT;

/// Whether the caller is the first who completes a request that others may complete, too.
///
/// # Safety
///
/// `state` is valid, and accessed atomically by all.
#[inline(never)]
unsafe fn claim_shared(state: *mut bindings::mq_rq_state) -> bool {
    const COMPLETE: bindings::mq_rq_state = bindings::mq_rq_state_MQ_RQ_COMPLETE;
    // SAFETY: As the caller says.
    unsafe { cmpxchg(state, IN_FLIGHT, COMPLETE, Relaxed) }.is_ok()
}

/// Drops a reference to a request, which fails if it is the last.
///
/// A call, as that is the rare way of one that ends at once.
///
/// # Safety
///
/// The caller has the reference. `rq` is of a [`TagSet`](super::TagSet), was started, and has not ended.
#[inline(never)]
unsafe fn drop_reference(rq: *mut bindings::request) {
    // SAFETY: The caller says that it is of such a set, which is there while it has requests.
    let state = unsafe { state_of(rq) };
    if state.dec_ref() {
        // SAFETY: It was the last reference, so that nobody has the request, and this ends it, as `State`
        // says. The caller says that it was started, and has not ended.
        unsafe { bindings::blk_mq_end_request(rq, blk_status(EIO)) };
    }
}

/// Whether a request's [`settle`] has nothing to do.
///
/// # Safety
///
/// [`Request::begin`] has returned this ticket for `rq`, whose tag set is still there.
#[inline]
pub(super) unsafe fn is_settled(rq: *mut bindings::request, ticket: Ticket) -> bool {
    // SAFETY: The caller says that it is a request of a set that is there.
    unsafe { state_of(rq) }.is_settled(ticket)
}

/// Says that the driver's `queue_rq` has returned, and what has become of the request.
///
/// # Safety
///
/// As for [`is_settled`], and the ticket is used once.
pub(super) unsafe fn settle(rq: *mut bindings::request, ticket: Ticket) -> Outcome {
    // SAFETY: The caller says that it is a request of a set that is there.
    unsafe { state_of(rq) }.settle(ticket)
}

/// What C's block layer calls an error.
///
/// What it calls not supported is `EOPNOTSUPP`, for which [`code`](crate::error::code) has no name.
#[cold]
pub(super) fn blk_status(error: Error) -> bindings::blk_status_t {
    let errno = if error == ENOTSUPP {
        -(bindings::EOPNOTSUPP as c_int)
    } else {
        error.to_errno()
    };
    // SAFETY: It looks the number up in a table, whatever it is.
    unsafe { bindings::errno_to_blk_status(errno) }
}
