// SPDX-License-Identifier: GPL-2.0

//! An `Arc` becomes one of a trait that the object has, and of no other.

extern crate kernel_sync as kernel;

use core::fmt::{Debug, Display};
use kernel::sync::{Arc, UniqueArc};

struct Mute;

fn shared(arc: Arc<u32>) -> Arc<dyn Debug> {
    arc
}

fn not_shown(arc: Arc<Mute>) -> Arc<dyn Display> {
    arc
}

fn unique(unique: UniqueArc<u32>) -> UniqueArc<dyn Debug> {
    unique
}

fn main() {}
