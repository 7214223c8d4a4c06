// SPDX-License-Identifier: GPL-2.0

//! What the firmware says about a device: nodes, and their properties.
//!
//! A device tree, ACPI tables and the kernel's own software nodes describe hardware in the same way:
//! as a tree of nodes, each with named properties. [`Device::fwnode`] has the node of a device, and an
//! [`FwNode`] the rest:
//!
//! | wanted | by |
//! | --- | --- |
//! | a number, an array of a known length, a string | [`FwNode::property_read`] |
//! | an array of a length that is only known at run time | [`FwNode::property_count_elem`], [`FwNode::property_read_array_vec`] |
//! | whether a property is there, or set | [`FwNode::property_present`], [`FwNode::property_read_bool`] |
//! | which string of a list it is | [`FwNode::property_match_string`] |
//! | another node, with arguments | [`FwNode::property_get_reference_args`] |
//! | the nodes below | [`FwNode::children`], [`FwNode::get_child_by_name`] |
//!
//! What is read comes in a [`PropertyGuard`], which leaves it to the driver what a property that is not
//! there means: an error, nothing, or another value.
//!
//! # Types
//!
//! Device trees have bytes; a number of the wrong width is read as whatever its bytes say, if there are
//! enough of them. ACPI and software nodes know what their properties are, and strings and numbers
//! are not taken for each other.
//!
//! C header: [`include/linux/property.h`](srctree/include/linux/property.h), with
//! [`drivers/base/property.c`](srctree/drivers/base/property.c).

use super::Device;
use crate::{
    bindings,
    error::{from_err_ptr, to_result},
    fmt,
    prelude::*,
    str::CString,
    sync::aref::{ARef, AlwaysRefCounted},
    types::Opaque,
};
use core::{
    iter,
    ptr::{self, NonNull},
};

mod display;
mod guard;
mod reference;
mod software;
#[cfg(CONFIG_KUNIT = "y")]
#[doc(hidden)]
pub mod testing;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;
mod value;

pub use guard::PropertyGuard;
pub use reference::{FwNodeReferenceArgs, NArgs};
pub use value::{Property, PropertyInt};

/// A node of the description of the hardware: [`struct fwnode_handle`].
///
/// Nodes are counted: an [`ARef<FwNode>`] keeps one. Those of ACPI tables are not, and live as long as
/// the device that ACPI has for them.
///
/// What is formatted with `{}` is the path of the node, as by `%pfwf` in C; [`display_name`] has the
/// last part.
///
/// # Examples
///
/// What a driver makes of its node:
///
/// ```
/// use kernel::device::{property::FwNode, Device};
///
/// #[derive(Debug, PartialEq)]
/// struct Timing {
///     rate: u32,
///     delays: [u16; 2],
///     inverted: bool,
/// }
///
/// impl Timing {
///     fn of(dev: &Device) -> Result<Self> {
///         let node = dev.fwnode().ok_or(ENOENT)?;
///         Ok(Self {
///             rate: node.property_read(c"rate").required_by(dev)?,
///             delays: node.property_read(c"delays").or([1, 1]),
///             inverted: node.property_read_bool(c"inverted"),
///         })
///     }
/// }
///
/// # use kernel::device::{property::testing::{describe, Value}, testing::RootDevice};
/// # let root = RootDevice::new(c"rust_doc_fwnode")?;
/// # assert_eq!(Timing::of(&root), Err(ENOENT));
/// # describe(&root, &[(c"rate", Value::U32(&[400_000])), (c"inverted", Value::Flag)])?;
/// let timing = Timing::of(&root)?;
/// assert_eq!(timing, Timing { rate: 400_000, delays: [1, 1], inverted: true });
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// For as long as a reference exists, the structure is initialised, and is neither freed nor a pointer
/// that stands for an error.
///
/// [`struct fwnode_handle`]: srctree/include/linux/fwnode.h
/// [`ARef<FwNode>`]: crate::sync::aref::ARef
/// [`display_name`]: Self::display_name
#[repr(transparent)]
pub struct FwNode(Opaque<bindings::fwnode_handle>);

impl FwNode {
    /// Takes over a count of C's.
    ///
    /// `None` for the null pointer.
    ///
    /// # Safety
    ///
    /// `raw` is null, or an initialised node with a count that nobody else gives up.
    unsafe fn from_counted(raw: *mut bindings::fwnode_handle) -> Option<ARef<Self>> {
        // SAFETY: `FwNode` is a transparent wrapper, and the count is ours, as the caller says.
        NonNull::new(raw.cast::<Self>()).map(|node| unsafe { ARef::from_raw(node) })
    }

    /// The C structure.
    ///
    /// Not API: for the crates of the buses and subsystems.
    #[doc(hidden)]
    #[inline]
    pub fn as_raw(&self) -> *mut bindings::fwnode_handle {
        self.0.get()
    }

    /// Says whether the node is one of a device tree.
    ///
    /// C counterpart: `is_of_node()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # let node = kernel::device::property::testing::SoftwareNode::new(&[])?;
    /// assert!(!node.is_of_node());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn is_of_node(&self) -> bool {
        // SAFETY: The structure is initialised, by the type invariants.
        unsafe { bindings::is_of_node(self.as_raw()) }
    }

    /// The name of the node, without those above it, to be formatted with `{}`.
    ///
    /// Nothing for a node without a name. C counterpart: `fwnode_get_name()`, or `%pfwP`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{device::property::testing::SoftwareNode, str::CString};
    /// # let parent = SoftwareNode::new(&[])?;
    /// # let child = SoftwareNode::below(&parent, &[])?;
    /// let name = CString::try_from_fmt(fmt!("{}", child.display_name()))?;
    /// assert_eq!(&*name, c"node0");
    ///
    /// // The whole path ends with it.
    /// let path = CString::try_from_fmt(fmt!("{}", *child))?;
    /// assert!(path.to_bytes().ends_with(b"/node0"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn display_name(&self) -> impl fmt::Display + '_ {
        display::Name(self)
    }

    /// Says whether there is a property of that name, whatever its value.
    ///
    /// C counterpart: `fwnode_property_present()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::device::property::testing::{SoftwareNode, Value};
    /// # let node = SoftwareNode::new(&[(c"width", Value::U8(&[8]))])?;
    /// assert!(node.property_present(c"width"));
    /// assert!(!node.property_present(c"height"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn property_present(&self, name: &CStr) -> bool {
        // SAFETY: The structure is initialised, by the type invariants; the name ends with a zero.
        unsafe { bindings::fwnode_property_present(self.as_raw(), name.as_char_ptr()) }
    }

    /// The value of a flag: set if there is a property of that name.
    ///
    /// In ACPI tables a flag may also be there and be zero, and so not set. C counterpart:
    /// `fwnode_property_read_bool()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::device::property::testing::{SoftwareNode, Value};
    /// # let node = SoftwareNode::new(&[(c"big-endian", Value::Flag)])?;
    /// assert!(node.property_read_bool(c"big-endian"));
    /// assert!(!node.property_read_bool(c"read-only"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn property_read_bool(&self, name: &CStr) -> bool {
        // SAFETY: The structure is initialised, by the type invariants; the name ends with a zero.
        unsafe { bindings::fwnode_property_read_bool(self.as_raw(), name.as_char_ptr()) }
    }

    /// Finds a string in a list of them, and returns its place, beginning with 0.
    ///
    /// C counterpart: `fwnode_property_match_string()`.
    ///
    /// # Errors
    ///
    /// - `ENODATA` if it is not in the list, or the property has no value.
    /// - `EINVAL` without such a property.
    /// - `EPROTO` or `EILSEQ` if it is not a list of strings.
    /// - `ENXIO` if the node has no properties, and `ENOMEM` without memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::device::property::testing::{SoftwareNode, Value};
    /// # let names = Value::Strings(&[c"tx", c"rx"]);
    /// # let node = SoftwareNode::new(&[(c"dma-names", names)])?;
    /// assert_eq!(node.property_match_string(c"dma-names", c"rx"), Ok(1));
    /// assert!(node.property_match_string(c"dma-names", c"r").is_err());
    /// assert_eq!(node.property_match_string(c"names", c"rx"), Err(EINVAL));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn property_match_string(&self, name: &CStr, match_str: &CStr) -> Result<usize> {
        software::check(self, name, software::Kind::Strings)?;
        // SAFETY: The structure is initialised, by the type invariants; both strings end with a zero.
        // If the property is one of a software node, it has strings: C dereferences what is in it.
        let place = unsafe {
            bindings::fwnode_property_match_string(
                self.as_raw(),
                name.as_char_ptr(),
                match_str.as_char_ptr(),
            )
        };
        to_result(place)?;
        Ok(place as usize)
    }

    /// Reads so many numbers, which may be less than there are.
    ///
    /// # Errors
    ///
    /// `ENOMEM` without memory for them. What concerns the property is in the guard: see
    /// [`PropertyInt::read_array_from_fwnode_property`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::device::property::testing::{SoftwareNode, Value};
    /// # let node = SoftwareNode::new(&[(c"steps", Value::U32(&[2, 3, 5]))])?;
    /// let count = node.property_count_elem::<u32>(c"steps")?;
    /// let steps: KVec<u32> = node.property_read_array_vec(c"steps", count)?.or_default();
    /// assert_eq!(steps[..], [2, 3, 5]);
    ///
    /// // There are no more than three.
    /// assert!(node.property_read_array_vec::<u32>(c"steps", 4)?.optional().is_none());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn property_read_array_vec<'fwnode, 'name, T: PropertyInt>(
        &'fwnode self,
        name: &'name CStr,
        len: usize,
    ) -> Result<PropertyGuard<'fwnode, 'name, KVec<T>>> {
        let mut values = KVec::with_capacity(len, GFP_KERNEL)?;
        // There may be room for more than was asked for.
        let room = values.spare_capacity_mut().get_mut(..len).ok_or(ENOMEM)?;
        let read = T::read_array_from_fwnode_property(self, name, room).map(|read| read.len());
        let values = read.map(|read| {
            // SAFETY: There was room for as many, and they have been initialised.
            unsafe { values.inc_len(read) };
            values
        });
        Ok(PropertyGuard::new(values, self, name))
    }

    /// Counts the numbers of type `T` that a property has.
    ///
    /// # Errors
    ///
    /// Those of [`PropertyInt::read_array_len_from_fwnode_property`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::device::property::testing::{SoftwareNode, Value};
    /// # let node = SoftwareNode::new(&[(c"steps", Value::U16(&[2, 3, 5, 7]))])?;
    /// assert_eq!(node.property_count_elem::<u16>(c"steps"), Ok(4));
    /// // It is bytes: half as many, each of twice the width.
    /// assert_eq!(node.property_count_elem::<u32>(c"steps"), Ok(2));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn property_count_elem<T: PropertyInt>(&self, name: &CStr) -> Result<usize> {
        T::read_array_len_from_fwnode_property(self, name)
    }

    /// Reads a number, an array of numbers or a string.
    ///
    /// From an array, a number is the first. An array may be shorter than the property.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::{device::property::testing::{SoftwareNode, Value}, str::CString};
    /// # let node = SoftwareNode::new(&[
    /// #     (c"steps", Value::U16(&[2, 3, 5])),
    /// #     (c"label", Value::Strings(&[c"front"])),
    /// # ])?;
    /// assert_eq!(node.property_read::<u16>(c"steps").optional(), Some(2));
    /// assert_eq!(node.property_read(c"steps").or([0_i16; 3]), [2, 3, 5]);
    /// assert_eq!(node.property_read::<[u16; 4]>(c"steps").optional(), None);
    ///
    /// let label: Option<CString> = node.property_read(c"label").optional();
    /// assert!(label.is_some_and(|label| &*label == c"front"));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn property_read<'fwnode, 'name, T: Property>(
        &'fwnode self,
        name: &'name CStr,
    ) -> PropertyGuard<'fwnode, 'name, T> {
        PropertyGuard::new(T::read_from_fwnode_property(self, name), self, name)
    }

    /// The child of that name.
    ///
    /// In a device tree the part of a name that follows an `@` does not count, and neither do children
    /// that are disabled. C counterpart: `fwnode_get_named_child_node()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::device::property::testing::{SoftwareNode, Value};
    /// # let node = SoftwareNode::new(&[])?;
    /// # let child = SoftwareNode::below(&node, &[(c"reg", Value::U32(&[3]))])?;
    /// let port = node.get_child_by_name(c"node0").ok_or(ENODEV)?;
    /// assert_eq!(port.property_read(c"reg").or(0_u32), 3);
    /// assert!(node.get_child_by_name(c"node1").is_none());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn get_child_by_name(&self, name: &CStr) -> Option<ARef<Self>> {
        // SAFETY: The structure is initialised, by the type invariants; the name ends with a zero.
        let child =
            unsafe { bindings::fwnode_get_named_child_node(self.as_raw(), name.as_char_ptr()) };
        // SAFETY: It is null, or a child whose count the function has raised for us.
        unsafe { Self::from_counted(child) }
    }

    /// The children of the node, one after the other.
    ///
    /// In a device tree those that are disabled are left out. C counterpart:
    /// `fwnode_for_each_child_node()`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use kernel::device::property::testing::{SoftwareNode, Value};
    /// # let node = SoftwareNode::new(&[])?;
    /// # let one = SoftwareNode::below(&node, &[(c"reg", Value::U32(&[3]))])?;
    /// # let two = SoftwareNode::below(&node, &[(c"reg", Value::U32(&[4]))])?;
    /// let sum: u32 = node.children().map(|child| child.property_read(c"reg").or(0)).sum();
    /// assert_eq!(sum, 7);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn children<'a>(&'a self) -> impl Iterator<Item = ARef<FwNode>> + 'a {
        let mut last: Option<ARef<FwNode>> = None;
        // C begins again when it is asked for the child after none: `fuse` keeps an end an end.
        iter::from_fn(move || {
            let before = last
                .take()
                .map_or(ptr::null_mut(), |last| ARef::into_raw(last).as_ptr().cast());
            // SAFETY: The structure is initialised, by the type invariants. `before` is null, or a child
            // of the node whose count is given up by this.
            let next = unsafe { bindings::fwnode_get_next_child_node(self.as_raw(), before) };
            // SAFETY: It is null, or a child whose count the function has raised for us.
            last = unsafe { Self::from_counted(next) };
            last.clone()
        })
        .fuse()
    }

    /// Finds the node that a property refers to, and what arguments it says along with that.
    ///
    /// `index` is which of the references in the property, beginning with 0. C counterpart:
    /// `fwnode_property_get_reference_args()`.
    ///
    /// # Errors
    ///
    /// - `ENOENT` without such a property, or without such a reference in it.
    /// - `EINVAL` if the property has no references, the node does not say how many arguments there
    ///   are, or that would be more than 16.
    /// - `ENOTCONN` if the other node is not there yet.
    /// - `ENXIO` if the node has no references at all.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::device::property::NArgs;
    ///
    /// # use kernel::device::property::testing::{Reference, SoftwareNode, Value};
    /// # let clock = SoftwareNode::new(&[(c"#clock-cells", Value::U32(&[2]))])?;
    /// # // SAFETY: `clock` is dropped after `node`.
    /// # let references = [unsafe { Reference::new(&clock, &[7, 1]) }];
    /// # let node = SoftwareNode::new(&[(c"clocks", Value::References(&references))])?;
    /// let number = NArgs::Prop(c"#clock-cells");
    /// let args = node.property_get_reference_args(c"clocks", number, 0)?;
    /// assert_eq!(args.as_slice(), [7, 1]);
    ///
    /// let second = node.property_get_reference_args(c"clocks", NArgs::N(2), 1);
    /// assert_eq!(second.err(), Some(ENOENT));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn property_get_reference_args(
        &self,
        prop: &CStr,
        nargs: NArgs<'_>,
        index: u32,
    ) -> Result<FwNodeReferenceArgs> {
        FwNodeReferenceArgs::read(self, prop, nargs, index)
    }
}

// SAFETY: The count keeps the node, wherever nodes are counted at all. Where they are not, which is in
// ACPI tables, counting does nothing, in C as well: the nodes stay for as long as ACPI's device.
unsafe impl AlwaysRefCounted for FwNode {
    fn inc_ref(&self) {
        // SAFETY: The structure is initialised and its count is not zero, by the type invariants.
        unsafe { bindings::fwnode_handle_get(self.as_raw()) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller gives up a count that it owns.
        unsafe { bindings::fwnode_handle_put(obj.cast().as_ptr()) };
    }
}

impl<Ctx: super::DeviceContext> Device<Ctx> {
    /// The node that describes the device, if there is one.
    ///
    /// Nobody may take the node away while it is used. What does so is code in C that has the device
    /// in its hands, before it is added, and the removal of a device with
    /// `device_create_managed_software_node()` from the system: a driver that keeps a device beyond
    /// `unbind` must not ask it for its node then.
    ///
    /// C counterpart: `dev_fwnode()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::device::Device;
    ///
    /// fn lanes(dev: &Device) -> u8 {
    ///     dev.fwnode().map_or(1, |node| node.property_read(c"lanes").or(1))
    /// }
    ///
    /// # use kernel::device::{property::testing::{describe, Value}, testing::RootDevice};
    /// # let plain = RootDevice::new(c"rust_doc_without_node")?;
    /// # let described = RootDevice::new(c"rust_doc_with_node")?;
    /// # describe(&described, &[(c"lanes", Value::U8(&[4]))])?;
    /// assert_eq!(lanes(&plain), 1);
    /// assert_eq!(lanes(&described), 4);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn fwnode(&self) -> Option<&FwNode> {
        // SAFETY: The structure is initialised, by the type invariants.
        let node = unsafe { bindings::__dev_fwnode(self.as_raw()) };
        // A device whose first node was taken away is left with the mark of the end of the list.
        let node = NonNull::new(from_err_ptr(node).ok()?)?;
        // SAFETY: The device has a count of its node for as long as it has the node, and that is not
        // taken away while used, as the documentation asks.
        Some(unsafe { node.cast::<FwNode>().as_ref() })
    }
}
