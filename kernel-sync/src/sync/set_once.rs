// SPDX-License-Identifier: GPL-2.0

//! A value that is set once.

use crate::sync::atomic::{Acquire, Atomic, Relaxed, Release};
use core::{cell::UnsafeCell, mem::MaybeUninit};

// The protocol, which tests/set_once_model.rs checks in every interleaving:
//
//     EMPTY --cmpxchg by one `populate`--> BUSY --store-release by the same--> SET
//
// It never goes back. From winning the exchange to the release store the value belongs to that one
// `populate`; after the store it is read-only, for whoever saw SET with an acquire load.

/// No value yet, and nobody about to set one.
const EMPTY: u32 = 0;
/// One `populate` is writing the value.
const BUSY: u32 = 1;
/// The value is there for good.
const SET: u32 = 2;

/// A place for a value that is set once, and from then on only read.
///
/// Neither side ever waits: a reader gets nothing until the value is there, and of several
/// [`populate`](Self::populate) calls at the same time one wins. So it may be used in any context,
/// interrupt handlers included, and in a `static`. A lock around an `Option` would do the same, and
/// cost each reader.
///
/// # Invariants
///
/// - The state is one of `EMPTY`, `BUSY`, `SET`.
/// - In state `SET` the value is initialized, and is not written to while the `SetOnce` is shared.
/// - In state `BUSY` only the `populate` that made it so accesses the value.
///
/// # Examples
///
/// ```
/// use kernel::sync::SetOnce;
///
/// static VERSION: SetOnce<u32> = SetOnce::new();
///
/// // Whoever is first...
/// VERSION.populate(3);
/// // ...decides.
/// assert!(!VERSION.populate(4));
/// assert_eq!(VERSION.copy(), Some(3));
/// ```
pub struct SetOnce<T> {
    state: Atomic<u32>,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: Moving it moves the value, if any, and a number.
unsafe impl<T: Send> Send for SetOnce<T> {}

// SAFETY: Through `&SetOnce` one thread may put a value in that another gets, or drops: hence
// `T: Send`. Any number of them may look at it at the same time: hence `T: Sync`. The protocol
// above keeps writing and reading apart.
unsafe impl<T: Send + Sync> Sync for SetOnce<T> {}

impl<T> SetOnce<T> {
    /// Creates one without a value.
    pub const fn new() -> Self {
        // INVARIANT: `EMPTY`, which asks nothing of the value.
        Self {
            state: Atomic::new(EMPTY),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Returns the value, if it has been set.
    ///
    /// Who gets it also sees all that was done before the value was set.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::SetOnce;
    ///
    /// let name = SetOnce::new();
    /// assert!(name.as_ref().is_none());
    ///
    /// name.populate([b'e', b't', b'h', b'0']);
    /// assert_eq!(name.as_ref().map(|name| name.len()), Some(4));
    /// ```
    pub fn as_ref(&self) -> Option<&T> {
        if self.state.load(Acquire) != SET {
            return None;
        }
        // SAFETY: By the type invariant nobody writes to the value in state `SET`, which is for
        // good while `self` is borrowed; and the acquire load keeps this behind the writing of it.
        let value = unsafe { &*self.value.get() };
        // SAFETY: By the type invariant the value is initialized in state `SET`.
        Some(unsafe { value.assume_init_ref() })
    }

    /// Sets the value, and returns whether it did.
    ///
    /// Returns `false`, and drops `value`, if one is there already, or about to be: after `false`,
    /// [`as_ref`](Self::as_ref) may still find nothing for a moment. Dropping happens right here,
    /// so in atomic context `value` must be of a kind that may be dropped there.
    pub fn populate(&self, value: T) -> bool {
        // Relaxed is enough: whoever wins has nothing to see of what others wrote, since others
        // wrote nothing; and nobody looks at the value until the store below.
        //
        // INVARIANT: From `EMPTY` to `BUSY`, and this call alone won the exchange.
        if self.state.cmpxchg(EMPTY, BUSY, Relaxed).is_err() {
            return false;
        }
        // SAFETY: By the type invariant nobody else accesses the value in state `BUSY`.
        unsafe { (*self.value.get()).write(value) };
        // INVARIANT: The value has just been initialized, and is not written to from here on.
        self.state.store(SET, Release);
        true
    }

    /// Returns a copy of the value, if it has been set.
    pub fn copy(&self) -> Option<T>
    where
        T: Copy,
    {
        self.as_ref().copied()
    }
}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for SetOnce<T> {
    fn drop(&mut self) {
        if *self.state.get_mut() == SET {
            // SAFETY: By the type invariant the value is initialized in state `SET`; it is dropped
            // here and nowhere else, and never used again.
            unsafe { self.value.get_mut().assume_init_drop() };
        }
    }
}

#[crate::macros::kunit_tests(rust_set_once)]
mod tests {
    use super::*;
    use crate::{prelude::*, sync::Arc};

    #[test]
    fn nothing_until_it_is_set() {
        let cell = SetOnce::<u64>::default();
        assert!(cell.as_ref().is_none());
        assert!(cell.copy().is_none());
        assert!(cell.populate(0));
        assert_eq!(cell.as_ref(), Some(&0));
        assert_eq!(cell.copy(), Some(0));
    }

    #[test]
    fn the_first_one_stays() {
        let cell = SetOnce::new();
        assert!(cell.populate([1u8; 3]));
        for n in 2..10 {
            assert!(!cell.populate([n; 3]));
        }
        assert_eq!(cell.copy(), Some([1; 3]));
    }

    #[test]
    fn the_value_stays_where_it_is() {
        let cell = SetOnce::new();
        cell.populate(7);
        let first = cell.as_ref().map(core::ptr::from_ref);
        cell.populate(8);
        assert_eq!(cell.as_ref().map(core::ptr::from_ref), first);
    }

    /// Counts how often a value is dropped.
    struct Dropped<'a>(&'a Atomic<u32>);

    impl Drop for Dropped<'_> {
        fn drop(&mut self) {
            self.0.add(1, Relaxed);
        }
    }

    #[test]
    fn a_value_is_dropped_once() {
        let drops = Atomic::new(0);
        let cell = SetOnce::new();

        assert!(cell.populate(Dropped(&drops)));
        assert_eq!(drops.load(Relaxed), 0);
        // One too late is dropped at once.
        assert!(!cell.populate(Dropped(&drops)));
        assert_eq!(drops.load(Relaxed), 1);
        drop(cell);
        assert_eq!(drops.load(Relaxed), 2);
    }

    #[test]
    fn nothing_is_dropped_if_nothing_was_set() {
        drop(SetOnce::<KBox<u8>>::new());
    }

    /// What another thread, or an interrupt, finds while a `populate` is writing.
    #[test]
    fn in_the_middle_of_setting() {
        let drops = Atomic::new(0);
        let cell = SetOnce::new();

        cell.state.store(BUSY, Relaxed);
        assert!(cell.as_ref().is_none());
        assert!(!cell.populate(Dropped(&drops)));
        assert_eq!(drops.load(Relaxed), 1);
        assert!(cell.as_ref().is_none());
        // There is no value to drop.
        drop(cell);
        assert_eq!(drops.load(Relaxed), 1);
    }

    #[test]
    fn owned_values() -> Result {
        let cell = SetOnce::new();
        let arc = Arc::new(5, GFP_KERNEL)?;

        assert!(cell.populate(arc.clone()));
        assert!(cell.as_ref().is_some_and(|it| Arc::ptr_eq(it, &arc)));
        drop(cell);
        assert!(Arc::into_unique_or_drop(arc).is_some());
        Ok(())
    }

    #[test]
    fn statics() {
        static CELL: SetOnce<&str> = SetOnce::new();

        // KUnit can be told to run this again.
        CELL.populate("once");
        assert_eq!(CELL.copy(), Some("once"));
    }
}
