// SPDX-License-Identifier: GPL-2.0

//! Values that can be taken away while others still hold references to what they were in.
//!
//! A driver's objects may live longer than the device they work on: a file stays open, a work item is
//! still queued. What belongs to the device (its registers, its interrupt) must go when the device
//! goes. [`Revocable`] holds such a value: everybody asks for it before each use, and
//! after [`Revocable::revoke`] nobody gets it any more.

use crate::{
    prelude::*,
    sync::{
        atomic::{AtomicFlag, Full, Relaxed},
        rcu,
    },
    types::Opaque,
};
use core::{marker::PhantomData, ops::Deref, ptr::NonNull};
use pin_init::Wrapper;

/// A value that can be revoked: dropped, at a time that others don't choose.
///
/// Readers get at the value inside of an RCU read-side critical section, in which they must not sleep.
/// [`revoke`] makes sure that there are no new readers, waits for those there are, and drops the value.
///
/// # Invariants
///
/// - While `is_available` is set, `data` is initialised.
/// - Only who clears `is_available` drops `data`, and not before an RCU grace period has passed since,
///   unless it knows that there is no reader.
///
/// # Examples
///
/// ```
/// use kernel::{revocable::Revocable, sync::{rcu, Arc}};
///
/// struct Registers {
///     status: u32,
/// }
///
/// let registers = Arc::pin_init(Revocable::new(Registers { status: 4 }), GFP_KERNEL)?;
///
/// fn status(registers: &Revocable<Registers>) -> Result<u32> {
///     Ok(registers.try_access().ok_or(ENXIO)?.status)
/// }
///
/// assert_eq!(status(&registers), Ok(4));
/// assert_eq!(registers.try_access_with(|r| r.status + 1), Some(5));
///
/// // Unplugged. The second call finds nothing to do.
/// assert!(registers.revoke());
/// assert!(!registers.revoke());
///
/// assert_eq!(status(&registers), Err(ENXIO));
/// assert!(registers.try_access_with_guard(&rcu::read_lock()).is_none());
/// # Ok::<(), Error>(())
/// ```
///
/// [`revoke`]: Revocable::revoke
#[pin_data(PinnedDrop)]
pub struct Revocable<T> {
    is_available: AtomicFlag,
    #[pin]
    data: Opaque<T>,
}

// SAFETY: The value goes along. (The flag may go anywhere.)
unsafe impl<T: Send> Send for Revocable<T> {}

// SAFETY: Sharing it gives out `&T`, thus `T: Sync`, and lets any task drop the value: `T: Send`.
unsafe impl<T: Sync + Send> Sync for Revocable<T> {}

impl<T> Revocable<T> {
    /// Initialises a revocable with the value that `data` initialises.
    ///
    /// # Errors
    ///
    /// Those of `data`.
    pub fn new<E>(data: impl PinInit<T, E>) -> impl PinInit<Self, E> {
        // INVARIANT: `data` is initialised when this returns; before, nobody sees the flag.
        pin_init!(Self {
            is_available: AtomicFlag::new(true),
            data <- Opaque::pin_init(data),
        }? E)
    }

    /// Asks for the value.
    ///
    /// Returns [`None`] if it was revoked. Otherwise it will stay until the guard is dropped; until
    /// then the task must not sleep.
    pub fn try_access(&self) -> Option<RevocableGuard<'_, T>> {
        let guard = rcu::read_lock();
        let data = NonNull::from(self.try_access_with_guard(&guard)?);
        // INVARIANT: The value was there after the critical section that goes into the guard began,
        // so it stays until after that ends.
        Some(RevocableGuard {
            data,
            _rcu: guard,
            _revocable: PhantomData,
        })
    }

    /// Asks for the value inside of a read-side critical section that is open already.
    ///
    /// Returns [`None`] if it was revoked. Otherwise it will stay for as long as `guard` does; until
    /// then the task must not sleep.
    pub fn try_access_with_guard<'a>(&'a self, _guard: &'a rcu::Guard) -> Option<&'a T> {
        if !self.is_available.load(Relaxed) {
            return None;
        }
        // SAFETY: `is_available` was set in the critical section of `_guard`. By the type invariants
        // the value is thus initialised, and only dropped after a grace period that this section, open
        // for all of `'a`, does not let pass.
        Some(unsafe { &*self.data.get() })
    }

    /// Asks for the value and calls `f` with it.
    ///
    /// Returns [`None`], without calling `f`, if it was revoked. `f` must not sleep.
    pub fn try_access_with<R, F: FnOnce(&T) -> R>(&self, f: F) -> Option<R> {
        let guard = rcu::read_lock();
        self.try_access_with_guard(&guard).map(f)
    }

    /// Gets at the value without asking.
    ///
    /// # Safety
    ///
    /// The value must not have been revoked, and must not be revoked for as long as the returned
    /// reference is in use.
    pub unsafe fn access(&self) -> &T {
        // SAFETY: The caller says that the value is not revoked, thus by the type invariants it is
        // there.
        unsafe { &*self.data.get() }
    }

    /// Revokes the value: nobody gets it any more, those who have it are waited for, and it is dropped.
    ///
    /// Returns whether this call did so. `false` says that another one did, or is about to; the value
    /// may not have been dropped yet.
    ///
    /// Sleeps for an RCU grace period.
    ///
    /// # Panics
    ///
    /// Panics in a read-side critical section, thus also when the task itself has the value: that would
    /// wait for itself. Kernels without `CONFIG_PREEMPT_COUNT` can't tell; there, to revoke what one
    /// is using is as wrong as any sleeping in such a section.
    pub fn revoke(&self) -> bool {
        let revoking = self.is_available.xchg(false, Full);
        if revoking {
            rcu::synchronize();

            // SAFETY: This is the one call that cleared the flag, and a grace period has passed.
            unsafe { self.drop_data() };
        }
        revoking
    }

    /// As [`Revocable::revoke`], but does not wait for anybody.
    ///
    /// # Safety
    ///
    /// Nobody may have the value, nor be asking for it, when this is called.
    pub unsafe fn revoke_nosync(&self) -> bool {
        let revoking = self.is_available.xchg(false, Full);
        if revoking {
            // SAFETY: This is the one call that cleared the flag, and the caller says that there are
            // no readers.
            unsafe { self.drop_data() };
        }
        revoking
    }

    /// Drops the value.
    ///
    /// # Safety
    ///
    /// The caller must be the one who cleared `is_available`, and there must be no reader left.
    unsafe fn drop_data(&self) {
        // SAFETY: By the type invariants the value is initialised: the flag was set until the caller
        // cleared it, and nobody else gets here. The value is pinned, and dropped in its place.
        unsafe { core::ptr::drop_in_place(self.data.get()) };
    }
}

#[pinned_drop]
impl<T> PinnedDrop for Revocable<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: All readers borrow the revocable, hence there is none.
        unsafe { self.revoke_nosync() };
    }
}

/// Access to the value of a [`Revocable`], until dropped.
///
/// It is inside of an RCU read-side critical section: the task must not sleep while it has one, and it
/// stays in the task.
///
/// # Invariants
///
/// `data` points to a value that is not dropped before the critical section `_rcu` ends.
///
/// # Examples
///
/// ```
/// use kernel::revocable::Revocable;
///
/// let value = KBox::pin_init(Revocable::new([1, 2, 3]), GFP_KERNEL)?;
///
/// if let Some(guard) = value.try_access() {
///     assert_eq!(guard.iter().sum::<i32>(), 6);
/// }
/// # Ok::<(), Error>(())
/// ```
#[must_use = "the access ends at once when the guard is not kept"]
pub struct RevocableGuard<'a, T> {
    // Not a reference: those must be valid until the function returns that they were passed to, and
    // this one ends when the guard is dropped, possibly before that.
    data: NonNull<T>,
    _rcu: rcu::Guard,
    _revocable: PhantomData<&'a Revocable<T>>,
}

impl<T> Deref for RevocableGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &Self::Target {
        // SAFETY: By the type invariants, as the critical section is part of `self`.
        unsafe { self.data.as_ref() }
    }
}

#[kunit_tests(rust_revocable)]
mod tests {
    use super::*;
    use crate::sync::{atomic::Atomic, Arc};

    /// Counts how often values with it are dropped.
    struct CountDrops<'a>(&'a Atomic<i32>);

    impl Drop for CountDrops<'_> {
        fn drop(&mut self) {
            self.0.add(1, Relaxed);
        }
    }

    #[test]
    fn access_before_and_after_revoke() -> Result {
        let value = KBox::pin_init(Revocable::new(5), GFP_KERNEL)?;

        assert_eq!(value.try_access().map(|v| *v), Some(5));
        assert_eq!(value.try_access_with(|v| *v), Some(5));
        assert_eq!(value.try_access_with_guard(&rcu::read_lock()), Some(&5));
        // SAFETY: It is revoked below only.
        assert_eq!(*unsafe { value.access() }, 5);

        assert!(value.revoke());
        assert!(value.try_access().is_none());
        assert!(value.try_access_with(|v| *v).is_none());
        assert!(value.try_access_with_guard(&rcu::read_lock()).is_none());
        Ok(())
    }

    #[test]
    fn closure_is_not_called_after_revoke() -> Result {
        let value = KBox::pin_init(Revocable::new(()), GFP_KERNEL)?;
        let mut calls = 0;
        value.try_access_with(|()| calls += 1);
        assert_eq!(calls, 1);
        value.revoke();
        value.try_access_with(|()| calls += 1);
        assert_eq!(calls, 1);
        Ok(())
    }

    #[test]
    fn several_guards_at_once() -> Result {
        let value = KBox::pin_init(Revocable::new(5), GFP_KERNEL)?;
        let first = value.try_access();
        let second = value.try_access();
        drop(first);
        assert_eq!(second.map(|v| *v), Some(5));
        // All critical sections are over, or this would not return.
        assert!(value.revoke());
        Ok(())
    }

    #[test]
    fn revoke_drops_once() -> Result {
        let drops = Atomic::new(0);
        let value = KBox::pin_init(Revocable::new(CountDrops(&drops)), GFP_KERNEL)?;

        drop(value.try_access());
        assert_eq!(drops.load(Relaxed), 0);

        assert!(value.revoke());
        assert_eq!(drops.load(Relaxed), 1);
        assert!(!value.revoke());
        // SAFETY: Nobody has the value.
        assert!(!unsafe { value.revoke_nosync() });
        drop(value);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn revoke_nosync_drops_once() -> Result {
        let drops = Atomic::new(0);
        let value = KBox::pin_init(Revocable::new(CountDrops(&drops)), GFP_KERNEL)?;

        // SAFETY: Nobody has the value.
        assert!(unsafe { value.revoke_nosync() });
        assert_eq!(drops.load(Relaxed), 1);
        assert!(value.try_access().is_none());
        assert!(!value.revoke());
        drop(value);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn drop_without_revoke() -> Result {
        let drops = Atomic::new(0);
        drop(KBox::pin_init(
            Revocable::new(CountDrops(&drops)),
            GFP_KERNEL,
        )?);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn failed_initialisation_drops_nothing() {
        let drops = Atomic::new(0);
        let fails = || -> Result<CountDrops<'_>> {
            if drops.load(Relaxed) == 0 {
                return Err(EBUSY);
            }
            Ok(CountDrops(&drops))
        };
        let result = KBox::pin_init(Revocable::<CountDrops<'_>>::new(fails()), GFP_KERNEL);
        assert_eq!(result.err(), Some(EBUSY));
        assert_eq!(drops.load(Relaxed), 0);
    }

    /// A value that asks for itself while it is dropped gets nothing, and revoking it then is no
    /// second drop.
    #[test]
    fn drop_may_look_back() -> Result {
        struct LooksBack {
            revocable: Option<Arc<Revocable<LooksBack>>>,
        }
        impl Drop for LooksBack {
            fn drop(&mut self) {
                if let Some(revocable) = self.revocable.take() {
                    FOUND.store(revocable.try_access().is_some(), Relaxed);
                    AGAIN.store(revocable.revoke(), Relaxed);
                }
            }
        }
        static FOUND: AtomicFlag = AtomicFlag::new(true);
        static AGAIN: AtomicFlag = AtomicFlag::new(true);

        let value = Arc::pin_init(Revocable::new(LooksBack { revocable: None }), GFP_KERNEL)?;
        let back = value.clone();
        let data = value.data.get();
        // SAFETY: The value is there, and nobody else looks at it.
        unsafe { (*data).revocable = Some(back) };

        assert!(value.revoke());
        assert!(!FOUND.load(Relaxed));
        assert!(!AGAIN.load(Relaxed));
        Ok(())
    }
}
