// SPDX-License-Identifier: GPL-2.0

//! The registers of the device.

use kernel::{
    io::{register, Io, Mmio},
    prelude::*,
};

/// How many bytes of the BAR the driver uses.
pub(crate) const SIZE: usize = 0xa0;

/// The BAR, as far as it is used.
pub(crate) type Registers = Mmio<SIZE>;

register! {
    /// What the device is.
    pub(crate) IDENTIFICATION(u32) @ 0x00 {
        31:24 major;
        23:16 minor;
        15:0 product;
    }

    /// Reads as the inverse of what was written last.
    pub(crate) LIVENESS(u32) @ 0x04 {
        31:0 value;
    }

    /// A number, and then its factorial.
    pub(crate) FACTORIAL(u32) @ 0x08 {
        31:0 value;
    }

    /// What the device is doing.
    pub(crate) STATUS(u32) @ 0x20 {
        /// Raise an interrupt when it is done.
        7:7 interrupt => bool;
        /// The factorial is yet to come.
        0:0 computing => bool;
    }

    /// Why there is an interrupt.
    pub(crate) INTERRUPT_STATUS(u32) @ 0x24 {
        31:0 causes;
    }

    /// Raises an interrupt.
    pub(crate) INTERRUPT_RAISE(u32) @ 0x60 {
        31:0 causes;
    }

    /// Ends the interrupt, as far as it has these causes.
    pub(crate) INTERRUPT_ACKNOWLEDGE(u32) @ 0x64 {
        31:0 causes;
    }

    /// Where a transfer takes bytes from.
    pub(crate) DMA_SOURCE(u64) @ 0x80 {
        63:0 address;
    }

    /// Where a transfer puts them.
    pub(crate) DMA_DESTINATION(u64) @ 0x88 {
        63:0 address;
    }

    /// How many bytes there are.
    pub(crate) DMA_COUNT(u64) @ 0x90 {
        63:0 bytes;
    }

    /// Starts a transfer, and tells whether it still runs.
    pub(crate) DMA_COMMAND(u64) @ 0x98 {
        /// Raise an interrupt when it is done.
        2:2 interrupt => bool;
        /// From the device's memory to the system's, rather than the other way.
        1:1 from_device => bool;
        0:0 run => bool;
    }
}

/// The causes of interrupts.
pub(crate) mod cause {
    /// A factorial is there.
    pub(crate) const FACTORIAL: u32 = 0x001;
    /// A transfer is done.
    pub(crate) const DMA: u32 = 0x100;
}

/// What the product is called in its identification.
const PRODUCT: u32 = 0x00ed;

/// Checks that there is such a device, and that it answers.
///
/// # Errors
///
/// `ENODEV` if not.
pub(crate) fn check(registers: &Registers) -> Result {
    if registers.read(IDENTIFICATION).product() != PRODUCT {
        return Err(ENODEV);
    }
    for value in [0, 0x5555_5555, u32::MAX] {
        registers.write_reg(LIVENESS::zeroed().with_value(value));
        if registers.read(LIVENESS).value() != !value {
            return Err(ENODEV);
        }
    }
    Ok(())
}
