// SPDX-License-Identifier: GPL-2.0

//! Channels.

use super::{Chip, PwmOps, RoundingOutcome, Waveform};
use crate::{bindings, error::to_result, prelude::*, types::Opaque};

/// A channel of a chip, with one output.
///
/// Callbacks get it, with the chip's lock held. So they must not call those of its functions that take
/// that lock: they would wait for themselves.
///
/// C counterpart: [`struct pwm_device`].
///
/// # Invariants
///
/// It is a channel of a chip that [`Chip::new`] has made, and that somebody counts for as long as the
/// reference. Whoever has requested it does not give it back meanwhile.
///
/// [`struct pwm_device`]: srctree/include/linux/pwm.h
#[repr(transparent)]
pub struct Device(Opaque<bindings::pwm_device>);

impl Device {
    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// For the length of `'a`, what the type invariants say is true of it.
    pub(super) unsafe fn from_raw<'a>(pwm: *mut bindings::pwm_device) -> &'a Self {
        // SAFETY: `Device` is a transparent wrapper of `struct pwm_device`, and the caller says that it is
        // valid for so long.
        unsafe { &*pwm.cast() }
    }

    /// The C structure.
    pub(super) fn as_raw(&self) -> *mut bindings::pwm_device {
        self.0.get()
    }

    /// The number of the channel, which begins with 0 in each chip.
    pub fn hwpwm(&self) -> u32 {
        // SAFETY: By the type invariants it is valid, and the number does not change.
        unsafe { (*self.as_raw()).hwpwm }
    }

    /// The chip.
    ///
    /// # Panics
    ///
    /// If the chip is one with other operations than `T`.
    pub fn chip<T: PwmOps>(&self) -> &Chip<T> {
        // SAFETY: By the type invariants it is valid, and the chip does not change.
        let chip = unsafe { (*self.as_raw()).chip };
        // SAFETY: By the type invariants `Chip::new` has made it, and it is counted.
        let is_of_t = unsafe { Chip::<T>::is_type_of(chip) };
        assert!(is_of_t, "the chip of a PWM channel has other operations");
        // SAFETY: It is a `Chip<T>`, and exists for as long as `self`.
        unsafe { Chip::from_raw(chip) }
    }

    /// What the channel is used for, if anybody has it.
    pub fn label(&self) -> Option<&CStr> {
        // SAFETY: By the type invariants it is valid, and nobody requests it or gives it back.
        let label = unsafe { (*self.as_raw()).label };
        if label.is_null() {
            return None;
        }
        // SAFETY: Labels end with a zero byte, and stay until the channel is given back.
        Some(unsafe { CStr::from_char_ptr(label) })
    }

    /// Sets a waveform, or one near it, unless `exact`.
    ///
    /// Takes the lock of the chip, and may sleep.
    ///
    /// C counterpart: `pwm_set_waveform_might_sleep()`.
    ///
    /// # Errors
    ///
    /// - `EDOM` if the hardware can't have it, and it is to be exact.
    /// - `EINVAL` if it is [none](Waveform).
    /// - `ENODEV` if the chip is not registered, or not any more.
    /// - Those of the driver.
    pub fn set_waveform(&self, wf: &Waveform, exact: bool) -> Result {
        let waveform = bindings::pwm_waveform::from(*wf);
        // SAFETY: By the type invariants it is valid, and so is the waveform.
        to_result(unsafe {
            bindings::pwm_set_waveform_might_sleep(self.as_raw(), &raw const waveform, exact)
        })
    }

    /// Makes of a waveform the one that the hardware would have, without a change there.
    ///
    /// Takes the lock of the chip, and may sleep.
    ///
    /// C counterpart: `pwm_round_waveform_might_sleep()`.
    ///
    /// # Errors
    ///
    /// As [`set_waveform`](Self::set_waveform), but for `EDOM`. Then `wf` is what it was.
    pub fn round_waveform(&self, wf: &mut Waveform) -> Result<RoundingOutcome> {
        let mut waveform = bindings::pwm_waveform::from(*wf);
        // SAFETY: By the type invariants it is valid, and so is the waveform.
        let outcome =
            unsafe { bindings::pwm_round_waveform_might_sleep(self.as_raw(), &raw mut waveform) };
        to_result(outcome)?;
        *wf = waveform.into();
        Ok(match outcome {
            0 => RoundingOutcome::ExactOrRoundedDown,
            _ => RoundingOutcome::RoundedUp,
        })
    }

    /// Reads the waveform that the hardware has.
    ///
    /// Takes the lock of the chip, and may sleep.
    ///
    /// C counterpart: `pwm_get_waveform_might_sleep()`.
    ///
    /// # Errors
    ///
    /// - `ENODEV` if the chip is not registered, or not any more.
    /// - Those of the driver.
    pub fn get_waveform(&self) -> Result<Waveform> {
        let mut waveform = bindings::pwm_waveform::from(Waveform::default());
        // SAFETY: By the type invariants it is valid, and so is the waveform.
        to_result(unsafe {
            bindings::pwm_get_waveform_might_sleep(self.as_raw(), &raw mut waveform)
        })?;
        Ok(waveform.into())
    }
}
