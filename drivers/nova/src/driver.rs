// SPDX-License-Identifier: GPL-2.0

//! The device on the auxiliary bus, and the one of DRM's for it.

use crate::{file::File, gem::Buffer};
use kernel::{
    auxiliary,
    device::{self, Bound, Core},
    drm::{self, gem, ioctl, DeviceContext},
    pci,
    prelude::*,
};

/// The BAR through which the CPU sees the GPU's memory.
const VRAM_BAR: u32 = 1;

kernel::auxiliary_device_table!(
    AUX_TABLE,
    MODULE_AUX_TABLE,
    <NovaDriver as auxiliary::Driver>::IdInfo,
    [(auxiliary::DeviceId::new(c"nova-core", c"nova-drm"), ())]
);

/// The driver, as the auxiliary bus and DRM know it.
pub(crate) struct NovaDriver;

/// A device of DRM's that is this driver's.
pub(crate) type NovaDevice = drm::Device<NovaDriver>;

/// What the driver keeps for all files of a device.
pub(crate) struct NovaData {
    /// The size of [`VRAM_BAR`], in bytes. It is that of the hardware, and so stays.
    pub(crate) vram_bar_size: u64,
}

impl auxiliary::Driver for NovaDriver {
    type IdInfo = ();
    // DRM's device has all there is.
    type Data<'bound> = ();

    const ID_TABLE: auxiliary::IdTable<Self::IdInfo> = &AUX_TABLE;

    fn probe<'bound>(
        adev: &'bound auxiliary::Device<Core<'_>>,
        _info: &'bound Self::IdInfo,
    ) -> impl PinInit<(), Error> + 'bound {
        Self::register(adev)
    }
}

impl NovaDriver {
    /// Makes DRM's device, which is there for as long as the driver is bound.
    fn register(adev: &auxiliary::Device<Bound>) -> Result {
        let gpu: &pci::Device<Bound> = adev.parent().try_into()?;
        let data = NovaData {
            vram_bar_size: gpu.resource_len(VRAM_BAR)?,
        };
        let dev: &device::Device<Bound> = adev.as_ref();
        let drm = drm::UnregisteredDevice::<Self>::new(dev, Ok::<_, Error>(data))?;
        drm::Registration::new_foreign_owned(drm, dev, 0)?;
        Ok(())
    }
}

#[vtable]
impl drm::Driver for NovaDriver {
    type Data = NovaData;
    type File = File;
    type Object<Ctx: DeviceContext> = gem::Object<Buffer, Ctx>;

    // By these user space knows what it can ask for, whoever has written the driver.
    const INFO: drm::DriverInfo = drm::DriverInfo {
        major: 0,
        minor: 0,
        patchlevel: 0,
        name: c"nova-drm",
        desc: c"NVIDIA GPUs, from kernel-crates",
    };

    kernel::declare_drm_ioctls! {
        (NOVA_GETPARAM, drm_nova_getparam, ioctl::RENDER_ALLOW, File::get_param),
        (NOVA_GEM_CREATE, drm_nova_gem_create, ioctl::AUTH | ioctl::RENDER_ALLOW, File::gem_create),
        (NOVA_GEM_INFO, drm_nova_gem_info, ioctl::AUTH | ioctl::RENDER_ALLOW, File::gem_info),
    }
}
