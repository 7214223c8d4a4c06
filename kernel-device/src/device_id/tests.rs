// SPDX-License-Identifier: GPL-2.0

//! Tests of tables: what C finds in them.

use super::*;
use crate::{
    acpi, bindings, of,
    prelude::*,
    sync::atomic::{Atomic, Relaxed},
};

/// An entry of a made-up bus, with its index in the middle.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
struct RawSlot {
    vendor: u8,
    index: usize,
    model: u16,
}

#[repr(transparent)]
struct Slot(RawSlot);

impl Slot {
    const fn new(vendor: u8, model: u16) -> Self {
        Self(RawSlot {
            vendor,
            index: usize::MAX,
            model,
        })
    }
}

// SAFETY: It is transparent, and its integers are zero in the last entry.
unsafe impl RawDeviceId for Slot {
    type RawType = RawSlot;
}

// SAFETY: That is where `index` is.
unsafe impl RawDeviceIdIndex for Slot {
    const DRIVER_DATA_OFFSET: usize = core::mem::offset_of!(RawSlot, index);

    fn index(&self) -> usize {
        self.0.index
    }
}

static SLOTS: IdArray<Slot, &str, 3> = IdArray::new([
    (Slot::new(1, 10), "one"),
    (Slot::new(2, 20), "two"),
    (Slot::new(3, 30), "three"),
]);

crate::of_device_table!(
    OF_TABLE,
    MODULE_OF_TABLE,
    u64,
    [
        (of::DeviceId::new(c"rust,first"), u64::MAX),
        (of::DeviceId::new(c"rust,second"), 0),
    ]
);

crate::acpi_device_table! {
    ACPI_TABLE,
    MODULE_ACPI_TABLE,
    (u8, &'static str),
    [
        (acpi::DeviceId::new(c"RUST0001"), (1, "one")),
        (acpi::DeviceId::new(c"RUST0002"), (2, "two")),
        (acpi::DeviceId::new(c"RUST5678901234X"), (3, "three")),
    ]
}

/// The entries that C finds: up to one for which `is_end`.
fn entries<T: Copy>(first: *const T, is_end: impl Fn(&T) -> bool) -> Result<KVec<T>> {
    let mut found = KVec::new();
    loop {
        // SAFETY: The callers pass tables, and this does not go on behind the end.
        let entry = unsafe { first.add(found.len()) };
        // SAFETY: As above.
        let entry = unsafe { entry.read() };
        if is_end(&entry) {
            return Ok(found);
        }
        found.push(entry, GFP_KERNEL)?;
    }
}

#[crate::macros::kunit_tests(rust_device_id)]
mod table_tests {
    use super::*;

    #[test]
    fn entries_have_their_index() {
        for (index, name) in ["one", "two", "three"].into_iter().enumerate() {
            assert_eq!(SLOTS.id(index).index, index);
            assert_eq!(*SLOTS.info(index), name);
        }
    }

    #[test]
    fn the_rest_of_an_entry_stays() {
        assert_eq!((SLOTS.id(2).vendor, SLOTS.id(2).model), (3, 30));
    }

    #[test]
    fn entries_without_index_stay_as_they_are() {
        let table = IdArray::new_without_index([(Slot::new(1, 10), 5_u8), (Slot::new(2, 20), 6)]);
        assert_eq!(table.id(0), &Slot::new(1, 10).0);
        assert_eq!(table.id(1), &Slot::new(2, 20).0);
        assert_eq!((*table.info(0), *table.info(1)), (5, 6));
    }

    #[test]
    fn c_finds_all_entries_and_the_end() -> Result {
        let table: &dyn IdTable<Slot, &str> = &SLOTS;
        let found = entries(table.as_ptr(), |id| id.vendor == 0)?;
        assert_eq!(found.len(), 3);
        assert_eq!(found[1].model, 20);
        Ok(())
    }

    #[test]
    fn c_finds_the_end_of_an_empty_table() -> Result {
        let table: IdArray<Slot, (), 0> = IdArray::new([]);
        assert_eq!(entries(table.as_ptr(), |id| id.vendor == 0)?.len(), 0);
        Ok(())
    }

    /// Each goes with the table, and not before.
    #[test]
    fn infos_are_dropped_once() {
        struct CountDrops<'a>(&'a Atomic<i32>);

        impl Drop for CountDrops<'_> {
            fn drop(&mut self) {
                self.0.add(1, Relaxed);
            }
        }

        let drops = Atomic::new(0);
        let table = IdArray::new([
            (Slot::new(1, 10), CountDrops(&drops)),
            (Slot::new(2, 20), CountDrops(&drops)),
        ]);
        assert!(core::ptr::eq(table.info(1).0, &drops));
        assert_eq!(drops.load(Relaxed), 0);
        drop(table);
        assert_eq!(drops.load(Relaxed), 2);
    }

    #[test]
    fn the_table_is_what_c_gets() {
        let table: of::IdTable<u64> = &OF_TABLE;
        assert_eq!(
            table.as_ptr().cast::<u8>(),
            core::ptr::from_ref(OF_TABLE.raw_ids()).cast::<u8>()
        );
    }

    #[test]
    fn of_entries_are_strings() -> Result {
        let found = entries(
            (&OF_TABLE as of::IdTable<u64>).as_ptr(),
            |id: &bindings::of_device_id| {
                id.name[0] == 0 && id.type_[0] == 0 && id.compatible[0] == 0
            },
        )?;
        assert_eq!(found.len(), 2);
        assert_eq!(&found[1].compatible[..12], b"rust,second\0");
        assert_eq!(found[1].data.addr(), 1);
        assert_eq!(*OF_TABLE.info(0), u64::MAX);
        Ok(())
    }

    #[test]
    fn a_string_may_be_of_127_bytes() {
        const LONGEST: of::DeviceId = of::DeviceId::new(
            c"rust,67890123456789012345678901234567890123456789012345678901234567890123456789\
              01234567890123456789012345678901234567890123456",
        );
        let table = IdArray::new([(LONGEST, ())]);
        assert_eq!(table.id(0).compatible[126..], *b"6\0");
    }

    #[test]
    fn acpi_entries_are_ids() -> Result {
        let found = entries(
            (&ACPI_TABLE as acpi::IdTable<(u8, &'static str)>).as_ptr(),
            |id: &bindings::acpi_device_id| id.id[0] == 0 && id.cls == 0,
        )?;
        assert_eq!(found.len(), 3);
        assert_eq!(&found[0].id[..9], b"RUST0001\0");
        assert_eq!(&found[2].id, b"RUST5678901234X\0");
        assert_eq!(found[2].driver_data, 2);
        assert_eq!(*ACPI_TABLE.info(1), (2, "two"));
        Ok(())
    }

    /// The build reads the table from the other static.
    #[test]
    fn the_build_finds_the_same_bytes() {
        assert_eq!(
            MODULE_OF_TABLE.len(),
            3 * size_of::<bindings::of_device_id>()
        );
        assert_eq!(
            MODULE_ACPI_TABLE.len(),
            4 * size_of::<bindings::acpi_device_id>()
        );
        // SAFETY: `id` of the second entry is initialised.
        let byte = |index: usize| unsafe {
            MODULE_ACPI_TABLE[size_of::<bindings::acpi_device_id>() + index].assume_init()
        };
        assert_eq!([byte(0), byte(7)], [b'R', b'2']);
    }
}
