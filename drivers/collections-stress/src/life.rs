// SPDX-License-Identifier: GPL-2.0

//! Objects that are counted from their beginnings to their ends.

use kernel::{
    prelude::*,
    sync::{
        atomic::{Atomic, Full, Relaxed},
        Arc,
    },
};

/// How many objects of a part there are.
#[derive(Clone)]
pub(crate) struct Lives(Arc<Atomic<u64>>);

impl Lives {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Arc::new(Atomic::new(0), GFP_KERNEL)?))
    }

    /// Begins a life; what it is a field of counts until it is dropped.
    pub(crate) fn begin(&self) -> Life {
        self.0.add(1, Relaxed);
        Life(self.clone())
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// One of those that count.
pub(crate) struct Life(Lives);

impl Drop for Life {
    fn drop(&mut self) {
        let Self(Lives(count)) = self;
        count.fetch_sub(1, Full);
    }
}
