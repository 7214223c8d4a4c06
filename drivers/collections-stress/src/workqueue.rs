// SPDX-License-Identifier: GPL-2.0

//! Work: objects that many threads enqueue, on queues that end while there is much to do.

use crate::{
    crew::Crew,
    life::{Life, Lives},
    plan::{must_be, Plan},
};
use kernel::{
    impl_has_work, new_work,
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc,
    },
    workqueue::{OwnedQueue, Work, WorkItem},
};

/// How many objects the threads share.
const SHARED: u32 = 8;

struct Counts {
    /// How often shared work was taken, and how often it was pending already.
    accepted: Atomic<u64>,
    refused: Atomic<u64>,
    shared_runs: Atomic<u64>,
    own_runs: Atomic<u64>,
    closures: Atomic<u64>,
}

/// An object that all threads enqueue.
#[pin_data]
struct Shared {
    counts: Arc<Counts>,
    _life: Life,
    #[pin]
    work: Work<Shared>,
}

impl_has_work! {
    impl HasWork<Self> for Shared { self.work }
}

impl WorkItem for Shared {
    type Pointer = Arc<Self>;

    fn run(this: Arc<Self>) {
        this.counts.shared_runs.add(1, Relaxed);
    }
}

/// An object that is enqueued once, and gone then.
#[pin_data]
struct Own {
    counts: Arc<Counts>,
    _life: Life,
    #[pin]
    work: Work<Own>,
}

impl_has_work! {
    impl HasWork<Self> for Own { self.work }
}

impl WorkItem for Own {
    type Pointer = Pin<KBox<Self>>;

    fn run(this: Pin<KBox<Self>>) {
        this.counts.own_runs.add(1, Relaxed);
    }
}

/// What a thread has.
struct Worker {
    counts: Arc<Counts>,
    lives: Lives,
    shared: KVec<Arc<Shared>>,
    queues: Arc<[OwnedQueue; 3]>,
}

impl Worker {
    fn step(&self, round: u32) -> Result {
        let queue = &self.queues[round as usize % self.queues.len()];
        match round % 4 {
            0 | 1 => {
                let object = &self.shared[(round / 2 % SHARED) as usize];
                let count = match queue.enqueue(object.clone()) {
                    Ok(()) => &self.counts.accepted,
                    Err(_) => &self.counts.refused,
                };
                count.add(1, Relaxed);
            }
            2 => {
                let own = pin_init!(Own {
                    counts: self.counts.clone(),
                    _life: self.lives.begin(),
                    work <- new_work!("collections_stress::own"),
                });
                queue.enqueue(KBox::pin_init(own, GFP_KERNEL)?);
            }
            _ => {
                let (counts, life) = (self.counts.clone(), self.lives.begin());
                queue.try_spawn(GFP_KERNEL, move || {
                    counts.closures.add(1, Relaxed);
                    drop(life);
                })?;
            }
        }
        Ok(())
    }
}

/// How many of the numbers below `rounds` leave one of `rests` when they are divided by 4.
fn steps(rounds: u32, rests: &[u32]) -> u64 {
    rests
        .iter()
        .map(|rest| u64::from((rounds + 3 - rest) / 4))
        .sum()
}

pub(crate) fn run(plan: Plan) -> Result {
    let lives = Lives::new()?;
    let counts = Counts {
        accepted: Atomic::new(0),
        refused: Atomic::new(0),
        shared_runs: Atomic::new(0),
        own_runs: Atomic::new(0),
        closures: Atomic::new(0),
    };
    let counts = Arc::new(counts, GFP_KERNEL)?;
    let mut shared = KVec::new();
    for _ in 0..SHARED {
        let (counts, _life) = (counts.clone(), lives.begin());
        let object = pin_init!(Shared {
            counts,
            _life,
            work <- new_work!("collections_stress::shared"),
        });
        shared.push(Arc::pin_init(object, GFP_KERNEL)?, GFP_KERNEL)?;
    }
    let queues = [
        OwnedQueue::new(c"stress_unbound")?,
        OwnedQueue::per_cpu(c"stress_per_cpu")?,
        OwnedQueue::ordered(c"stress_ordered")?,
    ];
    let queues = Arc::new(queues, GFP_KERNEL)?;

    let mut crew = Crew::new()?;
    for _ in 0..plan.threads {
        let mut worker = Worker {
            counts: counts.clone(),
            lives: lives.clone(),
            shared: KVec::new(),
            queues: queues.clone(),
        };
        worker.shared.extend_from_slice(&shared, GFP_KERNEL)?;
        crew.add(move || (0..plan.rounds).try_for_each(|round| worker.step(round)))?;
    }
    crew.work()?;
    // The threads are gone, and their shares in the queues with them: this waits for all work.
    drop(queues);

    let threads = u64::from(plan.threads);
    let (accepted, refused) = (counts.accepted.load(Relaxed), counts.refused.load(Relaxed));
    must_be(
        "workqueue: attempts to enqueue what is shared",
        accepted + refused,
        threads * steps(plan.rounds, &[0, 1]),
    )?;
    must_be(
        "workqueue: runs of what is shared",
        counts.shared_runs.load(Relaxed),
        accepted,
    )?;
    must_be(
        "workqueue: runs of what is not",
        counts.own_runs.load(Relaxed),
        threads * steps(plan.rounds, &[2]),
    )?;
    must_be(
        "workqueue: closures",
        counts.closures.load(Relaxed),
        threads * steps(plan.rounds, &[3]),
    )?;
    must_be("workqueue: objects", lives.count(), SHARED.into())?;
    drop(shared);
    must_be("workqueue: objects left", lives.count(), 0)?;
    pr_info!(
        "workqueue: all work was done; {} times an object was pending already\n",
        refused
    );
    Ok(())
}
