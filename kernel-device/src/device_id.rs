// SPDX-License-Identifier: GPL-2.0

//! Tables of the devices that a driver is for.
//!
//! Each bus has a C structure that describes devices: by numbers, by a name, by a string of the
//! firmware. A driver has an array of them. The kernel goes through it to see whether the driver fits
//! a device; and the build goes through it, to write down which module to load when such a device
//! appears. In Rust the array is an [`IdArray`], which has a value of the driver's for each entry,
//! its *info*. The bus finds it when the entry has matched.
//!
//! Drivers make their table with the macro of the bus, such as
//! [`of_device_table!`](crate::of_device_table). The traits are for those who write the abstraction
//! of a bus.
//!
//! On the C side this is [`include/linux/mod_devicetable.h`] and `MODULE_DEVICE_TABLE()`.
//!
//! [`include/linux/mod_devicetable.h`]: srctree/include/linux/mod_devicetable.h

use core::mem::MaybeUninit;

#[cfg(CONFIG_KUNIT = "y")]
mod tests;

/// Keeps others from implementing [`IdTable`], whose pointers C follows.
mod private {
    pub trait Sealed {}
}

/// The entry of a table, as one bus has it: a wrapper of its C structure.
///
/// For the abstractions of buses.
///
/// # Safety
///
/// - `Self` is a transparent wrapper of [`RawType`](Self::RawType), or has the same layout; each `Self`
///   is a valid `RawType`.
/// - A `RawType` of all zero bytes is valid, and ends a table.
/// - A `RawType` is plain data: it has no pointers, or none that may not be used from every thread.
///
/// # Examples
///
/// ```
/// use kernel::device_id::{IdArray, IdTable, RawDeviceId};
///
/// #[derive(Clone, Copy)]
/// #[repr(C)]
/// struct slot_device_id {
///     vendor: u32,
/// }
///
/// #[repr(transparent)]
/// struct DeviceId(slot_device_id);
///
/// // SAFETY: It is transparent, and its integer is zero for the last entry.
/// unsafe impl RawDeviceId for DeviceId {
///     type RawType = slot_device_id;
/// }
///
/// let table = IdArray::new_without_index([
///     (DeviceId(slot_device_id { vendor: 0x1af4 }), "virtual"),
///     (DeviceId(slot_device_id { vendor: 0x8086 }), "real"),
/// ]);
/// assert_eq!(table.id(1).vendor, 0x8086);
/// assert_eq!(*table.info(1), "real");
/// ```
pub unsafe trait RawDeviceId {
    /// The C structure.
    type RawType: Copy;
}

/// An entry with a place for a number of the driver's, in which [`IdArray::new`] puts the index.
///
/// For the abstractions of buses: what they have matched leads them to the driver's info.
///
/// # Safety
///
/// At [`DRIVER_DATA_OFFSET`](Self::DRIVER_DATA_OFFSET) bytes from the beginning of
/// [`RawType`](RawDeviceId::RawType) is an aligned field of the size of a pointer, which holds any
/// number, which has no meaning to C code, and which [`index`](Self::index) reads.
///
/// # Examples
///
/// ```
/// use core::mem::offset_of;
/// use kernel::device_id::{IdArray, IdTable, RawDeviceId, RawDeviceIdIndex};
///
/// #[derive(Clone, Copy)]
/// #[repr(C)]
/// struct slot_device_id {
///     vendor: u32,
///     driver_data: usize,
/// }
///
/// #[repr(transparent)]
/// struct DeviceId(slot_device_id);
///
/// impl DeviceId {
///     const fn new(vendor: u32) -> Self {
///         Self(slot_device_id { vendor, driver_data: 0 })
///     }
/// }
///
/// // SAFETY: It is transparent, and its integers are zero in the last entry.
/// unsafe impl RawDeviceId for DeviceId {
///     type RawType = slot_device_id;
/// }
///
/// // SAFETY: That is where `driver_data` is.
/// unsafe impl RawDeviceIdIndex for DeviceId {
///     const DRIVER_DATA_OFFSET: usize = offset_of!(slot_device_id, driver_data);
///
///     fn index(&self) -> usize {
///         self.0.driver_data
///     }
/// }
///
/// static TABLE: IdArray<DeviceId, &str, 2> =
///     IdArray::new([(DeviceId::new(0x1af4), "virtual"), (DeviceId::new(0x8086), "real")]);
/// assert_eq!(TABLE.id(1).driver_data, 1);
/// ```
pub unsafe trait RawDeviceIdIndex: RawDeviceId {
    /// Where in the C structure the index is, in bytes.
    const DRIVER_DATA_OFFSET: usize;

    /// The index of the entry in its table, as [`IdArray::new`] has stored it.
    fn index(&self) -> usize;
}

/// The C structures of a table, with the one of zeroes that ends it.
///
/// # Invariants
///
/// All are initialised up to padding, and what is behind the last of `ids` is zero.
///
/// # Examples
///
/// It is what C looks at; only its size is of interest to others:
///
/// ```
/// # use kernel::{bindings, of};
/// kernel::of_device_table!(TABLE, MODULE_TABLE, (), [(of::DeviceId::new(c"example,raw"), ())]);
///
/// assert_eq!(size_of_val(TABLE.raw_ids()), 2 * size_of::<bindings::of_device_id>());
/// ```
#[repr(C)]
pub struct RawIdArray<T: RawDeviceId, const N: usize> {
    ids: [MaybeUninit<T::RawType>; N],
    sentinel: MaybeUninit<T::RawType>,
}

// SAFETY: They are plain data, by the contract of `RawDeviceId`, and nobody writes them.
unsafe impl<T: RawDeviceId, const N: usize> Sync for RawIdArray<T, N> {}

impl<T: RawDeviceId, const N: usize> RawIdArray<T, N> {
    /// The structures as bytes, for [`module_device_table!`](crate::module_device_table).
    ///
    /// Not API. `SIZE` has to be that of `Self`.
    #[doc(hidden)]
    pub const fn to_bytes<const SIZE: usize>(&self) -> [MaybeUninit<u8>; SIZE] {
        assert!(SIZE == size_of::<Self>());
        // SAFETY: There are as many bytes behind the reference as asked for, which may be
        // uninitialised.
        unsafe {
            core::ptr::from_ref(self)
                .cast::<[MaybeUninit<u8>; SIZE]>()
                .read()
        }
    }
}

/// A table of `N` devices, each with an info of type `U`.
///
/// A driver keeps it in a static, which is what the macros of the buses make of it. The entries come
/// first, so that C may take it for the array that it knows.
///
/// # Examples
///
/// ```
/// use kernel::{device_id::{IdArray, IdTable}, of};
///
/// struct Model {
///     channels: u32,
/// }
///
/// static TABLE: IdArray<of::DeviceId, Model, 2> = IdArray::new([
///     (of::DeviceId::new(c"example,adc-4"), Model { channels: 4 }),
///     (of::DeviceId::new(c"example,adc-8"), Model { channels: 8 }),
/// ]);
///
/// assert_eq!(TABLE.info(0).channels, 4);
/// assert_eq!(TABLE.info(1).channels, 8);
/// ```
#[repr(C)]
pub struct IdArray<T: RawDeviceId, U, const N: usize> {
    raw_ids: RawIdArray<T, N>,
    infos: [U; N],
}

impl<T: RawDeviceId + RawDeviceIdIndex, U, const N: usize> IdArray<T, U, N> {
    /// Makes a table in which each entry has its index, by which the bus finds the info.
    pub const fn new(ids: [(T, U); N]) -> Self {
        let mut array = Self::new_without_index(ids);
        let mut index = 0;
        while index < N {
            let id = array.raw_ids.ids[index].as_mut_ptr().cast::<u8>();
            // SAFETY: The field is in the structure, as the contract of `RawDeviceIdIndex` says.
            let field = unsafe { id.add(T::DRIVER_DATA_OFFSET) }.cast::<usize>();
            // SAFETY: It has this size and this alignment and may hold any number, by the same
            // contract.
            unsafe { field.write(index) };
            index += 1;
        }
        array
    }
}

impl<T: RawDeviceId, U, const N: usize> IdArray<T, U, N> {
    /// Makes a table whose entries stay as they are: for a bus that finds the info in another way, or
    /// not at all.
    pub const fn new_without_index(ids: [(T, U); N]) -> Self {
        let mut raw = [const { MaybeUninit::<T::RawType>::uninit() }; N];
        let mut infos = [const { MaybeUninit::<U>::uninit() }; N];
        let pairs = (&raw const ids).cast::<(T, U)>();
        let mut index = 0;
        while index < N {
            // SAFETY: There are `N` of them.
            let pair = unsafe { pairs.add(index) };
            // SAFETY: The pointer is valid.
            let id = unsafe { &raw const (*pair).0 };
            // SAFETY: By the contract of `RawDeviceId` it is a valid one.
            raw[index] = MaybeUninit::new(unsafe { id.cast::<T::RawType>().read() });
            // SAFETY: The pointer is valid.
            let info = unsafe { &raw const (*pair).1 };
            // SAFETY: It is a valid one, and nobody else reads it: the array is forgotten below.
            infos[index] = MaybeUninit::new(unsafe { info.read() });
            index += 1;
        }
        core::mem::forget(ids);
        // INVARIANT: All of `ids` are initialised, and the last is zero.
        Self {
            raw_ids: RawIdArray {
                ids: raw,
                sentinel: MaybeUninit::zeroed(),
            },
            // SAFETY: All `N` are initialised.
            infos: unsafe { (&raw const infos).cast::<[U; N]>().read() },
        }
    }

    /// The C structures, with the end of the table.
    ///
    /// For [`module_device_table!`](crate::module_device_table).
    pub const fn raw_ids(&self) -> &RawIdArray<T, N> {
        &self.raw_ids
    }
}

/// A table of any length: what a driver hands to its bus.
///
/// Only [`IdArray`] implements it, as C code relies on what [`as_ptr`](Self::as_ptr) gives.
///
/// # Examples
///
/// ```
/// use kernel::of;
///
/// kernel::of_device_table!(
///     TABLE,
///     MODULE_TABLE,
///     u32,
///     [(of::DeviceId::new(c"example,clock"), 24_000_000)]
/// );
///
/// fn rate(table: of::IdTable<u32>, index: usize) -> u32 {
///     *table.info(index)
/// }
///
/// assert_eq!(rate(&TABLE, 0), 24_000_000);
/// ```
pub trait IdTable<T: RawDeviceId, U>: private::Sealed {
    /// The C array. It has [`id`](Self::id)`(0)` first, and ends with an entry of zeroes.
    fn as_ptr(&self) -> *const T::RawType;

    /// An entry.
    ///
    /// # Panics
    ///
    /// Panics if there are not that many.
    fn id(&self, index: usize) -> &T::RawType;

    /// The info of an entry.
    ///
    /// # Panics
    ///
    /// Panics if there are not that many.
    fn info(&self, index: usize) -> &U;
}

impl<T: RawDeviceId, U, const N: usize> private::Sealed for IdArray<T, U, N> {}

impl<T: RawDeviceId, U, const N: usize> IdTable<T, U> for IdArray<T, U, N> {
    fn as_ptr(&self) -> *const T::RawType {
        // All of it, with the end.
        (&raw const self.raw_ids).cast()
    }

    fn id(&self, index: usize) -> &T::RawType {
        // SAFETY: By the invariants of `RawIdArray` it is initialised.
        unsafe { self.raw_ids.ids[index].assume_init_ref() }
    }

    fn info(&self, index: usize) -> &U {
        &self.infos[index]
    }
}

/// Tells the build which devices a module is for, as C's `MODULE_DEVICE_TABLE()`.
///
/// `module_device_table!("of", MODULE_TABLE, TABLE)` makes a static `MODULE_TABLE` with the C
/// structures of the [`IdArray`] in the static or constant `TABLE`. Its symbol has a name that
/// [`file2alias.c`] looks for; the first argument is the name which that file has for the type of the
/// structures. From these the module gets its aliases, by which it is loaded when there is such a
/// device.
///
/// For the macros of the buses, such as [`of_device_table!`](crate::of_device_table). A name that
/// belongs to another type makes for wrong aliases, though for nothing worse.
///
/// # Examples
///
/// ```
/// use kernel::{bindings, device_id::IdArray, of};
///
/// static TABLE: IdArray<of::DeviceId, (), 1> =
///     IdArray::new([(of::DeviceId::new(c"example,table"), ())]);
/// kernel::module_device_table!("of", MODULE_TABLE, TABLE);
///
/// assert_eq!(MODULE_TABLE.len(), 2 * size_of::<bindings::of_device_id>());
/// ```
///
/// [`file2alias.c`]: srctree/scripts/mod/file2alias.c
/// [`IdArray`]: crate::device_id::IdArray
#[macro_export]
macro_rules! module_device_table {
    ($type:literal, $module_table:ident, $table:ident) => {
        // The line makes the name unique where several tables have the same name.
        #[export_name = concat!(
                            "__mod_device_table__", ::core::line!(),
                            "__kmod_", ::core::module_path!(),
                            "__", $type,
                            "__", stringify!($table),
                        )]
        static $module_table: [::core::mem::MaybeUninit<u8>;
            ::core::mem::size_of_val($table.raw_ids())] = $table.raw_ids().to_bytes();
    };
}
