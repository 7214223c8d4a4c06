// SPDX-License-Identifier: GPL-2.0

//! Tests of drivers: how devices come to them, and how they go.

use super::*;
use crate::{
    device::Bound,
    devres,
    sync::atomic::{Atomic, Relaxed},
};

/// How many [`Part`]s there are.
static PARTS: Atomic<i32> = Atomic::new(0);
/// What has happened since [`start`], a decimal digit each.
static STORY: Atomic<i64> = Atomic::new(0);

const PROBED: i64 = 1;
const UNBOUND: i64 = 2;
const DROPPED: i64 = 3;
const RELEASED: i64 = 4;

fn start() {
    STORY.store(0, Relaxed);
}

fn happens(what: i64) {
    // A story too long for a number is one that nobody asks for.
    let story = STORY.load(Relaxed).wrapping_mul(10).wrapping_add(what);
    STORY.store(story, Relaxed);
}

fn story() -> i64 {
    STORY.load(Relaxed)
}

/// A part of a driver's data, which says when it goes.
struct Part(i64);

impl Part {
    fn new(what: i64) -> Self {
        PARTS.add(1, Relaxed);
        Self(what)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        PARTS.add(-1, Relaxed);
        if self.0 != 0 {
            happens(self.0);
        }
    }
}

/// Where [`Stepwise::probe`] fails: 0 for nowhere.
static FAILS_AT: Atomic<i32> = Atomic::new(0);

fn step(number: i32) -> Result {
    if FAILS_AT.load(Relaxed) == number {
        return Err(E2BIG);
    }
    Ok(())
}

/// A driver whose `probe` has several steps.
#[pin_data]
struct Stepwise {
    _first: Part,
    #[pin]
    _second: Part,
}

impl Driver for Stepwise {
    type IdInfo = ();
    type Data<'bound> = Self;

    fn probe<'bound>(
        pdev: &'bound Device<Core<'_>>,
        info: Option<&'bound ()>,
    ) -> impl PinInit<Self, Error> + 'bound {
        assert!(info.is_none());
        pin_init::pin_init_scope(move || {
            step(1)?;
            let dev: &device::Device<Bound> = pdev.as_ref();
            devres::register(dev, Part::new(RELEASED), GFP_KERNEL)?;
            step(2)?;
            Ok(try_pin_init!(Self {
                _first: {
                    step(3)?;
                    Part::new(DROPPED)
                },
                _second: {
                    step(4)?;
                    happens(PROBED);
                    Part::new(0)
                },
            }))
        })
    }

    fn unbind<'bound>(pdev: &'bound Device<Core<'_>>, this: Pin<&Self>) {
        assert_eq!(this._first.0, DROPPED);
        assert!(pdev
            .as_ref()
            .name()
            .to_bytes()
            .starts_with(b"rust_stepwise"));
        happens(UNBOUND);
    }
}

/// A driver whose data borrow from the device.
struct Borrowing;

struct Borrowed<'a> {
    pdev: &'a Device<Bound>,
    _part: Part,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        // It is still there, and bound.
        assert_eq!(self.pdev.as_ref().name(), c"rust_borrowing");
        happens(DROPPED);
    }
}

impl Driver for Borrowing {
    type IdInfo = ();
    type Data<'bound> = Borrowed<'bound>;

    fn probe<'bound>(
        pdev: &'bound Device<Core<'_>>,
        _info: Option<&'bound ()>,
    ) -> impl PinInit<Borrowed<'bound>, Error> + 'bound {
        Ok(Borrowed {
            pdev,
            _part: Part::new(0),
        })
    }
}

#[crate::macros::kunit_tests(rust_platform_binding)]
mod cases {
    use super::*;

    #[test]
    fn a_device_is_bound_and_unbound_in_order() -> Result {
        start();
        let driver = register::<Stepwise>(c"rust_stepwise")?;
        let pdev = Registered::new(c"rust_stepwise")?;
        assert!(pdev.is_bound());
        assert_eq!((story(), PARTS.load(Relaxed)), (PROBED, 3));

        pdev.unbind();
        assert!(!pdev.is_bound());
        // The data go before what belongs to the device.
        assert_eq!((story(), PARTS.load(Relaxed)), (1234, 0));
        // Once more does nothing.
        pdev.unbind();
        assert_eq!(story(), 1234);
        drop(driver);
        Ok(())
    }

    #[test]
    fn the_driver_may_come_after_the_device() -> Result {
        start();
        let pdev = Registered::new(c"rust_stepwise")?;
        assert!(!pdev.is_bound());
        assert!(!pdev.bind());
        let driver = register::<Stepwise>(c"rust_stepwise")?;
        assert!(pdev.is_bound());
        drop(driver);
        assert!(!pdev.is_bound());
        assert_eq!((story(), PARTS.load(Relaxed)), (1234, 0));
        Ok(())
    }

    #[test]
    fn a_probe_that_fails_leaves_nothing_at_any_step() -> Result {
        let _driver = register::<Stepwise>(c"rust_stepwise")?;
        let pdev = Registered::new(c"rust_stepwise")?;
        pdev.unbind();
        for at in 1..=4 {
            start();
            FAILS_AT.store(at, Relaxed);
            assert!(!pdev.bind());
            assert!(!pdev.is_bound());
            assert_eq!(PARTS.load(Relaxed), 0);
            // Neither `probe` nor `unbind` has got anywhere.
            let expected = match at {
                1 => 0,
                2 | 3 => RELEASED,
                _ => DROPPED * 10 + RELEASED,
            };
            assert_eq!(story(), expected);
        }
        // The device is none the worse for it.
        FAILS_AT.store(0, Relaxed);
        start();
        assert!(pdev.bind());
        assert!(pdev.is_bound());
        assert_eq!(story(), PROBED);
        Ok(())
    }

    #[test]
    fn a_device_of_another_name_is_left_alone() -> Result {
        start();
        let _driver = register::<Stepwise>(c"rust_stepwise")?;
        for name in [c"rust_stepwis", c"rust_stepwise2", c"RUST_STEPWISE"] {
            let pdev = Registered::new(name)?;
            assert!(!pdev.is_bound());
            assert!(!pdev.bind());
        }
        assert_eq!((story(), PARTS.load(Relaxed)), (0, 0));
        Ok(())
    }

    #[test]
    fn a_device_may_go_while_it_is_used() -> Result {
        start();
        let _driver = register::<Stepwise>(c"rust_stepwise")?;
        let pdev = Registered::new(c"rust_stepwise")?;
        let kept: ARef<Device> = (&*pdev).into();
        drop(pdev);
        assert_eq!((story(), PARTS.load(Relaxed)), (1234, 0));
        // What is left of it can be looked at.
        assert_eq!((*kept).as_ref().name(), c"rust_stepwise");
        assert!(kept.resource_by_index(0).is_none());
        Ok(())
    }

    #[test]
    fn a_driver_that_goes_lets_all_its_devices_go() -> Result {
        start();
        let driver = register::<Stepwise>(c"rust_stepwise")?;
        let mut devices = KVec::new();
        for number in 0..5 {
            devices.push(Registered::numbered(c"rust_stepwise", number)?, GFP_KERNEL)?;
        }
        assert!(devices.iter().all(Registered::is_bound));
        assert_eq!((story(), PARTS.load(Relaxed)), (11111, 15));
        start();
        drop(driver);
        assert!(!devices.iter().any(Registered::is_bound));
        assert_eq!((story(), PARTS.load(Relaxed)), (234_234_234_234_234, 0));
        assert!(!devices.iter().any(Registered::bind));
        Ok(())
    }

    #[test]
    fn a_name_is_for_one_driver() -> Result {
        let first = register::<Stepwise>(c"rust_stepwise")?;
        assert_eq!(register::<Borrowing>(c"rust_stepwise").err(), Some(EBUSY));
        drop(first);
        drop(register::<Borrowing>(c"rust_stepwise")?);
        Ok(())
    }

    #[test]
    fn data_may_borrow_from_the_device() -> Result {
        start();
        let driver = register::<Borrowing>(c"rust_borrowing")?;
        let pdev = Registered::new(c"rust_borrowing")?;
        assert_eq!((story(), PARTS.load(Relaxed)), (0, 1));
        drop(pdev);
        assert_eq!((story(), PARTS.load(Relaxed)), (DROPPED, 0));
        drop(driver);
        Ok(())
    }

    #[test]
    fn binding_and_unbinding_again_and_again_leaves_nothing() -> Result {
        // More often is for a script, with a device in a booted system.
        const CYCLES: usize = 100;
        let _driver = register::<Borrowing>(c"rust_borrowing")?;
        let pdev = Registered::new(c"rust_borrowing")?;
        for _ in 0..CYCLES {
            assert!(pdev.is_bound());
            assert_eq!(PARTS.load(Relaxed), 1);
            pdev.unbind();
            assert_eq!(PARTS.load(Relaxed), 0);
            assert!(pdev.bind());
        }
        pdev.unbind();
        assert_eq!(PARTS.load(Relaxed), 0);
        Ok(())
    }
}
