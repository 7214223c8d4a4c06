// SPDX-License-Identifier: GPL-2.0

//! The auxiliary bus: parts of one device, each with a driver of its own.
//!
//! A piece of hardware may do several things that belong to different subsystems. The driver of the
//! whole then registers an auxiliary device for each of its parts, and the drivers of the parts, which
//! may lie in other modules, bind to these.
//!
//! # The driver of the whole
//!
//! It makes a [`Registration`] in its `probe`, for the device that it is bound to, with data for the
//! other side, and keeps it in its own data. When that goes, the auxiliary device goes, and before
//! that the driver that is bound to it.
//!
//! # The driver of a part
//!
//! It implements [`Driver`], says by [`DeviceId`]s which devices it is for, and is registered by
//! [`module_auxiliary_driver!`](crate::module_auxiliary_driver). In `probe` and for as long as it is
//! bound it can reach
//!
//! - the device that its own hangs on: [`Device::parent`],
//! - the data that came with the registration: [`Device::registration_data`]. Both sides name the
//!   type; if they do not name the same one, it is an error, and not a cast.
//!
//! C header: [`include/linux/auxiliary_bus.h`](srctree/include/linux/auxiliary_bus.h)

use crate::{
    bindings, device,
    device::{AsBusDevice, Bound, DeviceContext, Normal},
    prelude::*,
    sync::aref::AlwaysRefCounted,
    types::{ForLt, Opaque},
};
use core::{any::TypeId, marker::PhantomData, mem::offset_of, ptr::NonNull};

mod driver;
mod id;
mod registration;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use driver::{Adapter, Driver};
pub use id::{DeviceId, IdTable};
pub use registration::Registration;

/// A device on the auxiliary bus.
///
/// `Ctx` is the state that it is known to be in: see [`device`]. An `ARef<Device>`
/// keeps the structure, and that of its parent.
///
/// C counterpart: [`struct auxiliary_device`](srctree/include/linux/auxiliary_bus.h)
///
/// # Invariants
///
/// For as long as a reference exists, the structure is initialised and has been added to the bus,
/// neither its own count nor that of its parent is zero, and it is in the state that `Ctx` stands for.
#[repr(transparent)]
pub struct Device<Ctx: DeviceContext = Normal>(
    Opaque<bindings::auxiliary_device>,
    PhantomData<Ctx>,
);

impl<Ctx: DeviceContext> Device<Ctx> {
    fn as_raw(&self) -> *mut bindings::auxiliary_device {
        self.0.get()
    }

    /// The number that tells devices of the same name apart.
    #[inline]
    pub fn id(&self) -> u32 {
        // SAFETY: The structure is initialised, by the type invariants, and its number stays.
        unsafe { (*self.as_raw()).id }
    }
}

impl Device {
    /// The device that this one hangs on.
    ///
    /// Nothing is known about it but that it is counted: its driver may have left.
    #[inline]
    pub fn parent(&self) -> &device::Device {
        // SAFETY: The structure is initialised, by the type invariants. An auxiliary device stays
        // with its parent, so nobody writes to the field.
        let parent = unsafe { (*self.as_raw()).dev.parent };
        // SAFETY: The bus takes no device without a parent, whose count is not zero while this
        // reference exists, by the type invariants.
        unsafe { device::Device::from_raw(parent) }
    }
}

impl Device<Bound> {
    /// The device that this one hangs on, with the driver that registered this one bound to it.
    #[inline]
    pub fn parent(&self) -> &device::Device<Bound> {
        let this: &Device = self;
        let parent = this.parent();
        // SAFETY: The driver of the parent has registered this device. It is taken away before the parent
        // begins to take its resources back: with the driver's data, or as a user of the parent. This
        // device is bound for as long as the borrow, so it is still there.
        unsafe { parent.as_bound() }
    }

    /// The data that [`Registration::new`] was given.
    ///
    /// `F` has to be the very type that the registration names, in the same words: `ForLt!(&u32)` and
    /// `ForLt!(for<'a> &'a u32)` are one, an alias is what it stands for.
    ///
    /// # Errors
    ///
    /// - `ENOENT` if the device was registered without data, which only C can do.
    /// - `EINVAL` if the data are of another type.
    ///
    /// # Examples
    ///
    /// What both sides have to know can be a type in a module that they share, or in their own:
    ///
    /// ```
    /// use kernel::{auxiliary, device::Bound, types::ForLt};
    ///
    /// struct Ring<'a> {
    ///     slots: &'a [u32],
    /// }
    ///
    /// fn slots(adev: &auxiliary::Device<Bound>) -> Result<usize> {
    ///     let ring = adev.registration_data::<ForLt!(Ring<'_>)>()?;
    ///     Ok(ring.slots.len())
    /// }
    ///
    /// fn is_a_number(adev: &auxiliary::Device<Bound>) -> bool {
    ///     adev.registration_data::<ForLt!(u32)>().is_ok()
    /// }
    /// # use kernel::{device::testing::RootDevice, sync::aref::ARef};
    /// # let root = RootDevice::new(c"rust_doc_aux_ring")?;
    /// # // SAFETY: No driver comes or goes, so none leaves while this is borrowed.
    /// # let parent = unsafe { root.as_bound() };
    /// # let ring = Ok::<_, Error>(Ring { slots: &[1, 2, 3] });
    /// # // SAFETY: It is not forgotten.
    /// # let registration = unsafe {
    /// #     auxiliary::Registration::<'_, ForLt!(Ring<'_>)>::new_with_lt(
    /// #         parent, c"ring", 0, c"rust_doc_aux", ring,
    /// #     )
    /// # }?;
    /// # // SAFETY: As above, for as long as the registration.
    /// # let adev = unsafe { registration.bound() };
    /// # assert_eq!(slots(adev)?, 3);
    /// # assert!(!is_a_number(adev));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn registration_data<F: ForLt + 'static>(&self) -> Result<Pin<&F::Of<'_>>> {
        // SAFETY: The structure is initialised, by the type invariants. The field is written before
        // the device is added, and after the last driver has been unbound, so not in this context.
        let data = unsafe { (*self.as_raw()).registration_data_rust };
        let data = NonNull::new(data.cast::<registration::Header>()).ok_or(ENOENT)?;
        // SAFETY: What the field points to begins with a header, and stays for as long as the device
        // is bound.
        let header = unsafe { data.as_ref() };
        if header.type_id != TypeId::of::<F>() {
            return Err(EINVAL);
        }
        let data = data.cast::<registration::Data<F::Of<'static>>>();
        // SAFETY: The header says that it was made for `F`, and lifetimes do not change a layout.
        // The lifetime is not longer than that of the borrow from here on: see below.
        let data = unsafe { data.as_ref() };
        // The real lifetime is longer than this borrow, and shorter than `'static`.
        let data = F::cast_ref::<'_, '_, 'static>(&data.data);
        // SAFETY: The data were pinned when they were stored.
        Ok(unsafe { Pin::new_unchecked(data) })
    }
}

impl<Ctx: DeviceContext> AsRef<device::Device<Ctx>> for Device<Ctx> {
    #[inline]
    fn as_ref(&self) -> &device::Device<Ctx> {
        // SAFETY: The pointer comes from a reference.
        let dev = unsafe { &raw mut (*self.as_raw()).dev };
        // SAFETY: By the type invariants it is initialised and counted, and in the state that `Ctx`
        // stands for. Release functions on this bus may be called from any thread.
        unsafe { device::Device::from_raw(dev) }
    }
}

// SAFETY: It is the offset of the field that `as_ref` takes.
unsafe impl<Ctx: DeviceContext> AsBusDevice<Ctx> for Device<Ctx> {
    const OFFSET: usize = offset_of!(bindings::auxiliary_device, dev);
}

// SAFETY: The counts keep the structures allocated, the device's own and its parent's. A reference
// exists either while the device is on the bus, which counts both, or while somebody owns a count of
// each from here.
unsafe impl AlwaysRefCounted for Device {
    #[inline]
    fn inc_ref(&self) {
        // A device that has been taken from the bus does not keep its parent. This does.
        self.parent().inc_ref();
        AsRef::<device::Device>::as_ref(self).inc_ref();
    }

    #[inline]
    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller owns a count, so the device is there.
        let this = unsafe { obj.as_ref() };
        let parent = NonNull::from(this.parent());
        let dev = NonNull::from(AsRef::<device::Device>::as_ref(this));
        // SAFETY: The caller gives up the count, and does not use the device any more.
        unsafe { device::Device::dec_ref(dev) };
        // SAFETY: `inc_ref` has taken this one with the other.
        unsafe { device::Device::dec_ref(parent) };
    }
}

// SAFETY: Whoever adds a device to the bus leaves it to the device core, which counts it, and
// releases it, in any thread.
unsafe impl Send for Device {}

// SAFETY: Shared references allow to count, and to read what stays as it is.
unsafe impl Sync for Device {}

// SAFETY: As for `Device`. That a driver is bound is as true in another thread, and registration data
// may be shared by threads, as `Registration::new` demands.
unsafe impl Sync for Device<Bound> {}

// SAFETY: `Device` is a transparent wrapper, whatever its context is, and each context promises more
// than the next.
crate::impl_device_context_deref!(unsafe { Device });
crate::impl_device_context_into_aref!(Device);
