// SPDX-License-Identifier: GPL-2.0

//! Id pools: ids that many threads take from a pool that grows and shrinks, each had by one at a time.

use crate::{
    crew::Crew,
    plan::{must_be, Plan},
};
use kernel::{
    id_pool::IdPool,
    new_spinlock,
    prelude::*,
    sync::{
        atomic::{Atomic, Full, Relaxed},
        Arc, SpinLock,
    },
};

/// How many ids a thread has at most.
const HELD: usize = 100;

#[pin_data]
struct Shared {
    #[pin]
    pool: SpinLock<IdPool>,
    /// Who has each id: the thread's number and 1, or 0. Ids are the smallest there are, so there are no
    /// others.
    owners: KVVec<Atomic<u32>>,
    grown: Atomic<u64>,
    shrunk: Atomic<u64>,
    /// How many ids had another owner than they had to.
    wrong: Atomic<u64>,
}

impl Shared {
    fn take(&self) -> Result<usize> {
        let mut pool = self.pool.lock();
        loop {
            if let Some(id) = pool.find_unused_id(0) {
                return Ok(id.acquire());
            }
            let request = pool.grow_request().ok_or(ENOSPC)?;
            drop(pool);
            let resizer = request.realloc(GFP_KERNEL)?;
            pool = self.pool.lock();
            let before = pool.capacity();
            pool.grow(resizer);
            if pool.capacity() > before {
                self.grown.add(1, Relaxed);
            }
        }
    }

    fn give_back(&self, id: usize) -> Result {
        let mut pool = self.pool.lock();
        pool.release_id(id);
        let request = pool.shrink_request();
        drop(pool);
        if let Some(request) = request {
            let resizer = request.realloc(GFP_KERNEL)?;
            let mut pool = self.pool.lock();
            let before = pool.capacity();
            pool.shrink(resizer);
            if pool.capacity() < before {
                self.shrunk.add(1, Relaxed);
            }
        }
        Ok(())
    }

    /// Sets the owner of an id, which has to have another one.
    fn set_owner(&self, id: usize, from: u32, to: u32) {
        let right = self
            .owners
            .get(id)
            .is_some_and(|owner| owner.cmpxchg(from, to, Full).is_ok());
        if !right {
            self.wrong.add(1, Relaxed);
        }
    }

    fn work(&self, thread: u32, rounds: u32) -> Result {
        let mut held = KVec::with_capacity(HELD, GFP_KERNEL)?;
        for _ in 0..rounds {
            let id = self.take()?;
            self.set_owner(id, 0, thread + 1);
            held.push(id, GFP_KERNEL)?;
            if held.len() == HELD {
                self.release_all(&mut held, thread)?;
            }
        }
        self.release_all(&mut held, thread)
    }

    fn release_all(&self, held: &mut KVec<usize>, thread: u32) -> Result {
        while let Some(id) = held.pop() {
            self.set_owner(id, thread + 1, 0);
            self.give_back(id)?;
        }
        Ok(())
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let ids = plan.threads as usize * HELD;
    let mut owners = KVVec::with_capacity(ids, GFP_KERNEL)?;
    for _ in 0..ids {
        owners.push(Atomic::new(0), GFP_KERNEL)?;
    }
    let shared = Arc::pin_init(
        pin_init!(Shared {
            pool <- new_spinlock!(IdPool::new(), "collections_stress::pool"),
            owners,
            grown: Atomic::new(0),
            shrunk: Atomic::new(0),
            wrong: Atomic::new(0),
        }),
        GFP_KERNEL,
    )?;

    let mut crew = Crew::new()?;
    for thread in 0..plan.threads {
        let shared = shared.clone();
        crew.add(move || shared.work(thread, plan.rounds))?;
    }
    crew.work()?;

    must_be("id_pool: wrong owners", shared.wrong.load(Relaxed), 0)?;
    let owned = shared
        .owners
        .iter()
        .filter(|owner| owner.load(Relaxed) != 0);
    must_be("id_pool: ids left", owned.count(), 0)?;
    // Now that nobody has an id, the pool is as small as pools get, or asks to be.
    let request = shared.pool.lock().shrink_request();
    if let Some(request) = request {
        let resizer = request.realloc(GFP_KERNEL)?;
        shared.pool.lock().shrink(resizer);
    }
    let mut pool = shared.pool.lock();
    must_be(
        "id_pool: the capacity",
        pool.capacity(),
        IdPool::new().capacity(),
    )?;
    let first = pool.find_unused_id(0).map(|id| id.as_usize());
    drop(pool);
    must_be("id_pool: 0 is free", first == Some(0), true)?;
    pr_info!(
        "id_pool: {} ids were handed out; the pool grew {} times and shrank {} times\n",
        plan.total(),
        shared.grown.load(Relaxed),
        shared.shrunk.load(Relaxed)
    );
    Ok(())
}
