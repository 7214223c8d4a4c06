// SPDX-License-Identifier: GPL-2.0

//! Ordered maps as red-black trees.
//!
//! An [`RBTree`] keeps pairs of a key and a value, sorted by key. Finding, inserting and removing take
//! time in proportion to the logarithm of the number of pairs.
//!
//! Each pair lies in a node of its own, an allocation that the tree links up. Three types let callers
//! say when the memory for one comes and goes, so that a tree can be changed where nothing may be
//! allocated, under a spinlock for instance:
//!
//! - [`RBTreeNodeReservation`] is the memory of a node, without a pair.
//! - [`RBTreeNode`] is a node with a pair that is in no tree. It is what goes into a tree and what
//!   comes out.
//! - A node goes back to being a reservation with [`RBTreeNode::into_reservation`].
//!
//! [`Entry`] is the place of a key in the tree, whether or not the key is there. [`Cursor`] and
//! [`CursorMut`] stand at a pair and see its neighbours; the latter can remove them.
//!
//! In C: [`rbtree.h`](srctree/include/linux/rbtree.h), explained in
//! [`rbtree.rst`](srctree/Documentation/core-api/rbtree.rst).

use crate::{alloc::Flags, bindings, prelude::*};
use core::{cmp::Ordering, marker::PhantomData};

mod cursor;
mod entry;
mod iter;
mod node;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use cursor::{Cursor, CursorMut};
pub use entry::{Entry, OccupiedEntry, VacantEntry};
pub use iter::{Iter, IterMut};
use node::{Node, NodePtr};
pub use node::{RBTreeNode, RBTreeNodeReservation};

/// A map that is sorted by key, as a red-black tree.
///
/// The order is that of [`Ord`]. Should an implementation of it contradict itself, or should keys
/// change in the tree (by way of interior mutability), then pairs may be out of order and not be found;
/// nothing worse comes of it. Keys are unique: inserting one that is there replaces the pair.
///
/// The tree drops its pairs when it is dropped.
///
/// C counterpart: [`struct rb_root`].
///
/// # Invariants
///
/// - `root` is the root of a red-black tree, or null.
/// - Each node of that is the `links` of a `Node<K, V>` that comes from a leaked [`KBox`], that
///   belongs to this tree alone, and that was reached through a pointer to the whole.
///
/// # Examples
///
/// ```
/// use kernel::rbtree::RBTree;
///
/// let mut ports = RBTree::new();
/// ports.try_create_and_insert(443, "https", GFP_KERNEL)?;
/// ports.try_create_and_insert(22, "ssh", GFP_KERNEL)?;
/// ports.try_create_and_insert(80, "http", GFP_KERNEL)?;
///
/// assert_eq!(ports.get(&80), Some(&"http"));
/// assert_eq!(ports.get(&81), None);
///
/// // Pairs come in the order of their keys.
/// let mut keys = ports.keys();
/// assert_eq!([keys.next(), keys.next(), keys.next()], [Some(&22), Some(&80), Some(&443)]);
/// assert_eq!(keys.next(), None);
/// drop(keys);
///
/// // A key that is there gets a new node, and the old one comes back.
/// let old = ports.try_create_and_insert(22, "sftp", GFP_KERNEL)?;
/// assert_eq!(old.map(|node| node.to_key_value()), Some((22, "ssh")));
///
/// assert_eq!(ports.remove(&22), Some("sftp"));
/// assert_eq!(ports.remove(&22), None);
/// # Ok::<(), Error>(())
/// ```
///
/// Changing a tree under a spinlock, with memory that was allocated before:
///
/// ```
/// use kernel::{
///     rbtree::{Entry, RBTree, RBTreeNodeReservation},
///     sync::new_spinlock,
/// };
///
/// let users = KBox::pin_init(new_spinlock!(RBTree::<u32, u32>::new()), GFP_KERNEL)?;
///
/// for name in [5, 6, 5] {
///     let reservation = RBTreeNodeReservation::new(GFP_KERNEL)?;
///     let mut users = users.lock();
///     match users.entry(name) {
///         Entry::Vacant(entry) => {
///             entry.insert(1, reservation);
///         }
///         Entry::Occupied(mut entry) => *entry.get_mut() += 1,
///     }
/// }
/// assert_eq!(users.lock().get(&5), Some(&2));
/// assert_eq!(users.lock().get(&6), Some(&1));
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct rb_root`]: srctree/include/linux/rbtree_types.h
pub struct RBTree<K, V> {
    root: bindings::rb_root,
    _owns: PhantomData<Node<K, V>>,
}

// SAFETY: A tree owns its keys and values, and nothing else has pointers to its nodes.
unsafe impl<K: Send, V: Send> Send for RBTree<K, V> {}

// SAFETY: `&RBTree` gives shared references to keys and values, and changes nothing.
unsafe impl<K: Sync, V: Sync> Sync for RBTree<K, V> {}

impl<K, V> RBTree<K, V> {
    /// Makes a tree without pairs.
    pub fn new() -> Self {
        // INVARIANT: There is no node.
        Self {
            root: bindings::rb_root::default(),
            _owns: PhantomData,
        }
    }

    /// Returns whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.root.rb_node.is_null()
    }

    /// Returns an iterator over all pairs, in the order of the keys.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter::new(self)
    }

    /// Returns an iterator over all pairs, in the order of the keys, that lets the values be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        IterMut::new(self)
    }

    /// Returns an iterator over the keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &'_ K> {
        self.iter().map(|(key, _)| key)
    }

    /// Returns an iterator over the values, in the order of the keys.
    pub fn values(&self) -> impl Iterator<Item = &'_ V> {
        self.iter().map(|(_, value)| value)
    }

    /// Returns an iterator over the values, in the order of the keys, that lets them be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &'_ mut V> {
        self.iter_mut().map(|(_, value)| value)
    }

    /// Returns a cursor at the pair with the smallest key, or `None` if the tree is empty.
    pub fn cursor_front(&self) -> Option<Cursor<'_, K, V>> {
        // SAFETY: The node is one of this tree, which stays borrowed.
        self.first().map(|node| unsafe { Cursor::new(node) })
    }

    /// Returns a cursor at the pair with the smallest key, which can change the tree, or `None` if the
    /// tree is empty.
    pub fn cursor_front_mut(&mut self) -> Option<CursorMut<'_, K, V>> {
        let node = self.first()?;
        // SAFETY: The node is one of this tree.
        Some(unsafe { CursorMut::new(self, node) })
    }

    /// Returns a cursor at the pair with the largest key, or `None` if the tree is empty.
    pub fn cursor_back(&self) -> Option<Cursor<'_, K, V>> {
        // SAFETY: The node is one of this tree, which stays borrowed.
        self.last().map(|node| unsafe { Cursor::new(node) })
    }

    /// Returns a cursor at the pair with the largest key, which can change the tree, or `None` if the
    /// tree is empty.
    pub fn cursor_back_mut(&mut self) -> Option<CursorMut<'_, K, V>> {
        let node = self.last()?;
        // SAFETY: The node is one of this tree.
        Some(unsafe { CursorMut::new(self, node) })
    }

    /// Returns the first node in the order of the keys.
    fn first(&self) -> Option<NodePtr<K, V>> {
        // SAFETY: By the type invariants this is the root of a tree, and `&self` keeps it as it is.
        let links = unsafe { bindings::rb_first(&self.root) };
        // SAFETY: The result is null or a node of the tree: type invariants.
        unsafe { NodePtr::from_links(links) }
    }

    /// Returns the last node in the order of the keys.
    fn last(&self) -> Option<NodePtr<K, V>> {
        // SAFETY: By the type invariants this is the root of a tree, and `&self` keeps it as it is.
        let links = unsafe { bindings::rb_last(&self.root) };
        // SAFETY: The result is null or a node of the tree: type invariants.
        unsafe { NodePtr::from_links(links) }
    }

    /// Puts a node into the tree, and returns where it is now.
    ///
    /// # Safety
    ///
    /// `gap` comes from [`locate`](Self::locate) on this tree, which has not been changed since.
    unsafe fn link(&mut self, gap: Gap<K, V>, node: RBTreeNode<K, V>) -> NodePtr<K, V> {
        let node = node.into_ptr();
        let root = &raw mut self.root;
        // SAFETY: The gap is one of this tree, says the caller.
        let slot = unsafe { gap.slot(root) };
        // SAFETY: The node was in no tree, and the tree owns it from here. The slot is one of the
        // parent's, or the root, and valid for writes.
        unsafe { bindings::rb_link_node(node.links(), gap.parent(), slot) };
        // INVARIANT: `into_ptr` has leaked the node and given a pointer to the whole.
        //
        // SAFETY: The node has just been linked, as a leaf.
        unsafe { bindings::rb_insert_color(node.links(), root) };
        node
    }

    /// Takes a node out of the tree.
    ///
    /// # Safety
    ///
    /// `node` is one of this tree.
    unsafe fn unlink(&mut self, node: NodePtr<K, V>) -> RBTreeNode<K, V> {
        // SAFETY: The caller says that the node is one of this tree.
        unsafe { bindings::rb_erase(node.links(), &mut self.root) };
        // SAFETY: By the type invariants the node was leaked and belonged to the tree, which has given
        // it up now.
        unsafe { RBTreeNode::from_ptr(node) }
    }

    /// Puts a node in the place of another, which comes out.
    ///
    /// # Safety
    ///
    /// `old` is one of this tree.
    unsafe fn replace(&mut self, old: NodePtr<K, V>, new: RBTreeNode<K, V>) -> RBTreeNode<K, V> {
        let new = new.into_ptr();
        // INVARIANT: `into_ptr` has leaked the new node and given a pointer to the whole.
        //
        // SAFETY: The caller says that the old node is one of this tree. The new one was in none.
        unsafe { bindings::rb_replace_node(old.links(), new.links(), &mut self.root) };
        // SAFETY: By the type invariants the node was leaked and belonged to the tree, which has given
        // it up now.
        unsafe { RBTreeNode::from_ptr(old) }
    }
}

impl<K, V> RBTree<K, V>
where
    K: Ord,
{
    /// Inserts a pair, for which it allocates a node.
    ///
    /// Returns the node that had the key before, if there was one.
    ///
    /// # Errors
    ///
    /// `ENOMEM` if there is no memory for the node. The tree stays as it was; key and value are
    /// dropped.
    pub fn try_create_and_insert(
        &mut self,
        key: K,
        value: V,
        flags: Flags,
    ) -> Result<Option<RBTreeNode<K, V>>> {
        RBTreeNode::new(key, value, flags).map(|node| self.insert(node))
    }

    /// Inserts a node, without allocating anything.
    ///
    /// Returns the node that had the key before, if there was one. Its key is replaced, too.
    pub fn insert(&mut self, node: RBTreeNode<K, V>) -> Option<RBTreeNode<K, V>> {
        match self.locate(node.key()) {
            // SAFETY: The node is one of this tree.
            Ok(old) => Some(unsafe { self.replace(old, node) }),
            Err(gap) => {
                // SAFETY: The gap has just been looked up.
                unsafe { self.link(gap, node) };
                None
            }
        }
    }

    /// Returns the place of `key` in the tree, to look at it and to change it.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        match self.locate(&key) {
            // SAFETY: The node is one of this tree.
            Ok(node) => Entry::Occupied(unsafe { OccupiedEntry::new(self, node) }),
            // SAFETY: The gap has just been looked up.
            Err(gap) => Entry::Vacant(unsafe { VacantEntry::new(self, key, gap) }),
        }
    }

    /// Returns the place of `key` in the tree if it is there.
    ///
    /// As [`entry`](Self::entry), for when there is nothing to insert.
    pub fn find_mut(&mut self, key: &K) -> Option<OccupiedEntry<'_, K, V>> {
        let node = self.locate(key).ok()?;
        // SAFETY: The node is one of this tree.
        Some(unsafe { OccupiedEntry::new(self, node) })
    }

    /// Returns the value of `key`.
    pub fn get(&self, key: &K) -> Option<&V> {
        let node = self.locate(key).ok()?;
        // SAFETY: The node is one of this tree, which stays borrowed.
        Some(unsafe { node.pair() }.1)
    }

    /// Returns the value of `key`, to change it.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.find_mut(key).map(OccupiedEntry::into_mut)
    }

    /// Removes the pair of `key`, and returns its node.
    pub fn remove_node(&mut self, key: &K) -> Option<RBTreeNode<K, V>> {
        self.find_mut(key).map(OccupiedEntry::remove_node)
    }

    /// Removes the pair of `key`, and returns its value.
    ///
    /// Frees the node. Use [`remove_node`](Self::remove_node) to keep it, or to free it later.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        self.find_mut(key).map(OccupiedEntry::remove)
    }

    /// Returns a cursor at the pair with the smallest key that is not less than `key`.
    ///
    /// Returns `None` if all keys are less.
    pub fn cursor_lower_bound(&self, key: &K) -> Option<Cursor<'_, K, V>>
    where
        K: Ord,
    {
        // SAFETY: The node is one of this tree, which stays borrowed.
        self.lower_bound(key)
            .map(|node| unsafe { Cursor::new(node) })
    }

    /// Returns a cursor at the pair with the smallest key that is not less than `key`, which can change
    /// the tree.
    ///
    /// Returns `None` if all keys are less.
    pub fn cursor_lower_bound_mut(&mut self, key: &K) -> Option<CursorMut<'_, K, V>>
    where
        K: Ord,
    {
        let node = self.lower_bound(key)?;
        // SAFETY: The node is one of this tree.
        Some(unsafe { CursorMut::new(self, node) })
    }

    /// Returns the node of `key`, or else where it would go.
    fn locate(&self, key: &K) -> Result<NodePtr<K, V>, Gap<K, V>> {
        let mut gap = Gap::Root;
        loop {
            // SAFETY: The gap is one of this tree.
            let slot = unsafe { gap.slot((&raw const self.root).cast_mut()) };
            // SAFETY: The slot is one of a node, or the root, and `&self` keeps it as it is.
            let links = unsafe { slot.read() };
            // SAFETY: By the type invariants a slot is null or has a node of the tree.
            let Some(node) = (unsafe { NodePtr::from_links(links) }) else {
                return Err(gap);
            };
            // SAFETY: The node is one of this tree, which is borrowed.
            gap = match key.cmp(unsafe { node.pair() }.0) {
                Ordering::Less => Gap::Left(node),
                Ordering::Greater => Gap::Right(node),
                Ordering::Equal => return Ok(node),
            };
        }
    }

    /// Returns the first node whose key is not less than `key`.
    fn lower_bound(&self, key: &K) -> Option<NodePtr<K, V>> {
        match self.locate(key) {
            Ok(node) => Some(node),
            // There is nothing between a node and a gap beside it.
            Err(Gap::Left(node)) => Some(node),
            // SAFETY: The node is one of this tree, which is borrowed.
            Err(Gap::Right(node)) => unsafe { node.next() },
            Err(Gap::Root) => None,
        }
    }
}

impl<K, V> Default for RBTree<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> Drop for RBTree<K, V> {
    fn drop(&mut self) {
        // In this order each node comes after both of its children, so that those are not needed any
        // more, and the tree need not be balanced in between.
        //
        // SAFETY: By the type invariants this is the root of a tree.
        let mut next = unsafe { bindings::rb_first_postorder(&self.root) };
        // SAFETY: The pointer is null or a node of the tree: type invariants.
        while let Some(node) = unsafe { NodePtr::<K, V>::from_links(next) } {
            // SAFETY: The node and its parents are still there.
            next = unsafe { bindings::rb_next_postorder(node.links()) };
            // SAFETY: By the type invariants the node was leaked and belonged to the tree, which is
            // not looked at any more, except for nodes that come later.
            drop(unsafe { RBTreeNode::from_ptr(node) });
        }
    }
}

impl<'a, K, V> IntoIterator for &'a RBTree<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut RBTree<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// A place in a tree, and on the way down, whatever is there.
enum Gap<K, V> {
    /// The place of the root.
    Root,
    /// What is on the left of a node: smaller keys.
    Left(NodePtr<K, V>),
    /// What is on the right of a node: larger keys.
    Right(NodePtr<K, V>),
}

impl<K, V> Gap<K, V> {
    /// Returns the node above, or null.
    fn parent(&self) -> *mut bindings::rb_node {
        match self {
            Gap::Root => core::ptr::null_mut(),
            Gap::Left(node) | Gap::Right(node) => node.links(),
        }
    }

    /// Returns where the pointer to what is in this place lies.
    ///
    /// # Safety
    ///
    /// The place is in the tree of which `root` is the root.
    unsafe fn slot(&self, root: *mut bindings::rb_root) -> *mut *mut bindings::rb_node {
        match self {
            // SAFETY: The caller says that this is the root of a tree.
            Gap::Root => unsafe { &raw mut (*root).rb_node },
            // SAFETY: The caller says that the node is in a tree.
            Gap::Left(node) => unsafe { &raw mut (*node.links()).rb_left },
            // SAFETY: As above.
            Gap::Right(node) => unsafe { &raw mut (*node.links()).rb_right },
        }
    }
}
