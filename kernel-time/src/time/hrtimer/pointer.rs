// SPDX-License-Identifier: GPL-2.0

//! Starting timers, and the handles that keep them running.

use super::HrTimerMode;

/// A pointer through which a timer can be started for as long as one likes.
///
/// It owns what the timer is in, or a share of that, and gives it to the handle. The pointers that
/// borrow have [`ScopedHrTimerPointer`] instead.
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_hr_timer,
///     sync::{Arc, ArcBorrow, Completion},
///     time::{
///         hrtimer::{
///             HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerHandle, HrTimerPointer,
///             HrTimerRestart, RelativeSoftMode,
///         },
///         Delta, Monotonic,
///     },
/// };
///
/// #[pin_data]
/// struct Timeout {
///     #[pin]
///     timer: HrTimer<Self>,
///     #[pin]
///     over: Completion,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Timeout {
///         mode: RelativeSoftMode<Monotonic>, field: self.timer
///     }
/// }
///
/// impl HrTimerCallback for Timeout {
///     type Pointer<'a> = Arc<Self>;
///
///     fn run(
///         this: ArcBorrow<'_, Self>,
///         _context: HrTimerCallbackContext<'_, Self>,
///     ) -> HrTimerRestart {
///         this.over.complete_all();
///         HrTimerRestart::NoRestart
///     }
/// }
///
/// let timeout = Arc::pin_init(
///     pin_init!(Timeout { timer <- HrTimer::new(), over <- Completion::new() }),
///     GFP_KERNEL,
/// )?;
///
/// // In time: the timer did not fire yet.
/// let mut handle = timeout.clone().start(Delta::from_secs(1_000));
/// assert!(handle.cancel());
///
/// let _handle = timeout.clone().start(Delta::from_micros(1));
/// timeout.over.wait_for_completion();
/// # Ok::<(), Error>(())
/// ```
pub trait HrTimerPointer: Sync + Sized {
    /// How the timer works.
    type TimerMode: HrTimerMode;

    /// What keeps the timer running.
    type TimerHandle: HrTimerHandle;

    /// Starts the timer. If it was running, it runs by the new time now.
    ///
    /// A time that is over fires it as soon as possible. A negative span is taken for zero; a span or
    /// instant at the upper end means never.
    fn start(self, expires: <Self::TimerMode as HrTimerMode>::Expires) -> Self::TimerHandle;
}

/// A pointer that borrows, and through which a timer can be started.
///
/// The borrow ends with the handle's type, not with the handle: what was forgotten instead of dropped
/// leaves the timer running when what it is in may go away. Safe code uses [`ScopedHrTimerPointer`],
/// which these pointers have, too.
///
/// # Safety
///
/// When a handle has been dropped, outside the timer's own callback, the timer must not be queued and
/// its callback not running, unless it was started anew.
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_hr_timer,
///     sync::Completion,
///     time::{
///         hrtimer::{
///             HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerRestart, RelativeMode,
///             UnsafeHrTimerPointer,
///         },
///         Delta, Monotonic,
///     },
/// };
///
/// #[pin_data]
/// struct Once {
///     #[pin]
///     timer: HrTimer<Self>,
///     #[pin]
///     done: Completion,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Once {
///         mode: RelativeMode<Monotonic>, field: self.timer
///     }
/// }
///
/// impl HrTimerCallback for Once {
///     type Pointer<'a> = Pin<&'a Self>;
///
///     fn run(this: Pin<&Self>, _context: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
///         this.done.complete_all();
///         HrTimerRestart::NoRestart
///     }
/// }
///
/// let once = KBox::pin_init(
///     pin_init!(Once { timer <- HrTimer::new(), done <- Completion::new() }),
///     GFP_KERNEL,
/// )?;
/// // SAFETY: The handle is dropped below, while `once` is there, and not in the callback.
/// let handle = unsafe { once.as_ref().start(Delta::from_micros(10)) };
/// once.done.wait_for_completion();
/// drop(handle);
/// # Ok::<(), Error>(())
/// ```
pub unsafe trait UnsafeHrTimerPointer: Sync + Sized {
    /// How the timer works.
    type TimerMode: HrTimerMode;

    /// What keeps the timer running.
    type TimerHandle: HrTimerHandle;

    /// Starts the timer: see [`HrTimerPointer::start`].
    ///
    /// # Safety
    ///
    /// Until the handle has been dropped, what the timer is in must stay valid: the handle must not be
    /// forgotten. If it is dropped in the timer's own callback, what the timer is in must stay valid
    /// until the timer has been cancelled in another context, after this start.
    unsafe fn start(self, expires: <Self::TimerMode as HrTimerMode>::Expires) -> Self::TimerHandle;
}

/// A pointer that borrows, and through which a timer can be started for the duration of a function.
///
/// # Safety
///
/// When `start_scoped` returns, outside the timer's own callback, the timer must not be queued and its
/// callback not running, unless it was started anew.
///
/// # Examples
///
/// With the callback having the structure for itself, and the function afterwards:
///
/// ```
/// use kernel::{
///     impl_has_hr_timer,
///     sync::{Arc, Completion},
///     time::{
///         hrtimer::{
///             HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerRestart, RelativeMode,
///             ScopedHrTimerPointer,
///         },
///         Delta, Monotonic,
///     },
/// };
///
/// #[pin_data]
/// struct Countdown {
///     #[pin]
///     timer: HrTimer<Self>,
///     left: u32,
///     zero: Arc<Completion>,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Countdown {
///         mode: RelativeMode<Monotonic>, field: self.timer
///     }
/// }
///
/// impl HrTimerCallback for Countdown {
///     type Pointer<'a> = Pin<&'a mut Self>;
///
///     fn run(
///         mut this: Pin<&mut Self>,
///         mut context: HrTimerCallbackContext<'_, Self>,
///     ) -> HrTimerRestart {
///         *this.as_mut().project().left -= 1;
///         if this.left == 0 {
///             this.zero.complete_all();
///             return HrTimerRestart::NoRestart;
///         }
///         context.forward_now(Delta::from_micros(100));
///         HrTimerRestart::Restart
///     }
/// }
///
/// let zero = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
/// let wait = zero.clone();
/// let mut countdown = KBox::pin_init(
///     pin_init!(Countdown { timer <- HrTimer::new(), left: 3, zero }),
///     GFP_KERNEL,
/// )?;
/// countdown.as_mut().start_scoped(Delta::from_micros(100), || wait.wait_for_completion());
/// assert_eq!(countdown.left, 0);
/// # Ok::<(), Error>(())
/// ```
pub unsafe trait ScopedHrTimerPointer {
    /// How the timer works.
    type TimerMode: HrTimerMode;

    /// Starts the timer, calls `f`, cancels the timer, and returns what `f` has returned.
    ///
    /// As for [`HrTimerPointer::start`]. Nothing of the timer is left when this returns.
    fn start_scoped<T, F>(self, expires: <Self::TimerMode as HrTimerMode>::Expires, f: F) -> T
    where
        F: FnOnce() -> T;
}

// SAFETY: The handle is dropped here, and by the contract of `UnsafeHrTimerPointer` that is what ends
// the timer.
unsafe impl<T> ScopedHrTimerPointer for T
where
    T: UnsafeHrTimerPointer,
{
    type TimerMode = T::TimerMode;

    fn start_scoped<U, F>(
        self,
        expires: <<T as UnsafeHrTimerPointer>::TimerMode as HrTimerMode>::Expires,
        f: F,
    ) -> U
    where
        F: FnOnce() -> U,
    {
        // SAFETY: The handle is dropped below; `self` is a pointer to what the timer is in, which is
        // valid meanwhile. If all of this happens in the timer's own callback, then it has been
        // started before, and that start's handle cancels it in another context, while what it is in
        // is valid, by the contract that holds for that start.
        let handle = unsafe { UnsafeHrTimerPointer::start(self, expires) };
        let result = f();
        drop(handle);
        result
    }
}

/// What keeps a timer running.
///
/// Dropping it cancels the timer, and waits for a callback that runs. Each start gives a handle; when
/// a timer was started several times, the first of the handles to be dropped cancels it.
///
/// May be dropped and cancelled in any context. See the [module](super) for what is different in the
/// timer's own callback, and for deadlocks.
///
/// # Safety
///
/// When `cancel` has returned, and after the drop, outside the timer's own callback, the timer must not
/// be queued and its callback not running, unless it was started anew. In its own callback: it must not
/// run again, unless it was started anew.
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_hr_timer,
///     time::{
///         hrtimer::{
///             HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerHandle, HrTimerPointer,
///             HrTimerRestart, RelativeMode,
///         },
///         Delta, Monotonic,
///     },
/// };
///
/// #[pin_data]
/// struct Idle {
///     #[pin]
///     timer: HrTimer<Self>,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Idle {
///         mode: RelativeMode<Monotonic>, field: self.timer
///     }
/// }
///
/// impl HrTimerCallback for Idle {
///     type Pointer<'a> = Pin<KBox<Self>>;
///
///     fn run(_this: Pin<&mut Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
///         HrTimerRestart::NoRestart
///     }
/// }
///
/// let idle = KBox::pin_init(pin_init!(Idle { timer <- HrTimer::new() }), GFP_KERNEL)?;
/// let mut handle = idle.start(Delta::from_secs(1_000));
/// assert!(handle.cancel());
/// // It is not running any more.
/// assert!(!handle.cancel());
/// # Ok::<(), Error>(())
/// ```
pub unsafe trait HrTimerHandle {
    /// Cancels the timer, and waits for its callback if that is running.
    ///
    /// Returns whether the timer was running: waiting for its time, or in its callback. In its own
    /// callback this does not wait; the callback is the last one then, until the timer is started
    /// again.
    fn cancel(&mut self) -> bool;
}
