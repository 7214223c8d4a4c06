// SPDX-License-Identifier: GPL-2.0

//! Names and paths of nodes, as text.

use super::FwNode;
use crate::{bindings, fmt, prelude::*};

/// The name of a node: see [`FwNode::display_name`].
pub(super) struct Name<'a>(pub(super) &'a FwNode);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: The node is initialised, by its type invariants.
        let name = unsafe { bindings::fwnode_get_name(self.0.as_raw()) };
        if name.is_null() {
            return Ok(());
        }
        // SAFETY: It ends with a zero byte, and a node keeps its name.
        fmt::Display::fmt(unsafe { CStr::from_char_ptr(name) }, f)
    }
}

impl fmt::Display for FwNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: The node is initialised, by its type invariants.
        let depth = unsafe { bindings::fwnode_count_parents(self.as_raw()) };
        for depth in (0..=depth).rev() {
            // SAFETY: As above.
            let node = unsafe { bindings::fwnode_get_nth_parent(self.as_raw(), depth) };
            // SAFETY: It is null, or a node whose count the function has raised for us.
            let Some(node) = (unsafe { FwNode::from_counted(node) }) else {
                continue;
            };
            // SAFETY: The node is initialised, by its type invariants.
            let prefix = unsafe { bindings::fwnode_get_name_prefix(node.as_raw()) };
            if !prefix.is_null() {
                // SAFETY: Prefixes end with a zero byte, and are static.
                fmt::Display::fmt(unsafe { CStr::from_char_ptr(prefix) }, f)?;
            }
            fmt::Display::fmt(&Name(&node), f)?;
        }
        Ok(())
    }
}
