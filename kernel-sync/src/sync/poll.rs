// SPDX-License-Identifier: GPL-2.0

//! Letting user space wait for several files at once: `poll()`, `select()`, `epoll` and io_uring.
//!
//! The poll operation of a file does two things: it says which events are there already, and it
//! registers the wait queues that will be notified of more. For the latter it is given a
//! [`PollTable`], and the queue is a [`PollCondVar`].
//!
//! C header: [`include/linux/poll.h`](srctree/include/linux/poll.h).

use super::{
    aref::{ARef, AlwaysRefCounted},
    atomic::{AtomicFlag, Relaxed},
    condvar::CondVar,
    rcu, LockClassKey,
};
use crate::{bindings, prelude::*};
use core::{marker::PhantomData, ops::Deref};

/// Initialises a [`PollCondVar`] with a name and a lock class of its own.
///
/// `new_poll_condvar!("name")` is a `PinInit<PollCondVar>`. Without a name, file and line serve as
/// such.
///
/// # Examples
///
/// ```
/// use kernel::{new_poll_condvar, sync::poll::PollCondVar};
///
/// let readable: Pin<KBox<PollCondVar>> =
///     KBox::pin_init(new_poll_condvar!("readable"), GFP_KERNEL)?;
/// readable.notify_all();
/// # Ok::<(), Error>(())
/// ```
///
/// [`PollCondVar`]: crate::sync::poll::PollCondVar
#[macro_export]
macro_rules! new_poll_condvar {
    ($($name:literal)? $(,)?) => {
        $crate::sync::poll::PollCondVar::new(
            $crate::__lock_name!($($name)?),
            $crate::static_lock_class!(),
        )
    };
}

/// A file that is being polled.
///
/// Not API: stands for `fs::File`, which lies in a crate above this one.
///
/// # Safety
///
/// For as long as `self` is borrowed, the pointer that `as_poll_file` returns must be to a `struct
/// file` with a reference count above zero.
#[doc(hidden)]
#[diagnostic::on_unimplemented(message = "`{Self}` is not a file")]
pub unsafe trait PollFile {
    /// Returns the C object.
    fn as_poll_file(&self) -> *mut bindings::file;
}

// What method calls with `&File` as a parameter would accept by dereferencing.

// SAFETY: It is the same file.
unsafe impl<F: PollFile + ?Sized> PollFile for &F {
    fn as_poll_file(&self) -> *mut bindings::file {
        (**self).as_poll_file()
    }
}

// SAFETY: It is the same file.
unsafe impl<F: PollFile + AlwaysRefCounted> PollFile for ARef<F> {
    fn as_poll_file(&self) -> *mut bindings::file {
        (**self).as_poll_file()
    }
}

/// Where a file's poll operation registers the queues that the polling task is to wait in.
///
/// There is one for each call of the operation, and often it registers nothing: when the task is not
/// going to sleep.
///
/// C counterpart: [`struct poll_table_struct`].
///
/// # Invariants
///
/// `table` is null, which registers nothing, or points to a valid `poll_table` for all of `'a`.
///
/// # Examples
///
/// The way from C:
///
/// ```
/// use kernel::{bindings, sync::poll::PollTable};
///
/// /// # Safety
/// ///
/// /// `table` must be what the `poll` file operation was called with.
/// unsafe fn has_table(table: *mut bindings::poll_table) -> bool {
///     // SAFETY: It is null or valid until the operation returns, thus longer than this function.
///     let _table = unsafe { PollTable::from_raw(table) };
///     // Here the safe part would call `register_wait`.
///     !table.is_null()
/// }
///
/// // SAFETY: This is what it is called with when nobody is going to wait.
/// assert!(!unsafe { has_table(core::ptr::null_mut()) });
/// ```
///
/// [`struct poll_table_struct`]: srctree/include/linux/poll.h
#[repr(transparent)]
pub struct PollTable<'a> {
    table: *mut bindings::poll_table,
    _lifetime: PhantomData<&'a bindings::poll_table>,
}

impl<'a> PollTable<'a> {
    /// Makes the table out of what C hands to a poll operation.
    ///
    /// # Safety
    ///
    /// `table` must be null, or for all of `'a` point to a `poll_table` that the current task may
    /// use.
    pub unsafe fn from_raw(table: *mut bindings::poll_table) -> Self {
        // INVARIANT: The caller says so.
        Self {
            table,
            _lifetime: PhantomData,
        }
    }

    /// Registers `cv`: when it is notified, the task that polls `file` looks again.
    ///
    /// `file` is the file (`fs::File`, `fs::LocalFile`, or an `ARef` of one) that the poll operation
    /// was called for. Register first and look at the state afterwards: the other way round, a
    /// notification in between is lost.
    pub fn register_wait<F: PollFile + ?Sized>(&self, file: &F, cv: &PollCondVar) {
        // Even when the table turns out to register nothing: then dropping `cv` takes longer than it
        // needs to.
        cv.registered.store(true, Relaxed);

        let file = file.as_poll_file();
        let queue = cv.wait_queue_head.get();
        // SAFETY: The file is alive, by the contract of `PollFile`; the queue is initialised; and the
        // table is null or valid by the type invariants. What gets registered in the queue is gone
        // before the queue is: see the drop of `PollCondVar`.
        unsafe { bindings::poll_wait(file, queue, self.table) }
    }
}

/// A [`CondVar`] that files can be polled on.
///
/// It does all that a `CondVar` does, besides being fit for [`PollTable::register_wait`].
///
/// # Dropping
///
/// What was registered may outlive the call that registered it, even the file descriptor, so before a
/// `PollCondVar` goes away it drives everybody out:
///
/// - epoll, io_uring and asynchronous I/O are told, and forget it; then an RCU grace period passes.
/// - Tasks blocked in `poll()` or `select()` are woken again and again until they have left. For them
///   to leave, the file's poll operation must report an event by then, such as a hang-up.
///
/// So dropping may sleep, and never ends in the very poll operation that registered it. One that was
/// never registered is dropped at once.
///
/// # Examples
///
/// ```
/// use kernel::{new_poll_condvar, sync::{new_mutex, poll::PollCondVar, Mutex}};
///
/// #[pin_data]
/// struct Channel {
///     #[pin]
///     bytes: Mutex<usize>,
///     /// For readers that block, and for those that poll.
///     #[pin]
///     readable: PollCondVar,
/// }
///
/// impl Channel {
///     fn write(&self, len: usize) {
///         *self.bytes.lock() += len;
///         self.readable.notify_all();
///     }
/// }
///
/// let channel = KBox::pin_init(
///     pin_init!(Channel {
///         bytes <- new_mutex!(0, "Channel::bytes"),
///         readable <- new_poll_condvar!("Channel::readable"),
///     }),
///     GFP_KERNEL,
/// )?;
/// channel.write(4);
/// assert_eq!(*channel.bytes.lock(), 4);
/// # Ok::<(), Error>(())
/// ```
#[pin_data(PinnedDrop)]
pub struct PollCondVar {
    #[pin]
    inner: CondVar,
    /// Whether anything but a task in a `wait` function can ever have been in the queue.
    registered: AtomicFlag,
}

impl PollCondVar {
    /// Initialises a condition variable for polling, with nobody waiting.
    ///
    /// `name` and `key` are for the lock inside it; [`new_poll_condvar!`](crate::new_poll_condvar)
    /// supplies both.
    pub fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self> {
        pin_init!(Self {
            inner <- CondVar::new(name, key),
            registered: AtomicFlag::new(false),
        })
    }
}

impl Deref for PollCondVar {
    type Target = CondVar;

    fn deref(&self) -> &CondVar {
        &self.inner
    }
}

#[pinned_drop]
impl PinnedDrop for PollCondVar {
    fn drop(self: Pin<&mut Self>) {
        if !self.registered.load(Relaxed) {
            return;
        }
        let queue = self.inner.wait_queue_head.get();

        // Those that are not tasks unlink themselves when they see this. `wake_up_pollfree()` would
        // send the same and then take it for a bug if anybody is left.
        //
        // SAFETY: `CondVar::new` has initialised the queue.
        unsafe { bindings::wake_up_poll_hangup(queue) };

        // Those that are tasks unlink themselves when their system call returns. They keep a pointer
        // to the queue until then; there is no other way than to wait.
        //
        // SAFETY: As above.
        while !unsafe { bindings::wait_queue_is_empty(queue) } {
            // With a null key, as somebody may not be interested in hang-ups.
            self.inner.notify_all();
            // SAFETY: Dropping may sleep, as its documentation says.
            unsafe { bindings::schedule_timeout_uninterruptible(1) };
        }

        // Those that unlinked themselves above may still look at the queue, or wait for its lock,
        // inside of RCU read-side critical sections.
        rcu::synchronize();
    }
}

#[kunit_tests(rust_sync_poll)]
mod tests {
    use super::*;
    use crate::{
        sync::{atomic::Atomic, new_mutex, Arc, CondVarTimeoutResult},
        types::Opaque,
    };
    use core::ptr;

    /// Stands for a file; the table below never looks at it.
    struct NoFile;

    // SAFETY: Does not keep to the contract; the only users are tables of this module, which ignore
    // the file.
    unsafe impl PollFile for NoFile {
        fn as_poll_file(&self) -> *mut bindings::file {
            ptr::null_mut()
        }
    }

    /// What does the polling in these tests: a table, and the one entry it registers.
    #[pin_data]
    #[repr(C)]
    struct Poller {
        // First, for C to give back a pointer to it that is also one to the poller.
        #[pin]
        table: Opaque<bindings::poll_table>,
        #[pin]
        entry: Opaque<bindings::wait_queue_entry>,
        /// How often the entry was notified.
        woken: Atomic<i32>,
        /// At which notification it goes, if it does not go with the queue.
        stays_until: Option<i32>,
    }

    impl Poller {
        fn new(stays_until: Option<i32>) -> impl PinInit<Self> {
            pin_init!(Self {
                stays_until,
                table: Opaque::new(bindings::poll_table {
                    _qproc: Some(register),
                    _key: !0,
                }),
                entry: Opaque::zeroed(),
                woken: Atomic::new(0),
            })
        }

        fn table(&self) -> PollTable<'_> {
            // SAFETY: The table is initialised and borrowed for as long.
            unsafe { PollTable::from_raw(self.table.get()) }
        }
    }

    /// A `poll_queue_proc`: puts the poller's entry into the queue.
    ///
    /// # Safety
    ///
    /// `table` must be the first field of a `Poller`, which is registered nowhere else and outlives
    /// the queue.
    unsafe extern "C" fn register(
        _file: *mut bindings::file,
        queue: *mut bindings::wait_queue_head_t,
        table: *mut bindings::poll_table,
    ) {
        // SAFETY: The table is the first field of a `Poller`, which is `repr(C)`.
        let poller = unsafe { &*table.cast::<Poller>() };
        // SAFETY: The entry is not in a queue yet; whoever calls this twice is a broken test.
        unsafe {
            *poller.entry.get() = bindings::wait_queue_entry {
                private: table.cast(),
                func: Some(wake),
                ..Default::default()
            }
        };
        // SAFETY: Both are initialised. The entry is unlinked by `wake` before it goes away.
        unsafe { bindings::add_wait_queue(queue, poller.entry.get()) };
    }

    /// A wake function. Like that of epoll, it goes when the queue goes; or it has the entry leave at
    /// some time later, as a task does that was blocked.
    ///
    /// # Safety
    ///
    /// `entry` must be the entry of a `Poller`, in a queue whose lock is held.
    unsafe extern "C" fn wake(
        entry: *mut bindings::wait_queue_entry,
        _mode: c_uint,
        _flags: c_int,
        key: *mut c_void,
    ) -> c_int {
        // SAFETY: The entry is initialised.
        let poller = unsafe { (*entry).private.cast::<Poller>() };
        // SAFETY: `register` has put its poller there.
        let poller = unsafe { &*poller };
        poller.woken.add(1, Relaxed);
        let goes = match poller.stays_until {
            Some(count) => poller.woken.load(Relaxed) == count,
            // Bit 14 is `POLLFREE`.
            None => key.addr() & 0x4000 != 0,
        };
        if goes {
            // SAFETY: The entry is initialised; its links don't change, as the queue's lock is held.
            let links = unsafe { (*entry).entry };
            // SAFETY: As above: the neighbours are in the queue.
            unsafe { (*links.prev).next = links.next };
            // SAFETY: As above.
            unsafe { (*links.next).prev = links.prev };
        }
        1
    }

    #[test]
    fn null_table_registers_nothing() -> Result {
        let condvar = KBox::pin_init(new_poll_condvar!("poll condvar"), GFP_KERNEL)?;
        // SAFETY: A table may be null.
        let table = unsafe { PollTable::from_raw(ptr::null_mut()) };
        table.register_wait(&NoFile, &condvar);
        // SAFETY: The queue is initialised.
        assert!(unsafe { bindings::wait_queue_is_empty(condvar.wait_queue_head.get()) });
        Ok(())
    }

    #[test]
    fn notifications_reach_pollers() -> Result {
        let poller = KBox::pin_init(Poller::new(None), GFP_KERNEL)?;
        let condvar = KBox::pin_init(new_poll_condvar!(), GFP_KERNEL)?;

        condvar.notify_all();
        assert_eq!(poller.woken.load(Relaxed), 0);

        poller.table().register_wait(&&NoFile, &condvar);
        condvar.notify_one();
        condvar.notify_all();
        condvar.notify_sync();
        assert_eq!(poller.woken.load(Relaxed), 3);

        // The last wake-up says that the queue goes away.
        drop(condvar);
        assert_eq!(poller.woken.load(Relaxed), 4);
        Ok(())
    }

    #[test]
    fn many_pollers() -> Result {
        let mut pollers = KVec::new();
        for _ in 0..5 {
            pollers.push(KBox::pin_init(Poller::new(None), GFP_KERNEL)?, GFP_KERNEL)?;
        }
        let condvar = KBox::pin_init(new_poll_condvar!(), GFP_KERNEL)?;
        for poller in &pollers {
            poller.table().register_wait(&NoFile, &condvar);
        }
        // Pollers don't compete for a notification of one.
        condvar.notify_one();
        drop(condvar);
        let woken: i32 = pollers
            .iter()
            .map(|poller| poller.woken.load(Relaxed))
            .sum();
        assert_eq!(woken, 10);
        Ok(())
    }

    /// A task that polls has a pointer to the queue until it returns, so the queue stays until then.
    #[test]
    fn drop_waits_for_those_who_stay() -> Result {
        let stays = KBox::pin_init(Poller::new(Some(4)), GFP_KERNEL)?;
        let goes = KBox::pin_init(Poller::new(None), GFP_KERNEL)?;
        let condvar = KBox::pin_init(new_poll_condvar!(), GFP_KERNEL)?;
        stays.table().register_wait(&NoFile, &condvar);
        goes.table().register_wait(&NoFile, &condvar);

        drop(condvar);
        // Asked to leave once by the hang-up, then until it did.
        assert_eq!(stays.woken.load(Relaxed), 4);
        assert_eq!(goes.woken.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn waits_like_a_condvar() -> Result {
        let mutex = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
        let condvar = Arc::pin_init(new_poll_condvar!(), GFP_KERNEL)?;
        let result = condvar.wait_interruptible_timeout(&mut mutex.lock(), 1);
        assert!(matches!(result, CondVarTimeoutResult::Timeout));
        Ok(())
    }
}
