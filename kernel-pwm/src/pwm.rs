// SPDX-License-Identifier: GPL-2.0

//! Chips that put out pulses of a given width, from the side of their drivers.
//!
//! A PWM chip has channels, each of which switches an output on and off again in a steady rhythm: for a
//! backlight, a fan or a motor. Its [`Waveform`] says for how long each.
//!
//! 1. Implement [`PwmOps`] for the data of the driver: how to round a waveform to one that the hardware can
//!    have, and back, and how to write that to the hardware and read it. Its
//!    [`WfHw`](PwmOps::WfHw) is a waveform as the hardware has it.
//! 2. In `probe`, make a [`Chip`] with [`Chip::new`], and [register](UnregisteredChip::register) it. It is
//!    removed when the driver is unbound.
//! 3. Declare the module with [`module_pwm_platform_driver!`](crate::module_pwm_platform_driver), if it
//!    is a platform driver. Otherwise it has to import the C symbols of the namespace `PWM`.
//!
//! All of C's other interfaces to a channel (with a state instead of a waveform, in sysfs, as a GPIO) work
//! on top of that.
//!
//! Available if the configuration has `CONFIG_PWM`.
//!
//! C header: [`include/linux/pwm.h`](srctree/include/linux/pwm.h), with
//! [`drivers/pwm/core.c`](srctree/drivers/pwm/core.c).

mod chip;
mod device;
mod operations;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;
mod waveform;

pub use chip::{Chip, UnregisteredChip};
pub use device::Device;
pub use operations::{create_pwm_ops, PwmOps, PwmOpsVTable};
pub use waveform::{RoundedWaveform, RoundingOutcome, Waveform};

/// Declares a module that is a platform driver with a PWM chip.
///
/// It takes what [`module_platform_driver!`](crate::module_platform_driver) does, and imports the
/// namespace of C's functions for PWM chips.
///
/// # Examples
///
/// ```ignore
/// // Ignored, as an example can't be a module.
/// kernel::module_pwm_platform_driver! {
///     type: LampDriver,
///     name: "lamp",
///     authors: ["A. Author"],
///     description: "A lamp",
///     license: "GPL",
/// }
/// ```
#[macro_export]
macro_rules! module_pwm_platform_driver {
    (type: $driver:ty, $($module:tt)*) => {
        $crate::module_platform_driver! {
            type: $driver,
            imports_ns: ["PWM"],
            $($module)*
        }
    };
}
