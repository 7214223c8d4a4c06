// SPDX-License-Identifier: GPL-2.0

//! What has to be true, and a count of what is.

use kernel::prelude::*;

/// How many relations were looked at, and how many of them hold.
pub(crate) struct Relations {
    all: u32,
    hold: u32,
}

impl Relations {
    pub(crate) fn new() -> Self {
        Self { all: 0, hold: 0 }
    }

    /// Counts the relation `what`, and says so when it does not hold.
    pub(crate) fn expect(&mut self, what: &str, holds: bool) {
        self.all += 1;
        if holds {
            self.hold += 1;
        } else {
            pr_err!("not so: {}\n", what);
        }
    }

    /// Prints what it came to.
    ///
    /// # Errors
    ///
    /// `EIO` unless every relation holds.
    pub(crate) fn verdict(self) -> Result {
        pr_info!("verdict: {} of {} relations hold\n", self.hold, self.all);
        if self.hold == self.all {
            Ok(())
        } else {
            Err(EIO)
        }
    }
}
