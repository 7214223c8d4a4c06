// SPDX-License-Identifier: GPL-2.0

//! Tests of clients and their drivers, on a bus without hardware.

use super::{
    testing::{Bus, MODULE},
    *,
};
use crate::{
    bindings,
    device::{testing::RootDevice, Core, Device},
    device_id::IdArray,
    devres, driver,
    prelude::*,
    sync::{
        aref::ARef,
        atomic::{Atomic, Relaxed},
    },
};
use core::ptr;

/// What has happened to the clients of one test's driver.
struct Log {
    probed: Atomic<u32>,
    info: Atomic<u32>,
    shut_down: Atomic<u32>,
    unbound: Atomic<u32>,
    dropped: Atomic<u32>,
    /// Whether `unbind` came before the drop, each time.
    in_order: Atomic<bool>,
}

impl Log {
    const fn new() -> Self {
        Self {
            probed: Atomic::new(0),
            info: Atomic::new(u32::MAX),
            shut_down: Atomic::new(0),
            unbound: Atomic::new(0),
            dropped: Atomic::new(0),
            in_order: Atomic::new(true),
        }
    }

    fn counts(&self) -> [u32; 3] {
        [
            self.probed.load(Relaxed),
            self.unbound.load(Relaxed),
            self.dropped.load(Relaxed),
        ]
    }
}

fn count(counter: &Atomic<u32>) {
    counter.fetch_add(1, Relaxed);
}

/// What a driver keeps: it knows where it is, and what it is to count.
#[pin_data(PinnedDrop)]
struct Data {
    log: &'static Log,
    here: usize,
    was_unbound: Atomic<bool>,
}

#[pinned_drop]
impl PinnedDrop for Data {
    fn drop(self: Pin<&mut Self>) {
        count(&self.log.dropped);
        if !self.was_unbound.load(Relaxed) {
            self.log.in_order.store(false, Relaxed);
        }
    }
}

impl Data {
    fn new(log: &'static Log) -> impl PinInit<Self, Error> {
        try_pin_init!(&this in Self {
            log,
            here: this.as_ptr() as usize,
            was_unbound: Atomic::new(false),
        })
    }

    fn has_moved(self: Pin<&Self>) -> bool {
        ptr::from_ref(&*self) as usize != self.here
    }
}

/// A resource that comes after the data, and is to go after them.
struct Late(&'static Log);

impl Drop for Late {
    fn drop(&mut self) {
        let [_, unbound, dropped] = self.0.counts();
        if dropped != unbound {
            self.0.in_order.store(false, Relaxed);
        }
    }
}

/// A driver for clients of the names in its table. `FAILS` makes each probe fail.
struct Recorder<const NUMBER: usize, const FAILS: bool>;

static LOGS: [Log; 8] = [const { Log::new() }; 8];

// What `i2c_device_table!` makes is for modules: it has a symbol.
const TABLE: IdArray<DeviceId, u32, 3> = IdArray::new([
    (DeviceId::new(c"rust-kunit-a"), 10),
    (DeviceId::new(c"rust-kunit-b"), 11),
    (DeviceId::new(c"rust-kunit-19-bytes"), 12),
]);

impl<const NUMBER: usize, const FAILS: bool> Driver for Recorder<NUMBER, FAILS> {
    type IdInfo = u32;
    type Data<'bound> = Data;

    const I2C_ID_TABLE: Option<IdTable<u32>> = Some(&TABLE);

    fn probe<'bound>(
        client: &'bound I2cClient<Core<'_>>,
        info: Option<&'bound u32>,
    ) -> impl PinInit<Data, Error> + 'bound {
        let log = &LOGS[NUMBER];
        count(&log.probed);
        log.info.store(info.copied().unwrap_or(0), Relaxed);
        let dev: &Device<Core<'_>> = client.as_ref();
        let kept: ARef<I2cClient> = client.into();
        let same = ptr::eq::<Device>(AsRef::<Device>::as_ref(&*kept), &***dev);
        pin_init::pin_init_scope(move || {
            if FAILS {
                return Err(EIO);
            }
            if !same {
                return Err(EINVAL);
            }
            Ok(Data::new(log))
        })
    }

    fn shutdown<'bound>(client: &'bound I2cClient<Core<'_>>, this: Pin<&Data>) {
        count(&this.log.shut_down);
        // The data could use it from here on.
        let dev: &Device<Core<'_>> = client.as_ref();
        if devres::register(dev, Late(this.log), GFP_KERNEL).is_err() {
            this.log.in_order.store(false, Relaxed);
        }
    }

    fn unbind<'bound>(_client: &'bound I2cClient<Core<'_>>, this: Pin<&Data>) {
        count(&this.log.unbound);
        this.was_unbound.store(!this.has_moved(), Relaxed);
    }
}

type Registered<const NUMBER: usize, const FAILS: bool> =
    Pin<KBox<driver::Registration<Adapter<Recorder<NUMBER, FAILS>>>>>;

fn register<const NUMBER: usize, const FAILS: bool>(
    name: &'static CStr,
) -> Result<Registered<NUMBER, FAILS>> {
    KBox::pin_init(driver::Registration::new(name, &MODULE), GFP_KERNEL)
}

#[crate::macros::kunit_tests(rust_i2c_driver)]
mod driver_tests {
    use super::*;

    #[test]
    fn a_driver_binds_to_what_is_there() -> Result {
        let log = &LOGS[0];
        let bus = Bus::new()?;
        let client = bus.client(c"rust-kunit-b", 0x20)?;
        let other = bus.client(c"rust-kunit-c", 0x21)?;
        assert!(!client.is_bound());

        let driver = register::<0, false>(c"rust_kunit_i2c_0")?;
        assert!(client.is_bound());
        assert!(!other.is_bound());
        assert_eq!(log.counts(), [1, 0, 0]);
        assert_eq!(log.info.load(Relaxed), 11);

        drop(driver);
        assert!(!client.is_bound());
        assert_eq!(log.counts(), [1, 1, 1]);
        assert!(log.in_order.load(Relaxed));
        Ok(())
    }

    #[test]
    fn a_client_finds_its_driver() -> Result {
        let log = &LOGS[1];
        let bus = Bus::new()?;
        let _driver = register::<1, false>(c"rust_kunit_i2c_1")?;
        assert_eq!(log.counts(), [0, 0, 0]);
        let client = bus.client(c"rust-kunit-a", 0x20)?;
        assert!(client.is_bound());
        assert_eq!(log.info.load(Relaxed), 10);
        // A name may be as long as there is room for.
        let long = bus.client(c"rust-kunit-19-bytes", 0x21)?;
        assert_eq!(log.info.load(Relaxed), 12);
        // And has to be the whole name.
        for (name, address) in [(c"rust-kunit", 0x22), (c"rust-kunit-a2", 0x23), (c"", 0x24)] {
            assert!(!bus.client(name, address)?.is_bound());
        }
        assert_eq!(log.counts(), [2, 0, 0]);
        drop(client);
        assert_eq!(log.counts(), [2, 1, 1]);
        drop(long);
        assert_eq!(log.counts(), [2, 2, 2]);
        Ok(())
    }

    #[test]
    fn a_probe_that_fails_leaves_nothing() -> Result {
        let log = &LOGS[2];
        let bus = Bus::new()?;
        let client = bus.client(c"rust-kunit-a", 0x20)?;
        let driver = register::<2, true>(c"rust_kunit_i2c_2")?;
        assert!(!client.is_bound());
        assert_eq!(client.bind(), Ok(false));
        assert_eq!(log.counts(), [2, 0, 0]);
        client.shutdown();
        assert_eq!(log.shut_down.load(Relaxed), 0);
        drop(driver);
        assert_eq!(log.counts(), [2, 0, 0]);
        Ok(())
    }

    #[test]
    fn a_client_can_be_unbound_and_bound_again() -> Result {
        let log = &LOGS[3];
        let bus = Bus::new()?;
        let _driver = register::<3, false>(c"rust_kunit_i2c_3")?;
        let client = bus.client(c"rust-kunit-a", 0x20)?;
        for round in 1..=5 {
            assert_eq!(log.counts(), [round, round - 1, round - 1]);
            client.unbind();
            assert!(!client.is_bound());
            assert_eq!(log.counts(), [round, round, round]);
            // Once more is nothing.
            client.unbind();
            assert_eq!(client.bind(), Ok(true));
        }
        assert!(log.in_order.load(Relaxed));
        Ok(())
    }

    #[test]
    fn a_shutdown_leaves_the_driver_bound() -> Result {
        let log = &LOGS[4];
        let bus = Bus::new()?;
        let _driver = register::<4, false>(c"rust_kunit_i2c_4")?;
        let client = bus.client(c"rust-kunit-a", 0x20)?;
        client.shutdown();
        assert_eq!(log.shut_down.load(Relaxed), 1);
        assert!(client.is_bound());
        assert_eq!(log.counts(), [1, 0, 0]);
        client.unbind();
        assert_eq!(log.counts(), [1, 1, 1]);
        assert!(log.in_order.load(Relaxed));
        client.shutdown();
        assert_eq!(log.shut_down.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn the_name_of_a_driver_is_its_own() -> Result {
        let driver = register::<5, false>(c"rust_kunit_i2c_5")?;
        assert!(register::<6, false>(c"rust_kunit_i2c_5").is_err());
        drop(driver);
        assert!(register::<6, false>(c"rust_kunit_i2c_5").is_ok());
        Ok(())
    }

    #[test]
    fn the_adapter_may_go_before_its_clients_driver() -> Result {
        let log = &LOGS[7];
        let bus = Bus::new()?;
        let _driver = register::<7, false>(c"rust_kunit_i2c_7")?;
        let root = RootDevice::new(c"rust_kunit_i2c_gone")?;
        const INFO: I2cBoardInfo = I2cBoardInfo::new(c"rust-kunit-a", 0x20);
        // SAFETY: Nothing here relies on the driver, which there is not.
        let bound = unsafe { root.as_bound() };
        let registration = KBox::pin_init(Registration::new(&bus, &INFO, bound), GFP_KERNEL)?;
        assert_eq!(log.counts(), [1, 0, 0]);
        drop(bus);
        assert_eq!(log.counts(), [1, 1, 1]);
        drop(registration);
        assert_eq!(log.counts(), [1, 1, 1]);
        Ok(())
    }
}

#[crate::macros::kunit_tests(rust_i2c)]
mod client_tests {
    use super::*;

    /// The count of a client.
    fn references(client: &I2cClient) -> i32 {
        let dev: &Device = client.as_ref();
        // SAFETY: The device is alive. Nobody else counts the clients of these tests.
        unsafe { (*dev.as_raw()).kobj.kref.refcount.refs.counter }
    }

    #[test]
    fn an_adapter_is_found_by_its_number() -> Result {
        let bus = Bus::new()?;
        let adapter = I2cAdapter::get(bus.index())?;
        assert_eq!(adapter.index(), bus.index());
        assert!(ptr::eq(&*adapter, &*bus));
        let again = adapter.clone();
        drop(adapter);
        assert_eq!(again.index(), bus.index());
        Ok(())
    }

    #[test]
    fn no_adapter_has_any_other_number() -> Result {
        let number = Bus::new()?.index();
        for number in [number, -1, i32::MIN, i32::MAX] {
            assert_eq!(I2cAdapter::get(number).err(), Some(ENODEV));
        }
        Ok(())
    }

    #[test]
    fn a_device_is_a_client_or_not() -> Result {
        let bus = Bus::new()?;
        let client = bus.client(c"rust-kunit-x", 0x30)?;
        let dev: &Device = client.as_ref();
        let found: Result<&I2cClient> = dev.try_into();
        assert!(found.is_ok_and(|found| ptr::eq(found, &*client)));

        let root = RootDevice::new(c"rust_kunit_i2c_root")?;
        assert_eq!(<&I2cClient>::try_from(&*root).err(), Some(EINVAL));
        // An adapter is on the same bus, and is no client.
        // SAFETY: The adapter is registered.
        let adapter = unsafe { &raw mut (*bus.as_raw()).dev };
        // SAFETY: As above, so that its count is not zero.
        let adapter = unsafe { Device::get_device(adapter) };
        assert_eq!(<&I2cClient>::try_from(&*adapter).err(), Some(EINVAL));
        Ok(())
    }

    #[test]
    fn clients_are_counted() -> Result {
        let bus = Bus::new()?;
        let client = bus.client(c"rust-kunit-x", 0x30)?;
        let at_first = references(&client);
        let kept: ARef<I2cClient> = (&*client).into();
        let again = kept.clone();
        assert_eq!(references(&client), at_first + 2);
        drop(kept);
        assert_eq!(references(&client), at_first + 1);
        drop(client);
        // The structure is still there, and the address free.
        assert_eq!(references(&again), 1);
        assert!(!bus.has(0x30));
        assert!(bus.client(c"rust-kunit-x", 0x30).is_ok());
        Ok(())
    }

    #[test]
    fn a_registration_is_a_client() -> Result {
        const INFO: I2cBoardInfo = I2cBoardInfo::new(c"rust-kunit-x", 0x77);
        let bus = Bus::new()?;
        let root = RootDevice::new(c"rust_kunit_i2c_parent")?;
        // SAFETY: Nothing here relies on the driver, which there is not.
        let bound = unsafe { root.as_bound() };
        let new = || KBox::pin_init(Registration::new(&bus, &INFO, bound), GFP_KERNEL);
        let registration = new()?;
        assert!(bus.has(0x77));
        assert_eq!(new().err(), Some(EBUSY));
        assert!(bus.has(0x77));
        drop(registration);
        assert!(!bus.has(0x77));
        assert!(new().is_ok());
        Ok(())
    }

    /// What the unbinding of a driver does to what belongs to its device.
    #[test]
    fn a_registration_ends_with_its_parents_driver() -> Result {
        const INFO: I2cBoardInfo = I2cBoardInfo::new(c"rust-kunit-x", 0x31);
        let bus = Bus::new()?;
        let root = RootDevice::new(c"rust_kunit_i2c_parent")?;
        // SAFETY: The device is registered; the group is known by what is returned.
        let group = unsafe {
            bindings::devres_open_group(root.as_raw(), ptr::null_mut(), GFP_KERNEL.as_raw())
        };
        assert!(!group.is_null());
        // SAFETY: Nothing here relies on the driver, which there is not.
        let bound = unsafe { root.as_bound() };
        let registration = KBox::pin_init(Registration::new(&bus, &INFO, bound), GFP_KERNEL)?;
        assert!(bus.has(0x31));
        assert!(registration.try_access().is_some());
        // SAFETY: The device is registered, and the group is its own.
        unsafe { bindings::devres_release_group(root.as_raw(), group) };
        assert!(!bus.has(0x31));
        assert!(registration.try_access().is_none());
        drop(registration);
        Ok(())
    }

    #[test]
    fn addresses_have_seven_bits() -> Result {
        const BAD: [I2cBoardInfo; 3] = [
            I2cBoardInfo::new(c"rust-kunit-x", 0),
            I2cBoardInfo::new(c"rust-kunit-x", 0x80),
            I2cBoardInfo::new(c"rust-kunit-x", u16::MAX),
        ];
        const GOOD: [I2cBoardInfo; 2] = [
            I2cBoardInfo::new(c"", 1),
            I2cBoardInfo::new(c"rust-kunit-19-bytes", 0x7f),
        ];
        let bus = Bus::new()?;
        let root = RootDevice::new(c"rust_kunit_i2c_parent")?;
        // SAFETY: Nothing here relies on the driver, which there is not.
        let bound = unsafe { root.as_bound() };
        for info in &BAD {
            let new = KBox::pin_init(Registration::new(&bus, info, bound), GFP_KERNEL);
            assert_eq!(new.err(), Some(EINVAL));
        }
        for info in &GOOD {
            assert!(KBox::pin_init(Registration::new(&bus, info, bound), GFP_KERNEL).is_ok());
        }
        Ok(())
    }

    #[test]
    fn names_are_copied_if_there_is_room() {
        assert_eq!(copy_name::<4>(c"abc"), Some(*b"abc\0"));
        assert_eq!(copy_name::<4>(c""), Some([0; 4]));
        assert_eq!(copy_name::<4>(c"abcd"), None);
        assert_eq!(copy_name::<0>(c""), None);
    }
}
