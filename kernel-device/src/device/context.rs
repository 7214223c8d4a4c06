// SPDX-License-Identifier: GPL-2.0

//! What a reference to a device says about the device, as a type.

use super::private::Sealed;
use core::marker::PhantomData;

/// A state of a device, as far as a reference to it tells: the parameter of [`Device`](super::Device)
/// and of the devices of each bus.
///
/// There are four, and nobody can add one: [`Normal`], [`Bound`], [`Core`] and [`CoreInternal`].
///
/// # Examples
///
/// A function that does not care takes them all:
///
/// ```
/// use kernel::device::{Device, DeviceContext};
///
/// fn name_length<Ctx: DeviceContext>(dev: &Device<Ctx>) -> usize {
///     dev.name().count_bytes()
/// }
///
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_context")?;
/// # let dev: &Device = &root;
/// assert_eq!(name_length(dev), 16);
/// # Ok::<(), Error>(())
/// ```
pub trait DeviceContext: Sealed {}

/// Nothing is known but that the device is counted.
///
/// # Examples
///
/// It need not be written:
///
/// ```
/// use kernel::device::{Device, Normal};
///
/// fn same(dev: &Device<Normal>) -> &Device {
///     dev
/// }
///
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_normal")?;
/// assert_eq!(same(&root).name(), c"rust_doc_normal");
/// # Ok::<(), Error>(())
/// ```
pub struct Normal;

/// A driver is bound to the device for as long as the reference exists.
///
/// So what the driver set up for the device is there, with one exception: while the device takes its
/// resources back, one after the other, those whose turn it is not yet may still make callbacks with a
/// reference in this context. [`Devres::access`] then has an error for what is gone.
///
/// [`Devres::access`]: crate::devres::Devres::access
///
/// # Examples
///
/// ```
/// use kernel::device::{Bound, Device};
///
/// /// Only to be called while the hardware is ours, and the compiler sees to it.
/// fn reset(dev: &Device<Bound>) -> usize {
///     dev_info!(dev, "reset\n");
///     // What needs less takes it as well.
///     describe(dev)
/// }
///
/// fn describe(dev: &Device) -> usize {
///     dev.name().count_bytes()
/// }
///
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_bound")?;
/// # // SAFETY: Nothing here relies on the driver, which there is not.
/// # let dev = unsafe { root.as_bound() };
/// assert_eq!(reset(dev), 14);
/// # Ok::<(), Error>(())
/// ```
pub struct Bound;

/// The device is bound, and its lock is held: a callback of the bus is running.
///
/// `'a` is the length of the callback.
///
/// # Examples
///
/// ```
/// use kernel::device::{Bound, Core, Device};
///
/// fn probe(dev: &Device<Core<'_>>) -> usize {
///     enable(dev)
/// }
///
/// fn enable(dev: &Device<Bound>) -> usize {
///     dev.name().count_bytes()
/// }
///
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_core")?;
/// # // SAFETY: The device is registered, and nothing here relies on its lock, or on a driver.
/// # let dev = unsafe { Device::<Core<'_>>::from_raw(root.as_raw()) };
/// assert_eq!(probe(dev), 13);
/// # Ok::<(), Error>(())
/// ```
pub struct Core<'a>(PhantomData<&'a ()>);

/// As [`Core`], in the hands of the abstraction of the bus, before it calls the driver or after.
///
/// Only then may the driver's data be set or taken away. Drivers never see it.
///
/// # Examples
///
/// ```
/// use kernel::device::{Core, CoreInternal, Device};
///
/// /// What C calls, in the abstraction of a bus.
/// fn probe_callback(dev: &Device<CoreInternal<'_>>) -> usize {
///     driver_probe(dev)
/// }
///
/// fn driver_probe(dev: &Device<Core<'_>>) -> usize {
///     dev.name().count_bytes()
/// }
///
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_internal")?;
/// # // SAFETY: The device is registered, and nothing here relies on its lock, or on a driver.
/// # let dev = unsafe { Device::<CoreInternal<'_>>::from_raw(root.as_raw()) };
/// assert_eq!(probe_callback(dev), 17);
/// # Ok::<(), Error>(())
/// ```
pub struct CoreInternal<'a>(PhantomData<&'a ()>);

impl Sealed for Normal {}
impl Sealed for Bound {}
impl Sealed for Core<'_> {}
impl Sealed for CoreInternal<'_> {}

impl DeviceContext for Normal {}
impl DeviceContext for Bound {}
impl<'a> DeviceContext for Core<'a> {}
impl<'a> DeviceContext for CoreInternal<'a> {}

/// Lets a device type dereference from each context to the next weaker one.
///
/// `impl_device_context_deref!(unsafe { Device })` makes `Device<CoreInternal<'_>>` dereference to
/// `Device<Core<'_>>`, that to `Device<Bound>`, and that to `Device<Normal>`. It is for the types
/// that buses have for their devices.
///
/// # Safety
///
/// `Device<Ctx>` has the same layout, whatever `Ctx` is; and what is valid in one context is in a
/// weaker one.
///
/// # Examples
///
/// ```
/// use core::{marker::PhantomData, ptr};
/// use kernel::device::{Bound, Core, DeviceContext, Normal};
///
/// /// A device on some bus: its address there.
/// #[repr(transparent)]
/// struct Slot<Ctx: DeviceContext = Normal>(u8, PhantomData<Ctx>);
///
/// // SAFETY: The layout is that of `u8`, and all contexts may look at the address.
/// kernel::impl_device_context_deref!(unsafe { Slot });
///
/// fn address(slot: &Slot) -> u8 {
///     slot.0
/// }
///
/// fn probe(slot: &Slot<Core<'_>>) -> u8 {
///     let bound: &Slot<Bound> = slot;
///     address(bound)
/// }
///
/// assert_eq!(probe(&Slot(7, PhantomData)), 7);
/// ```
#[macro_export]
macro_rules! impl_device_context_deref {
    (unsafe { $device:ident }) => {
        $crate::impl_device_context_deref!(
            @step $device, ['a] $crate::device::CoreInternal<'a> => $crate::device::Core<'a>
        );
        $crate::impl_device_context_deref!(
            @step $device, ['a] $crate::device::Core<'a> => $crate::device::Bound
        );
        $crate::impl_device_context_deref!(
            @step $device, [] $crate::device::Bound => $crate::device::Normal
        );
    };

    (@step $device:ident, [$($lifetime:lifetime)?] $strong:ty => $weak:ty) => {
        impl<$($lifetime)?> ::core::ops::Deref for $device<$strong> {
            type Target = $device<$weak>;

            #[inline]
            fn deref(&self) -> &Self::Target {
                let this: *const Self = self;
                // SAFETY: Who invokes the macro promises that the layouts are the same, and that what
                // is valid here is valid in the weaker context.
                unsafe { &*this.cast::<Self::Target>() }
            }
        }
    };
}

/// Lets a reference to a device in any context become an [`ARef`] of the device in none.
///
/// `impl_device_context_into_aref!(Device)` makes `ARef<Device>` from `&Device<Bound>`,
/// `&Device<Core<'_>>` and `&Device<CoreInternal<'_>>`. It is for the types that buses have for
/// their devices, which have [`impl_device_context_deref!`](crate::impl_device_context_deref) too.
///
/// # Examples
///
/// ```
/// use core::{marker::PhantomData, ptr::NonNull};
/// use kernel::{
///     device::{Bound, DeviceContext, Normal},
///     sync::{aref::{ARef, AlwaysRefCounted}, Refcount},
/// };
///
/// #[repr(transparent)]
/// struct Slot<Ctx: DeviceContext = Normal>(Refcount, PhantomData<Ctx>);
///
/// // SAFETY: The one below outlives all references that are counted.
/// unsafe impl AlwaysRefCounted for Slot {
///     fn inc_ref(&self) {
///         self.0.inc();
///     }
///
///     unsafe fn dec_ref(slot: NonNull<Self>) {
///         // SAFETY: The caller has a reference.
///         let _ = unsafe { slot.as_ref() }.0.dec_and_test();
///     }
/// }
///
/// // SAFETY: The layout is that of a count, and all contexts may count.
/// kernel::impl_device_context_deref!(unsafe { Slot });
/// kernel::impl_device_context_into_aref!(Slot);
///
/// fn keep(slot: &Slot<Bound>) -> ARef<Slot> {
///     slot.into()
/// }
///
/// let slot: Slot<Bound> = Slot(Refcount::new(1), PhantomData);
/// let kept = keep(&slot);
/// assert_eq!(kept.0.as_atomic().load(kernel::sync::atomic::Relaxed), 2);
/// ```
///
/// [`ARef`]: crate::sync::aref::ARef
#[macro_export]
macro_rules! impl_device_context_into_aref {
    ($device:ident) => {
        $crate::impl_device_context_into_aref!(@from $device, [] $crate::device::Bound);
        $crate::impl_device_context_into_aref!(@from $device, ['a] $crate::device::Core<'a>);
        $crate::impl_device_context_into_aref!(
            @from $device, ['a] $crate::device::CoreInternal<'a>
        );
    };

    (@from $device:ident, [$($lifetime:lifetime)?] $context:ty) => {
        impl<$($lifetime)?> ::core::convert::From<&$device<$context>>
            for $crate::sync::aref::ARef<$device>
        {
            #[inline]
            fn from(device: &$device<$context>) -> Self {
                let device: &$device = device;
                Self::from(device)
            }
        }
    };
}
