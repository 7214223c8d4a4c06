// SPDX-License-Identifier: GPL-2.0

//! What has been read from a property, before it is clear what is to be done without.

use super::FwNode;
use crate::{device::Device, prelude::*};

/// A property that was read, or the reason why it was not.
///
/// [`FwNode::property_read`] makes it; the method that the driver calls on it says whether the property
/// has to be there.
///
/// # Examples
///
/// ```
/// # use kernel::device::property::testing::{SoftwareNode, Value};
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_guard")?;
/// # let dev = &*root;
/// # let node = SoftwareNode::new(&[(c"depth", Value::U32(&[16]))])?;
/// let depth = node.property_read::<u32>(c"depth").required_by(dev)?;
/// let width = node.property_read::<u32>(c"width").or(8);
/// let offset = node.property_read::<u32>(c"offset").or_default();
/// let limit = node.property_read::<u32>(c"limit").optional();
/// assert_eq!((depth, width, offset, limit), (16, 8, 0, None));
/// # Ok::<(), Error>(())
/// ```
#[must_use = "whether the property was there shows in one of its methods"]
pub struct PropertyGuard<'fwnode, 'name, T> {
    value: Result<T>,
    node: &'fwnode FwNode,
    name: &'name CStr,
}

impl<'fwnode, 'name, T> PropertyGuard<'fwnode, 'name, T> {
    /// The outcome of reading the property `name` of `node`.
    pub(super) fn new(value: Result<T>, node: &'fwnode FwNode, name: &'name CStr) -> Self {
        Self { value, node, name }
    }
}

impl<T> PropertyGuard<'_, '_, T> {
    /// The value, which the driver can't do without.
    ///
    /// # Errors
    ///
    /// That of reading it, and a line in the log says so for `dev`: `EINVAL` without the property, and
    /// what else [`Property::read_from_fwnode_property`](super::Property::read_from_fwnode_property)
    /// lists.
    pub fn required_by(self, dev: &Device) -> Result<T> {
        self.value.inspect_err(|error| {
            let (node, name) = (self.node, self.name);
            if *error == EINVAL {
                dev_err!(dev, "{node}: property '{name}' is missing\n");
            } else {
                dev_err!(dev, "{node}: property '{name}' can't be read: {error:?}\n");
            }
        })
    }

    /// The value, or `None` if there is none that can be read.
    pub fn optional(self) -> Option<T> {
        self.value.ok()
    }

    /// The value, or `default` if there is none that can be read.
    pub fn or(self, default: T) -> T {
        self.value.unwrap_or(default)
    }
}

impl<T: Default> PropertyGuard<'_, '_, T> {
    /// The value, or that of [`Default`] if there is none that can be read.
    pub fn or_default(self) -> T {
        self.value.unwrap_or_default()
    }
}
