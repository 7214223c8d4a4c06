// SPDX-License-Identifier: GPL-2.0

//! Groups: directories that user space makes.

use core::mem::offset_of;

use super::{item_type::ItemOperations, ItemType};
use crate::{
    bindings,
    error::{to_result, VTABLE_DEFAULT_ERROR},
    prelude::*,
    str::CString,
    sync::{Arc, ArcBorrow},
    types::Opaque,
};

/// The longest name that a directory can have, in bytes.
const LONGEST_NAME: usize = bindings::NAME_MAX as usize;

/// What happens when user space makes and removes directories in a directory whose data is `Self`.
///
/// # Examples
///
/// ```
/// use kernel::{
///     configfs::{configfs_attrs, Group, GroupOperations},
///     sync::{atomic::{Atomic, Relaxed}, ArcBorrow},
/// };
///
/// # // SAFETY: What is built in has no module, and thus a null pointer.
/// # static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// /// A directory that holds up to eight others.
/// struct Shelf {
///     used: Atomic<u32>,
/// }
///
/// struct Book;
///
/// #[vtable]
/// impl GroupOperations for Shelf {
///     type Child = Book;
///
///     fn make_group(&self, name: &CStr) -> Result<impl PinInit<Group<Book>, Error>> {
///         if self.used.load(Relaxed) == 8 {
///             return Err(ENOSPC);
///         }
///         let item_type = configfs_attrs! {
///             container: Group<Book>,
///             data: Book,
///             attributes: [],
///         };
///         let group = Group::new(name.try_into()?, item_type, Ok(Book));
///         // Nobody else counts meanwhile: this runs once at a time.
///         self.used.add(1, Relaxed);
///         Ok(group)
///     }
///
///     fn drop_item(&self, _book: ArcBorrow<'_, Group<Book>>) {
///         self.used.add(-1i32 as u32, Relaxed);
///     }
/// }
///
/// let shelf = Shelf { used: Atomic::new(7) };
/// assert!(shelf.make_group(c"last").is_ok());
/// assert_eq!(shelf.make_group(c"one more").err(), Some(ENOSPC));
/// # Ok::<(), Error>(())
/// ```
///
/// C counterpart: [`struct configfs_group_operations`].
///
/// [`struct configfs_group_operations`]: srctree/include/linux/configfs.h
#[vtable]
pub trait GroupOperations {
    /// The data of the directories that are made.
    type Child: 'static;

    /// Returns an initialiser of the directory `name`, which user space is making.
    ///
    /// May sleep. The directory can still fail to come into being after this; then
    /// [`drop_item`](Self::drop_item) is called for it, unless it was its initialiser that failed.
    ///
    /// # Errors
    ///
    /// Whoever makes the directory gets the error.
    fn make_group(&self, name: &CStr) -> Result<impl PinInit<Group<Self::Child>, Error>>;

    /// Is told that `child` has been removed.
    ///
    /// No operation of its attributes is running any more, nor will one. Its data is dropped when the
    /// last owner is gone: one that is kept from here may be that.
    fn drop_item(&self, _child: ArcBorrow<'_, Group<Self::Child>>) {
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}

/// A type that has a C group in it.
///
/// C counterpart: [`struct config_group`].
///
/// # Safety
///
/// `group` must return the address of a `config_group` in the object, and `container_of` must find the
/// object by it.
///
/// # Examples
///
/// ```
/// use kernel::configfs::{Group, HasGroup, Subsystem};
///
/// /// How many bytes from the beginning of an object its group lies.
/// fn offset<T: HasGroup<u64>>() -> usize {
///     let object = KBox::<T>::new_uninit(GFP_KERNEL).unwrap();
///     // SAFETY: The memory is there, and no more is needed for computing an address.
///     let group = unsafe { T::group(object.as_ptr()) };
///     // SAFETY: `group` has returned it.
///     assert_eq!(unsafe { T::container_of(group) }, object.as_ptr());
///     group.addr() - object.as_ptr().addr()
/// }
///
/// assert_eq!(offset::<Group<u64>>(), offset::<Subsystem<u64>>());
/// ```
///
/// [`struct config_group`]: srctree/include/linux/configfs.h
pub unsafe trait HasGroup<Data> {
    /// Returns the address of the group in an object.
    ///
    /// # Safety
    ///
    /// `this` must point to an allocated object, which need not be initialised.
    unsafe fn group(this: *const Self) -> *const bindings::config_group;

    /// Returns the address of the object that a group is in.
    ///
    /// # Safety
    ///
    /// `group` must point to the group of a `Self`, with the right to access all of that.
    unsafe fn container_of(group: *const bindings::config_group) -> *const Self;
}

/// A directory that user space has made, with data of type `Data`.
///
/// [`GroupOperations::make_group`] gives its initialiser to configfs, which keeps it until the directory
/// has been removed and nobody uses it any more. Then the data is dropped.
///
/// C counterpart: [`struct config_group`].
///
/// # Invariants
///
/// `group` is initialised, with an [`ItemType`] for a group of `Data`. Its name is its own: in it, or
/// allocated with `kmalloc`, or null once C has freed it.
///
/// # Examples
///
/// ```
/// use kernel::{
///     configfs::{configfs_attrs, Group},
///     str::CString,
///     sync::Arc,
/// };
///
/// # // SAFETY: What is built in has no module, and thus a null pointer.
/// # static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// fn group(name: &CStr) -> Result<Arc<Group<u32>>> {
///     let item_type = configfs_attrs! {
///         container: Group<u32>,
///         data: u32,
///         attributes: [],
///     };
///     Arc::pin_init(Group::new(CString::try_from(name)?, item_type, Ok(5)), GFP_KERNEL)
/// }
///
/// assert!(group(c"directory").is_ok());
/// // `mkdir` would not take these names, and neither does this.
/// assert_eq!(group(c"").err(), Some(EINVAL));
/// assert_eq!(group(c"a/b").err(), Some(EINVAL));
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct config_group`]: srctree/include/linux/configfs.h
#[pin_data(PinnedDrop)]
#[repr(C)]
pub struct Group<Data> {
    // First, for it to be as far from the group as in a subsystem: see `data`.
    #[pin]
    data: Data,
    #[pin]
    group: Opaque<bindings::config_group>,
}

impl<Data> Group<Data> {
    /// How far behind the data the C group lies.
    pub(super) const DISTANCE: usize = offset_of!(Self, group);

    /// Initialises a directory of the type `item_type`, with the given name and data.
    ///
    /// The name is for the kernel's own use; `name` as [`make_group`](GroupOperations::make_group) gets
    /// it is the right one.
    ///
    /// # Errors
    ///
    /// - `EINVAL` if the name is empty, `.`, `..`, or has a slash in it.
    /// - `ENAMETOOLONG` if it is longer than 255 bytes.
    /// - `ENOMEM` if there is no memory for it.
    /// - Whatever the initialiser of the data fails with.
    pub fn new(
        name: CString,
        item_type: &'static ItemType<Group<Data>, Data>,
        data: impl PinInit<Data, Error>,
    ) -> impl PinInit<Self, Error> {
        // INVARIANT: `init` initialises the group, and an `ItemType` is for what it says.
        try_pin_init!(Self {
            data <- data,
            group <- Opaque::try_ffi_init(move |group| {
                // SAFETY: `try_ffi_init` gives memory for a group, and the type is a static.
                unsafe { init(group, &name, item_type.as_ptr()) }
            }),
        })
    }

    /// Gives one owner's reference to C, as the group that it sees.
    pub(super) fn into_raw_group(this: Arc<Self>) -> *mut bindings::config_group {
        // SAFETY: An `Arc` points to an object.
        unsafe { Self::group(Arc::into_raw(this)) }.cast_mut()
    }
}

// SAFETY: The two functions are each other's inverse.
unsafe impl<Data> HasGroup<Data> for Group<Data> {
    unsafe fn group(this: *const Self) -> *const bindings::config_group {
        // SAFETY: The caller says that the object is allocated.
        Opaque::cast_into(unsafe { &raw const (*this).group })
    }

    unsafe fn container_of(group: *const bindings::config_group) -> *const Self {
        // SAFETY: The caller says that the group is part of a `Self`.
        unsafe { group.byte_sub(Self::DISTANCE) }.cast()
    }
}

impl<Data> ItemOperations<Data> for Group<Data> {
    const TABLE: bindings::configfs_item_operations = bindings::configfs_item_operations {
        release: Some(Self::release_callback),
        allow_link: None,
        drop_link: None,
    };

    unsafe fn admits_children(_group: *const bindings::config_group) -> bool {
        // A group that goes away is empty: `rmdir` and the subsystem both see to that.
        true
    }
}

impl<Data> Group<Data> {
    /// Called when C has given up its last reference to an item.
    ///
    /// # Safety
    ///
    /// `item` must be of a group that came from [`Self::into_raw_group`], and not be used afterwards.
    unsafe extern "C" fn release_callback(item: *mut bindings::config_item) {
        // SAFETY: The caller says that the item is part of a group.
        let group = unsafe { group_of(item) };
        // SAFETY: The caller says that the group is part of a `Self`, which came from an `Arc`, so that
        // all of it may be accessed.
        let this = unsafe { Self::container_of(group) };
        // SAFETY: `into_raw_group` has got it from `Arc::into_raw`, and this takes the reference back.
        drop(unsafe { Arc::from_raw(this) });
    }
}

#[pinned_drop]
impl<Data> PinnedDrop for Group<Data> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant the group is initialised. It is not with C any more, which
        // would have an owner's reference.
        unsafe { free_name(self.group.get()) };
    }
}

/// Initialises a C group that is not part of a tree yet.
///
/// # Errors
///
/// As [`Group::new`], for the name. Then nothing needs to be freed.
///
/// # Safety
///
/// `group` must be valid for writes, and `item_type` be valid for as long as the group is.
pub(super) unsafe fn init(
    group: *mut bindings::config_group,
    name: &CStr,
    item_type: *const bindings::config_item_type,
) -> Result {
    let bytes = name.to_bytes();
    if matches!(bytes, b"" | b"." | b"..") || bytes.contains(&b'/') {
        return Err(EINVAL);
    }
    if bytes.len() > LONGEST_NAME {
        return Err(Error::from_errno(-(bindings::ENAMETOOLONG as c_int)));
    }
    // SAFETY: The caller says that it may be written to; all zeroes are a value of it.
    unsafe { group.write_bytes(0, 1) };
    // SAFETY: As above: the group is allocated.
    let item = unsafe { &raw mut (*group).cg_item };
    // Not `config_group_init_type_name`, which does not tell when there is no memory for the name.
    //
    // SAFETY: The item has no name yet, and the format asks for one string.
    to_result(unsafe {
        bindings::config_item_set_name(item, c"%s".as_char_ptr(), name.as_char_ptr())
    })?;
    // SAFETY: As above.
    unsafe { (*item).ci_type = item_type };
    // SAFETY: As above; this initialises all but the name and the type.
    unsafe { bindings::config_group_init(group) };
    Ok(())
}

/// Frees the name of a group that C has not freed itself.
///
/// # Safety
///
/// `group` must be initialised, not be part of a tree, and its name not be used afterwards.
pub(super) unsafe fn free_name(group: *mut bindings::config_group) {
    // SAFETY: The caller says that it is initialised.
    let item = unsafe { &raw mut (*group).cg_item };
    // SAFETY: As above.
    let name = unsafe { (*item).ci_name };
    // SAFETY: As above.
    let within = unsafe { &raw mut (*item).ci_namebuf }.cast();
    if name != within {
        // SAFETY: A name that is not within the item comes from `kmalloc`, or is null.
        unsafe { bindings::kfree(name.cast()) };
    }
}

/// Returns the group that an item is part of.
///
/// # Safety
///
/// `item` must be the `cg_item` of a group.
unsafe fn group_of(item: *mut bindings::config_item) -> *mut bindings::config_group {
    // SAFETY: The caller says so.
    unsafe { crate::container_of!(item, bindings::config_group, cg_item) }
}

/// Returns the data of what a C group is part of, be that a [`Group`] or a
/// [`Subsystem`](super::Subsystem).
///
/// # Safety
///
/// `group` must be part of a `Group<Data>` or a `Subsystem<Data>` that is alive for all of `'a`, with
/// the right to access all of that.
pub(super) unsafe fn data<'a, Data>(group: *const bindings::config_group) -> &'a Data {
    // In both the data lies at the beginning, and the group as far behind it: `Subsystem` asserts it.
    //
    // SAFETY: The caller says that the group is in there.
    let data = unsafe { group.byte_sub(Group::<Data>::DISTANCE) }.cast::<Data>();
    // SAFETY: The data is initialised before the group is, and the caller says that it is alive. It is
    // only ever shared.
    unsafe { &*data }
}

/// Returns the data of what an item is part of.
///
/// # Safety
///
/// `item` must be that of a group that [`data`] could be called for.
pub(super) unsafe fn data_of_item<'a, Data>(item: *mut bindings::config_item) -> &'a Data {
    // SAFETY: The caller says that the item is part of a group.
    let group = unsafe { group_of(item) };
    // SAFETY: The caller promises what this asks for.
    unsafe { data(group) }
}

/// Returns the operations of a `Container` with data of type `Data`, in which directories can be made.
pub(super) const fn operations<Container, Data>() -> bindings::configfs_group_operations
where
    Container: ItemOperations<Data>,
    Data: GroupOperations,
{
    bindings::configfs_group_operations {
        make_item: None,
        make_group: Some(make_group_callback::<Container, Data>),
        disconnect_notify: None,
        drop_item: if Data::HAS_DROP_ITEM {
            Some(drop_item_callback::<Data>)
        } else {
            None
        },
        is_visible: None,
        is_bin_visible: None,
    }
}

/// Called when user space makes a directory `name` in `this`: returns it, or an error pointer.
///
/// # Safety
///
/// - `this` must be the group of a live `Container`, whose data is a `Data`.
/// - The mutex of the subsystem must be held.
/// - `name` must be a C string.
unsafe extern "C" fn make_group_callback<Container, Data>(
    this: *mut bindings::config_group,
    name: *const c_char,
) -> *mut bindings::config_group
where
    Container: ItemOperations<Data>,
    Data: GroupOperations,
{
    // SAFETY: The caller says that it is the group of a `Container`, and that the mutex is held.
    if !unsafe { Container::admits_children(this) } {
        return ENOENT.to_ptr();
    }
    // SAFETY: The caller vouches for `this`, which is there until the call returns.
    let data: &Data = unsafe { data(this) };
    // SAFETY: The caller says that it is a string.
    let name = unsafe { CStr::from_char_ptr(name) };
    match data
        .make_group(name)
        .and_then(|group| Arc::pin_init(group, GFP_KERNEL))
    {
        Ok(group) => Group::into_raw_group(group),
        Err(error) => error.to_ptr(),
    }
}

/// Called when the directory `item` in `this` has been removed.
///
/// # Safety
///
/// - `this` must be the group of a live container, whose data is a `Data`.
/// - `item` must be that of a group that `make_group_callback` has returned, with a reference to it,
///   which this takes.
unsafe extern "C" fn drop_item_callback<Data: GroupOperations>(
    this: *mut bindings::config_group,
    item: *mut bindings::config_item,
) {
    // SAFETY: The caller vouches for `this`, which is there until the call returns.
    let data: &Data = unsafe { data(this) };
    // SAFETY: The caller says that the item is part of a group.
    let group = unsafe { group_of(item) };
    // SAFETY: The caller says that it comes from `make_group_callback`, and thus from an `Arc` of that
    // type.
    let child = unsafe { Group::<Data::Child>::container_of(group) };
    // SAFETY: As above. C has the reference that it was given until it releases the item, which it
    // can't before the reference below is given up.
    data.drop_item(unsafe { ArcBorrow::from_raw(child) });
    // SAFETY: The caller gives this reference away.
    unsafe { bindings::config_item_put(item) };
}
