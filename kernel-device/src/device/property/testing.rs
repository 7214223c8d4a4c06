// SPDX-License-Identifier: GPL-2.0

//! Nodes with any properties, for tests and examples.
//!
//! Not API.

use super::FwNode;
use crate::{
    bindings,
    device::Device,
    error::{from_err_ptr, to_result},
    prelude::*,
};
use core::{marker::PhantomData, mem::size_of_val, ops::Deref, ptr, ptr::NonNull};

/// The value of a property.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// None: the property is there, and that is all.
    Flag,
    /// Bytes.
    U8(&'a [u8]),
    /// Numbers of 16 bits.
    U16(&'a [u16]),
    /// Numbers of 32 bits.
    U32(&'a [u32]),
    /// Numbers of 64 bits.
    U64(&'a [u64]),
    /// Strings.
    Strings(&'a [&'a CStr]),
    /// References to other nodes.
    References(&'a [Reference<'a>]),
}

/// A reference to another node, with its arguments.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Reference<'a>(bindings::software_node_ref_args, PhantomData<&'a FwNode>);

impl<'a> Reference<'a> {
    /// A reference to `node`, with as many of the arguments as there is room for.
    ///
    /// # Safety
    ///
    /// `node` exists for as long as any node with this reference, which does not count it.
    pub unsafe fn new(node: &'a FwNode, arguments: &[u64]) -> Self {
        let mut reference = bindings::software_node_ref_args {
            fwnode: node.as_raw(),
            ..Default::default()
        };
        for (to, from) in reference.args.iter_mut().zip(arguments) {
            *to = *from;
            reference.nargs += 1;
        }
        Self(reference, PhantomData)
    }

    /// A reference to a node that is not there.
    pub fn dangling() -> Self {
        Self(Default::default(), PhantomData)
    }
}

/// The names and values of properties.
pub type Properties<'a> = [(&'a CStr, Value<'a>)];

/// C's form of properties, as long as this borrows them. The last one has no name.
struct Entries<'a> {
    entries: KVec<bindings::property_entry>,
    _strings: KVec<KVec<*const c_char>>,
    _values: PhantomData<Value<'a>>,
}

impl<'a> Entries<'a> {
    fn new(properties: &'a Properties<'a>) -> Result<Self> {
        /// The type, the length in bytes and the place of an array.
        fn part<T>(
            kind: bindings::dev_prop_type,
            list: &[T],
        ) -> (bindings::dev_prop_type, usize, *const c_void) {
            (kind, size_of_val(list), list.as_ptr().cast())
        }

        let mut entries = KVec::with_capacity(properties.len() + 1, GFP_KERNEL)?;
        let mut lists = KVec::new();
        for (name, value) in properties {
            let mut strings = KVec::new();
            if let Value::Strings(list) = value {
                for string in *list {
                    strings.push(string.as_char_ptr(), GFP_KERNEL)?;
                }
            }
            let (kind, length, data) = match value {
                Value::Flag => (bindings::dev_prop_type_DEV_PROP_U8, 0, ptr::null()),
                Value::U8(list) => part(bindings::dev_prop_type_DEV_PROP_U8, list),
                Value::U16(list) => part(bindings::dev_prop_type_DEV_PROP_U16, list),
                Value::U32(list) => part(bindings::dev_prop_type_DEV_PROP_U32, list),
                Value::U64(list) => part(bindings::dev_prop_type_DEV_PROP_U64, list),
                Value::Strings(_) => part(bindings::dev_prop_type_DEV_PROP_STRING, &strings),
                Value::References(list) => part(bindings::dev_prop_type_DEV_PROP_REF, list),
            };
            let mut entry = bindings::property_entry {
                name: name.as_char_ptr(),
                length,
                // C takes no property without a value that says it is elsewhere.
                is_inline: length == 0,
                type_: kind,
                ..Default::default()
            };
            entry.__bindgen_anon_1.pointer = data;
            entries.push(entry, GFP_KERNEL)?;
            lists.push(strings, GFP_KERNEL)?;
        }
        entries.push(Default::default(), GFP_KERNEL)?;
        Ok(Self {
            entries,
            _strings: lists,
            _values: PhantomData,
        })
    }
}

/// A node that nothing but this has made.
///
/// C counterpart: `fwnode_create_software_node()`.
///
/// # Invariants
///
/// The pointer is to a software node with a count that is ours.
pub struct SoftwareNode(NonNull<bindings::fwnode_handle>);

impl SoftwareNode {
    /// Makes a node with these properties.
    ///
    /// # Errors
    ///
    /// `ENOMEM` without memory.
    pub fn new(properties: &Properties<'_>) -> Result<Self> {
        Self::make(properties, ptr::null())
    }

    /// Makes a child of another node: the first is `node0`, and so on.
    ///
    /// # Errors
    ///
    /// `EINVAL` if that is not a software node; `ENOMEM` without memory.
    pub fn below(parent: &FwNode, properties: &Properties<'_>) -> Result<Self> {
        Self::make(properties, parent.as_raw())
    }

    fn make(properties: &Properties<'_>, parent: *const bindings::fwnode_handle) -> Result<Self> {
        let entries = Entries::new(properties)?;
        // SAFETY: The entries end with one without a name. They and what they point to are copied,
        // but for the nodes in references, which stay, as who made these has promised. The parent is
        // null or a node, which its child counts.
        let node =
            unsafe { bindings::fwnode_create_software_node(entries.entries.as_ptr(), parent) };
        // INVARIANT: It has been made, with a count for its owner.
        Ok(Self(NonNull::new(from_err_ptr(node)?).ok_or(ENODEV)?))
    }
}

impl Deref for SoftwareNode {
    type Target = FwNode;

    fn deref(&self) -> &FwNode {
        // SAFETY: By the type invariant it is a node, counted for as long as `self` is borrowed.
        unsafe { self.0.cast().as_ref() }
    }
}

impl Drop for SoftwareNode {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the count is ours.
        unsafe { bindings::fwnode_remove_software_node(self.0.as_ptr()) };
    }
}

/// Gives a device a node with these properties, until it is removed from the system.
///
/// # Errors
///
/// `ENOMEM` without memory.
pub fn describe(dev: &Device, properties: &Properties<'_>) -> Result {
    let entries = Entries::new(properties)?;
    // SAFETY: As in `SoftwareNode::make`. The device is initialised, and has no node, as it is one of
    // these tests'.
    to_result(unsafe {
        bindings::device_create_managed_software_node(
            dev.as_raw(),
            entries.entries.as_ptr(),
            ptr::null(),
        )
    })
}
