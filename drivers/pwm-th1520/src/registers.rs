// SPDX-License-Identifier: GPL-2.0

//! The controller's registers.
//!
//! Each channel has the same ones, 32 bytes apart. What is written to `PERIOD` and `FIRST` takes effect
//! with the next period once `CONTROL` was written with `update`.

use crate::setting::Setting;
use kernel::{
    io::{register, register::Array, Io, Mmio},
    prelude::*,
};

/// How many channels there are.
pub(crate) const CHANNELS: usize = 6;

/// How many bytes the registers take, the last channel's with the others.
pub(crate) const SIZE: usize = 0xb0;

register! {
    /// What a channel is to do.
    CONTROL(u32)[CHANNELS, stride = 0x20] @ 0x00 {
        /// Begin, if the output does not run. Written last, and alone.
        0:0 start => bool;
        /// Take over the other registers.
        2:2 update => bool;
        /// Period after period, and not only once.
        5:5 continuous => bool;
        /// The first part of a period is the high one.
        8:8 high_first => bool;
    }

    /// The length of a period.
    PERIOD(u32)[CHANNELS, stride = 0x20] @ 0x08 {
        31:0 cycles => u32;
    }

    /// The length of its first part. An output with none of that, and `high_first`, is low.
    FIRST(u32)[CHANNELS, stride = 0x20] @ 0x0c {
        31:0 cycles => u32;
    }
}

/// Reads what a channel does.
pub(crate) fn read(io: &Mmio<SIZE>, channel: usize) -> Result<Setting> {
    let control = io.try_read(CONTROL::try_at(channel).ok_or(EINVAL)?)?;
    let period = io.try_read(PERIOD::try_at(channel).ok_or(EINVAL)?)?;
    let first = io.try_read(FIRST::try_at(channel).ok_or(EINVAL)?)?;
    Ok(Setting::of_registers(
        period.cycles(),
        first.cycles(),
        control.high_first(),
    ))
}

/// Has a channel do something else, from its next period on.
pub(crate) fn write(io: &Mmio<SIZE>, channel: usize, setting: Setting) -> Result {
    let at_control = || CONTROL::try_at(channel).ok_or(EINVAL);
    let at_first = || FIRST::try_at(channel).ok_or(EINVAL);

    // Off is a first part of no length: to take `start` away would leave the output as it happens to be.
    let was_off = io.try_read(at_first()?)?.cycles() == 0;
    let control = CONTROL::zeroed()
        .with_continuous(true)
        .with_high_first(setting.high_first);
    io.try_write(at_control()?, control)?;
    if setting.period != 0 {
        let at_period = PERIOD::try_at(channel).ok_or(EINVAL)?;
        io.try_write(at_period, PERIOD::zeroed().with_cycles(setting.period))?;
    }
    io.try_write(at_first()?, FIRST::zeroed().with_cycles(setting.first))?;
    io.try_write(at_control()?, control.with_update(true))?;
    if was_off && setting.first != 0 {
        io.try_write(at_control()?, control.with_start(true))?;
    }
    Ok(())
}
