// SPDX-License-Identifier: GPL-2.0

//! Several threads that begin at the same time.

use kernel::{
    kthread::{yield_now, Thread},
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc, Completion,
    },
};

/// How often a thread looks whether the others are there before it lets them run on its own CPU.
const SPINS: u32 = 10_000;

/// Where threads wait until all of them are there.
#[pin_data]
struct Gate {
    #[pin]
    open: Completion,
    /// How many threads there are in all; known once the gate is open.
    size: Atomic<usize>,
    /// How many of them have passed the gate.
    passed: Atomic<usize>,
}

impl Gate {
    fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                open <- Completion::new(),
                size: Atomic::new(0),
                passed: Atomic::new(0),
            }),
            GFP_KERNEL,
        )
    }

    fn open(&self, size: usize) {
        self.size.store(size, Relaxed);
        self.open.complete_all();
    }

    fn pass(&self) {
        self.open.wait_for_completion();
        self.passed.add(1, Relaxed);
        // To be woken takes longer than many a piece of work, and the first is not to be done before
        // the last is awake. Keeping the CPU busy makes the scheduler spread the threads over all CPUs.
        while !self.all_have_passed() {
            if !(0..SPINS).any(|_| self.all_have_passed()) {
                yield_now();
            }
        }
    }

    fn all_have_passed(&self) -> bool {
        self.passed.load(Relaxed) >= self.size.load(Relaxed)
    }
}

/// Threads that do their work at the same time.
///
/// A crew that is dropped, since one of its threads could not be started, opens the gate too: threads
/// that wait can't end.
pub(crate) struct Crew {
    gate: Arc<Gate>,
    threads: KVec<Thread>,
}

impl Crew {
    /// Makes a crew of nobody.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            gate: Gate::new()?,
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
        let thread = Thread::spawn(c"collections_stress", move |_context| {
            gate.pass();
            work()
        })?;
        self.threads.push(thread, GFP_KERNEL)?;
        Ok(())
    }

    /// Opens the gate, and waits until all threads have done their work.
    ///
    /// # Errors
    ///
    /// What one of the threads returned, if any failed; all of them have ended nevertheless.
    pub(crate) fn work(mut self) -> Result {
        self.gate.open(self.threads.len());
        let mut outcome = Ok(());
        while let Some(thread) = self.threads.pop() {
            outcome = outcome.and(thread.stop());
        }
        outcome
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        // What remains of the threads is dropped next, and that waits for their ends.
        self.gate.open(self.threads.len());
    }
}
