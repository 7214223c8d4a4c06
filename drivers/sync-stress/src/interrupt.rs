// SPDX-License-Identifier: GPL-2.0

//! Waiting that ends early: threads asleep on a condition variable that nobody notifies, until they
//! are asked to stop.

use crate::plan::{must_be, Plan};
use kernel::{
    kthread::{Context, Thread},
    new_condvar, new_mutex,
    prelude::*,
    sync::{Arc, CondVar, Mutex},
};

/// What the mutex protects: how many threads have come, were told of a signal, and have left.
#[derive(Default)]
struct Count {
    came: u32,
    signalled: u32,
    left: u32,
}

#[pin_data]
struct Room {
    #[pin]
    count: Mutex<Count>,
    #[pin]
    somebody_came: CondVar,
    #[pin]
    never_notified: CondVar,
}

impl Room {
    fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                count <- new_mutex!(Count::default(), "Room::count"),
                somebody_came <- new_condvar!("Room::somebody_came"),
                never_notified <- new_condvar!("Room::never_notified"),
            }),
            GFP_KERNEL,
        )
    }

    /// What each thread does: it sleeps until it is asked to stop, which counts as a signal.
    fn stay(&self, context: &Context) {
        let mut count = self.count.lock();
        count.came += 1;
        self.somebody_came.notify_one();
        while !context.should_stop() {
            if self.never_notified.wait_interruptible(&mut count) {
                count.signalled += 1;
            }
        }
        count.left += 1;
    }

    /// Sleeps until as many threads as that have come.
    fn wait_for(&self, threads: u32) {
        let mut count = self.count.lock();
        while count.came < threads {
            self.somebody_came.wait(&mut count);
        }
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let room = Room::new()?;
    let mut threads = KVec::new();
    for _ in 0..plan.threads {
        let room = room.clone();
        let thread = Thread::spawn(c"sync_stress", move |context| {
            room.stay(context);
            Ok(())
        })?;
        threads.push(thread, GFP_KERNEL)?;
    }
    room.wait_for(plan.threads);
    // Nothing else than this ends the sleep of a thread.
    for thread in threads {
        thread.stop()?;
    }

    let count = room.count.lock();
    must_be(
        "interrupt: threads that have left",
        count.left,
        plan.threads,
    )?;
    pr_info!(
        "interrupt: {} threads were stopped, {} of them asleep\n",
        count.left,
        count.signalled
    );
    Ok(())
}
