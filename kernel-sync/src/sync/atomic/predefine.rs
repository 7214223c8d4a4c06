// SPDX-License-Identifier: GPL-2.0

//! The primitive types that can be atomic.
//!
//! There is no `u8` or `u16`: C has no atomic sums of these sizes, and a flag or an enumeration,
//! which is what remains, is a `bool` or an [`AtomicType`] of its own.

use super::{AtomicAdd, AtomicType};
use crate::ffi::c_void;

/// What C's `atomic_long_t` stands for.
#[cfg(CONFIG_64BIT)]
type Long = i64;
/// What C's `atomic_long_t` stands for.
#[cfg(not(CONFIG_64BIT))]
type Long = i32;

macro_rules! impl_atomic_type {
    ($($type:ty, $repr:ty;)*) => {$(
        // SAFETY: Two integers of the same size, which all the bytes of either are values of, and
        // that mean the same to every thread.
        unsafe impl AtomicType for $type {
            type Repr = $repr;
        }
    )*};
}

macro_rules! impl_atomic_add {
    ($($type:ty, $repr:ty;)*) => {$(
        // SAFETY: All sums are values: any bytes of this size are a `$type`.
        unsafe impl AtomicAdd for $type {
            #[inline(always)]
            fn rhs_into_delta(rhs: $type) -> $repr {
                // Two's complement: adding a large unsigned number is subtracting a small one.
                rhs as $repr
            }
        }
    )*};
}

impl_atomic_type! {
    i32, i32;
    u32, i32;
    i64, i64;
    u64, i64;
    isize, Long;
    usize, Long;
}

impl_atomic_add! {
    i32, i32;
    u32, i32;
    i64, i64;
    u64, i64;
    isize, Long;
    usize, Long;
}

#[cfg(CONFIG_ARCH_SUPPORTS_ATOMIC_RMW)]
impl_atomic_type! {
    i8, i8;
    i16, i16;
}

// SAFETY: A `bool` is a byte, 0 or 1, each of which is an `i8`, and means the same to every thread.
#[cfg(CONFIG_ARCH_SUPPORTS_ATOMIC_RMW)]
unsafe impl AtomicType for bool {
    type Repr = i8;
}

// SAFETY: Pointers to sized types all have one layout, and any address is a value of each. A
// pointer may be moved to another thread; only using it there needs a proof.
#[cfg(CONFIG_ARCH_SUPPORTS_ATOMIC_RMW)]
unsafe impl<T: Sized> AtomicType for *mut T {
    type Repr = *const c_void;
}

// SAFETY: As for `*mut T`.
#[cfg(CONFIG_ARCH_SUPPORTS_ATOMIC_RMW)]
unsafe impl<T: Sized> AtomicType for *const T {
    type Repr = *const c_void;
}
