// SPDX-License-Identifier: GPL-2.0

//! References from a property to another node.

use super::FwNode;
use crate::{bindings, error::to_result, fmt, prelude::*};
use core::ptr;

/// How many arguments a reference has.
///
/// # Examples
///
/// ```
/// use kernel::device::property::NArgs;
///
/// # use kernel::device::property::testing::{Reference, SoftwareNode, Value};
/// # let gpio = SoftwareNode::new(&[(c"#gpio-cells", Value::U32(&[1]))])?;
/// # // SAFETY: `gpio` is dropped after `node`.
/// # let references = [unsafe { Reference::new(&gpio, &[4, 0]) }];
/// # let node = SoftwareNode::new(&[(c"gpios", Value::References(&references))])?;
/// // What the other node says, which is one.
/// let args = node.property_get_reference_args(c"gpios", NArgs::Prop(c"#gpio-cells"), 0)?;
/// assert_eq!(args.len(), 1);
///
/// // What the driver knows better.
/// let args = node.property_get_reference_args(c"gpios", NArgs::N(2), 0)?;
/// assert_eq!(args.len(), 2);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub enum NArgs<'a> {
    /// As many as this property of the other node says, as `#clock-cells` does.
    Prop(&'a CStr),

    /// As many as this: at most 16.
    N(u32),
}

/// The arguments of a reference, with the node that they are for, which this keeps.
///
/// [`FwNode::property_get_reference_args`] reads them. `{:?}` shows them as a list.
///
/// C counterpart: [`struct fwnode_reference_args`].
///
/// # Examples
///
/// ```
/// use kernel::device::property::{FwNode, NArgs};
///
/// fn channel(node: &FwNode) -> Result<u64> {
///     let args = node.property_get_reference_args(c"dmas", NArgs::N(1), 0)?;
///     args.as_slice().first().copied().ok_or(EINVAL)
/// }
///
/// # use kernel::device::property::testing::{Reference, SoftwareNode, Value};
/// # let dma = SoftwareNode::new(&[])?;
/// # // SAFETY: `dma` is dropped after `node`.
/// # let references = [unsafe { Reference::new(&dma, &[9]) }];
/// # let node = SoftwareNode::new(&[(c"dmas", Value::References(&references))])?;
/// assert_eq!(channel(&node), Ok(9));
/// assert_eq!(channel(&dma), Err(ENOENT));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `fwnode` is null or a node with a count that is ours, and `nargs` is at most the number of `args`.
///
/// [`struct fwnode_reference_args`]: srctree/include/linux/fwnode.h
#[repr(transparent)]
pub struct FwNodeReferenceArgs(bindings::fwnode_reference_args);

impl FwNodeReferenceArgs {
    /// Reads them: see [`FwNode::property_get_reference_args`].
    pub(super) fn read(
        node: &FwNode,
        prop: &CStr,
        nargs: NArgs<'_>,
        index: u32,
    ) -> Result<FwNodeReferenceArgs> {
        let (name, number) = match nargs {
            NArgs::Prop(name) => (name.as_char_ptr(), 0),
            // Device trees would warn of a bug in the kernel, and go on with 16.
            NArgs::N(number) if number > bindings::NR_FWNODE_REFERENCE_ARGS => return Err(EINVAL),
            NArgs::N(number) => (ptr::null(), number),
        };
        let mut args = bindings::fwnode_reference_args::default();
        // SAFETY: The node is initialised, by its type invariants. The names end with a zero byte, or
        // there is none, and `args` is writable.
        to_result(unsafe {
            bindings::fwnode_property_get_reference_args(
                node.as_raw(),
                prop.as_char_ptr(),
                name,
                number,
                index,
                &mut args,
            )
        })?;
        // INVARIANT: The function has raised the count of the node for us. It has stored arguments in
        // an array of this length, so that there are no more of them.
        Ok(Self(args))
    }

    /// The arguments.
    pub fn as_slice(&self) -> &[u64] {
        self.0.args.get(..self.len()).unwrap_or(&self.0.args)
    }

    /// How many arguments there are, which is at most 16.
    pub fn len(&self) -> usize {
        self.0.nargs as usize
    }

    /// Says whether there are no arguments.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Drop for FwNodeReferenceArgs {
    fn drop(&mut self) {
        // SAFETY: By the type invariants it is null, which is fine, or the count is ours.
        unsafe { bindings::fwnode_handle_put(self.0.fwnode) };
    }
}

impl fmt::Debug for FwNodeReferenceArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_slice(), f)
    }
}
