// SPDX-License-Identifier: GPL-2.0

//! What has happened to messages so far.

use kernel::sync::atomic::{Atomic, Relaxed};

/// A number of messages, endpoints or boxes.
#[derive(Default)]
pub(crate) struct Count(pub(crate) Atomic<u64>);

impl Count {
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    pub(crate) fn add(&self, number: u64) {
        self.0.add(number, Relaxed);
    }

    pub(crate) fn sub(&self, number: u64) {
        self.0.add(number.wrapping_neg(), Relaxed);
    }
}

/// The statistics. When nothing is going on, `sent` is the sum of what follows it.
pub(crate) struct Stats {
    /// Messages that went into a box.
    pub(crate) sent: Count,
    /// Messages that are in one.
    pub(crate) waiting: Count,
    /// Messages that somebody has got.
    pub(crate) received: Count,
    /// Messages that nobody came for in time.
    pub(crate) expired: Count,
    /// Messages that were dropped because somebody said so.
    pub(crate) flushed: Count,
    /// Messages that were dropped together with their box.
    pub(crate) discarded: Count,
    /// Endpoints that are open.
    pub(crate) endpoints: Count,
}

impl Stats {
    pub(crate) const fn new() -> Self {
        const NONE: Count = Count(Atomic::new(0));
        Self {
            sent: NONE,
            waiting: NONE,
            received: NONE,
            expired: NONE,
            flushed: NONE,
            discarded: NONE,
            endpoints: NONE,
        }
    }
}
