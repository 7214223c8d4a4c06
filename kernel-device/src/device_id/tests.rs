// SPDX-License-Identifier: GPL-2.0

use super::{IdArray, IdTable, RawDeviceId, RawDeviceIdIndex};
use crate::{acpi, bindings, of, prelude::*, sync::Refcount};
use core::mem::offset_of;

/// The bytes of an entry.
fn bytes<T>(entry: &T) -> &[u8] {
    // SAFETY: The structures of these tests have no padding that is not initialised: they were copied
    // from zeroed ones.
    unsafe { core::slice::from_raw_parts(core::ptr::from_ref(entry).cast(), size_of::<T>()) }
}

#[crate::macros::kunit_tests(rust_device_id)]
mod cases {
    use super::*;

    #[test]
    fn each_entry_knows_its_place() {
        let table = IdArray::new([
            (of::DeviceId::new(c"a"), 'a'),
            (of::DeviceId::new(c"b"), 'b'),
            (of::DeviceId::new(c"c"), 'c'),
        ]);
        for (place, info) in ['a', 'b', 'c'].into_iter().enumerate() {
            let entry = table.id(place);
            assert_eq!(entry.data as usize, place);
            assert_eq!(char::from(entry.compatible[0]), info);
            assert_eq!(entry.compatible[1], 0);
            assert_eq!(*table.info(place), info);
        }
    }

    #[test]
    fn zeroes_end_what_c_sees() {
        let table = IdArray::new([
            (acpi::DeviceId::new(c"ACME0001"), ()),
            (acpi::DeviceId::new(c"ACME0002"), ()),
        ]);
        let first = table.as_ptr();
        for place in 0..2 {
            // SAFETY: The table has that many entries.
            let entry = unsafe { first.add(place) };
            // SAFETY: As above.
            let entry = unsafe { &*entry };
            assert!(core::ptr::eq(entry, table.id(place)));
            assert_eq!(entry.id[7], b'1' + place as u8);
        }
        // SAFETY: One more ends it.
        let end = unsafe { first.add(2) };
        // SAFETY: As above.
        let end = unsafe { &*end };
        assert!(bytes(end).iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_table_may_be_empty() {
        let table = IdArray::<of::DeviceId, u32, 0>::new([]);
        // SAFETY: There is always the entry that ends the table.
        let end = unsafe { &*table.as_ptr() };
        assert!(bytes(end).iter().all(|byte| *byte == 0));
    }

    #[test]
    fn without_an_index_the_field_stays_as_it_is() {
        let table = IdArray::new_without_index([
            (of::DeviceId::new(c"a"), 1),
            (of::DeviceId::new(c"b"), 2),
        ]);
        assert!(table.id(1).data.is_null());
        assert_eq!(*table.info(1), 2);
    }

    #[test]
    fn infos_are_dropped_once() {
        struct Counted<'a>(&'a Refcount);
        impl Drop for Counted<'_> {
            fn drop(&mut self) {
                let _ = self.0.dec_and_test();
            }
        }

        let left = Refcount::new(3);
        let table = IdArray::new([
            (of::DeviceId::new(c"a"), Counted(&left)),
            (of::DeviceId::new(c"b"), Counted(&left)),
        ]);
        assert_eq!(left.as_atomic().load(crate::sync::atomic::Relaxed), 3);
        drop(table);
        assert_eq!(left.as_atomic().load(crate::sync::atomic::Relaxed), 1);
    }

    #[test]
    fn the_place_lies_where_c_has_its_own_data() {
        assert_eq!(
            of::DeviceId::DRIVER_DATA_OFFSET,
            offset_of!(bindings::of_device_id, data)
        );
        assert_eq!(
            acpi::DeviceId::DRIVER_DATA_OFFSET,
            offset_of!(bindings::acpi_device_id, driver_data)
        );
        assert_eq!(
            size_of::<of::DeviceId>(),
            size_of::<<of::DeviceId as RawDeviceId>::RawType>()
        );
    }

    #[test]
    fn the_longest_names_fit() {
        // Room for the zero at the end has to be left.
        let id = acpi::DeviceId::new(c"ABCDEFGHIJKLMNO");
        let table = IdArray::new([(id, ())]);
        assert_eq!(&bytes(table.id(0))[..16], b"ABCDEFGHIJKLMNO\0");
    }
}
