// SPDX-License-Identifier: GPL-2.0

//! Drivers that note how they were called.

use super::*;
use crate::{
    error::to_result,
    net::phy::reg::{Mmd, C22, C45},
    sync::atomic::{Atomic, Relaxed},
};

/// A function of the driver [`Full`].
#[derive(Clone, Copy)]
pub(super) enum Call {
    SoftReset,
    Probe,
    GetFeatures,
    ConfigAneg,
    ReadStatus,
    Suspend,
    Resume,
    ReadMmd,
    WriteMmd,
}

/// How often each was called.
static CALLS: [Atomic<u32>; 9] = [const { Atomic::new(0) }; 9];
/// What each fails with, if it is not zero.
pub(super) static FAILURE: Atomic<i32> = Atomic::new(0);
/// What `get_features` fails with, if it is not zero.
pub(super) static NO_FEATURES: Atomic<i32> = Atomic::new(0);
/// Each state that the driver heard of, as a bit.
pub(super) static STATES: Atomic<u32> = Atomic::new(0);
/// What `start_aneg` came to in `suspend`, and in `link_change_notify`.
pub(super) static UNLOCKED: Atomic<i32> = Atomic::new(0);
pub(super) static LOCKED: Atomic<i32> = Atomic::new(0);
/// What was asked of `write_mmd` last.
pub(super) static MMD: [Atomic<u32>; 3] = [const { Atomic::new(0) }; 3];

/// The one that [`Full`] is for.
pub(super) const FULL_ID: u32 = 0xfff0_1001;
/// The one that [`Ten`] is for.
pub(super) const TEN_ID: u32 = 0xfff0_2001;

/// A register that `probe` writes, and what.
pub(super) const MARK: C22 = C22::vendor_specific::<16>();
pub(super) const MARKED: u16 = 0xa55a;

pub(super) fn reset() {
    for call in &CALLS {
        call.store(0, Relaxed);
    }
    for value in [&FAILURE, &NO_FEATURES, &UNLOCKED, &LOCKED] {
        value.store(0, Relaxed);
    }
    STATES.store(0, Relaxed);
}

pub(super) fn calls(call: Call) -> u32 {
    CALLS[call as usize].load(Relaxed)
}

fn called(call: Call) -> Result {
    CALLS[call as usize].add(1, Relaxed);
    to_result(FAILURE.load(Relaxed))
}

pub(super) fn errno(result: Result) -> i32 {
    match result {
        Ok(()) => 0,
        Err(error) => error.to_errno(),
    }
}

/// A driver with all functions.
pub(super) struct Full;

#[vtable]
impl Driver for Full {
    const NAME: &'static CStr = c"rust_phy_test_full";
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_model_mask(FULL_ID);

    fn soft_reset(dev: &mut Device) -> Result {
        called(Call::SoftReset)?;
        dev.genphy_soft_reset()
    }

    fn probe(dev: &mut Device) -> Result {
        called(Call::Probe)?;
        let upper: u32 = dev.read(C22::PHYSID1)?.into();
        let lower: u32 = dev.read(C22::PHYSID2)?.into();
        if upper << 16 | lower != dev.phy_id() || dev.state() != DeviceState::Down {
            return Err(ENODEV);
        }
        dev_dbg!(dev.as_ref(), "probed\n");
        dev.write(MARK, MARKED)
    }

    fn get_features(dev: &mut Device) -> Result {
        called(Call::GetFeatures)?;
        to_result(NO_FEATURES.load(Relaxed))?;
        dev.genphy_read_abilities()
    }

    fn config_aneg(_dev: &mut Device) -> Result {
        called(Call::ConfigAneg)
    }

    fn read_status(dev: &mut Device) -> Result<u16> {
        called(Call::ReadStatus)?;
        dev.genphy_update_link()?;
        dev.set_speed(bindings::SPEED_100);
        dev.set_duplex(DuplexMode::Full);
        // C must not take this for an error.
        Ok(7)
    }

    fn suspend(dev: &mut Device) -> Result {
        UNLOCKED.store(errno(dev.start_aneg()), Relaxed);
        called(Call::Suspend)?;
        dev.genphy_suspend()
    }

    fn resume(dev: &mut Device) -> Result {
        called(Call::Resume)?;
        dev.genphy_resume()
    }

    fn read_mmd(_dev: &mut Device, devnum: u8, regnum: u16) -> Result<u16> {
        called(Call::ReadMmd)?;
        Ok(u16::from(devnum) << 8 | regnum & 0xff)
    }

    fn write_mmd(_dev: &mut Device, devnum: u8, regnum: u16, val: u16) -> Result {
        called(Call::WriteMmd)?;
        MMD[0].store(devnum.into(), Relaxed);
        MMD[1].store(regnum.into(), Relaxed);
        MMD[2].store(val.into(), Relaxed);
        Ok(())
    }

    fn link_change_notify(dev: &mut Device) {
        let state = dev.state();
        STATES.store(STATES.load(Relaxed) | 1 << state as u32, Relaxed);
        if state == DeviceState::Halted {
            LOCKED.store(errno(dev.start_aneg()), Relaxed);
        }
    }
}

/// A driver for a PHY of clause 45, which it looks for by itself.
pub(super) struct Ten;

/// The register that [`Ten`] writes.
pub(super) const TEN_REGISTER: u16 = 0xc300;

#[vtable]
impl Driver for Ten {
    const NAME: &'static CStr = c"rust_phy_test_ten";

    fn match_phy_device(dev: &Device) -> bool {
        // Such PHYs have no number by clause 22.
        dev.phy_id() == 0 && dev.state() == DeviceState::Down && !dev.is_link_up()
    }

    fn probe(dev: &mut Device) -> Result {
        let upper: u32 = dev.read(C45::new(Mmd::PMAPMD, 2))?.into();
        let lower: u32 = dev.read(C45::new(Mmd::PMAPMD, 3))?.into();
        if upper << 16 | lower != TEN_ID {
            return Err(ENODEV);
        }
        // The bus knows nothing of clause 22.
        if dev.read(C22::BMSR).is_ok() {
            return Err(EINVAL);
        }
        dev.write(C45::new(Mmd::VEND2, TEN_REGISTER), 0x1234)
    }

    fn get_features(_dev: &mut Device) -> Result {
        Ok(())
    }
}

/// A driver without functions of clause 45 of its own, for the same PHY as [`Full`].
pub(super) struct Indirect;

#[vtable]
impl Driver for Indirect {
    const NAME: &'static CStr = c"rust_phy_test_indirect";
    const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(FULL_ID);

    fn probe(dev: &mut Device) -> Result {
        let register = C45::new(Mmd::AN, 0x8001);
        dev.write(register, 0x4321)?;
        if dev.read(register)? != 0x4321 {
            return Err(EIO);
        }
        let not_supported = Error::from_errno(-(bindings::EOPNOTSUPP as c_int));
        for (regnum, error) in [(0, not_supported), (31, not_supported), (32, EINVAL)] {
            if dev.read_paged(1, regnum).err() != Some(error) {
                return Err(EDOM);
            }
        }
        Ok(())
    }
}
