// SPDX-License-Identifier: GPL-2.0

//! Spinlocks for kernels that know of several processors, and those that turn them into mutexes.

use super::SpinLockBackend;
use crate::{bindings, prelude::*, sync::lock::Backend};

// SAFETY: `spin_lock` returns, and `spin_trylock` gives non-zero, only to the one owner there is
// until `spin_unlock`; for others on this or another CPU, the owner's task included, they spin or
// fail (with `CONFIG_PREEMPT_RT`: sleep). Acquiring and giving up order memory as C's locks do. A
// spinlock that is not held refers to nothing else.
unsafe impl Backend for SpinLockBackend {
    type State = bindings::spinlock;
    type GuardState = ();

    unsafe fn init(ptr: *mut Self::State, name: *const c_char, key: *mut bindings::lock_class_key) {
        // SAFETY: The caller provides memory for a spinlock, and a name and a key that live as long.
        unsafe { bindings::__spin_lock_init(ptr, name, key) }
    }

    #[inline]
    unsafe fn lock(ptr: *mut Self::State) -> Self::GuardState {
        // SAFETY: The caller says that this is an initialised spinlock.
        unsafe { bindings::spin_lock(ptr) }
    }

    #[inline]
    unsafe fn try_lock(ptr: *mut Self::State) -> Option<Self::GuardState> {
        // SAFETY: The caller says that this is an initialised spinlock.
        let acquired = unsafe { bindings::spin_trylock(ptr) };
        (acquired != 0).then_some(())
    }

    #[inline]
    unsafe fn unlock(ptr: *mut Self::State, _guard_state: &Self::GuardState) {
        // SAFETY: The caller says that the current task owns this spinlock.
        unsafe { bindings::spin_unlock(ptr) }
    }

    unsafe fn assert_is_held(ptr: *mut Self::State) {
        // SAFETY: The caller says that this is an initialised spinlock.
        unsafe { bindings::spin_assert_is_held(ptr) }
    }
}
