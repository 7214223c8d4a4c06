// SPDX-License-Identifier: GPL-2.0

//! Queues of one's own.

use super::{Queue, RawWorkItem};
use crate::{
    alloc::{AllocError, Flags},
    bindings,
    ffi::{c_int, c_uint},
    prelude::*,
};
use core::ptr::NonNull;

/// A queue that belongs to one owner, and ends with it.
///
/// Dropping it waits until all of its work has been done; so a module that drops its queue when it is
/// unloaded leaves no work behind, and no work is lost. Work must not be what drops its own queue, as
/// the last owner of an `Arc`: it would wait for itself, for ever.
///
/// There is no work with a delay on such a queue: C does not wait for the timers of a queue that it
/// destroys, and one that came later would find the queue gone.
///
/// Linux 7.2's `kernel` crate has no such type; this one is ours.
///
/// C counterpart: `alloc_workqueue()`, `destroy_workqueue()`.
///
/// # Examples
///
/// ```
/// use kernel::{sync::{atomic::{Atomic, Relaxed}, Arc}, workqueue::OwnedQueue};
///
/// let queue = OwnedQueue::new(c"counting")?;
/// let count = Arc::new(Atomic::new(0), GFP_KERNEL)?;
/// for _ in 0..10 {
///     let count = count.clone();
///     queue.try_spawn(GFP_KERNEL, move || count.add(1, Relaxed))?;
/// }
/// drop(queue);
/// assert_eq!(count.load(Relaxed), 10);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The queue was made by one of the constructors, and has not been destroyed. Nobody enqueues work
/// with a delay on it.
pub struct OwnedQueue {
    queue: NonNull<bindings::workqueue_struct>,
}

// SAFETY: A queue belongs to no task, and can be destroyed by any.
unsafe impl Send for OwnedQueue {}

// SAFETY: `&OwnedQueue` gives what `&Queue` does, and `flush`, which takes the queue's locks in C.
unsafe impl Sync for OwnedQueue {}

impl OwnedQueue {
    /// Makes a queue whose work runs on any CPU, each item in a thread, up to a limit.
    ///
    /// `name` is cut off after 31 bytes. Sleeps, as all constructors do.
    ///
    /// # Errors
    ///
    /// `ENOMEM` without memory.
    pub fn new(name: &CStr) -> Result<Self> {
        Self::with_flags(name, bindings::wq_flags_WQ_UNBOUND)
    }

    /// Makes a queue whose work runs on the CPU that enqueued it, as it does on
    /// [`system`](super::system).
    ///
    /// # Errors
    ///
    /// `ENOMEM` without memory.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{sync::{Arc, Completion}, workqueue::OwnedQueue};
    ///
    /// let queue = OwnedQueue::per_cpu(c"near")?;
    /// let done = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
    /// let signal = done.clone();
    /// queue.try_spawn(GFP_KERNEL, move || signal.complete_all())?;
    /// done.wait_for_completion();
    /// # Ok::<(), Error>(())
    /// ```
    pub fn per_cpu(name: &CStr) -> Result<Self> {
        Self::with_flags(name, bindings::wq_flags_WQ_PERCPU)
    }

    /// Makes a queue that does its work one by one, in the order in which it was enqueued.
    ///
    /// # Errors
    ///
    /// `ENOMEM` without memory.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{new_mutex, sync::{Arc, Mutex}, workqueue::OwnedQueue};
    ///
    /// let queue = OwnedQueue::ordered(c"letters")?;
    /// let word: Arc<Mutex<KVec<u8>>> = Arc::pin_init(new_mutex!(KVec::new()), GFP_KERNEL)?;
    /// for &letter in b"queue" {
    ///     let word = word.clone();
    ///     queue.try_spawn(GFP_KERNEL, move || {
    ///         let _ = word.lock().push(letter, GFP_KERNEL);
    ///     })?;
    /// }
    /// drop(queue);
    /// assert_eq!(&word.lock()[..], b"queue");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn ordered(name: &CStr) -> Result<Self> {
        // SAFETY: The name is a string, and is copied.
        let queue = unsafe { bindings::alloc_ordered_workqueue(name.as_char_ptr(), 0) };
        Self::from_new(queue)
    }

    /// Makes a queue with some of C's `WQ_*` flags, and as many items at once as C has by default.
    fn with_flags(name: &CStr, flags: c_uint) -> Result<Self> {
        const DEFAULT: c_int = 0;
        // SAFETY: The name is a string, and is copied.
        let queue = unsafe { bindings::alloc_workqueue(name.as_char_ptr(), flags, DEFAULT) };
        Self::from_new(queue)
    }

    /// Takes over what C has made, if it has.
    fn from_new(queue: *mut bindings::workqueue_struct) -> Result<Self> {
        // INVARIANT: The constructors call this with a new queue, which nobody else has.
        Ok(Self {
            queue: NonNull::new(queue).ok_or(ENOMEM)?,
        })
    }

    /// Returns the queue, for as long as it is sure to be there, and for work without delay.
    fn queue(&self) -> &Queue {
        // SAFETY: The queue is destroyed when `self` is dropped, and drained no sooner; `self` is
        // borrowed for as long as the reference lives. By the type invariants there is no work with a
        // delay: the reference does not leave this type.
        unsafe { Queue::from_raw(self.queue.as_ptr()) }
    }

    /// Puts work on the queue, to be done as soon as a thread is free: [`Queue::enqueue`].
    ///
    /// # Errors
    ///
    /// An `Arc` or `ARef` comes back when the object is pending already, on this queue or another.
    pub fn enqueue<W, const ID: u64>(&self, w: W) -> W::EnqueueOutput
    where
        W: RawWorkItem<ID> + Send + 'static,
    {
        self.queue().enqueue(w)
    }

    /// Has a closure called once, by a thread of the queue: [`Queue::try_spawn`].
    ///
    /// # Errors
    ///
    /// If there is no memory for it; then `func` is dropped.
    pub fn try_spawn<T: 'static + Send + FnOnce()>(
        &self,
        flags: Flags,
        func: T,
    ) -> Result<(), AllocError> {
        self.queue().try_spawn(flags, func)
    }

    /// Waits until all work has been done that is on the queue now.
    ///
    /// Does not wait for what is enqueued meanwhile. Sleeps; in work of this queue it waits for
    /// itself.
    ///
    /// C counterpart: `flush_workqueue()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{sync::{atomic::{Atomic, Relaxed}, Arc}, workqueue::OwnedQueue};
    ///
    /// let queue = OwnedQueue::new(c"flushed")?;
    /// let done = Arc::new(Atomic::new(0), GFP_KERNEL)?;
    /// for round in 1..4 {
    ///     let done = done.clone();
    ///     let reader = done.clone();
    ///     queue.try_spawn(GFP_KERNEL, move || done.add(1, Relaxed))?;
    ///     queue.flush();
    ///     assert_eq!(reader.load(Relaxed), round);
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn flush(&self) {
        // SAFETY: By the type invariants there is a queue.
        unsafe { bindings::__flush_workqueue(self.queue.as_ptr()) };
    }
}

impl Drop for OwnedQueue {
    fn drop(&mut self) {
        // SAFETY: By the type invariants there is a queue, and nobody else can use it any more but its
        // own work, which C waits for. No timer is going to put work on it.
        unsafe { bindings::destroy_workqueue(self.queue.as_ptr()) };
    }
}
