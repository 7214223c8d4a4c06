// SPDX-License-Identifier: GPL-2.0

//! A made-up bus, with one PHY on it.

use super::*;
use crate::{
    error::{from_result, to_result},
    sync::atomic::{Atomic, Relaxed},
};
use core::ptr::NonNull;

/// The PHY's number on the bus.
pub(super) const ADDR: u8 = 3;

/// By which registers the PHY is found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    C22,
    C45,
}

/// The registers of the PHY.
pub(super) struct Chip {
    id: u32,
    pub(super) c22: [Atomic<u32>; 32],
    /// Which register of clause 45 was named by those of clause 22.
    named: Atomic<u32>,
    /// The register of clause 45 that was written last, and what was written.
    written: Atomic<u32>,
    value: Atomic<u32>,
    /// What each access fails with, if it is not zero.
    pub(super) failure: Atomic<i32>,
}

/// The registers of clause 45 as one number.
fn number(devnum: u32, regnum: u32) -> u32 {
    devnum << 16 | regnum
}

impl Chip {
    fn new(id: u32) -> Self {
        let c22 = [const { Atomic::new(0) }; 32];
        c22[1].store(bindings::BMSR_ANEGCAPABLE | bindings::BMSR_100FULL, Relaxed);
        Chip {
            id,
            c22,
            named: Atomic::new(0),
            written: Atomic::new(u32::MAX),
            value: Atomic::new(0),
            failure: Atomic::new(0),
        }
    }

    fn fails(&self) -> Result {
        to_result(self.failure.load(Relaxed))
    }

    /// Whether data go to a register of clause 45, and not to its address.
    fn data_selected(&self) -> bool {
        self.c22[13].load(Relaxed) & bindings::MII_MMD_CTRL_INCR_ON_WT != 0
    }

    fn read(&self, regnum: usize) -> Result<u32> {
        self.fails()?;
        Ok(match regnum {
            2 => self.id >> 16,
            3 => self.id & 0xffff,
            14 if self.data_selected() => self.mmd(self.named.load(Relaxed)),
            _ => self.c22[regnum].load(Relaxed),
        })
    }

    fn write(&self, regnum: usize, val: u32) -> Result {
        self.fails()?;
        match regnum {
            // A reset is over at once, and so is the start of a negotiation.
            0 => {
                let done = bindings::BMCR_RESET | bindings::BMCR_ANRESTART;
                self.c22[0].store(val & !done, Relaxed);
            }
            14 if self.data_selected() => self.set_mmd(self.named.load(Relaxed), val),
            14 => {
                let device = self.c22[13].load(Relaxed) & bindings::MII_MMD_CTRL_DEVAD_MASK;
                self.named.store(number(device, val), Relaxed);
            }
            _ => self.c22[regnum].store(val, Relaxed),
        }
        Ok(())
    }

    fn mmd(&self, register: u32) -> u32 {
        const PMA: u32 = bindings::MDIO_MMD_PMAPMD << 16;
        if register == self.written.load(Relaxed) {
            return self.value.load(Relaxed);
        }
        match register {
            _ if register == PMA | bindings::MII_PHYSID1 => self.id >> 16,
            _ if register == PMA | bindings::MII_PHYSID2 => self.id & 0xffff,
            // There is this device, and no other.
            _ if register == PMA | bindings::MDIO_DEVS1 => 1 << bindings::MDIO_MMD_PMAPMD,
            _ => 0,
        }
    }

    fn set_mmd(&self, register: u32, val: u32) {
        self.written.store(register, Relaxed);
        self.value.store(val, Relaxed);
    }

    /// The register of clause 45 that was written last, and what was written.
    pub(super) fn last_mmd(&self) -> (u32, u32, u32) {
        let register = self.written.load(Relaxed);
        (register >> 16, register & 0xffff, self.value.load(Relaxed))
    }
}

/// A bus that is registered.
pub(super) struct Bus {
    raw: NonNull<bindings::mii_bus>,
    chip: NonNull<Chip>,
}

impl Bus {
    /// Makes a bus whose PHY has this number.
    pub(super) fn new(clause: Clause, id: u32) -> Result<Self> {
        let chip = KBox::new(Chip::new(id), GFP_KERNEL)?;
        // SAFETY: It has no requirements.
        let raw = unsafe { bindings::mdiobus_alloc_size(0) };
        let mut raw = NonNull::new(raw).ok_or(ENOMEM)?;
        // The bus is freed with the box from here on, also if it can't be registered.
        let chip = NonNull::from(KBox::leak(chip));
        // SAFETY: It is allocated, and nobody else has it.
        let fields = unsafe { raw.as_mut() };
        fields.name = c"rust_phy_test".as_char_ptr();
        for (to, from) in fields.id.iter_mut().zip(c"rust_phy_test".to_bytes()) {
            *to = *from;
        }
        fields.priv_ = chip.as_ptr().cast();
        fields.phy_mask = !(1 << ADDR);
        match clause {
            Clause::C22 => {
                fields.read = Some(Self::read);
                fields.write = Some(Self::write);
            }
            Clause::C45 => {
                fields.read_c45 = Some(Self::read_c45);
                fields.write_c45 = Some(Self::write_c45);
            }
        }
        // SAFETY: It is set up. The module is the kernel itself.
        let ret = unsafe { bindings::__mdiobus_register(raw.as_ptr(), core::ptr::null_mut()) };
        if let Err(error) = to_result(ret) {
            // SAFETY: It is not registered.
            unsafe { bindings::mdiobus_free(raw.as_ptr()) };
            // SAFETY: It came from a box, and nobody has it any more.
            drop(unsafe { KBox::from_raw(chip.as_ptr()) });
            return Err(error);
        }
        Ok(Bus { raw, chip })
    }

    pub(super) fn chip(&self) -> &Chip {
        // SAFETY: It is there until this is dropped.
        unsafe { self.chip.as_ref() }
    }

    /// The PHY, which is there for as long as the bus.
    pub(super) fn phy(&self) -> Result<NonNull<bindings::phy_device>> {
        // SAFETY: The bus is registered.
        let phy = unsafe { bindings::mdiobus_get_phy(self.raw.as_ptr(), ADDR.into()) };
        NonNull::new(phy).ok_or(ENODEV)
    }

    /// # Safety
    ///
    /// The bus is one that `new` has made.
    unsafe fn of<'a>(bus: *mut bindings::mii_bus) -> &'a Chip {
        // SAFETY: As the caller says, it is a bus.
        let chip = unsafe { (*bus).priv_ };
        // SAFETY: `new` has put a chip there, which goes after the bus was unregistered.
        unsafe { &*chip.cast::<Chip>() }
    }

    /// # Safety
    ///
    /// The bus is one that `new` has made.
    unsafe extern "C" fn read(bus: *mut bindings::mii_bus, addr: c_int, regnum: c_int) -> c_int {
        // SAFETY: As the caller says.
        let chip = unsafe { Self::of(bus) };
        from_result(|| {
            if addr != c_int::from(ADDR) {
                return Ok(0xffff);
            }
            Ok(chip.read(usize::try_from(regnum)?)? as c_int)
        })
    }

    /// # Safety
    ///
    /// The bus is one that `new` has made.
    unsafe extern "C" fn write(
        bus: *mut bindings::mii_bus,
        _addr: c_int,
        regnum: c_int,
        val: u16,
    ) -> c_int {
        // SAFETY: As the caller says.
        let chip = unsafe { Self::of(bus) };
        from_result(|| {
            chip.write(usize::try_from(regnum)?, val.into())?;
            Ok(0)
        })
    }

    /// # Safety
    ///
    /// The bus is one that `new` has made.
    unsafe extern "C" fn read_c45(
        bus: *mut bindings::mii_bus,
        addr: c_int,
        devnum: c_int,
        regnum: c_int,
    ) -> c_int {
        // SAFETY: As the caller says.
        let chip = unsafe { Self::of(bus) };
        from_result(|| {
            if addr != c_int::from(ADDR) {
                return Ok(0xffff);
            }
            chip.fails()?;
            let register = number(u32::try_from(devnum)?, u32::try_from(regnum)?);
            Ok(chip.mmd(register) as c_int)
        })
    }

    /// # Safety
    ///
    /// The bus is one that `new` has made.
    unsafe extern "C" fn write_c45(
        bus: *mut bindings::mii_bus,
        _addr: c_int,
        devnum: c_int,
        regnum: c_int,
        val: u16,
    ) -> c_int {
        // SAFETY: As the caller says.
        let chip = unsafe { Self::of(bus) };
        from_result(|| {
            chip.fails()?;
            let register = number(u32::try_from(devnum)?, u32::try_from(regnum)?);
            chip.set_mmd(register, val.into());
            Ok(0)
        })
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        // SAFETY: It is registered.
        unsafe { bindings::mdiobus_unregister(self.raw.as_ptr()) };
        // SAFETY: It is not registered any more.
        unsafe { bindings::mdiobus_free(self.raw.as_ptr()) };
        // SAFETY: It came from a box, and the bus does not use it any more.
        drop(unsafe { KBox::from_raw(self.chip.as_ptr()) });
    }
}
