// SPDX-License-Identifier: GPL-2.0

//! The registers of a device, in memory.

use super::Device;
use crate::{
    bindings,
    device::Bound,
    devres::Devres,
    error::to_result,
    io::{Mmio, MmioRaw},
    prelude::*,
};
use core::ops::Deref;

/// A BAR of a device, claimed and mapped: registers that lie in memory.
///
/// It is unmapped when this is dropped. `SIZE` is how many bytes it has at least: accesses that the
/// compiler knows to be below that need no check when they are made. It dereferences to an
/// [`Mmio`], which the accessors of [`Io`](crate::io::Io) work on.
///
/// `'a` ends when the driver is unbound. What may outlive that goes through
/// [`into_devres`](Self::into_devres).
///
/// C counterpart: `pci_request_region()` and `pci_iomap()`
///
/// # Examples
///
/// ```
/// use kernel::{device::Bound, io::Io, pci};
///
/// /// Resets the device, by its registers in BAR 0.
/// fn reset(pdev: &pci::Device<Bound>) -> Result {
///     let bar = pdev.iomap_region_sized::<0x4000>(0, c"example")?;
///     bar.write32(1, 0x3ffc);
///     Ok(())
/// }
/// # let bus = pci::testing::SoftBus::new()?;
/// # // SAFETY: The bus stays for as long, and nothing relies on a driver.
/// # let pdev = unsafe { bus.bound() };
/// # // This one is smaller, so there is no such register.
/// # assert_eq!(reset(pdev), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `io` is the mapping, by `pci_iomap`, of all of the BAR `num` of `pdev`, which is of memory, and
/// which this has claimed.
pub struct Bar<'a, const SIZE: usize = 0> {
    pdev: &'a Device<Bound>,
    io: MmioRaw<SIZE>,
    num: c_int,
}

impl<'a, const SIZE: usize> Bar<'a, SIZE> {
    fn new(pdev: &'a Device<Bound>, num: u32, name: &'static CStr) -> Result<Self> {
        if num >= bindings::PCI_STD_NUM_BARS {
            return Err(EINVAL);
        }
        let num = num as c_int;
        let raw = pdev.as_raw();
        // SAFETY: The device is there, by the type invariants, and may have such a BAR.
        let flags = unsafe { bindings::pci_resource_flags(raw, num) };
        // What is mapped of a BAR of I/O ports is no address.
        if flags & bindings::IORESOURCE_MEM as usize == 0
            || flags & bindings::IORESOURCE_UNSET as usize != 0
        {
            return Err(ENODEV);
        }
        // SAFETY: As above.
        let length = unsafe { bindings::pci_resource_len(raw, num) };
        let length = usize::try_from(length)?;
        if length == 0 {
            return Err(ENODEV);
        }
        if length < SIZE {
            return Err(EINVAL);
        }
        // SAFETY: The device is there, and it may have such a BAR. The name stays for as long as
        // anything does.
        to_result(unsafe { bindings::pci_request_region(raw, num, name.as_char_ptr()) })?;
        // SAFETY: As above; this has claimed the BAR. Zero stands for all of it.
        let address = unsafe { bindings::pci_iomap(raw, num, 0) };
        if address.is_null() {
            // SAFETY: It was claimed above.
            unsafe { bindings::pci_release_region(raw, num) };
            return Err(ENOMEM);
        }
        match MmioRaw::new(address as usize, length) {
            // INVARIANT: The BAR was claimed and mapped.
            Ok(io) => Ok(Self { pdev, io, num }),
            Err(error) => {
                // SAFETY: It was mapped above.
                unsafe { bindings::pci_iounmap(raw, address) };
                // SAFETY: It was claimed above.
                unsafe { bindings::pci_release_region(raw, num) };
                Err(error)
            }
        }
    }

    /// Leaves the BAR to the device, for users who may outlive the binding of the driver.
    ///
    /// The result can be kept anywhere. It gives access to the BAR only while the driver is bound.
    ///
    /// # Errors
    ///
    /// `ENOMEM` without memory. The BAR is then unmapped.
    pub fn into_devres(self) -> Result<Devres<Bar<'static, SIZE>>> {
        let pdev = self.pdev;
        // SAFETY: Only the lifetime differs. The result goes to a `Devres`, which gives access to it
        // for no longer than the driver is bound, which is `'a`, and drops it then, when the device
        // is still there. Through a reference to a `Bar`, nobody gets at the lifetime inside it.
        let bar = unsafe { core::mem::transmute::<Bar<'a, SIZE>, Bar<'static, SIZE>>(self) };
        Devres::new(pdev.as_ref(), Ok::<_, Error>(bar))
    }
}

impl<const SIZE: usize> Deref for Bar<'_, SIZE> {
    type Target = Mmio<SIZE>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        // SAFETY: By the type invariants it is mapped, and stays so while `self` is borrowed.
        unsafe { Mmio::from_raw(&self.io) }
    }
}

impl<const SIZE: usize> Drop for Bar<'_, SIZE> {
    fn drop(&mut self) {
        let raw = self.pdev.as_raw();
        // SAFETY: By the type invariants it is the mapping of a BAR of this device, and nobody uses
        // it any more.
        unsafe { bindings::pci_iounmap(raw, self.io.addr() as *mut c_void) };
        // SAFETY: By the type invariants the BAR is claimed.
        unsafe { bindings::pci_release_region(raw, self.num) };
    }
}

impl Device<Bound> {
    /// Claims a BAR and maps it: as [`iomap_region_sized`](Self::iomap_region_sized), if its size is
    /// not known before. Each access is checked when it is made.
    ///
    /// # Errors
    ///
    /// As those of [`iomap_region_sized`](Self::iomap_region_sized).
    #[inline]
    pub fn iomap_region<'a>(&'a self, bar: u32, name: &'static CStr) -> Result<Bar<'a>> {
        self.iomap_region_sized::<0>(bar, name)
    }

    /// Claims a BAR, and maps it. `name` is shown in `/proc/iomem`.
    ///
    /// It is to be of memory, not of I/O ports, and to have `SIZE` bytes or more.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if there is no BAR of that number in any device, or if it has fewer bytes.
    /// - `ENODEV` if the device does not have it, it has no address, or it is of I/O ports.
    /// - `EBUSY` if somebody has claimed it already.
    /// - `ENOMEM` without memory or room for the mapping.
    #[inline]
    pub fn iomap_region_sized<'a, const SIZE: usize>(
        &'a self,
        bar: u32,
        name: &'static CStr,
    ) -> Result<Bar<'a, SIZE>> {
        Bar::new(self, bar, name)
    }
}
