// SPDX-License-Identifier: GPL-2.0

//! Attributes: the files of an item.

use core::{ffi::CStr, marker::PhantomData, ptr::NonNull, slice};

use super::{group, item_type::Exactly};
use crate::{bindings, error::VTABLE_DEFAULT_ERROR, page::PAGE_SIZE, prelude::*, types::Opaque};

/// The most that an attribute can show: C's `SIMPLE_ATTR_SIZE`, whatever the size of a page.
const MOST_SHOWN: usize = 4096;

/// What happens when an attribute is read and written.
///
/// A type has one implementation for each attribute of its items; `ID` tells them apart, and
/// [`configfs_attrs!`](crate::configfs_attrs) says which is which. An implementation has `show`, `store`,
/// or both: the file's permissions follow from that.
///
/// # Examples
///
/// ```
/// use kernel::{configfs::AttributeOperations, page::PAGE_SIZE};
///
/// struct Version(u8);
///
/// #[vtable]
/// impl AttributeOperations<0> for Version {
///     type Data = Version;
///
///     fn show(version: &Version, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
///         page[0] = b'0' + version.0;
///         page[1] = b'\n';
///         Ok(2)
///     }
/// }
///
/// assert!(<Version as AttributeOperations<0>>::HAS_SHOW);
/// assert!(!<Version as AttributeOperations<0>>::HAS_STORE);
///
/// let mut page = KBox::new([0; PAGE_SIZE], GFP_KERNEL)?;
/// assert_eq!(Version::show(&Version(3), &mut page)?, 2);
/// assert_eq!(&page[..2], b"3\n");
/// # Ok::<(), Error>(())
/// ```
#[vtable]
pub trait AttributeOperations<const ID: u64> {
    /// The data of the items that have the attribute.
    type Data;

    /// Writes the attribute's value to the beginning of `page`, and returns its length in bytes.
    ///
    /// The page is all zeroes before. The reader gets as many bytes as this returns, at most 4096:
    /// more is an error, `EIO`. What a file was opened for is read once, and again after a write
    /// through it.
    ///
    /// # Errors
    ///
    /// The reader gets any error as it is.
    fn show(_data: &Self::Data, _page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Takes `page`, the 1 to 4095 bytes that were written, as the attribute's value.
    ///
    /// They are whatever user space wrote, often with a newline at the end.
    ///
    /// # Errors
    ///
    /// The writer gets any error as it is.
    fn store(_data: &Self::Data, _page: &[u8]) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}

/// An attribute of items with data of type `Data`, whose operations are `O`'s for `ID`.
///
/// [`configfs_attrs!`](crate::configfs_attrs) makes them. The file can be read by all if there is a
/// `show`, and written by its owner if there is a `store`.
///
/// C counterpart: [`struct configfs_attribute`].
///
/// # Invariants
///
/// The C structure is initialised, and its operations are for items whose data is a `Data`.
///
/// # Examples
///
/// ```
/// use kernel::{configfs::{Attribute, AttributeOperations}, page::PAGE_SIZE};
///
/// struct Empty;
///
/// #[vtable]
/// impl AttributeOperations<7> for Empty {
///     type Data = Empty;
///
///     fn show(_: &Empty, _: &mut [u8; PAGE_SIZE]) -> Result<usize> {
///         Ok(0)
///     }
/// }
///
/// static NOTHING: Attribute<7, Empty, Empty> = Attribute::new(c"nothing");
/// assert_eq!(size_of_val(&NOTHING), size_of::<kernel::bindings::configfs_attribute>());
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct configfs_attribute`]: srctree/include/linux/configfs.h
#[repr(transparent)]
pub struct Attribute<const ID: u64, O, Data> {
    inner: Opaque<bindings::configfs_attribute>,
    _types: Exactly<(O, Data)>,
}

// SAFETY: It holds no values of `O` or `Data`, and may go anywhere, as its pointers are to statics.
unsafe impl<const ID: u64, O, Data> Send for Attribute<ID, O, Data> {}

// SAFETY: Nothing changes it, neither here nor in C.
unsafe impl<const ID: u64, O, Data> Sync for Attribute<ID, O, Data> {}

impl<const ID: u64, O, Data> Attribute<ID, O, Data>
where
    O: AttributeOperations<ID, Data = Data>,
{
    /// Creates an attribute with the file name `name`, for code that is built in.
    ///
    /// It does not keep the module loaded while its file is open. That is not needed for safety:
    /// operations under way are waited for, and then there are no more.
    pub const fn new(name: &'static CStr) -> Self {
        Self::with_owner(name, core::ptr::null_mut())
    }

    /// Creates an attribute that keeps `module` loaded while its file is open.
    ///
    /// Not API: part of `configfs_attrs!`.
    #[doc(hidden)]
    pub const fn of_module(name: &'static CStr, module: &'static ThisModule) -> Self {
        Self::with_owner(name, module.as_ptr())
    }

    const fn with_owner(name: &'static CStr, owner: *mut bindings::module) -> Self {
        assert!(
            O::HAS_SHOW || O::HAS_STORE,
            "an attribute has `show` or `store`"
        );
        let mut mode = 0;
        let mut show: Option<unsafe extern "C" fn(_, _) -> _> = None;
        let mut store: Option<unsafe extern "C" fn(_, _, _) -> _> = None;
        if O::HAS_SHOW {
            mode |= 0o444;
            show = Some(Self::show_callback);
        }
        if O::HAS_STORE {
            mode |= 0o200;
            store = Some(Self::store_callback);
        }
        // INVARIANT: The callbacks are those of `O`, for items with a `Data`.
        Self {
            inner: Opaque::new(bindings::configfs_attribute {
                ca_name: name.to_bytes_with_nul().as_ptr(),
                ca_owner: owner,
                ca_mode: mode,
                show,
                store,
            }),
            _types: PhantomData,
        }
    }

    /// Returns what an [`AttributeList`] is made of.
    ///
    /// Not API: part of `configfs_attrs!`.
    #[doc(hidden)]
    pub const fn entry(&'static self) -> Entry<Data> {
        // SAFETY: `get` returns the address of a part of `self`.
        let attribute = unsafe { NonNull::new_unchecked(self.inner.get()) };
        // INVARIANT: It is `'static`, and by the type invariant for items with a `Data`.
        Entry(attribute, PhantomData)
    }

    /// Called when the file is read: shows the value of the attribute of `item` in `page`.
    ///
    /// # Safety
    ///
    /// - `item` must be of a live group with a `Data`, as [`group::data`] wants it.
    /// - `page` must be a page that nobody else uses meanwhile.
    unsafe extern "C" fn show_callback(
        item: *mut bindings::config_item,
        page: *mut c_char,
    ) -> isize {
        // SAFETY: The caller vouches for `item`; C does not let the group go during the call.
        let data = unsafe { group::data_of_item::<Data>(item) };
        // What was in there before is from an earlier call, or was never written.
        //
        // SAFETY: The caller says that it is a page.
        unsafe { page.write_bytes(0, PAGE_SIZE) };
        // SAFETY: As above, and nobody else uses it; all its bytes are initialised now.
        let page = unsafe { &mut *page.cast::<[u8; PAGE_SIZE]>() };
        match O::show(data, page) {
            Ok(length) if length <= MOST_SHOWN => length as isize,
            Ok(_) => EIO.to_errno() as isize,
            Err(error) => error.to_errno() as isize,
        }
    }

    /// Called when the file is written: stores `size` bytes as the value of the attribute of `item`.
    ///
    /// # Safety
    ///
    /// - `item` must be of a live group with a `Data`, as [`group::data`] wants it.
    /// - `page` must hold `size` bytes, which nobody changes meanwhile.
    unsafe extern "C" fn store_callback(
        item: *mut bindings::config_item,
        page: *const c_char,
        size: usize,
    ) -> isize {
        // SAFETY: The caller vouches for `item`; C does not let the group go during the call.
        let data = unsafe { group::data_of_item::<Data>(item) };
        // SAFETY: The caller says that this many bytes are there, and don't change.
        let page = unsafe { slice::from_raw_parts(page.cast::<u8>(), size) };
        match O::store(data, page) {
            // Less than a page.
            Ok(()) => size as isize,
            Err(error) => error.to_errno() as isize,
        }
    }
}

/// An attribute of items with data of type `Data`, whatever its operations are.
///
/// Not API: part of `configfs_attrs!`.
///
/// # Invariants
///
/// Points to an initialised attribute that is there for ever, for items whose data is a `Data`.
#[doc(hidden)]
#[repr(transparent)]
pub struct Entry<Data>(NonNull<bindings::configfs_attribute>, Exactly<Data>);

/// The attributes of items with data of type `Data`, with one place more for the end of the list.
///
/// [`configfs_attrs!`](crate::configfs_attrs) makes it.
///
/// C counterpart: the array at `ct_attrs` in [`struct config_item_type`].
///
/// # Invariants
///
/// The last of the `N` entries is `None`, and all others are attributes.
///
/// # Examples
///
/// Nothing needs to be done about it. What the macro makes of its list has a place for each attribute,
/// and one for the end:
///
/// ```
/// use kernel::configfs::AttributeList;
///
/// assert_eq!(size_of::<AttributeList<3, ()>>(), 3 * size_of::<*const u8>());
/// ```
///
/// [`struct config_item_type`]: srctree/include/linux/configfs.h
#[repr(transparent)]
pub struct AttributeList<const N: usize, Data>([Option<Entry<Data>>; N], PhantomData<Data>);

// SAFETY: It holds no `Data`, only pointers to attributes, which are `Sync` and stay where they are.
unsafe impl<const N: usize, Data> Send for AttributeList<N, Data> {}

// SAFETY: Nothing changes it, neither here nor in C.
unsafe impl<const N: usize, Data> Sync for AttributeList<N, Data> {}

impl<const N: usize, Data> AttributeList<N, Data> {
    /// Makes a list, whose last entry must be `None`, and the only one that is.
    ///
    /// Not API: part of `configfs_attrs!`.
    #[doc(hidden)]
    pub const fn new(entries: [Option<Entry<Data>>; N]) -> Self {
        assert!(N > 0, "a list of attributes has an end");
        let mut at = 0;
        while at < N {
            assert!(
                entries[at].is_none() == (at + 1 == N),
                "`None` is the end of a list of attributes, and nothing else"
            );
            at += 1;
        }
        // INVARIANT: The loop has seen to it.
        Self(entries, PhantomData)
    }

    /// Returns the list as C wants it: pointers to attributes, the last of which is null.
    pub(super) const fn as_ptr(&'static self) -> *mut *mut bindings::configfs_attribute {
        // `Option<Entry>` is a pointer that may be null. C only reads from the list.
        (&raw const self.0).cast_mut().cast()
    }
}

/// Returns how many names there are.
///
/// Not API: part of `configfs_attrs!`.
#[doc(hidden)]
pub const fn count_names(names: &[&str]) -> usize {
    names.len()
}

/// Fails the build if a name is in the list twice: only one of the two files could be reached.
///
/// Not API: part of `configfs_attrs!`.
#[doc(hidden)]
pub const fn assert_names_differ(names: &[&str]) {
    let mut at = 0;
    while at < names.len() {
        let mut before = 0;
        while before < at {
            assert!(
                !same(names[before].as_bytes(), names[at].as_bytes()),
                "two attributes have the same name"
            );
            before += 1;
        }
        at += 1;
    }
}

/// Returns whether two strings are the same, in constants, where `==` is not to be had.
const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
