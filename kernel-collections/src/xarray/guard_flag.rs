// SPDX-License-Identifier: GPL-2.0

//! One guard at a time, in kernels for one processor, too.

#[cfg(not(any(CONFIG_SMP, CONFIG_PREEMPT_RT)))]
use crate::sync::atomic::{Acquire, AtomicFlag, Relaxed, Release};

/// Whether there is a guard for a structure of C that has a spinlock.
///
/// In kernels for one processor `spin_lock()` merely keeps other tasks off the processor: who holds a
/// lock can acquire it again, and `spin_trylock()` always succeeds. A guard that gives references must
/// be the only one nevertheless; this flag beside the lock sees to that. In other kernels the lock does,
/// and this is nothing.
///
/// While there is a guard no other task runs, hence whoever finds the flag set has the guard itself or
/// has interrupted who has.
pub(crate) struct GuardFlag {
    #[cfg(not(any(CONFIG_SMP, CONFIG_PREEMPT_RT)))]
    set: AtomicFlag,
}

#[cfg(not(any(CONFIG_SMP, CONFIG_PREEMPT_RT)))]
impl GuardFlag {
    /// Says that there is no guard.
    pub(crate) const fn new() -> Self {
        Self {
            set: AtomicFlag::new(false),
        }
    }

    /// Notes that there is a guard now, and returns true; or returns false if there was one.
    pub(crate) fn try_enter(&self) -> bool {
        !self.set.xchg(true, Acquire)
    }

    /// Notes that the guard is gone.
    pub(crate) fn leave(&self) {
        self.set.store(false, Release);
    }

    /// Makes sure that there is no guard, before a function that acquires the lock itself.
    ///
    /// # Panics
    ///
    /// If there is one.
    pub(crate) fn check(&self) {
        if self.set.load(Relaxed) {
            recursion();
        }
    }
}

#[cfg(any(CONFIG_SMP, CONFIG_PREEMPT_RT))]
impl GuardFlag {
    /// Says that there is no guard.
    pub(crate) const fn new() -> Self {
        Self {}
    }

    /// Returns true: the lock is held, so there was no guard.
    pub(crate) fn try_enter(&self) -> bool {
        true
    }

    /// Does nothing: the lock says all there is to say.
    pub(crate) fn leave(&self) {}

    /// Does nothing: who has a guard waits for ever.
    pub(crate) fn check(&self) {}
}

impl GuardFlag {
    /// Notes that there is a guard now.
    ///
    /// # Panics
    ///
    /// If there was one.
    pub(crate) fn enter(&self) {
        if !self.try_enter() {
            recursion();
        }
    }
}

/// Says what went wrong where several processors would spin for ever.
#[cold]
#[inline(never)]
fn recursion() -> ! {
    panic!("structure locked while there is a guard for it, on a kernel for one processor")
}
