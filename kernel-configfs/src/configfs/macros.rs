// SPDX-License-Identifier: GPL-2.0

//! The macro that says what a directory is.

/// Defines what a directory is, and returns it as a `&'static` [`ItemType`].
///
/// - `container` is [`Subsystem<Data>`] or [`Group<Data>`].
/// - `data` is the type of the directory's data. It is `Send` and `Sync`, and implements
///   [`AttributeOperations`] for each number in the list.
/// - `child`, which may be left out, is the type of the data of the directories that can be made in this
///   one. Then `data` implements [`GroupOperations`] with this `Child`. Otherwise `mkdir` fails with
///   `EPERM`.
/// - `attributes` are file names, as identifiers, each with the number of its operations.
///
/// A static `THIS_MODULE` must be in scope, such as the one that `module!` defines at the root of a
/// module: the items keep that module loaded.
///
/// # Examples
///
/// ```
/// use kernel::{
///     configfs::{configfs_attrs, AttributeOperations, ItemType, Subsystem},
///     page::PAGE_SIZE,
///     sync::atomic::{AtomicFlag, Relaxed},
/// };
///
/// # // SAFETY: What is built in has no module, and thus a null pointer.
/// # static THIS_MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// struct Switch(AtomicFlag);
///
/// const ON: u64 = 0;
/// const TOGGLE: u64 = 1;
///
/// #[vtable]
/// impl AttributeOperations<ON> for Switch {
///     type Data = Switch;
///
///     fn show(switch: &Switch, page: &mut [u8; PAGE_SIZE]) -> Result<usize> {
///         let text: &[u8] = if switch.0.load(Relaxed) { b"yes\n" } else { b"no\n" };
///         page[..text.len()].copy_from_slice(text);
///         Ok(text.len())
///     }
/// }
///
/// #[vtable]
/// impl AttributeOperations<TOGGLE> for Switch {
///     type Data = Switch;
///
///     fn store(switch: &Switch, _: &[u8]) -> Result {
///         switch.0.store(!switch.0.load(Relaxed), Relaxed);
///         Ok(())
///     }
/// }
///
/// let item_type: &'static ItemType<Subsystem<Switch>, Switch> = configfs_attrs! {
///     container: Subsystem<Switch>,
///     data: Switch,
///     attributes: [
///         on: 0,
///         toggle: 1,
///     ],
/// };
/// let switch = Switch(AtomicFlag::new(false));
/// KBox::pin_init(Subsystem::new(c"example_switch", item_type, Ok(switch)), GFP_KERNEL)?;
/// # Ok::<(), Error>(())
/// ```
///
/// [`AttributeOperations`]: crate::configfs::AttributeOperations
/// [`GroupOperations`]: crate::configfs::GroupOperations
/// [`Group<Data>`]: crate::configfs::Group
/// [`ItemType`]: crate::configfs::ItemType
/// [`Subsystem<Data>`]: crate::configfs::Subsystem
#[macro_export]
macro_rules! configfs_attrs {
    (
        container: $container:ty,
        data: $data:ty,
        $(child: $child:ty,)?
        attributes: [$($name:ident: $id:literal),* $(,)?] $(,)?
    ) => {{
        const _: () = $crate::configfs::assert_names_differ(&[$(::core::stringify!($name)),*]);
        static ATTRIBUTES: $crate::configfs::AttributeList<
            { $crate::configfs::count_names(&[$(::core::stringify!($name)),*]) + 1 },
            $data,
        > = $crate::configfs::AttributeList::new([
            $(
                {
                    static ATTRIBUTE: $crate::configfs::Attribute<$id, $data, $data> =
                        $crate::configfs::Attribute::of_module(
                            $crate::c_str!(::core::stringify!($name)),
                            &THIS_MODULE,
                        );
                    ::core::option::Option::Some(ATTRIBUTE.entry())
                },
            )*
            ::core::option::Option::None,
        ]);
        static ITEM_TYPE: $crate::configfs::ItemType<$container, $data> =
            $crate::configfs_attrs!(@item_type [$($child)?] THIS_MODULE ATTRIBUTES);
        &ITEM_TYPE
    }};
    (@item_type [] $owner:ident $attributes:ident) => {
        $crate::configfs::ItemType::new(&$owner, &$attributes)
    };
    (@item_type [$child:ty] $owner:ident $attributes:ident) => {
        $crate::configfs::ItemType::with_children::<$child, _>(&$owner, &$attributes)
    };
}
