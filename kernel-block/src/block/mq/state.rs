// SPDX-License-Identifier: GPL-2.0

//! Who has a request: what is kept beside each in the memory of the tag set.
//!
//! Two things are to be ruled out that C leaves to its drivers: that a request ends while somebody has it,
//! and that it ends twice. The second also goes for [`queue_rq`](super::Operations::queue_rq), by the error
//! of which C ends the request itself, though the driver may have done so, or may have handed it on.
//!
//! Hence a count of the references, and a phase:
//!
//! | phase | who ends the request |
//! | --- | --- |
//! | `QUEUEING`: `queue_rq` is running | whoever has the only reference |
//! | `QUEUED`: it has returned | as above; or who drops the last reference, with an error |
//! | `DROPPED`: the last one was dropped while it was running | who called `queue_rq`, when it returns |
//! | `ENDED` | it is C's |
//!
//! A request that has ended can be back at once, with another CPU and before its `queue_rq` has returned. So
//! the phase has a number that counts how often the request was queued, by which the caller of `queue_rq`
//! knows whether what it sees is about its own.
//!
//! No operation here is a read-modify-write for a request that ends while `queue_rq` is running and has one
//! reference. One that ends later costs one, when `queue_rq` returns.

use crate::sync::{
    atomic::{Acquire, Atomic, Full, Relaxed},
    Refcount,
};

const QUEUEING: u64 = 0;
const QUEUED: u64 = 1;
const DROPPED: u64 = 2;
const ENDED: u64 = 3;

/// The bits of a phase that say which it is. The others count: 62 bits, which never wrap around.
const PHASE: u64 = 3;

// What differs from `QUEUEING` by this bit alone is `DROPPED`.
const _: () = assert!(QUEUEING == 0 && DROPPED.is_power_of_two());

/// What there is beside each request.
///
/// # Invariants
///
/// - `refs` is the number of references to the request while it is with the driver.
/// - `phase` only goes to `QUEUED` or `DROPPED` from `QUEUEING`, and with the same number; and to `ENDED` by
///   who then ends the request. Where the request is not with the driver, it is `ENDED`.
pub(super) struct State {
    refs: Refcount,
    phase: Atomic<u64>,
}

/// What has become of a request when `queue_rq` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The driver has ended it, or somebody still has it and will.
    Taken,
    /// Nobody has it: the caller ends it.
    Dropped,
}

/// The number of a request's time with the driver, for who calls `queue_rq`.
#[derive(Clone, Copy)]
pub(super) struct Ticket(u64);

impl State {
    /// That of a request which has never been queued.
    pub(super) fn new() -> Self {
        // INVARIANT: It is not with the driver.
        Self {
            refs: Refcount::new(0),
            phase: Atomic::new(ENDED),
        }
    }

    /// Begins the request's time with the driver, with one reference, which is the caller's to give away.
    ///
    /// Only for who has the request from C, so that nobody else has it.
    #[inline]
    pub(super) fn begin(&self) -> Ticket {
        // By the type invariant it is `ENDED`.
        let number = self.phase.load(Relaxed) + (PHASE + 1 - ENDED);
        // INVARIANT: The number is a new one.
        self.phase.store(number, Relaxed);
        // INVARIANT: There is the reference that the caller is about to make.
        self.refs.set(1);
        Ticket(number)
    }

    /// Whether the request was ended, or settled, since. If so, [`settle`](Self::settle) has nothing to do.
    #[inline]
    pub(super) fn is_settled(&self, ticket: Ticket) -> bool {
        self.phase.load(Relaxed) & !DROPPED != ticket.0
    }

    /// Says that `queue_rq` has returned, and what has become of the request.
    ///
    /// From [`Outcome::Taken`] on, the caller has nothing to do with the request any more.
    pub(super) fn settle(&self, ticket: Ticket) -> Outcome {
        let Ticket(number) = ticket;
        // INVARIANT: From `QUEUEING`, with the same number.
        let queued = self.phase.cmpxchg(number | QUEUEING, number | QUEUED, Full);
        if queued.is_ok() {
            return Outcome::Taken;
        }
        // Only this caller leaves `DROPPED`, so that it stays if it is there.
        if self.phase.load(Acquire) != number | DROPPED {
            return Outcome::Taken;
        }
        // INVARIANT: The caller ends the request.
        self.phase.store(number | ENDED, Relaxed);
        Outcome::Dropped
    }

    /// Ends the request's time with the driver if there is one reference, and returns whether there was.
    ///
    /// Only for who has a reference, which then stands for nothing any more. They end the request.
    #[inline]
    #[must_use]
    pub(super) fn end(&self) -> bool {
        if !self.is_unique() {
            return false;
        }
        self.set_ended();
        true
    }

    /// Whether there is one reference, for who has one.
    ///
    /// If so, others' accesses through those that are gone have happened before.
    #[inline]
    pub(super) fn is_unique(&self) -> bool {
        // It pairs with the release in `refcount_dec_and_test()`. Nobody can make another, as that takes one.
        self.refs.as_atomic().load(Acquire) == 1
    }

    #[inline]
    fn set_ended(&self) {
        let phase = self.phase.load(Relaxed);
        // The caller of `queue_rq` may make `QUEUED` of `QUEUEING` in between. That is lost, and it need not
        // be known: it has been told that the request is taken.
        //
        // INVARIANT: The caller ends the request.
        self.phase.store(phase | ENDED, Relaxed);
    }

    /// Counts one reference more, for who has one.
    #[inline]
    pub(super) fn inc_ref(&self) {
        self.refs.inc();
    }

    /// Counts one reference less, and returns whether the caller has to end the request for that.
    #[must_use]
    pub(super) fn dec_ref(&self) -> bool {
        if !self.refs.dec_and_test() {
            return false;
        }
        let phase = self.phase.load(Relaxed);
        // INVARIANT: From `QUEUEING`, with the same number.
        if phase & PHASE == QUEUEING
            && self
                .phase
                .cmpxchg(phase, (phase & !PHASE) | DROPPED, Full)
                .is_ok()
        {
            return false;
        }
        self.set_ended();
        true
    }
}

#[crate::macros::kunit_tests(rust_block_mq_state)]
mod tests {
    use super::*;

    #[test]
    fn the_only_reference_ends() {
        let state = State::new();
        let ticket = state.begin();
        assert!(!state.is_settled(ticket));
        assert!(state.end());
        assert!(state.is_settled(ticket));
        assert_eq!(state.settle(ticket), Outcome::Taken);
    }

    #[test]
    fn one_of_two_does_not_end() {
        let state = State::new();
        let ticket = state.begin();
        state.inc_ref();
        assert!(!state.end());
        assert!(!state.dec_ref());
        assert!(state.end());
        assert_eq!(state.settle(ticket), Outcome::Taken);
    }

    #[test]
    fn ends_after_queueing() {
        let state = State::new();
        let ticket = state.begin();
        assert_eq!(state.settle(ticket), Outcome::Taken);
        assert!(state.end());
    }

    #[test]
    fn dropped_while_queueing_is_the_callers() {
        let state = State::new();
        let ticket = state.begin();
        assert!(!state.dec_ref());
        assert!(!state.is_settled(ticket));
        assert_eq!(state.settle(ticket), Outcome::Dropped);
    }

    #[test]
    fn dropped_after_queueing_is_the_droppers() {
        let state = State::new();
        let ticket = state.begin();
        assert_eq!(state.settle(ticket), Outcome::Taken);
        assert!(state.dec_ref());
    }

    #[test]
    fn back_before_its_call_returned() {
        let state = State::new();
        let first = state.begin();
        assert!(state.end());
        let second = state.begin();
        // The first call must not take the second's request for its own.
        assert!(!state.dec_ref());
        assert_eq!(state.settle(first), Outcome::Taken);
        assert_eq!(state.settle(second), Outcome::Dropped);
    }

    #[test]
    fn back_and_still_queueing() {
        let state = State::new();
        let first = state.begin();
        assert!(state.end());
        let second = state.begin();
        assert_eq!(state.settle(first), Outcome::Taken);
        // Still `QUEUEING`, for the second call.
        assert!(!state.dec_ref());
        assert_eq!(state.settle(second), Outcome::Dropped);
    }
}
