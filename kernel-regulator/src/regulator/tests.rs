// SPDX-License-Identifier: GPL-2.0

//! Tests of supplies, from regulators of their own: structures that a regulator's driver in C would
//! have.

use super::*;
use crate::{
    device::testing::RootDevice,
    faux,
    sync::atomic::{Atomic, Relaxed},
    types::Opaque,
};

/// The lowest voltage of the regulators here, the step between two, and how many there are.
const LOWEST: i32 = 900_000;
const STEP: i32 = 100_000;
const VOLTAGES: u32 = 4;

/// A regulator's driver, as C has one, which keeps count of what it is told.
struct Rail {
    desc: Opaque<bindings::regulator_desc>,
    on: Atomic<i32>,
    switched: Atomic<i32>,
    selector: Atomic<i32>,
    /// What operations of that name return: 0, or an errno.
    enable_result: Atomic<i32>,
    disable_result: Atomic<i32>,
    is_enabled_result: Atomic<i32>,
}

impl Rail {
    /// # Safety
    ///
    /// `rdev` is a regulator that a [`Board`] has registered, which exists for as long as the result is
    /// used.
    unsafe fn from_rdev<'a>(rdev: *mut bindings::regulator_dev) -> &'a Self {
        // SAFETY: The regulator is valid, as the caller says.
        let data = unsafe { bindings::rdev_get_drvdata(rdev) };
        // SAFETY: Its data is the `Rail` of its `Board`, which is there for as long as that.
        unsafe { &*data.cast::<Self>() }
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn enable(rdev: *mut bindings::regulator_dev) -> c_int {
        // SAFETY: C calls this for the regulators that have it, while they are registered.
        let this = unsafe { Self::from_rdev(rdev) };
        let result = this.enable_result.load(Relaxed);
        if result == 0 {
            this.on.store(1, Relaxed);
            this.switched.add(1, Relaxed);
        }
        result
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn disable(rdev: *mut bindings::regulator_dev) -> c_int {
        // SAFETY: As in `enable`.
        let this = unsafe { Self::from_rdev(rdev) };
        let result = this.disable_result.load(Relaxed);
        if result == 0 {
            this.on.store(0, Relaxed);
            this.switched.add(1, Relaxed);
        }
        result
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn is_enabled(rdev: *mut bindings::regulator_dev) -> c_int {
        // SAFETY: As in `enable`.
        let this = unsafe { Self::from_rdev(rdev) };
        match this.is_enabled_result.load(Relaxed) {
            0 => this.on.load(Relaxed),
            errno => errno,
        }
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn list_voltage(
        _rdev: *mut bindings::regulator_dev,
        selector: c_uint,
    ) -> c_int {
        if selector >= VOLTAGES {
            return EINVAL.to_errno();
        }
        LOWEST + STEP * selector as i32
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn set_voltage_sel(
        rdev: *mut bindings::regulator_dev,
        selector: c_uint,
    ) -> c_int {
        // SAFETY: As in `enable`.
        unsafe { Self::from_rdev(rdev) }
            .selector
            .store(selector as i32, Relaxed);
        0
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn get_voltage_sel(rdev: *mut bindings::regulator_dev) -> c_int {
        // SAFETY: As in `enable`.
        unsafe { Self::from_rdev(rdev) }.selector.load(Relaxed)
    }
}

struct Operations(bindings::regulator_ops);

// SAFETY: There are pointers to functions in it, and no others.
unsafe impl Sync for Operations {}

/// The operations of a [`Rail`].
static OPERATIONS: Operations = Operations({
    let mut operations: bindings::regulator_ops = pin_init::zeroed();
    operations.enable = Some(Rail::enable);
    operations.disable = Some(Rail::disable);
    operations.is_enabled = Some(Rail::is_enabled);
    operations.list_voltage = Some(Rail::list_voltage);
    operations.set_voltage_sel = Some(Rail::set_voltage_sel);
    operations.get_voltage_sel = Some(Rail::get_voltage_sel);
    operations
});

/// A registered regulator, which supplies `vdd` of a device. Its users have to go first.
///
/// # Invariants
///
/// The regulator is registered until `drop`.
struct Board {
    rdev: *mut bindings::regulator_dev,
    rail: KBox<Rail>,
    dev: RootDevice,
}

impl Board {
    /// Registers a device, and a regulator of its own with that name.
    fn new(name: &'static CStr) -> Result<Self> {
        let may = bindings::REGULATOR_CHANGE_STATUS | bindings::REGULATOR_CHANGE_VOLTAGE;
        Self::with_permissions(name, may)
    }

    /// The same, with what the board allows to change.
    fn with_permissions(name: &'static CStr, may: u32) -> Result<Self> {
        let dev = RootDevice::new(name)?;
        let rail = KBox::new(
            Rail {
                desc: Opaque::zeroed(),
                on: Atomic::new(0),
                switched: Atomic::new(0),
                selector: Atomic::new(0),
                enable_result: Atomic::new(0),
                disable_result: Atomic::new(0),
                is_enabled_result: Atomic::new(0),
            },
            GFP_KERNEL,
        )?;
        // SAFETY: Nobody else has the structure yet, and it is zeroed, which is valid.
        let desc = unsafe { &mut *rail.desc.get() };
        desc.name = name.as_char_ptr();
        desc.ops = &raw const OPERATIONS.0;
        desc.n_voltages = VOLTAGES;

        let mut supply: bindings::regulator_consumer_supply = pin_init::zeroed();
        supply.dev_name = name.as_char_ptr();
        supply.supply = c"vdd".as_char_ptr();
        let mut init: bindings::regulator_init_data = pin_init::zeroed();
        init.constraints.min_uV = LOWEST;
        init.constraints.max_uV = LOWEST + STEP * (VOLTAGES as i32 - 1);
        init.constraints.valid_ops_mask = may;
        init.num_consumer_supplies = 1;
        init.consumer_supplies = &raw mut supply;
        let mut config: bindings::regulator_config = pin_init::zeroed();
        config.dev = dev.as_raw();
        config.init_data = &raw const init;
        config.driver_data = (&raw const *rail).cast_mut().cast();

        // SAFETY: The description and the data stay where they are until the regulator is unregistered;
        // so does the device. The strings are static, and the rest is copied.
        let rdev = unsafe { bindings::regulator_register(dev.as_raw(), desc, &raw const config) };
        // INVARIANT: It is no error, so it has been registered.
        Ok(Self {
            rdev: from_err_ptr(rdev)?,
            rail,
            dev,
        })
    }

    fn is_on(&self) -> bool {
        self.rail.on.load(Relaxed) == 1
    }

    /// How many users there are.
    fn users(&self) -> u32 {
        // SAFETY: By the type invariant it is registered.
        unsafe { (*self.rdev).open_count }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is registered, and the tests drop the users first.
        unsafe { bindings::regulator_unregister(self.rdev) };
    }
}

/// The device of a faux registration, whose bus's driver is bound to it.
fn bound(faux: &faux::Registration) -> &Device<Bound> {
    // SAFETY: A faux device is bound for as long as it is there.
    unsafe { faux.as_ref().as_bound() }
}

fn volts(microvolts: i32) -> Voltage {
    Voltage::from_microvolts(microvolts)
}

#[crate::macros::kunit_tests(rust_regulator)]
mod state_tests {
    use super::*;

    #[test]
    fn a_supply_is_got_as_it_is() -> Result {
        let board = Board::new(c"rust_reg_as_is")?;
        let supply = Regulator::<Disabled>::get(&board.dev, c"vdd")?;
        assert!(!supply.is_enabled());
        assert_eq!(board.users(), 1);
        drop(supply);
        assert_eq!(board.users(), 0);
        assert_eq!(board.rail.switched.load(Relaxed), 0);
        Ok(())
    }

    #[test]
    fn a_supply_that_is_on_goes_off_with_its_user() -> Result {
        let board = Board::new(c"rust_reg_drop")?;
        let supply = Regulator::<Enabled>::get(&board.dev, c"vdd")?;
        assert!(board.is_on());
        drop(supply);
        assert!(!board.is_on());
        assert_eq!(board.users(), 0);
        Ok(())
    }

    #[test]
    fn a_supply_goes_on_and_off() -> Result {
        let board = Board::new(c"rust_reg_on_off")?;
        let mut supply = Regulator::<Disabled>::get(&board.dev, c"vdd")?;
        for turn in 1..=3 {
            let on = supply.try_into_enabled().map_err(|failed| failed.error)?;
            assert!(board.is_on());
            supply = on.try_into_disabled().map_err(|failed| failed.error)?;
            assert!(!board.is_on());
            assert!(!supply.is_enabled());
            assert_eq!(board.rail.switched.load(Relaxed), 2 * turn);
        }
        assert_eq!(board.users(), 1);
        Ok(())
    }

    #[test]
    fn a_supply_is_on_while_one_of_two_users_needs_it() -> Result {
        let board = Board::new(c"rust_reg_two")?;
        let first = Regulator::<Enabled>::get(&board.dev, c"vdd")?;
        let second = Regulator::<Enabled>::get(&board.dev, c"vdd")?;
        let third = Regulator::<Disabled>::get(&board.dev, c"vdd")?;
        assert_eq!(board.users(), 3);
        assert!(third.is_enabled());
        let first = first.try_into_disabled().map_err(|failed| failed.error)?;
        assert!(first.is_enabled());
        assert!(board.is_on());
        drop(third);
        assert!(board.is_on());
        drop(second);
        assert!(!first.is_enabled());
        assert!(!board.is_on());
        Ok(())
    }

    #[test]
    fn a_regulator_that_does_not_go_on_is_given_back() -> Result {
        let board = Board::new(c"rust_reg_no_on")?;
        board.rail.enable_result.store(EIO.to_errno(), Relaxed);
        let supply = Regulator::<Disabled>::get(&board.dev, c"vdd")?;
        let failed = supply.try_into_enabled().err().ok_or(EINVAL)?;
        assert_eq!(failed.error, EIO);
        assert!(!failed.regulator.is_enabled());
        assert_eq!(board.users(), 1);
        assert_eq!(
            Regulator::<Enabled>::get(&board.dev, c"vdd").err(),
            Some(EIO)
        );
        assert_eq!(board.users(), 1);
        board.rail.enable_result.store(0, Relaxed);
        let supply = failed.regulator.try_into_enabled();
        assert!(supply.is_ok() && board.is_on());
        drop(supply);
        assert!(!board.is_on());
        Ok(())
    }

    #[test]
    fn a_regulator_that_does_not_go_off_is_given_back() -> Result {
        let board = Board::new(c"rust_reg_no_off")?;
        let supply = Regulator::<Enabled>::get(&board.dev, c"vdd")?;
        board.rail.disable_result.store(EIO.to_errno(), Relaxed);
        let failed = supply.try_into_disabled().err().ok_or(EINVAL)?;
        assert_eq!(failed.error, EIO);
        assert!(board.is_on());
        board.rail.disable_result.store(0, Relaxed);
        // Its drop knows that it is still on.
        drop(failed);
        assert!(!board.is_on());
        assert_eq!(board.users(), 0);
        Ok(())
    }

    #[test]
    fn a_board_may_forbid_to_switch() -> Result {
        let board = Board::with_permissions(c"rust_reg_forbid", 0)?;
        let supply = Regulator::<Disabled>::get(&board.dev, c"vdd")?;
        let failed = supply.try_into_enabled().err().ok_or(EINVAL)?;
        assert_eq!(failed.error, EPERM);
        assert!(!board.is_on());
        Ok(())
    }

    #[test]
    fn a_state_that_is_not_known_is_not_on() -> Result {
        let board = Board::new(c"rust_reg_unknown")?;
        let supply = Regulator::<Disabled>::get(&board.dev, c"vdd")?;
        board.rail.on.store(1, Relaxed);
        assert!(supply.is_enabled());
        board.rail.is_enabled_result.store(EIO.to_errno(), Relaxed);
        assert!(!supply.is_enabled());
        Ok(())
    }

    /// C's list of users in debugfs reads the device by an address that the regulator has.
    #[test]
    fn a_regulator_keeps_its_device() -> Result {
        let board = Board::new(c"rust_reg_keeps")?;
        let dev: ARef<Device> = (&*board.dev).into();
        // SAFETY: The device is alive, and nobody changes the count meanwhile.
        let count = || unsafe { (*dev.as_raw()).kobj.kref.refcount.refs.counter };
        let one = Regulator::<Disabled>::get(&dev, c"vdd")?;
        let with_one = count();
        let two = Regulator::<Disabled>::get(&dev, c"vdd")?;
        // C's link from the device to the regulator counts it once, for all of the device's users.
        assert_eq!(count(), with_one + 1);
        // What changes its state goes on counting it once.
        let two = two.try_into_enabled().map_err(|failed| failed.error)?;
        assert_eq!(count(), with_one + 1);
        drop(two);
        assert_eq!(count(), with_one);
        drop(one);
        Ok(())
    }
}

#[crate::macros::kunit_tests(rust_regulator_voltage)]
mod voltage_tests {
    use super::*;

    #[test]
    fn a_voltage_is_the_lowest_in_the_range() -> Result {
        let board = Board::new(c"rust_reg_range")?;
        let supply = Regulator::<Disabled>::get(&board.dev, c"vdd")?;
        assert_eq!(supply.get_voltage()?, volts(LOWEST));
        for (min, max, got) in [
            (1_000_000, 1_000_000, 1_000_000),
            (1_000_001, 1_100_000, 1_100_000),
            (1_150_000, i32::MAX, 1_200_000),
            (0, i32::MAX, LOWEST),
            (i32::MIN, 950_000, LOWEST),
        ] {
            supply.set_voltage(volts(min), volts(max))?;
            assert_eq!(supply.get_voltage()?, volts(got));
        }
        Ok(())
    }

    #[test]
    fn a_range_without_a_voltage_changes_nothing() -> Result {
        let board = Board::new(c"rust_reg_none")?;
        let supply = Regulator::<Enabled>::get(&board.dev, c"vdd")?;
        supply.set_voltage(volts(1_000_000), volts(1_000_000))?;
        for (min, max) in [
            (1_000_001, 1_099_999),
            (1_200_001, i32::MAX),
            (i32::MIN, LOWEST - 1),
        ] {
            assert_eq!(supply.set_voltage(volts(min), volts(max)), Err(EINVAL));
            assert_eq!(supply.get_voltage()?, volts(1_000_000));
        }
        Ok(())
    }

    /// For C this is a bug, at which it stops the kernel.
    #[test]
    fn a_range_has_its_lower_end_first() -> Result {
        let board = Board::new(c"rust_reg_ends")?;
        let supply = Regulator::<Disabled>::get(&board.dev, c"vdd")?;
        for (min, max) in [(1_000_001, 1_000_000), (i32::MAX, i32::MIN), (0, -1)] {
            assert_eq!(supply.set_voltage(volts(min), volts(max)), Err(EINVAL));
        }
        assert_eq!(supply.get_voltage()?, volts(LOWEST));
        Ok(())
    }

    #[test]
    fn a_voltage_suits_all_users() -> Result {
        let board = Board::new(c"rust_reg_suits")?;
        let first = Regulator::<Enabled>::get(&board.dev, c"vdd")?;
        let second = Regulator::<Enabled>::get(&board.dev, c"vdd")?;
        first.set_voltage(volts(1_000_000), volts(1_100_000))?;
        second.set_voltage(volts(1_100_000), volts(1_200_000))?;
        assert_eq!(second.get_voltage()?, volts(1_100_000));
        assert_eq!(
            second.set_voltage(volts(1_200_000), volts(1_200_000)),
            Err(EINVAL)
        );
        Ok(())
    }

    #[test]
    fn a_board_may_forbid_to_set() -> Result {
        let board = Board::with_permissions(c"rust_reg_fixed", bindings::REGULATOR_CHANGE_STATUS)?;
        let supply = Regulator::<Enabled>::get(&board.dev, c"vdd")?;
        // The voltage that there is may be asked for.
        supply.set_voltage(volts(LOWEST), volts(LOWEST))?;
        assert_eq!(
            supply.set_voltage(volts(1_000_000), volts(1_000_000)),
            Err(EPERM)
        );
        Ok(())
    }

    #[test]
    fn a_voltage_is_what_it_was_made_of() {
        for microvolts in [0, 1, -1, i32::MIN, i32::MAX] {
            assert_eq!(volts(microvolts).as_microvolts(), microvolts);
        }
    }
}

#[crate::macros::kunit_tests(rust_regulator_missing)]
mod missing_tests {
    use super::*;

    #[test]
    fn a_supply_that_is_not_described_is_taken_for_one_that_is_on() -> Result {
        testing::assume_all_supplies();
        let dev = RootDevice::new(c"rust_reg_missing")?;
        let supply = Regulator::<Disabled>::get(&dev, c"vdd")?;
        assert!(supply.is_enabled());
        let supply = supply.try_into_enabled().map_err(|failed| failed.error)?;
        assert_eq!(supply.get_voltage(), Err(EINVAL));
        assert_eq!(
            supply.set_voltage(volts(1_000_000), volts(1_000_000)),
            Err(EINVAL)
        );
        assert!(supply.try_into_disabled().is_ok());
        Ok(())
    }

    #[test]
    fn another_name_is_another_supply() -> Result {
        testing::assume_all_supplies();
        let board = Board::new(c"rust_reg_another")?;
        let _other = Regulator::<Enabled>::get(&board.dev, c"vd")?;
        assert_eq!(board.users(), 0);
        assert!(!board.is_on());
        Ok(())
    }

    #[test]
    fn a_supply_of_a_bound_device_is_on_until_it_is_unbound() -> Result {
        let dev = faux::Registration::new(c"rust_reg_devm", None)?;
        let board = Board::new(c"rust_reg_devm_rail")?;
        // The regulator's own name finds it for devices that nothing was said about.
        devm_enable(bound(&dev), c"rust_reg_devm_rail")?;
        assert!(board.is_on());
        assert_eq!(board.users(), 1);
        drop(dev);
        assert!(!board.is_on());
        assert_eq!(board.users(), 0);
        Ok(())
    }

    #[test]
    fn an_optional_supply_that_there_is_is_on_until_the_device_is_unbound() -> Result {
        let dev = faux::Registration::new(c"rust_reg_opt", None)?;
        let board = Board::new(c"rust_reg_opt_rail")?;
        devm_enable_optional(bound(&dev), c"rust_reg_opt_rail")?;
        assert!(board.is_on());
        drop(dev);
        assert!(!board.is_on());
        assert_eq!(board.users(), 0);
        Ok(())
    }

    #[test]
    fn an_optional_supply_that_there_is_not_is_an_error() -> Result {
        testing::assume_all_supplies();
        let dev = faux::Registration::new(c"rust_reg_opt_none", None)?;
        assert_eq!(devm_enable_optional(bound(&dev), c"vdd"), Err(ENODEV));
        devm_enable(bound(&dev), c"vdd")?;
        Ok(())
    }

    #[test]
    fn a_supply_that_does_not_go_on_leaves_nothing_behind() -> Result {
        let dev = faux::Registration::new(c"rust_reg_devm_no", None)?;
        let board = Board::new(c"rust_reg_no_rail")?;
        board.rail.enable_result.store(EIO.to_errno(), Relaxed);
        assert_eq!(devm_enable(bound(&dev), c"rust_reg_no_rail"), Err(EIO));
        assert_eq!(board.users(), 0);
        Ok(())
    }
}
