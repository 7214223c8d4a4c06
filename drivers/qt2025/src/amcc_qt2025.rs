// SPDX-License-Identifier: GPL-2.0

//! Applied Micro's PHY QT2025, for 10 Gbit/s over SFP+, with the registers of clause 45.
//!
//! There is a microcontroller in it, an 8051, which starts from a ROM. Its program comes from the file
//! `qt2025-2.0.3.3.fw`: `probe` writes it to the controller's memory, one byte for each register, has the
//! controller start from there, and waits until it says that it runs. From then on phylib does the rest.
//!
//! The memory has two regions:
//!
//! | bytes of the file | registers |
//! | --- | --- |
//! | the first 16 KiB | 3.8000 to 3.BFFF |
//! | the next 8 KiB, as many as there are | from 4.8000 on, up to 4.9FFF |
//!
//! The device is left alone if its revision is another than that the program is for, or if there is no
//! program, or one that can't be whole. In the kernel's own driver the registers and their values are the
//! same; it takes a program of any length that fits, and looks for it after the first writes.

#![cfg_attr(cargo, no_std)]

use kernel::{
    firmware::Firmware,
    io::poll::read_poll_timeout,
    net::phy::{
        self,
        reg::{Mmd, C45},
        DeviceId, Driver,
    },
    prelude::*,
    sizes::{SZ_16K, SZ_8K},
    time::Delta,
};

kernel::module_phy_driver! {
    drivers: [Qt2025],
    device_table: [DeviceId::new_with_driver::<Qt2025>()],
    name: "amcc_qt2025",
    authors: ["kernel-crates maintainers"],
    description: "Applied Micro's PHY QT2025",
    license: "GPL",
    firmware: ["qt2025-2.0.3.3.fw"],
}

/// The program's file.
const FIRMWARE: &CStr = c"qt2025-2.0.3.3.fw";

/// The revision that the program is for. It is in the upper half of its register.
const REVISION: u16 = 0xb3;

/// The register where each region of the microcontroller's memory begins, in an MMD of its own.
const MEMORY: u16 = 0x8000;

/// How long the program has, until it must have said that it runs.
const START_TIME: Delta = Delta::from_secs(3);

/// How often it is asked.
const START_PERIOD: Delta = Delta::from_millis(50);

/// What the microcontroller is to do at its next start: register 3.E854.
mod boot {
    pub(super) const REGISTER: u16 = 0xe854;
    /// Start from the ROM.
    pub(super) const ROM: u16 = 0x00c0;
    /// Start from the memory.
    pub(super) const MEMORY: u16 = 0x0040;
}

/// How far the program is: register 3.D7FD.
mod progress {
    pub(super) const REGISTER: u16 = 0xd7fd;
    /// It has not started.
    pub(super) const NONE: u16 = 0x00;
    /// It is starting.
    pub(super) const STARTING: u16 = 0x10;
}

/// What is written before the program, in this order.
const SETUP: [(Mmd, u16, u16); 10] = [
    // The microcontroller is held in reset.
    (Mmd::PMAPMD, 0xc300, 0x0000),
    // Its clock.
    (Mmd::PMAPMD, 0xc302, 0x0004),
    // No loopback.
    (Mmd::PMAPMD, 0xc319, 0x0038),
    // LAN, not WAN.
    (Mmd::PMAPMD, 0xc31a, 0x0098),
    // The standard has seeds of a test pattern here. What they are in this device is not documented.
    (Mmd::PCS, 0x0026, 0x0e00),
    (Mmd::PCS, 0x0027, 0x0893),
    (Mmd::PCS, 0x0028, 0xa528),
    (Mmd::PCS, 0x0029, 0x0003),
    // Clocks: that for sending, and the one that is recovered.
    (Mmd::PMAPMD, 0xa30a, 0x06e1),
    // The microcontroller is released.
    (Mmd::PMAPMD, 0xc300, 0x0002),
];

/// A program, in the parts that go to the regions of the microcontroller's memory.
struct Program<'a> {
    first: &'a [u8],
    second: &'a [u8],
}

impl<'a> Program<'a> {
    /// Takes a file apart.
    ///
    /// # Errors
    ///
    /// - `EFBIG` if the memory can't hold it.
    /// - `EINVAL` if nothing of it is for the second region: such a file was cut off, or is empty.
    fn new(file: &'a [u8]) -> Result<Self> {
        let (first, second) = file.split_at_checked(SZ_16K).ok_or(EINVAL)?;
        match second.len() {
            0 => Err(EINVAL),
            length if length > SZ_8K => Err(EFBIG),
            _ => Ok(Self { first, second }),
        }
    }

    /// Writes the whole.
    fn write(&self, dev: &mut phy::Device) -> Result {
        for (register, byte) in (MEMORY..).zip(self.first) {
            dev.write(C45::new(Mmd::PCS, register), u16::from(*byte))?;
        }
        for (register, byte) in (MEMORY..).zip(self.second) {
            dev.write(C45::new(Mmd::PHYXS, register), u16::from(*byte))?;
        }
        Ok(())
    }
}

/// The driver. Nothing is kept for a device: it has its program.
struct Qt2025;

impl Qt2025 {
    /// Waits until the program runs.
    fn wait_until_running(dev: &mut phy::Device) -> Result {
        read_poll_timeout(
            || dev.read(C45::new(Mmd::PCS, progress::REGISTER)),
            |at| !matches!(*at, progress::NONE | progress::STARTING),
            START_PERIOD,
            START_TIME,
        )?;
        Ok(())
    }
}

#[vtable]
impl Driver for Qt2025 {
    const NAME: &'static CStr = c"AMCC QT2025";
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0x0043_a400);

    fn probe(dev: &mut phy::Device) -> Result {
        let revision = dev.read(C45::new(Mmd::PMAPMD, 0xd001))? >> 8;
        if revision != REVISION {
            dev_err!(dev.as_ref(), "revision {:#x} is unknown\n", revision);
            return Err(ENODEV);
        }
        let firmware = Firmware::request(FIRMWARE, dev.as_ref())?;
        let program = Program::new(firmware.data()).inspect_err(|_| {
            dev_err!(
                dev.as_ref(),
                "firmware of {} bytes can't be right\n",
                firmware.size()
            );
        })?;

        for (mmd, register, value) in SETUP {
            dev.write(C45::new(mmd, register), value)?;
        }
        dev.write(C45::new(Mmd::PCS, boot::REGISTER), boot::ROM)?;
        program.write(dev)?;
        dev.write(C45::new(Mmd::PCS, boot::REGISTER), boot::MEMORY)?;
        Self::wait_until_running(dev).inspect_err(|error| {
            if *error == ETIMEDOUT {
                dev_err!(dev.as_ref(), "its firmware does not start\n");
            }
        })
    }

    fn read_status(dev: &mut phy::Device) -> Result<u16> {
        dev.genphy_read_status::<C45>()
    }
}
