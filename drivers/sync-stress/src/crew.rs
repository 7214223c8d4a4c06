// SPDX-License-Identifier: GPL-2.0

//! Several threads that begin at the same time.

use kernel::{
    kthread::Thread,
    prelude::*,
    sync::{Arc, Completion},
};

/// Threads that wait at a gate until all of them are there.
///
/// A crew that is dropped, since one of its threads could not be started, opens the gate too: threads
/// that wait can't end.
pub(crate) struct Crew {
    gate: Arc<Completion>,
    threads: KVec<Thread>,
}

impl Crew {
    /// Makes a crew of nobody.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            gate: Arc::pin_init(Completion::new(), GFP_KERNEL)?,
            threads: KVec::new(),
        })
    }

    /// Adds a thread that is going to run `work` once the gate is open.
    pub(crate) fn add<W>(&mut self, work: W) -> Result
    where
        W: FnOnce() -> Result + Send + 'static,
    {
        // Room first: a thread that has no place in the crew would be waited for, and wait itself.
        self.threads.reserve(1, GFP_KERNEL)?;
        let gate = self.gate.clone();
        let thread = Thread::spawn(c"sync_stress", move |_context| {
            gate.wait_for_completion();
            work()
        })?;
        self.threads.push(thread, GFP_KERNEL)?;
        Ok(())
    }

    /// Opens the gate, and waits until all threads have done their work.
    ///
    /// # Errors
    ///
    /// The first error that a thread returned; all of them have ended nevertheless.
    pub(crate) fn work(mut self) -> Result {
        self.gate.complete_all();
        let mut outcome = Ok(());
        while let Some(thread) = self.threads.pop() {
            outcome = outcome.and(thread.stop());
        }
        outcome
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.gate.complete_all();
    }
}
