// SPDX-License-Identifier: GPL-2.0

//! Threads of the kernel's own.
//!
//! [`Thread::spawn`] starts a thread that runs a closure. The thread belongs to the value that it
//! returns: [`Thread::stop`] asks the closure to end, waits until it has, and gives back its result;
//! dropping the value does the same and forgets the result. So a thread never outlives what its
//! owner is part of, provided that its owner is dropped: a `Thread` that is leaked runs on, and its
//! module is not to be unloaded then.
//!
//! The closure sees that it is asked to end by [`Context::should_stop`], and an interruptible sleep
//! ends at once then.
//!
//! Linux 7.2's `kernel` crate has no such module; this one is ours.
//!
//! C header: [`include/linux/kthread.h`](srctree/include/linux/kthread.h)

use crate::{
    alloc::{flags::GFP_KERNEL, KBox},
    bindings,
    error::{from_err_ptr, to_result, Result},
    ffi::{c_int, c_void},
    init::InPlaceInit,
    str::{CStr, CStrExt},
    sync::{aref::ARef, Arc, Completion},
    task::Task,
    types::NotThreadSafe,
};

/// A running thread, which ends when this value is dropped.
///
/// # Examples
///
/// ```
/// use kernel::{c_str, kthread::Thread, new_mutex, sync::{Arc, Mutex}};
///
/// let count = Arc::pin_init(new_mutex!(0u32), GFP_KERNEL)?;
/// let counter = count.clone();
/// let thread = Thread::spawn(c_str!("counter"), move |context| {
///     while !context.should_stop() {
///         *counter.lock() += 1;
///         context.yield_now();
///     }
///     Ok(())
/// })?;
/// while *count.lock() < 3 {
///     kernel::kthread::yield_now();
/// }
/// thread.stop()?;
/// assert!(*count.lock() >= 3);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `task` is a thread that [`Thread::spawn`] made and that `kthread_stop` was not yet called for; it
/// has begun to run its closure.
#[must_use = "a thread is stopped, and waited for, as soon as its value is dropped"]
pub struct Thread {
    task: ARef<Task>,
}

/// What a new thread is given.
struct Packet<F> {
    run: F,
    /// Completed once the thread has taken the packet.
    taken: Arc<Completion>,
}

impl Thread {
    /// Starts a thread called `name` that runs `run`, and waits until it has begun.
    ///
    /// Names are cut off after 15 bytes in most places where they are shown. What the closure owns is
    /// moved to the thread's stack, which is small. Sleeps.
    ///
    /// # Errors
    ///
    /// `ENOMEM` without memory for the thread; `EINTR` when the caller is killed meanwhile.
    pub fn spawn<F>(name: &CStr, run: F) -> Result<Self>
    where
        F: FnOnce(&Context) -> Result + Send + 'static,
    {
        let taken = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
        let packet = KBox::new(
            Packet {
                run,
                taken: taken.clone(),
            },
            GFP_KERNEL,
        )?;
        let packet = KBox::into_raw(packet);
        // SAFETY: `main::<F>` takes a pointer to a boxed `Packet<F>`, which this is, and owns it then;
        // the name ends with a zero byte, and is copied.
        let created = unsafe {
            bindings::kthread_create(Some(main::<F>), packet.cast::<c_void>(), name.as_char_ptr())
        };
        let task = match from_err_ptr(created) {
            Ok(task) => task,
            Err(error) => {
                // SAFETY: No thread was made, so the packet is still ours, and came from `into_raw`.
                drop(unsafe { KBox::from_raw(packet) });
                return Err(error);
            }
        };
        // SAFETY: A created thread is alive until it has been stopped, or has run, and neither has
        // happened yet.
        let task: ARef<Task> = unsafe { &*task.cast::<Task>() }.into();
        task.wake_up();
        // A thread that is asked to stop before it runs never calls `main`, and the packet would be
        // lost: nobody gets to ask before.
        taken.wait_for_completion();
        // INVARIANT: The thread has taken its packet, and nobody else can stop it.
        Ok(Self { task })
    }

    /// The thread as a task.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// Asks the thread to end, waits until it has, and returns what its closure returned.
    ///
    /// A closure that does not look at [`Context::should_stop`] is waited for until it ends by
    /// itself. Sleeps; a thread that stops itself in this way waits for ever.
    ///
    /// # Errors
    ///
    /// The error that the closure returned.
    pub fn stop(self) -> Result {
        let this = core::mem::ManuallyDrop::new(self);
        // SAFETY: `this` is not dropped, so the reference is read once, and dropped here.
        let task = unsafe { core::ptr::read(&this.task) };
        // SAFETY: By the invariant of `Self`, the thread was not stopped before, and its structure is
        // alive by our reference.
        to_result(unsafe { bindings::kthread_stop(task.as_ptr()) })
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // SAFETY: By the invariant of `Self`, the thread was not stopped before, and its structure is
        // alive by our reference.
        unsafe { bindings::kthread_stop(self.task.as_ptr()) };
    }
}

/// What a thread's closure is given: the thread's view of itself.
///
/// It stays in the thread.
///
/// # Examples
///
/// ```
/// use kernel::{c_str, kthread::{Context, Thread}};
///
/// fn run(context: &Context) -> Result {
///     while !context.should_stop() {
///         context.yield_now();
///     }
///     Err(ECHILD)
/// }
///
/// let thread = Thread::spawn(c_str!("stopped"), run)?;
/// assert_eq!(thread.stop(), Err(ECHILD));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The current task is a kernel thread.
pub struct Context {
    _not_send: NotThreadSafe,
}

impl Context {
    /// Whether the thread is asked to end.
    #[inline]
    pub fn should_stop(&self) -> bool {
        // SAFETY: By the invariant of `Self`, the current task is a kernel thread.
        unsafe { bindings::kthread_should_stop() }
    }

    /// Lets other tasks run: [`yield_now`].
    #[inline]
    pub fn yield_now(&self) {
        yield_now();
    }
}

/// Lets the tasks run that wait for this CPU, from any context that may sleep.
///
/// Returns at once when there are none. A loop that waits for something in this way keeps its CPU
/// busy: where there is something to sleep on, such as a [`Completion`], sleep.
///
/// # Examples
///
/// ```
/// use kernel::{
///     c_str,
///     kthread::{yield_now, Thread},
///     sync::{atomic::{Atomic, Relaxed}, Arc},
/// };
///
/// let steps = Arc::new(Atomic::new(0), GFP_KERNEL)?;
/// let counter = steps.clone();
/// let thread = Thread::spawn(c_str!("counter"), move |_| {
///     counter.store(1, Relaxed);
///     Ok(())
/// })?;
/// while steps.load(Relaxed) == 0 {
///     yield_now();
/// }
/// thread.stop()?;
/// assert_eq!(steps.load(Relaxed), 1);
/// # Ok::<(), Error>(())
/// ```
#[inline]
pub fn yield_now() {
    // SAFETY: The task stays runnable, so it comes back; the scheduler itself checks the context.
    unsafe { bindings::yield_() };
}

/// The function that a new thread calls.
///
/// # Safety
///
/// `data` came from [`KBox::into_raw`] of a `Packet<F>`, and is used by nobody else; the current
/// task is a kernel thread.
unsafe extern "C" fn main<F>(data: *mut c_void) -> c_int
where
    F: FnOnce(&Context) -> Result + Send + 'static,
{
    // SAFETY: By this function's contract.
    let packet = unsafe { KBox::from_raw(data.cast::<Packet<F>>()) };
    let Packet { run, taken } = KBox::into_inner(packet);
    taken.complete_all();
    drop(taken);
    // INVARIANT: By this function's contract.
    let context = Context {
        _not_send: NotThreadSafe,
    };
    match run(&context) {
        Ok(()) => 0,
        Err(error) => error.to_errno(),
    }
}

#[macros::kunit_tests(rust_kthread)]
mod tests {
    use super::*;
    use crate::{
        alloc::KVec,
        c_str,
        error::code::{EBUSY, EINTR},
        new_condvar, new_mutex,
        sync::{
            atomic::{AtomicFlag, Full},
            global_lock, CondVar, Mutex,
        },
    };
    use pin_init::{pin_data, pin_init, PinInit};

    /// A number that threads count up, and a way to wait for it.
    #[pin_data]
    struct Counter {
        #[pin]
        value: Mutex<u32>,
        #[pin]
        changed: CondVar,
    }

    impl Counter {
        fn new() -> impl PinInit<Self> {
            pin_init!(Self {
                value <- new_mutex!(0),
                changed <- new_condvar!(),
            })
        }
    }

    #[test]
    fn a_closure_that_ends_by_itself_leaves_its_result() -> Result {
        let thread = Thread::spawn(c_str!("ends"), |_| Err(EBUSY))?;
        assert_eq!(thread.stop(), Err(EBUSY));
        let thread = Thread::spawn(c_str!("ends"), |_| Ok(()))?;
        assert_eq!(thread.stop(), Ok(()));
        Ok(())
    }

    #[test]
    fn a_thread_is_another_task() -> Result {
        let thread = Thread::spawn(c_str!("other"), |context| {
            while !context.should_stop() {
                context.yield_now();
            }
            Ok(())
        })?;
        assert!(*thread.task() != **crate::current!());
        assert!(thread.task().pid() > 0);
        Ok(())
    }

    #[test]
    fn a_sleeping_thread_is_woken_to_stop() -> Result {
        let counter = Arc::pin_init(Counter::new(), GFP_KERNEL)?;
        let shared = counter.clone();
        let thread = Thread::spawn(c_str!("sleeps"), move |context| {
            let mut value = shared.value.lock();
            *value += 1;
            shared.changed.notify_all();
            while !context.should_stop() {
                if shared.changed.wait_interruptible(&mut value) {
                    return Err(EINTR);
                }
            }
            Ok(())
        })?;
        {
            let mut value = counter.value.lock();
            while *value == 0 {
                counter.changed.wait(&mut value);
            }
        }
        // The stop either finds the thread asleep, and interrupts it, or between two sleeps.
        assert!(matches!(thread.stop(), Ok(()) | Err(EINTR)));
        Ok(())
    }

    #[test]
    fn dropping_waits_for_the_end() -> Result {
        let counter = Arc::pin_init(Counter::new(), GFP_KERNEL)?;
        let shared = counter.clone();
        let thread = Thread::spawn(c_str!("drops"), move |context| {
            while !context.should_stop() {
                context.yield_now();
            }
            *shared.value.lock() = 7;
            Ok(())
        })?;
        drop(thread);
        assert_eq!(*counter.value.lock(), 7);
        Ok(())
    }

    global_lock! {
        // SAFETY: Initialised by the one test that uses it, before its threads start.
        unsafe(uninit) static TOTAL: Mutex<u32> = 0;
    }

    #[test]
    fn a_global_lock_keeps_threads_apart() -> Result {
        static INITIALISED: AtomicFlag = AtomicFlag::new(false);
        // A test may be started again, by hand.
        if !INITIALISED.xchg(true, Full) {
            // SAFETY: Called once, before the lock is used.
            unsafe { TOTAL.init() };
        }
        *TOTAL.lock() = 0;
        let mut threads = KVec::new();
        for _ in 0..4 {
            let thread = Thread::spawn(c_str!("adds"), |context| {
                for _ in 0..100 {
                    let mut total = TOTAL.lock();
                    let before = *total;
                    // The others run now, and have to wait.
                    context.yield_now();
                    *total = before + 1;
                }
                Ok(())
            })?;
            threads.push(thread, GFP_KERNEL)?;
        }
        for thread in threads {
            thread.stop()?;
        }
        assert_eq!(*TOTAL.lock(), 400);
        Ok(())
    }

    #[test]
    fn what_the_closure_owns_is_dropped_with_it() -> Result {
        let owned = Arc::new(5u32, GFP_KERNEL)?;
        let moved = owned.clone();
        let thread = Thread::spawn(c_str!("owns"), move |_| {
            if *moved == 5 {
                Ok(())
            } else {
                Err(EBUSY)
            }
        })?;
        thread.stop()?;
        assert!(Arc::into_unique_or_drop(owned).is_some());
        Ok(())
    }
}
