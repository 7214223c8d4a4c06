// SPDX-License-Identifier: GPL-2.0

//! Drivers that the PHY library knows.

use super::DriverVTable;
use crate::{
    bindings,
    error::to_result,
    prelude::*,
    sync::atomic::{AtomicFlag, Full},
};
use core::cell::UnsafeCell;

/// Drivers that are registered; they are unregistered when it is dropped.
///
/// [`module_phy_driver!`](crate::module_phy_driver) keeps one in the module.
///
/// # Examples
///
/// ```
/// use kernel::net::phy::{self, DeviceId, Driver, DriverTable, Registration};
///
/// struct Small;
/// struct Large;
///
/// #[vtable]
/// impl Driver for Small {
///     const NAME: &'static CStr = c"Small (doc example)";
///     const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0xfff0_0031);
/// }
///
/// #[vtable]
/// impl Driver for Large {
///     const NAME: &'static CStr = c"Large (doc example)";
///     const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0xfff0_0041);
/// }
///
/// static DRIVERS: DriverTable<2> = DriverTable::new([
///     phy::create_phy_driver::<Small>(),
///     phy::create_phy_driver::<Large>(),
/// ]);
/// # // SAFETY: The pointer is null, as for what is built in.
/// # static MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
///
/// let registration = Registration::register(&MODULE, DRIVERS.take().ok_or(EBUSY)?)?;
/// // Each PHY that they match is theirs, until:
/// drop(registration);
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// The drivers are registered, and there is at least one.
pub struct Registration {
    drivers: Pin<&'static mut [DriverVTable]>,
}

// SAFETY: Drivers can be unregistered in any thread.
unsafe impl Send for Registration {}

impl Registration {
    /// Registers drivers. PHYs that they match, and that have none, are theirs when it returns.
    ///
    /// `module` is the one that has the drivers. It stays while a network controller uses a PHY of theirs.
    ///
    /// # Errors
    ///
    /// - `EINVAL` for no drivers at all.
    /// - `EBUSY` if there is a driver of this name.
    /// - `ENOMEM`.
    ///
    /// Either all are registered or none.
    pub fn register(
        module: &'static ThisModule,
        drivers: Pin<&'static mut [DriverVTable]>,
    ) -> Result<Self> {
        if drivers.is_empty() {
            return Err(EINVAL);
        }
        let count = c_int::try_from(drivers.len())?;
        // `DriverVTable` is a transparent wrapper, and the pointer one to all of them.
        let first = drivers.as_ptr().cast_mut().cast();
        // SAFETY: They are as many as that, one after the other, and made for this, by the invariants of
        // `DriverVTable`. They stay where they are, and belong to the result, or to nobody if this fails.
        to_result(unsafe { bindings::phy_drivers_register(first, count, module.as_ptr()) })?;
        // INVARIANT: They are registered, and there is a first one.
        Ok(Registration { drivers })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let drivers = self.drivers.as_ref().get_ref();
        // As many as were registered, which was a `c_int`.
        let count = drivers.len() as c_int;
        let first = drivers.as_ptr().cast_mut().cast();
        // SAFETY: By the type invariants they are registered. `DriverVTable` is a transparent wrapper.
        // No device is bound to them when this returns. A callback for a controller may still run: the table
        // is `'static`, and the controller holds the module.
        unsafe { bindings::phy_drivers_unregister(first, count) };
    }
}

/// A place for drivers in a static, from which they can be registered once.
///
/// This is an addition to what Linux 7.2 has: it lets a module register drivers without unsafe code.
///
/// # Examples
///
/// ```
/// use kernel::net::phy::{self, DeviceId, Driver, DriverTable};
///
/// struct Plain;
///
/// #[vtable]
/// impl Driver for Plain {
///     const NAME: &'static CStr = c"Plain";
///     const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0xfff0_0051);
/// }
///
/// static DRIVERS: DriverTable<1> = DriverTable::new([phy::create_phy_driver::<Plain>()]);
///
/// assert_eq!(DRIVERS.take().map(|drivers| drivers.len()), Some(1));
/// // Who has them, has them for good.
/// assert!(DRIVERS.take().is_none());
/// ```
///
/// # Invariants
///
/// Once `taken` is set, `drivers` belongs to who set it.
pub struct DriverTable<const N: usize> {
    taken: AtomicFlag,
    drivers: UnsafeCell<[DriverVTable; N]>,
}

// SAFETY: A shared reference gives the drivers to one caller only, and to that one for good, by `taken`.
// They belong to no thread: C uses them from any, and a `Registration` of them is `Send`.
unsafe impl<const N: usize> Sync for DriverTable<N> {}

impl<const N: usize> DriverTable<N> {
    /// Makes a table of drivers.
    pub const fn new(drivers: [DriverVTable; N]) -> Self {
        // INVARIANT: It is not set.
        DriverTable {
            taken: AtomicFlag::new(false),
            drivers: UnsafeCell::new(drivers),
        }
    }

    /// Takes the drivers out, for [`Registration::register`].
    ///
    /// Returns `None` if that was done before.
    #[expect(clippy::mut_from_ref, reason = "only one caller gets it")]
    pub fn take(&'static self) -> Option<Pin<&'static mut [DriverVTable]>> {
        // INVARIANT: Who found it unset, and nobody else, gets the drivers.
        if self.taken.xchg(true, Full) {
            return None;
        }
        // SAFETY: By the type invariants nobody else has a reference, or will have one.
        let drivers: &'static mut [DriverVTable] = unsafe { &mut *self.drivers.get() };
        // SAFETY: The table is borrowed for good, so that the drivers neither move nor go.
        Some(unsafe { Pin::new_unchecked(drivers) })
    }
}

/// Makes a module of drivers for PHYs.
///
/// `drivers` are the types that implement [`Driver`], `device_table` says for which PHYs the module is
/// loaded, and what follows is what [`module!`](macro@crate::prelude::module) takes, but for `type`.
///
/// # Examples
///
/// ```
/// # mod sample {
/// # use kernel::prelude::*;
/// use kernel::net::phy::{self, DeviceId, Driver};
///
/// struct Acme;
///
/// #[vtable]
/// impl Driver for Acme {
///     const NAME: &'static CStr = c"Acme (macro's doc example)";
///     const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0xfff0_0061);
/// }
///
/// kernel::module_phy_driver! {
///     drivers: [Acme],
///     device_table: [DeviceId::new_with_driver::<Acme>()],
///     name: "rust_doc_acme_phy",
///     authors: ["A. Driver"],
///     description: "Acme's PHYs",
///     license: "GPL",
/// }
/// #
/// # pub(super) fn name() -> &'static CStr { Acme::NAME }
/// # }
/// # // Its module, in the kernel, has registered the driver, so that there can't be another.
/// # use kernel::{net::phy::{self, DeviceId, Driver, DriverTable, Registration}, ThisModule};
/// # struct Twin;
/// # #[vtable]
/// # impl Driver for Twin {
/// #     const NAME: &'static CStr = c"Acme (macro's doc example)";
/// #     const PHY_DEVICE_ID: DeviceId = DeviceId::new_with_exact_mask(0xfff0_0071);
/// # }
/// # // SAFETY: The pointer is null, as for what is built in.
/// # static MODULE: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };
/// # static DRIVERS: DriverTable<1> = DriverTable::new([phy::create_phy_driver::<Twin>()]);
/// # assert_eq!(sample::name(), Twin::NAME);
/// # let twin = Registration::register(&MODULE, DRIVERS.take().ok_or(EINVAL)?);
/// # assert_eq!(twin.err(), Some(EBUSY));
/// # Ok::<(), Error>(())
/// ```
///
/// [`Driver`]: crate::net::phy::Driver
#[macro_export]
macro_rules! module_phy_driver {
    (
        drivers: [$($driver:ident),+ $(,)?],
        device_table: [$($id:expr),+ $(,)?],
        $($fields:tt)*
    ) => {
        struct DriverModule {
            _drivers: $crate::net::phy::Registration,
        }

        $crate::prelude::module! {
            type: DriverModule,
            $($fields)*
        }

        const _: () = {
            const PHY_DEVICE_TABLE: $crate::device_id::IdArray<
                $crate::net::phy::DeviceId,
                (),
                { [$(::core::stringify!($id)),+].len() },
            > = $crate::device_id::IdArray::new_without_index([$(($id, ())),+]);

            $crate::module_device_table!("mdio", PHY_MODULE_TABLE, PHY_DEVICE_TABLE);

            static DRIVERS: $crate::net::phy::DriverTable<
                { [$(::core::stringify!($driver)),+].len() },
            > = $crate::net::phy::DriverTable::new([
                $($crate::net::phy::create_phy_driver::<$driver>()),+
            ]);

            impl $crate::Module for DriverModule {
                fn init(module: &'static $crate::ThisModule) -> $crate::error::Result<Self> {
                    let drivers = DRIVERS.take().ok_or($crate::error::code::EBUSY)?;
                    ::core::result::Result::Ok(DriverModule {
                        _drivers: $crate::net::phy::Registration::register(module, drivers)?,
                    })
                }
            }
        };
    };
}
