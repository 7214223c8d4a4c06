// SPDX-License-Identifier: Apache-2.0 OR MIT

//! Memory that an initializer can be run in.

use core::{mem::MaybeUninit, pin::Pin};

use crate::{Init, PinInit};

/// A pointer that owns memory without a value, and turns into one with.
///
/// # Examples
///
/// ```
/// use core::mem::MaybeUninit;
/// use pin_init::{init, InPlaceWrite};
///
/// struct Point {
///     x: u32,
///     y: u32,
/// }
///
/// let memory: &'static mut MaybeUninit<Point> = Box::leak(Box::new(MaybeUninit::uninit()));
/// let point: &'static mut Point = memory.write_init(init!(Point { x: 1, y: *x + 1 }))?;
/// assert_eq!((point.x, point.y), (1, 2));
/// # Ok::<(), core::convert::Infallible>(())
/// ```
pub trait InPlaceWrite<T> {
    /// The pointer once there is a value.
    type Initialized;

    /// Runs the initializer in the memory. A value that was there before is not dropped.
    ///
    /// # Errors
    ///
    /// What the initializer fails with.
    fn write_init<E>(self, init: impl Init<T, E>) -> Result<Self::Initialized, E>;

    /// Runs the initializer in the memory, which the value then won't leave until it is dropped. A
    /// value that was there before is not dropped.
    ///
    /// # Errors
    ///
    /// What the initializer fails with.
    fn write_pin_init<E>(self, init: impl PinInit<T, E>) -> Result<Pin<Self::Initialized>, E>;
}

impl<T> InPlaceWrite<T> for &'static mut MaybeUninit<T> {
    type Initialized = &'static mut T;

    fn write_init<E>(self, init: impl Init<T, E>) -> Result<Self::Initialized, E> {
        // SAFETY: The reference makes the memory fit to write to, and ours alone.
        unsafe { init.__init(self.as_mut_ptr()) }?;
        // SAFETY: The initializer succeeded.
        Ok(unsafe { self.assume_init_mut() })
    }

    fn write_pin_init<E>(self, init: impl PinInit<T, E>) -> Result<Pin<Self::Initialized>, E> {
        // SAFETY: The reference makes the memory fit to write to, and ours alone, for good: so the
        // value stays where it is, and is never dropped.
        unsafe { init.__pinned_init(self.as_mut_ptr()) }?;
        // SAFETY: The initializer succeeded.
        Ok(Pin::static_mut(unsafe { self.assume_init_mut() }))
    }
}
