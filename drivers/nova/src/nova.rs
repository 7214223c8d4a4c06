// SPDX-License-Identifier: GPL-2.0

//! The DRM driver of NVIDIA's GPUs: what user space opens.
//!
//! The driver of the PCI device, `nova-core`, is in a module of its own. It registers a device on the
//! auxiliary bus for each GPU, `nova-core.nova-drm`, and this driver takes those. For each there is a node
//! of DRM's, on which user space
//!
//! - asks for parameters,
//! - makes buffers, asks for their size, and gives them back.
//!
//! Buffers are memory of the machine that nothing maps yet: neither the GPU nor user space. By DRM itself
//! they have names, and descriptors for other processes.
//!
//! When the driver is unbound, each call on a file that is still open fails with `ENODEV`, and the node is
//! gone. The file can be closed. As long as it is open, the module can't be removed.
//!
//! | file | what |
//! | --- | --- |
//! | `driver.rs` | the device on the auxiliary bus, and the one of DRM's for it |
//! | `file.rs` | what user space can ask of an open file |
//! | `gem.rs` | buffers |
//! | `uapi.rs` | what of the ioctls user space sees |

#![cfg_attr(cargo, no_std)]

mod driver;
mod file;
mod gem;
mod uapi;

kernel::module_auxiliary_driver! {
    type: driver::NovaDriver,
    name: "nova",
    authors: ["kernel-crates maintainers"],
    description: "The DRM driver of NVIDIA's GPUs",
    license: "GPL",
}
