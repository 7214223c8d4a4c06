// SPDX-License-Identifier: GPL-2.0

//! Timers: many of them at once, some of which fire, and some of which are cancelled before, or at
//! about, their time.

use crate::{
    crew::Crew,
    life::{Life, Lives},
    plan::{must_be, Plan},
};
use kernel::{
    impl_has_hr_timer,
    prelude::*,
    sync::{
        atomic::{Atomic, Full, Relaxed},
        Arc, ArcBorrow, Completion,
    },
    time::{
        hrtimer::{
            HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerPointer, HrTimerRestart,
            RelativeMode,
        },
        Delta, Monotonic,
    },
};

/// How often a timer fires that is let.
const BEATS: u32 = 3;

/// A timer takes a while, so that each thread has so many at most.
const MOST: u32 = 300;

/// How much later a timer fires again.
fn interval() -> Delta {
    Delta::from_micros(20)
}

#[pin_data]
struct Pulse {
    #[pin]
    timer: HrTimer<Self>,
    beats: Atomic<u32>,
    #[pin]
    over: Completion,
    _life: Life,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Pulse {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

impl HrTimerCallback for Pulse {
    type Pointer<'a> = Arc<Self>;

    fn run(
        this: ArcBorrow<'_, Self>,
        mut context: HrTimerCallbackContext<'_, Self>,
    ) -> HrTimerRestart {
        if this.beats.fetch_add(1, Full) + 1 >= BEATS {
            this.over.complete_all();
            return HrTimerRestart::NoRestart;
        }
        context.forward_now(interval());
        HrTimerRestart::Restart
    }
}

struct Counts {
    /// How many timers were let until they were over.
    over: Atomic<u64>,
    /// How many were cancelled.
    cancelled: Atomic<u64>,
    /// How many of those that were let did not fire as often as they had to, and how many of those that
    /// were cancelled fired too often, or afterwards.
    wrong: Atomic<u64>,
}

impl Counts {
    fn step(&self, lives: &Lives, round: u32) -> Result {
        let pulse = Arc::pin_init(
            pin_init!(Pulse {
                timer <- HrTimer::new(),
                beats: Atomic::new(0),
                over <- Completion::new(),
                _life: lives.begin(),
            }),
            GFP_KERNEL,
        )?;
        let handle = pulse.clone().start(interval());
        let right = if round % 2 == 0 {
            pulse.over.wait_for_completion();
            drop(handle);
            self.over.add(1, Relaxed);
            pulse.beats.load(Relaxed) == BEATS
        } else {
            // Sooner or later, and sometimes while it fires.
            let spins = round % 64 * 20;
            (0..spins).for_each(|_| core::hint::spin_loop());
            drop(handle);
            self.cancelled.add(1, Relaxed);
            let beats = pulse.beats.load(Relaxed);
            (0..spins).for_each(|_| core::hint::spin_loop());
            beats <= BEATS && pulse.beats.load(Relaxed) == beats
        };
        // Nobody else has it, now that the timer is over.
        if !right || Arc::into_unique_or_drop(pulse).is_none() {
            self.wrong.add(1, Relaxed);
        }
        Ok(())
    }
}

pub(crate) fn run(plan: Plan) -> Result {
    let lives = Lives::new()?;
    let counts = Counts {
        over: Atomic::new(0),
        cancelled: Atomic::new(0),
        wrong: Atomic::new(0),
    };
    let counts = Arc::new(counts, GFP_KERNEL)?;
    let rounds = plan.rounds.min(MOST);

    let mut crew = Crew::new()?;
    for _ in 0..plan.threads {
        let (lives, counts) = (lives.clone(), counts.clone());
        crew.add(move || (0..rounds).try_for_each(|round| counts.step(&lives, round)))?;
    }
    crew.work()?;

    must_be("hrtimer: wrong timers", counts.wrong.load(Relaxed), 0)?;
    let (over, cancelled) = (counts.over.load(Relaxed), counts.cancelled.load(Relaxed));
    must_be(
        "hrtimer: the number of timers",
        over + cancelled,
        u64::from(plan.threads) * u64::from(rounds),
    )?;
    must_be("hrtimer: timers left", lives.count(), 0)?;
    pr_info!(
        "hrtimer: {} timers fired {} times each, {} were cancelled\n",
        over,
        BEATS,
        cancelled
    );
    Ok(())
}
