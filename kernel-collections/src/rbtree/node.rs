// SPDX-License-Identifier: GPL-2.0

//! Nodes: in a tree, beside it, and as memory for one.

use crate::{alloc::Flags, bindings, container_of, prelude::*};
use core::{mem::MaybeUninit, ptr::NonNull};

/// What a tree is made of.
pub(super) struct Node<K, V> {
    /// What C knows of a node.
    links: bindings::rb_node,
    key: K,
    value: V,
}

/// Where a node is that belongs to a tree.
///
/// A mere address: whoever has one takes care that the node is still there.
pub(super) struct NodePtr<K, V>(NonNull<Node<K, V>>);

impl<K, V> Clone for NodePtr<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for NodePtr<K, V> {}

impl<K, V> NodePtr<K, V> {
    /// Returns the node that `links` are part of, or `None` if `links` is null.
    ///
    /// # Safety
    ///
    /// If `links` is not null, it is the field of that name in a `Node<K, V>`, and comes from a pointer
    /// to the whole.
    pub(super) unsafe fn from_links(links: *mut bindings::rb_node) -> Option<Self> {
        if links.is_null() {
            return None;
        }
        // SAFETY: The caller says that the pointer is to that field and comes from one to the whole.
        NonNull::new(unsafe { container_of!(links, Node<K, V>, links) }).map(Self)
    }

    /// Returns where the part is that C knows.
    pub(super) fn links(self) -> *mut bindings::rb_node {
        let node = self.0.as_ptr();
        node.wrapping_byte_add(core::mem::offset_of!(Node<K, V>, links))
            .cast()
    }

    /// Returns the node with the next larger key.
    ///
    /// # Safety
    ///
    /// The node is in a tree, which nobody changes meanwhile.
    pub(super) unsafe fn next(self) -> Option<Self> {
        // SAFETY: The caller says that the node is in a tree that stays as it is.
        let links = unsafe { bindings::rb_next(self.links()) };
        // SAFETY: The neighbour in a tree of `K` and `V` is null or another of its nodes.
        unsafe { Self::from_links(links) }
    }

    /// Returns the node with the next smaller key.
    ///
    /// # Safety
    ///
    /// The node is in a tree, which nobody changes meanwhile.
    pub(super) unsafe fn prev(self) -> Option<Self> {
        // SAFETY: The caller says that the node is in a tree that stays as it is.
        let links = unsafe { bindings::rb_prev(self.links()) };
        // SAFETY: The neighbour in a tree of `K` and `V` is null or another of its nodes.
        unsafe { Self::from_links(links) }
    }

    /// Borrows key and value.
    ///
    /// # Safety
    ///
    /// For all of `'a` the node is there, and nobody has its value mutably.
    pub(super) unsafe fn pair<'a>(self) -> (&'a K, &'a V) {
        let node = self.0.as_ptr();
        // Not by way of a `&Node`: the links may change during `'a`.
        //
        // SAFETY: The caller says that the node is there.
        let key = unsafe { &(*node).key };
        // SAFETY: As above, and that nobody has the value mutably.
        let value = unsafe { &(*node).value };
        (key, value)
    }

    /// Borrows key and value, the latter mutably.
    ///
    /// # Safety
    ///
    /// For all of `'a` the node is there, and nobody else has its value.
    pub(super) unsafe fn pair_mut<'a>(self) -> (&'a K, &'a mut V) {
        let node = self.0.as_ptr();
        // Not by way of a `&mut Node`: the links are used during `'a`, by those of other nodes.
        //
        // SAFETY: The caller says that the node is there.
        let key = unsafe { &(*node).key };
        // SAFETY: As above, and that nobody else has the value.
        let value = unsafe { &mut (*node).value };
        (key, value)
    }
}

/// Memory for a node of a [tree](super::RBTree), allocated in advance.
///
/// # Examples
///
/// ```
/// use kernel::rbtree::{RBTree, RBTreeNodeReservation};
///
/// let mut tree = RBTree::new();
/// let reservation = RBTreeNodeReservation::new(GFP_KERNEL)?;
///
/// // From here nothing can fail.
/// tree.insert(reservation.into_node(1, "one"));
/// assert_eq!(tree.get(&1), Some(&"one"));
/// # Ok::<(), Error>(())
/// ```
pub struct RBTreeNodeReservation<K, V> {
    memory: KBox<MaybeUninit<Node<K, V>>>,
}

// SAFETY: There is no key and no value, just memory that may be freed anywhere.
unsafe impl<K, V> Send for RBTreeNodeReservation<K, V> {}

// SAFETY: `&RBTreeNodeReservation` gives access to nothing.
unsafe impl<K, V> Sync for RBTreeNodeReservation<K, V> {}

impl<K, V> RBTreeNodeReservation<K, V> {
    /// Allocates memory for a node.
    ///
    /// # Errors
    ///
    /// `ENOMEM` if there is no memory.
    pub fn new(flags: Flags) -> Result<RBTreeNodeReservation<K, V>> {
        let memory = KBox::new_uninit(flags)?;
        Ok(Self { memory })
    }

    /// Makes a node of the memory.
    pub fn into_node(self, key: K, value: V) -> RBTreeNode<K, V> {
        let node = self.memory.write(Node {
            links: bindings::rb_node::default(),
            key,
            value,
        });
        RBTreeNode { node }
    }
}

/// A node of a [tree](super::RBTree) that is in no tree: a key, a value, and memory.
///
/// # Examples
///
/// ```
/// use kernel::rbtree::{RBTree, RBTreeNode};
///
/// let mut near = RBTree::new();
/// let mut far = RBTree::new();
///
/// near.insert(RBTreeNode::new(1, "one", GFP_KERNEL)?);
///
/// // From tree to tree, without an allocation.
/// let node = near.remove_node(&1).ok_or(ENOENT)?;
/// far.insert(node);
/// assert!(near.is_empty());
///
/// // Another pair in the same memory.
/// let node = far.remove_node(&1).ok_or(ENOENT)?;
/// far.insert(node.into_reservation().into_node(2, "two"));
/// assert_eq!(far.remove(&2), Some("two"));
/// # Ok::<(), Error>(())
/// ```
pub struct RBTreeNode<K, V> {
    node: KBox<Node<K, V>>,
}

// SAFETY: It owns a key and a value. In no tree, the links refer to nothing.
unsafe impl<K: Send, V: Send> Send for RBTreeNode<K, V> {}

// SAFETY: `&RBTreeNode` gives no more than a shared reference to the key, and nothing reads the links.
unsafe impl<K: Sync, V: Sync> Sync for RBTreeNode<K, V> {}

impl<K, V> RBTreeNode<K, V> {
    /// Allocates a node for a key and a value.
    ///
    /// # Errors
    ///
    /// `ENOMEM` if there is no memory; key and value are dropped then. Where they must not be, allocate
    /// a [reservation](RBTreeNodeReservation) first.
    pub fn new(key: K, value: V, flags: Flags) -> Result<RBTreeNode<K, V>> {
        RBTreeNodeReservation::new(flags).map(|memory| memory.into_node(key, value))
    }

    /// Returns key and value, and frees the memory.
    pub fn to_key_value(self) -> (K, V) {
        let node = KBox::into_inner(self.node);
        (node.key, node.value)
    }

    /// Drops key and value, and keeps the memory.
    pub fn into_reservation(self) -> RBTreeNodeReservation<K, V> {
        RBTreeNodeReservation {
            memory: KBox::drop_contents(self.node),
        }
    }

    /// Returns the key.
    pub(super) fn key(&self) -> &K {
        &self.node.key
    }

    /// Gives the node up, for a tree to own.
    pub(super) fn into_ptr(self) -> NodePtr<K, V> {
        let node = KBox::into_raw(self.node);
        // SAFETY: The pointer of a box is not null.
        NodePtr(unsafe { NonNull::new_unchecked(node) })
    }

    /// Takes back what [`into_ptr`](Self::into_ptr) gave up.
    ///
    /// # Safety
    ///
    /// The node comes from there, and is in no tree that is used after this.
    pub(super) unsafe fn from_ptr(ptr: NodePtr<K, V>) -> Self {
        // SAFETY: The pointer comes from `KBox::into_raw`, and the caller uses it no more.
        let node = unsafe { KBox::from_raw(ptr.0.as_ptr()) };
        Self { node }
    }
}
