// SPDX-License-Identifier: GPL-2.0

//! Types of items: which attributes a directory has, and what can be made in it.

use core::marker::PhantomData;

use super::{
    group::{self, GroupOperations},
    AttributeList, HasGroup,
};
use crate::{bindings, prelude::*, types::Opaque};

/// Says that a type is for a `T`, without having one, and not for a subtype or supertype either.
pub(super) type Exactly<T> = PhantomData<fn(T) -> T>;

/// What a directory is: its attributes, and whether directories can be made in it.
///
/// `Container` is [`Subsystem<Data>`](super::Subsystem) or [`Group<Data>`](super::Group).
/// [`configfs_attrs!`](crate::configfs_attrs) makes these, and nothing else does.
///
/// C counterpart: [`struct config_item_type`].
///
/// # Invariants
///
/// The C structure is initialised, and what it points to is there for ever. Its operations are for the
/// group of a `Container` whose data is a `Data`, and `Data` is `Send` and `Sync`.
///
/// # Examples
///
/// ```
/// use kernel::configfs::{configfs_attrs, ItemType, Subsystem};
///
/// # // SAFETY: What is built in has no module, and thus a null pointer.
/// # static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// fn item_type() -> &'static ItemType<Subsystem<u32>, u32> {
///     configfs_attrs! {
///         container: Subsystem<u32>,
///         data: u32,
///         attributes: [],
///     }
/// }
///
/// // It is a static: there is one for each place where the macro stands.
/// assert!(core::ptr::eq(item_type(), item_type()));
/// ```
///
/// [`struct config_item_type`]: srctree/include/linux/configfs.h
#[pin_data]
pub struct ItemType<Container, Data> {
    #[pin]
    inner: Opaque<bindings::config_item_type>,
    _types: Exactly<(Container, Data)>,
}

// SAFETY: It holds no values of either type, and its pointers are to statics.
unsafe impl<Container, Data> Send for ItemType<Container, Data> {}

// SAFETY: Nothing changes it, neither here nor in C.
unsafe impl<Container, Data> Sync for ItemType<Container, Data> {}

/// What C calls for the items of a type, whatever their attributes.
///
/// Not API: a bound of what `configfs_attrs!` uses. [`Group`](super::Group) and
/// [`Subsystem`](super::Subsystem) implement it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no container of `{Data}`",
    note = "a container is `Subsystem<{Data}>` or `Group<{Data}>`"
)]
pub trait ItemOperations<Data>: HasGroup<Data> {
    /// The operations.
    const TABLE: bindings::configfs_item_operations;

    /// Returns whether directories may be made in a container at this time.
    ///
    /// # Safety
    ///
    /// `group` must be the group of a live `Self`, whose subsystem's mutex is held.
    unsafe fn admits_children(group: *const bindings::config_group) -> bool;
}

// Any thread may use the data, and the last to do so drops it: hence the bounds. Nobody can have a
// `Subsystem` or a `Group` without having one of these.
impl<Container, Data> ItemType<Container, Data>
where
    Container: ItemOperations<Data>,
    Data: Send + Sync + 'static,
{
    /// The operations, at an address for C.
    const ITEM_OPERATIONS: &'static bindings::configfs_item_operations = &Container::TABLE;

    /// Makes a type of directories in which none can be made.
    ///
    /// Not API: part of `configfs_attrs!`.
    #[doc(hidden)]
    pub const fn new<const N: usize>(
        owner: &'static ThisModule,
        attributes: &'static AttributeList<N, Data>,
    ) -> Self {
        Self::with_operations(owner, attributes, core::ptr::null())
    }

    /// Makes a type of directories in which others can be made, with data of type `Child`.
    ///
    /// Not API: part of `configfs_attrs!`.
    #[doc(hidden)]
    pub const fn with_children<Child, const N: usize>(
        owner: &'static ThisModule,
        attributes: &'static AttributeList<N, Data>,
    ) -> Self
    where
        Data: GroupOperations<Child = Child>,
    {
        Self::with_operations(owner, attributes, Self::CHILD_OPERATIONS)
    }

    const fn with_operations<const N: usize>(
        owner: &'static ThisModule,
        attributes: &'static AttributeList<N, Data>,
        children: *const bindings::configfs_group_operations,
    ) -> Self {
        // INVARIANT: All parameters are statics or constants, and their types are for a `Container`
        // and a `Data`; the bounds say that this is `Send` and `Sync`.
        Self {
            inner: Opaque::new(bindings::config_item_type {
                ct_owner: owner.as_ptr(),
                ct_item_ops: Self::ITEM_OPERATIONS,
                ct_group_ops: children,
                ct_attrs: attributes.as_ptr(),
                ct_bin_attrs: core::ptr::null_mut(),
            }),
            _types: PhantomData,
        }
    }
}

impl<Container, Data> ItemType<Container, Data>
where
    Container: ItemOperations<Data>,
    Data: GroupOperations,
{
    /// The operations for the directories in one, at an address for C.
    const CHILD_OPERATIONS: &'static bindings::configfs_group_operations =
        &group::operations::<Container, Data>();
}

impl<Container, Data> ItemType<Container, Data> {
    /// Returns the C structure.
    pub(super) const fn as_ptr(&'static self) -> *const bindings::config_item_type {
        self.inner.get()
    }
}
