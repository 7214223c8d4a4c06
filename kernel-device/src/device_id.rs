// SPDX-License-Identifier: GPL-2.0

//! Tables of the devices that a driver is for.
//!
//! A table has a line for each kind of device: what the bus matches a device against, and what the
//! driver wants to know about such a device, its *info*. C reads the first from an array that ends with
//! an entry of zeroes, and `modpost` reads the same array from the module's file, for `modprobe` to find
//! the module by its devices. The infos stay in Rust, beside the array: an entry has its place in the
//! table where a driver in C would have a pointer.
//!
//! A driver makes its table by the macro of its bus, such as [`of_device_table!`], and never names what
//! is here.
//!
//! On the C side this is [`include/linux/mod_devicetable.h`] with [`scripts/mod/file2alias.c`].
//!
//! [`include/linux/mod_devicetable.h`]: srctree/include/linux/mod_devicetable.h
//! [`scripts/mod/file2alias.c`]: srctree/scripts/mod/file2alias.c
//! [`of_device_table!`]: crate::of_device_table

use core::mem::{self, MaybeUninit};

#[cfg(CONFIG_KUNIT = "y")]
mod tests;

/// An entry of a table, as the bus has it.
///
/// # Safety
///
/// `Self` is a `#[repr(transparent)]` wrapper of [`RawType`](Self::RawType), and a `RawType` of zeroes
/// is what ends a table.
pub unsafe trait RawDeviceId {
    /// The C structure, such as `struct of_device_id`.
    type RawType: Copy;
}

/// An entry with a field for the driver's own use, in which its place in the table is kept.
///
/// # Safety
///
/// At [`DRIVER_DATA_OFFSET`](Self::DRIVER_DATA_OFFSET) bytes in the entry lies a field that is as large
/// and as aligned as a `usize`, may hold any value, and is not looked at by the bus;
/// [`index`](Self::index) gives what it holds.
pub unsafe trait RawDeviceIdIndex: RawDeviceId {
    /// Where the field lies, in bytes.
    const DRIVER_DATA_OFFSET: usize;

    /// What the field holds: the entry's place in its table, counted from 0.
    fn index(&self) -> usize;
}

/// The entries of a table for C, with the one that ends it.
///
/// # Invariants
///
/// `sentinel` is all zeroes.
#[repr(C)]
pub struct RawIdArray<T: RawDeviceId, const N: usize> {
    ids: [T::RawType; N],
    sentinel: MaybeUninit<T::RawType>,
}

/// A table of `N` entries and their infos.
///
/// # Examples
///
/// ```
/// use kernel::{device_id::{IdArray, IdTable}, of};
///
/// const TABLE: IdArray<of::DeviceId, u32, 2> = IdArray::new([
///     (of::DeviceId::new(c"acme,fast"), 400),
///     (of::DeviceId::new(c"acme,slow"), 100),
/// ]);
///
/// assert_eq!(*TABLE.info(1), 100);
/// ```
#[repr(C)]
pub struct IdArray<T: RawDeviceId, U, const N: usize> {
    // Comes first: what C is given is a pointer to it.
    raw: RawIdArray<T, N>,
    infos: [U; N],
}

/// Keeps an array from being dropped in a `const fn`, and takes it apart.
const fn take<T, U, const N: usize>(ids: [(T, U); N], offset: Option<usize>) -> IdArray<T, U, N>
where
    T: RawDeviceId,
{
    let mut raw = [const { MaybeUninit::<T::RawType>::uninit() }; N];
    let mut infos = [const { MaybeUninit::<U>::uninit() }; N];
    let mut i = 0;
    while i < N {
        // SAFETY: `T` is a transparent wrapper of its `RawType`, by the trait's contract, and the entry
        // is not used again: `ids` is forgotten below.
        raw[i] = unsafe { mem::transmute_copy::<T, MaybeUninit<T::RawType>>(&ids[i].0) };
        if let Some(offset) = offset {
            let entry = raw[i].as_mut_ptr();
            // SAFETY: The field lies in the entry, as the contract of `RawDeviceIdIndex` says.
            let field = unsafe { entry.byte_add(offset) };
            // SAFETY: The field is as large and as aligned as a `usize`, and may hold any value.
            unsafe { field.cast::<usize>().write(i) };
        }
        // SAFETY: The info is moved out once, and `ids` is forgotten below.
        infos[i] = MaybeUninit::new(unsafe { core::ptr::read(&ids[i].1) });
        i += 1;
    }
    mem::forget(ids);
    // SAFETY: All `N` entries were written, and a `MaybeUninit` has the layout of what it holds.
    let raw = unsafe { mem::transmute_copy::<_, [T::RawType; N]>(&raw) };
    // SAFETY: As above; the array of `MaybeUninit` does not drop what was taken out of it.
    let infos = unsafe { mem::transmute_copy::<_, [U; N]>(&infos) };
    IdArray {
        // INVARIANT: Zeroes.
        raw: RawIdArray {
            ids: raw,
            sentinel: MaybeUninit::zeroed(),
        },
        infos,
    }
}

impl<T: RawDeviceId + RawDeviceIdIndex, U, const N: usize> IdArray<T, U, N> {
    /// Makes a table from its lines, and notes in each entry its place.
    pub const fn new(ids: [(T, U); N]) -> Self {
        take(ids, Some(T::DRIVER_DATA_OFFSET))
    }
}

impl<T: RawDeviceId, U, const N: usize> IdArray<T, U, N> {
    /// Makes a table of entries that have no room for their place.
    ///
    /// Who looks up an info has to know the place in another way.
    pub const fn new_without_index(ids: [(T, U); N]) -> Self {
        take(ids, None)
    }

    /// The entries, as C has them.
    pub const fn raw_ids(&self) -> &RawIdArray<T, N> {
        &self.raw
    }
}

/// A table of any length: what a driver hands to its bus.
pub trait IdTable<T: RawDeviceId, U> {
    /// The first entry, for C: the others follow it, and one of zeroes ends the table.
    ///
    /// The pointer is valid for as long as the table.
    fn as_ptr(&self) -> *const T::RawType;

    /// The entry at a place.
    ///
    /// # Panics
    ///
    /// When the table has no such place.
    fn id(&self, index: usize) -> &T::RawType;

    /// The info at a place.
    ///
    /// # Panics
    ///
    /// When the table has no such place.
    fn info(&self, index: usize) -> &U;
}

impl<T: RawDeviceId, U, const N: usize> IdTable<T, U> for IdArray<T, U, N> {
    fn as_ptr(&self) -> *const T::RawType {
        // Of all of it, and not of the entries alone: C goes on to the end of the table.
        core::ptr::from_ref(&self.raw).cast()
    }

    fn id(&self, index: usize) -> &T::RawType {
        &self.raw.ids[index]
    }

    fn info(&self, index: usize) -> &U {
        &self.infos[index]
    }
}

/// Lets `modpost` find a table: C's `MODULE_DEVICE_TABLE()`.
///
/// For the macros of the buses. The first argument is what `modpost` calls the kind of table, then
/// follow a name for what the macro makes, and the table's.
///
/// # Examples
///
/// ```
/// use kernel::{device_id::IdArray, of};
///
/// const TABLE: IdArray<of::DeviceId, (), 1> =
///     IdArray::new([(of::DeviceId::new(c"acme,fast"), ())]);
/// kernel::module_device_table!("of", MODULE_TABLE, TABLE);
///
/// // The entry, and the one that ends the table.
/// assert_eq!(MODULE_TABLE.len(), 2 * size_of::<kernel::bindings::of_device_id>());
/// ```
#[macro_export]
macro_rules! module_device_table {
    ($kind:literal, $name:ident, $table:ident) => {
        // `modpost` looks for the name in the module's symbols, and takes what follows `kmod_` for
        // the module and the kind of table.
        #[export_name = concat!(
                                    "__mod_device_table__",
                                    line!(),
                                    "__kmod_",
                                    module_path!(),
                                    "__",
                                    $kind,
                                    "__",
                                    stringify!($table)
                                )]
        static $name: [::core::mem::MaybeUninit<u8>; ::core::mem::size_of_val($table.raw_ids())] =
            // SAFETY: Any bytes are a value of that type, and they are as many as the entries have.
            unsafe { ::core::mem::transmute_copy($table.raw_ids()) };
    };
}
