// SPDX-License-Identifier: GPL-2.0

#![doc = include_str!("../README.md")]
#![no_std]

// In the order of their levels: each adds names to those of the ones before, or the compiler calls it
// unused.

#[doc(no_inline)]
pub use kernel_core::*;

#[cfg(feature = "sync")]
#[doc(no_inline)]
pub use kernel_sync::*;

#[cfg(feature = "drm-panic")]
#[doc(no_inline)]
pub use kernel_drm_panic::*;

#[cfg(feature = "mm")]
#[doc(no_inline)]
pub use kernel_mm::*;

#[cfg(feature = "collections")]
#[doc(no_inline)]
pub use kernel_collections::*;

#[cfg(feature = "time")]
#[doc(no_inline)]
pub use kernel_time::*;

#[cfg(feature = "configfs")]
#[doc(no_inline)]
pub use kernel_configfs::*;

#[cfg(feature = "device")]
#[doc(no_inline)]
pub use kernel_device::*;

#[cfg(feature = "block")]
#[doc(no_inline)]
pub use kernel_block::*;

#[cfg(feature = "task")]
#[doc(no_inline)]
pub use kernel_task::*;

#[cfg(feature = "workqueue")]
#[doc(no_inline)]
pub use kernel_workqueue::*;

#[cfg(feature = "auxiliary")]
#[doc(no_inline)]
pub use kernel_auxiliary::*;

#[cfg(feature = "i2c")]
#[doc(no_inline)]
pub use kernel_i2c::*;

#[cfg(feature = "usb")]
#[doc(no_inline)]
pub use kernel_usb::*;

#[cfg(feature = "clk")]
#[doc(no_inline)]
pub use kernel_clk::*;

#[cfg(feature = "regulator")]
#[doc(no_inline)]
pub use kernel_regulator::*;

#[cfg(feature = "net-phy")]
#[doc(no_inline)]
pub use kernel_net_phy::*;

#[cfg(feature = "fs")]
#[doc(no_inline)]
pub use kernel_fs::*;

#[cfg(feature = "io")]
#[doc(no_inline)]
pub use kernel_io::*;

#[cfg(feature = "drm")]
#[doc(no_inline)]
pub use kernel_drm::*;

#[cfg(feature = "debugfs")]
#[doc(no_inline)]
pub use kernel_debugfs::*;

#[cfg(feature = "miscdevice")]
#[doc(no_inline)]
pub use kernel_miscdevice::*;

#[cfg(feature = "dma")]
#[doc(no_inline)]
pub use kernel_dma::*;

#[cfg(feature = "platform")]
#[doc(no_inline)]
pub use kernel_platform::*;

#[cfg(feature = "pci")]
#[doc(no_inline)]
pub use kernel_pci::*;

#[cfg(feature = "pwm")]
#[doc(no_inline)]
pub use kernel_pwm::*;

/// What nearly every driver names; meant to be imported as a whole.
pub mod prelude {
    #[cfg(feature = "auxiliary")]
    #[doc(no_inline)]
    pub use kernel_auxiliary::prelude::*;
    #[cfg(feature = "block")]
    #[doc(no_inline)]
    pub use kernel_block::prelude::*;
    #[cfg(feature = "clk")]
    #[doc(no_inline)]
    pub use kernel_clk::prelude::*;
    #[cfg(feature = "collections")]
    #[doc(no_inline)]
    pub use kernel_collections::prelude::*;
    #[cfg(feature = "configfs")]
    #[doc(no_inline)]
    pub use kernel_configfs::prelude::*;
    #[doc(no_inline)]
    pub use kernel_core::prelude::*;
    #[cfg(feature = "debugfs")]
    #[doc(no_inline)]
    pub use kernel_debugfs::prelude::*;
    #[cfg(feature = "device")]
    #[doc(no_inline)]
    pub use kernel_device::prelude::*;
    #[cfg(feature = "dma")]
    #[doc(no_inline)]
    pub use kernel_dma::prelude::*;
    #[cfg(feature = "drm")]
    #[doc(no_inline)]
    pub use kernel_drm::prelude::*;
    #[cfg(feature = "drm-panic")]
    #[doc(no_inline)]
    pub use kernel_drm_panic::prelude::*;
    #[cfg(feature = "fs")]
    #[doc(no_inline)]
    pub use kernel_fs::prelude::*;
    #[cfg(feature = "i2c")]
    #[doc(no_inline)]
    pub use kernel_i2c::prelude::*;
    #[cfg(feature = "io")]
    #[doc(no_inline)]
    pub use kernel_io::prelude::*;
    #[cfg(feature = "miscdevice")]
    #[doc(no_inline)]
    pub use kernel_miscdevice::prelude::*;
    #[cfg(feature = "mm")]
    #[doc(no_inline)]
    pub use kernel_mm::prelude::*;
    #[cfg(feature = "net-phy")]
    #[doc(no_inline)]
    pub use kernel_net_phy::prelude::*;
    #[cfg(feature = "pci")]
    #[doc(no_inline)]
    pub use kernel_pci::prelude::*;
    #[cfg(feature = "platform")]
    #[doc(no_inline)]
    pub use kernel_platform::prelude::*;
    #[cfg(feature = "pwm")]
    #[doc(no_inline)]
    pub use kernel_pwm::prelude::*;
    #[cfg(feature = "regulator")]
    #[doc(no_inline)]
    pub use kernel_regulator::prelude::*;
    #[cfg(feature = "sync")]
    #[doc(no_inline)]
    pub use kernel_sync::prelude::*;
    #[cfg(feature = "task")]
    #[doc(no_inline)]
    pub use kernel_task::prelude::*;
    #[cfg(feature = "time")]
    #[doc(no_inline)]
    pub use kernel_time::prelude::*;
    #[cfg(feature = "usb")]
    #[doc(no_inline)]
    pub use kernel_usb::prelude::*;
    #[cfg(feature = "workqueue")]
    #[doc(no_inline)]
    pub use kernel_workqueue::prelude::*;
}
