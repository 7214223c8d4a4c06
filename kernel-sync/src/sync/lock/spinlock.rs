// SPDX-License-Identifier: GPL-2.0

//! Spinlocks: locks whose waiters burn time.

use super::{Guard, Lock};
use crate::prelude::*;

/// Initialises a [`SpinLock`] with a name and a lock class of its own.
///
/// `new_spinlock!(value, "name")` is a `PinInit<SpinLock<T>>`; `value` is a `T` or an initialiser of
/// one. Without a name, file and line serve as such.
///
/// # Examples
///
/// ```
/// use kernel::sync::{new_spinlock, SpinLock};
///
/// #[pin_data]
/// struct Queue {
///     #[pin]
///     pending: SpinLock<usize>,
/// }
///
/// let queue = KBox::pin_init(
///     pin_init!(Queue { pending <- new_spinlock!(0, "Queue::pending") }),
///     GFP_KERNEL,
/// )?;
///
/// *queue.pending.lock() += 2;
/// assert_eq!(*queue.pending.lock(), 2);
/// # Ok::<(), Error>(())
/// ```
///
/// [`SpinLock`]: crate::sync::SpinLock
#[macro_export]
macro_rules! new_spinlock {
    ($value:expr $(, $name:literal)? $(,)?) => {
        $crate::sync::SpinLock::new(
            $value,
            $crate::__lock_name!($($name)?),
            $crate::static_lock_class!(),
        )
    };
}
pub use new_spinlock;

/// A value that one CPU at a time can reach, where the others spin until it is their turn.
///
/// While a guard lives, its task must not sleep: no allocation with `GFP_KERNEL`, no mutex, no access
/// to user memory. `CONFIG_DEBUG_ATOMIC_SLEEP` reports it. Interrupts stay enabled, hence do not share
/// a spinlock with an interrupt handler.
///
/// Initialise one with [`new_spinlock!`]. C counterpart: [`spinlock_t`].
///
/// # Kernels for one processor
///
/// Without `CONFIG_SMP` a `spinlock_t` is empty and always free: C relies on code that holds one not
/// to acquire it again. Here that would give out two guards of the same data, so on such kernels a
/// `SpinLock` also notes whether it is held; where several processors would spin for ever, it panics.
///
/// # Examples
///
/// ```
/// use kernel::sync::{new_spinlock, Arc, SpinLock};
///
/// #[derive(Default)]
/// struct Counters {
///     received: u64,
///     dropped: u64,
/// }
///
/// #[pin_data]
/// struct Port {
///     #[pin]
///     counters: SpinLock<Counters>,
/// }
///
/// let port = Arc::pin_init(
///     pin_init!(Port {
///         counters <- new_spinlock!(Counters::default(), "Port::counters"),
///     }),
///     GFP_KERNEL,
/// )?;
///
/// {
///     let mut counters = port.counters.lock();
///     counters.received += 10;
///     counters.dropped += 1;
/// }
/// assert_eq!(port.counters.lock().received, 10);
/// assert_eq!(port.counters.lock().dropped, 1);
/// # Ok::<(), Error>(())
/// ```
///
/// [`spinlock_t`]: srctree/include/linux/spinlock.h
/// [`new_spinlock!`]: crate::sync::new_spinlock
pub type SpinLock<T> = Lock<T, SpinLockBackend>;

/// The [`Guard`] of a [`SpinLock`].
pub type SpinLockGuard<'a, T> = Guard<'a, T, SpinLockBackend>;

/// The kernel's `spinlock_t` as a kind of lock.
pub struct SpinLockBackend;

#[cfg(any(CONFIG_SMP, CONFIG_PREEMPT_RT))]
mod multiprocessor;
#[cfg(not(any(CONFIG_SMP, CONFIG_PREEMPT_RT)))]
mod uniprocessor;

#[kunit_tests(rust_sync_spinlock)]
mod tests {
    use super::*;

    #[test]
    fn names_are_optional() -> Result {
        let unnamed = KBox::pin_init(new_spinlock!(1), GFP_KERNEL)?;
        let named = KBox::pin_init(new_spinlock!(2, "spinlock with a name",), GFP_KERNEL)?;
        let one = *unnamed.lock();
        assert_eq!(one + 1, *named.lock());
        Ok(())
    }

    /// On one processor as on many, there is never a second guard.
    #[test]
    fn never_two_guards() -> Result {
        let lock = KBox::pin_init(new_spinlock!(0), GFP_KERNEL)?;
        let mut first = lock.lock();
        for _ in 0..3 {
            assert!(lock.try_lock().is_none());
        }
        *first = 1;
        drop(first);

        let second = lock.try_lock();
        assert_eq!(second.as_deref(), Some(&1));
        assert!(lock.try_lock().is_none());
        Ok(())
    }
}
