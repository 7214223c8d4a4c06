// SPDX-License-Identifier: GPL-2.0

//! A driver for QEMU's educational PCI device (`-device edu`).
//!
//! The device inverts a number, computes factorials, and has memory, in and out of which it copies by
//! DMA. It tells by an interrupt when it is done. (QEMU: `docs/specs/edu`.)
//!
//! For each device there is a folder in debugfs, `edu-NAME`, by the name of the PCI device:
//!
//! | file | read | write |
//! | --- | --- | --- |
//! | `version` | that of the device | |
//! | `alive` | whether it answers as it should: `Y` or `N` | |
//! | `factorial` | the last result | a number; waits until its factorial is there, modulo 2³² |
//! | `memory` | its first 4095 bytes, fetched by DMA | stores bytes there by DMA |
//! | `interrupts` | how many there have been, by cause | |
//! | `raise` | | a number, for the device to raise an interrupt with |
//!
//! QEMU's device has addresses of 28 bits, unless `dma_mask` says otherwise. Then `address_bits=N` tells the
//! module.
//!
//! When the driver is unbound, who waits for the device gets `ENODEV`.
//!
//! From the outside in:
//!
//! | file | what |
//! | --- | --- |
//! | `files.rs` | what there is in debugfs |
//! | `card.rs` | the device, and the work that it does |
//! | `memory.rs` | its memory, and the DMA |
//! | `interrupt.rs` | its interrupts, and waiting for them |
//! | `regs.rs` | its registers |

#![cfg_attr(cargo, no_std)]

use kernel::{
    debugfs::Scope,
    device::Core,
    irq::{Flags, ThreadedRegistration},
    pci::{self, ClassMask, IrqType, IrqTypes},
    prelude::*,
    sync::Arc,
};

mod card;
mod files;
mod interrupt;
mod memory;
mod regs;

use card::Card;

/// The vendor and the number of the device. 7.2 has no name for this vendor.
const DEVICE: (u16, u16) = (0x1234, 0x11e8);

/// What is not of any class, by its subclass. That is what the device says, and what the PCI core can
/// look for; `probe` looks further.
const UNCLASSIFIED: u32 = 0x00_ff00;

kernel::pci_device_table!(
    PCI_TABLE,
    MODULE_PCI_TABLE,
    <Edu as pci::Driver>::IdInfo,
    [(
        pci::DeviceId::from_class(UNCLASSIFIED, ClassMask::Full.as_raw()),
        ()
    )]
);

kernel::module_pci_driver! {
    type: Edu,
    name: "edu",
    authors: ["kernel-crates maintainers"],
    description: "A driver for QEMU's educational PCI device",
    license: "GPL",
    params: {
        address_bits: u32 {
            default: 28,
            description: "How many bits the addresses have that the device can use for DMA",
        },
    },
}

struct Edu;

/// What the driver keeps with a device; dropped from top to bottom, the way in first.
#[pin_data]
struct Bound {
    #[pin]
    _files: Scope<Arc<Card>>,
    #[pin]
    _interrupt: ThreadedRegistration<Arc<Card>>,
    card: Arc<Card>,
}

impl pci::Driver for Edu {
    type IdInfo = ();
    type Data<'bound> = Bound;

    const ID_TABLE: pci::IdTable<Self::IdInfo> = &PCI_TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: &'bound Self::IdInfo,
    ) -> impl PinInit<Bound, Error> + 'bound {
        pin_init::pin_init_scope(move || {
            if (pdev.vendor_id().as_raw(), pdev.device_id()) != DEVICE {
                return Err(ENODEV);
            }
            pdev.enable_device_mem()?;
            let bar = pdev.iomap_region_sized::<{ regs::SIZE }>(0, c"edu")?;
            regs::check(&bar).inspect_err(|_| dev_err!(pdev, "the device does not answer\n"))?;
            pdev.set_master();

            let card = Card::new(pdev, bar)?;
            let types = IrqTypes::default().with(IrqType::Msi).with(IrqType::Intx);
            let vector = *pdev.alloc_irq_vectors(1, 1, types)?.start();
            Ok(try_pin_init!(Bound {
                _interrupt <- pdev.request_threaded_irq(vector, Flags::SHARED, c"edu", Ok(card.clone())),
                _files <- files::scope(&card),
                card,
            }))
        })
    }

    fn unbind<'bound>(pdev: &'bound pci::Device<Core<'_>>, this: Pin<&Bound>) {
        this.card.stop(pdev.as_ref());
    }
}
