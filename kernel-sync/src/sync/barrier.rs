// SPDX-License-Identifier: GPL-2.0

//! Memory barriers between CPUs.
//!
//! A barrier orders this CPU's accesses before it against those after it, as other CPUs see them.
//! It does nothing alone: a pair is needed, one on each side, and between them accesses that may
//! race, [`Atomic`]s that is. Most code wants no barrier but [`Acquire`] and [`Release`] on the
//! operation itself, which say what they are for, and lock guards, which need neither.
//!
//! Without `CONFIG_SMP` these only restrain the compiler. They do not order accesses to devices.
//!
//! C documentation: srctree/Documentation/memory-barriers.txt. C header:
//! [`include/asm-generic/barrier.h`](srctree/include/asm-generic/barrier.h).
//!
//! [`Atomic`]: crate::sync::atomic::Atomic
//! [`Acquire`]: crate::sync::atomic::Acquire
//! [`Release`]: crate::sync::atomic::Release
//!
//! # Examples
//!
//! Two threads that each announce themselves and then look for the other. At least one of them
//! sees it: that takes a barrier between a store and a later load, which no acquire or release
//! gives.
//!
//! ```
//! use kernel::sync::{atomic::{Atomic, Relaxed}, barrier::smp_mb};
//!
//! fn arrive(mine: &Atomic<bool>, other: &Atomic<bool>) -> bool {
//!     mine.store(true, Relaxed);
//!     smp_mb();
//!     other.load(Relaxed)
//! }
//!
//! let (left, right) = (Atomic::new(false), Atomic::new(false));
//! assert!(!arrive(&left, &right));
//! assert!(arrive(&right, &left));
//! ```

use crate::bindings;

/// Orders all earlier loads and stores ahead of all later ones.
///
/// The strongest barrier and the dearest.
#[inline(always)]
pub fn smp_mb() {
    // SAFETY: It only orders what this CPU does, and may be used in any context.
    unsafe { bindings::smp_mb() }
}

/// Orders all earlier stores ahead of all later stores.
///
/// Its partner on the reading side is [`smp_rmb`] or [`Acquire`](crate::sync::atomic::Acquire).
///
/// # Examples
///
/// ```
/// use kernel::sync::{
///     atomic::{Atomic, Relaxed},
///     barrier::{smp_rmb, smp_wmb},
/// };
///
/// let (value, ready) = (Atomic::<u32>::new(0), Atomic::<bool>::new(false));
///
/// value.store(5, Relaxed);
/// smp_wmb();
/// ready.store(true, Relaxed);
///
/// // On another CPU:
/// let was_ready = ready.load(Relaxed);
/// smp_rmb();
/// let seen = value.load(Relaxed);
/// assert!(!was_ready || seen == 5);
/// ```
#[inline(always)]
pub fn smp_wmb() {
    // SAFETY: It only orders what this CPU does, and may be used in any context.
    unsafe { bindings::smp_wmb() }
}

/// Orders all earlier loads ahead of all later loads.
///
/// Its partner on the writing side is [`smp_wmb`], where an example shows both, or
/// [`Release`](crate::sync::atomic::Release).
#[inline(always)]
pub fn smp_rmb() {
    // SAFETY: It only orders what this CPU does, and may be used in any context.
    unsafe { bindings::smp_rmb() }
}

#[crate::macros::kunit_tests(rust_barrier)]
mod tests {
    use super::*;
    use crate::sync::atomic::{Atomic, Relaxed};

    /// All a single thread can tell: a barrier gets in the way of nothing.
    #[test]
    fn accesses_on_either_side_happen() {
        let x = Atomic::<u32>::new(0);
        for (i, barrier) in [smp_mb, smp_wmb, smp_rmb].into_iter().enumerate() {
            let i = i as u32;
            assert_eq!(x.load(Relaxed), i);
            x.add(1, Relaxed);
            barrier();
            assert_eq!(x.load(Relaxed), i + 1);
        }
    }
}
