// SPDX-License-Identifier: GPL-2.0

//! Each child may be kept, but who asks for the next one needs the node.

extern crate kernel_device as kernel;

use kernel::{device::property::FwNode, sync::aref::ARef};

fn children(node: ARef<FwNode>) -> impl Iterator<Item = ARef<FwNode>> + 'static {
    node.children()
}

fn main() {}
