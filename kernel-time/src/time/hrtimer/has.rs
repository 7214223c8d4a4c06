// SPDX-License-Identifier: GPL-2.0

//! Which structure a timer lies in, and where.

use super::{HrTimer, HrTimerExpires, HrTimerMode};
use crate::bindings;

/// A structure that a timer lies in.
///
/// Implement it by [`impl_has_hr_timer!`](crate::impl_has_hr_timer), which is safe. A structure with
/// more than one timer has one that this is about: the other ones can't be started.
///
/// # Safety
///
/// `raw_get_timer` must return a pointer to a field of the structure, and so that the structure can be
/// got at from it; `timer_container_of` must undo just that. Neither may look at what is there: it may
/// be in use by the callback.
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_hr_timer,
///     time::{
///         hrtimer::{HasHrTimer, HrTimer, HrTimerMode, RelativeMode},
///         Delta, Monotonic,
///     },
/// };
///
/// struct Watchdog {
///     timer: HrTimer<Self>,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Watchdog {
///         mode: RelativeMode<Monotonic>, field: self.timer
///     }
/// }
///
/// /// What the timer in a `T` is started with.
/// type Expires<T> = <<T as HasHrTimer<T>>::TimerMode as HrTimerMode>::Expires;
///
/// let timeout: Expires<Watchdog> = Delta::from_millis(1);
/// assert!(!timeout.is_zero());
/// ```
pub unsafe trait HasHrTimer<T> {
    /// How the timer works: by which clock, from when on, and in which context its callback runs.
    type TimerMode: HrTimerMode;

    /// Returns the timer in a structure.
    ///
    /// # Safety
    ///
    /// `this` must point to a `Self`.
    unsafe fn raw_get_timer(this: *const Self) -> *const HrTimer<T>;

    /// Returns the structure that a timer is in.
    ///
    /// # Safety
    ///
    /// `ptr` must point to the timer in a `Self` that [`HasHrTimer::raw_get_timer`] returns.
    unsafe fn timer_container_of(ptr: *mut HrTimer<T>) -> *mut Self
    where
        Self: Sized;

    /// Returns the C timer in a structure.
    ///
    /// # Safety
    ///
    /// `this` must point to a `Self`.
    unsafe fn c_timer_ptr(this: *const Self) -> *const bindings::hrtimer {
        // SAFETY: By this function's contract.
        let timer = unsafe { Self::raw_get_timer(this) };
        // SAFETY: It is in a `Self`, by the contract of this trait.
        unsafe { HrTimer::raw_get(timer) }.cast_const()
    }

    /// Starts the timer in a structure. If it was running, it runs by the new time now.
    ///
    /// A negative span is taken for none at all: C would take it for an endless one. Expiry times
    /// beyond the end of all instants mean the end.
    ///
    /// C counterpart: `hrtimer_start()`.
    ///
    /// # Safety
    ///
    /// - `this` must point to a `Self` whose timer is initialised.
    /// - It must stay valid, and in place, until after this the timer has been cancelled, and its
    ///   callback has returned.
    /// - Until then it must be used as the pointer of the callback's kind allows for.
    unsafe fn start(this: *const Self, expires: <Self::TimerMode as HrTimerMode>::Expires) {
        // SAFETY: By this function's contract.
        let timer = unsafe { Self::raw_get_timer(this) };
        // SAFETY: By this function's contract.
        unsafe { HrTimer::callback_state(timer) }.started();
        // SAFETY: By this function's contract.
        let timer = unsafe { HrTimer::raw_get(timer) };
        let expires = expires.as_nanos().max(0);
        // SAFETY: It is initialised, in this mode, as `HrTimer::new` does. What the callback uses
        // stays valid for as long as it can run, by this function's contract.
        unsafe {
            bindings::hrtimer_start_range_ns(timer, expires, 0, Self::TimerMode::C_MODE);
        }
    }
}

/// Says in which field of a structure its timer lies, and how the timer works.
///
/// Implements [`HasHrTimer`]. The field must be an [`HrTimer`] of the structure itself, and not behind
/// a pointer. Generic parameters stand in braces after `impl`, with their bounds.
///
/// # Examples
///
/// ```
/// use core::marker::PhantomData;
/// use kernel::{
///     impl_has_hr_timer,
///     time::{
///         hrtimer::{HrTimer, RelativeSoftMode},
///         Monotonic,
///     },
/// };
///
/// struct Cache<'a, K: Send> {
///     expiry: HrTimer<Self>,
///     keys: PhantomData<&'a K>,
/// }
///
/// impl_has_hr_timer! {
///     impl{'a, K: Send} HasHrTimer<Self> for Cache<'a, K> {
///         mode: RelativeSoftMode<Monotonic>, field: self.expiry
///     }
/// }
///
/// fn has_timer<T: kernel::time::hrtimer::HasHrTimer<T>>() -> usize {
///     size_of::<T>()
/// }
///
/// assert_eq!(has_timer::<Cache<'_, u8>>(), size_of::<HrTimer<Cache<'_, u8>>>());
/// ```
///
/// [`HasHrTimer`]: crate::time::hrtimer::HasHrTimer
/// [`HrTimer`]: crate::time::hrtimer::HrTimer
#[macro_export]
macro_rules! impl_has_hr_timer {
    (
        impl $({ $($generics:tt)* })? HasHrTimer<$target:ty> for $self:ty
        {
            mode: $mode:ty,
            field: self.$field:ident $(,)?
        }
    ) => {
        // SAFETY: It is a field, and of this type: of a packed structure no reference to it could be
        // made, and of what is behind a pointer there is no offset. Going back by the offset undoes it.
        unsafe impl $(<$($generics)*>)? $crate::time::hrtimer::HasHrTimer<$target> for $self {
            type TimerMode = $mode;

            #[inline]
            unsafe fn raw_get_timer(
                this: *const Self,
            ) -> *const $crate::time::hrtimer::HrTimer<$target> {
                let _is_aligned: fn(&Self) -> &$crate::time::hrtimer::HrTimer<$target> =
                    |this| &this.$field;
                // SAFETY: `this` points to a `Self`, says the caller.
                unsafe { &raw const (*this).$field }
            }

            #[inline]
            unsafe fn timer_container_of(
                ptr: *mut $crate::time::hrtimer::HrTimer<$target>,
            ) -> *mut Self {
                // SAFETY: `ptr` points to this field of a `Self`, says the caller.
                unsafe { ptr.byte_sub(::core::mem::offset_of!(Self, $field)) }.cast::<Self>()
            }
        }
    };
}
