// SPDX-License-Identifier: GPL-2.0

//! Condition variables: sleeping until data behind a lock changes.

use super::{
    lock::{Backend, Guard},
    LockClassKey,
};
use crate::{bindings, prelude::*, types::Opaque};
use core::ptr;

/// Initialises a [`CondVar`] with a name and a lock class of its own.
///
/// `new_condvar!("name")` is a `PinInit<CondVar>`. Without a name, file and line serve as such.
///
/// # Examples
///
/// ```
/// use kernel::sync::{new_condvar, CondVar};
///
/// let changed = KBox::pin_init(new_condvar!("changed"), GFP_KERNEL)?;
///
/// // Nobody waits: nothing happens.
/// changed.notify_all();
/// # Ok::<(), Error>(())
/// ```
///
/// [`CondVar`]: crate::sync::CondVar
#[macro_export]
macro_rules! new_condvar {
    ($($name:literal)? $(,)?) => {
        $crate::sync::CondVar::new($crate::__lock_name!($($name)?), $crate::static_lock_class!())
    };
}
pub use new_condvar;

/// A queue of tasks that wait for a change of data behind a lock.
///
/// A task that finds the data not as it needs it calls one of the `wait` functions with its guard.
/// That gives up the lock, sleeps, and acquires the lock again before it returns. Whoever changes the
/// data then calls one of the `notify` functions, with the lock held or after.
///
/// - No notification is lost between giving up the lock and falling asleep: the task is in the queue
///   before the lock is free.
/// - Waits may end for no reason, and by the time the lock is held again the data may be different
///   once more. So wait in a loop that looks at the data.
/// - One wake-up of [`notify_one`] is for one task that is still asleep. A task that is already on its
///   way out, because of a signal or a timeout, does not use it up.
///
/// The guard's lock is released while waiting, *other* locks are not: hold no other spinlock, and mind
/// who needs the mutexes you hold.
///
/// C counterpart: [`wait_queue_head_t`].
///
/// # Examples
///
/// A queue whose readers sleep while it is empty:
///
/// ```
/// use kernel::sync::{new_condvar, new_mutex, CondVar, Mutex};
///
/// #[pin_data]
/// struct Queue {
///     #[pin]
///     items: Mutex<KVec<u32>>,
///     #[pin]
///     pushed: CondVar,
/// }
///
/// impl Queue {
///     fn push(&self, item: u32) -> Result {
///         self.items.lock().push(item, GFP_KERNEL)?;
///         self.pushed.notify_one();
///         Ok(())
///     }
///
///     /// Takes an item; sleeps until there is one, or a signal arrives.
///     fn pop(&self) -> Result<u32> {
///         let mut items = self.items.lock();
///         loop {
///             if let Some(item) = items.pop() {
///                 return Ok(item);
///             }
///             if self.pushed.wait_interruptible(&mut items) {
///                 return Err(ERESTARTSYS);
///             }
///         }
///     }
/// }
///
/// let queue = KBox::pin_init(
///     pin_init!(Queue {
///         items <- new_mutex!(KVec::new(), "Queue::items"),
///         pushed <- new_condvar!("Queue::pushed"),
///     }),
///     GFP_KERNEL,
/// )?;
///
/// queue.push(5)?;
/// assert_eq!(queue.pop()?, 5);
/// # Ok::<(), Error>(())
/// ```
///
/// [`notify_one`]: CondVar::notify_one
/// [`wait_queue_head_t`]: srctree/include/linux/wait.h
#[pin_data]
pub struct CondVar {
    #[pin]
    pub(super) wait_queue_head: Opaque<bindings::wait_queue_head>,
}

// SAFETY: A queue in which nobody waits (waiting borrows it) belongs to no task.
unsafe impl Send for CondVar {}

// SAFETY: A wait queue head has a lock of its own, which every C function called here takes.
unsafe impl Sync for CondVar {}

impl CondVar {
    /// Initialises a condition variable, with nobody waiting.
    ///
    /// `name` and `key` are for the lock inside it; [`new_condvar!`] supplies both.
    pub fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self> {
        pin_init!(Self {
            wait_queue_head <- Opaque::ffi_init(|head| {
                // SAFETY: `ffi_init` gives memory that is valid for writes and stays in place. `name`
                // and `key` live for ever.
                unsafe { bindings::__init_waitqueue_head(head, name.as_char_ptr(), key.as_ptr()) }
            }),
        })
    }

    /// Puts the current task into the queue, gives up the lock, and sleeps.
    ///
    /// `state` says what wakes it besides a notification; `timeout` is in jiffies, from 0 to
    /// [`MAX_SCHEDULE_TIMEOUT`], which stands for ever. Returns how much of it is left.
    fn wait_internal<T: ?Sized, B: Backend>(
        &self,
        state: c_uint,
        guard: &mut Guard<'_, T, B>,
        timeout: c_long,
    ) -> c_long {
        let head = self.wait_queue_head.get();
        let entry = Opaque::<bindings::wait_queue_entry>::uninit();

        // SAFETY: `entry` is valid for writes. It is on the stack of this function, and does not move.
        unsafe { bindings::init_wait(entry.get()) };

        // From here on a notification makes the task runnable again, whether it sleeps by then or
        // not: the lock may go.
        //
        // SAFETY: `head` was initialised by `new` and `entry` just now; the latter is taken off the
        // queue below, before it goes away.
        unsafe { bindings::prepare_to_wait_exclusive(head, entry.get(), state as c_int) };

        guard.do_unlocked(|| {
            // SAFETY: A task may sleep here unless it holds a spinlock, and then this reports it. The
            // timeout is not negative.
            let left = unsafe { bindings::schedule_timeout(timeout) };

            // Before the lock is acquired again, which may take long: left in the queue, this task
            // could be given a notification that another one needs.
            //
            // SAFETY: The same queue and entry as above.
            unsafe { bindings::finish_wait(head, entry.get()) };
            left
        })
    }

    /// Sleeps until notified; signals don't matter.
    ///
    /// May return without a notification, too: see [`CondVar`].
    pub fn wait<T: ?Sized, B: Backend>(&self, guard: &mut Guard<'_, T, B>) {
        self.wait_internal(bindings::TASK_UNINTERRUPTIBLE, guard, MAX_SCHEDULE_TIMEOUT);
    }

    /// Sleeps until notified, or until the task has a signal to handle.
    ///
    /// Returns whether there is a signal.
    #[must_use = "tells whether a signal is pending, which the caller has to act upon"]
    pub fn wait_interruptible<T: ?Sized, B: Backend>(&self, guard: &mut Guard<'_, T, B>) -> bool {
        self.wait_internal(bindings::TASK_INTERRUPTIBLE, guard, MAX_SCHEDULE_TIMEOUT);
        current_signal_pending()
    }

    /// As [`CondVar::wait_interruptible`], but does not keep the system from suspending.
    ///
    /// A task that sleeps here may be frozen where it is, with all it holds. It must hold no lock but
    /// that of `guard`.
    #[must_use = "tells whether a signal is pending, which the caller has to act upon"]
    pub fn wait_interruptible_freezable<T: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, T, B>,
    ) -> bool {
        self.wait_internal(
            bindings::TASK_INTERRUPTIBLE | bindings::TASK_FREEZABLE,
            guard,
            MAX_SCHEDULE_TIMEOUT,
        );
        current_signal_pending()
    }

    /// Sleeps until notified, until the task has a signal to handle, or until `jiffies` have passed.
    ///
    /// A wait of more than [`c_long::MAX`] jiffies has no timeout.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::{new_condvar, new_mutex, CondVarTimeoutResult};
    ///
    /// let ready = KBox::pin_init(new_mutex!(false), GFP_KERNEL)?;
    /// let changed = KBox::pin_init(new_condvar!(), GFP_KERNEL)?;
    ///
    /// let mut guard = ready.lock();
    /// let mut left = 2;
    /// let timed_out = loop {
    ///     if *guard {
    ///         break false;
    ///     }
    ///     match changed.wait_interruptible_timeout(&mut guard, left) {
    ///         CondVarTimeoutResult::Woken { jiffies } => left = jiffies,
    ///         CondVarTimeoutResult::Timeout => break true,
    ///         CondVarTimeoutResult::Signal { .. } => return Err(ERESTARTSYS),
    ///     }
    /// };
    ///
    /// // Nobody has set it.
    /// assert!(timed_out);
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use = "tells why the wait ended, which the caller has to act upon"]
    pub fn wait_interruptible_timeout<T: ?Sized, B: Backend>(
        &self,
        guard: &mut Guard<'_, T, B>,
        jiffies: c_ulong,
    ) -> CondVarTimeoutResult {
        let timeout = c_long::try_from(jiffies).unwrap_or(MAX_SCHEDULE_TIMEOUT);
        let left = self.wait_internal(bindings::TASK_INTERRUPTIBLE, guard, timeout);

        // `schedule_timeout` never returns less than zero.
        let jiffies = left.unsigned_abs();
        if current_signal_pending() {
            CondVarTimeoutResult::Signal { jiffies }
        } else if jiffies == 0 {
            CondVarTimeoutResult::Timeout
        } else {
            CondVarTimeoutResult::Woken { jiffies }
        }
    }

    /// Wakes one task, if any waits, and hints that the current one is about to sleep itself.
    ///
    /// The scheduler then need not preempt the current task, nor move the other one to another CPU.
    pub fn notify_sync(&self) {
        // SAFETY: `new` has initialised the queue.
        unsafe { bindings::__wake_up_sync(self.wait_queue_head.get(), bindings::TASK_NORMAL) };
    }

    /// Wakes one task, if any waits.
    ///
    /// It is not remembered when nobody does.
    pub fn notify_one(&self) {
        self.notify(1);
    }

    /// Wakes all tasks that wait.
    ///
    /// It is not remembered when nobody does.
    pub fn notify_all(&self) {
        self.notify(0);
    }

    /// Wakes `count` of the tasks that wait; 0 stands for all.
    fn notify(&self, count: c_int) {
        let head = self.wait_queue_head.get();
        // SAFETY: `new` has initialised the queue. Wake functions take a null key for any event.
        unsafe { bindings::__wake_up(head, bindings::TASK_NORMAL, count, ptr::null_mut()) };
    }
}

/// C's `MAX_SCHEDULE_TIMEOUT`: no timeout.
const MAX_SCHEDULE_TIMEOUT: c_long = c_long::MAX;

/// Returns whether the current task has a signal to handle.
fn current_signal_pending() -> bool {
    // SAFETY: May be called from any task; interrupt handlers don't wait.
    unsafe { bindings::current_signal_pending() != 0 }
}

/// Why [`CondVar::wait_interruptible_timeout`] has returned.
///
/// `jiffies` is how much of the timeout was left.
///
/// # Examples
///
/// ```
/// use kernel::sync::CondVarTimeoutResult;
///
/// /// What to wait with next, if at all.
/// fn left(result: CondVarTimeoutResult) -> Result<usize> {
///     match result {
///         CondVarTimeoutResult::Woken { jiffies } => Ok(jiffies),
///         CondVarTimeoutResult::Timeout => Err(ETIMEDOUT),
///         CondVarTimeoutResult::Signal { .. } => Err(ERESTARTSYS),
///     }
/// }
///
/// assert_eq!(left(CondVarTimeoutResult::Woken { jiffies: 3 }), Ok(3));
/// assert_eq!(left(CondVarTimeoutResult::Timeout), Err(ETIMEDOUT));
/// ```
#[derive(Debug)]
pub enum CondVarTimeoutResult {
    /// The time is over.
    Timeout,
    /// Somebody called a `notify` function; or nobody did: look at the data.
    Woken {
        /// What is left of the timeout, to go on waiting with.
        jiffies: c_ulong,
    },
    /// A signal is pending.
    Signal {
        /// What is left of the timeout.
        jiffies: c_ulong,
    },
}

#[kunit_tests(rust_sync_condvar)]
mod tests {
    use super::*;
    use crate::sync::{new_mutex, new_spinlock};

    #[test]
    fn notifying_nobody() -> Result {
        let condvar = KBox::pin_init(new_condvar!(), GFP_KERNEL)?;
        condvar.notify_one();
        condvar.notify_all();
        condvar.notify_sync();
        Ok(())
    }

    #[test]
    fn timeout_with_a_mutex() -> Result {
        let mutex = KBox::pin_init(new_mutex!(1), GFP_KERNEL)?;
        let condvar = KBox::pin_init(new_condvar!("condvar"), GFP_KERNEL)?;

        let mut guard = mutex.lock();
        for jiffies in [0, 1, 3] {
            let result = condvar.wait_interruptible_timeout(&mut guard, jiffies);
            assert!(matches!(result, CondVarTimeoutResult::Timeout));
            // The lock is held again.
            assert!(mutex.try_lock().is_none());
            *guard += 1;
        }
        assert_eq!(*guard, 4);
        Ok(())
    }

    #[test]
    fn timeout_with_a_spinlock() -> Result {
        let spinlock = KBox::pin_init(new_spinlock!(1), GFP_KERNEL)?;
        let condvar = KBox::pin_init(new_condvar!("condvar",), GFP_KERNEL)?;

        let mut guard = spinlock.lock();
        let result = condvar.wait_interruptible_timeout(&mut guard, 1);
        assert!(matches!(result, CondVarTimeoutResult::Timeout));
        assert!(spinlock.try_lock().is_none());
        Ok(())
    }

    #[test]
    fn notifications_are_not_remembered() -> Result {
        let mutex = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
        let condvar = KBox::pin_init(new_condvar!(), GFP_KERNEL)?;

        let mut guard = mutex.lock();
        condvar.notify_all();
        let result = condvar.wait_interruptible_timeout(&mut guard, 1);
        assert!(matches!(result, CondVarTimeoutResult::Timeout));
        Ok(())
    }

    /// However a wait ends, its entry on the stack is off the queue.
    #[test]
    fn queue_is_empty_after_a_wait() -> Result {
        let mutex = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
        let condvar = KBox::pin_init(new_condvar!(), GFP_KERNEL)?;

        let mut guard = mutex.lock();
        let _ = condvar.wait_interruptible_timeout(&mut guard, 1);
        // SAFETY: The queue is initialised.
        assert!(unsafe { bindings::wait_queue_is_empty(condvar.wait_queue_head.get()) });
        Ok(())
    }
}
