// SPDX-License-Identifier: GPL-2.0

//! The device, and the work that it does.

use crate::{
    interrupt::Bell,
    memory::Window,
    regs::{
        self, Registers, FACTORIAL, IDENTIFICATION, INTERRUPT_ACKNOWLEDGE, INTERRUPT_RAISE,
        INTERRUPT_STATUS, STATUS,
    },
};
use kernel::{
    device::{self, Bound},
    devres::Devres,
    io::Io,
    new_mutex, pci,
    prelude::*,
    str::CString,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc, Mutex,
    },
};

/// How long a factorial may take, in milliseconds. The largest takes QEMU some seconds.
const TIMEOUT: u32 = 60_000;

/// A device that the driver is bound to.
///
/// Work for it is done one after the other: who has `window` has the device.
#[pin_data]
pub(crate) struct Card {
    /// The name of its folder.
    name: CString,
    bar: Devres<pci::Bar<'static, { regs::SIZE }>>,
    /// The last result.
    result: Atomic<u32>,
    #[pin]
    window: Mutex<Window>,
    #[pin]
    pub(crate) bell: Bell,
}

impl Card {
    pub(crate) fn new(
        pdev: &pci::Device<Bound>,
        bar: pci::Bar<'_, { regs::SIZE }>,
    ) -> Result<Arc<Self>> {
        let dev: &device::Device<Bound> = pdev.as_ref();
        let window = Window::new(dev)?;
        Arc::pin_init(
            try_pin_init!(Self {
                name: CString::try_from_fmt(fmt!("edu-{}", dev.name()))?,
                bar: bar.into_devres()?,
                result: Atomic::new(0),
                window <- new_mutex!(window, "edu::Card::window"),
                bell <- Bell::new(),
            }),
            GFP_KERNEL,
        )
    }

    /// The name of the folder for it.
    pub(crate) fn name(&self) -> &CStr {
        &self.name
    }

    /// The registers, for who knows that the driver is bound.
    pub(crate) fn registers<'a>(&'a self, dev: &'a device::Device<Bound>) -> Result<&'a Registers> {
        Ok(self.bar.access(dev)?)
    }

    /// Calls `f` with the registers. It must not sleep.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the driver is not bound any more.
    pub(crate) fn with_registers<R>(&self, f: impl FnOnce(&Registers) -> R) -> Result<R> {
        self.bar.try_access_with(|bar| f(bar)).ok_or(ENODEV)
    }

    /// Whether the device is not there any more, whatever the driver says.
    pub(crate) fn is_gone(&self) -> bool {
        let product = self.with_registers(|registers| registers.read(IDENTIFICATION).into_raw());
        matches!(product, Err(_) | Ok(u32::MAX))
    }

    /// The version of the device: the major number and the minor.
    pub(crate) fn version(&self) -> Result<(u32, u32)> {
        self.with_registers(|registers| {
            let id = registers.read(IDENTIFICATION);
            (id.major().into(), id.minor().into())
        })
    }

    /// Whether the device answers as it should.
    pub(crate) fn is_alive(&self) -> bool {
        // Others may be at it, too.
        let _turn = self.window.lock();
        matches!(self.with_registers(regs::check), Ok(Ok(())))
    }

    /// The last result.
    pub(crate) fn result(&self) -> u32 {
        self.result.load(Relaxed)
    }

    /// Computes the factorial of a number, modulo 2³².
    ///
    /// # Errors
    ///
    /// - `EBUSY` if the device is at another, which somebody has not waited for.
    /// - `ENODEV` if the driver is being unbound.
    /// - `ETIMEDOUT` if the device does not finish, `EINTR` if there is a signal.
    pub(crate) fn factorial(&self, number: u32) -> Result {
        let _turn = self.window.lock();
        let done = &self.bell.counts.factorial;
        let mut before = done.load(Relaxed);
        let busy = self.with_registers(|registers| {
            if registers.read(STATUS).computing() {
                return true;
            }
            registers.write_reg(STATUS::zeroed().with_interrupt(true));
            registers.write_reg(FACTORIAL::zeroed().with_value(number));
            false
        })?;
        if busy {
            return Err(EBUSY);
        }
        let result = loop {
            self.bell.wait(done, before, TIMEOUT)?;
            before = done.load(Relaxed);
            // The interrupt may be that of one before, which nobody waited for.
            let result = self.with_registers(|registers| {
                let computing = registers.read(STATUS).computing();
                (!computing).then(|| registers.read(FACTORIAL).value())
            })?;
            if let Some(result) = result {
                break result.into();
            }
        };
        self.result.store(result, Relaxed);
        Ok(())
    }

    /// Stores bytes in the device's memory.
    pub(crate) fn store(&self, offset: usize, data: &[u8]) -> Result {
        self.window.lock().store(self, offset, data)
    }

    /// Fetches bytes from the beginning of the device's memory.
    pub(crate) fn fetch(&self, data: &mut [u8]) -> Result {
        self.window.lock().fetch(self, 0, data)
    }

    /// Has the device raise an interrupt.
    pub(crate) fn raise(&self, causes: u32) -> Result {
        self.with_registers(|registers| {
            registers.write_reg(INTERRUPT_RAISE::zeroed().with_causes(causes))
        })
    }

    /// Ends all work, and has the device be quiet: the driver is about to be unbound.
    pub(crate) fn stop(&self, dev: &device::Device<Bound>) {
        self.bell.close();
        // Who has the device gives it back.
        let _turn = self.window.lock();
        let Ok(registers) = self.registers(dev) else {
            return;
        };
        registers.write_reg(STATUS::zeroed());
        let causes = registers.read(INTERRUPT_STATUS).into_raw();
        registers.write_reg(INTERRUPT_ACKNOWLEDGE::from(causes));
    }
}
