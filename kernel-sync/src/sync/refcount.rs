// SPDX-License-Identifier: GPL-2.0

//! A reference count that saturates: C's [`refcount_t`](srctree/include/linux/refcount.h).

use crate::{
    bindings,
    sync::atomic::{Atomic, Relaxed},
    types::Opaque,
};

/// A count of references to something: C's [`refcount_t`].
///
/// Made to survive mistakes. What would overflow, underflow, or come back from zero, warns, and
/// leaves the count *saturated*: far below zero, where it stays whatever is added or dropped. The
/// object it counts for leaks then, which beats being freed while somebody uses it. That is what
/// sets it apart from an [`Atomic<i32>`]; use that for numbers that count no references.
///
/// The memory orderings are those a count of references needs: none on the way up; on the way down
/// a release, and for who takes it to zero an acquire, so that all use of the object comes before
/// its destruction.
///
/// Most code needs [`Arc`](crate::sync::Arc), not this.
///
/// [`refcount_t`]: srctree/include/linux/refcount_types.h
///
/// # Invariants
///
/// Holds a valid `refcount_t`, accessed only atomically.
///
/// # Examples
///
/// ```
/// use kernel::sync::Refcount;
///
/// let refs = Refcount::new(1);
///
/// refs.inc();
/// assert!(!refs.dec_and_test());
/// // The last reference: time to free the object.
/// assert!(refs.dec_and_test());
/// ```
#[repr(transparent)]
pub struct Refcount(Opaque<bindings::refcount_t>);

const _: () = assert!(
    size_of::<bindings::refcount_t>() == size_of::<Atomic<i32>>()
        && align_of::<bindings::refcount_t>() >= align_of::<Atomic<i32>>()
);

// SAFETY: A number that has no ties to the thread it was made in.
unsafe impl Send for Refcount {}

// SAFETY: C's operations on a `refcount_t` may run on any number of CPUs at once.
unsafe impl Sync for Refcount {}

impl Refcount {
    /// Creates a count that starts at `value`: C's `REFCOUNT_INIT()`.
    ///
    /// Whoever creates an object owns a reference to it, so this is 1 as a rule.
    #[inline]
    pub fn new(value: i32) -> Self {
        // INVARIANT: This is what `REFCOUNT_INIT(value)` expands to.
        Self(Opaque::new(bindings::refcount_t {
            refs: bindings::atomic_t { counter: value },
        }))
    }

    /// Returns the address of the C structure.
    #[inline]
    fn as_ptr(&self) -> *mut bindings::refcount_t {
        self.0.get()
    }

    /// Counts one reference more: C's `refcount_inc()`. Orders nothing.
    ///
    /// Only for who has a reference already. Warns and saturates if the count is zero, which means
    /// that the object is gone, and if it overflows.
    #[inline]
    pub fn inc(&self) {
        // SAFETY: By the type invariant `as_ptr()` is a valid `refcount_t`.
        unsafe { bindings::refcount_inc(self.as_ptr()) }
    }

    /// Counts one reference less, which is not the last: C's `refcount_dec()`. A release.
    ///
    /// Warns and saturates if it was the last one after all: the object leaks. Use
    /// [`dec_and_test`](Self::dec_and_test) where it may be.
    #[inline]
    pub fn dec(&self) {
        // SAFETY: By the type invariant `as_ptr()` is a valid `refcount_t`.
        unsafe { bindings::refcount_dec(self.as_ptr()) }
    }

    /// Counts one reference less, and returns whether it was the last: C's
    /// `refcount_dec_and_test()`. A release, and an acquire if it returns `true`.
    ///
    /// Warns and saturates if there was none left. Once saturated, always returns `false`.
    #[inline]
    #[must_use = "if this returns `true`, nobody but the caller can free the object"]
    pub fn dec_and_test(&self) -> bool {
        // SAFETY: By the type invariant `as_ptr()` is a valid `refcount_t`.
        unsafe { bindings::refcount_dec_and_test(self.as_ptr()) }
    }

    /// Sets the count to `value`: C's `refcount_set()`. Orders nothing.
    ///
    /// For objects nobody else can reach yet, or any more.
    #[inline]
    pub fn set(&self, value: i32) {
        // That is what `refcount_set()` does, which would be a call here.
        self.as_atomic().store(value, Relaxed);
    }

    /// Returns the bare number.
    ///
    /// For what `refcount_t` has no operation for. Nothing saturates here: who counts through this
    /// must see to it that the count never wraps around. A saturated count reads as a number below
    /// zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::{atomic::Relaxed, Refcount};
    ///
    /// let refs = Refcount::new(3);
    /// refs.dec();
    /// assert_eq!(refs.as_atomic().load(Relaxed), 2);
    /// ```
    #[inline]
    pub fn as_atomic(&self) -> &Atomic<i32> {
        let ptr = self.as_ptr().cast::<i32>();
        // SAFETY: A `refcount_t` is an `atomic_t` and that an `int`, aligned and valid as `self`
        // is, and by the type invariant only accessed atomically.
        unsafe { Atomic::from_ptr(ptr) }
    }
}

#[crate::macros::kunit_tests(rust_refcount)]
mod tests {
    use super::*;

    /// C's `REFCOUNT_SATURATED`.
    const SATURATED: i32 = i32::MIN / 2;

    fn value(refs: &Refcount) -> i32 {
        refs.as_atomic().load(Relaxed)
    }

    /// Does what C warns about, without the backtrace in the log.
    fn warned(cause: impl FnOnce()) {
        // SAFETY: May be called by any task; this one runs a test, so it is not null.
        let test = unsafe { bindings::kunit_get_current_test() };
        // SAFETY: `test` is the running test, and the tests here don't nest this.
        let quiet = unsafe { bindings::kunit_start_suppress_warning(test) };
        cause();
        // SAFETY: `quiet` comes from the call above, for the same test.
        unsafe { bindings::kunit_end_suppress_warning(test, quiet) };
    }

    #[test]
    fn counts_up_and_down() {
        let refs = Refcount::new(1);
        for n in 2..100 {
            refs.inc();
            assert_eq!(value(&refs), n);
        }
        for n in (1..99).rev() {
            refs.dec();
            assert_eq!(value(&refs), n);
        }
        assert!(refs.dec_and_test());
        assert_eq!(value(&refs), 0);
    }

    #[test]
    fn only_the_last_one_is_last() {
        let refs = Refcount::new(5);
        for _ in 0..4 {
            assert!(!refs.dec_and_test());
        }
        assert!(refs.dec_and_test());
    }

    #[test]
    fn set_starts_over() {
        let refs = Refcount::new(1);
        assert!(refs.dec_and_test());
        refs.set(2);
        assert!(!refs.dec_and_test());
        assert!(refs.dec_and_test());
    }

    #[test]
    fn the_number_is_the_count() {
        let refs = Refcount::new(1);
        refs.as_atomic().add(2, Relaxed);
        assert!(!refs.dec_and_test());
        assert_eq!(value(&refs), 2);
    }

    #[test]
    fn the_largest_count_is_a_count() {
        let refs = Refcount::new(i32::MAX - 1);
        refs.inc();
        assert_eq!(value(&refs), i32::MAX);
        assert!(!refs.dec_and_test());
        assert_eq!(value(&refs), i32::MAX - 1);
    }

    #[test]
    fn overflow_saturates() {
        let refs = Refcount::new(i32::MAX);
        warned(|| refs.inc());
        assert_eq!(value(&refs), SATURATED);
    }

    #[test]
    fn what_comes_back_from_zero_saturates() {
        let refs = Refcount::new(1);
        assert!(refs.dec_and_test());
        warned(|| refs.inc());
        assert_eq!(value(&refs), SATURATED);
    }

    #[test]
    fn underflow_saturates() {
        let refs = Refcount::new(0);
        warned(|| assert!(!refs.dec_and_test()));
        assert_eq!(value(&refs), SATURATED);
    }

    #[test]
    fn dropping_the_last_unawares_saturates() {
        let refs = Refcount::new(1);
        warned(|| refs.dec());
        assert_eq!(value(&refs), SATURATED);
    }

    #[test]
    fn saturated_it_stays() {
        let refs = Refcount::new(i32::MAX);
        warned(|| {
            refs.inc();
            for _ in 0..1000 {
                assert!(!refs.dec_and_test());
                refs.inc();
                refs.inc();
                refs.dec();
            }
        });
        assert_eq!(value(&refs), SATURATED);
    }
}
