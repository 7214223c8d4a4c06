// SPDX-License-Identifier: GPL-2.0

//! Values protected by a global lock.

use super::{GlobalGuard, GlobalLockBackend};
use crate::{prelude::*, sync::LockedBy};
use core::{cell::UnsafeCell, marker::PhantomData};

/// A value that only the holder of the global lock `B` can reach, wherever the value lies.
///
/// # Examples
///
/// ```
/// use kernel::sync::{global_lock, GlobalLockedBy};
///
/// global_lock! {
///     // SAFETY: Initialised below, before it is used.
///     unsafe(uninit) static TREE_LOCK: Mutex<()> = ();
/// }
///
/// /// Nodes of all trees together are protected by the one lock.
/// struct Node {
///     weight: GlobalLockedBy<u32, TREE_LOCK>,
/// }
///
/// impl Node {
///     fn new(weight: u32) -> Self {
///         Self { weight: GlobalLockedBy::new(weight) }
///     }
/// }
///
/// // SAFETY: Called once, before anything else uses the lock.
/// unsafe { TREE_LOCK.init() };
///
/// let (a, b) = (Node::new(1), Node::new(2));
///
/// // A single acquisition is enough for as many values as one likes.
/// let mut guard = TREE_LOCK.lock();
/// *a.weight.as_mut(&mut guard) += 10;
/// assert_eq!(*a.weight.as_ref(&guard), 11);
/// assert_eq!(*b.weight.as_ref(&guard), 2);
/// ```
pub struct GlobalLockedBy<T: ?Sized, B: GlobalLockBackend> {
    _lock: PhantomData<B>,
    data: UnsafeCell<T>,
}

impl<T, B: GlobalLockBackend> GlobalLockedBy<T, B> {
    /// Wraps a value.
    ///
    /// From now on it takes the lock to get at it, or sole ownership.
    pub fn new(val: T) -> Self {
        Self {
            _lock: PhantomData,
            data: UnsafeCell::new(val),
        }
    }
}

impl<T: ?Sized, B: GlobalLockBackend> GlobalLockedBy<T, B> {
    /// Reaches the value by owning it: no lock needed.
    pub fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }

    /// Reads the value; `guard` proves that the lock is held.
    #[allow(
        clippy::should_implement_trait,
        reason = "unlike `AsRef::as_ref` it takes a guard"
    )]
    pub fn as_ref<'a>(&'a self, _guard: &'a GlobalGuard<B>) -> &'a T {
        // SAFETY: The current task holds the lock for all of `'a`, by the invariants of
        // `GlobalGuard`. To write it takes `&mut` of the only guard, which is borrowed here.
        unsafe { &*self.data.get() }
    }

    /// Writes the value; `guard` proves that the lock is held.
    #[allow(
        clippy::mut_from_ref,
        reason = "exclusive access comes from the guard, borrowed mutably for as long"
    )]
    #[allow(
        clippy::should_implement_trait,
        reason = "unlike `AsMut::as_mut` it takes a guard"
    )]
    pub fn as_mut<'a>(&'a self, _guard: &'a mut GlobalGuard<B>) -> &'a mut T {
        // SAFETY: As in `as_ref`; and the only guard is borrowed mutably for all of `'a`, thus no
        // other reference to the value, or to any other that this lock protects, exists.
        unsafe { &mut *self.data.get() }
    }
}

// SAFETY: As for `LockedBy`, whose conditions for this are taken over. `B` is a name, not a value.
unsafe impl<T, B> Send for GlobalLockedBy<T, B>
where
    LockedBy<T, B::Item>: Send,
    B: GlobalLockBackend,
    T: ?Sized,
{
}

// SAFETY: As for `LockedBy`, whose conditions for this are taken over. Other than `LockedBy`, shared
// access needs no `T: Sync`: a guard can't be shown in two tasks, as it is not `Sync`.
unsafe impl<T, B> Sync for GlobalLockedBy<T, B>
where
    LockedBy<T, B::Item>: Sync,
    B: GlobalLockBackend,
    T: ?Sized,
{
}

#[kunit_tests(rust_sync_global_locked_by)]
mod tests {
    use super::*;
    use crate::sync::{
        atomic::{AtomicFlag, Full},
        global_lock,
    };
    use core::cell::Cell;

    global_lock! {
        // SAFETY: Used by `lock` below, which initialises it first.
        unsafe(uninit) static OWNER: Mutex<()> = ();
    }

    fn lock() -> GlobalGuard<OWNER> {
        static INITIALISED: AtomicFlag = AtomicFlag::new(false);
        if !INITIALISED.xchg(true, Full) {
            // SAFETY: Called once. The tests of a suite run one after the other, so nobody else uses
            // the lock by now.
            unsafe { OWNER.init() };
        }
        OWNER.lock()
    }

    #[test]
    fn reads_and_writes() {
        let a = GlobalLockedBy::<_, OWNER>::new(1);
        let b = GlobalLockedBy::<_, OWNER>::new([2; 3]);

        let mut guard = lock();
        *a.as_mut(&mut guard) += 1;
        b.as_mut(&mut guard)[1] = 7;
        assert_eq!(*a.as_ref(&guard), 2);
        assert_eq!(*b.as_ref(&guard), [2, 7, 2]);
        drop(guard);

        assert_eq!(*a.as_ref(&lock()), 2);
    }

    /// A value that must not be shared between tasks is fine: a guard is not, either.
    #[test]
    fn value_need_not_be_sync() {
        let value = GlobalLockedBy::<_, OWNER>::new(Cell::new(2));
        let guard = lock();
        let (a, b) = (value.as_ref(&guard), value.as_ref(&guard));
        a.set(5);
        assert_eq!(b.get(), 5);
    }

    #[test]
    fn sole_owner_needs_no_lock() {
        let mut value = GlobalLockedBy::<_, OWNER>::new(1);
        *value.get_mut() += 1;
        assert_eq!(*value.as_ref(&lock()), 2);
    }
}
