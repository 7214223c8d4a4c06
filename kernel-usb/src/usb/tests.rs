// SPDX-License-Identifier: GPL-2.0

//! Tests of ids, against C's macros, and of drivers that nothing matches.
//!
//! Drivers with devices are exercised by the drop-in test, with a gadget on a virtual bus.

use super::*;
use crate::{
    bindings,
    device::{Core, Device},
    device_id::{IdArray, RawDeviceIdIndex},
    driver,
    prelude::*,
    ThisModule,
};

/// The ids of the tests' driver, each with its place.
struct Idle;

// What `usb_device_table!` makes is for modules: it has a symbol.
const TABLE: IdArray<DeviceId, usize, 3> = IdArray::new([
    (DeviceId::from_id(0x1234, 0xfff1), 0),
    (DeviceId::from_interface_info(0xff, 0xfe, 0xfd), 1),
    (DeviceId::from_device_ver(0x1234, 0xfff2, 0x0100, 0x0199), 2),
]);

impl Driver for Idle {
    type IdInfo = usize;
    type Data<'bound> = Self;

    const ID_TABLE: IdTable<usize> = &TABLE;

    fn probe<'bound>(
        interface: &'bound Interface<Core<'_>>,
        _id: &DeviceId,
        _info: &'bound usize,
    ) -> impl PinInit<Self, Error> + 'bound {
        let dev: &Device<Core<'_>> = interface.as_ref();
        dev_err!(dev, "no test has such a device\n");
        Err::<Self, _>(ENODEV)
    }

    fn disconnect<'bound>(_interface: &'bound Interface<Core<'_>>, _data: Pin<&Self>) {}
}

/// A driver that could match nothing.
struct Empty;

const EMPTY_TABLE: IdArray<DeviceId, (), 0> = IdArray::new([]);

impl Driver for Empty {
    type IdInfo = ();
    type Data<'bound> = Self;

    const ID_TABLE: IdTable<()> = &EMPTY_TABLE;

    fn probe<'bound>(
        _interface: &'bound Interface<Core<'_>>,
        _id: &DeviceId,
        _info: &'bound (),
    ) -> impl PinInit<Self, Error> + 'bound {
        Err::<Self, _>(ENODEV)
    }

    fn disconnect<'bound>(_interface: &'bound Interface<Core<'_>>, _data: Pin<&Self>) {}
}

// SAFETY: The pointer is null, as for what is built in.
static MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

fn register<T: Driver + 'static>(
    name: &'static CStr,
) -> Result<Pin<KBox<driver::Registration<Adapter<T>>>>> {
    KBox::pin_init(driver::Registration::new(name, &MODULE), GFP_KERNEL)
}

/// All that an id asks about, but for the flags.
fn fields(id: &DeviceId) -> ([u16; 4], [u8; 7]) {
    let raw = &id.0;
    (
        [
            raw.idVendor,
            raw.idProduct,
            raw.bcdDevice_lo,
            raw.bcdDevice_hi,
        ],
        [
            raw.bDeviceClass,
            raw.bDeviceSubClass,
            raw.bDeviceProtocol,
            raw.bInterfaceClass,
            raw.bInterfaceSubClass,
            raw.bInterfaceProtocol,
            raw.bInterfaceNumber,
        ],
    )
}

#[crate::macros::kunit_tests(rust_usb)]
mod cases {
    use super::*;

    /// What C's macros say: see `include/linux/usb.h`.
    #[test]
    fn ids_ask_about_what_they_were_made_from() {
        use bindings::{
            USB_DEVICE_ID_MATCH_DEVICE as DEVICE, USB_DEVICE_ID_MATCH_DEV_INFO as DEV_INFO,
            USB_DEVICE_ID_MATCH_DEV_RANGE as DEV_RANGE, USB_DEVICE_ID_MATCH_INT_CLASS as INT_CLASS,
            USB_DEVICE_ID_MATCH_INT_INFO as INT_INFO, USB_DEVICE_ID_MATCH_INT_NUMBER as INT_NUMBER,
            USB_DEVICE_ID_MATCH_INT_PROTOCOL as INT_PROTOCOL,
        };

        for (id, flags, numbers, info) in [
            (DeviceId::from_id(1, 2), DEVICE, [1, 2, 0, 0], [0; 7]),
            (
                DeviceId::from_id(u16::MAX, 0),
                DEVICE,
                [u16::MAX, 0, 0, 0],
                [0; 7],
            ),
            (
                DeviceId::from_device_ver(1, 2, 3, 4),
                DEVICE | DEV_RANGE,
                [1, 2, 3, 4],
                [0; 7],
            ),
            (
                DeviceId::from_device_info(1, 2, 3),
                DEV_INFO,
                [0; 4],
                [1, 2, 3, 0, 0, 0, 0],
            ),
            (
                DeviceId::from_interface_info(1, 2, 3),
                INT_INFO,
                [0; 4],
                [0, 0, 0, 1, 2, 3, 0],
            ),
            (
                DeviceId::from_device_interface_class(1, 2, 3),
                DEVICE | INT_CLASS,
                [1, 2, 0, 0],
                [0, 0, 0, 3, 0, 0, 0],
            ),
            (
                DeviceId::from_device_interface_protocol(1, 2, 3),
                DEVICE | INT_PROTOCOL,
                [1, 2, 0, 0],
                [0, 0, 0, 0, 0, 3, 0],
            ),
            (
                DeviceId::from_device_interface_number(1, 2, 3),
                DEVICE | INT_NUMBER,
                [1, 2, 0, 0],
                [0, 0, 0, 0, 0, 0, 3],
            ),
            (
                DeviceId::from_device_and_interface_info(1, 2, 3, 4, 255),
                DEVICE | INT_INFO,
                [1, 2, 0, 0],
                [0, 0, 0, 3, 4, 255, 0],
            ),
        ] {
            assert_eq!(u32::from(id.0.match_flags), flags);
            assert_eq!(fields(&id), (numbers, info));
            assert_eq!(id.index(), 0);
        }
    }

    #[test]
    fn a_table_has_its_ids_in_order() {
        let table: IdTable<usize> = &TABLE;
        for place in 0..3 {
            assert_eq!(*table.info(place), place);
            let raw = table.id(place);
            assert_eq!(raw.driver_info, place);
            assert!(raw.match_flags != 0);
        }
        // SAFETY: A table has an empty id after its last.
        let end = unsafe { table.as_ptr().add(3) };
        // SAFETY: As above.
        let end = unsafe { &*end };
        assert_eq!(end.match_flags, 0);
        assert_eq!(fields(&DeviceId(*end)), ([0; 4], [0; 7]));
        assert_eq!(end.driver_info, 0);
    }

    #[test]
    fn a_driver_is_registered_until_it_is_dropped() -> Result {
        for _ in 0..3 {
            let driver = register::<Idle>(c"rust_kunit_usb")?;
            // The name is taken.
            assert!(register::<Idle>(c"rust_kunit_usb").is_err());
            assert!(register::<Idle>(c"rust_kunit_usb_2").is_ok());
            drop(driver);
        }
        Ok(())
    }

    #[test]
    fn a_driver_has_to_match_something() {
        assert_eq!(
            register::<Empty>(c"rust_kunit_usb_none").err(),
            Some(EINVAL)
        );
    }
}
