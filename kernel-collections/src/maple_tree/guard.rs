// SPDX-License-Identifier: GPL-2.0

//! Looking at values.

use super::MapleTree;
use crate::{
    bindings,
    types::{ForeignOwnable, NotThreadSafe},
};
use core::marker::PhantomData;

/// A [`MapleTree`] that is locked, and the way to its values.
///
/// Dropping the guard gives the lock up. The lock is a spinlock: nothing may sleep meanwhile. A guard
/// stays in the task that acquired the lock: it is neither [`Send`] nor [`Sync`]. While it has a guard
/// the task must not insert into the tree or erase from it: those functions acquire the lock.
///
/// # Invariants
///
/// The current task holds the lock of the tree, and this is the only guard.
///
/// # Examples
///
/// ```
/// use kernel::maple_tree::MapleTree;
///
/// let tree = KBox::pin_init(MapleTree::<KBox<u32>>::new(), GFP_KERNEL)?;
/// tree.insert_range(10..20, KBox::new(1, GFP_KERNEL)?, GFP_KERNEL)?;
///
/// let mut guard = tree.lock();
/// if let Some(value) = guard.load(12) {
///     *value += 1;
/// }
/// assert_eq!(guard.load(19).as_deref(), Some(&2));
/// # Ok::<(), Error>(())
/// ```
#[must_use = "the lock is given up at once when the guard is not kept"]
pub struct MapleGuard<'tree, T: ForeignOwnable>(Locked<'tree, T>);

/// What a guard is made of.
struct Locked<'tree, T: ForeignOwnable> {
    tree: &'tree MapleTree<T>,
    _not_send: NotThreadSafe,
}

impl<'tree, T: ForeignOwnable> MapleGuard<'tree, T> {
    /// Acquires the lock.
    pub(super) fn new(tree: &'tree MapleTree<T>) -> Self {
        // SAFETY: By the type invariants the tree is initialised and has a lock of its own.
        unsafe { bindings::mtree_lock(tree.tree.get()) };
        tree.guarded.enter();
        // INVARIANT: The lock was just acquired, and there was no guard.
        Self(Locked {
            tree,
            _not_send: NotThreadSafe,
        })
    }

    /// Borrows the value that `index` is mapped to.
    pub fn load(&mut self, index: usize) -> Option<T::BorrowedMut<'_>> {
        // SAFETY: By the type invariants the tree is initialised and nobody changes it.
        let entry = unsafe { bindings::mtree_load(self.0.tree.tree.get(), index) };
        // SAFETY: By the type invariants of the tree this came from `into_foreign`. The lock is held, so
        // no other task has it, and `self` is borrowed mutably. Where `T` is not `Send`, the tree never
        // left the thread that inserted it.
        (!entry.is_null()).then(|| unsafe { T::borrow_mut(entry) })
    }

    /// Returns a way to go through the values, from `first` on.
    ///
    /// `end` is where a range of numbers ends that the state is about. No function offered here looks at
    /// that; [`MaState::find`] has a limit of its own.
    pub fn ma_state(&mut self, first: usize, end: usize) -> MaState<'_, T> {
        // INVARIANT: This guard, which has the lock, is borrowed mutably.
        MaState {
            state: self.0.tree.state(first, end),
            _guard: PhantomData,
        }
    }
}

impl<'tree, T: ForeignOwnable> Drop for MapleGuard<'tree, T> {
    fn drop(&mut self) {
        self.0.tree.guarded.leave();
        // SAFETY: By the type invariants this task holds the lock.
        unsafe { bindings::mtree_unlock(self.0.tree.tree.get()) };
    }
}

/// A place in a [`MapleTree`] that is locked.
///
/// C counterpart: [`struct ma_state`].
///
/// # Invariants
///
/// - `state` is a valid state of a tree, as no function but `mas_find()` left it.
/// - The only guard of that tree is borrowed mutably for `'tree`.
///
/// # Examples
///
/// ```
/// use kernel::maple_tree::MapleTree;
///
/// let tree = KBox::pin_init(MapleTree::<KBox<char>>::new(), GFP_KERNEL)?;
/// tree.insert_range(10..20, KBox::new('a', GFP_KERNEL)?, GFP_KERNEL)?;
/// tree.insert_range(20..=25, KBox::new('b', GFP_KERNEL)?, GFP_KERNEL)?;
/// tree.insert(30, KBox::new('c', GFP_KERNEL)?, GFP_KERNEL)?;
///
/// let mut guard = tree.lock();
/// let mut state = guard.ma_state(15, 15);
/// assert_eq!(state.find(29).as_deref(), Some(&'a'));
/// assert_eq!(state.find(29).as_deref(), Some(&'b'));
/// assert_eq!(state.find(29), None);
/// assert_eq!(state.find(30).as_deref(), Some(&'c'));
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct ma_state`]: srctree/include/linux/maple_tree.h
pub struct MaState<'tree, T: ForeignOwnable> {
    state: bindings::ma_state,
    _guard: PhantomData<&'tree mut MapleTree<T>>,
}

impl<'tree, T: ForeignOwnable> MaState<'tree, T> {
    /// Finds the next value, and borrows it.
    ///
    /// The first call finds the value that the starting point is mapped to, or else the first one after
    /// it. Each further call finds the one after that. A range that begins after `max` is not found, but
    /// may be by a later call with a larger `max`.
    pub fn find(&mut self, max: usize) -> Option<T::BorrowedMut<'_>> {
        // SAFETY: By the type invariants the state is one of a tree that is locked, and nobody has
        // changed the tree since the state was made.
        let entry = unsafe { bindings::mas_find(&mut self.state, max) };
        // SAFETY: By the type invariants of the tree this came from `into_foreign`. The guard is borrowed
        // mutably, so nobody else has it, and neither does an earlier call: `self` is borrowed mutably,
        // too. Where `T` is not `Send`, the tree never left the thread that inserted it.
        (!entry.is_null()).then(|| unsafe { T::borrow_mut(entry) })
    }
}
