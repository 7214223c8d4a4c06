// SPDX-License-Identifier: GPL-2.0

//! How an interrupt is requested.

use crate::{bindings, prelude::*};
use core::ops::{BitAnd, BitOr, Not};

/// How an interrupt is to be had: a set of C's `IRQF_…`.
///
/// # Examples
///
/// ```
/// use kernel::irq::Flags;
///
/// let flags = Flags::SHARED | Flags::TRIGGER_LOW;
/// assert!(flags & Flags::SHARED == Flags::SHARED);
/// assert!(flags & !Flags::SHARED == Flags::TRIGGER_LOW);
/// assert!(flags & Flags::ONESHOT == Flags::TRIGGER_NONE);
/// ```
///
/// # Invariants
///
/// There are no bits but those of the constants.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Flags(c_ulong);

impl Flags {
    /// As the firmware or somebody else has set the trigger; the empty set.
    pub const TRIGGER_NONE: Flags = Self::new(bindings::IRQF_TRIGGER_NONE);

    /// When the line goes up.
    pub const TRIGGER_RISING: Flags = Self::new(bindings::IRQF_TRIGGER_RISING);

    /// When the line goes down.
    pub const TRIGGER_FALLING: Flags = Self::new(bindings::IRQF_TRIGGER_FALLING);

    /// While the line is up.
    pub const TRIGGER_HIGH: Flags = Self::new(bindings::IRQF_TRIGGER_HIGH);

    /// While the line is down.
    pub const TRIGGER_LOW: Flags = Self::new(bindings::IRQF_TRIGGER_LOW);

    /// Others may have the interrupt too, who all say so.
    ///
    /// The handler is then called for interrupts of their devices as well, and says
    /// [`None`](super::IrqReturn::None) to these.
    pub const SHARED: Flags = Self::new(bindings::IRQF_SHARED);

    /// That the interrupt can't be shared is expected, and not worth a line in the log.
    pub const PROBE_SHARED: Flags = Self::new(bindings::IRQF_PROBE_SHARED);

    /// A timer's interrupt: never in a thread, and not switched off while the system is suspended.
    pub const TIMER: Flags = Self::new(bindings::IRQF_TIMER);

    /// One of each CPU.
    pub const PERCPU: Flags = Self::new(bindings::IRQF_PERCPU);

    /// Not to be moved to another CPU to spread the load.
    pub const NOBALANCING: Flags = Self::new(bindings::IRQF_NOBALANCING);

    /// Used to poll, where the line is lost. For shared interrupts only the first one's counts.
    pub const IRQPOLL: Flags = Self::new(bindings::IRQF_IRQPOLL);

    /// Stays masked until the threaded part of the handler is done.
    ///
    /// A [`ThreadedHandler`](super::ThreadedHandler) that does not silence the device in its first part
    /// needs that, if the interrupt's trigger is a level.
    pub const ONESHOT: Flags = Self::new(bindings::IRQF_ONESHOT);

    /// Not switched off while the system is suspended. It need not wake it up.
    pub const NO_SUSPEND: Flags = Self::new(bindings::IRQF_NO_SUSPEND);

    /// Switched on when the system resumes, even with [`NO_SUSPEND`](Self::NO_SUSPEND).
    pub const FORCE_RESUME: Flags = Self::new(bindings::IRQF_FORCE_RESUME);

    /// Not to be moved to a thread, even where the system does that with all.
    pub const NO_THREAD: Flags = Self::new(bindings::IRQF_NO_THREAD);

    /// Switched on before the devices are resumed.
    pub const EARLY_RESUME: Flags = Self::new(bindings::IRQF_EARLY_RESUME);

    /// Shared with somebody who has [`NO_SUSPEND`](Self::NO_SUSPEND): the handler is called during
    /// suspend as well, and can stand it.
    pub const COND_SUSPEND: Flags = Self::new(bindings::IRQF_COND_SUSPEND);

    /// Not switched on by being requested.
    pub const NO_AUTOEN: Flags = Self::new(bindings::IRQF_NO_AUTOEN);

    /// Not watched for interrupts that nobody handles. For [`PERCPU`](Self::PERCPU) interrupts.
    pub const NO_DEBUG: Flags = Self::new(bindings::IRQF_NO_DEBUG);

    /// All of these.
    const ALL: c_ulong = Self::TRIGGER_RISING.0
        | Self::TRIGGER_FALLING.0
        | Self::TRIGGER_HIGH.0
        | Self::TRIGGER_LOW.0
        | Self::SHARED.0
        | Self::PROBE_SHARED.0
        | Self::TIMER.0
        | Self::PERCPU.0
        | Self::NOBALANCING.0
        | Self::IRQPOLL.0
        | Self::ONESHOT.0
        | Self::NO_SUSPEND.0
        | Self::FORCE_RESUME.0
        | Self::NO_THREAD.0
        | Self::EARLY_RESUME.0
        | Self::COND_SUSPEND.0
        | Self::NO_AUTOEN.0
        | Self::NO_DEBUG.0;

    /// One of C's.
    const fn new(bits: u32) -> Self {
        // INVARIANT: This is called for the constants only.
        Self(bits as c_ulong)
    }

    /// As C takes them.
    pub(super) fn as_raw(self) -> c_ulong {
        self.0
    }
}

impl BitOr for Flags {
    type Output = Self;

    /// What is in one or the other.
    fn bitor(self, rhs: Self) -> Self::Output {
        // INVARIANT: There is no bit that is in neither.
        Self(self.0 | rhs.0)
    }
}

impl BitAnd for Flags {
    type Output = Self;

    /// What is in both.
    fn bitand(self, rhs: Self) -> Self::Output {
        // INVARIANT: There is no bit that is not in both.
        Self(self.0 & rhs.0)
    }
}

impl Not for Flags {
    type Output = Self;

    /// All that are not in it.
    fn not(self) -> Self::Output {
        // INVARIANT: Bits of no constant are masked.
        Self(!self.0 & Self::ALL)
    }
}
