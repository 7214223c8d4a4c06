// SPDX-License-Identifier: GPL-2.0

//! What drivers match: PHYs by the number that they have in their registers.

use super::Driver;
use crate::{bindings, device_id::RawDeviceId};

/// How much of a PHY's number has to be the same.
///
/// The number has the maker's identifier in its upper 22 bits, then 6 bits for the model, and 4 for its
/// revision: registers 2 and 3 of clause 22.
enum DeviceMask {
    Exact,
    Model,
    Vendor,
    Custom(u32),
}

impl DeviceMask {
    const MODEL: u32 = !0 << 4;
    const VENDOR: u32 = !0 << 10;

    /// The bits that are compared.
    const fn as_int(&self) -> u32 {
        match self {
            DeviceMask::Exact => !0,
            DeviceMask::Model => Self::MODEL,
            DeviceMask::Vendor => Self::VENDOR,
            DeviceMask::Custom(mask) => *mask,
        }
    }
}

/// Which PHYs a driver is for: [`struct mdio_device_id`].
///
/// # Examples
///
/// ```
/// use kernel::net::phy::DeviceId;
///
/// /// All revisions of one model.
/// const GIGABIT: DeviceId = DeviceId::new_with_model_mask(0x001c_c910);
///
/// assert_eq!(GIGABIT.id() & GIGABIT.mask_as_int(), 0x001c_c910);
/// // Revision 4 is one, the next model is none.
/// assert_eq!((GIGABIT.id() ^ 0x001c_c914) & GIGABIT.mask_as_int(), 0);
/// assert_ne!((GIGABIT.id() ^ 0x001c_c920) & GIGABIT.mask_as_int(), 0);
/// ```
///
/// [`struct mdio_device_id`]: srctree/include/linux/mod_devicetable.h
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct DeviceId(bindings::mdio_device_id);

impl DeviceId {
    const fn new(id: u32, mask: DeviceMask) -> Self {
        DeviceId(bindings::mdio_device_id {
            phy_id: id,
            phy_id_mask: mask.as_int(),
        })
    }

    /// One revision of one model: all 32 bits have to be the same.
    ///
    /// C counterpart: `PHY_ID_MATCH_EXACT`.
    pub const fn new_with_exact_mask(id: u32) -> Self {
        Self::new(id, DeviceMask::Exact)
    }

    /// All revisions of a model: the lower 4 bits don't matter.
    ///
    /// C counterpart: `PHY_ID_MATCH_MODEL`.
    pub const fn new_with_model_mask(id: u32) -> Self {
        Self::new(id, DeviceMask::Model)
    }

    /// All PHYs of a maker: the lower 10 bits don't matter.
    ///
    /// C counterpart: `PHY_ID_MATCH_VENDOR`.
    pub const fn new_with_vendor_mask(id: u32) -> Self {
        Self::new(id, DeviceMask::Vendor)
    }

    /// All PHYs whose number has the bits of `id` where `mask` has ones.
    ///
    /// A mask of zero would have all PHYs match; neither a driver nor a module's table may have it.
    pub const fn new_with_custom_mask(id: u32, mask: u32) -> Self {
        Self::new(id, DeviceMask::Custom(mask))
    }

    /// The id of a driver, for its module's table.
    ///
    /// # Panics
    ///
    /// While it is compiled, if the driver has no [`PHY_DEVICE_ID`](Driver::PHY_DEVICE_ID): the module
    /// would be loaded for each PHY there is. A driver that looks by itself, in
    /// [`match_phy_device`](Driver::match_phy_device), names ids of the PHYs that it wants to see.
    pub const fn new_with_driver<T: Driver>() -> Self {
        const {
            assert!(
                T::PHY_DEVICE_ID.mask_as_int() != 0,
                "the driver has no `PHY_DEVICE_ID` to go into the table"
            );
        }
        T::PHY_DEVICE_ID
    }

    /// The number that is compared.
    pub const fn id(&self) -> u32 {
        self.0.phy_id
    }

    /// The bits in which it has to be the same.
    pub const fn mask_as_int(&self) -> u32 {
        self.0.phy_id_mask
    }
}

// SAFETY: `DeviceId` is a transparent wrapper of `struct mdio_device_id`, and a table of those ends with
// one of zeroes.
unsafe impl RawDeviceId for DeviceId {
    type RawType = bindings::mdio_device_id;
}
