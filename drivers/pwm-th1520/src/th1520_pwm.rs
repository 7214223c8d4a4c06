// SPDX-License-Identifier: GPL-2.0

//! The PWM controller of T-HEAD's TH1520.
//!
//! It has six channels, all on one clock. A channel's output is a pulse in each period, at its beginning or
//! at its end: see [`setting`]. New values are taken over between two periods, without a glitch. A channel
//! that is switched off has a low output.
//!
//! | file | what |
//! | --- | --- |
//! | `th1520_pwm.rs` | the driver, and what C's PWM core calls in it |
//! | `setting.rs` | how waveforms become cycles, and cycles waveforms |
//! | `registers.rs` | how those are written, and read |
//!
//! Another driver may change the rate of the clock while outputs run; waveforms that are set or read then
//! are of the new rate.
//!
//! In a device tree it is a `thead,th1520-pwm`.

#![cfg_attr(cargo, no_std)]

use kernel::{
    clk::Clk,
    device::{Bound, Core, Device},
    devres::Devres,
    io::mem::IoMem,
    of, platform,
    prelude::*,
    pwm,
};

mod registers;
mod setting;

use registers::{CHANNELS, SIZE};
use setting::{Clock, Pulse, Setting};

/// A clock that is on, for as long as this exists.
struct Running(Clk);

impl Running {
    /// Switches on the clock of a device.
    fn start(dev: &Device) -> Result<Self> {
        let clock = Clk::get(dev, None)?;
        clock.prepare_enable()?;
        Ok(Self(clock))
    }

    /// The clock at its present rate.
    fn clock(&self) -> Result<Clock> {
        let rate = self.0.rate().as_hz();
        // The type is wider than that of a rate on some machines, and the same on others.
        Clock::new(rate as u64).ok_or(EINVAL)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.disable_unprepare();
    }
}

/// What the driver keeps with its chip. Without access to the registers the clock may stop.
struct Controller {
    registers: Devres<IoMem<'static, SIZE>>,
    clock: Running,
}

impl pwm::PwmOps for Controller {
    type WfHw = Setting;

    fn round_waveform_tohw(
        chip: &pwm::Chip<Self>,
        _pwm: &pwm::Device,
        wf: &pwm::Waveform,
    ) -> Result<pwm::RoundedWaveform<Setting>> {
        let asked = Pulse {
            period: wf.period_length_ns,
            duty: wf.duty_length_ns,
            offset: wf.duty_offset_ns,
        };
        let (setting, rounded_up) = Setting::nearest(asked, chip.drvdata().clock.clock()?);
        Ok(pwm::RoundedWaveform {
            status: rounded_up.into(),
            hardware_waveform: setting,
        })
    }

    fn round_waveform_fromhw(
        chip: &pwm::Chip<Self>,
        _pwm: &pwm::Device,
        setting: &Setting,
        wf: &mut pwm::Waveform,
    ) -> Result {
        let pulse = setting.pulse(chip.drvdata().clock.clock()?);
        *wf = pwm::Waveform {
            period_length_ns: pulse.period,
            duty_length_ns: pulse.duty,
            duty_offset_ns: pulse.offset,
        };
        Ok(())
    }

    fn read_waveform(
        chip: &pwm::Chip<Self>,
        pwm: &pwm::Device,
        parent: &Device<Bound>,
    ) -> Result<Setting> {
        let registers = chip.drvdata().registers.access(parent)?;
        registers::read(registers, pwm.hwpwm() as usize)
    }

    fn write_waveform(
        chip: &pwm::Chip<Self>,
        pwm: &pwm::Device,
        setting: &Setting,
        parent: &Device<Bound>,
    ) -> Result {
        let registers = chip.drvdata().registers.access(parent)?;
        registers::write(registers, pwm.hwpwm() as usize, *setting)
    }
}

kernel::of_device_table!(
    OF_TABLE,
    MODULE_OF_TABLE,
    (),
    [(of::DeviceId::new(c"thead,th1520-pwm"), ())]
);

/// The driver. What it has is with the chip.
struct Th1520Pwm;

impl platform::Driver for Th1520Pwm {
    type IdInfo = ();
    type Data<'bound> = Self;
    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = Some(&OF_TABLE);

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Self, Error> + 'bound {
        let dev: &Device<Bound> = pdev.as_ref();
        let request = pdev.io_request_by_index(0).ok_or(ENODEV)?;
        let clock = Running::start(dev)?;
        if let Err(error) = clock.clock() {
            dev_err!(dev, "can't use a clock of {} Hz\n", clock.0.rate().as_hz());
            return Err(error);
        }
        let controller = Controller {
            registers: request.iomap_sized::<SIZE>()?.into_devres()?,
            clock,
        };
        pwm::Chip::new(dev, CHANNELS as u32, Ok(controller))?.register()?;
        Ok(Self)
    }
}

kernel::module_pwm_platform_driver! {
    type: Th1520Pwm,
    name: "th1520_pwm",
    authors: ["kernel-crates maintainers"],
    description: "PWM controller of T-HEAD's TH1520",
    license: "GPL",
}
