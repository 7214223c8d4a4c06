// SPDX-License-Identifier: GPL-2.0

//! Tests of handlers, for interrupts that are raised by hand.

use super::{
    testing::{BoundDevice, Interrupt},
    *,
};
use crate::{
    device::{Bound, Device},
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc,
    },
};

mod plain;
mod threaded;

/// What a handler has seen, for those who have it in an `Arc`.
struct Seen {
    /// How often it was called.
    calls: Atomic<u32>,
    /// How often it was called after it was dropped.
    too_late: Atomic<u32>,
    /// How many handlers there are.
    alive: Atomic<i32>,
}

impl Seen {
    fn new() -> Result<Arc<Self>> {
        let seen = Self {
            calls: Atomic::new(0),
            too_late: Atomic::new(0),
            alive: Atomic::new(0),
        };
        Ok(Arc::new(seen, GFP_KERNEL)?)
    }

    fn calls(&self) -> u32 {
        self.calls.load(Relaxed)
    }

    fn alive(&self) -> i32 {
        self.alive.load(Relaxed)
    }
}

/// A handler that tells what it has seen, and answers what it is told.
struct Counter {
    seen: Arc<Seen>,
    answer: IrqReturn,
    name: &'static CStr,
}

impl Counter {
    /// One for a device of that name.
    fn new(seen: &Arc<Seen>, answer: IrqReturn, name: &'static CStr) -> Self {
        seen.alive.add(1, Relaxed);
        Self {
            seen: seen.clone(),
            answer,
            name,
        }
    }
}

impl Handler for Counter {
    fn handle(&self, device: &Device<Bound>) -> IrqReturn {
        if self.seen.alive() == 0 {
            self.seen.too_late.add(1, Relaxed);
        }
        assert_eq!(device.name(), self.name);
        self.seen.calls.add(1, Relaxed);
        self.answer
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.seen.alive.add(-1, Relaxed);
    }
}

#[crate::macros::kunit_tests(rust_irq_flags)]
mod flag_tests {
    use super::*;

    /// All flags but `TRIGGER_NONE` and `TIMER`, which is several.
    const SINGLE: [Flags; 17] = [
        Flags::TRIGGER_RISING,
        Flags::TRIGGER_FALLING,
        Flags::TRIGGER_HIGH,
        Flags::TRIGGER_LOW,
        Flags::SHARED,
        Flags::PROBE_SHARED,
        Flags::PERCPU,
        Flags::NOBALANCING,
        Flags::IRQPOLL,
        Flags::ONESHOT,
        Flags::NO_SUSPEND,
        Flags::FORCE_RESUME,
        Flags::NO_THREAD,
        Flags::EARLY_RESUME,
        Flags::COND_SUSPEND,
        Flags::NO_AUTOEN,
        Flags::NO_DEBUG,
    ];

    #[test]
    fn flags_are_single_bits_and_differ() {
        for (index, flag) in SINGLE.iter().enumerate() {
            assert_eq!(flag.as_raw().count_ones(), 1);
            assert!(SINGLE[..index].iter().all(|other| other != flag));
        }
        assert_eq!(Flags::TRIGGER_NONE.as_raw(), 0);
    }

    #[test]
    fn a_timer_is_not_suspended_and_has_no_thread() {
        let both = Flags::NO_SUSPEND | Flags::NO_THREAD;
        assert!(Flags::TIMER & both == both);
        assert_eq!((Flags::TIMER & !both).as_raw().count_ones(), 1);
    }

    #[test]
    fn flags_are_a_set() {
        let set = Flags::SHARED | Flags::ONESHOT;
        assert!(set | Flags::SHARED == set);
        assert!(set & Flags::SHARED == Flags::SHARED);
        assert!(set & Flags::PERCPU == Flags::TRIGGER_NONE);
        assert!(set & !set == Flags::TRIGGER_NONE);
        assert!(!!set == set);
    }

    #[test]
    fn what_is_not_in_a_set_is_in_the_other_flags_only() {
        let all = !Flags::TRIGGER_NONE;
        let of_constants = SINGLE.iter().fold(Flags::TIMER, |set, flag| set | *flag);
        assert!(all == of_constants);
        // C has more bits, which are not for drivers.
        assert_eq!(all.as_raw() & 0x10, 0);
        assert_eq!(all.as_raw() >> 21, 0);
    }
}
