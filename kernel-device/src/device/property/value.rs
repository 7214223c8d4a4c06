// SPDX-License-Identifier: GPL-2.0

//! What can be read from a property.

use super::{software, CString, FwNode};
use crate::{bindings, device::private::Sealed, error::to_result, prelude::*};
use core::{
    mem::MaybeUninit,
    ptr::{self, NonNull},
    slice,
};

/// What [`FwNode::property_read`] can read: integers, arrays of them, and strings.
///
/// Nobody can add one.
///
/// # Examples
///
/// ```
/// use kernel::device::property::{FwNode, Property};
///
/// fn present<T: Property>(node: &FwNode, name: &CStr) -> bool {
///     T::read_from_fwnode_property(node, name).is_ok()
/// }
///
/// # use kernel::device::property::testing::{SoftwareNode, Value};
/// # let node = SoftwareNode::new(&[(c"gain", Value::U32(&[3]))])?;
/// assert!(present::<u32>(&node, c"gain"));
/// assert!(!present::<u64>(&node, c"gain"));
/// # Ok::<(), Error>(())
/// ```
pub trait Property: Sized + Sealed {
    /// Reads the property `name`.
    ///
    /// # Errors
    ///
    /// - `EINVAL` without such a property.
    /// - `ENODATA` if it has no value.
    /// - `EOVERFLOW` if it has less than is to be read, or in ACPI tables a number that is too large.
    /// - `EPROTO` or `EILSEQ` if it is of another type.
    /// - `ENXIO` if the node has no properties.
    /// - `ENOMEM` without memory for a string.
    fn read_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<Self>;
}

/// Integers that properties can have: those of 8, 16, 32 and 64 bits.
///
/// Nobody can add one.
///
/// # Examples
///
/// ```
/// use kernel::device::property::{FwNode, PropertyInt};
///
/// fn sum<T: PropertyInt + Into<i64>>(node: &FwNode, name: &CStr) -> Result<i64> {
///     let count = node.property_count_elem::<T>(name)?;
///     let values: KVec<T> = node.property_read_array_vec(name, count)?.optional().ok_or(EINVAL)?;
///     Ok(values.iter().map(|&value| value.into()).sum())
/// }
///
/// # use kernel::device::property::testing::{SoftwareNode, Value};
/// # let node = SoftwareNode::new(&[(c"offsets", Value::U16(&[3, 0xffff]))])?;
/// assert_eq!(sum::<u16>(&node, c"offsets"), Ok(0x1_0002));
/// assert_eq!(sum::<i16>(&node, c"offsets"), Ok(2));
/// # Ok::<(), Error>(())
/// ```
pub trait PropertyInt: Copy + Sealed {
    /// Reads as many numbers as `out` has room for, and returns them.
    ///
    /// # Errors
    ///
    /// - `EINVAL` without such a property.
    /// - `ENODATA` if it has no value.
    /// - `EOVERFLOW` if it has less, or in ACPI tables a number that is too large.
    /// - `EPROTO` if it does not have numbers.
    /// - `ENXIO` if the node has no properties.
    fn read_array_from_fwnode_property<'a>(
        fwnode: &FwNode,
        name: &CStr,
        out: &'a mut [MaybeUninit<Self>],
    ) -> Result<&'a mut [Self]>;

    /// Counts the numbers in the property, as if all had this width.
    ///
    /// # Errors
    ///
    /// - `EINVAL` without such a property.
    /// - `ENODATA` if it has no value; in a software node that is a count of 0.
    /// - `EOVERFLOW` if it is a number in an ACPI table that is too large.
    /// - `EPROTO` if it does not have numbers.
    /// - `ENXIO` if the node has no properties.
    fn read_array_len_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<usize>;
}

macro_rules! integers {
    ($($read:ident: $unsigned:ty, $signed:ty;)*) => {
        $(
            integers!(@integer $unsigned, $read, $unsigned);
            integers!(@integer $signed, $read, $unsigned);
        )*
    };

    (@integer $int:ty, $read:ident, $unsigned:ty) => {
        impl Sealed for $int {}

        impl<const N: usize> Sealed for [$int; N] {}

        impl PropertyInt for $int {
            fn read_array_from_fwnode_property<'a>(
                fwnode: &FwNode,
                name: &CStr,
                out: &'a mut [MaybeUninit<Self>],
            ) -> Result<&'a mut [Self]> {
                software::check(fwnode, name, software::Kind::Numbers)?;
                let first = out.as_mut_ptr();
                // SAFETY: The node is initialised, by its type invariants, and the name ends with a
                // zero byte. There is room for so many numbers of this size, and the pointer is not
                // null even if they are none.
                to_result(unsafe {
                    bindings::$read(
                        fwnode.as_raw(),
                        name.as_char_ptr(),
                        first.cast::<$unsigned>(),
                        out.len(),
                    )
                })?;
                // SAFETY: Without an error all of them are initialised. They are integers, of which
                // every value is valid, and borrowed as `out` is.
                Ok(unsafe { slice::from_raw_parts_mut(first.cast::<Self>(), out.len()) })
            }

            fn read_array_len_from_fwnode_property(
                fwnode: &FwNode,
                name: &CStr,
            ) -> Result<usize> {
                software::check(fwnode, name, software::Kind::Numbers)?;
                // SAFETY: The node is initialised, by its type invariants, and the name ends with a
                // zero byte. Without a place to store them the numbers are only counted.
                let count = unsafe {
                    bindings::$read(fwnode.as_raw(), name.as_char_ptr(), ptr::null_mut(), 0)
                };
                to_result(count)?;
                Ok(count as usize)
            }
        }

        impl Property for $int {
            fn read_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<Self> {
                let [value] = <[$int; 1]>::read_from_fwnode_property(fwnode, name)?;
                Ok(value)
            }
        }

        impl<const N: usize> Property for [$int; N] {
            fn read_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<Self> {
                let mut room = [const { MaybeUninit::uninit() }; N];
                let read = <$int>::read_array_from_fwnode_property(fwnode, name, &mut room)?;
                (&*read).try_into().map_err(|_| EOVERFLOW)
            }
        }
    };
}

integers! {
    fwnode_property_read_u8_array: u8, i8;
    fwnode_property_read_u16_array: u16, i16;
    fwnode_property_read_u32_array: u32, i32;
    fwnode_property_read_u64_array: u64, i64;
}

impl Sealed for CString {}

/// The first string of the property. It need not be UTF-8.
impl Property for CString {
    fn read_from_fwnode_property(fwnode: &FwNode, name: &CStr) -> Result<Self> {
        software::check(fwnode, name, software::Kind::Strings)?;
        let mut string = ptr::null();
        // SAFETY: The node is initialised, by its type invariants, and the name ends with a zero byte.
        // There is room for one pointer.
        let count = unsafe {
            bindings::fwnode_property_read_string_array(
                fwnode.as_raw(),
                name.as_char_ptr(),
                &mut string,
                1,
            )
        };
        to_result(count)?;
        // A list in a software node may be without a string, or have none in a place.
        let no_data = || Error::from_errno(-(bindings::ENODATA as c_int));
        let string = NonNull::new(string.cast_mut()).ok_or_else(no_data)?;
        // SAFETY: A property of strings has pointers to what ends with a zero byte, and stays for as
        // long as the node does.
        let string = unsafe { CStr::from_char_ptr(string.as_ptr()) };
        Ok(Self::try_from(string)?)
    }
}
