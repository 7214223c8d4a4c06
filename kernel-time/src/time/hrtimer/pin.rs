// SPDX-License-Identifier: GPL-2.0

//! Timers in what is borrowed, and shared.

use super::{
    callback::run_callback, timer::Cancelled, HasHrTimer, HrTimer, HrTimerCallback, HrTimerHandle,
    HrTimerMode, RawHrTimerCallback, UnsafeHrTimerPointer,
};
use crate::bindings;
use core::pin::Pin;

/// Keeps a timer running that was started through a `Pin<&T>`.
///
/// Comes from the unsafe [`UnsafeHrTimerPointer::start`]. Dropped, it cancels the timer.
///
/// # Invariants
///
/// The timer in `inner` is initialised.
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_hr_timer,
///     time::{
///         hrtimer::{
///             HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerHandle, HrTimerRestart,
///             PinHrTimerHandle, RelativeMode, UnsafeHrTimerPointer,
///         },
///         Delta, Monotonic,
///     },
/// };
///
/// #[pin_data]
/// struct Guardian {
///     #[pin]
///     timer: HrTimer<Self>,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Guardian {
///         mode: RelativeMode<Monotonic>, field: self.timer
///     }
/// }
///
/// impl HrTimerCallback for Guardian {
///     type Pointer<'a> = Pin<&'a Self>;
///
///     fn run(_: Pin<&Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
///         HrTimerRestart::NoRestart
///     }
/// }
///
/// let guardian = KBox::pin_init(pin_init!(Guardian { timer <- HrTimer::new() }), GFP_KERNEL)?;
/// // SAFETY: The handle is dropped below, before `guardian` is, and not in the callback.
/// let mut handle: PinHrTimerHandle<'_, Guardian> =
///     unsafe { guardian.as_ref().start(Delta::from_secs(1_000)) };
/// assert!(handle.cancel());
/// drop(handle);
/// # Ok::<(), Error>(())
/// ```
#[must_use = "a timer is cancelled as soon as its handle is dropped"]
pub struct PinHrTimerHandle<'a, T>
where
    T: HasHrTimer<T>,
{
    inner: Pin<&'a T>,
}

// SAFETY: `HrTimer::raw_cancel` does just that.
unsafe impl<'a, T> HrTimerHandle for PinHrTimerHandle<'a, T>
where
    T: HasHrTimer<T>,
{
    fn cancel(&mut self) -> bool {
        let object: *const T = self.inner.get_ref();
        // SAFETY: It is borrowed, so it is valid.
        let timer = unsafe { T::raw_get_timer(object) };
        // SAFETY: It is initialised, by the type invariant, and valid for as long as the `T` is.
        unsafe { HrTimer::raw_cancel(timer) != Cancelled::WasIdle }
    }
}

impl<'a, T> Drop for PinHrTimerHandle<'a, T>
where
    T: HasHrTimer<T>,
{
    fn drop(&mut self) {
        self.cancel();
    }
}

// SAFETY: The handle cancels the timer when it is dropped, and waits for the callback.
unsafe impl<'a, T> UnsafeHrTimerPointer for Pin<&'a T>
where
    T: Send + Sync + HasHrTimer<T> + HrTimerCallback<Pointer<'a> = Self>,
{
    type TimerMode = <T as HasHrTimer<T>>::TimerMode;
    type TimerHandle = PinHrTimerHandle<'a, T>;

    unsafe fn start(
        self,
        expires: <<T as HasHrTimer<T>>::TimerMode as HrTimerMode>::Expires,
    ) -> Self::TimerHandle {
        // SAFETY: The timer is initialised: `HrTimer::new` is the only way to make one. The object is
        // pinned, and stays valid until the handle has been dropped, or longer, says the caller. The
        // callback shares it.
        unsafe { T::start(self.get_ref(), expires) };
        // INVARIANT: Initialised, as above.
        PinHrTimerHandle { inner: self }
    }
}

impl<'a, T> RawHrTimerCallback for Pin<&'a T>
where
    T: HasHrTimer<T> + HrTimerCallback<Pointer<'a> = Self>,
{
    type CallbackTarget<'b> = Self;

    unsafe extern "C" fn run(timer: *mut bindings::hrtimer) -> bindings::hrtimer_restart {
        let target = |object: *mut T| {
            // SAFETY: The `T` stays valid until this callback has returned, by the contract that it
            // was started under. Either `'a` is a lifetime that `T` has chosen: then it is the one
            // that the `T` was borrowed for when it was started. Or it is any: then the callback of
            // `T`, which has to do with any, can't keep the reference.
            let object = unsafe { &*object };
            // SAFETY: The timer was started through a pinned pointer.
            unsafe { Pin::new_unchecked(object) }
        };
        // SAFETY: By this function's contract the timer is in a `T`, which stays valid until this
        // callback has returned; and C calls this.
        unsafe { run_callback::<T>(timer, target) }
    }
}
