// SPDX-License-Identifier: GPL-2.0

//! Completions: a baton that goes from thread to thread, each of which waits for its turn.

use crate::{
    crew::Crew,
    plan::{must_be, Plan},
};
use kernel::{
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc, Completion,
    },
};

struct Relay {
    /// That a turn is over. A completion is for a single event, hence one for each turn.
    turns: KVec<Pin<KBox<Completion>>>,
    /// How many turns are over. Relaxed access is enough: who waits for a completion sees all that
    /// was done before it was completed.
    baton: Atomic<usize>,
    /// How many turns found the baton to be somewhere else.
    lost: Atomic<u64>,
}

impl Relay {
    fn new(turns: usize) -> Result<Arc<Self>> {
        let mut relay = Self {
            turns: KVec::with_capacity(turns, GFP_KERNEL)?,
            baton: Atomic::new(0),
            lost: Atomic::new(0),
        };
        for _ in 0..turns {
            relay
                .turns
                .push(KBox::pin_init(Completion::new(), GFP_KERNEL)?, GFP_KERNEL)?;
        }
        Ok(Arc::new(relay, GFP_KERNEL)?)
    }

    fn take_turn(&self, turn: usize) {
        if let Some(before) = turn.checked_sub(1) {
            self.turns[before].wait_for_completion();
        }
        if self.baton.load(Relaxed) != turn {
            self.lost.add(1, Relaxed);
        }
        self.baton.store(turn + 1, Relaxed);
        self.turns[turn].complete_all();
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    // Each turn is a switch from one thread to another, and takes a completion: so the turns are
    // shared among the threads.
    let turns = plan.rounds as usize;
    let relay = Relay::new(turns)?;
    let mut crew = Crew::new()?;
    for thread in 0..plan.threads as usize {
        let relay = relay.clone();
        crew.add(move || {
            for turn in (thread..turns).step_by(plan.threads as usize) {
                relay.take_turn(turn);
            }
            Ok(())
        })?;
    }
    crew.work()?;

    must_be("completion: lost batons", relay.lost.load(Relaxed), 0)?;
    must_be("completion: the baton", relay.baton.load(Relaxed), turns)?;
    // The event has happened for good: this does not wait.
    relay.turns[turns - 1].wait_for_completion();
    pr_info!("completion: the baton was handed on {} times\n", turns);
    Ok(())
}
