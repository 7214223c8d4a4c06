// SPDX-License-Identifier: GPL-2.0

//! What can be enqueued: the traits.

use crate::bindings;

/// Something that a queue can take: a pointer to an object with a C work item inside.
///
/// Drivers have no need to implement it. They implement [`WorkItem`] for the object, and then its
/// `Arc`, `ARef` or `Pin<KBox>` is one.
///
/// # Safety
///
/// [`__enqueue`](Self::__enqueue) calls the closure at most once, with a pointer to an initialised
/// `work_struct`. When the closure returns `true`, that stays valid, in place, until its function is
/// called with it; the function then does whatever is to be done.
pub unsafe trait RawWorkItem<const ID: u64> {
    /// What there is to say once it was tried: whether it was pending already, if it can be.
    type EnqueueOutput;

    /// Hands the `work_struct` to `queue_work_on`, which enqueues it.
    ///
    /// # Safety
    ///
    /// - `queue_work_on` returns `true` if it has enqueued the item, and `false` if it has done nothing.
    /// - An item that it has enqueued has its function called, once, in a task that `Self` may be sent
    ///   to.
    unsafe fn __enqueue<F>(self, queue_work_on: F) -> Self::EnqueueOutput
    where
        F: FnOnce(*mut bindings::work_struct) -> bool;
}

/// Something that a queue can take with a delay.
///
/// # Safety
///
/// The `work_struct` that [`RawWorkItem::__enqueue`] passes on is the field `work` of an initialised
/// `delayed_work`, which stays valid, in place, for as long as the `work_struct` has to.
pub unsafe trait RawDelayedWorkItem<const ID: u64>: RawWorkItem<ID> {}

/// An object with work to do.
///
/// # Examples
///
/// Two kinds of work, told apart by their numbers:
///
/// ```
/// use kernel::{
///     impl_has_work, new_work,
///     sync::{atomic::{Atomic, Relaxed}, Arc},
///     workqueue::{OwnedQueue, Work, WorkItem},
/// };
///
/// #[pin_data]
/// struct Engine {
///     started: Atomic<u32>,
///     stopped: Atomic<u32>,
///     #[pin]
///     start: Work<Engine, 0>,
///     #[pin]
///     stop: Work<Engine, 1>,
/// }
///
/// impl_has_work! {
///     impl HasWork<Engine, 0> for Engine { self.start }
///     impl HasWork<Engine, 1> for Engine { self.stop }
/// }
///
/// impl WorkItem<0> for Engine {
///     type Pointer = Arc<Engine>;
///
///     fn run(this: Arc<Engine>) {
///         this.started.add(1, Relaxed);
///     }
/// }
///
/// impl WorkItem<1> for Engine {
///     type Pointer = Arc<Engine>;
///
///     fn run(this: Arc<Engine>) {
///         this.stopped.add(1, Relaxed);
///     }
/// }
///
/// let engine = Arc::pin_init(
///     pin_init!(Engine {
///         started: Atomic::new(0),
///         stopped: Atomic::new(0),
///         start <- new_work!("Engine::start"),
///         stop <- new_work!("Engine::stop"),
///     }),
///     GFP_KERNEL,
/// )?;
/// let queue = OwnedQueue::new(c"engine")?;
/// assert!(queue.enqueue::<_, 1>(engine.clone()).is_ok());
/// // The end of the queue waits for its work.
/// drop(queue);
/// assert_eq!(engine.started.load(Relaxed), 0);
/// assert_eq!(engine.stopped.load(Relaxed), 1);
/// # Ok::<(), Error>(())
/// ```
pub trait WorkItem<const ID: u64 = 0> {
    /// The pointer that owns the object while it is on a queue: `Arc<Self>`, `ARef<Self>` or
    /// `Pin<KBox<Self>>`.
    type Pointer: WorkItemPointer<ID>;

    /// Does the work.
    ///
    /// Runs in a thread of the kernel, and may sleep, unless the queue is one of those for softirqs.
    fn run(this: Self::Pointer);
}

/// A pointer to an object with work to do.
///
/// # Safety
///
/// [`run`](Self::run) takes back what [`RawWorkItem::__enqueue`] gave away, and passes it to
/// [`WorkItem::run`].
pub unsafe trait WorkItemPointer<const ID: u64>: RawWorkItem<ID> {
    /// The function that C calls.
    ///
    /// # Safety
    ///
    /// `ptr` is what [`RawWorkItem::__enqueue`] of this type passed to its closure, which returned
    /// `true`, and this is the only call for that.
    unsafe extern "C" fn run(ptr: *mut bindings::work_struct);
}
