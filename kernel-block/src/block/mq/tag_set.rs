// SPDX-License-Identifier: GPL-2.0

//! Sets of tags.

use super::operations::{Operations, OperationsVTable};
use crate::{bindings, error::to_result, impl_flags, prelude::*, types::Opaque};
use core::marker::PhantomData;

impl_flags!(
    /// How the queues of a [`TagSet`] are to be, beyond 7.2's own `kernel` crate.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::block::mq::{Flag, Flags};
    ///
    /// let flags = Flag::Blocking | Flag::NoSchedByDefault;
    /// assert!(flags.contains(Flag::Blocking));
    /// assert!(!Flags::empty().contains(Flag::Blocking));
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Flags(u32);

    /// One way for the queues of a [`TagSet`] to be.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{bindings, block::mq::Flag};
    ///
    /// assert_eq!(u32::from(Flag::Blocking), bindings::BLK_MQ_F_BLOCKING);
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Flag {
        /// [`Operations::queue_rq`] may sleep: C's `BLK_MQ_F_BLOCKING`.
        Blocking = bindings::BLK_MQ_F_BLOCKING,
        /// All hardware queues share the tags: C's `BLK_MQ_F_TAG_HCTX_SHARED`.
        TagHctxShared = bindings::BLK_MQ_F_TAG_HCTX_SHARED,
        /// Tags are given out in turn: C's `BLK_MQ_F_TAG_RR`.
        TagRoundRobin = bindings::BLK_MQ_F_TAG_RR,
        /// There is no I/O scheduler unless asked for: C's `BLK_MQ_F_NO_SCHED_BY_DEFAULT`.
        NoSchedByDefault = bindings::BLK_MQ_F_NO_SCHED_BY_DEFAULT,
    }
);

/// The most hardware queues there can be: a queue's number has 16 bits in C's `blk_mq_unique_tag()`.
const MAX_HW_QUEUES: u32 = 1 << bindings::BLK_MQ_UNIQUE_TAG_BITS;

/// The tags of a driver's requests, with the memory for as many: what the disks of the driver `T` queue with.
///
/// It has hardware queues, with so many tags each. A disk keeps its set; several disks can have one set, and
/// then share the tags.
///
/// C counterpart: [`struct blk_mq_tag_set`].
///
/// # Examples
///
/// ```
/// use kernel::{
///     block::mq::{Flag, Operations, TagSet},
///     prelude::*,
///     sync::Arc,
/// };
///
/// fn tags<T: Operations>() -> Result<Arc<TagSet<T>>> {
///     // Two hardware queues with 64 requests each, which may sleep.
///     Arc::pin_init(
///         TagSet::with_flags(2, 64, 1, Flag::Blocking.into()),
///         GFP_KERNEL,
///     )
/// }
/// # use kernel::{block::mq::Request, sync::aref::ARef};
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
/// assert!(tags::<Driver>().is_ok());
/// ```
///
/// # Invariants
///
/// It is a tag set that C has allocated, with the operations of `T`.
///
/// [`struct blk_mq_tag_set`]: srctree/include/linux/blk-mq.h
#[pin_data(PinnedDrop)]
#[repr(transparent)]
pub struct TagSet<T: Operations> {
    #[pin]
    inner: Opaque<bindings::blk_mq_tag_set>,
    _p: PhantomData<T>,
}

impl<T: Operations> TagSet<T> {
    /// Makes a set with `nr_hw_queues` hardware queues that have `num_tags` tags each.
    ///
    /// C reduces both to what makes sense: queues to the number of CPUs if there is one map, tags to 10240.
    ///
    /// There is one map of CPUs to queues in a simple driver. With two, reads go to queues of their own, and
    /// with three so does what is polled, if the driver has [`Operations::poll`]; the queues are shared out
    /// evenly.
    ///
    /// # Errors
    ///
    /// - `EINVAL` without queues or tags, with more than 65536 queues, or with more than three maps.
    /// - `ENOMEM` without memory.
    pub fn new(
        nr_hw_queues: u32,
        num_tags: u32,
        num_maps: u32,
    ) -> impl PinInit<Self, crate::error::Error> {
        Self::with_flags(nr_hw_queues, num_tags, num_maps, Flags::empty())
    }

    /// As [`new`](Self::new), with flags for its queues.
    ///
    /// Beyond 7.2's own `kernel` crate.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn with_flags(
        nr_hw_queues: u32,
        num_tags: u32,
        num_maps: u32,
        flags: Flags,
    ) -> impl PinInit<Self, crate::error::Error> {
        // INVARIANT: C allocates it, or this fails.
        try_pin_init!(Self {
            inner <- Opaque::try_ffi_init(move |set: *mut bindings::blk_mq_tag_set| {
                if nr_hw_queues > MAX_HW_QUEUES {
                    return Err(EINVAL);
                }
                // SAFETY: There is memory for a set, and nobody else uses it. All of it may be zero.
                unsafe { set.write_bytes(0, 1) };
                // SAFETY: As above, and it is initialised now.
                let fields = unsafe { &mut *set };
                fields.ops = OperationsVTable::<T>::build();
                fields.nr_hw_queues = nr_hw_queues;
                fields.queue_depth = num_tags;
                fields.nr_maps = num_maps;
                fields.cmd_size = OperationsVTable::<T>::CMD_SIZE;
                fields.numa_node = bindings::NUMA_NO_NODE;
                fields.flags = flags.into();
                // SAFETY: It has everything that C asks of its caller. The memory is pinned.
                to_result(unsafe { bindings::blk_mq_alloc_tag_set(set) })
            }),
            _p: PhantomData,
        })
    }

    /// The C structure.
    pub(super) fn raw_tag_set(&self) -> *mut bindings::blk_mq_tag_set {
        self.inner.get()
    }
}

#[pinned_drop]
impl<T: Operations> PinnedDrop for TagSet<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant C has allocated it. Each disk keeps it, and has waited for its requests,
        // and for those who queue them, before it gives it up.
        unsafe { bindings::blk_mq_free_tag_set(self.inner.get()) };
    }
}

// SAFETY: It is C's, and has nothing of `T`. C may free it in any thread.
unsafe impl<T: Operations> Send for TagSet<T> {}

// SAFETY: All that is done with a shared one is to make disks, for which C locks it.
unsafe impl<T: Operations> Sync for TagSet<T> {}
