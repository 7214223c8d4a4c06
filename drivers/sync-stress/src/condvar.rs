// SPDX-License-Identifier: GPL-2.0

//! Condition variables: a queue with few places, its writers asleep while it is full, and its readers
//! while it is empty.

use crate::{
    crew::Crew,
    plan::{must_be, Plan},
};
use kernel::{
    new_condvar, new_mutex,
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc, CondVar, Mutex,
    },
};

const PLACES: usize = 4;

/// What the mutex protects: the items are in the places from `first` on, around the end.
#[derive(Default)]
struct Ring {
    places: [u64; PLACES],
    first: usize,
    len: usize,
}

#[pin_data]
struct Queue {
    #[pin]
    ring: Mutex<Ring>,
    #[pin]
    has_item: CondVar,
    #[pin]
    has_room: CondVar,
    /// How many items were taken out, and the sum of them.
    taken: Atomic<u64>,
    sum: Atomic<u64>,
}

impl Queue {
    fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                ring <- new_mutex!(Ring::default(), "Queue::ring"),
                has_item <- new_condvar!("Queue::has_item"),
                has_room <- new_condvar!("Queue::has_room"),
                taken: Atomic::new(0),
                sum: Atomic::new(0),
            }),
            GFP_KERNEL,
        )
    }

    fn put(&self, item: u64) {
        let mut ring = self.ring.lock();
        // By the time that a thread is awake and has the lock, another may have been faster.
        while ring.len == PLACES {
            self.has_room.wait(&mut ring);
        }
        let last = (ring.first + ring.len) % PLACES;
        ring.places[last] = item;
        ring.len += 1;
        self.has_item.notify_one();
    }

    fn take(&self) -> u64 {
        let mut ring = self.ring.lock();
        while ring.len == 0 {
            self.has_item.wait(&mut ring);
        }
        let item = ring.places[ring.first];
        ring.first = (ring.first + 1) % PLACES;
        ring.len -= 1;
        self.has_room.notify_one();
        item
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let queue = Queue::new()?;
    let mut crew = Crew::new()?;
    for thread in 0..plan.threads {
        let writer = queue.clone();
        crew.add(move || {
            // Each writer has numbers of its own, and all together have those from 0 to the total.
            let first = u64::from(thread) * u64::from(plan.rounds);
            for round in 0..plan.rounds {
                writer.put(first + u64::from(round));
            }
            Ok(())
        })?;
        let reader = queue.clone();
        crew.add(move || {
            for _ in 0..plan.rounds {
                reader.sum.add(reader.take(), Relaxed);
                reader.taken.add(1, Relaxed);
            }
            Ok(())
        })?;
    }
    crew.work()?;

    let total = plan.total();
    let taken = queue.taken.load(Relaxed);
    must_be("condvar: items left in the queue", queue.ring.lock().len, 0)?;
    must_be("condvar: the number of items", taken, total)?;
    must_be(
        "condvar: the sum of the items",
        queue.sum.load(Relaxed),
        total * (total - 1) / 2,
    )?;
    pr_info!(
        "condvar: {} items went through {} places, each once\n",
        taken,
        PLACES
    );
    Ok(())
}
