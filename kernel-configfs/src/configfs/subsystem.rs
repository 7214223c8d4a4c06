// SPDX-License-Identifier: GPL-2.0

//! Subsystems: the directories at the root of configfs, which the kernel makes.

use core::{mem::offset_of, ptr};

use super::{group, item_type::ItemOperations, Group, HasGroup, ItemType};
use crate::{
    bindings,
    error::to_result,
    prelude::*,
    static_lock_class,
    sync::atomic::{AtomicFlag, Relaxed},
    types::Opaque,
};

/// How long to sleep before looking again whether the last item is gone, in milliseconds.
const PAUSE: c_uint = 50;

/// A directory at the root of configfs, with data of type `Data`.
///
/// It is there from when it is initialised until it is dropped.
///
/// # Dropping
///
/// A directory can't go away before those in it. So this first has `mkdir` in it fail with `ENOENT`, and
/// then waits, for as long as it takes, until user space has removed what is in there; a line in the log
/// says so. For a module that keeps its subsystem until it is removed there is nothing to wait for, as it
/// is not removed before. Don't drop a subsystem in one of its own operations: that waits for itself.
///
/// C counterpart: [`struct configfs_subsystem`].
///
/// # Invariants
///
/// The C structure is registered, with an [`ItemType`] for a subsystem of `Data`; so `Data` is `Send` and
/// `Sync`. Its name is its own: in it, or allocated with `kmalloc`.
///
/// # Examples
///
/// ```
/// use kernel::configfs::{configfs_attrs, Subsystem};
///
/// # // SAFETY: What is built in has no module, and thus a null pointer.
/// # static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// fn register() -> Result<Pin<KBox<Subsystem<u32>>>> {
///     let item_type = configfs_attrs! {
///         container: Subsystem<u32>,
///         data: u32,
///         attributes: [],
///     };
///     KBox::pin_init(Subsystem::new(c"example_subsystem", item_type, Ok(0)), GFP_KERNEL)
/// }
///
/// let subsystem = register()?;
/// // The name is taken until it is dropped.
/// assert_eq!(register().err(), Some(EEXIST));
/// drop(subsystem);
/// assert!(register().is_ok());
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct configfs_subsystem`]: srctree/include/linux/configfs.h
#[pin_data(PinnedDrop)]
#[repr(C)]
pub struct Subsystem<Data> {
    // First, for it to be as far from the group as in a `Group`: see `group::data`.
    #[pin]
    data: Data,
    #[pin]
    subsystem: Opaque<bindings::configfs_subsystem>,
    /// Whether it is being dropped. Changes under the mutex of the subsystem.
    closing: AtomicFlag,
}

// SAFETY: By the type invariant `Data` is `Send`; and a subsystem may be unregistered by any thread.
unsafe impl<Data> Send for Subsystem<Data> {}

// SAFETY: By the type invariant `Data` is `Sync`; and there is nothing else to get at.
unsafe impl<Data> Sync for Subsystem<Data> {}

impl<Data> Subsystem<Data> {
    /// That the data is as far from the group as in a `Group`, where `group::data` looks for it.
    const DATA_IS_FOUND: () = assert!(
        offset_of!(Self, subsystem) == Group::<Data>::DISTANCE
            && offset_of!(bindings::configfs_subsystem, su_group) == 0
    );

    /// Registers a subsystem of the type `item_type`, with the given name and data.
    ///
    /// User space can make use of it before this returns.
    ///
    /// # Errors
    ///
    /// - `EEXIST` if there is a subsystem with this name already.
    /// - `EINVAL` if the name is empty, `.`, `..`, or has a slash in it.
    /// - `ENAMETOOLONG` if it is longer than 255 bytes.
    /// - `ENOMEM` if memory runs out.
    /// - Whatever the initialiser of the data fails with.
    pub fn new(
        name: &'static CStr,
        item_type: &'static ItemType<Subsystem<Data>, Data>,
        data: impl PinInit<Data, Error>,
    ) -> impl PinInit<Self, Error> {
        let () = Self::DATA_IS_FOUND;
        // INVARIANT: The subsystem is registered last: if that fails, nothing has to be undone but what
        // the fields see to. An `ItemType` is for what it says, and exists for such `Data` only.
        try_pin_init!(Self {
            data <- data,
            closing: AtomicFlag::new(false),
            subsystem <- Opaque::try_ffi_init(move |subsystem| {
                // SAFETY: `try_ffi_init` gives memory for a subsystem, which is not moved afterwards
                // and unregistered by `drop`. All else in a `Self` is initialised, and the type is for
                // subsystems in a `Self`.
                unsafe { register(subsystem, name, item_type.as_ptr()) }
            }),
        })
    }

    /// Lets no more directories be made in this one, and waits until there are none.
    fn close(&self) {
        let subsystem = self.subsystem.get();
        let mut said_so = false;
        loop {
            // SAFETY: By the type invariant the subsystem is initialised.
            let mutex = unsafe { &raw mut (*subsystem).su_mutex };
            // SAFETY: As above.
            unsafe { bindings::mutex_lock(mutex) };
            self.closing.store(true, Relaxed);
            // SAFETY: As above.
            let children = unsafe { &raw const (*subsystem).su_group.cg_children };
            // SAFETY: As above; the list changes under the mutex only.
            let next = unsafe { (*children).next };
            // SAFETY: This task has just acquired it.
            unsafe { bindings::mutex_unlock(mutex) };
            if ptr::eq(next, children) {
                // An empty list points to itself. Whoever is still on the way out of a `mkdir` or
                // `rmdir` holds the directory's lock, which unregistering takes.
                return;
            }
            if !said_so {
                said_so = true;
                pr_warn!("a configfs subsystem that goes away waits for items to be removed\n");
            }
            // SAFETY: Dropping may sleep, as its documentation says.
            unsafe { bindings::msleep(PAUSE) };
        }
    }
}

/// Initialises and registers a subsystem.
///
/// # Errors
///
/// As [`Subsystem::new`]. Then nothing needs to be undone.
///
/// # Safety
///
/// - `subsystem` must be valid for writes, and stay where it is until it is unregistered.
/// - `item_type` must be valid until then, and its operations be fit to be called for it from now on.
unsafe fn register(
    subsystem: *mut bindings::configfs_subsystem,
    name: &'static CStr,
    item_type: *const bindings::config_item_type,
) -> Result {
    // SAFETY: The caller says that the memory is there.
    let mutex = unsafe { &raw mut (*subsystem).su_mutex };
    let key = static_lock_class!();
    let lock_name = c"configfs subsystem".as_char_ptr();
    // SAFETY: As above; name and key are statics.
    unsafe { bindings::__mutex_init(mutex, lock_name, key.as_ptr()) };
    // SAFETY: As above.
    let group = unsafe { &raw mut (*subsystem).su_group };
    // SAFETY: The caller vouches for both.
    unsafe { group::init(group, name, item_type) }?;
    // SAFETY: Both parts are initialised. The caller vouches for the rest.
    to_result(unsafe { bindings::configfs_register_subsystem(subsystem) }).inspect_err(|_| {
        // SAFETY: The group is initialised, and not part of the tree, as registering failed.
        unsafe { group::free_name(group) };
    })
}

// SAFETY: The two functions are each other's inverse: by `DATA_IS_FOUND`, the group is the first thing
// in the C structure.
unsafe impl<Data> HasGroup<Data> for Subsystem<Data> {
    unsafe fn group(this: *const Self) -> *const bindings::config_group {
        // SAFETY: The caller says that the object is allocated.
        let subsystem = Opaque::cast_into(unsafe { &raw const (*this).subsystem });
        // SAFETY: As above.
        unsafe { &raw const (*subsystem).su_group }
    }

    unsafe fn container_of(group: *const bindings::config_group) -> *const Self {
        // SAFETY: The caller says that the group is part of a `Self`.
        unsafe { group.byte_sub(offset_of!(Self, subsystem)) }.cast()
    }
}

impl<Data> ItemOperations<Data> for Subsystem<Data> {
    // Nothing is to be released: the last reference to a subsystem is that of its owner, which is never
    // given up.
    const TABLE: bindings::configfs_item_operations = bindings::configfs_item_operations {
        release: None,
        allow_link: None,
        drop_link: None,
    };

    unsafe fn admits_children(group: *const bindings::config_group) -> bool {
        // SAFETY: The caller says that it is the group of a `Self`.
        let this = unsafe { Self::container_of(group) };
        // SAFETY: As above, and the object is alive. The flag is shared.
        let closing = unsafe { &(*this).closing };
        !closing.load(Relaxed)
    }
}

#[pinned_drop]
impl<Data> PinnedDrop for Subsystem<Data> {
    fn drop(self: Pin<&mut Self>) {
        self.close();
        let subsystem = self.subsystem.get();
        // SAFETY: By the type invariant it is registered; and it is empty, and stays so.
        unsafe { bindings::configfs_unregister_subsystem(subsystem) };
        // SAFETY: By the type invariant it is initialised.
        let group = unsafe { &raw mut (*subsystem).su_group };
        // SAFETY: It is not part of the tree any more.
        unsafe { group::free_name(group) };
    }
}
