// SPDX-License-Identifier: GPL-2.0

//! Cursors.

use super::{NodePtr, RBTree, RBTreeNode};
use core::marker::PhantomData;

/// A place in a [tree](RBTree): at a pair, with a view of its neighbours.
///
/// # Invariants
///
/// `current` is a node of a tree that is borrowed for `'a`.
///
/// # Examples
///
/// ```
/// use kernel::rbtree::RBTree;
///
/// // Where areas of memory begin, and how many pages they have.
/// let mut areas = RBTree::new();
/// areas.try_create_and_insert(0x1000, 2, GFP_KERNEL)?;
/// areas.try_create_and_insert(0x8000, 1, GFP_KERNEL)?;
///
/// let after = areas.cursor_lower_bound(&0x2000).ok_or(ENOENT)?;
/// assert_eq!(after.current(), (&0x8000, &1));
/// assert_eq!(after.peek_prev(), Some((&0x1000, &2)));
/// assert_eq!(after.peek_next(), None);
///
/// assert!(areas.cursor_lower_bound(&0x9000).is_none());
/// # Ok::<(), Error>(())
/// ```
pub struct Cursor<'a, K, V> {
    current: NodePtr<K, V>,
    _tree: PhantomData<&'a RBTree<K, V>>,
}

// SAFETY: It is a shared reference to a tree, which may be sent if the tree is `Sync`.
unsafe impl<'a, K: Sync, V: Sync> Send for Cursor<'a, K, V> {}

// SAFETY: `&Cursor` gives shared references to keys and values.
unsafe impl<'a, K: Sync, V: Sync> Sync for Cursor<'a, K, V> {}

impl<'a, K, V> Cursor<'a, K, V> {
    /// Makes a cursor.
    ///
    /// # Safety
    ///
    /// `current` is a node of a tree that is borrowed for `'a`.
    pub(super) unsafe fn new(current: NodePtr<K, V>) -> Self {
        // INVARIANT: That is what the caller promises.
        Self {
            current,
            _tree: PhantomData,
        }
    }

    /// Returns the pair that the cursor is at.
    pub fn current(&self) -> (&K, &V) {
        // SAFETY: By the type invariant the node is in a tree that is borrowed, and shared.
        unsafe { self.current.pair() }
    }

    /// Returns the pair before, or `None` at the smallest key.
    pub fn peek_prev(&self) -> Option<(&K, &V)> {
        // SAFETY: By the type invariant the node is in a tree that is borrowed.
        let node = unsafe { self.current.prev() }?;
        // SAFETY: The neighbour is in the same tree, which is shared.
        Some(unsafe { node.pair() })
    }

    /// Returns the pair after, or `None` at the largest key.
    pub fn peek_next(&self) -> Option<(&K, &V)> {
        // SAFETY: By the type invariant the node is in a tree that is borrowed.
        let node = unsafe { self.current.next() }?;
        // SAFETY: The neighbour is in the same tree, which is shared.
        Some(unsafe { node.pair() })
    }
}

/// A place in a [tree](RBTree): at a pair, to walk from there, and to change and remove what is near.
///
/// # Invariants
///
/// `current` is a node of `tree`.
///
/// # Examples
///
/// Removing what fits a condition while walking:
///
/// ```
/// use kernel::rbtree::RBTree;
///
/// let mut numbers = RBTree::new();
/// for i in 1..10 {
///     numbers.try_create_and_insert(i, (), GFP_KERNEL)?;
/// }
///
/// // From the largest to the smallest.
/// let mut cursor = numbers.cursor_back_mut();
/// while let Some(mut here) = cursor {
///     if here.peek_prev().is_some_and(|(number, ())| number % 3 != 0) {
///         here.remove_prev();
///         cursor = Some(here);
///     } else {
///         cursor = here.move_prev();
///     }
/// }
/// assert!(numbers.keys().eq(&[3, 6, 9]));
/// # Ok::<(), Error>(())
/// ```
///
/// Merging neighbours:
///
/// ```
/// use kernel::rbtree::RBTree;
///
/// // Free ranges: start and length.
/// let mut free = RBTree::new();
/// free.try_create_and_insert(0, 4, GFP_KERNEL)?;
/// free.try_create_and_insert(4, 4, GFP_KERNEL)?;
/// free.try_create_and_insert(20, 1, GFP_KERNEL)?;
///
/// let mut cursor = free.cursor_front_mut().ok_or(ENOENT)?;
/// let end = cursor.current().0 + cursor.current().1;
/// if cursor.peek_next().is_some_and(|(start, _)| *start == end) {
///     let (_, length) = cursor.remove_next().ok_or(ENOENT)?.to_key_value();
///     *cursor.current_mut().1 += length;
/// }
/// assert!(free.iter().eq([(&0, &8), (&20, &1)]));
/// # Ok::<(), Error>(())
/// ```
pub struct CursorMut<'a, K, V> {
    tree: &'a mut RBTree<K, V>,
    current: NodePtr<K, V>,
}

// SAFETY: It is a mutable reference to a tree, which may be sent if the tree is `Send`.
unsafe impl<'a, K: Send, V: Send> Send for CursorMut<'a, K, V> {}

// SAFETY: `&CursorMut` gives shared references to keys and values.
unsafe impl<'a, K: Sync, V: Sync> Sync for CursorMut<'a, K, V> {}

impl<'a, K, V> CursorMut<'a, K, V> {
    /// Makes a cursor.
    ///
    /// # Safety
    ///
    /// `current` is a node of `tree`.
    pub(super) unsafe fn new(tree: &'a mut RBTree<K, V>, current: NodePtr<K, V>) -> Self {
        // INVARIANT: That is what the caller promises.
        Self { tree, current }
    }

    /// Returns the node before.
    fn prev(&self) -> Option<NodePtr<K, V>> {
        // SAFETY: By the type invariant the node is in a tree, and changing that takes `&mut self`.
        unsafe { self.current.prev() }
    }

    /// Returns the node after.
    fn next(&self) -> Option<NodePtr<K, V>> {
        // SAFETY: By the type invariant the node is in a tree, and changing that takes `&mut self`.
        unsafe { self.current.next() }
    }

    /// Returns the pair that the cursor is at.
    pub fn current(&self) -> (&K, &V) {
        // SAFETY: By the type invariant the node is in a tree that is borrowed; changing the value takes
        // `&mut self`.
        unsafe { self.current.pair() }
    }

    /// Returns the pair that the cursor is at, to change its value.
    pub fn current_mut(&mut self) -> (&K, &mut V) {
        // SAFETY: By the type invariant the node is in a tree that is mutably borrowed; and so is `self`.
        unsafe { self.current.pair_mut() }
    }

    /// Returns the pair before, or `None` at the smallest key.
    pub fn peek_prev(&self) -> Option<(&K, &V)> {
        // SAFETY: The neighbour is in the same tree; changing its value takes `&mut self`.
        self.prev().map(|node| unsafe { node.pair() })
    }

    /// Returns the pair after, or `None` at the largest key.
    pub fn peek_next(&self) -> Option<(&K, &V)> {
        // SAFETY: The neighbour is in the same tree; changing its value takes `&mut self`.
        self.next().map(|node| unsafe { node.pair() })
    }

    /// Returns the pair before, to change its value, or `None` at the smallest key.
    pub fn peek_prev_mut(&mut self) -> Option<(&K, &mut V)> {
        // SAFETY: The neighbour is in the same tree, and `self` is mutably borrowed.
        self.prev().map(|node| unsafe { node.pair_mut() })
    }

    /// Returns the pair after, to change its value, or `None` at the largest key.
    pub fn peek_next_mut(&mut self) -> Option<(&K, &mut V)> {
        // SAFETY: The neighbour is in the same tree, and `self` is mutably borrowed.
        self.next().map(|node| unsafe { node.pair_mut() })
    }

    /// Moves to the pair before. At the smallest key the cursor is gone.
    pub fn move_prev(self) -> Option<Self> {
        let current = self.prev()?;
        // INVARIANT: The neighbour is in the same tree.
        Some(Self { current, ..self })
    }

    /// Moves to the pair after. At the largest key the cursor is gone.
    pub fn move_next(self) -> Option<Self> {
        let current = self.next()?;
        // INVARIANT: The neighbour is in the same tree.
        Some(Self { current, ..self })
    }

    /// Removes the pair that the cursor is at.
    ///
    /// Returns its node, and a cursor at the pair after; or at the pair before, if it had the largest
    /// key; or no cursor, if it was the only one.
    pub fn remove_current(self) -> (Option<Self>, RBTreeNode<K, V>) {
        let neighbour = self.next().or_else(|| self.prev());
        // SAFETY: By the type invariant the node is one of this tree.
        let removed = unsafe { self.tree.unlink(self.current) };
        // INVARIANT: The neighbour is in the same tree, and still there.
        let cursor = neighbour.map(|current| Self { current, ..self });
        (cursor, removed)
    }

    /// Removes the pair before, and returns its node. Returns `None` at the smallest key.
    pub fn remove_prev(&mut self) -> Option<RBTreeNode<K, V>> {
        // SAFETY: The neighbour is in the same tree.
        self.prev().map(|node| unsafe { self.tree.unlink(node) })
    }

    /// Removes the pair after, and returns its node. Returns `None` at the largest key.
    pub fn remove_next(&mut self) -> Option<RBTreeNode<K, V>> {
        // SAFETY: The neighbour is in the same tree.
        self.next().map(|node| unsafe { self.tree.unlink(node) })
    }
}
