// SPDX-License-Identifier: GPL-2.0

//! Spinlocks for kernels that know of one processor only.
//!
//! There `spin_lock()` merely keeps other tasks off the processor, and `spin_trylock()` always
//! succeeds. That is not mutual exclusion in the sense of [`Backend`]: the same task may acquire the
//! lock twice. A flag beside the lock makes up for it.

use super::SpinLockBackend;
use crate::{
    bindings,
    prelude::*,
    sync::{
        atomic::{Acquire, AtomicFlag, Relaxed, Release},
        lock::Backend,
    },
};

/// A `spinlock_t` that knows whether it is held.
///
/// Not API: public as an associated type of [`SpinLockBackend`].
#[doc(hidden)]
#[repr(C)]
pub struct FlaggedSpinLock {
    lock: bindings::spinlock,
    held: AtomicFlag,
}

/// Says what went wrong where several processors would spin for ever.
#[cold]
#[inline(never)]
fn recursion() -> ! {
    panic!("spinlock acquired while it was held, on a kernel for one processor")
}

// SAFETY: `held` is set in one atomic step by whoever acquires the lock, which fails or panics if it
// was set before, and is cleared by `unlock` only. All of that happens on one processor, on which
// program order is what everybody sees. A spinlock that is not held refers to nothing else.
unsafe impl Backend for SpinLockBackend {
    type State = FlaggedSpinLock;
    type GuardState = ();

    unsafe fn init(ptr: *mut Self::State, name: *const c_char, key: *mut bindings::lock_class_key) {
        // SAFETY: The caller provides memory for the structure.
        let held = unsafe { &raw mut (*ptr).held };
        // SAFETY: As above, valid for writes.
        unsafe { held.write(AtomicFlag::new(false)) };

        // SAFETY: The caller provides memory for the structure.
        let lock = unsafe { &raw mut (*ptr).lock };
        // SAFETY: The caller provides memory for a spinlock, and a name and a key that live as long.
        unsafe { bindings::__spin_lock_init(lock, name, key) }
    }

    unsafe fn lock(ptr: *mut Self::State) -> Self::GuardState {
        // SAFETY: The caller says that the structure is initialised.
        let lock = unsafe { &raw mut (*ptr).lock };
        // SAFETY: As above.
        unsafe { bindings::spin_lock(lock) };

        // SAFETY: As above; the flag is only ever accessed by shared reference.
        let held = unsafe { &(*ptr).held };
        if held.xchg(true, Acquire) {
            recursion();
        }
    }

    unsafe fn try_lock(ptr: *mut Self::State) -> Option<Self::GuardState> {
        // SAFETY: The caller says that the structure is initialised.
        let held = unsafe { &(*ptr).held };
        // With `CONFIG_DEBUG_SPINLOCK`, failing in `spin_trylock` is reported as a bug: ask first.
        if held.load(Relaxed) {
            return None;
        }

        // SAFETY: As above.
        let lock = unsafe { &raw mut (*ptr).lock };
        // SAFETY: As above.
        if unsafe { bindings::spin_trylock(lock) } == 0 {
            return None;
        }
        if held.xchg(true, Acquire) {
            // A task that ran in between holds it, and sleeps.
            //
            // SAFETY: As above; the success of `spin_trylock` is undone.
            unsafe { bindings::spin_unlock(lock) };
            return None;
        }
        Some(())
    }

    unsafe fn unlock(ptr: *mut Self::State, _guard_state: &Self::GuardState) {
        // SAFETY: The caller says that the structure is initialised.
        let held = unsafe { &(*ptr).held };
        held.store(false, Release);

        // SAFETY: As above.
        let lock = unsafe { &raw mut (*ptr).lock };
        // SAFETY: The caller says that the current task owns this spinlock.
        unsafe { bindings::spin_unlock(lock) }
    }

    unsafe fn assert_is_held(ptr: *mut Self::State) {
        // SAFETY: The caller says that the structure is initialised.
        let lock = unsafe { &raw mut (*ptr).lock };
        // SAFETY: As above.
        unsafe { bindings::spin_assert_is_held(lock) }
    }
}
