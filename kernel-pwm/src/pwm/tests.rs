// SPDX-License-Identifier: GPL-2.0

//! Tests of chips, with hardware that is made of memory.

use super::*;
use crate::{
    bindings,
    device::{self, Bound},
    devres::{self, Devres},
    error::to_result,
    faux, new_mutex,
    prelude::*,
    sync::{
        aref::ARef,
        atomic::{Atomic, Relaxed},
        Arc, Mutex,
    },
};
use core::ptr;

mod hardware;
mod lifetime;

/// How long a cycle of the hardware here is, in nanoseconds.
const CYCLE: u64 = 10;

/// A waveform of the hardware here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cycles {
    period: u32,
    duty: u32,
    offset: u32,
    on: bool,
}

/// What became of the hardware's driver, for who outlives it.
struct Log {
    requests: Atomic<u32>,
    captures: Atomic<u32>,
    dropped: Atomic<u32>,
}

/// Hardware with two channels.
#[pin_data(PinnedDrop)]
struct Fan {
    #[pin]
    channels: Mutex<[Cycles; 2]>,
    /// What the operations are to fail with.
    failure: Atomic<i32>,
    log: Arc<Log>,
}

impl Fan {
    fn new(log: &Arc<Log>) -> impl PinInit<Self, Error> + '_ {
        try_pin_init!(Self {
            channels <- new_mutex!([Cycles::default(); 2]),
            failure: Atomic::new(0),
            log: log.clone(),
        })
    }

    /// The failure that was asked for.
    fn fail(&self) -> Result {
        to_result(self.failure.load(Relaxed))
    }
}

#[pinned_drop]
impl PinnedDrop for Fan {
    fn drop(self: Pin<&mut Self>) {
        self.log.dropped.add(1, Relaxed);
    }
}

/// The name of the device that the chips here are for.
const PARENT: &CStr = c"rust_pwm_fan";

impl PwmOps for Fan {
    type WfHw = Cycles;

    fn request(chip: &Chip<Self>, pwm: &Device, parent: &device::Device<Bound>) -> Result {
        assert_eq!(parent.name(), PARENT);
        assert!(pwm.label().is_none());
        chip.drvdata().log.requests.add(1, Relaxed);
        chip.drvdata().fail()
    }

    fn capture(
        chip: &Chip<Self>,
        pwm: &Device,
        result: &mut bindings::pwm_capture,
        timeout: usize,
        parent: &device::Device<Bound>,
    ) -> Result {
        assert_eq!(parent.name(), PARENT);
        chip.drvdata().fail()?;
        chip.drvdata().log.captures.add(1, Relaxed);
        result.period = timeout as c_uint;
        result.duty_cycle = pwm.hwpwm();
        Ok(())
    }

    fn round_waveform_tohw(
        chip: &Chip<Self>,
        _pwm: &Device,
        wf: &Waveform,
    ) -> Result<RoundedWaveform<Cycles>> {
        chip.drvdata().fail()?;
        if wf.period_length_ns == 0 {
            return Ok(RoundedWaveform {
                status: 0,
                hardware_waveform: Cycles::default(),
            });
        }
        let cycles = |ns: u64| u32::try_from(ns / CYCLE).unwrap_or(u32::MAX);
        let period = cycles(wf.period_length_ns);
        Ok(RoundedWaveform {
            // C takes 1 as well as more for "rounded up".
            status: if period == 0 { 7 } else { 0 },
            hardware_waveform: Cycles {
                period: period.max(1),
                duty: cycles(wf.duty_length_ns),
                offset: cycles(wf.duty_offset_ns),
                on: true,
            },
        })
    }

    fn round_waveform_fromhw(
        chip: &Chip<Self>,
        _pwm: &Device,
        cycles: &Cycles,
        wf: &mut Waveform,
    ) -> Result {
        chip.drvdata().fail()?;
        assert_eq!(*wf, Waveform::default());
        if cycles.on {
            wf.period_length_ns = u64::from(cycles.period) * CYCLE;
            wf.duty_length_ns = u64::from(cycles.duty) * CYCLE;
            wf.duty_offset_ns = u64::from(cycles.offset) * CYCLE;
        }
        Ok(())
    }

    fn read_waveform(
        chip: &Chip<Self>,
        pwm: &Device,
        parent: &device::Device<Bound>,
    ) -> Result<Cycles> {
        assert_eq!(parent.name(), PARENT);
        chip.drvdata().fail()?;
        Ok(chip.drvdata().channels.lock()[pwm.hwpwm() as usize])
    }

    fn write_waveform(
        chip: &Chip<Self>,
        pwm: &Device,
        cycles: &Cycles,
        parent: &device::Device<Bound>,
    ) -> Result {
        assert_eq!(parent.name(), PARENT);
        // The same chip as that of the channel.
        assert!(ptr::eq(pwm.chip::<Self>(), chip));
        chip.drvdata().fail()?;
        chip.drvdata().channels.lock()[pwm.hwpwm() as usize] = *cycles;
        Ok(())
    }
}

/// Operations that nobody has written.
struct Nothing;

impl PwmOps for Nothing {
    type WfHw = ();
}

/// A device with a driver, and a log of what happens to the chips that are made for it.
struct Board {
    faux: faux::Registration,
    log: Arc<Log>,
}

impl Board {
    fn new() -> Result<Self> {
        Ok(Self {
            faux: faux::Registration::new(PARENT, None)?,
            log: Arc::new(
                Log {
                    requests: Atomic::new(0),
                    captures: Atomic::new(0),
                    dropped: Atomic::new(0),
                },
                GFP_KERNEL,
            )?,
        })
    }

    fn device(&self) -> &device::Device<Bound> {
        // SAFETY: A faux device is bound for as long as it is there.
        unsafe { self.faux.as_ref().as_bound() }
    }

    /// Registers a chip with two channels.
    fn fan(&self) -> Result<ARef<Chip<Fan>>> {
        Chip::new(self.device(), 2, Fan::new(&self.log))?.register()
    }

    fn dropped(&self) -> u32 {
        self.log.dropped.load(Relaxed)
    }
}

/// A channel of a chip, as its consumers have it.
fn channel<T: PwmOps>(chip: &Chip<T>, number: u32) -> &Device {
    assert!(number < chip.num_channels());
    // SAFETY: The chip is valid.
    let first = unsafe { (*chip.as_raw()).pwms.as_mut_ptr() };
    // SAFETY: There are as many channels as this one's number, and one more.
    let pwm = unsafe { first.add(number as usize) };
    // SAFETY: It exists for as long as the chip. Nobody gives it back meanwhile.
    unsafe { Device::from_raw(pwm) }
}
