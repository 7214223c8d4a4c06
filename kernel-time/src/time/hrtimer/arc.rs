// SPDX-License-Identifier: GPL-2.0

//! Timers in what is shared.

use super::{
    callback::run_callback, timer::Cancelled, HasHrTimer, HrTimer, HrTimerCallback, HrTimerHandle,
    HrTimerMode, HrTimerPointer, RawHrTimerCallback,
};
use crate::{
    bindings,
    sync::{Arc, ArcBorrow},
};
use core::mem::ManuallyDrop;

/// Keeps a timer running that was started through an [`Arc`], and is an owner of what that is in.
///
/// Dropped, it cancels the timer and gives up its reference, which may be the last.
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
///     sync::{Arc, ArcBorrow},
///     time::{
///         hrtimer::{
///             ArcHrTimerHandle, HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerPointer,
///             HrTimerRestart, RelativeMode,
///         },
///         Delta, Monotonic,
///     },
/// };
///
/// #[pin_data]
/// struct Session {
///     #[pin]
///     timer: HrTimer<Self>,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Session {
///         mode: RelativeMode<Monotonic>, field: self.timer
///     }
/// }
///
/// impl HrTimerCallback for Session {
///     type Pointer<'a> = Arc<Self>;
///
///     fn run(_: ArcBorrow<'_, Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
///         HrTimerRestart::NoRestart
///     }
/// }
///
/// let session = Arc::pin_init(pin_init!(Session { timer <- HrTimer::new() }), GFP_KERNEL)?;
/// let handle: ArcHrTimerHandle<Session> = session.clone().start(Delta::from_secs(1_000));
/// drop(handle);
/// // The handle's share is gone with it.
/// assert!(Arc::into_unique_or_drop(session).is_some());
/// # Ok::<(), Error>(())
/// ```
#[must_use = "a timer is cancelled as soon as its handle is dropped"]
pub struct ArcHrTimerHandle<T>
where
    T: HasHrTimer<T>,
{
    inner: ManuallyDrop<Arc<T>>,
}

impl<T> ArcHrTimerHandle<T>
where
    T: HasHrTimer<T>,
{
    fn raw_cancel(&mut self) -> Cancelled {
        let object = Arc::as_ptr(&self.inner);
        // SAFETY: The reference of `self` keeps the `T` valid.
        let timer = unsafe { T::raw_get_timer(object) };
        // SAFETY: It is initialised, by the type invariant, and valid for as long as the `T` is.
        unsafe { HrTimer::raw_cancel(timer) }
    }
}

// SAFETY: `raw_cancel` does just that.
unsafe impl<T> HrTimerHandle for ArcHrTimerHandle<T>
where
    T: HasHrTimer<T>,
{
    fn cancel(&mut self) -> bool {
        self.raw_cancel() != Cancelled::WasIdle
    }
}

impl<T> Drop for ArcHrTimerHandle<T>
where
    T: HasHrTimer<T>,
{
    fn drop(&mut self) {
        if self.raw_cancel() == Cancelled::InCallback {
            super::report_leak();
            return;
        }
        // SAFETY: It is dropped once, here, and not used any more.
        unsafe { ManuallyDrop::drop(&mut self.inner) };
    }
}

impl<T> HrTimerPointer for Arc<T>
where
    T: 'static + Send + Sync + HasHrTimer<T> + for<'a> HrTimerCallback<Pointer<'a> = Self>,
{
    type TimerMode = <T as HasHrTimer<T>>::TimerMode;
    type TimerHandle = ArcHrTimerHandle<T>;

    fn start(
        self,
        expires: <<T as HasHrTimer<T>>::TimerMode as HrTimerMode>::Expires,
    ) -> ArcHrTimerHandle<T> {
        // SAFETY: The timer is initialised: `HrTimer::new` is the only way to make one. The object
        // stays valid, and where it is, by the reference that the handle gets. It is given up when the
        // timer has been cancelled in another context than the callback, or not at all. The callback
        // shares the object as any owner does.
        unsafe { T::start(Arc::as_ptr(&self), expires) };
        // INVARIANT: Initialised, as above.
        ArcHrTimerHandle {
            inner: ManuallyDrop::new(self),
        }
    }
}

impl<T> RawHrTimerCallback for Arc<T>
where
    T: 'static + HasHrTimer<T> + for<'a> HrTimerCallback<Pointer<'a> = Self>,
{
    type CallbackTarget<'a> = ArcBorrow<'a, T>;

    unsafe extern "C" fn run(timer: *mut bindings::hrtimer) -> bindings::hrtimer_restart {
        let target = |object: *mut T| {
            // SAFETY: The object is in an `Arc`, through which the timer was started. The handle has a
            // reference, which it does not give up before this callback has returned; so neither does
            // the object go away, nor another owner become the only one.
            unsafe { ArcBorrow::from_raw(object) }
        };
        // SAFETY: By this function's contract the timer is in a `T`, in an `Arc`, which the handle keeps
        // until this callback has returned; and C calls this.
        unsafe { run_callback::<T>(timer, target) }
    }
}
