// SPDX-License-Identifier: GPL-2.0

//! RCU: reading data that others may be about to free, without a lock.
//!
//! Between [`read_lock`] and the end of the [`Guard`] a reader is in a *read-side critical section*.
//! Whoever takes data away makes it unreachable for new readers, then waits for a *grace period* (until
//! all sections that had begun before are over), and only then frees it.
//!
//! In Rust it is seldom used on its own: [`Revocable`] does all of that for one value.
//!
//! C counterpart: [`rcu_read_lock()`](srctree/include/linux/rcupdate.h) and what goes with it.
//!
//! [`Revocable`]: crate::revocable::Revocable

use crate::{bindings, types::NotThreadSafe};

/// A read-side critical section of RCU.
///
/// It begins when the guard is made, and ends when it is dropped. Sections nest, and may end in any
/// order. They belong to the task that began them, so a guard is neither [`Send`] nor [`Sync`].
///
/// A task must not sleep in one. Without `CONFIG_PREEMPT_RCU`, sleeping ends it behind the guard's
/// back, so that what it protects may go; `CONFIG_DEBUG_ATOMIC_SLEEP` reports that.
///
/// # Invariants
///
/// The current task has called `rcu_read_lock` for this guard, and not called `rcu_read_unlock` for it.
///
/// # Examples
///
/// ```
/// use kernel::sync::rcu;
///
/// fn sum(values: &[u32], _protected: &rcu::Guard) -> u32 {
///     values.iter().sum()
/// }
///
/// let guard = rcu::read_lock();
/// assert_eq!(sum(&[1, 2, 3], &guard), 6);
/// guard.unlock();
/// ```
#[must_use = "the critical section ends at once when the guard is not kept"]
pub struct Guard(NotThreadSafe);

/// Begins a read-side critical section of RCU.
///
/// # Examples
///
/// ```
/// use kernel::{revocable::Revocable, sync::rcu};
///
/// let value = KBox::pin_init(Revocable::new(5), GFP_KERNEL)?;
/// let guard = rcu::read_lock();
/// assert_eq!(value.try_access_with_guard(&guard), Some(&5));
/// # Ok::<(), Error>(())
/// ```
#[inline]
pub fn read_lock() -> Guard {
    // SAFETY: May be called in any context in which Rust code runs.
    unsafe { bindings::rcu_read_lock() };
    // INVARIANT: It was just called.
    Guard(NotThreadSafe)
}

impl Drop for Guard {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants this matches a call of `rcu_read_lock` by this task.
        unsafe { bindings::rcu_read_unlock() };
    }
}

impl Guard {
    /// Begins a read-side critical section; the same as [`read_lock`].
    #[inline]
    pub fn new() -> Self {
        read_lock()
    }

    /// Ends the read-side critical section; the same as dropping the guard.
    #[inline]
    pub fn unlock(self) {
        drop(self);
    }
}

impl Default for Guard {
    #[inline]
    fn default() -> Self {
        read_lock()
    }
}

/// Waits for a grace period: until all read-side critical sections that have begun by now are over.
///
/// # Panics
///
/// Panics in such a section (and elsewhere where one must not sleep), as it could not end, or worse,
/// would be ended. Kernels without `CONFIG_PREEMPT_COUNT` can't tell.
pub(crate) fn synchronize() {
    if !may_wait() {
        panic!("waiting for RCU readers where one must not sleep, such as in a reader");
    }
    // SAFETY: This is no read-side critical section, as far as the kernel can tell.
    unsafe { bindings::synchronize_rcu() };
}

/// Returns whether [`synchronize`] makes sense here, as far as the kernel can tell.
fn may_wait() -> bool {
    // SAFETY: May be called in any context.
    unsafe { bindings::rcu_may_wait() }
}

// Not through `prelude`, whose `Guard` this is not.
use crate::prelude::kunit_tests;

#[kunit_tests(rust_sync_rcu)]
mod tests {
    use super::*;

    #[test]
    fn sections_nest_and_end_in_any_order() {
        let first = read_lock();
        let second = Guard::default();
        drop(first);
        let third = Guard::new();
        second.unlock();
        drop(third);
        // This would never return, or complain, if one was still open.
        synchronize();
    }

    #[test]
    fn grace_periods_pass_between_sections() {
        for _ in 0..3 {
            read_lock().unlock();
            synchronize();
        }
    }

    #[test]
    #[cfg(any(CONFIG_PREEMPT_RCU, CONFIG_PREEMPT_COUNT))]
    fn readers_know_that_they_must_not_wait() {
        assert!(may_wait());
        let first = read_lock();
        assert!(!may_wait());
        let second = read_lock();
        drop(first);
        assert!(!may_wait());
        drop(second);
        assert!(may_wait());
    }

    #[test]
    fn guard_has_no_size() {
        assert_eq!(size_of::<Guard>(), 0);
    }
}
