// SPDX-License-Identifier: GPL-2.0

//! The types that C has atomic operations for, and those operations.
//!
//! [`Atomic`](super::Atomic) turns a value into one of the five types here (its `Repr`), calls,
//! and turns the result back. Everything below this line of the module is C: `atomic_t` and
//! `atomic64_t` for `i32` and `i64`, `READ_ONCE()`, `xchg()` and their kin for the others.

use super::ordering::{AcquireOrRelaxed, Ordering, OrderingType, ReleaseOrRelaxed};
use crate::{bindings, ffi::c_void};
use core::sync::atomic::{
    compiler_fence,
    Ordering::{Acquire, Release},
};

mod private {
    /// Keeps [`AtomicImpl`](super::AtomicImpl) to the types that C has operations for.
    pub trait Sealed {}
}

/// A type that C has atomic operations for.
///
/// `i8`, `i16`, `i32`, `i64` and `*const c_void`; nothing else can be. Another type becomes atomic
/// by naming one of these as its [`AtomicType::Repr`](super::AtomicType::Repr).
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{AtomicImpl, AtomicType};
///
/// fn width<T: AtomicType>() -> usize {
///     core::mem::size_of::<T::Repr>()
/// }
///
/// fn delta_width<R: AtomicImpl>() -> usize {
///     core::mem::size_of::<R::Delta>()
/// }
///
/// assert_eq!(width::<bool>(), 1);
/// assert_eq!(width::<u64>(), 8);
/// assert_eq!(delta_width::<i16>(), 2);
/// ```
pub trait AtomicImpl: Sized + Copy + private::Sealed {
    /// What is added to such a value: the difference of two.
    type Delta;
}

macro_rules! impl_atomic_impl {
    ($($repr:ty, $delta:ty;)*) => {$(
        impl private::Sealed for $repr {}

        impl AtomicImpl for $repr {
            type Delta = $delta;
        }
    )*};
}

impl_atomic_impl! {
    i32, i32;
    i64, i64;
}

// Where C emulates compare-and-exchange with a lock, a plain store would slip in between: only
// `atomic_t` and `atomic64_t` take that lock for stores too.
#[cfg(CONFIG_ARCH_SUPPORTS_ATOMIC_RMW)]
impl_atomic_impl! {
    i8, i8;
    i16, i16;
    *const c_void, isize;
}

// C accesses these through `atomic_t` and `atomic64_t`: the same bytes, aligned no better. The
// second is where a 32-bit architecture with 4-byte aligned `i64` would have to stop.
const _: () = assert!(
    size_of::<i32>() == size_of::<bindings::atomic_t>()
        && align_of::<i32>() >= align_of::<bindings::atomic_t>()
);
const _: () = assert!(
    size_of::<i64>() == size_of::<bindings::atomic64_t>()
        && align_of::<i64>() >= align_of::<bindings::atomic64_t>()
);

/// Loads and stores.
///
/// Public because `Atomic`'s bounds name it, also those of other crates' implementations; called
/// by `Atomic` only.
///
/// All functions of the three traits share one requirement, *the cell's*: for the whole call `cell`
/// is valid for reads and writes and aligned for `Self`, and every access that may run at the same
/// time is atomic.
pub trait AtomicBasicOps: AtomicImpl {
    /// Loads the value.
    ///
    /// # Safety
    ///
    /// The cell's requirement, see [`AtomicBasicOps`].
    unsafe fn load<O: AcquireOrRelaxed>(cell: *mut Self) -> Self;

    /// Stores a value.
    ///
    /// # Safety
    ///
    /// The cell's requirement, see [`AtomicBasicOps`].
    unsafe fn store<O: ReleaseOrRelaxed>(cell: *mut Self, value: Self);
}

/// Exchanges.
///
/// Public because `Atomic`'s bounds name it; called by `Atomic` only.
pub trait AtomicExchangeOps: AtomicImpl {
    /// Stores `new`, and returns the value it replaced.
    ///
    /// # Safety
    ///
    /// The cell's requirement, see [`AtomicBasicOps`].
    unsafe fn xchg<O: Ordering>(cell: *mut Self, new: Self) -> Self;

    /// Stores `new` where `*old` is, and says whether it did; else `*old` becomes what is there.
    ///
    /// # Safety
    ///
    /// The cell's requirement, see [`AtomicBasicOps`].
    unsafe fn try_cmpxchg<O: Ordering>(cell: *mut Self, old: &mut Self, new: Self) -> bool;
}

/// Sums, which wrap around.
///
/// Public because `Atomic`'s bounds name it; called by `Atomic` only.
pub trait AtomicArithmeticOps: AtomicImpl {
    /// Adds `delta`.
    ///
    /// # Safety
    ///
    /// The cell's requirement, see [`AtomicBasicOps`].
    unsafe fn add(cell: *mut Self, delta: Self::Delta);

    /// Adds `delta`, and returns the value before.
    ///
    /// # Safety
    ///
    /// The cell's requirement, see [`AtomicBasicOps`].
    unsafe fn fetch_add<O: Ordering>(cell: *mut Self, delta: Self::Delta) -> Self;

    /// Subtracts `delta`, and returns the value before.
    ///
    /// # Safety
    ///
    /// The cell's requirement, see [`AtomicBasicOps`].
    unsafe fn fetch_sub<O: Ordering>(cell: *mut Self, delta: Self::Delta) -> Self;
}

/// Calls the one of four C functions, given as full, acquire, release, relaxed, that `$order` names.
///
/// For use where the cell's requirement holds for the cell among the arguments.
macro_rules! call_ordered {
    ($order:ty, [$full:ident, $acquire:ident, $release:ident, $relaxed:ident] $args:tt) => {
        match <$order>::TYPE {
            // SAFETY: By the cell's requirement it is valid, aligned and otherwise only accessed
            // atomically, which is all that the C function asks.
            OrderingType::Full => unsafe { bindings::$full $args },
            // SAFETY: As above.
            OrderingType::Acquire => unsafe { bindings::$acquire $args },
            // SAFETY: As above.
            OrderingType::Release => unsafe { bindings::$release $args },
            // SAFETY: As above.
            OrderingType::Relaxed => unsafe { bindings::$relaxed $args },
        }
    };
}

/// Whether loads and stores are the plain accesses that `READ_ONCE()` and `WRITE_ONCE()` are, for all five
/// types, and the compiler alone has to be kept from moving others across an acquire or a release. It saves
/// the call of a helper for what is one instruction.
///
/// That is so on x86-64. KCSAN wants to see C's.
const PLAIN: bool = cfg!(all(CONFIG_X86_64, not(CONFIG_KCSAN)));

macro_rules! impl_basic_ops {
    ($($repr:ty: $read:ident, $read_acquire:ident, $set:ident, $set_release:ident;)*) => {$(
        impl AtomicBasicOps for $repr {
            #[inline(always)]
            unsafe fn load<O: AcquireOrRelaxed>(cell: *mut Self) -> Self {
                if PLAIN {
                    // SAFETY: By the cell's requirement it is valid, aligned and otherwise only
                    // accessed atomically; a volatile access of a machine word is C's way to read what
                    // others may write at the same time.
                    let value = unsafe { cell.read_volatile() };
                    if O::ACQUIRE {
                        compiler_fence(Acquire);
                    }
                    value
                } else if O::ACQUIRE {
                    // SAFETY: As above, which is all that the C function asks.
                    unsafe { bindings::$read_acquire(cell.cast()) }
                } else {
                    // SAFETY: As above.
                    unsafe { bindings::$read(cell.cast()) }
                }
            }

            #[inline(always)]
            unsafe fn store<O: ReleaseOrRelaxed>(cell: *mut Self, value: Self) {
                if PLAIN {
                    if O::RELEASE {
                        compiler_fence(Release);
                    }
                    // SAFETY: By the cell's requirement it is valid, aligned and otherwise only
                    // accessed atomically; a volatile access of a machine word is C's way to write what
                    // others may read at the same time.
                    unsafe { cell.write_volatile(value) }
                } else if O::RELEASE {
                    // SAFETY: As above, which is all that the C function asks.
                    unsafe { bindings::$set_release(cell.cast(), value) }
                } else {
                    // SAFETY: As above.
                    unsafe { bindings::$set(cell.cast(), value) }
                }
            }
        }
    )*};
}

macro_rules! impl_exchange_ops {
    ($($repr:ty: $xchg:tt, $try_cmpxchg:tt;)*) => {$(
        impl AtomicExchangeOps for $repr {
            #[inline(always)]
            unsafe fn xchg<O: Ordering>(cell: *mut Self, new: Self) -> Self {
                call_ordered!(O, $xchg (cell.cast(), new))
            }

            #[inline(always)]
            unsafe fn try_cmpxchg<O: Ordering>(cell: *mut Self, old: &mut Self, new: Self) -> bool {
                call_ordered!(O, $try_cmpxchg (cell.cast(), old, new))
            }
        }
    )*};
}

macro_rules! impl_arithmetic_ops {
    ($($repr:ty: $add:ident, $fetch_add:tt, $fetch_sub:tt;)*) => {$(
        impl AtomicArithmeticOps for $repr {
            #[inline(always)]
            unsafe fn add(cell: *mut Self, delta: Self::Delta) {
                // SAFETY: By the cell's requirement it is valid, aligned and otherwise only accessed
                // atomically, which is all that the C function asks.
                unsafe { bindings::$add(delta, cell.cast()) }
            }

            #[inline(always)]
            unsafe fn fetch_add<O: Ordering>(cell: *mut Self, delta: Self::Delta) -> Self {
                call_ordered!(O, $fetch_add (delta, cell.cast()))
            }

            #[inline(always)]
            unsafe fn fetch_sub<O: Ordering>(cell: *mut Self, delta: Self::Delta) -> Self {
                call_ordered!(O, $fetch_sub (delta, cell.cast()))
            }
        }
    )*};
}

impl_basic_ops! {
    i32: atomic_read, atomic_read_acquire, atomic_set, atomic_set_release;
    i64: atomic64_read, atomic64_read_acquire, atomic64_set, atomic64_set_release;
}

#[cfg(CONFIG_ARCH_SUPPORTS_ATOMIC_RMW)]
impl_basic_ops! {
    i8: atomic_i8_read, atomic_i8_read_acquire, atomic_i8_set, atomic_i8_set_release;
    i16: atomic_i16_read, atomic_i16_read_acquire, atomic_i16_set, atomic_i16_set_release;
    *const c_void: atomic_ptr_read, atomic_ptr_read_acquire, atomic_ptr_set, atomic_ptr_set_release;
}

impl_exchange_ops! {
    i32:
        [atomic_xchg, atomic_xchg_acquire, atomic_xchg_release, atomic_xchg_relaxed],
        [
            atomic_try_cmpxchg,
            atomic_try_cmpxchg_acquire,
            atomic_try_cmpxchg_release,
            atomic_try_cmpxchg_relaxed
        ];
    i64:
        [atomic64_xchg, atomic64_xchg_acquire, atomic64_xchg_release, atomic64_xchg_relaxed],
        [
            atomic64_try_cmpxchg,
            atomic64_try_cmpxchg_acquire,
            atomic64_try_cmpxchg_release,
            atomic64_try_cmpxchg_relaxed
        ];
}

#[cfg(CONFIG_ARCH_SUPPORTS_ATOMIC_RMW)]
impl_exchange_ops! {
    i8:
        [atomic_i8_xchg, atomic_i8_xchg_acquire, atomic_i8_xchg_release, atomic_i8_xchg_relaxed],
        [
            atomic_i8_try_cmpxchg,
            atomic_i8_try_cmpxchg_acquire,
            atomic_i8_try_cmpxchg_release,
            atomic_i8_try_cmpxchg_relaxed
        ];
    i16:
        [
            atomic_i16_xchg,
            atomic_i16_xchg_acquire,
            atomic_i16_xchg_release,
            atomic_i16_xchg_relaxed
        ],
        [
            atomic_i16_try_cmpxchg,
            atomic_i16_try_cmpxchg_acquire,
            atomic_i16_try_cmpxchg_release,
            atomic_i16_try_cmpxchg_relaxed
        ];
    *const c_void:
        [
            atomic_ptr_xchg,
            atomic_ptr_xchg_acquire,
            atomic_ptr_xchg_release,
            atomic_ptr_xchg_relaxed
        ],
        [
            atomic_ptr_try_cmpxchg,
            atomic_ptr_try_cmpxchg_acquire,
            atomic_ptr_try_cmpxchg_release,
            atomic_ptr_try_cmpxchg_relaxed
        ];
}

impl_arithmetic_ops! {
    i32:
        atomic_add,
        [
            atomic_fetch_add,
            atomic_fetch_add_acquire,
            atomic_fetch_add_release,
            atomic_fetch_add_relaxed
        ],
        [
            atomic_fetch_sub,
            atomic_fetch_sub_acquire,
            atomic_fetch_sub_release,
            atomic_fetch_sub_relaxed
        ];
    i64:
        atomic64_add,
        [
            atomic64_fetch_add,
            atomic64_fetch_add_acquire,
            atomic64_fetch_add_release,
            atomic64_fetch_add_relaxed
        ],
        [
            atomic64_fetch_sub,
            atomic64_fetch_sub_acquire,
            atomic64_fetch_sub_release,
            atomic64_fetch_sub_relaxed
        ];
}
