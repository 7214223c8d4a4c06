// SPDX-License-Identifier: GPL-2.0

//! How much is to be done, and the check of what came out.

use crate::module_parameters;
use kernel::{fmt::Display, prelude::*};

/// The most threads that a part may be asked to start.
const MAX_THREADS: u32 = 32;

/// The most rounds that a thread may be asked for.
const MAX_ROUNDS: u32 = 100_000;

/// How much is to be done: the module's parameters, checked.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    /// How many threads do the same at once; at least 1.
    pub(crate) threads: u32,
    /// How many times each of them does it; at least 1.
    pub(crate) rounds: u32,
    /// How many of its rounds the first thread of `list` leaves out.
    pub(crate) forget: u32,
}

impl Plan {
    /// Takes the parameters that the module was loaded with.
    ///
    /// # Errors
    ///
    /// `EINVAL` when one of them is out of range, with a line that says which.
    pub(crate) fn from_parameters() -> Result<Self> {
        let plan = Self {
            threads: *module_parameters::threads.value(),
            rounds: *module_parameters::rounds.value(),
            forget: *module_parameters::forget.value(),
        };
        in_range("threads", plan.threads, 1, MAX_THREADS)?;
        in_range("rounds", plan.rounds, 1, MAX_ROUNDS)?;
        in_range("forget", plan.forget, 0, plan.rounds)?;
        Ok(plan)
    }

    /// How many rounds all threads do together.
    pub(crate) fn total(self) -> u64 {
        u64::from(self.threads) * u64::from(self.rounds)
    }
}

/// Refuses a parameter that is out of range.
fn in_range(name: &str, value: u32, least: u32, most: u32) -> Result {
    if value < least || value > most {
        pr_err!(
            "{} must be from {} to {}, not {}\n",
            name,
            least,
            most,
            value
        );
        return Err(EINVAL);
    }
    Ok(())
}

/// Says so, and fails, when a number is not what it has to be.
///
/// # Errors
///
/// `EIO` when `found` and `expected` are different.
pub(crate) fn must_be<T: PartialEq + Display>(what: &str, found: T, expected: T) -> Result {
    if found == expected {
        return Ok(());
    }
    pr_err!("{}: found {} where {} was due\n", what, found, expected);
    Err(EIO)
}
