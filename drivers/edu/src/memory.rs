// SPDX-License-Identifier: GPL-2.0

//! The device's memory, and the DMA in and out of it.

use crate::{
    card::Card,
    module_parameters,
    regs::{Registers, DMA_COMMAND, DMA_COUNT, DMA_DESTINATION, DMA_SOURCE},
};
use kernel::{
    device::{Bound, Device},
    dma::Coherent,
    io::{poll::read_poll_timeout, Io},
    prelude::*,
    sync::atomic::Relaxed,
    time::Delta,
};

/// How many bytes of the device's memory are used: all but the last.
///
/// The device has 4096, but older versions of QEMU end the whole machine when a transfer takes the last.
pub(crate) const SIZE: usize = 4095;

/// Where that is, as the device sees it.
const ADDRESS: u64 = 0x40000;

/// How long a transfer may take, in milliseconds. QEMU's device takes 100.
const TIMEOUT: u32 = 5000;

/// Memory of the system that the device copies from and to.
pub(crate) struct Window {
    // None once the device may write to it at any time.
    bytes: Option<Coherent<[u8]>>,
}

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    ToDevice,
    FromDevice,
}

impl Window {
    /// # Errors
    ///
    /// - `ENOMEM` without memory.
    /// - `EIO` if the memory is where the device can't address it.
    pub(crate) fn new(dev: &Device<Bound>) -> Result<Self> {
        let bytes = Coherent::<u8>::zeroed_slice(dev, SIZE, GFP_KERNEL)?;
        let last = bytes.dma_handle() + (SIZE - 1) as u64;
        let bits = module_parameters::address_bits.value();
        if last.checked_shr(*bits).unwrap_or(0) != 0 {
            dev_err!(dev, "memory at {last:#x} has no address of {bits} bits\n");
            return Err(EIO);
        }
        Ok(Self { bytes: Some(bytes) })
    }

    fn bytes(&self) -> Result<&Coherent<[u8]>> {
        self.bytes.as_ref().ok_or(EIO)
    }

    /// Leaves the memory to the device, which has not stopped to use it.
    fn abandon(&mut self) {
        core::mem::forget(self.bytes.take());
    }

    /// Stores bytes in the device's memory.
    pub(crate) fn store(&mut self, card: &Card, offset: usize, data: &[u8]) -> Result {
        let bytes = self.bytes()?;
        for (i, byte) in data.iter().enumerate() {
            kernel::dma_write!(bytes, [try: offset + i], *byte);
        }
        self.transfer(card, Direction::ToDevice, offset, data.len())
    }

    /// Fetches bytes from the device's memory.
    pub(crate) fn fetch(&mut self, card: &Card, offset: usize, data: &mut [u8]) -> Result {
        self.transfer(card, Direction::FromDevice, offset, data.len())?;
        let bytes = self.bytes()?;
        for (i, byte) in data.iter_mut().enumerate() {
            *byte = kernel::dma_read!(bytes, [try: offset + i]);
        }
        Ok(())
    }

    /// Has the device copy bytes from the window to its memory, or back, at the same offset.
    ///
    /// # Errors
    ///
    /// - `EIO` if an earlier transfer has never ended.
    /// - `ENODEV` if the device is gone, or about to be.
    /// - `ETIMEDOUT` if it does not copy, `EINTR` if there is a signal.
    fn transfer(
        &mut self,
        card: &Card,
        direction: Direction,
        offset: usize,
        length: usize,
    ) -> Result {
        if length == 0 {
            return Ok(());
        }
        // What the device copies beyond its memory, it takes from QEMU's.
        if offset.checked_add(length).is_none_or(|end| end > SIZE) {
            return Err(EINVAL);
        }
        let here = self.bytes()?.dma_handle() + offset as u64;
        let there = ADDRESS + offset as u64;
        let (source, destination) = match direction {
            Direction::ToDevice => (here, there),
            Direction::FromDevice => (there, here),
        };

        let done = &card.bell.counts.dma;
        let before = done.load(Relaxed);
        card.with_registers(|registers| {
            registers.write_reg(DMA_SOURCE::zeroed().with_address(source));
            registers.write_reg(DMA_DESTINATION::zeroed().with_address(destination));
            registers.write_reg(DMA_COUNT::zeroed().with_bytes(length as u64));
            registers.write_reg(
                DMA_COMMAND::zeroed()
                    .with_run(true)
                    .with_from_device(direction == Direction::FromDevice)
                    .with_interrupt(true),
            );
        })?;
        let waited = card.bell.wait(done, before, TIMEOUT);
        // Whatever has ended the wait, the memory is the device's until it says otherwise.
        if let Err(error) = wait_until_idle(card) {
            self.abandon();
            return Err(error);
        }
        waited
    }
}

/// Waits until there is no transfer.
fn wait_until_idle(card: &Card) -> Result {
    let command = || card.with_registers(|registers: &Registers| registers.read(DMA_COMMAND));
    let command = read_poll_timeout(
        command,
        |command| !command.run(),
        Delta::from_millis(1),
        Delta::from_millis(i64::from(TIMEOUT)),
    );
    match command {
        Ok(_) => Ok(()),
        // A device that is gone reads as all ones.
        Err(_) if card.is_gone() => Err(ENODEV),
        Err(error) => Err(error),
    }
}
