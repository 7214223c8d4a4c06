// SPDX-License-Identifier: GPL-2.0

//! What all locks have in common: data that can only be reached through a guard.
//!
//! [`Lock<T, B>`] joins a value with a lock of kind `B`; [`Guard`] proves that the lock is held and
//! gives it up when it is dropped. What differs from one kind to the next is in small
//! implementations of [`Backend`]: [`mutex`], [`spinlock`].

use crate::{
    bindings,
    prelude::*,
    sync::LockClassKey,
    types::{NotThreadSafe, Opaque},
};
use core::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
};
use pin_init::Wrapper;

pub(super) mod global;
pub mod mutex;
pub mod spinlock;

pub use global::{GlobalGuard, GlobalLock, GlobalLockBackend, GlobalLockedBy};

/// A kind of lock.
///
/// # Safety
///
/// - Once [`init`] has run on a `State`, which from then on stays in place, mutual exclusion must
///   hold: from the moment [`lock`] or [`relock`] returns, or [`try_lock`] returns `Some`, until the
///   next [`unlock`], no other call of those three may succeed on it. That includes calls by the
///   same task or by an interrupt handler on the same CPU: they have to wait for ever, fail, or stop
///   the kernel.
/// - What happens before an `unlock` must be visible after the acquisition that comes next.
/// - It must be fine to use an initialised `State` from any task, and to give up its memory, while
///   nobody holds it, without further ado.
///
/// [`init`]: Backend::init
/// [`lock`]: Backend::lock
/// [`relock`]: Backend::relock
/// [`try_lock`]: Backend::try_lock
/// [`unlock`]: Backend::unlock
pub unsafe trait Backend {
    /// The lock itself, as C has it.
    type State;

    /// What has to be remembered between acquiring the lock and giving it up.
    type GuardState;

    /// Initialises a lock, not held.
    ///
    /// # Safety
    ///
    /// `ptr` must be valid for writes, and the lock must not be in use. `name` must be a string and
    /// `key` a lock class key, static or registered; both must stay valid for as long as the lock.
    unsafe fn init(ptr: *mut Self::State, name: *const c_char, key: *mut bindings::lock_class_key);

    /// Acquires the lock; waits if it is held.
    ///
    /// # Safety
    ///
    /// [`Backend::init`] must have been called on `ptr`, and the lock must still be there.
    #[must_use]
    unsafe fn lock(ptr: *mut Self::State) -> Self::GuardState;

    /// Acquires the lock if that is possible at once.
    ///
    /// # Safety
    ///
    /// As for [`Backend::lock`].
    unsafe fn try_lock(ptr: *mut Self::State) -> Option<Self::GuardState>;

    /// Gives the lock up.
    ///
    /// # Safety
    ///
    /// The current task must hold the lock, `guard_state` must come from when it was acquired, and
    /// the data behind the lock must not be accessed any more.
    unsafe fn unlock(ptr: *mut Self::State, guard_state: &Self::GuardState);

    /// Acquires the lock again after it was given up for a while.
    ///
    /// # Safety
    ///
    /// As for [`Backend::lock`]; `guard_state` must come from an earlier acquisition by the current
    /// task, ended by [`Backend::unlock`].
    unsafe fn relock(ptr: *mut Self::State, guard_state: &mut Self::GuardState) {
        // SAFETY: The caller keeps to the clauses of `lock`.
        *guard_state = unsafe { Self::lock(ptr) };
    }

    /// Complains if the lock validator is at work and finds that the current task does not hold the
    /// lock.
    ///
    /// # Safety
    ///
    /// As for [`Backend::lock`].
    unsafe fn assert_is_held(ptr: *mut Self::State);
}

/// A value that only the holder of a lock can reach.
///
/// Use it through one of its aliases, [`Mutex`] and [`SpinLock`].
///
/// A lock is initialised in place and pinned, since C links it into lists and lockdep knows it by its
/// address. The value inside is pinned with it.
///
/// # Invariants
///
/// `state` has been initialised by `B::init`, with a name and a key that live as long. `data` is
/// accessed by nobody but the holder of the lock.
///
/// # Examples
///
/// Code that works with any kind of lock:
///
/// ```
/// use kernel::sync::{lock::{Backend, Lock}, new_mutex, new_spinlock};
///
/// fn take<T, B: Backend>(lock: &Lock<Option<T>, B>) -> Option<T>
/// where
///     T: Unpin,
/// {
///     lock.lock().take()
/// }
///
/// let mutex = KBox::pin_init(new_mutex!(Some(1)), GFP_KERNEL)?;
/// let spinlock = KBox::pin_init(new_spinlock!(Some(2)), GFP_KERNEL)?;
///
/// assert_eq!(take(&mutex), Some(1));
/// assert_eq!(take(&spinlock), Some(2));
/// assert_eq!(take(&mutex), None);
/// # Ok::<(), Error>(())
/// ```
///
/// [`Mutex`]: mutex::Mutex
/// [`SpinLock`]: spinlock::SpinLock
// `from_raw` needs the state at offset zero.
#[repr(C)]
#[pin_data]
pub struct Lock<T: ?Sized, B: Backend> {
    #[pin]
    state: Opaque<B::State>,
    #[pin]
    data: UnsafeCell<T>,
}

impl<B: Backend> Lock<(), B> {
    /// Makes a lock of C usable as one of Rust.
    ///
    /// The data it protects is not known to Rust; it is up to the caller to touch that only while
    /// holding a guard.
    ///
    /// # Safety
    ///
    /// For all of `'a`, `ptr` must point to an initialised lock that stays in place.
    pub unsafe fn from_raw<'a>(ptr: *mut B::State) -> &'a Self {
        // INVARIANT: The state is initialised, by the caller's promise, and there is no data.
        //
        // SAFETY: `Self` is `repr(C)`: `Opaque<B::State>`, which has the layout of `B::State`,
        // followed by a value without size or alignment. By the caller's promise a `State` is there.
        unsafe { &*ptr.cast() }
    }
}

impl<T, B: Backend> Lock<T, B> {
    /// Initialises a lock, not held, around what `value` initialises.
    ///
    /// `name` is what debugging output calls the lock, and `key` says which class lockdep counts it
    /// among. The macros [`new_mutex!`] and [`new_spinlock!`] supply both.
    ///
    /// [`new_mutex!`]: crate::sync::new_mutex
    /// [`new_spinlock!`]: crate::sync::new_spinlock
    pub fn new(
        value: impl PinInit<T>,
        name: &'static CStr,
        key: Pin<&'static LockClassKey>,
    ) -> impl PinInit<Self> {
        // INVARIANT: `state` is initialised; `name` and `key` live for ever.
        pin_init!(Self {
            data <- UnsafeCell::pin_init(value),
            state <- Opaque::ffi_init(|state| {
                // SAFETY: `ffi_init` gives memory that is valid for writes and that nobody uses yet.
                // `name` is a string, `key` a key, and both are borrowed for `'static`.
                unsafe { B::init(state, name.as_char_ptr(), key.as_ptr()) }
            }),
        })
    }
}

impl<T: ?Sized, B: Backend> Lock<T, B> {
    /// Returns where the data is, to tell locks apart by.
    pub(super) fn data_ptr(&self) -> *const T {
        self.data.get()
    }

    /// Acquires the lock and returns the way to its data.
    ///
    /// Waits, in the manner of the kind of lock, until nobody else holds it. A task that already
    /// holds the lock waits for ever.
    #[inline]
    pub fn lock(&self) -> Guard<'_, T, B> {
        // SAFETY: By the type invariants the state is initialised, and `&self` keeps it in place.
        let state = unsafe { B::lock(self.state.get()) };
        // INVARIANT: The lock was just acquired.
        Guard {
            lock: self,
            state,
            _not_send: NotThreadSafe,
        }
    }

    /// Acquires the lock if nobody holds it; never waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::new_mutex;
    ///
    /// let mutex = KBox::pin_init(new_mutex!(5), GFP_KERNEL)?;
    ///
    /// let guard = mutex.lock();
    /// assert!(mutex.try_lock().is_none());
    ///
    /// drop(guard);
    /// assert!(mutex.try_lock().is_some_and(|value| *value == 5));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use = "the lock is given up again when the guard is dropped"]
    #[inline]
    pub fn try_lock(&self) -> Option<Guard<'_, T, B>> {
        // SAFETY: By the type invariants the state is initialised, and `&self` keeps it in place.
        let state = unsafe { B::try_lock(self.state.get()) }?;
        // INVARIANT: The lock was just acquired.
        Some(Guard {
            lock: self,
            state,
            _not_send: NotThreadSafe,
        })
    }
}

// SAFETY: A lock that nobody holds belongs to no task (last clause of `Backend`), so it may go
// wherever its value may.
unsafe impl<T: ?Sized + Send, B: Backend> Send for Lock<T, B> {}

// SAFETY: Sharing a lock lets each task in turn have `&mut T`, one at a time (first two clauses of
// `Backend`): that is no more than sending the value back and forth.
unsafe impl<T: ?Sized + Send, B: Backend> Sync for Lock<T, B> {}

/// A lock that is held, and the way to its data.
///
/// Dropping the guard gives the lock up. A guard stays in the task that acquired the lock: it is not
/// [`Send`].
///
/// # Invariants
///
/// The current task holds `lock`, and `state` comes from when it acquired it.
///
/// # Examples
///
/// ```
/// use kernel::sync::{new_mutex, MutexGuard};
///
/// // To take a guard is to demand that the lock be held.
/// fn add(mut balance: MutexGuard<'_, u32>, amount: u32) {
///     *balance += amount;
/// }
///
/// let balance = KBox::pin_init(new_mutex!(10), GFP_KERNEL)?;
/// add(balance.lock(), 5);
/// assert_eq!(*balance.lock(), 15);
/// # Ok::<(), Error>(())
/// ```
#[must_use = "the lock is given up at once when the guard is not kept"]
pub struct Guard<'a, T: ?Sized, B: Backend> {
    lock: &'a Lock<T, B>,
    state: B::GuardState,
    _not_send: NotThreadSafe,
}

// SAFETY: `&Guard` gives `&T`, for which `T: Sync` suffices; nothing reads `state` through it. It
// also gives `&Lock` by `lock_ref`, and whoever has that in another task can wait for the lock and
// then have `&mut T` there, thus `T: Send`.
unsafe impl<T: ?Sized + Send + Sync, B: Backend> Sync for Guard<'_, T, B> {}

impl<'a, T: ?Sized, B: Backend> Guard<'a, T, B> {
    /// Makes a guard for a lock that was acquired by other means.
    ///
    /// With lockdep at work, complains if the lock is not held.
    ///
    /// # Safety
    ///
    /// The current task must hold `lock`, have got `state` when it acquired it, and hand over the
    /// duty to give it up to the guard.
    pub unsafe fn new(lock: &'a Lock<T, B>, state: B::GuardState) -> Self {
        // SAFETY: By the invariants of `Lock` the state is initialised.
        unsafe { B::assert_is_held(lock.state.get()) };

        // INVARIANT: The caller says so.
        Self {
            lock,
            state,
            _not_send: NotThreadSafe,
        }
    }

    /// Returns the lock that this guard holds.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::{lock::{Backend, Guard}, new_mutex};
    ///
    /// let mutex = KBox::pin_init(new_mutex!(0), GFP_KERNEL)?;
    /// let guard = mutex.lock();
    ///
    /// assert!(core::ptr::eq(guard.lock_ref(), &*mutex));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn lock_ref(&self) -> &'a Lock<T, B> {
        self.lock
    }

    /// Returns the data as pinned, to write to when it is not [`Unpin`].
    ///
    /// # Examples
    ///
    /// ```
    /// use core::marker::PhantomPinned;
    /// use kernel::sync::{new_mutex, Mutex};
    ///
    /// #[pin_data]
    /// struct Node {
    ///     value: u32,
    ///     #[pin]
    ///     _pin: PhantomPinned,
    /// }
    ///
    /// let node = pin_init!(Node { value: 1, _pin: PhantomPinned });
    /// let mutex = KBox::pin_init(new_mutex!(node), GFP_KERNEL)?;
    ///
    /// *mutex.lock().as_mut().project().value = 2;
    /// assert_eq!(mutex.lock().value, 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn as_mut(&mut self) -> Pin<&mut T> {
        // SAFETY: By the type invariants the lock is held, so access is exclusive for as long as
        // `self` is borrowed.
        let data = unsafe { &mut *self.lock.data.get() };

        // SAFETY: The data is a structurally pinned field of a lock that is pinned by then.
        unsafe { Pin::new_unchecked(data) }
    }

    /// Gives the lock up while `f` runs, and acquires it again.
    ///
    /// Others may have changed the data by the time this returns.
    pub(crate) fn do_unlocked<R>(&mut self, f: impl FnOnce() -> R) -> R {
        /// Acquires the lock again on every way out of `f`.
        struct Relock<'g, 'a, T: ?Sized, B: Backend>(&'g mut Guard<'a, T, B>);

        impl<T: ?Sized, B: Backend> Drop for Relock<'_, '_, T, B> {
            fn drop(&mut self) {
                let lock = self.0.lock.state.get();
                // SAFETY: The lock is initialised by the invariants of `Lock`; the guard's state
                // comes from the acquisition that `do_unlocked` ended.
                unsafe { B::relock(lock, &mut self.0.state) };
            }
        }

        // SAFETY: By the type invariants the lock is held, with this state. No reference to the data
        // is left, as each of them borrows the guard, which is borrowed mutably here.
        unsafe { B::unlock(self.lock.state.get(), &self.state) };

        let _relock = Relock(self);
        f()
    }
}

impl<T: ?Sized, B: Backend> Deref for Guard<'_, T, B> {
    type Target = T;

    fn deref(&self) -> &Self::Target {
        // SAFETY: By the type invariants the lock is held; writing takes `&mut self`.
        unsafe { &*self.lock.data.get() }
    }
}

impl<T, B: Backend> DerefMut for Guard<'_, T, B>
where
    T: ?Sized + Unpin,
{
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.as_mut().get_mut()
    }
}

impl<T: ?Sized, B: Backend> Drop for Guard<'_, T, B> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants the lock is held, with this state, and no reference to the
        // data outlives the guard.
        unsafe { B::unlock(self.lock.state.get(), &self.state) };
    }
}

#[kunit_tests(rust_sync_lock)]
mod tests {
    use super::*;
    use crate::sync::{
        lock::{mutex::MutexBackend, spinlock::SpinLockBackend},
        new_mutex, new_spinlock, Arc, Mutex, SpinLock,
    };
    use core::fmt::Debug;

    /// What holds for every kind of lock.
    fn check<B: Backend>(lock: &Lock<u32, B>) -> Result {
        // What a guard wrote stays.
        *lock.lock() = 1;
        {
            let mut guard = lock.lock();
            assert_eq!(*guard, 1);
            *guard += 1;
        }

        // Held is held, whichever way it was acquired.
        let guard = lock.lock();
        assert!(lock.try_lock().is_none());
        drop(guard);
        let mut guard = lock.try_lock().ok_or(EBUSY)?;
        assert_eq!(*guard, 2);
        assert!(lock.try_lock().is_none());

        // A failed attempt leaves it held, and its data alone.
        *guard = 3;
        assert!(lock.try_lock().is_none());
        assert_eq!(*guard, 3);
        drop(guard);
        assert!(lock.try_lock().is_some());

        // Free inside `do_unlocked`, held after it.
        let mut guard = lock.lock();
        let seen = guard.do_unlocked(|| {
            lock.try_lock().map(|mut inner| {
                *inner += 1;
                *inner
            })
        });
        assert_eq!(seen, Some(4));
        assert_eq!(*guard, 4);
        assert!(lock.try_lock().is_none());

        // Again and again.
        for _ in 0..3 {
            guard.do_unlocked(|| *lock.lock() += 1);
        }
        assert_eq!(*guard, 7);
        assert!(lock.try_lock().is_none());
        drop(guard);
        assert!(lock.try_lock().is_some());
        Ok(())
    }

    #[test]
    fn mutex_excludes() -> Result {
        check(&*KBox::pin_init(new_mutex!(0), GFP_KERNEL)?)
    }

    #[test]
    fn spinlock_excludes() -> Result {
        check(&*KBox::pin_init(new_spinlock!(0), GFP_KERNEL)?)
    }

    #[test]
    fn guard_from_parts() -> Result {
        let mutex = KBox::pin_init(new_mutex!(5), GFP_KERNEL)?;
        core::mem::forget(mutex.lock());

        // SAFETY: The lock is held, since its guard was forgotten above.
        let guard = unsafe { Guard::new(&*mutex, ()) };
        assert_eq!(*guard, 5);
        drop(guard);
        assert!(mutex.try_lock().is_some());
        Ok(())
    }

    #[test]
    fn lock_ref_is_the_lock() -> Result {
        let spinlock = KBox::pin_init(new_spinlock!(0), GFP_KERNEL)?;
        let lock = {
            let guard = spinlock.lock();
            guard.lock_ref()
        };
        // It outlives the guard.
        assert!(lock.try_lock().is_some());
        Ok(())
    }

    #[test]
    fn raw_mutex() -> Result {
        let mutex: Pin<KBox<Mutex<()>>> = KBox::pin_init(new_mutex!(()), GFP_KERNEL)?;
        // SAFETY: The state is that of `mutex`, which stays alive and in place until after the last
        // use of `raw`.
        let raw = unsafe { Lock::<(), MutexBackend>::from_raw(mutex.state.get()) };

        let guard = raw.lock();
        assert!(mutex.try_lock().is_none());
        drop(guard);
        assert!(mutex.try_lock().is_some());
        Ok(())
    }

    #[test]
    fn raw_spinlock() -> Result {
        let spinlock: Pin<KBox<SpinLock<()>>> = KBox::pin_init(new_spinlock!(()), GFP_KERNEL)?;
        // SAFETY: As in `raw_mutex`.
        let raw = unsafe { Lock::<(), SpinLockBackend>::from_raw(spinlock.state.get()) };

        let guard = spinlock.lock();
        assert!(raw.try_lock().is_none());
        drop(guard);
        assert!(raw.try_lock().is_some());
        Ok(())
    }

    #[test]
    fn lock_without_data_is_just_its_state() {
        assert_eq!(
            size_of::<Mutex<()>>(),
            size_of::<<MutexBackend as Backend>::State>()
        );
        assert_eq!(
            size_of::<SpinLock<()>>(),
            size_of::<<SpinLockBackend as Backend>::State>()
        );
        assert_eq!(core::mem::offset_of!(Mutex<u64>, state), 0);
    }

    #[test]
    fn data_is_dropped_with_the_lock() -> Result {
        let value = Arc::new(0, GFP_KERNEL)?;
        let mutex = KBox::pin_init(new_mutex!(value.clone()), GFP_KERNEL)?;
        assert!(Arc::ptr_eq(&value, &*mutex.lock()));
        drop(mutex);
        // The last owner again.
        assert!(Arc::into_unique_or_drop(value).is_some());
        Ok(())
    }

    /// Locking works through an unsized value.
    #[test]
    fn unsized_data() -> Result {
        fn len<T: ?Sized + Debug, B: Backend>(lock: &Lock<T, B>) -> usize {
            core::mem::size_of_val(&*lock.lock())
        }

        let mutex = KBox::pin_init(new_mutex!([1u16, 2, 3]), GFP_KERNEL)?;
        let slice: &Mutex<[u16]> = &*mutex;
        slice.lock()[1] = 9;
        assert_eq!(len(slice), 6);
        assert_eq!(*mutex.lock(), [1, 9, 3]);
        Ok(())
    }

    /// Locks of different classes nest, and are given up in any order.
    #[test]
    fn nesting() -> Result {
        let outer = KBox::pin_init(new_mutex!(1), GFP_KERNEL)?;
        let middle = KBox::pin_init(new_mutex!(2), GFP_KERNEL)?;
        let inner = KBox::pin_init(new_spinlock!(3), GFP_KERNEL)?;

        let first = outer.lock();
        let second = middle.lock();
        let third = inner.lock();
        let sum = *first + *second + *third;
        drop(third);
        drop(first);
        assert_eq!(sum, 6);
        assert_eq!(*second, 2);
        assert!(outer.try_lock().is_some());
        assert!(middle.try_lock().is_none());
        Ok(())
    }
}
