// SPDX-License-Identifier: GPL-2.0

//! Queues that take work.

use super::{RawDelayedWorkItem, RawWorkItem, Work, WorkItem};
use crate::{
    alloc::{AllocError, Flags},
    bindings, container_of,
    ffi::c_int,
    impl_has_work,
    prelude::*,
    static_lock_class,
    sync::LockClassKey,
    time::Jiffies,
    types::Opaque,
};

/// Where C is to choose the CPU: near the one that enqueues.
const ANY_CPU: c_int = bindings::wq_misc_consts_WORK_CPU_UNBOUND as c_int;

/// A queue that takes work, and has it done by threads of the kernel.
///
/// Those that are always there are [`system`](super::system) and its kin; [`OwnedQueue`] makes one.
///
/// C counterpart: [`struct workqueue_struct`].
///
/// # Examples
///
/// ```
/// use kernel::{sync::{Arc, Completion}, workqueue};
///
/// let done = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
/// let signal = done.clone();
/// workqueue::system_unbound().try_spawn(GFP_KERNEL, move || signal.complete_all())?;
/// done.wait_for_completion();
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The queue is there, and takes work, for as long as there is a reference to it; and until all work
/// that was enqueued with a delay has been run.
///
/// [`OwnedQueue`]: super::OwnedQueue
/// [`struct workqueue_struct`]: srctree/include/linux/workqueue.h
#[repr(transparent)]
pub struct Queue(Opaque<bindings::workqueue_struct>);

// SAFETY: A queue belongs to no task. What it runs elsewhere, it asks to be `Send`.
unsafe impl Send for Queue {}

// SAFETY: Everything that `&Queue` gives takes the locks of the queue in C.
unsafe impl Sync for Queue {}

impl Queue {
    /// Makes a reference to a queue of C's.
    ///
    /// # Safety
    ///
    /// - `ptr` points to a queue that takes work from everybody for all of `'a`: it is neither
    ///   destroyed meanwhile nor drained.
    /// - It is not destroyed, nor drained, before all work has been run that was enqueued with a delay,
    ///   and that may be after `'a`. C does not wait for such work, which comes with a timer.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{bindings, workqueue::{self, Queue}};
    ///
    /// // SAFETY: It is set while the kernel boots, and never again.
    /// let c_queue = unsafe { bindings::system_percpu_wq };
    /// // SAFETY: The system's queues are there for ever.
    /// let queue: &'static Queue = unsafe { Queue::from_raw(c_queue) };
    /// assert!(core::ptr::eq(queue, workqueue::system()));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub unsafe fn from_raw<'a>(ptr: *const bindings::workqueue_struct) -> &'a Queue {
        // INVARIANT: The caller promises just that.
        // SAFETY: There is a queue for as long, says the caller; and `Self` is transparent.
        unsafe { &*Opaque::cast_from(ptr).cast::<Self>() }
    }

    /// Returns the pointer that C's functions take; they lock what they change.
    fn as_ptr(&self) -> *mut bindings::workqueue_struct {
        self.0.get()
    }

    /// Puts work on the queue, to be done as soon as a thread is free.
    ///
    /// All that was done before is visible to the work. May be called in interrupt context, too.
    ///
    /// # Errors
    ///
    /// An `Arc` or `ARef` comes back when the object is pending already, on this queue or another. A
    /// `Pin<KBox>` can't be pending, so there is nothing to return.
    pub fn enqueue<W, const ID: u64>(&self, w: W) -> W::EnqueueOutput
    where
        W: RawWorkItem<ID> + Send + 'static,
    {
        let queue_work_on = |work| {
            // SAFETY: By the type invariants the queue takes work. By the contract of `RawWorkItem`
            // the item is initialised, and remains where it is until it is run.
            unsafe { bindings::queue_work_on(ANY_CPU, self.as_ptr(), work) }
        };
        // SAFETY: `queue_work_on()` tells whether it has enqueued the item, and if so the queue calls
        // its function once, in another task, where `W` may go and live.
        unsafe { w.__enqueue(queue_work_on) }
    }

    /// Puts work on the queue once `delay` jiffies have passed.
    ///
    /// With a delay of 0 that is at once. The object is pending from the beginning.
    ///
    /// # Errors
    ///
    /// As for [`enqueue`](Self::enqueue).
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{
    ///     impl_has_delayed_work, new_delayed_work,
    ///     sync::{Arc, Completion},
    ///     workqueue::{self, DelayedWork, WorkItem},
    /// };
    ///
    /// #[pin_data]
    /// struct Later {
    ///     done: Arc<Completion>,
    ///     #[pin]
    ///     work: DelayedWork<Later>,
    /// }
    ///
    /// impl_has_delayed_work! {
    ///     impl HasDelayedWork<Later> for Later { self.work }
    /// }
    ///
    /// impl WorkItem for Later {
    ///     type Pointer = Pin<KBox<Later>>;
    ///
    ///     fn run(this: Pin<KBox<Later>>) {
    ///         this.done.complete_all();
    ///     }
    /// }
    ///
    /// let done = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
    /// let signal = done.clone();
    /// let later = pin_init!(Later { done: signal, work <- new_delayed_work!() });
    /// workqueue::system().enqueue_delayed(KBox::pin_init(later, GFP_KERNEL)?, 1);
    /// done.wait_for_completion();
    /// # Ok::<(), Error>(())
    /// ```
    pub fn enqueue_delayed<W, const ID: u64>(&self, w: W, delay: Jiffies) -> W::EnqueueOutput
    where
        W: RawDelayedWorkItem<ID> + Send + 'static,
    {
        let queue_work_on = |work: *mut bindings::work_struct| {
            // SAFETY: By the contract of `RawDelayedWorkItem` it is such a field.
            let dwork = unsafe { container_of!(work, bindings::delayed_work, work) };
            // SAFETY: By the type invariants the queue is there until the work has been run. By the
            // contract of `RawDelayedWorkItem` the structure is initialised, and remains where it is
            // until then.
            unsafe { bindings::queue_delayed_work_on(ANY_CPU, self.as_ptr(), dwork, delay) }
        };
        // SAFETY: `queue_delayed_work_on()` tells whether it has taken the item, and if so the queue
        // calls its function once, in another task, where `W` may go and live.
        unsafe { w.__enqueue(queue_work_on) }
    }

    /// Has a closure called once, by a thread of the queue.
    ///
    /// Lockdep takes all closures for one kind of work. With closures on a queue that runs in softirqs,
    /// such as [`system_bh`](super::system_bh), and on others too, it sees a deadlock that there is not:
    /// have items of your own there.
    ///
    /// # Errors
    ///
    /// If there is no memory for it; then `func` is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{sync::{atomic::{Atomic, Relaxed}, Arc, Completion}, workqueue};
    ///
    /// let state = Arc::new(Atomic::new(1), GFP_KERNEL)?;
    /// let done = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
    /// let (shared, signal) = (state.clone(), done.clone());
    /// workqueue::system().try_spawn(GFP_KERNEL, move || {
    ///     shared.store(2, Relaxed);
    ///     signal.complete_all();
    /// })?;
    /// done.wait_for_completion();
    /// assert_eq!(state.load(Relaxed), 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn try_spawn<T: 'static + Send + FnOnce()>(
        &self,
        flags: Flags,
        func: T,
    ) -> Result<(), AllocError> {
        let (name, key) = closure_class();
        let call = pin_init!(Call {
            work <- Work::new(name, key),
            func: Some(func),
        });
        self.enqueue(KBox::pin_init(call, flags).map_err(|_| AllocError)?);
        Ok(())
    }
}

/// The name and the key by which lockdep knows closures.
///
/// Not generic and not inlined: wherever `try_spawn` is built it uses this name of this key, and lockdep
/// compares names by their addresses.
#[inline(never)]
fn closure_class() -> (&'static CStr, Pin<&'static LockClassKey>) {
    (c"Queue::try_spawn", static_lock_class!())
}

/// A closure as a work item.
#[pin_data]
struct Call<T> {
    #[pin]
    work: Work<Call<T>>,
    func: Option<T>,
}

impl_has_work! {
    impl{T} HasWork<Self> for Call<T> { self.work }
}

impl<T: FnOnce()> WorkItem for Call<T> {
    type Pointer = Pin<KBox<Self>>;

    fn run(mut this: Pin<KBox<Self>>) {
        if let Some(func) = this.as_mut().project().func.take() {
            func();
        }
        // The memory is kept until here. C takes an item for the one that is running if it has the same
        // address and function, and does not begin it before: a closure that waits for another of its
        // type, which happens to get the same memory, would wait for ever.
        drop(this);
    }
}
