// SPDX-License-Identifier: GPL-2.0

//! A flag of whatever size the architecture swaps fastest.

use super::{
    ordering::{AcquireOrRelaxed, Ordering as AnyOrdering, ReleaseOrRelaxed},
    Atomic,
};

// x86 and arm64 exchange single bytes like any other size.
#[cfg(any(CONFIG_X86, CONFIG_UML_X86, CONFIG_ARM64))]
type Cell = bool;

// Elsewhere C builds a byte exchange out of a 32-bit one: a loop, and shifts around it.
#[cfg(not(any(CONFIG_X86, CONFIG_UML_X86, CONFIG_ARM64)))]
type Cell = i32;

/// An atomic `bool` for where its size does not matter.
///
/// Does what [`Atomic<bool>`] does. That one is always a byte, and so the choice for large arrays,
/// packed structures and what C declares as `bool`; but few architectures swap bytes in one
/// instruction. This one is as large as is fastest: one byte on x86 and arm64, four elsewhere.
///
/// # Invariants
///
/// The cell holds `true` or `false`; where it is an `i32`, as 1 and 0.
///
/// # Examples
///
/// Let one caller through, and no other:
///
/// ```
/// use kernel::sync::atomic::{AtomicFlag, Full, Relaxed};
///
/// let taken = AtomicFlag::new(false);
///
/// assert!(!taken.xchg(true, Full));
/// assert!(taken.xchg(true, Full));
/// assert!(taken.load(Relaxed));
/// ```
pub struct AtomicFlag(Atomic<Cell>);

/// Returns what the cell holds for `value`.
const fn to_cell(value: bool) -> Cell {
    value as Cell
}

/// Returns what the cell's content means.
#[inline]
fn from_cell(cell: Cell) -> bool {
    cell != to_cell(false)
}

impl AtomicFlag {
    /// Creates a flag that holds `value`.
    pub const fn new(value: bool) -> Self {
        // INVARIANT: `to_cell` gives one of the two values.
        Self(Atomic::new(to_cell(value)))
    }

    /// Returns the flag for plain access; nobody else has it while it is borrowed mutably.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::atomic::{AtomicFlag, Relaxed};
    ///
    /// let mut flag = AtomicFlag::new(false);
    /// *flag.get_mut() = true;
    /// assert!(flag.load(Relaxed));
    /// *flag.get_mut() = false;
    /// assert!(!flag.load(Relaxed));
    /// ```
    pub fn get_mut(&mut self) -> &mut bool {
        // The byte with the lowest bit; the others are zero and stay so.
        let low = if cfg!(target_endian = "little") {
            0
        } else {
            size_of::<Cell>() - 1
        };
        let cell: *mut Cell = self.0.get_mut();

        // INVARIANT: A `bool` written to the lowest byte makes the whole 0 or 1.
        // SAFETY: `low` is less than the size of what `cell` points to.
        let byte = unsafe { cell.cast::<bool>().add(low) };
        // SAFETY: By the type invariant that byte is 0 or 1, a `bool`. It is borrowed as mutably,
        // and for as long, as `self` is.
        unsafe { &mut *byte }
    }

    /// Loads the value.
    #[inline(always)]
    pub fn load<Ordering: AcquireOrRelaxed>(&self, o: Ordering) -> bool {
        from_cell(self.0.load(o))
    }

    /// Stores a value.
    #[inline(always)]
    pub fn store<Ordering: ReleaseOrRelaxed>(&self, value: bool, o: Ordering) {
        // INVARIANT: `to_cell` gives one of the two values.
        self.0.store(to_cell(value), o);
    }

    /// Stores a value, and returns the one it replaced.
    #[inline(always)]
    pub fn xchg<Ordering: AnyOrdering>(&self, new: bool, o: Ordering) -> bool {
        // INVARIANT: `to_cell` gives one of the two values.
        from_cell(self.0.xchg(to_cell(new), o))
    }

    /// Stores `new` if the flag holds `old`; see [`Atomic::cmpxchg`].
    #[inline(always)]
    pub fn cmpxchg<Ordering: AnyOrdering>(
        &self,
        old: bool,
        new: bool,
        o: Ordering,
    ) -> Result<bool, bool> {
        // INVARIANT: `to_cell` gives one of the two values.
        self.0
            .cmpxchg(to_cell(old), to_cell(new), o)
            .map(from_cell)
            .map_err(from_cell)
    }
}

#[cfg(CONFIG_RUST_ATOMICS_KUNIT_TEST)]
#[crate::macros::kunit_tests(rust_atomic_flag)]
mod tests {
    use super::*;
    use crate::sync::atomic::{Acquire, Full, Relaxed, Release};

    const BOTH: [bool; 2] = [false, true];

    #[test]
    fn holds_what_is_stored() {
        for first in BOTH {
            let flag = AtomicFlag::new(first);
            assert_eq!(flag.load(Relaxed), first);
            for second in BOTH {
                flag.store(second, Release);
                assert_eq!(flag.load(Acquire), second);
                flag.store(!second, Relaxed);
                assert_eq!(flag.load(Relaxed), !second);
            }
        }
    }

    /// Both exchanges for all values, in the order that `order` makes.
    fn exchanges<O: AnyOrdering>(order: impl Fn() -> O) {
        for there in BOTH {
            for new in BOTH {
                let flag = AtomicFlag::new(there);
                assert_eq!(flag.xchg(new, order()), there);
                assert_eq!(flag.load(Relaxed), new);

                let flag = AtomicFlag::new(there);
                assert_eq!(flag.cmpxchg(there, new, order()), Ok(there));
                assert_eq!(flag.load(Relaxed), new);

                let flag = AtomicFlag::new(there);
                assert_eq!(flag.cmpxchg(!there, new, order()), Err(there));
                assert_eq!(flag.load(Relaxed), there);
            }
        }
    }

    #[test]
    fn exchanges_in_every_order() {
        exchanges(|| Full);
        exchanges(|| Acquire);
        exchanges(|| Release);
        exchanges(|| Relaxed);
    }

    #[test]
    fn plain_access_keeps_the_cell_whole() {
        for value in BOTH {
            let mut flag = AtomicFlag::new(!value);
            assert_eq!(*flag.get_mut(), !value);
            *flag.get_mut() = value;
            // An exchange compares the cell as a whole, with all its bytes.
            assert_eq!(flag.cmpxchg(value, !value, Full), Ok(value));
            assert_eq!(*flag.get_mut(), !value);
        }
    }

    static STATIC: AtomicFlag = AtomicFlag::new(true);

    #[test]
    fn statics() {
        assert!(STATIC.load(Relaxed));
    }
}
