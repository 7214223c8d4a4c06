// SPDX-License-Identifier: GPL-2.0

//! What a channel puts out.

use crate::{bindings, prelude::*};

/// A signal that repeats itself: off, then on, then off again.
///
/// All in nanoseconds. C takes only those with a period of at most [`i64::MAX`], a duty no longer than
/// that, and an offset below it; but for the waveform of a channel that is switched off, which has zeroes.
///
/// C counterpart: [`struct pwm_waveform`].
///
/// # Examples
///
/// A motor at a fifth of its power, switched 20000 times a second:
///
/// ```
/// use kernel::pwm::Waveform;
///
/// let fifth = Waveform {
///     period_length_ns: 50_000,
///     duty_length_ns: 10_000,
///     ..Waveform::default()
/// };
/// assert_eq!(fifth.duty_offset_ns, 0);
/// ```
///
/// [`struct pwm_waveform`]: srctree/include/linux/pwm.h
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waveform {
    /// How long it takes until it begins again; 0 for a channel that is switched off.
    pub period_length_ns: u64,

    /// For how long of that it is on.
    pub duty_length_ns: u64,

    /// After how long it goes on.
    pub duty_offset_ns: u64,
}

impl From<bindings::pwm_waveform> for Waveform {
    fn from(waveform: bindings::pwm_waveform) -> Self {
        Self {
            period_length_ns: waveform.period_length_ns,
            duty_length_ns: waveform.duty_length_ns,
            duty_offset_ns: waveform.duty_offset_ns,
        }
    }
}

impl From<Waveform> for bindings::pwm_waveform {
    fn from(waveform: Waveform) -> Self {
        Self {
            period_length_ns: waveform.period_length_ns,
            duty_length_ns: waveform.duty_length_ns,
            duty_offset_ns: waveform.duty_offset_ns,
        }
    }
}

/// A waveform as the hardware can have it, in the driver's own terms.
///
/// # Examples
///
/// ```
/// use kernel::pwm::RoundedWaveform;
///
/// /// Makes cycles of 8 ns of a period. A period that is too short becomes the shortest there is.
/// fn cycles(period_ns: u64) -> RoundedWaveform<u64> {
///     match period_ns / 8 {
///         0 => RoundedWaveform { status: 1, hardware_waveform: 1 },
///         cycles => RoundedWaveform { status: 0, hardware_waveform: cycles },
///     }
/// }
///
/// assert_eq!(cycles(85).hardware_waveform, 10);
/// assert_eq!(cycles(85).status, 0);
/// assert_eq!(cycles(7).status, 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundedWaveform<WfHw> {
    /// 0 if nothing is longer than was asked for, and 1 if something had to be.
    pub status: c_int,

    /// What is to be written to the hardware.
    pub hardware_waveform: WfHw,
}

/// How a waveform was rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundingOutcome {
    /// Nothing is longer than was asked for.
    ExactOrRoundedDown,

    /// Something is longer than was asked for, as there is nothing shorter.
    RoundedUp,
}
