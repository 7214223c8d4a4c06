// SPDX-License-Identifier: GPL-2.0

//! Putting devices on the bus.

use super::Device;
use crate::{
    bindings, container_of,
    device::{self, Bound},
    devres,
    error::to_result,
    prelude::*,
    str::CString,
    sync::aref::ARef,
    types::{ForLt, Opaque},
};
use core::{any::TypeId, marker::PhantomData, mem, ptr, ptr::NonNull};

/// What is the same in the data of all registrations.
pub(super) struct Header {
    /// That of the `F: ForLt`.
    pub(super) type_id: TypeId,
    /// Drops the allocation that begins with this header.
    drop: unsafe fn(NonNull<Header>),
}

/// What `registration_data_rust` points to, in an allocation of `KBox`.
#[pin_data]
#[repr(C)]
pub(super) struct Data<T> {
    // First: who does not know `T` can have this.
    header: Header,
    #[pin]
    pub(super) data: T,
}

impl<T> Data<T> {
    /// Initialises the data in an allocation of their own.
    fn allocate<E>(type_id: TypeId, data: impl PinInit<T, E>) -> Result<NonNull<Header>>
    where
        Error: From<E>,
    {
        let this = KBox::pin_init(
            try_pin_init!(Self {
                header: Header {
                    type_id,
                    drop: Self::drop,
                },
                data <- data,
            }? E),
            GFP_KERNEL,
        )?;
        // SAFETY: The data stay where they are until `drop` has them back as pinned.
        let this = KBox::into_raw(unsafe { Pin::into_inner_unchecked(this) });
        // SAFETY: The pointer of a box is not null.
        Ok(unsafe { NonNull::new_unchecked(this) }.cast())
    }

    /// # Safety
    ///
    /// The header is that of a `Self` from `allocate`, which nobody uses any more.
    unsafe fn drop(header: NonNull<Header>) {
        // SAFETY: `allocate` has it from a box, as the caller says.
        let this = unsafe { KBox::from_raw(header.cast::<Self>().as_ptr()) };
        drop(KBox::into_pin(this));
    }
}

/// An auxiliary device from here.
struct Allocation {
    adev: Opaque<bindings::auxiliary_device>,
    /// The structure has a pointer to it.
    name: CString,
    /// The structure has a pointer to it, which C does not count.
    _parent: ARef<device::Device>,
}

/// The `release` function of devices from here.
///
/// It does not depend on types of drivers, and so is there even if a module is not.
///
/// # Safety
///
/// Only for the device core to call, on the device of an [`Allocation`] whose count is zero.
unsafe extern "C" fn release(dev: *mut bindings::device) {
    // SAFETY: The device core calls this for the `dev` of an `auxiliary_device`.
    let adev = unsafe { container_of!(dev, bindings::auxiliary_device, dev) };
    // SAFETY: That lies in an `Allocation`, as the caller says.
    let allocation = unsafe { container_of!(Opaque::cast_from(adev).cast_mut(), Allocation, adev) };
    // SAFETY: `Registration::add` has it from a box, and gave it to the device core, which has
    // no reference left.
    drop(unsafe { KBox::from_raw(allocation) });
}

/// Takes a device from the bus, and drops its data.
///
/// # Safety
///
/// `adev` points to an `auxiliary_device` that `Registration::new_with_lt` has added, and that
/// nobody else takes away.
unsafe extern "C" fn unregister(adev: *mut c_void) {
    let adev = adev.cast::<bindings::auxiliary_device>();
    // SAFETY: It was added, as the caller says, and is taken away once.
    unsafe { bindings::auxiliary_device_delete(adev) };
    // SAFETY: The structure is still there, since the caller's registration counts it. No driver is
    // bound to the device, and none will be, so nobody else looks at the field.
    let field = unsafe { &mut (*adev).registration_data_rust };
    let data = mem::replace(field, ptr::null_mut());
    let Some(header) = NonNull::new(data.cast::<Header>()) else {
        return;
    };
    // SAFETY: The field pointed to data, which begin with a header.
    let drop = unsafe { header.as_ref() }.drop;
    // SAFETY: The header is that of the data that it was made for. Their users, the drivers, are
    // gone.
    unsafe { drop(header) };
}

/// A device on the auxiliary bus, from the driver that it hangs on.
///
/// It is taken away when this is dropped, or, if this is forgotten, when the driver of the parent is
/// unbound, before the parent takes back what it has lent. A driver that is bound to it is unbound before
/// that.
///
/// Not to be dropped in a callback of that driver, which would wait for itself.
///
/// `F` is the type of the data for that driver, with a lifetime left open:
/// [`Device::registration_data`] gives it a reference to an `F::Of<'_>`.
///
/// C counterpart: `auxiliary_device_init()` and `auxiliary_device_add()`
///
/// # Examples
///
/// ```
/// use kernel::{auxiliary, device, device::Bound, types::ForLt};
///
/// /// What a driver keeps while it is bound.
/// struct Data<'bound> {
///     _display: auxiliary::Registration<'bound, ForLt!(u32)>,
///     _audio: auxiliary::Registration<'bound, ForLt!(())>,
/// }
///
/// fn probe(dev: &device::Device<Bound>) -> Result<Data<'_>> {
///     let heads = Ok::<_, Error>(4);
///     Ok(Data {
///         _display: auxiliary::Registration::new(dev, c"display", 0, c"rust_doc_aux", heads)?,
///         _audio: auxiliary::Registration::new(dev, c"audio", 0, c"rust_doc_aux", Ok::<_, Error>(()))?,
///     })
/// }
/// # let root = kernel::device::testing::RootDevice::new(c"rust_doc_aux_parts")?;
/// # // SAFETY: No driver comes or goes, so none leaves while this is borrowed.
/// # let data = probe(unsafe { root.as_bound() })?;
/// # assert_eq!(data._display.device().as_ref().name(), c"rust_doc_aux.display.0");
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `adev` points to the device of an `Allocation` of which this owns a count. It is on the bus, with
/// data for `F`, unless its parent has taken it away.
pub struct Registration<'a, F: ForLt + 'static> {
    adev: NonNull<bindings::auxiliary_device>,
    _data: PhantomData<(&'a device::Device<Bound>, F::Of<'a>)>,
}

impl<'a, F: ForLt> Registration<'a, F>
where
    for<'b> F::Of<'b>: Send + Sync,
{
    /// Puts a device on the bus: `modname.name.id`.
    ///
    /// A driver that takes it may be bound before this returns, or at any time later, and so look at
    /// the data. `modname` is the name of the module.
    ///
    /// # Errors
    ///
    /// - `EEXIST` if there is a device of that name.
    /// - `ENOMEM` without memory.
    /// - `ENXIO` when the driver of the parent is being unbound.
    /// - The error of `data`. Whatever fails, there is no device.
    #[inline]
    pub fn new<E>(
        parent: &'a device::Device<Bound>,
        name: &CStr,
        id: u32,
        modname: &CStr,
        data: impl PinInit<F::Of<'a>, E>,
    ) -> Result<Self>
    where
        F::Of<'a>: 'static,
        Error: From<E>,
    {
        // SAFETY: The data live for as long as they like. If this is forgotten, the parent takes the
        // device away.
        unsafe { Self::new_with_lt(parent, name, id, modname, data) }
    }

    /// Puts a device on the bus: as [`new`](Self::new), with data that borrow something.
    ///
    /// # Errors
    ///
    /// As those of [`new`](Self::new).
    ///
    /// # Safety
    ///
    /// The result is not forgotten: it is dropped before `'a` ends. (A value of which that is true
    /// is the data of a driver.)
    pub unsafe fn new_with_lt<E>(
        parent: &'a device::Device<Bound>,
        name: &CStr,
        id: u32,
        modname: &CStr,
        data: impl PinInit<F::Of<'a>, E>,
    ) -> Result<Self>
    where
        Error: From<E>,
    {
        let data = Data::<F::Of<'a>>::allocate(TypeId::of::<F>(), data)?;
        let adev = match Self::add(parent, name, id, modname, data) {
            Ok(adev) => adev,
            Err(error) => {
                // SAFETY: It was just made.
                let drop = unsafe { data.as_ref() }.drop;
                // SAFETY: The header is that of these data. The device with a pointer to them was
                // not added, or not for good, so nobody looks at them.
                unsafe { drop(data) };
                return Err(error);
            }
        };
        // INVARIANT: It was just added, with data for `F`, and its first count is this one's.
        let this = Self {
            adev,
            _data: PhantomData,
        };
        // Whoever is bound to the device may use what the parent has lent: see `Device::parent`.
        // SAFETY: The device was added; `unregister` is called once, as who drops this calls it only if
        // he has taken it back. As it is called before the parent's binding ends, the registration's
        // count is there.
        unsafe { devres::add_user(parent, unregister, adev.cast()) }.inspect_err(|_| {
            // SAFETY: It was added, and nobody else takes it away.
            unsafe { unregister(adev.as_ptr().cast()) }
        })?;
        Ok(this)
    }

    /// Puts a device on the bus, whose first count is the caller's.
    fn add(
        parent: &device::Device,
        name: &CStr,
        id: u32,
        modname: &CStr,
        data: NonNull<Header>,
    ) -> Result<NonNull<bindings::auxiliary_device>> {
        let allocation = KBox::new(
            Allocation {
                adev: Opaque::zeroed(),
                name: name.try_into()?,
                _parent: parent.into(),
            },
            GFP_KERNEL,
        )?;
        let adev = allocation.adev.get();
        {
            // SAFETY: The box is this function's, and nothing else refers to what is in it. An
            // `auxiliary_device` may be all zeroes.
            let adev = unsafe { &mut *adev };
            adev.name = allocation.name.as_char_ptr();
            adev.id = id;
            adev.dev.parent = parent.as_raw();
            adev.dev.release = Some(release);
            adev.registration_data_rust = data.as_ptr().cast();
        }
        // SAFETY: The structure is filled in as the bus asks for, and stays where it is: if this
        // succeeds, until `release`.
        to_result(unsafe { bindings::auxiliary_device_init(adev) })?;
        // The device core has it.
        let _ = KBox::into_raw(allocation);
        // SAFETY: It was initialised, and the name of the module ends with a zero byte.
        let added =
            to_result(unsafe { bindings::__auxiliary_device_add(adev, modname.as_char_ptr()) });
        if let Err(error) = added {
            // SAFETY: It was initialised and not added, and the count is given up here.
            unsafe { bindings::auxiliary_device_uninit(adev) };
            return Err(error);
        }
        // SAFETY: It comes from a box.
        Ok(unsafe { NonNull::new_unchecked(adev) })
    }
}

impl<F: ForLt> Registration<'_, F> {
    /// The device.
    ///
    /// Not API: for tests and examples.
    #[doc(hidden)]
    pub fn device(&self) -> &Device {
        // SAFETY: By the type invariants the structure is initialised and counted. While this is
        // borrowed, the driver of the parent is not unbound, so it is on the bus.
        unsafe { &*self.adev.as_ptr().cast::<Device>() }
    }

    /// The device, as if a driver were bound to it.
    ///
    /// Not API: for tests and examples.
    ///
    /// # Safety
    ///
    /// Nothing relies on the driver that there is not.
    #[doc(hidden)]
    pub unsafe fn bound(&self) -> &Device<Bound> {
        // SAFETY: As in `device`; the layout does not depend on the context, and the caller vouches
        // for the driver.
        unsafe { &*self.adev.as_ptr().cast::<Device<Bound>>() }
    }
}

impl<F: ForLt> Drop for Registration<'_, F> {
    fn drop(&mut self) {
        let adev = self.adev.as_ptr();
        // SAFETY: By the type invariants the structure is there. Nobody writes to the field; the
        // allocation counts the parent.
        let parent = unsafe { (*adev).dev.parent };
        // SAFETY: The parent is there, and initialised.
        let parent: &device::Device = unsafe { device::Device::from_raw(parent) };
        if devres::remove_user(parent, self.adev.cast()) {
            // SAFETY: The device is on the bus, by the type invariants, and who has taken this back from
            // the parent is the one to take it away.
            unsafe { unregister(adev.cast()) };
        }
        // SAFETY: It was initialised, and this gives up the count that it owns.
        unsafe { bindings::auxiliary_device_uninit(adev) };
    }
}

// SAFETY: Devices may be taken away from any thread, where the data are dropped, then.
unsafe impl<F: ForLt> Send for Registration<'_, F> where for<'a> F::Of<'a>: Send {}

// SAFETY: A shared reference leads to the device, which may be shared.
unsafe impl<F: ForLt> Sync for Registration<'_, F> where for<'a> F::Of<'a>: Send {}
