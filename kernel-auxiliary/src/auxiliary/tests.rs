// SPDX-License-Identifier: GPL-2.0

//! Tests of devices and drivers on the bus, which needs no hardware.
//!
//! Devices hang on a root device without a driver, which is taken for bound: nothing here relies on a
//! driver that there is not.

use super::*;
use crate::{
    device::{testing::RootDevice, Core},
    device_id::IdArray,
    driver,
    sync::{
        aref::ARef,
        atomic::{Atomic, Relaxed},
    },
    ThisModule,
};

mod data;
mod forgotten;

// SAFETY: The pointer is null.
static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

/// What the module of the devices here is called.
const MODULE: &CStr = c"rust_aux";

/// No data.
type Nothing = ForLt!(());

/// What has happened since [`Events::reset`].
struct Events {
    probed: Atomic<u32>,
    refused: Atomic<u32>,
    unbound: Atomic<u32>,
    dropped: Atomic<u32>,
    /// The number of the device that came last.
    id: Atomic<u32>,
}

static EVENTS: Events = Events {
    probed: Atomic::new(0),
    refused: Atomic::new(0),
    unbound: Atomic::new(0),
    dropped: Atomic::new(0),
    id: Atomic::new(0),
};

impl Events {
    fn reset(&self) {
        for event in [
            &self.probed,
            &self.refused,
            &self.unbound,
            &self.dropped,
            &self.id,
        ] {
            event.store(0, Relaxed);
        }
    }

    /// How many devices were taken, given back, and had their data dropped.
    fn seen(&self) -> (u32, u32, u32) {
        (
            self.probed.load(Relaxed),
            self.unbound.load(Relaxed),
            self.dropped.load(Relaxed),
        )
    }
}

/// What the driver does with a device.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Take,
    Refuse,
    /// Take it, and register another one that hangs on it.
    Parent,
}

struct Recorder;

/// What the driver keeps.
struct Kept<'bound> {
    id: u32,
    _child: Option<Registration<'bound, Nothing>>,
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        // It goes after `unbind`.
        assert!(EVENTS.unbound.load(Relaxed) > EVENTS.dropped.load(Relaxed));
        EVENTS.dropped.add(1, Relaxed);
    }
}

// What `auxiliary_device_table!` makes is for modules: it has a symbol.
const TABLE: IdArray<DeviceId, Kind, 3> = IdArray::new([
    (DeviceId::new(MODULE, c"take"), Kind::Take),
    (DeviceId::new(MODULE, c"refuse"), Kind::Refuse),
    (DeviceId::new(MODULE, c"parent"), Kind::Parent),
]);

impl Driver for Recorder {
    type IdInfo = Kind;
    type Data<'bound> = Kept<'bound>;

    const ID_TABLE: IdTable<Kind> = &TABLE;

    fn probe<'bound>(
        adev: &'bound Device<Core<'_>>,
        kind: &'bound Kind,
    ) -> impl PinInit<Kept<'bound>, Error> + 'bound {
        if *kind == Kind::Refuse {
            EVENTS.refused.add(1, Relaxed);
            return Err(ENXIO);
        }
        let id = adev.id();
        EVENTS.id.store(id, Relaxed);
        EVENTS.probed.add(1, Relaxed);
        let child = match kind {
            Kind::Parent => Some(Registration::new(
                adev.as_ref(),
                c"take",
                id + 1,
                MODULE,
                Ok::<_, Error>(()),
            )?),
            _ => None,
        };
        Ok(Kept { id, _child: child })
    }

    fn unbind<'bound>(adev: &'bound Device<Core<'_>>, this: Pin<&Kept<'bound>>) {
        assert_eq!(this.id, adev.id());
        EVENTS.unbound.add(1, Relaxed);
    }
}

type DriverRegistration = Pin<KBox<driver::Registration<Adapter<Recorder>>>>;

fn driver(name: &'static CStr) -> Result<DriverRegistration> {
    KBox::pin_init(driver::Registration::new(name, &THIS_MODULE), GFP_KERNEL)
}

/// Takes a root device for one that a driver is bound to.
fn bound(root: &RootDevice) -> &device::Device<Bound> {
    // SAFETY: Nothing here relies on the driver, which there is not, and none comes.
    unsafe { root.as_bound() }
}

/// Registers a device without data.
fn register<'a>(
    parent: &'a device::Device<Bound>,
    name: &CStr,
    id: u32,
) -> Result<Registration<'a, Nothing>> {
    Registration::new(parent, name, id, MODULE, Ok::<_, Error>(()))
}

/// Whether a driver is bound to the device.
fn has_driver(dev: &Device) -> bool {
    // SAFETY: The structure is initialised, and nobody binds or unbinds meanwhile.
    !unsafe { (*dev.as_raw()).dev.driver }.is_null()
}

#[crate::macros::kunit_tests(rust_auxiliary)]
mod bus_tests {
    use super::*;

    #[test]
    fn a_driver_takes_a_device_of_its_table_and_gives_it_back() -> Result {
        EVENTS.reset();
        let root = RootDevice::new(c"rust_aux_root")?;
        let _driver = driver(c"rust_aux_take")?;
        assert_eq!(EVENTS.seen(), (0, 0, 0));
        let device = register(bound(&root), c"take", 7)?;
        assert_eq!(EVENTS.seen(), (1, 0, 0));
        assert_eq!(EVENTS.id.load(Relaxed), 7);
        assert!(has_driver(device.device()));
        drop(device);
        assert_eq!(EVENTS.seen(), (1, 1, 1));
        Ok(())
    }

    #[test]
    fn a_driver_may_come_after_its_device_and_go_before_it() -> Result {
        EVENTS.reset();
        let root = RootDevice::new(c"rust_aux_root")?;
        let device = register(bound(&root), c"take", 0)?;
        assert!(!has_driver(device.device()));
        for round in 1..=3 {
            let driver = driver(c"rust_aux_late")?;
            assert!(has_driver(device.device()));
            assert_eq!(EVENTS.seen(), (round, round - 1, round - 1));
            drop(driver);
            assert!(!has_driver(device.device()));
            assert_eq!(EVENTS.seen(), (round, round, round));
        }
        drop(device);
        assert_eq!(EVENTS.seen(), (3, 3, 3));
        Ok(())
    }

    #[test]
    fn a_device_is_taken_by_its_whole_name_only() -> Result {
        EVENTS.reset();
        let root = RootDevice::new(c"rust_aux_root")?;
        let parent = bound(&root);
        let _driver = driver(c"rust_aux_names")?;
        for name in [c"tak", c"take2", c"Take", c"take.0", c"", c"aux.take"] {
            let device = register(parent, name, 0)?;
            assert!(!has_driver(device.device()));
        }
        for module in [c"rust_au", c"rust_auxx", c"", c"rust_aux.take"] {
            let data = Ok::<_, Error>(());
            let device = Registration::<'_, Nothing>::new(parent, c"take", 0, module, data)?;
            assert!(!has_driver(device.device()));
        }
        assert_eq!(EVENTS.seen(), (0, 0, 0));
        Ok(())
    }

    #[test]
    fn a_device_that_is_refused_stays_without_a_driver() -> Result {
        EVENTS.reset();
        let root = RootDevice::new(c"rust_aux_root")?;
        let driver = driver(c"rust_aux_refuse")?;
        let device = register(bound(&root), c"refuse", 1)?;
        assert_eq!(EVENTS.refused.load(Relaxed), 1);
        assert!(!has_driver(device.device()));
        drop(device);
        drop(driver);
        assert_eq!(EVENTS.seen(), (0, 0, 0));
        Ok(())
    }

    #[test]
    fn devices_of_a_name_are_told_apart_by_their_numbers() -> Result {
        EVENTS.reset();
        let root = RootDevice::new(c"rust_aux_root")?;
        let parent = bound(&root);
        let _driver = driver(c"rust_aux_numbers")?;
        let first = register(parent, c"take", 0)?;
        let second = register(parent, c"take", 1)?;
        let big = register(parent, c"take", i32::MAX as u32)?;
        assert_eq!(first.device().id(), 0);
        assert_eq!(second.device().id(), 1);
        assert_eq!(big.device().id(), 0x7fff_ffff);
        assert_eq!(EVENTS.seen(), (3, 0, 0));
        drop(second);
        assert_eq!(EVENTS.seen(), (3, 1, 1));
        assert!(has_driver(first.device()) && has_driver(big.device()));
        Ok(())
    }

    #[test]
    fn a_number_may_be_the_largest() -> Result {
        EVENTS.reset();
        let root = RootDevice::new(c"rust_aux_root")?;
        let _driver = driver(c"rust_aux_largest")?;
        let device = register(bound(&root), c"take", u32::MAX)?;
        assert_eq!(device.device().id(), u32::MAX);
        assert_eq!(EVENTS.id.load(Relaxed), u32::MAX);
        Ok(())
    }

    #[test]
    fn a_name_is_taken_once() -> Result {
        let root = RootDevice::new(c"rust_aux_root")?;
        let parent = bound(&root);
        let first = register(parent, c"once", 0)?;
        assert_eq!(register(parent, c"once", 0).err(), Some(EEXIST));
        // The one that was there first is as it was.
        assert_eq!(first.device().as_ref().name(), c"rust_aux.once.0");
        drop(first);
        register(parent, c"once", 0).map(drop)
    }

    #[test]
    fn a_driver_s_name_is_taken_once() -> Result {
        let first = driver(c"rust_aux_twice")?;
        assert_eq!(driver(c"rust_aux_twice").err(), Some(EBUSY));
        drop(first);
        driver(c"rust_aux_twice").map(drop)
    }

    #[test]
    fn a_device_may_hang_on_another() -> Result {
        EVENTS.reset();
        let root = RootDevice::new(c"rust_aux_root")?;
        let _driver = driver(c"rust_aux_nested")?;
        let device = register(bound(&root), c"parent", 4)?;
        // The one that the driver registered in `probe`, too.
        assert_eq!(EVENTS.seen(), (2, 0, 0));
        assert_eq!(EVENTS.id.load(Relaxed), 5);
        drop(device);
        assert_eq!(EVENTS.seen(), (2, 2, 2));
        Ok(())
    }

    #[test]
    fn a_device_can_be_kept_beyond_its_registration_and_its_parent() -> Result {
        let root = RootDevice::new(c"rust_aux_root_kept")?;
        let registration = register(bound(&root), c"kept", 3)?;
        let device = ARef::<Device>::from(registration.device());
        let again = device.clone();
        drop(registration);
        drop(root);
        drop(device);
        assert_eq!(again.id(), 3);
        assert_eq!(again.parent().name(), c"rust_aux_root_kept");
        assert_eq!(
            AsRef::<device::Device>::as_ref(&*again).name(),
            c"rust_aux.kept.3"
        );
        Ok(())
    }

    #[test]
    fn the_parent_is_the_one_that_was_given() -> Result {
        let root = RootDevice::new(c"rust_aux_root")?;
        let registration = register(bound(&root), c"child", 0)?;
        assert_eq!(registration.device().parent().as_raw(), root.as_raw());
        // SAFETY: Nothing here relies on a driver.
        let device = unsafe { registration.bound() };
        assert_eq!(device.parent().as_raw(), root.as_raw());
        Ok(())
    }

    #[test]
    fn a_device_goes_with_the_binding_of_its_parent_at_the_latest() -> Result {
        EVENTS.reset();
        let root = RootDevice::new(c"rust_aux_root")?;
        let _driver = driver(c"rust_aux_after")?;
        let group = OpenGroup::new(&root)?;
        // As if it were forgotten.
        let registration = register(bound(&root), c"take", 0)?;
        drop(group);
        assert_eq!(EVENTS.seen(), (1, 1, 1));
        // So its name is free.
        let again = register(bound(&root), c"take", 0)?;
        assert_eq!(EVENTS.seen(), (2, 1, 1));
        // And this is not of concern to it.
        drop(registration);
        assert_eq!(EVENTS.seen(), (2, 1, 1));
        drop(again);
        assert_eq!(EVENTS.seen(), (2, 2, 2));
        Ok(())
    }

    #[test]
    fn an_id_is_two_names_with_a_dot() {
        const LONGEST: &CStr = c"a2345678901234567890123456789012345678";
        for (modname, name, text) in [
            (c"module", c"name", c"module.name"),
            (c"a", c"", c"a."),
            (c"", c"", c"."),
            (c"", LONGEST, c".a2345678901234567890123456789012345678"),
            (LONGEST, c"", c"a2345678901234567890123456789012345678."),
        ] {
            let id = DeviceId::new(modname, name);
            // SAFETY: An id is a transparent wrapper.
            let raw: bindings::auxiliary_device_id = unsafe { core::mem::transmute_copy(&id) };
            assert_eq!(CStr::from_bytes_until_nul(&raw.name), Ok(text));
            // The rest is zeroes, as the tools that read it expect.
            assert!(raw.name[text.count_bytes()..].iter().all(|byte| *byte == 0));
        }
    }
}

/// What is added to the device after this goes with it, as when a driver is unbound.
struct OpenGroup<'a>(&'a RootDevice);

impl<'a> OpenGroup<'a> {
    fn new(root: &'a RootDevice) -> Result<Self> {
        let id = core::ptr::null_mut();
        // SAFETY: The device is registered.
        let id = unsafe { bindings::devres_open_group(root.as_raw(), id, bindings::GFP_KERNEL) };
        if id.is_null() {
            return Err(ENOMEM);
        }
        Ok(Self(root))
    }
}

impl Drop for OpenGroup<'_> {
    fn drop(&mut self) {
        let id = core::ptr::null_mut();
        // SAFETY: The device is registered, and has an open group.
        let _ = unsafe { bindings::devres_release_group(self.0.as_raw(), id) };
    }
}
