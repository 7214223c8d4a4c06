// SPDX-License-Identifier: GPL-2.0

//! Iterators over all pairs.

use super::{NodePtr, RBTree};
use core::marker::PhantomData;

/// The pairs of a [tree](RBTree), in the order of their keys.
///
/// # Invariants
///
/// `next` is a node of a tree that is borrowed for `'a`.
///
/// # Examples
///
/// ```
/// use kernel::rbtree::RBTree;
///
/// let mut squares = RBTree::new();
/// for i in [3u32, 1, 2] {
///     squares.try_create_and_insert(i, i * i, GFP_KERNEL)?;
/// }
///
/// assert!(squares.iter().eq([(&1, &1), (&2, &4), (&3, &9)]));
/// assert_eq!(squares.values().sum::<u32>(), 14);
/// for (root, square) in &squares {
///     assert_eq!(root * root, *square);
/// }
/// # Ok::<(), Error>(())
/// ```
pub struct Iter<'a, K, V> {
    next: Option<NodePtr<K, V>>,
    _tree: PhantomData<&'a RBTree<K, V>>,
}

// SAFETY: It is a shared reference to a tree, which may be sent if the tree is `Sync`.
unsafe impl<'a, K: Sync, V: Sync> Send for Iter<'a, K, V> {}

// SAFETY: `&Iter` gives access to nothing, and what it stands for is a shared reference to a tree.
unsafe impl<'a, K: Sync, V: Sync> Sync for Iter<'a, K, V> {}

impl<'a, K, V> Iter<'a, K, V> {
    /// Starts at the smallest key.
    pub(super) fn new(tree: &'a RBTree<K, V>) -> Self {
        // INVARIANT: The node is one of the tree that is borrowed.
        Self {
            next: tree.first(),
            _tree: PhantomData,
        }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.next?;
        // INVARIANT: The neighbour is in the same tree.
        //
        // SAFETY: By the type invariant the tree is borrowed, so that it does not change.
        self.next = unsafe { node.next() };
        // SAFETY: By the type invariant the tree is borrowed for all of `'a`, and shared.
        Some(unsafe { node.pair() })
    }
}

/// The pairs of a [tree](RBTree), in the order of their keys, with values that can be changed.
///
/// # Invariants
///
/// `next` is a node of a tree that is mutably borrowed for `'a`, and the iterator has not given out that
/// node nor any after it.
///
/// # Examples
///
/// ```
/// use kernel::rbtree::RBTree;
///
/// let mut balances = RBTree::new();
/// balances.try_create_and_insert("ada", 10, GFP_KERNEL)?;
/// balances.try_create_and_insert("bob", 20, GFP_KERNEL)?;
///
/// for (_, balance) in balances.iter_mut() {
///     *balance += 1;
/// }
/// assert!(balances.values().eq(&[11, 21]));
/// # Ok::<(), Error>(())
/// ```
pub struct IterMut<'a, K, V> {
    next: Option<NodePtr<K, V>>,
    _tree: PhantomData<&'a mut RBTree<K, V>>,
}

// SAFETY: It is a mutable reference to the part of a tree that it has not given out yet, which may be
// sent if the pairs may.
unsafe impl<'a, K: Send, V: Send> Send for IterMut<'a, K, V> {}

// SAFETY: `&IterMut` gives access to nothing.
unsafe impl<'a, K: Sync, V: Sync> Sync for IterMut<'a, K, V> {}

impl<'a, K, V> IterMut<'a, K, V> {
    /// Starts at the smallest key.
    pub(super) fn new(tree: &'a mut RBTree<K, V>) -> Self {
        // INVARIANT: The node is one of the tree that is borrowed, and none has been given out.
        Self {
            next: tree.first(),
            _tree: PhantomData,
        }
    }
}

impl<'a, K, V> Iterator for IterMut<'a, K, V> {
    type Item = (&'a K, &'a mut V);

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.next?;
        // INVARIANT: The neighbour is in the same tree, and comes after what is given out now.
        //
        // SAFETY: By the type invariant the tree is borrowed, and nobody else can change it. What has
        // been given out are keys and values, and not the links.
        self.next = unsafe { node.next() };
        // SAFETY: By the type invariant the tree is borrowed mutably for all of `'a`, and this node is
        // given out for the first time.
        Some(unsafe { node.pair_mut() })
    }
}
