// SPDX-License-Identifier: GPL-2.0

//! Tests of clocks, with clocks of their own: structures that a clock's driver in C would have.

use super::*;
use crate::{
    device::testing::RootDevice,
    sync::{
        atomic::{Atomic, Relaxed},
        Arc,
    },
    types::Opaque,
};

/// What the clocks here can have, in hertz: a range, in steps of a kilohertz.
const SLOWEST: c_ulong = 1_000;
const FASTEST: c_ulong = 1_000_000;

/// A clock's driver, as C has one, which keeps count of what it is told.
#[repr(C)]
struct Oscillator {
    hw: Opaque<bindings::clk_hw>,
    prepared: Atomic<i32>,
    enabled: Atomic<i32>,
    rate: Atomic<usize>,
    /// What the next of the operations that can fail returns: 0, or an errno.
    prepare_result: Atomic<i32>,
    enable_result: Atomic<i32>,
}

impl Oscillator {
    /// # Safety
    ///
    /// `hw` is that of an `Oscillator`, which exists for as long as the result is used.
    unsafe fn from_hw<'a>(hw: *mut bindings::clk_hw) -> &'a Self {
        // SAFETY: It is the first field, and the caller says that the rest is there.
        unsafe { &*hw.cast::<Self>() }
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn prepare(hw: *mut bindings::clk_hw) -> c_int {
        // SAFETY: C calls this for the clocks that have it, while they are registered.
        let this = unsafe { Self::from_hw(hw) };
        let result = this.prepare_result.load(Relaxed);
        if result == 0 {
            this.prepared.add(1, Relaxed);
        }
        result
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn unprepare(hw: *mut bindings::clk_hw) {
        // SAFETY: As in `prepare`.
        unsafe { Self::from_hw(hw) }.prepared.add(-1, Relaxed);
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn enable(hw: *mut bindings::clk_hw) -> c_int {
        // SAFETY: As in `prepare`.
        let this = unsafe { Self::from_hw(hw) };
        let result = this.enable_result.load(Relaxed);
        if result == 0 {
            this.enabled.add(1, Relaxed);
        }
        result
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn disable(hw: *mut bindings::clk_hw) {
        // SAFETY: As in `prepare`.
        unsafe { Self::from_hw(hw) }.enabled.add(-1, Relaxed);
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn recalc_rate(hw: *mut bindings::clk_hw, _parent: c_ulong) -> c_ulong {
        // SAFETY: As in `prepare`.
        unsafe { Self::from_hw(hw) }.rate.load(Relaxed)
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn determine_rate(
        _hw: *mut bindings::clk_hw,
        request: *mut bindings::clk_rate_request,
    ) -> c_int {
        // SAFETY: C hands a request over that is its own.
        let request = unsafe { &mut *request };
        if request.rate > FASTEST {
            return EINVAL.to_errno();
        }
        request.rate = request.rate.max(SLOWEST) / SLOWEST * SLOWEST;
        0
    }

    /// # Safety
    ///
    /// For C, in [`OPERATIONS`].
    unsafe extern "C" fn set_rate(
        hw: *mut bindings::clk_hw,
        rate: c_ulong,
        _parent: c_ulong,
    ) -> c_int {
        // SAFETY: As in `prepare`.
        unsafe { Self::from_hw(hw) }.rate.store(rate, Relaxed);
        0
    }
}

/// The operations of an [`Oscillator`].
static OPERATIONS: Operations = Operations({
    let mut operations: bindings::clk_ops = pin_init::zeroed();
    operations.prepare = Some(Oscillator::prepare);
    operations.unprepare = Some(Oscillator::unprepare);
    operations.enable = Some(Oscillator::enable);
    operations.disable = Some(Oscillator::disable);
    operations.recalc_rate = Some(Oscillator::recalc_rate);
    operations.determine_rate = Some(Oscillator::determine_rate);
    operations.set_rate = Some(Oscillator::set_rate);
    operations
});

struct Operations(bindings::clk_ops);

// SAFETY: There are pointers to functions in it, and no others.
unsafe impl Sync for Operations {}

/// A registered clock, and a device whose clock it is, by some name.
///
/// # Invariants
///
/// The clock is registered, and the entry that leads to it is in the list; both are unless they are
/// taken away in `drop`.
struct Board {
    lookup: *mut bindings::clk_lookup,
    oscillator: KBox<Oscillator>,
    dev: RootDevice,
}

impl Board {
    /// Registers a clock of 48 kHz, and a device of that name with the clock under `con_id`.
    fn new(name: &CStr, con_id: Option<&CStr>) -> Result<Self> {
        let dev = RootDevice::new(name)?;
        let oscillator = KBox::new(
            Oscillator {
                hw: Opaque::zeroed(),
                prepared: Atomic::new(0),
                enabled: Atomic::new(0),
                rate: Atomic::new(48_000),
                prepare_result: Atomic::new(0),
                enable_result: Atomic::new(0),
            },
            GFP_KERNEL,
        )?;
        let mut init: bindings::clk_init_data = pin_init::zeroed();
        init.name = name.as_char_ptr();
        init.ops = &raw const OPERATIONS.0;
        let hw = oscillator.hw.get();
        // SAFETY: Nobody else has the structure yet.
        unsafe { (*hw).init = &raw const init };
        // SAFETY: The structure stays where it is until it is unregistered. `init` and the name are
        // copied, and the operations are static.
        to_result(unsafe { bindings::clk_hw_register(ptr::null_mut(), hw) })?;
        // SAFETY: The clock is registered; the strings end with zero bytes and are copied.
        let lookup = unsafe {
            bindings::clkdev_hw_create(
                hw,
                name_or_null(con_id),
                c"%s".as_char_ptr(),
                name.as_char_ptr(),
            )
        };
        assert!(!lookup.is_null());
        // INVARIANT: Both were registered above.
        Ok(Self {
            lookup,
            oscillator,
            dev,
        })
    }

    fn prepared(&self) -> i32 {
        self.oscillator.prepared.load(Relaxed)
    }

    fn enabled(&self) -> i32 {
        self.oscillator.enabled.load(Relaxed)
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        // SAFETY: By the type invariant it is in the list.
        unsafe { bindings::clkdev_drop(self.lookup) };
        // SAFETY: By the type invariant it is registered. Clocks that users still have remain, with
        // operations that C puts in place of these.
        unsafe { bindings::clk_hw_unregister(self.oscillator.hw.get()) };
    }
}

#[crate::macros::kunit_tests(rust_clk)]
mod clock_tests {
    use super::*;

    #[test]
    fn a_clock_is_found_by_its_name() -> Result {
        let board = Board::new(c"rust_clk_name", Some(c"core"))?;
        assert_eq!(Clk::get(&board.dev, Some(c"core"))?.rate(), Hertz(48_000));
        assert_eq!(Clk::get(&board.dev, Some(c"cor")).err(), Some(ENOENT));
        assert_eq!(Clk::get(&board.dev, Some(c"")).err(), Some(ENOENT));
        assert_eq!(Clk::get(&board.dev, None).err(), Some(ENOENT));
        Ok(())
    }

    #[test]
    fn a_clock_without_a_name_is_found_by_any() -> Result {
        let board = Board::new(c"rust_clk_any", None)?;
        assert_eq!(Clk::get(&board.dev, None)?.rate(), Hertz(48_000));
        assert_eq!(Clk::get(&board.dev, Some(c"x"))?.rate(), Hertz(48_000));
        Ok(())
    }

    #[test]
    fn another_device_does_not_have_the_clock() -> Result {
        let _board = Board::new(c"rust_clk_mine", Some(c"core"))?;
        let other = RootDevice::new(c"rust_clk_other")?;
        assert_eq!(Clk::get(&other, Some(c"core")).err(), Some(ENOENT));
        Ok(())
    }

    #[test]
    fn what_was_prepared_and_enabled_can_be_undone() -> Result {
        let board = Board::new(c"rust_clk_steps", Some(c"core"))?;
        let clock = Clk::get(&board.dev, Some(c"core"))?;
        assert_eq!((board.prepared(), board.enabled()), (0, 0));
        clock.prepare()?;
        assert_eq!((board.prepared(), board.enabled()), (1, 0));
        clock.enable()?;
        assert_eq!((board.prepared(), board.enabled()), (1, 1));
        clock.disable();
        assert_eq!((board.prepared(), board.enabled()), (1, 0));
        clock.unprepare();
        assert_eq!((board.prepared(), board.enabled()), (0, 0));
        Ok(())
    }

    #[test]
    fn the_last_of_two_users_switches_it_off() -> Result {
        let board = Board::new(c"rust_clk_users", Some(c"core"))?;
        let first = Clk::get(&board.dev, Some(c"core"))?;
        let second = Clk::get(&board.dev, Some(c"core"))?;
        assert!(first.as_raw() != second.as_raw());
        first.prepare_enable()?;
        second.prepare_enable()?;
        assert_eq!((board.prepared(), board.enabled()), (1, 1));
        first.disable_unprepare();
        drop(first);
        assert_eq!((board.prepared(), board.enabled()), (1, 1));
        second.disable_unprepare();
        assert_eq!((board.prepared(), board.enabled()), (0, 0));
        Ok(())
    }

    #[test]
    fn a_dropped_clock_stays_on() -> Result {
        let board = Board::new(c"rust_clk_drop", Some(c"core"))?;
        let clock = Clk::get(&board.dev, Some(c"core"))?;
        clock.prepare_enable()?;
        drop(clock);
        assert_eq!((board.prepared(), board.enabled()), (1, 1));
        Clk::get(&board.dev, Some(c"core"))?.disable_unprepare();
        assert_eq!((board.prepared(), board.enabled()), (0, 0));
        Ok(())
    }

    #[test]
    fn a_clock_that_does_not_become_steady_is_not_on() -> Result {
        let board = Board::new(c"rust_clk_prepare", Some(c"core"))?;
        let clock = Clk::get(&board.dev, Some(c"core"))?;
        board
            .oscillator
            .prepare_result
            .store(EIO.to_errno(), Relaxed);
        assert_eq!(clock.prepare(), Err(EIO));
        assert_eq!(clock.prepare_enable(), Err(EIO));
        assert_eq!((board.prepared(), board.enabled()), (0, 0));
        board.oscillator.prepare_result.store(0, Relaxed);
        clock.prepare_enable()?;
        clock.disable_unprepare();
        Ok(())
    }

    #[test]
    fn a_clock_that_does_not_run_is_not_left_prepared() -> Result {
        let board = Board::new(c"rust_clk_enable", Some(c"core"))?;
        let clock = Clk::get(&board.dev, Some(c"core"))?;
        board
            .oscillator
            .enable_result
            .store(EBUSY.to_errno(), Relaxed);
        assert_eq!(clock.prepare_enable(), Err(EBUSY));
        assert_eq!((board.prepared(), board.enabled()), (0, 0));
        clock.prepare()?;
        assert_eq!(clock.enable(), Err(EBUSY));
        assert_eq!((board.prepared(), board.enabled()), (1, 0));
        clock.unprepare();
        Ok(())
    }

    #[test]
    fn a_rate_is_set_to_one_that_there_is() -> Result {
        let board = Board::new(c"rust_clk_rate", Some(c"core"))?;
        let clock = Clk::get(&board.dev, Some(c"core"))?;
        for (asked, got) in [
            (96_000, 96_000),
            (96_999, 96_000),
            (0, SLOWEST),
            (1, SLOWEST),
            (FASTEST, FASTEST),
        ] {
            clock.set_rate(Hertz(asked))?;
            assert_eq!(clock.rate(), Hertz(got));
            assert_eq!(board.oscillator.rate.load(Relaxed), got);
        }
        Ok(())
    }

    #[test]
    fn a_rate_that_there_is_not_changes_nothing() -> Result {
        let board = Board::new(c"rust_clk_fast", Some(c"core"))?;
        let clock = Clk::get(&board.dev, Some(c"core"))?;
        assert_eq!(clock.set_rate(Hertz(FASTEST + 1)), Err(EINVAL));
        assert_eq!(clock.set_rate(Hertz(c_ulong::MAX)), Err(EINVAL));
        assert_eq!(clock.rate(), Hertz(48_000));
        Ok(())
    }

    /// C's list of users in debugfs reads the name of the device by an address that the clock has.
    #[test]
    fn a_clock_keeps_its_device() -> Result {
        let board = Board::new(c"rust_clk_keeps", Some(c"core"))?;
        let dev: &Device = &board.dev;
        // SAFETY: The device is alive, and nobody else counts it.
        let count = || unsafe { (*dev.as_raw()).kobj.kref.refcount.refs.counter };
        let before = count();
        let clock = Clk::get(dev, Some(c"core"))?;
        assert_eq!(count(), before + 1);
        let none = OptionalClk::get(dev, Some(c"none"))?;
        assert_eq!(count(), before + 2);
        drop((clock, none));
        assert_eq!(count(), before);
        assert!(Clk::get(dev, Some(c"none")).is_err());
        assert_eq!(count(), before);
        Ok(())
    }

    #[test]
    fn a_clock_may_be_used_by_several_threads() -> Result {
        fn shared<T: Send + Sync>(_: &T) {}
        let board = Board::new(c"rust_clk_shared", Some(c"core"))?;
        let clock = Arc::new(Clk::get(&board.dev, Some(c"core"))?, GFP_KERNEL)?;
        shared(&clock);
        let other = clock.clone();
        clock.prepare_enable()?;
        drop(clock);
        other.disable_unprepare();
        assert_eq!((board.prepared(), board.enabled()), (0, 0));
        Ok(())
    }
}

#[crate::macros::kunit_tests(rust_clk_optional)]
mod optional_tests {
    use super::*;

    #[test]
    fn a_clock_that_there_is_works() -> Result {
        let board = Board::new(c"rust_clk_opt", Some(c"core"))?;
        let clock = OptionalClk::get(&board.dev, Some(c"core"))?;
        clock.prepare_enable()?;
        assert_eq!((board.prepared(), board.enabled()), (1, 1));
        assert_eq!(clock.rate(), Hertz(48_000));
        clock.disable_unprepare();
        assert_eq!((board.prepared(), board.enabled()), (0, 0));
        Ok(())
    }

    #[test]
    fn a_clock_that_there_is_not_does_nothing() -> Result {
        let dev = RootDevice::new(c"rust_clk_opt_none")?;
        for name in [None, Some(c"core")] {
            let clock = OptionalClk::get(&dev, name)?;
            assert!(clock.as_raw().is_null());
            clock.prepare()?;
            clock.enable()?;
            clock.disable();
            clock.unprepare();
            clock.set_rate(Hertz::from_mhz(1))?;
            assert_eq!(clock.rate(), Hertz(0));
        }
        Ok(())
    }
}

#[crate::macros::kunit_tests(rust_clk_hertz)]
mod hertz_tests {
    use super::*;

    #[test]
    fn a_frequency_is_the_same_in_every_unit() {
        assert_eq!(Hertz::from_khz(3), Hertz(3_000));
        assert_eq!(Hertz::from_mhz(3), Hertz(3_000_000));
        assert_eq!(Hertz::from_ghz(3), Hertz(3_000_000_000));
        let frequency = Hertz::from_ghz(2);
        assert_eq!(frequency.as_ghz(), 2);
        assert_eq!(frequency.as_mhz(), 2_000);
        assert_eq!(frequency.as_khz(), 2_000_000);
        assert_eq!(frequency.as_hz(), 2_000_000_000);
        assert_eq!(c_ulong::from(frequency), 2_000_000_000);
    }

    #[test]
    fn a_frequency_is_rounded_down() {
        assert_eq!(Hertz(999).as_khz(), 0);
        assert_eq!(Hertz(1_999).as_khz(), 1);
        assert_eq!(Hertz(1_999_999).as_mhz(), 1);
        assert_eq!(Hertz(1_999_999_999).as_ghz(), 1);
        assert_eq!(Hertz(0).as_ghz(), 0);
    }

    #[test]
    fn a_frequency_ends_at_the_largest_value() {
        const MOST: c_ulong = c_ulong::MAX;
        assert_eq!(Hertz::from_khz(MOST), Hertz(MOST));
        assert_eq!(Hertz::from_mhz(MOST / 1_000), Hertz(MOST));
        assert_eq!(Hertz::from_ghz(MOST), Hertz(MOST));
        assert_eq!(Hertz::from_khz(MOST / 1_000).as_khz(), MOST / 1_000);
        assert_eq!(Hertz(MOST).as_hz(), MOST);
    }
}
