// SPDX-License-Identifier: GPL-2.0

//! What chip the system runs on, for user space.
//!
//! A driver that finds out which system on a chip it is says so with a [`Registration`]. Its
//! [`Attributes`] are files in `/sys/bus/soc/devices/soc0`, or another number.
//!
//! C header: [`include/linux/sys_soc.h`](srctree/include/linux/sys_soc.h), with
//! [`drivers/base/soc.c`](srctree/drivers/base/soc.c).

use crate::{bindings, error::from_err_ptr, prelude::*, str::CString, types::Opaque};
use core::{mem, ptr, ptr::NonNull};

#[cfg(CONFIG_KUNIT = "y")]
mod tests;

/// What is known about a chip. For what is `None` there is no file.
///
/// C counterpart: [`struct soc_device_attribute`].
///
/// # Examples
///
/// ```
/// use kernel::{soc::Attributes, str::CString};
///
/// fn attributes(major: u8, minor: u8) -> Result<Attributes> {
///     Ok(Attributes {
///         family: Some(CString::try_from(c"ACME")?),
///         revision: Some(CString::try_from_fmt(fmt!("{major}.{minor}"))?),
///         machine: None,
///         serial_number: None,
///         soc_id: None,
///     })
/// }
///
/// assert!(attributes(1, 2)?.revision.is_some_and(|revision| &*revision == c"1.2"));
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct soc_device_attribute`]: srctree/include/linux/sys_soc.h
pub struct Attributes {
    /// The board. Without one it is the model that the device tree names, if it does.
    pub machine: Option<CString>,
    /// The family of chips.
    pub family: Option<CString>,
    /// The revision of the chip.
    pub revision: Option<CString>,
    /// The number of this very chip.
    pub serial_number: Option<CString>,
    /// Which chip of the family it is.
    pub soc_id: Option<CString>,
}

/// The attributes, with C's structure of pointers to them.
struct Inner {
    raw: Opaque<bindings::soc_device_attribute>,
    _attributes: Attributes,
}

impl Inner {
    fn new(attributes: Attributes) -> Self {
        fn pointer(string: &Option<CString>) -> *const c_char {
            string
                .as_ref()
                .map_or(ptr::null(), |string| string.as_char_ptr())
        }

        // The strings are allocations of their own, which stay where they are.
        let raw = bindings::soc_device_attribute {
            machine: pointer(&attributes.machine),
            family: pointer(&attributes.family),
            revision: pointer(&attributes.revision),
            serial_number: pointer(&attributes.serial_number),
            soc_id: pointer(&attributes.soc_id),
            ..Default::default()
        };
        Self {
            raw: Opaque::new(raw),
            _attributes: attributes,
        }
    }
}

/// A chip that user space is told about for as long as this exists.
///
/// C counterpart: `soc_device_register()` and `soc_device_unregister()`.
///
/// # Examples
///
/// ```
/// use kernel::{soc::{Attributes, Registration}, str::CString};
///
/// /// What a driver keeps from `probe` to `unbind`.
/// #[pin_data]
/// struct Chip {
///     #[pin]
///     registration: Registration,
/// }
///
/// impl Chip {
///     fn new(revision: u32) -> impl PinInit<Self, Error> {
///         pin_init::pin_init_scope(move || {
///             let attributes = Attributes {
///                 family: Some(CString::try_from(c"ACME")?),
///                 revision: Some(CString::try_from_fmt(fmt!("{revision}"))?),
///                 machine: None,
///                 serial_number: None,
///                 soc_id: None,
///             };
///             Ok(try_pin_init!(Self { registration <- Registration::new(attributes) }))
///         })
///     }
/// }
///
/// let chip = KBox::pin_init(Chip::new(3), GFP_KERNEL);
/// assert!(chip.is_ok());
/// ```
///
/// # Invariants
///
/// The device was registered with the attributes, and has not been unregistered.
#[pin_data(PinnedDrop)]
pub struct Registration {
    device: NonNull<bindings::soc_device>,
    _inner: KBox<Inner>,
}

impl Registration {
    /// Registers a chip.
    ///
    /// # Errors
    ///
    /// - `ENOMEM` without memory.
    /// - `EPROBE_DEFER` while the bus is not there yet, which it is before any module begins.
    /// - The errors of the device core.
    pub fn new(attr: Attributes) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(move || {
            let inner = KBox::new(Inner::new(attr), GFP_KERNEL)?;
            // SAFETY: The structure is writable, and stays where it is until the device is
            // unregistered, as do the strings.
            let device = from_err_ptr(unsafe { bindings::soc_device_register(inner.raw.get()) })?;
            let Some(device) = NonNull::new(device) else {
                // C registers the chip later on, by itself, and nobody can take that back.
                mem::forget(inner);
                return Err(EPROBE_DEFER);
            };
            // INVARIANT: It has just been registered.
            Ok(try_pin_init!(Self { device, _inner: inner }? Error))
        })
    }
}

#[pinned_drop]
impl PinnedDrop for Registration {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant it is registered. The attributes are dropped after this.
        unsafe { bindings::soc_device_unregister(self.device.as_ptr()) };
    }
}

// SAFETY: Any thread may unregister the device, and free what it had.
unsafe impl Send for Registration {}

// SAFETY: There is nothing that a shared reference could be used for.
unsafe impl Sync for Registration {}
