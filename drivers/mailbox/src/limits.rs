// SPDX-License-Identifier: GPL-2.0

//! How much there may be of everything.
//!
//! Together the limits bound the memory that messages take, whatever user space does: at most 64 boxes
//! of 64 messages of 16 KiB. Each process that waits to send holds one message besides.

use core::ops::RangeInclusive;
use kernel::{
    prelude::*,
    sync::atomic::{Atomic, Relaxed},
};

/// The number of endpoints that can be open at the same time.
pub(crate) const MOST_ENDPOINTS: usize = 4096;

/// A number that can be set within a range. A new value applies to what comes, not to what is there.
pub(crate) struct Limit {
    value: Atomic<u32>,
    range: RangeInclusive<u32>,
}

impl Limit {
    const fn new(value: u32, range: RangeInclusive<u32>) -> Self {
        Self {
            value: Atomic::new(value),
            range,
        }
    }

    pub(crate) fn get(&self) -> u32 {
        self.value.load(Relaxed)
    }

    /// Sets the value.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is out of range.
    pub(crate) fn set(&self, value: u32) -> Result {
        if !self.range.contains(&value) {
            return Err(EINVAL);
        }
        self.value.store(value, Relaxed);
        Ok(())
    }
}

/// All that can be set.
pub(crate) struct Limits {
    /// The messages in a box.
    pub(crate) messages: Limit,
    /// The bytes in a message.
    pub(crate) bytes: Limit,
    /// The boxes.
    pub(crate) boxes: Limit,
    /// The milliseconds after which a message expires; 0 is never.
    pub(crate) lifetime: Limit,
}

impl Limits {
    pub(crate) const fn new() -> Self {
        Self {
            messages: Limit::new(16, 1..=64),
            bytes: Limit::new(1024, 1..=16384),
            boxes: Limit::new(16, 1..=64),
            lifetime: Limit::new(0, 0..=3_600_000),
        }
    }
}
