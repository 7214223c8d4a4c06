// SPDX-License-Identifier: GPL-2.0

//! The timer and the work that expire messages.
//!
//! A message that nobody comes for would stay until somebody looks into its box. So every now and then a
//! timer has all boxes looked through, if there are messages at all. A timer's callback must not sleep,
//! as the locks of boxes do; the work that it starts may.

use crate::office::Office;
use kernel::{
    impl_has_hr_timer, impl_has_work, new_work,
    prelude::*,
    sync::{Arc, ArcBorrow},
    time::{
        hrtimer::{
            ArcHrTimerHandle, HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerPointer,
            HrTimerRestart, RelativeMode,
        },
        Delta, Monotonic,
    },
    workqueue::{OwnedQueue, Work, WorkItem},
};

/// The time from one look to the next.
const INTERVAL: Delta = Delta::from_millis(50);

/// The timer. When it goes, so does the queue, and that waits for the work.
#[pin_data]
pub(crate) struct Sweeper {
    #[pin]
    timer: HrTimer<Self>,
    queue: OwnedQueue,
    sweep: Arc<Sweep>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Sweeper {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

impl Sweeper {
    /// Starts to look, until the handle is dropped.
    pub(crate) fn start(office: Arc<Office>) -> Result<ArcHrTimerHandle<Self>> {
        let sweep = Arc::pin_init(
            try_pin_init!(Sweep {
                office,
                work <- new_work!("Sweep::work"),
            }),
            GFP_KERNEL,
        )?;
        let sweeper = Arc::pin_init(
            try_pin_init!(Self {
                timer <- HrTimer::new(),
                queue: OwnedQueue::new(c"mailbox")?,
                sweep,
            }),
            GFP_KERNEL,
        )?;
        Ok(sweeper.start(INTERVAL))
    }
}

impl HrTimerCallback for Sweeper {
    type Pointer<'a> = Arc<Self>;

    fn run(
        this: ArcBorrow<'_, Self>,
        mut context: HrTimerCallbackContext<'_, Self>,
    ) -> HrTimerRestart {
        if this.sweep.office.stats.waiting.get() > 0 {
            // If it is still pending from last time, once is enough.
            let _ = this.queue.enqueue(this.sweep.clone());
        }
        context.forward_now(INTERVAL);
        HrTimerRestart::Restart
    }
}

/// The work.
#[pin_data]
struct Sweep {
    office: Arc<Office>,
    #[pin]
    work: Work<Self>,
}

impl_has_work! {
    impl HasWork<Self> for Sweep { self.work }
}

impl WorkItem for Sweep {
    type Pointer = Arc<Self>;

    fn run(this: Arc<Self>) {
        this.office.sweep();
    }
}
