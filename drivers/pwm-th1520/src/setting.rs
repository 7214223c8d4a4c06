// SPDX-License-Identifier: GPL-2.0

//! Pulses in nanoseconds, and in cycles of the controller's clock.
//!
//! The hardware divides a period in two parts, and is told how long both are together, how long the first
//! one is, and whether that one is high or low. So a pulse begins with the period, or ends with it.
//!
//! There is nothing of the kernel's in here, so that it is tested on the host.

/// Nanoseconds in a second.
const SECOND: u64 = 1_000_000_000;

/// The clock of the controller, at a rate that it can be used with.
///
/// # Invariants
///
/// `hz` is from 1 to [`SECOND`]. So a cycle is a nanosecond or longer, and a number of cycles comes back
/// unchanged from nanoseconds.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    hz: u64,
}

impl Clock {
    /// A clock of that rate, if it is not too slow or too fast.
    pub(crate) fn new(hz: u64) -> Option<Self> {
        // INVARIANT: It is checked here.
        (1..=SECOND).contains(&hz).then_some(Self { hz })
    }

    /// How many whole cycles there are in a time, up to the most that a register can hold.
    fn cycles(self, ns: u64) -> u32 {
        // In two parts, as the product of both would not fit. The second one does: it is less than a
        // second's square.
        let of_seconds = (ns / SECOND).saturating_mul(self.hz);
        let of_rest = ns % SECOND * self.hz / SECOND;
        u32::try_from(of_seconds.saturating_add(of_rest)).unwrap_or(u32::MAX)
    }

    /// How long so many cycles take, rounded up.
    fn nanoseconds(self, cycles: u32) -> u64 {
        (u64::from(cycles) * SECOND).div_ceil(self.hz)
    }
}

/// What an output does in each period, in nanoseconds: it is high for `duty`, from `offset` on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pulse {
    /// 0 for an output that is always low.
    pub(crate) period: u64,
    pub(crate) duty: u64,
    pub(crate) offset: u64,
}

/// What a channel's registers say, in cycles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Setting {
    /// 0 for an output that is always low.
    pub(crate) period: u32,
    /// The length of the first part, which is at most the whole.
    pub(crate) first: u32,
    /// Whether that part is the high one.
    pub(crate) high_first: bool,
}

impl Setting {
    /// An output that is always low.
    pub(crate) const OFF: Self = Self {
        period: 0,
        first: 0,
        high_first: true,
    };

    /// The setting for a pulse, and whether its period is longer than was asked for.
    ///
    /// The period is the longest that is not longer than that of the pulse, and then so is the duty. A
    /// pulse that lasts to the end of its period does so then, too; any other one comes first.
    ///
    /// The offset of the former may be longer by less than a cycle and a nanosecond. That does not count
    /// as rounding up: to those who ask for a polarity, C would make an error of it.
    pub(crate) fn nearest(pulse: Pulse, clock: Clock) -> (Self, bool) {
        if pulse.period == 0 {
            return (Self::OFF, false);
        }
        let period = clock.cycles(pulse.period).max(1);
        let high = clock.cycles(pulse.duty).min(period);
        let low = period - high;
        let is_last = pulse.offset > 0 && pulse.offset >= pulse.period.saturating_sub(pulse.duty);
        let setting = if is_last && high > 0 && low > 0 {
            Self {
                period,
                first: low,
                high_first: false,
            }
        } else {
            Self {
                period,
                first: high,
                high_first: true,
            }
        };
        (setting, clock.nanoseconds(period) > pulse.period)
    }

    /// What the registers say, with what they may have at power on or from a boot loader.
    pub(crate) fn of_registers(period: u32, first: u32, high_first: bool) -> Self {
        let first = first.min(period);
        if high_first && first == 0 {
            return Self::OFF;
        }
        Self {
            period,
            first,
            high_first,
        }
    }

    /// The pulse that the hardware makes of it.
    pub(crate) fn pulse(self, clock: Clock) -> Pulse {
        let second = self.period.saturating_sub(self.first);
        let (high, low_before) = match self.high_first {
            true => (self.first, 0),
            false => (second, self.first),
        };
        Pulse {
            period: clock.nanoseconds(self.period),
            duty: clock.nanoseconds(high),
            // What is never high does not go high at any time.
            offset: match high {
                0 => 0,
                _ => clock.nanoseconds(low_before),
            },
        }
    }
}
