// SPDX-License-Identifier: Apache-2.0 OR MIT

//! What the macros expand to. No interface: it may change with any version.

use core::{marker::PhantomData, pin::Pin, ptr};

use crate::{Init, PinInit, Zeroable};

pub use pinned_init::__internal::{
    AlwaysFail, HasInitData, HasPinData, InitData, OnlyCallFromDrop, PinData, StackInit,
};

/// Zero bytes that make a type invariant in `T`, whatever `T` is or can do.
pub struct PhantomInvariant<T: ?Sized>(PhantomData<fn(*mut T) -> *mut T>);

impl<T: ?Sized> PhantomInvariant<T> {
    /// Makes one.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: ?Sized> Default for PhantomInvariant<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: ?Sized> Clone for PhantomInvariant<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for PhantomInvariant<T> {}

/// Proof that a `pin_init!` or `init!` got to its end.
///
/// The caller's code runs inside of the same closure, and could return `Ok(())` early; this it
/// can't make.
pub struct InitOk(());

impl InitOk {
    /// Makes the proof.
    ///
    /// # Safety
    ///
    /// Every field of the slot is initialized, and no guard of one is left.
    #[inline(always)]
    pub unsafe fn new() -> Self {
        Self(())
    }
}

/// Fills the slot with zeroes.
///
/// # Safety
///
/// `slot` may be written to and is aligned.
#[inline(always)]
pub unsafe fn zero<T: Zeroable>(slot: *mut T) {
    // SAFETY: The caller's promise.
    unsafe { slot.write_bytes(0, 1) };
}

/// Of a [`Slot`] or a [`Guard`]: the field is pinned together with the struct around it.
pub enum Pinned {}

/// Of a [`Slot`] or a [`Guard`]: the field may move even when the struct is pinned, or nothing is
/// pinned.
pub enum Unpinned {}

/// The place of one field that has no value yet.
///
/// # Invariants
///
/// `place` is aligned, may be written to, and nobody else uses it. With `K` = [`Pinned`], what is
/// written there stays there until it is dropped.
pub struct Slot<K, T: ?Sized> {
    place: *mut T,
    kind: PhantomData<K>,
}

impl<K, T: ?Sized> Slot<K, T> {
    /// Takes charge of a field's place.
    ///
    /// # Safety
    ///
    /// `place` is what the type's invariants ask for.
    #[inline(always)]
    pub unsafe fn new(place: *mut T) -> Self {
        // INVARIANT: The caller's promise.
        Self {
            place,
            kind: PhantomData,
        }
    }

    /// What `place` has become once there is a value.
    ///
    /// # Safety
    ///
    /// The place holds a value.
    #[inline(always)]
    unsafe fn filled(self) -> Guard<K, T> {
        // INVARIANT: The place holds a value by the caller's promise; the rest is what this type
        // kept true, and `self` ends here.
        Guard {
            place: self.place,
            kind: PhantomData,
        }
    }
}

impl<K, T> Slot<K, T> {
    /// Moves a value in: `field: value`.
    #[inline(always)]
    pub fn write(self, value: T) -> Guard<K, T> {
        // SAFETY: The place is aligned and may be written to, by the invariants.
        unsafe { self.place.write(value) };
        // SAFETY: It was just written.
        unsafe { self.filled() }
    }
}

impl<T: ?Sized> Slot<Unpinned, T> {
    /// Runs an initializer: `field <- initializer`.
    ///
    /// # Errors
    ///
    /// What the initializer fails with.
    #[inline(always)]
    pub fn init<E>(self, init: impl Init<T, E>) -> Result<Guard<Unpinned, T>, E> {
        // SAFETY: By the invariants the place is fit to be initialized, and after an error nothing
        // touches it, `self` being used up.
        unsafe { init.__init(self.place) }?;
        // SAFETY: The initializer succeeded.
        Ok(unsafe { self.filled() })
    }
}

impl<T: ?Sized> Slot<Pinned, T> {
    /// Runs an initializer: `field <- initializer`.
    ///
    /// # Errors
    ///
    /// What the initializer fails with.
    #[inline(always)]
    pub fn init<E>(self, init: impl PinInit<T, E>) -> Result<Guard<Pinned, T>, E> {
        // SAFETY: By the invariants the place is fit to be initialized, its value is going to stay
        // there, and after an error nothing touches it, `self` being used up.
        unsafe { init.__pinned_init(self.place) }?;
        // SAFETY: The initializer succeeded.
        Ok(unsafe { self.filled() })
    }
}

/// Compiles for a pinned field of type `T` only: `assert_pinned!`.
pub fn must_be_pinned<T: ?Sized>(_: Slot<Pinned, T>) {}

/// Owns a field that has its value, until the whole struct has: drops it, unless forgotten.
///
/// # Invariants
///
/// `place` holds a value that this guard owns. With `K` = [`Pinned`], it stays there until it is
/// dropped.
pub struct Guard<K, T: ?Sized> {
    place: *mut T,
    kind: PhantomData<K>,
}

impl<T: ?Sized> Guard<Unpinned, T> {
    /// The field, for the code further down in the initializer.
    #[inline(always)]
    pub fn binding(&mut self) -> &mut T {
        // SAFETY: The place holds a value, which is ours alone.
        unsafe { &mut *self.place }
    }
}

impl<T: ?Sized> Guard<Pinned, T> {
    /// The field, for the code further down in the initializer.
    #[inline(always)]
    pub fn binding(&mut self) -> Pin<&mut T> {
        // SAFETY: The place holds a value, which is ours alone.
        let value = unsafe { &mut *self.place };
        // SAFETY: The value is pinned, by the invariants.
        unsafe { Pin::new_unchecked(value) }
    }
}

impl<K, T: ?Sized> Drop for Guard<K, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: The place holds a value, which is ours alone, and nobody sees it after this.
        unsafe { ptr::drop_in_place(self.place) };
    }
}
