// SPDX-License-Identifier: GPL-2.0

//! Tests of the data that come with a registration.

use super::*;

/// What the driver of this file has found.
static FOUND: Atomic<u32> = Atomic::new(0);

/// What has been dropped.
static GONE: Atomic<u32> = Atomic::new(0);

/// Data with a destructor.
struct Counted<'a> {
    values: &'a [u32],
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        // No driver has them any more.
        assert_eq!(EVENTS.probed.load(Relaxed), EVENTS.unbound.load(Relaxed));
        GONE.add(1, Relaxed);
    }
}

/// A driver that looks at the data of its device.
struct Looker;

crate::auxiliary_device_table!(
    TABLE,
    MODULE_TABLE,
    <Looker as Driver>::IdInfo,
    [(DeviceId::new(MODULE, c"look"), ())]
);

/// What it keeps: a reference to the data, for as long as it is bound.
struct Look<'bound>(Pin<&'bound Counted<'bound>>);

impl Driver for Looker {
    type IdInfo = ();
    type Data<'bound> = Look<'bound>;

    const ID_TABLE: IdTable<()> = &TABLE;

    fn probe<'bound>(
        adev: &'bound Device<Core<'_>>,
        _info: &'bound (),
    ) -> impl PinInit<Look<'bound>, Error> + 'bound {
        let adev: &'bound Device<Bound> = adev;
        let data = adev.registration_data::<ForLt!(Counted<'_>)>()?;
        FOUND.store(data.values.iter().sum(), Relaxed);
        EVENTS.probed.add(1, Relaxed);
        Ok(Look(data))
    }

    fn unbind<'bound>(_adev: &'bound Device<Core<'_>>, this: Pin<&Look<'bound>>) {
        assert_eq!(this.0.values.iter().sum::<u32>(), FOUND.load(Relaxed));
        EVENTS.unbound.add(1, Relaxed);
    }
}

fn reset() {
    EVENTS.reset();
    FOUND.store(0, Relaxed);
    GONE.store(0, Relaxed);
}

fn looker() -> Result<Pin<KBox<driver::Registration<Adapter<Looker>>>>> {
    let driver = driver::Registration::new(c"rust_aux_looker", &THIS_MODULE);
    KBox::pin_init(driver, GFP_KERNEL)
}

/// Registers a device with data that may borrow something.
fn register_with<'a, F: ForLt + 'static>(
    parent: &'a device::Device<Bound>,
    name: &CStr,
    data: Result<F::Of<'a>>,
) -> Result<Registration<'a, F>>
where
    for<'b> F::Of<'b>: Send + Sync,
{
    // SAFETY: No test forgets one.
    unsafe { Registration::new_with_lt(parent, name, 0, MODULE, data) }
}

#[crate::macros::kunit_tests(rust_auxiliary_data)]
mod data_tests {
    use super::*;

    type Numbers = ForLt!(Counted<'_>);

    #[test]
    fn the_driver_finds_the_data() -> Result {
        reset();
        let root = RootDevice::new(c"rust_aux_data")?;
        let _driver = looker()?;
        let data = Ok(Counted {
            values: &[1, 2, 39],
        });
        let device = register_with::<Numbers>(bound(&root), c"look", data)?;
        assert_eq!(FOUND.load(Relaxed), 42);
        assert_eq!(GONE.load(Relaxed), 0);
        drop(device);
        assert_eq!(EVENTS.unbound.load(Relaxed), 1);
        assert_eq!(GONE.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn data_may_borrow() -> Result {
        reset();
        let root = RootDevice::new(c"rust_aux_data")?;
        let _driver = looker()?;
        let values = crate::kvec![20u32, 22]?;
        let data = Ok(Counted { values: &values });
        let device = register_with::<Numbers>(bound(&root), c"look", data)?;
        assert_eq!(FOUND.load(Relaxed), 42);
        drop(device);
        assert_eq!(GONE.load(Relaxed), 1);
        drop(values);
        Ok(())
    }

    #[test]
    fn data_of_another_type_are_refused() -> Result {
        reset();
        let root = RootDevice::new(c"rust_aux_data")?;
        let _driver = looker()?;
        // The same layout, and yet another type.
        type Other = ForLt!(&'_ [u32]);
        let device = register_with::<Other>(bound(&root), c"look", Ok(&[42]))?;
        assert!(!has_driver(device.device()));
        assert_eq!(FOUND.load(Relaxed), 0);

        // SAFETY: Nothing here relies on a driver.
        let adev = unsafe { device.bound() };
        assert_eq!(**adev.registration_data::<Other>()?, [42]);
        assert_eq!(adev.registration_data::<ForLt!(u32)>().err(), Some(EINVAL));
        assert_eq!(adev.registration_data::<ForLt!(())>().err(), Some(EINVAL));
        Ok(())
    }

    #[test]
    fn a_type_is_the_same_in_other_words() -> Result {
        let root = RootDevice::new(c"rust_aux_data")?;
        let device = register_with::<ForLt!(&'_ u32)>(bound(&root), c"words", Ok(&7))?;
        // SAFETY: Nothing here relies on a driver.
        let adev = unsafe { device.bound() };
        assert_eq!(**adev.registration_data::<ForLt!(for<'a> &'a u32)>()?, 7);
        Ok(())
    }

    #[test]
    fn a_device_from_c_has_no_data() -> Result {
        let root = RootDevice::new(c"rust_aux_data")?;
        let (module, name) = (c"rust_aux".as_char_ptr(), c"c".as_char_ptr());
        // SAFETY: The parent is registered, and the names stay.
        let raw = unsafe {
            bindings::auxiliary_device_create(root.as_raw(), module, name, core::ptr::null_mut(), 0)
        };
        assert!(!raw.is_null());
        {
            // SAFETY: It was just added, and nothing here relies on a driver.
            let adev = unsafe { &*raw.cast::<Device<Bound>>() };
            assert_eq!(adev.registration_data::<ForLt!(())>().err(), Some(ENOENT));
            assert_eq!(adev.parent().as_raw(), root.as_raw());
        }
        // SAFETY: It was made above.
        let kept = ARef::<Device>::from(unsafe { &*raw.cast::<Device>() });
        // SAFETY: It was made above, and is destroyed once.
        unsafe { bindings::auxiliary_device_destroy(raw.cast()) };
        drop(root);
        // Even so, who keeps the device can ask for its parent.
        assert_eq!(kept.parent().name(), c"rust_aux_data");
        Ok(())
    }

    #[test]
    fn data_that_fail_leave_no_device() -> Result {
        reset();
        let root = RootDevice::new(c"rust_aux_data")?;
        let _driver = looker()?;
        let parent = bound(&root);
        let failed = register_with::<Numbers>(parent, c"look", Err(EOVERFLOW));
        assert_eq!(failed.err(), Some(EOVERFLOW));
        assert_eq!(EVENTS.seen(), (0, 0, 0));
        register_with::<Numbers>(parent, c"look", Ok(Counted { values: &[5] })).map(drop)
    }

    #[test]
    fn data_go_when_the_device_can_t_be_added() -> Result {
        reset();
        let root = RootDevice::new(c"rust_aux_data")?;
        let parent = bound(&root);
        let first = register(parent, c"taken", 0)?;
        let data = Ok(Counted { values: &[] });
        let failed = register_with::<Numbers>(parent, c"taken", data);
        assert_eq!(failed.err(), Some(EEXIST));
        assert_eq!(GONE.load(Relaxed), 1);
        drop(first);
        Ok(())
    }

    #[test]
    fn data_are_pinned() -> Result {
        use core::marker::PhantomPinned;

        #[pin_data]
        struct Located {
            address: usize,
            #[pin]
            _pin: PhantomPinned,
        }

        let root = RootDevice::new(c"rust_aux_data")?;
        let data = pin_init!(&this in Located {
            address: this.as_ptr() as usize,
            _pin: PhantomPinned,
        });
        let device =
            Registration::<'_, ForLt!(Located)>::new(bound(&root), c"pinned", 0, MODULE, data)?;
        // SAFETY: Nothing here relies on a driver.
        let located = unsafe { device.bound() }.registration_data::<ForLt!(Located)>()?;
        assert_eq!(located.address, core::ptr::from_ref(&*located) as usize);
        Ok(())
    }
}
