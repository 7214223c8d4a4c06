// SPDX-License-Identifier: Apache-2.0 OR MIT

//! Arrays, one element after the other.
//!
//! The published crate has both functions, but forgets the elements when one panics: pinned ones
//! would then see their memory reused without having been dropped.

use core::{mem, ptr};

use crate::{init_from_closure, pin_init_from_closure, Init, PinInit};

/// The elements at the front of an array that have their values; drops them, unless forgotten.
///
/// # Invariants
///
/// The first `count` elements from `first` hold values that this guard owns.
struct Front<T> {
    first: *mut T,
    count: usize,
}

impl<T> Drop for Front<T> {
    fn drop(&mut self) {
        let front = ptr::slice_from_raw_parts_mut(self.first, self.count);
        // SAFETY: These elements hold values, which are ours alone and which nobody sees after
        // this.
        unsafe { ptr::drop_in_place(front) };
    }
}

/// Lets `fill` fill the elements in order.
///
/// # Safety
///
/// `array` may be written to and is aligned. `fill` returns `Ok` only when the element that it was
/// given holds a value, and it leaves no value behind otherwise.
unsafe fn fill_each<T, const N: usize, E>(
    array: *mut [T; N],
    mut fill: impl FnMut(usize, *mut T) -> Result<(), E>,
) -> Result<(), E> {
    // INVARIANT: No elements are none.
    let mut front = Front {
        first: array.cast::<T>(),
        count: 0,
    };
    while front.count < N {
        // SAFETY: The index is within the array.
        let element = unsafe { front.first.add(front.count) };
        fill(front.count, element)?;
        // INVARIANT: The next element holds a value now, by the promise about `fill`.
        front.count += 1;
    }
    mem::forget(front);
    Ok(())
}

/// Initializes an array, element by element, from the initializers that `make_init` makes for each
/// index.
///
/// Elements are initialized in order. When one fails, those before it are dropped and the error is
/// the array's.
///
/// # Examples
///
/// ```
/// use pin_init::{init_array_from_fn, stack_pin_init};
///
/// stack_pin_init!(let squares: [usize; 100] = init_array_from_fn(|i| i * i));
/// assert_eq!(squares[99], 9801);
/// ```
pub fn init_array_from_fn<I, const N: usize, T, E>(
    mut make_init: impl FnMut(usize) -> I,
) -> impl Init<[T; N], E>
where
    I: Init<T, E>,
{
    let init = move |slot: *mut [T; N]| {
        let fill = |index, element| {
            let init = make_init(index);
            // SAFETY: An element of a slot is a slot.
            unsafe { init.__init(element) }
        };
        // SAFETY: An initializer's slot may be written to, and an initializer is what `fill` has to
        // be.
        unsafe { fill_each(slot, fill) }
    };
    // SAFETY: `fill_each` fills all elements, or leaves none behind.
    unsafe { init_from_closure(init) }
}

/// Initializes an array of pinned elements, element by element, from the initializers that
/// `make_init` makes for each index.
///
/// The counterpart of [`init_array_from_fn`] for elements that must not move.
///
/// # Examples
///
/// ```
/// use core::{cell::UnsafeCell, marker::PhantomPinned};
/// use pin_init::{pin_data, pin_init, pin_init_array_from_fn, stack_pin_init};
///
/// #[pin_data]
/// struct Anchored {
///     index: usize,
///     #[pin]
///     pin: PhantomPinned,
/// }
///
/// stack_pin_init!(let anchored: [Anchored; 8] = pin_init_array_from_fn(|index| {
///     pin_init!(Anchored { index, pin: PhantomPinned })
/// }));
/// assert_eq!(anchored[7].index, 7);
/// ```
pub fn pin_init_array_from_fn<I, const N: usize, T, E>(
    mut make_init: impl FnMut(usize) -> I,
) -> impl PinInit<[T; N], E>
where
    I: PinInit<T, E>,
{
    let init = move |slot: *mut [T; N]| {
        let fill = |index, element| {
            let init = make_init(index);
            // SAFETY: An element of a pinned slot is a pinned slot.
            unsafe { init.__pinned_init(element) }
        };
        // SAFETY: An initializer's slot may be written to, and an initializer is what `fill` has to
        // be.
        unsafe { fill_each(slot, fill) }
    };
    // SAFETY: `fill_each` fills all elements, or leaves none behind.
    unsafe { pin_init_from_closure(init) }
}
