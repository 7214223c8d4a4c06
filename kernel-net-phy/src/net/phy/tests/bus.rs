// SPDX-License-Identifier: GPL-2.0

//! Tests of drivers with a PHY on a made-up bus.

use super::{
    chip::{Bus, Clause},
    driven::{self, calls, Call, Full, Indirect, Ten, FULL_ID, TEN_ID},
    *,
};
use crate::{
    error::{from_err_ptr, to_result},
    sync::{
        atomic::{Atomic, Relaxed},
        Arc, Completion,
    },
};

/// A bus with a PHY, and the driver for it.
struct Board {
    // The first to go: the driver is unbound while it is there.
    bus: Bus,
    _driver: Registered<1>,
}

impl Board {
    fn new() -> Result<Self> {
        driven::reset();
        Ok(Board {
            _driver: Registered::new([create_phy_driver::<Full>()])?,
            bus: Bus::new(Clause::C22, FULL_ID)?,
        })
    }

    fn phy(&self) -> Result<*mut bindings::phy_device> {
        Ok(self.bus.phy()?.as_ptr())
    }
}

/// Runs `f` with the PHY's lock.
fn locked<R>(phy: *mut bindings::phy_device, f: impl FnOnce() -> R) -> R {
    // SAFETY: The PHY is there for as long as its bus, which the tests have.
    let lock = unsafe { &raw mut (*phy).lock };
    // SAFETY: It is initialised.
    unsafe { bindings::mutex_lock(lock) };
    let result = f();
    // SAFETY: It was locked above.
    unsafe { bindings::mutex_unlock(lock) };
    result
}

/// What [`start_aneg_elsewhere`] has another task do.
#[pin_data]
struct Errand {
    phy: *mut bindings::phy_device,
    errno: Atomic<i32>,
    #[pin]
    done: Completion,
}

/// Calls `start_aneg` in another task. The PHY is bound.
fn start_aneg_elsewhere(phy: *mut bindings::phy_device) -> Result<Result> {
    /// # Safety
    ///
    /// `errand` is one that `start_aneg_elsewhere` gives away.
    unsafe extern "C" fn run(errand: *mut c_void) -> c_int {
        // SAFETY: As the caller says.
        let errand = unsafe { Arc::from_raw(errand.cast_const().cast::<Errand>()) };
        // SAFETY: Who waits below has the PHY, which is bound.
        let dev = unsafe { Device::from_raw_mut(errand.phy) };
        errand.errno.store(driven::errno(dev.start_aneg()), Relaxed);
        errand.done.complete_all();
        0
    }

    let errand = pin_init!(Errand {
        phy,
        errno: Atomic::new(0),
        done <- Completion::new(),
    });
    let errand = Arc::pin_init(errand, GFP_KERNEL)?;
    let data = Arc::into_raw(errand.clone());
    // SAFETY: The function takes one reference; the name has no directives.
    let task = unsafe {
        bindings::kthread_create_on_node(
            Some(run),
            data.cast_mut().cast(),
            bindings::NUMA_NO_NODE,
            c"rust_phy_test".as_char_ptr(),
        )
    };
    let task = match from_err_ptr(task) {
        Ok(task) => task,
        Err(error) => {
            // SAFETY: No task has taken it.
            drop(unsafe { Arc::from_raw(data) });
            return Err(error);
        }
    };
    // SAFETY: It was made above, and ends only after it has been woken.
    unsafe { bindings::wake_up_process(task) };
    errand.done.wait_for_completion();
    Ok(to_result(errand.errno.load(Relaxed)))
}

/// The driver that the PHY has.
fn driver_of(phy: *mut bindings::phy_device) -> *const bindings::phy_driver {
    // SAFETY: The PHY is there for as long as its bus, which the tests have.
    unsafe { (*phy).drv }
}

/// What a controller would do about the link.
extern "C" fn link_changed(_phy: *mut bindings::phy_device, _up: bool) {}

#[crate::macros::kunit_tests(rust_net_phy_bus)]
mod bus_tests {
    use super::*;

    #[test]
    fn a_driver_gets_the_phy_that_it_matches() -> Result {
        let board = Board::new()?;
        let phy = board.phy()?;
        assert!(!driver_of(phy).is_null());
        assert_eq!(calls(Call::Probe), 1);
        assert_eq!(calls(Call::GetFeatures), 1);
        let mark = board.bus.chip().c22[16].load(Relaxed);
        assert_eq!(mark, u32::from(driven::MARKED));
        // SAFETY: The PHY is on the board, and bound.
        let dev = unsafe { Device::from_raw(phy) };
        assert_eq!(dev.phy_id(), FULL_ID);
        assert_eq!(dev.state(), DeviceState::Ready);
        assert!(!dev.is_link_up() && !dev.is_autoneg_completed());
        Ok(())
    }

    #[test]
    fn a_driver_may_come_after_the_phy_and_go_before_it() -> Result {
        driven::reset();
        let bus = Bus::new(Clause::C22, FULL_ID)?;
        let phy = bus.phy()?.as_ptr();
        assert!(driver_of(phy).is_null());
        for round in 1..4 {
            let driver = Registered::new([create_phy_driver::<Full>()])?;
            assert!(!driver_of(phy).is_null());
            assert_eq!(calls(Call::Probe), round);
            drop(driver);
            assert!(driver_of(phy).is_null());
        }
        Ok(())
    }

    #[test]
    fn a_phy_without_a_match_is_left_alone() -> Result {
        driven::reset();
        let _driver = Registered::new([create_phy_driver::<Full>()])?;
        let bus = Bus::new(Clause::C22, FULL_ID + 0x10)?;
        assert!(driver_of(bus.phy()?.as_ptr()).is_null());
        assert_eq!(calls(Call::Probe), 0);
        Ok(())
    }

    #[test]
    fn a_failing_probe_leaves_the_phy_alone() -> Result {
        driven::reset();
        driven::FAILURE.store(EIO.to_errno(), Relaxed);
        let bus = Bus::new(Clause::C22, FULL_ID)?;
        let phy = bus.phy()?.as_ptr();
        let driver = Registered::new([create_phy_driver::<Full>()])?;
        assert_eq!(calls(Call::Probe), 1);
        assert_eq!(calls(Call::GetFeatures), 0);
        assert!(driver_of(phy).is_null());
        driven::FAILURE.store(0, Relaxed);
        // What others read of the PHY is not the driver's to answer.
        // SAFETY: The PHY is on the bus.
        let ret = unsafe { bindings::phy_read_mmd(phy, 31, 0x12) };
        assert_eq!((ret, calls(Call::ReadMmd)), (0, 0));
        drop(driver);
        // SAFETY: As above.
        assert_eq!(unsafe { bindings::phy_read_mmd(phy, 31, 0x12) }, 0);
        drop(bus);
        Ok(())
    }

    #[test]
    fn a_phy_without_features_is_left_alone() -> Result {
        driven::reset();
        driven::NO_FEATURES.store(EIO.to_errno(), Relaxed);
        let bus = Bus::new(Clause::C22, FULL_ID)?;
        let phy = bus.phy()?.as_ptr();
        let driver = Registered::new([create_phy_driver::<Full>()])?;
        assert_eq!(calls(Call::Probe), 1);
        assert_eq!(calls(Call::GetFeatures), 1);
        assert!(driver_of(phy).is_null());
        drop(driver);
        // The next one has it.
        driven::NO_FEATURES.store(0, Relaxed);
        let driver = Registered::new([create_phy_driver::<Full>()])?;
        assert!(!driver_of(phy).is_null());
        drop(driver);
        assert!(driver_of(phy).is_null());
        Ok(())
    }

    #[test]
    fn failures_of_the_driver_and_of_the_bus_reach_c() -> Result {
        let board = Board::new()?;
        let phy = board.phy()?;
        // SAFETY: The PHY is on the board, and bound.
        let init = || to_result(unsafe { bindings::phy_init_hw(phy) });
        assert_eq!(init(), Ok(()));
        driven::FAILURE.store(ENXIO.to_errno(), Relaxed);
        assert_eq!(init(), Err(ENXIO));
        driven::FAILURE.store(0, Relaxed);
        board.bus.chip().failure.store(EIO.to_errno(), Relaxed);
        assert_eq!(init(), Err(EIO));
        board.bus.chip().failure.store(0, Relaxed);
        assert_eq!(init(), Ok(()));
        assert_eq!(calls(Call::SoftReset), 4);
        Ok(())
    }

    #[test]
    fn a_status_is_no_error() -> Result {
        let board = Board::new()?;
        let phy = board.phy()?;
        let link = bindings::BMSR_LSTATUS | bindings::BMSR_ANEGCOMPLETE;
        board.bus.chip().c22[1].store(link, Relaxed);
        // SAFETY: The PHY has a driver, which is there for as long as the board.
        let read_status = unsafe { (*driver_of(phy)).read_status }.ok_or(EINVAL)?;
        // SAFETY: It is the driver's, for a PHY of its own, with the lock held.
        assert_eq!(locked(phy, || unsafe { read_status(phy) }), 0);
        // SAFETY: The PHY is on the board, and bound.
        let dev = unsafe { Device::from_raw(phy) };
        assert!(dev.is_link_up() && dev.is_autoneg_enabled() && dev.is_autoneg_completed());
        // SAFETY: The PHY is there, and nobody else uses it.
        let speed = unsafe { (*phy).speed };
        // SAFETY: As above.
        let duplex = unsafe { (*phy).duplex };
        assert_eq!(speed, bindings::SPEED_100 as c_int);
        assert_eq!(duplex, bindings::DUPLEX_FULL as c_int);
        Ok(())
    }

    #[test]
    fn registers_of_clause_45_may_be_the_driver_s() -> Result {
        let board = Board::new()?;
        let phy = board.phy()?;
        let before = calls(Call::ReadMmd);
        // SAFETY: The PHY is on the board, and bound.
        assert_eq!(unsafe { bindings::phy_read_mmd(phy, 31, 0x12) }, 0x1f12);
        assert_eq!(calls(Call::ReadMmd), before + 1);
        // SAFETY: As above.
        let ret = unsafe { bindings::phy_write_mmd(phy, 30, 0xffff, 0xabcd) };
        assert_eq!(ret, 0);
        let last = [0, 1, 2].map(|i| driven::MMD[i].load(Relaxed));
        assert_eq!(last, [30, 0xffff, 0xabcd]);
        driven::FAILURE.store(EINVAL.to_errno(), Relaxed);
        // SAFETY: As above.
        let failed = unsafe { bindings::phy_read_mmd(phy, 1, 1) };
        assert_eq!(to_result(failed), Err(EINVAL));
        // SAFETY: As above.
        let failed = unsafe { bindings::phy_write_mmd(phy, 1, 1, 1) };
        assert_eq!(to_result(failed), Err(EINVAL));
        driven::FAILURE.store(0, Relaxed);
        Ok(())
    }

    #[test]
    fn registers_of_clause_45_are_reached_by_those_of_22() -> Result {
        let _driver = Registered::new([create_phy_driver::<Indirect>()])?;
        let bus = Bus::new(Clause::C22, FULL_ID)?;
        // `probe` has looked whether it reads what it wrote, and at errors.
        assert!(!driver_of(bus.phy()?.as_ptr()).is_null());
        assert_eq!(bus.chip().last_mmd(), (7, 0x8001, 0x4321));
        Ok(())
    }

    #[test]
    fn a_phy_of_clause_45_is_found_by_the_driver() -> Result {
        let driver = Registered::new([create_phy_driver::<Ten>()])?;
        let bus = Bus::new(Clause::C45, TEN_ID)?;
        let phy = bus.phy()?.as_ptr();
        assert!(!driver_of(phy).is_null());
        assert_eq!(
            bus.chip().last_mmd(),
            (31, driven::TEN_REGISTER.into(), 0x1234)
        );
        drop(driver);
        assert!(driver_of(phy).is_null());
        Ok(())
    }

    #[test]
    fn a_phy_sleeps_and_wakes() -> Result {
        let board = Board::new()?;
        let phy = board.phy()?;
        let control = &board.bus.chip().c22[0];
        // SAFETY: The PHY is on the board, and bound.
        to_result(unsafe { bindings::phy_suspend(phy) })?;
        assert_eq!(calls(Call::Suspend), 1);
        assert_ne!(control.load(Relaxed) & bindings::BMCR_PDOWN, 0);
        // SAFETY: As above.
        to_result(unsafe { bindings::phy_resume(phy) })?;
        assert_eq!(calls(Call::Resume), 1);
        assert_eq!(control.load(Relaxed) & bindings::BMCR_PDOWN, 0);
        Ok(())
    }

    #[test]
    fn negotiation_needs_the_lock() -> Result {
        let board = Board::new()?;
        let phy = board.phy()?;
        // SAFETY: The PHY is on the board, and bound.
        to_result(unsafe { bindings::phy_suspend(phy) })?;
        assert_eq!(driven::UNLOCKED.load(Relaxed), EPERM.to_errno());
        assert_eq!(calls(Call::ConfigAneg), 0);
        // SAFETY: As above.
        let dev = unsafe { Device::from_raw_mut(phy) };
        assert_eq!(locked(phy, || dev.start_aneg()), Ok(()));
        assert_eq!(calls(Call::ConfigAneg), 1);
        Ok(())
    }

    #[test]
    fn who_has_the_lock_has_to_be_who_negotiates() -> Result {
        let board = Board::new()?;
        let phy = board.phy()?;
        assert_eq!(locked(phy, || start_aneg_elsewhere(phy))?, Err(EPERM));
        assert_eq!(start_aneg_elsewhere(phy)?, Err(EPERM));
        assert_eq!(calls(Call::ConfigAneg), 0);
        Ok(())
    }

    #[test]
    fn a_driver_hears_of_each_state() -> Result {
        let board = Board::new()?;
        let phy = board.phy()?;
        let link = bindings::BMSR_LSTATUS | bindings::BMSR_ANEGCOMPLETE;
        board.bus.chip().c22[1].store(link, Relaxed);
        // SAFETY: The PHY is on the board, and nobody uses it yet.
        unsafe { (*phy).phy_link_change = Some(link_changed) };
        // SAFETY: The PHY is on the board, and bound.
        unsafe { bindings::phy_start(phy) };
        // The library's machine is run from here, and not by itself.
        // SAFETY: The PHY is on the board.
        let queue = unsafe { &raw mut (*phy).state_queue };
        // SAFETY: It is initialised.
        unsafe { bindings::cancel_delayed_work_sync(queue) };
        // SAFETY: As above.
        let work = unsafe { &raw mut (*queue).work };
        // SAFETY: It is the work of a PHY that was started.
        unsafe { bindings::phy_state_machine(work) };
        // SAFETY: It is initialised.
        unsafe { bindings::cancel_delayed_work_sync(queue) };
        // SAFETY: The PHY is on the board.
        let dev = unsafe { Device::from_raw(phy) };
        assert_eq!(dev.state(), DeviceState::Running);
        // SAFETY: The PHY is on the board, and was started.
        unsafe { bindings::phy_stop(phy) };
        let heard = driven::STATES.load(Relaxed);
        for state in [DeviceState::Running, DeviceState::Halted] {
            assert_ne!(heard & (1 << state as u32), 0);
        }
        assert_eq!(heard & (1 << DeviceState::Error as u32), 0);
        // There the lock is held.
        assert_eq!(driven::LOCKED.load(Relaxed), 0);
        assert_eq!(calls(Call::Resume), 1);
        assert_eq!(calls(Call::Suspend), 1);
        assert!(calls(Call::ConfigAneg) >= 1 && calls(Call::ReadStatus) >= 1);
        Ok(())
    }
}
