// SPDX-License-Identifier: GPL-2.0

//! Initialising values where they will live, with the kernel's error type.
//!
//! Many C objects (locks, list heads, work items) may not move once they are set up. The
//! [`pin_init`] crate describes such a set-up as a value, an *initialiser*: [`PinInit<T, E>`] for a
//! value that stays where it is, [`Init<T, E>`] for one that may move later. This module adds what
//! is particular to the kernel:
//!
//! - [`try_pin_init!`] and [`try_init!`], which build an initialiser from a struct expression and
//!   fail with [`Error`];
//! - [`InPlaceInit`], which allocates memory and runs an initialiser in it.
//!
//! # From a struct to an allocation
//!
//! 1. Mark the struct with `#[pin_data]`, and each field that must not move with `#[pin]`.
//! 2. Give it a `new` that returns `impl PinInit<Self, Error>`, written with [`try_pin_init!`]:
//!    `field: value` stores a value, `field <- initialiser` runs another initialiser in place.
//! 3. Hand the result to `KBox::pin_init`, `Arc::pin_init`, or a field of a larger struct.
//!
//! When a later field fails, the fields that were set up before it are dropped, in reverse order.
//!
//! # Examples
//!
//! ```
//! use kernel::types::Opaque;
//!
//! #[pin_data]
//! struct Counter {
//!     #[pin]
//!     raw: Opaque<u32>,
//!     limit: u32,
//! }
//!
//! impl Counter {
//!     fn new(limit: u32) -> impl PinInit<Self, Error> {
//!         try_pin_init!(Self {
//!             limit: if limit == 0 { Err(EINVAL) } else { Ok(limit) }?,
//!             raw <- Opaque::ffi_init(|slot: *mut u32| {
//!                 // SAFETY: `ffi_init` passes a pointer that is valid for writes.
//!                 unsafe { slot.write(7) }
//!             }),
//!         })
//!     }
//! }
//!
//! let counter = KBox::pin_init(Counter::new(10), GFP_KERNEL)?;
//! // SAFETY: `new` initialised the value, and nothing else refers to it.
//! assert_eq!(unsafe { counter.raw.get().read() }, 7);
//! assert_eq!(counter.limit, 10);
//!
//! assert!(KBox::pin_init(Counter::new(0), GFP_KERNEL).is_err());
//! # Ok::<(), Error>(())
//! ```
//!
//! [`PinInit<T, E>`]: pin_init::PinInit
//! [`Init<T, E>`]: pin_init::Init

use crate::{
    alloc::{AllocError, Flags},
    error::{Error, Result},
};
use pin_init::{init_from_closure, pin_init_from_closure, Init, PinInit};

#[doc(inline)]
pub use crate::{try_init, try_pin_init};

/// Smart pointers that can allocate memory and initialise a `T` in it.
///
/// An implementer writes the two `try_` methods; the other two add the conversion to
/// [`Error`], for initialisers whose own error type cannot express a failed allocation.
///
/// # Examples
///
/// ```
/// // Half a megabyte that is never on the stack.
/// let big = KVBox::init(pin_init::init_zeroed::<[u64; 65536]>(), GFP_KERNEL)?;
/// assert_eq!(big[65535], 0);
/// # Ok::<(), Error>(())
/// ```
pub trait InPlaceInit<T>: Sized {
    /// What owns a `T` that stays where it is: `Pin<Self>`, or `Self` for a pointer that pins
    /// anyway.
    type PinnedSelf;

    /// Allocates memory with `flags` and initialises a value in it that will not move.
    ///
    /// # Errors
    ///
    /// The error of the initialiser, or one made of [`AllocError`] when there is no memory. No
    /// memory stays allocated then.
    fn try_pin_init<E>(
        init: impl PinInit<T, E>,
        flags: Flags,
    ) -> core::result::Result<Self::PinnedSelf, E>
    where
        E: From<AllocError>;

    /// Allocates memory with `flags` and initialises a value in it that will not move.
    ///
    /// # Errors
    ///
    /// The error of the initialiser, converted, or `ENOMEM`.
    #[inline]
    fn pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Self::PinnedSelf>
    where
        Error: From<E>,
    {
        Self::try_pin_init(pinned_with_error(init), flags)
    }

    /// Allocates memory with `flags` and initialises a value in it.
    ///
    /// # Errors
    ///
    /// The error of the initialiser, or one made of [`AllocError`] when there is no memory. No
    /// memory stays allocated then.
    fn try_init<E>(init: impl Init<T, E>, flags: Flags) -> core::result::Result<Self, E>
    where
        E: From<AllocError>;

    /// Allocates memory with `flags` and initialises a value in it.
    ///
    /// # Errors
    ///
    /// The error of the initialiser, converted, or `ENOMEM`.
    #[inline]
    fn init<E>(init: impl Init<T, E>, flags: Flags) -> Result<Self>
    where
        Error: From<E>,
    {
        Self::try_init(with_error(init), flags)
    }
}

// Functions of their own, and not closures in the methods above: the kernel exports what the
// initialiser is run by under a name that has all of its types in it, and there is a limit to that.

/// The initialiser that does the same, and fails with [`Error`].
#[inline]
fn pinned_with_error<T, E>(init: impl PinInit<T, E>) -> impl PinInit<T, Error>
where
    Error: From<E>,
{
    let run = move |slot: *mut T| {
        // SAFETY: The requirements of `PinInit::__pinned_init` are those on the caller of this
        // closure: `slot` is memory for a `T`, which is not read after an error, and not moved
        // otherwise.
        unsafe { init.__pinned_init(slot) }.map_err(Error::from)
    };
    // SAFETY: If this succeeds, `init` has initialised the memory; else it left nothing to drop.
    unsafe { pin_init_from_closure(run) }
}

/// The initialiser that does the same, and fails with [`Error`].
#[inline]
fn with_error<T, E>(init: impl Init<T, E>) -> impl Init<T, Error>
where
    Error: From<E>,
{
    let run = move |slot: *mut T| {
        // SAFETY: The requirements of `Init::__init` are those on the caller of this closure:
        // `slot` is memory for a `T`, which is not read after an error.
        unsafe { init.__init(slot) }.map_err(Error::from)
    };
    // SAFETY: If this succeeds, `init` has initialised the memory; else it left nothing to drop. The
    // value may be moved, since `init` is an `Init`.
    unsafe { init_from_closure(run) }
}

/// Builds an [`Init`](pin_init::Init) from a struct expression, with the kernel's [`Error`] as the
/// error type.
///
/// Inside the braces, `field: value` moves a value into the field and `field <- initialiser` runs
/// an initialiser in it; `?` works in both. `..Zeroable::init_zeroed()` at the end zeroes the other
/// fields. `? E` after the braces chooses another error type. All fields have to be named, or
/// zeroed, exactly once.
///
/// The result can be moved after it has been initialised; [`try_pin_init!`] is for the other kind.
///
/// # Examples
///
/// ```
/// struct Request {
///     sectors: u16,
///     payload: [u8; 512],
/// }
///
/// fn request(sectors: usize) -> impl Init<Request, Error> {
///     try_init!(Request {
///         sectors: u16::try_from(sectors)?,
///         payload <- pin_init::init_zeroed(),
///     })
/// }
///
/// let it = KBox::init(request(3), GFP_KERNEL)?;
/// assert_eq!(it.sectors, 3);
/// assert_eq!(it.payload[511], 0);
/// assert!(KBox::init(request(1 << 16), GFP_KERNEL).is_err());
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! try_init {
    ($($initializer:tt)*) => {
        ::pin_init::init!(#[default_error($crate::error::Error)] $($initializer)*)
    };
}

/// Builds a [`PinInit`](pin_init::PinInit) from a struct expression, with the kernel's [`Error`]
/// as the error type.
///
/// Takes what [`try_init!`] takes, for a struct marked with `#[pin_data]`: fields marked `#[pin]`
/// accept a [`PinInit`](pin_init::PinInit) after `<-`. `&this in` before the struct name makes
/// `this` the [`NonNull`](core::ptr::NonNull) pointer to the value being initialised, for objects
/// that hold pointers to themselves.
///
/// # Examples
///
/// ```
/// use core::{marker::PhantomPinned, ptr::NonNull};
///
/// /// Knows where it is.
/// #[pin_data]
/// struct Located {
///     address: usize,
///     #[pin]
///     _pin: PhantomPinned,
/// }
///
/// let located = KBox::pin_init(
///     try_pin_init!(&this in Located {
///         address: this.as_ptr() as usize,
///         _pin: PhantomPinned,
///     }),
///     GFP_KERNEL,
/// )?;
/// assert_eq!(located.address, NonNull::from(&*located).as_ptr() as usize);
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! try_pin_init {
    ($($initializer:tt)*) => {
        ::pin_init::pin_init!(#[default_error($crate::error::Error)] $($initializer)*)
    };
}
