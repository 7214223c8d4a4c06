// SPDX-License-Identifier: GPL-2.0

//! Stands in for `nova-core` where there is no GPU of NVIDIA's.
//!
//! It takes QEMU's `pci-testdev`, and registers a device on the auxiliary bus that hangs on it,
//! `nova-core.nova-drm.0`, as `nova-core` does. Whichever DRM driver of Nova's is loaded takes that device,
//! and finds a PCI device above it. It has no data, and nothing to compute with. There is one: a second
//! `pci-testdev` is refused.
//!
//! When the driver is unbound, the auxiliary device goes, and before that the driver that has it.

#![cfg_attr(cargo, no_std)]

use kernel::{auxiliary, device::Core, pci, prelude::*, types::ForLt};

/// QEMU's `pci-testdev`, of the vendor.
const TESTDEV: u32 = 0x0005;

kernel::pci_device_table!(
    PCI_TABLE,
    MODULE_PCI_TABLE,
    <Stub as pci::Driver>::IdInfo,
    [(pci::DeviceId::from_id(pci::Vendor::REDHAT, TESTDEV), ())]
);

kernel::module_pci_driver! {
    type: Stub,
    name: "nova_stub",
    authors: ["kernel-crates maintainers"],
    description: "Stands in for nova-core on QEMU's pci-testdev",
    license: "GPL",
}

struct Stub;

/// What comes with the auxiliary device for its driver: nothing.
type Nothing = ForLt!(());

/// What the driver keeps with a device.
struct Parts<'bound> {
    _drm: auxiliary::Registration<'bound, Nothing>,
}

impl pci::Driver for Stub {
    type IdInfo = ();
    type Data<'bound> = Parts<'bound>;

    const ID_TABLE: pci::IdTable<Self::IdInfo> = &PCI_TABLE;

    fn probe<'bound>(
        pdev: &'bound pci::Device<Core<'_>>,
        _info: &'bound Self::IdInfo,
    ) -> impl PinInit<Parts<'bound>, Error> + 'bound {
        let nothing = Ok::<_, Error>(());
        let drm =
            auxiliary::Registration::new(pdev.as_ref(), c"nova-drm", 0, c"nova-core", nothing)?;
        Ok(Parts { _drm: drm })
    }
}
