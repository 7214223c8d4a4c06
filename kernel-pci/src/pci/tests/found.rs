// SPDX-License-Identifier: GPL-2.0

//! Tests on devices that the machine has, if it does.
//!
//! QEMU has a host bridge and an ISA bridge; User-mode Linux has no PCI device, and says so.

use super::*;
use crate::io::Io;

/// Takes a device of this class, which nobody removes.
///
/// # Safety
///
/// Nothing relies on a driver that there is not, and the device does not go.
unsafe fn find(class: Class) -> Option<&'static Device<Bound>> {
    // SAFETY: The search begins with the first device.
    let pdev = unsafe { bindings::pci_get_class(class.as_raw(), core::ptr::null_mut()) };
    if pdev.is_null() {
        pr_info!("rust_pci: this machine has no PCI device of the class {class}\n");
        return None;
    }
    // SAFETY: `pci_get_class` has counted it, and so does its bus, which stays.
    unsafe { bindings::pci_dev_put(pdev) };
    // SAFETY: As the caller promises.
    Some(unsafe { &*pdev.cast::<Device<Bound>>() })
}

/// What the structure says has to be what the device says.
fn check(pdev: &Device<Bound>, class: Class) -> Result {
    let config = pdev.config_space();
    assert_eq!(config.read16(0), pdev.vendor_id().as_raw());
    assert_eq!(config.read16(2), pdev.device_id());
    assert_eq!(config.read8(8), pdev.revision_id());
    assert_eq!(config.read32(8) >> 8, class.as_raw());
    assert_eq!(pdev.pci_class(), class);
    match pdev.cfg_size() {
        ConfigSpaceSize::Normal => {
            assert_eq!(pdev.config_space_extended().err(), Some(EINVAL));
        }
        ConfigSpaceSize::Extended => {
            let extended = pdev.config_space_extended()?;
            assert_eq!(extended.read32(0), config.read32(0));
            assert_eq!(extended.try_read32(4096), Err(EINVAL));
        }
    }
    Ok(())
}

#[crate::macros::kunit_tests(rust_pci_found)]
mod found_tests {
    use super::*;

    #[test]
    fn the_host_bridge_is_what_it_says() -> Result {
        // SAFETY: Host bridges stay, and nothing here relies on a driver.
        match unsafe { find(Class::BRIDGE_HOST) } {
            Some(pdev) => check(pdev, Class::BRIDGE_HOST),
            None => Ok(()),
        }
    }

    #[test]
    fn the_isa_bridge_is_what_it_says() -> Result {
        // SAFETY: ISA bridges stay, and nothing here relies on a driver.
        match unsafe { find(Class::BRIDGE_ISA) } {
            Some(pdev) => check(pdev, Class::BRIDGE_ISA),
            None => Ok(()),
        }
    }
}
