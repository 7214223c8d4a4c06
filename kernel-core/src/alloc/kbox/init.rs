// SPDX-License-Identifier: GPL-2.0

//! Boxes of values that are made in their place.

use super::Box;
use crate::{
    alloc::{AllocError, Allocator, Flags},
    init::InPlaceInit,
};
use core::{mem::MaybeUninit, pin::Pin};
use pin_init::{InPlaceWrite, Init, PinInit, ZeroableOption};

impl<T, A> InPlaceInit<T> for Box<T, A>
where
    A: Allocator + 'static,
{
    type PinnedSelf = Pin<Self>;

    #[inline]
    fn try_init<E>(init: impl Init<T, E>, flags: Flags) -> Result<Self, E>
    where
        E: From<AllocError>,
    {
        Self::new_uninit(flags)?.write_init(init)
    }

    #[inline]
    fn try_pin_init<E>(init: impl PinInit<T, E>, flags: Flags) -> Result<Pin<Self>, E>
    where
        E: From<AllocError>,
    {
        Self::new_uninit(flags)?.write_pin_init(init)
    }
}

impl<T, A> InPlaceWrite<T> for Box<MaybeUninit<T>, A>
where
    A: Allocator + 'static,
{
    type Initialized = Box<T, A>;

    #[inline]
    fn write_pin_init<E>(mut self, init: impl PinInit<T, E>) -> Result<Pin<Self::Initialized>, E> {
        let slot = self.as_mut_ptr();
        // SAFETY: The memory is that of a `T`. If this fails, it is freed as not initialised;
        // otherwise the value stays there, as the box is pinned.
        unsafe { init.__pinned_init(slot) }?;
        // SAFETY: The value was just initialised.
        Ok(Box::into_pin(unsafe { self.assume_init() }))
    }

    #[inline]
    fn write_init<E>(mut self, init: impl Init<T, E>) -> Result<Self::Initialized, E> {
        let slot = self.as_mut_ptr();
        // SAFETY: The memory is that of a `T`. If this fails, it is freed as not initialised.
        unsafe { init.__init(slot) }?;
        // SAFETY: The value was just initialised.
        Ok(unsafe { self.assume_init() })
    }
}

// SAFETY: `None` of a pointer type that is never null is represented by zeroes.
unsafe impl<T, A: Allocator> ZeroableOption for Box<T, A> {}
