// SPDX-License-Identifier: GPL-2.0

// A node is in one tree at most, and a reservation makes one node.

extern crate kernel_collections as kernel;

use kernel::rbtree::{RBTree, RBTreeNode, RBTreeNodeReservation};

fn in_two_trees(a: &mut RBTree<u32, u32>, b: &mut RBTree<u32, u32>, node: RBTreeNode<u32, u32>) {
    a.insert(node);
    b.insert(node);
}

fn two_nodes(reservation: RBTreeNodeReservation<u32, u32>) -> [RBTreeNode<u32, u32>; 2] {
    [reservation.into_node(1, 1), reservation.into_node(2, 2)]
}

fn reserved_while_in_use(tree: &mut RBTree<u32, u32>, node: RBTreeNode<u32, u32>) {
    let reservation = node.into_reservation();
    tree.insert(node);
    drop(reservation);
}

fn main() {}
