// SPDX-License-Identifier: GPL-2.0

//! There are four orderings.

extern crate kernel_sync as kernel;

use kernel::sync::atomic::ordering::{AcquireOrRelaxed, Full, Ordering};

struct Consume;

impl Ordering for Consume {}

impl AcquireOrRelaxed for Full {}

fn main() {}
