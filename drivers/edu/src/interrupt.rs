// SPDX-License-Identifier: GPL-2.0

//! Interrupts, and waiting for them.

use crate::{
    card::Card,
    regs::{cause, INTERRUPT_ACKNOWLEDGE, INTERRUPT_STATUS},
};
use kernel::{
    device::{Bound, Device},
    io::Io,
    irq::{IrqReturn, ThreadedHandler, ThreadedIrqReturn},
    new_condvar, new_mutex,
    prelude::*,
    sync::{
        atomic::{Atomic, Relaxed},
        CondVar, CondVarTimeoutResult, Mutex,
    },
    time::{msecs_to_jiffies, Msecs},
};

/// How often there was an interrupt, by cause. Each counter starts again at zero after its largest
/// value.
pub(crate) struct Counts {
    pub(crate) factorial: Atomic<u32>,
    pub(crate) dma: Atomic<u32>,
    pub(crate) other: Atomic<u32>,
}

/// What those who wait for an interrupt have in common.
#[pin_data]
pub(crate) struct Bell {
    pub(crate) counts: Counts,
    /// Whether nothing is to be waited for any more.
    #[pin]
    gone: Mutex<bool>,
    #[pin]
    rung: CondVar,
}

impl Bell {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            counts: Counts {
                factorial: Atomic::new(0),
                dma: Atomic::new(0),
                other: Atomic::new(0),
            },
            gone <- new_mutex!(false, "edu::Bell::gone"),
            rung <- new_condvar!("edu::Bell::rung"),
        })
    }

    /// Wakes those who wait, for them to look at the counts.
    fn ring(&self) {
        // Who has looked at them, and is about to sleep, has the mutex.
        let _gone = self.gone.lock();
        self.rung.notify_all();
    }

    /// Ends all waiting.
    pub(crate) fn close(&self) {
        *self.gone.lock() = true;
        self.rung.notify_all();
    }

    /// Waits until the count is another than `before`.
    ///
    /// # Errors
    ///
    /// - `ENODEV` if the driver is being unbound.
    /// - `ETIMEDOUT` after so many milliseconds.
    /// - `EINTR` if there is a signal.
    pub(crate) fn wait(&self, count: &Atomic<u32>, before: u32, timeout: Msecs) -> Result {
        let mut left = msecs_to_jiffies(timeout);
        let mut gone = self.gone.lock();
        while count.load(Relaxed) == before {
            if *gone {
                return Err(ENODEV);
            }
            match self.rung.wait_interruptible_timeout(&mut gone, left) {
                CondVarTimeoutResult::Woken { jiffies } => left = jiffies,
                CondVarTimeoutResult::Timeout => return Err(ETIMEDOUT),
                CondVarTimeoutResult::Signal { .. } => return Err(EINTR),
            }
        }
        Ok(())
    }
}

impl ThreadedHandler for Card {
    fn handle(&self, dev: &Device<Bound>) -> ThreadedIrqReturn {
        let Ok(registers) = self.registers(dev) else {
            return ThreadedIrqReturn::None;
        };
        let causes = registers.read(INTERRUPT_STATUS).causes();
        // The line may be another device's; and a device that is gone reads as all ones.
        if causes == 0 || causes == u32::MAX {
            return ThreadedIrqReturn::None;
        }
        registers.write_reg(INTERRUPT_ACKNOWLEDGE::zeroed().with_causes(causes));

        let counts = &self.bell.counts;
        if causes & cause::FACTORIAL != 0 {
            counts.factorial.fetch_add(1, Relaxed);
        }
        if causes & cause::DMA != 0 {
            counts.dma.fetch_add(1, Relaxed);
        }
        if causes & !(cause::FACTORIAL | cause::DMA) != 0 {
            counts.other.fetch_add(1, Relaxed);
        }
        ThreadedIrqReturn::WakeThread
    }

    fn handle_threaded(&self, _dev: &Device<Bound>) -> IrqReturn {
        self.bell.ring();
        IrqReturn::Handled
    }
}
