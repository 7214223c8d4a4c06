// SPDX-License-Identifier: GPL-2.0

//! Maps from ranges of numbers to pointers.
//!
//! A [`MapleTree`] maps ranges of `usize`, none of which overlap, to values. It is fast at finding the
//! range that a number lies in, and the next one. A [`MapleTreeAlloc`] keeps track of gaps, too, and
//! finds one of a given size.
//!
//! What is in a tree is any owner that can be turned into a pointer: a [`KBox`], an
//! [`Arc`](crate::sync::Arc), …: see [`ForeignOwnable`].
//!
//! In C these trees can be read under RCU alone. Here values are looked at by way of a [`MapleGuard`],
//! which holds the lock: a value stays for as long as it is borrowed, and the tree may reuse its nodes at
//! once (it is not in RCU mode).
//!
//! In C: [`maple_tree.h`](srctree/include/linux/maple_tree.h), explained in
//! [`maple_tree.rst`](srctree/Documentation/core-api/maple_tree.rst).

use crate::{
    alloc::{self, Flags},
    bindings,
    error::to_result,
    prelude::*,
    types::{ForeignOwnable, Opaque},
    xarray::guard_flag::GuardFlag,
};
use core::{
    cell::Cell,
    marker::PhantomData,
    ops::{Bound, RangeBounds},
};

mod error;
mod gaps;
mod guard;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use error::{AllocError, AllocErrorKind, InsertError, InsertErrorKind};
pub use gaps::MapleTreeAlloc;
pub use guard::{MaState, MapleGuard};

/// A map from ranges of numbers to owners.
///
/// The tree has a spinlock. [`insert`](Self::insert), [`insert_range`](Self::insert_range) and
/// [`erase`](Self::erase) acquire it themselves; [`lock`](Self::lock) is for looking at values. Interrupts
/// stay enabled meanwhile, so interrupt handlers must not use the tree.
///
/// Dropping the tree drops the values, each once, without holding the lock.
///
/// The two low bits of what C stores tell pointers from other things, so pointers have to be aligned to
/// four bytes. [`new`](Self::new) does not compile for a `T` that does not promise that, such as `()`,
/// or a box of a value without size.
///
/// To lockdep all trees of Rust code are of one class. It complains about a task that uses a second one
/// while it has a guard of a first.
///
/// C counterpart: [`struct maple_tree`].
///
/// # Invariants
///
/// - `tree` is initialised, with a lock of its own, and not in RCU mode.
/// - Each entry is a pointer that [`T::into_foreign`](ForeignOwnable::into_foreign) returned, and the
///   tree owns what it stands for. No two ranges have the same entry.
/// - Entries and nodes are looked at and changed by whoever holds the lock. `guarded` says whether there
///   is a [`MapleGuard`].
///
/// # Examples
///
/// ```
/// use kernel::maple_tree::MapleTree;
///
/// let owners = KBox::pin_init(MapleTree::<KBox<&'static str>>::new(), GFP_KERNEL)?;
///
/// owners.insert_range(0x1000..0x3000, KBox::new("text", GFP_KERNEL)?, GFP_KERNEL)?;
/// owners.insert_range(0x8000..=0xffff, KBox::new("stack", GFP_KERNEL)?, GFP_KERNEL)?;
/// owners.insert(0x3000, KBox::new("guard", GFP_KERNEL)?, GFP_KERNEL)?;
///
/// // A range that is taken stays as it is.
/// let more = KBox::new("data", GFP_KERNEL)?;
/// assert!(owners.insert_range(0x2fff..0x5000, more, GFP_KERNEL).is_err());
///
/// let mut guard = owners.lock();
/// assert_eq!(guard.load(0x2fff).as_deref(), Some(&"text"));
/// assert_eq!(guard.load(0x3000).as_deref(), Some(&"guard"));
/// assert_eq!(guard.load(0x3001), None);
/// drop(guard);
///
/// // Any number of a range stands for all of it.
/// assert_eq!(owners.erase(0x1234).as_deref(), Some(&"text"));
/// assert!(owners.lock().load(0x1000).is_none());
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct maple_tree`]: srctree/include/linux/maple_tree.h
#[pin_data(PinnedDrop)]
// With a single processor there is a flag beside the lock.
#[cfg_attr(any(CONFIG_SMP, CONFIG_PREEMPT_RT), repr(transparent))]
pub struct MapleTree<T: ForeignOwnable> {
    #[pin]
    tree: Opaque<bindings::maple_tree>,
    guarded: GuardFlag,
    // It owns `T`s, and takes them in by `&self`: a tree of a long-lived `T` is none of a shorter-lived.
    _owns: PhantomData<Cell<T>>,
}

// SAFETY: The tree owns its values, and without a guard (which borrows it) belongs to no task.
unsafe impl<T: ForeignOwnable + Send> Send for MapleTree<T> {}

// SAFETY: Sharing the tree lets each task in turn have, insert and take out values, one task at a time:
// that is no more than sending them back and forth.
unsafe impl<T: ForeignOwnable + Send> Sync for MapleTree<T> {}

impl<T: ForeignOwnable> MapleTree<T> {
    /// Initialises a tree that is empty.
    pub fn new() -> impl PinInit<Self> {
        Self::with_flags(0)
    }

    /// Initialises a tree that is empty, with flags that neither say that its lock is another's nor that
    /// it is in RCU mode.
    fn with_flags(flags: c_uint) -> impl PinInit<Self> {
        const {
            assert!(
                T::FOREIGN_ALIGN >= 4,
                "a MapleTree needs pointers that are aligned to four bytes"
            )
        };
        // INVARIANT: The tree is initialised, has no entry, and nobody has a guard.
        pin_init!(Self {
            tree <- Opaque::ffi_init(|tree| {
                // SAFETY: `ffi_init` gives memory that is valid for writes and stays in place.
                unsafe { bindings::mt_init_flags(tree, flags) }
            }),
            guarded: GuardFlag::new(),
            _owns: PhantomData,
        })
    }

    /// Inserts a value for one number.
    ///
    /// See [`insert_range`](Self::insert_range).
    ///
    /// # Errors
    ///
    /// Those of [`insert_range`](Self::insert_range), except that the request is always valid.
    pub fn insert(&self, index: usize, value: T, gfp: Flags) -> Result<(), InsertError<T>> {
        self.insert_range(index..=index, value, gfp)
    }

    /// Inserts a value for a range of numbers.
    ///
    /// May sleep if `gfp` permits that; the lock is not held meanwhile. For the range of all numbers
    /// (`..`) it never sleeps, and allocates as with `GFP_ATOMIC`.
    ///
    /// # Errors
    ///
    /// The value comes back in the error, and the tree is as it was. The cause is
    ///
    /// - [`InsertErrorKind::Occupied`] if a part of the range has a value,
    /// - [`InsertErrorKind::AllocError`] if there is no memory,
    /// - [`InsertErrorKind::InvalidRequest`] if there is no number in the range.
    ///
    /// # Panics
    ///
    /// In a kernel for one processor, if there is a guard; with several it would wait for ever.
    pub fn insert_range<R>(&self, range: R, value: T, gfp: Flags) -> Result<(), InsertError<T>>
    where
        R: RangeBounds<usize>,
    {
        let Some((first, last)) = first_and_last(range) else {
            return Err(InsertError {
                value,
                cause: InsertErrorKind::InvalidRequest,
            });
        };

        self.guarded.check();
        let entry = value.into_foreign();
        let result = if (first, last) == (0, usize::MAX) {
            // SAFETY: The entry is a pointer that is not null, with both low bits clear, as `with_flags`
            // made sure.
            unsafe { self.insert_everywhere(entry) }
        } else {
            // SAFETY: By the type invariants the tree is initialised. The entry is as above.
            to_result(unsafe {
                bindings::mtree_insert_range(self.tree.get(), first, last, entry, gfp.as_raw())
            })
        };
        let Err(error) = result else { return Ok(()) };

        let cause = if error == ENOMEM {
            InsertErrorKind::AllocError(alloc::AllocError)
        } else if error == EEXIST {
            InsertErrorKind::Occupied
        } else {
            InsertErrorKind::InvalidRequest
        };
        // SAFETY: This came from `into_foreign` above, and was not inserted.
        let value = unsafe { T::from_foreign(entry) };
        Err(InsertError { value, cause })
    }

    /// Inserts an entry for all numbers, if none has one.
    ///
    /// `mtree_insert_range()` takes any tree with nodes for empty when it is to insert that range, and
    /// loses what is in there. So this looks first, and does not give the lock up in between.
    ///
    /// # Safety
    ///
    /// `entry` is one that may be stored: not null, nor with a low bit set.
    unsafe fn insert_everywhere(&self, entry: *mut c_void) -> Result {
        let tree = self.tree.get();
        // SAFETY: By the type invariants the tree is initialised and has a lock of its own.
        unsafe { bindings::mtree_lock(tree) };
        // SAFETY: The state is a new one of this tree, of which the lock is held.
        let found = unsafe { bindings::mas_find(&mut self.state(0, 0), usize::MAX) };
        let result = if found.is_null() {
            let mut state = self.state(0, usize::MAX);
            // SAFETY: As above. The flags do not permit sleeping, with which the lock would be given up.
            to_result(unsafe { bindings::mas_store_gfp(&mut state, entry, GFP_ATOMIC.as_raw()) })
        } else {
            Err(EEXIST)
        };
        // SAFETY: The lock is held.
        unsafe { bindings::mtree_unlock(tree) };
        result
    }

    /// Takes the value out that `index` is mapped to, with all of its range.
    ///
    /// This may need memory, as the gaps on both sides become one. It may sleep, and waits for memory
    /// until there is some; the lock is not held meanwhile.
    ///
    /// # Panics
    ///
    /// In a kernel for one processor, if there is a guard; with several it would wait for ever.
    pub fn erase(&self, index: usize) -> Option<T> {
        self.guarded.check();
        let tree = self.tree.get();
        loop {
            let mut state = self.state(index, index);
            // SAFETY: By the type invariants the tree is initialised and has a lock of its own.
            unsafe { bindings::mtree_lock(tree) };
            // C gives the lock up to allocate, and then looks for the entry anew.
            //
            // SAFETY: The state is a new one of this tree, of which the lock is held.
            let entry = unsafe { bindings::mas_erase(&mut state) };
            // SAFETY: The lock is held.
            unsafe { bindings::mtree_unlock(tree) };
            // If the entry was gone after an allocation, C has left the memory in the state.
            //
            // SAFETY: The state is not used again.
            unsafe { bindings::mas_destroy(&mut state) };

            // Without memory C returns an entry that it has not erased.
            if state.status != bindings::maple_status_ma_error {
                // SAFETY: By the type invariants this is null or came from `into_foreign`. It is in the
                // tree no more, nobody has it borrowed (that takes the lock), and where `T` is not
                // `Send`, the tree never left the thread that inserted it.
                return unsafe { T::try_from_foreign(entry) };
            }
        }
    }

    /// Acquires the lock and returns the way to the values.
    ///
    /// Spins until nobody else holds it. Must not be called in interrupt handlers, nor by a task that
    /// has a guard of this tree: it would wait for itself. What happens until the guard is dropped must
    /// not sleep.
    ///
    /// # Panics
    ///
    /// In a kernel for one processor, if there is a guard already.
    pub fn lock(&self) -> MapleGuard<'_, T> {
        MapleGuard::new(self)
    }

    /// Returns a state for functions of C that start at `first`.
    fn state(&self, first: usize, last: usize) -> bindings::ma_state {
        bindings::ma_state {
            tree: self.tree.get(),
            index: first,
            last,
            min: 0,
            max: usize::MAX,
            status: bindings::maple_status_ma_start,
            store_type: bindings::store_type_wr_invalid,
            ..Default::default()
        }
    }
}

#[pinned_drop]
impl<T: ForeignOwnable> PinnedDrop for MapleTree<T> {
    fn drop(self: Pin<&mut Self>) {
        let tree = self.tree.get();
        let mut index = 0;
        // The lock is not needed, as nobody else has the tree, and not wanted: values may sleep when
        // they are dropped.
        //
        // SAFETY: By the type invariants the tree is initialised, and nobody changes it.
        let mut entry = unsafe { bindings::mt_find(tree, &mut index, usize::MAX) };
        while !entry.is_null() {
            // SAFETY: By the type invariants this came from `into_foreign`, and the tree owned it. The
            // entry is not used again: C goes on after its range, and does not follow it.
            drop(unsafe { T::from_foreign(entry) });
            // SAFETY: As for `mt_find`.
            entry = unsafe { bindings::mt_find_after(tree, &mut index, usize::MAX) };
        }
        // SAFETY: As above. This frees the tree's own memory, and does not follow entries.
        unsafe { bindings::mtree_destroy(tree) };
    }
}

/// Returns the first and the last number of a range, or `None` if there is no number in it.
fn first_and_last(range: impl RangeBounds<usize>) -> Option<(usize, usize)> {
    let first = match range.start_bound() {
        Bound::Included(&first) => first,
        Bound::Excluded(&before) => before.checked_add(1)?,
        Bound::Unbounded => 0,
    };
    let last = match range.end_bound() {
        Bound::Included(&last) => last,
        Bound::Excluded(&after) => after.checked_sub(1)?,
        Bound::Unbounded => usize::MAX,
    };
    (first <= last).then_some((first, last))
}
