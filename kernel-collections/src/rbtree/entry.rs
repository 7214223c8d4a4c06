// SPDX-License-Identifier: GPL-2.0

//! Places of keys.

use super::{Gap, NodePtr, RBTree, RBTreeNode, RBTreeNodeReservation};

/// The place of a key in a [tree](RBTree).
///
/// # Examples
///
/// ```
/// use kernel::rbtree::{Entry, RBTree, RBTreeNodeReservation};
///
/// let mut words = RBTree::<&str, u32>::new();
///
/// for word in ["to", "be", "or", "not", "to", "be"] {
///     let reservation = RBTreeNodeReservation::new(GFP_KERNEL)?;
///     let count = match words.entry(word) {
///         Entry::Vacant(entry) => entry.insert(0, reservation),
///         Entry::Occupied(entry) => entry.into_mut(),
///     };
///     *count += 1;
/// }
/// assert!(words.iter().eq([(&"be", &2), (&"not", &1), (&"or", &1), (&"to", &2)]));
/// # Ok::<(), Error>(())
/// ```
pub enum Entry<'a, K, V> {
    /// The key is not there.
    Vacant(VacantEntry<'a, K, V>),
    /// The key is there.
    Occupied(OccupiedEntry<'a, K, V>),
}

/// The place of a key that is not in the tree.
///
/// # Invariants
///
/// `gap` is where `RBTree::locate` missed `key` in `tree`, which has not been changed since.
///
/// # Examples
///
/// ```
/// use kernel::rbtree::{Entry, RBTree, RBTreeNodeReservation};
///
/// let mut tree = RBTree::new();
/// let reservation = RBTreeNodeReservation::new(GFP_KERNEL)?;
///
/// if let Entry::Vacant(entry) = tree.entry(7) {
///     *entry.insert("seven", reservation) = "SEVEN";
/// }
/// assert_eq!(tree.get(&7), Some(&"SEVEN"));
/// # Ok::<(), Error>(())
/// ```
pub struct VacantEntry<'a, K, V> {
    tree: &'a mut RBTree<K, V>,
    key: K,
    gap: Gap<K, V>,
}

impl<'a, K, V> VacantEntry<'a, K, V> {
    /// Makes an entry.
    ///
    /// # Safety
    ///
    /// `gap` comes from [`RBTree::locate`] on `tree`, which has not been changed since.
    pub(super) unsafe fn new(tree: &'a mut RBTree<K, V>, key: K, gap: Gap<K, V>) -> Self {
        // INVARIANT: That is what the caller promises.
        Self { tree, key, gap }
    }

    /// Inserts the key with a value, in memory that was allocated before.
    ///
    /// Returns the value in its place.
    pub fn insert(self, value: V, reservation: RBTreeNodeReservation<K, V>) -> &'a mut V {
        let node = reservation.into_node(self.key, value);
        // SAFETY: By the type invariant the gap is one of this tree, as it is.
        let node = unsafe { self.tree.link(self.gap, node) };
        // SAFETY: The node is in the tree, which is mutably borrowed for `'a` and by this entry only.
        unsafe { node.pair_mut() }.1
    }
}

/// The place of a key that is in the tree.
///
/// # Invariants
///
/// `node` is one of `tree`.
///
/// # Examples
///
/// ```
/// use kernel::rbtree::RBTree;
///
/// let mut tasks = RBTree::new();
/// tasks.try_create_and_insert("copy", 3, GFP_KERNEL)?;
///
/// let mut left = tasks.find_mut(&"copy").ok_or(ENOENT)?;
/// *left.get_mut() -= 3;
/// if *left.get() == 0 {
///     left.remove();
/// }
/// assert!(tasks.find_mut(&"copy").is_none());
/// # Ok::<(), Error>(())
/// ```
pub struct OccupiedEntry<'a, K, V> {
    tree: &'a mut RBTree<K, V>,
    node: NodePtr<K, V>,
}

impl<'a, K, V> OccupiedEntry<'a, K, V> {
    /// Makes an entry.
    ///
    /// # Safety
    ///
    /// `node` is one of `tree`.
    pub(super) unsafe fn new(tree: &'a mut RBTree<K, V>, node: NodePtr<K, V>) -> Self {
        // INVARIANT: That is what the caller promises.
        Self { tree, node }
    }

    /// Returns the value.
    pub fn get(&self) -> &V {
        // SAFETY: By the type invariant the node is in a tree that is borrowed; changing its value takes
        // `&mut self`.
        unsafe { self.node.pair() }.1
    }

    /// Returns the value, to change it.
    pub fn get_mut(&mut self) -> &mut V {
        // SAFETY: By the type invariant the node is in a tree that is mutably borrowed; and so is `self`.
        unsafe { self.node.pair_mut() }.1
    }

    /// Returns the value, to change it, for as long as the tree is borrowed.
    pub fn into_mut(self) -> &'a mut V {
        // SAFETY: By the type invariant the node is in a tree that is mutably borrowed for `'a`, by this
        // entry only.
        unsafe { self.node.pair_mut() }.1
    }

    /// Removes the pair, and returns its node.
    pub fn remove_node(self) -> RBTreeNode<K, V> {
        // SAFETY: By the type invariant the node is one of this tree.
        unsafe { self.tree.unlink(self.node) }
    }

    /// Removes the pair, and returns its value.
    ///
    /// Drops the key, and frees the node.
    pub fn remove(self) -> V {
        self.remove_node().to_key_value().1
    }
}
