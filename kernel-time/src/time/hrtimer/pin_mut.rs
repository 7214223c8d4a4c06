// SPDX-License-Identifier: GPL-2.0

//! Timers in what is borrowed for the callback alone.

use super::{
    callback::run_callback, timer::Cancelled, HasHrTimer, HrTimer, HrTimerCallback, HrTimerHandle,
    HrTimerMode, RawHrTimerCallback, UnsafeHrTimerPointer,
};
use crate::bindings;
use core::{marker::PhantomData, pin::Pin, ptr::NonNull};

/// Keeps a timer running that was started through a `Pin<&mut T>`.
///
/// Comes from the unsafe [`UnsafeHrTimerPointer::start`]. Dropped, it cancels the timer.
///
/// # Invariants
///
/// `inner` comes from a `Pin<&'a mut T>`, and the timer in there is initialised.
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_hr_timer,
///     time::{
///         hrtimer::{
///             HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerHandle, HrTimerRestart,
///             PinMutHrTimerHandle, RelativeMode, UnsafeHrTimerPointer,
///         },
///         Delta, Monotonic,
///     },
/// };
///
/// #[pin_data]
/// struct Sampler {
///     #[pin]
///     timer: HrTimer<Self>,
///     samples: u32,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Sampler {
///         mode: RelativeMode<Monotonic>, field: self.timer
///     }
/// }
///
/// impl HrTimerCallback for Sampler {
///     type Pointer<'a> = Pin<&'a mut Self>;
///
///     fn run(this: Pin<&mut Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
///         *this.project().samples += 1;
///         HrTimerRestart::NoRestart
///     }
/// }
///
/// let mut sampler = KBox::pin_init(
///     pin_init!(Sampler { timer <- HrTimer::new(), samples: 0 }),
///     GFP_KERNEL,
/// )?;
/// // SAFETY: The handle is dropped below, before `sampler` is, and not in the callback.
/// let mut handle: PinMutHrTimerHandle<'_, Sampler> =
///     unsafe { sampler.as_mut().start(Delta::from_secs(1_000)) };
/// assert!(handle.cancel());
/// drop(handle);
/// assert_eq!(sampler.samples, 0);
/// # Ok::<(), Error>(())
/// ```
#[must_use = "a timer is cancelled as soon as its handle is dropped"]
pub struct PinMutHrTimerHandle<'a, T>
where
    T: HasHrTimer<T>,
{
    // Not a reference, which would have the object for itself, while the callback uses it.
    inner: NonNull<T>,
    _borrows: PhantomData<&'a mut T>,
}

// SAFETY: It cancels the timer and does nothing to the `T`, and is as good as the `&mut T` it has.
unsafe impl<'a, T> Send for PinMutHrTimerHandle<'a, T> where T: HasHrTimer<T> + Send {}

// SAFETY: There is nothing to do with a shared reference.
unsafe impl<'a, T> Sync for PinMutHrTimerHandle<'a, T> where T: HasHrTimer<T> {}

// SAFETY: `HrTimer::raw_cancel` does just that.
unsafe impl<'a, T> HrTimerHandle for PinMutHrTimerHandle<'a, T>
where
    T: HasHrTimer<T>,
{
    fn cancel(&mut self) -> bool {
        // SAFETY: By the type invariant it points to a `T`, which is borrowed, so it is valid.
        let timer = unsafe { T::raw_get_timer(self.inner.as_ptr()) };
        // SAFETY: It is initialised, by the type invariant, and valid for as long as the `T` is.
        unsafe { HrTimer::raw_cancel(timer) != Cancelled::WasIdle }
    }
}

impl<'a, T> Drop for PinMutHrTimerHandle<'a, T>
where
    T: HasHrTimer<T>,
{
    fn drop(&mut self) {
        self.cancel();
    }
}

// In both implementations the callback must take a pointer of any lifetime. With one that it may
// choose, `Pin<&'static mut T>` say, it could keep the pointer; and the next callback gets another one,
// to the same `T`.

// SAFETY: The handle cancels the timer when it is dropped, and waits for the callback.
unsafe impl<'a, T> UnsafeHrTimerPointer for Pin<&'a mut T>
where
    T: 'static
        + Send
        + Sync
        + HasHrTimer<T>
        + for<'b> HrTimerCallback<Pointer<'b> = Pin<&'b mut T>>,
{
    type TimerMode = <T as HasHrTimer<T>>::TimerMode;
    type TimerHandle = PinMutHrTimerHandle<'a, T>;

    unsafe fn start(
        self,
        expires: <<T as HasHrTimer<T>>::TimerMode as HrTimerMode>::Expires,
    ) -> Self::TimerHandle {
        // SAFETY: Nothing below moves the object.
        let inner = NonNull::from(unsafe { Pin::into_inner_unchecked(self) });
        // SAFETY: The timer is initialised: `HrTimer::new` is the only way to make one. The object is
        // pinned, and stays valid until the handle has been dropped, or longer, says the caller. It is
        // borrowed by the handle, so only the callback uses it.
        unsafe { T::start(inner.as_ptr(), expires) };
        // INVARIANT: From such a pointer; initialised, as above.
        PinMutHrTimerHandle {
            inner,
            _borrows: PhantomData,
        }
    }
}

impl<'a, T> RawHrTimerCallback for Pin<&'a mut T>
where
    T: 'static + HasHrTimer<T> + for<'b> HrTimerCallback<Pointer<'b> = Pin<&'b mut T>>,
{
    type CallbackTarget<'b> = Self;

    unsafe extern "C" fn run(timer: *mut bindings::hrtimer) -> bindings::hrtimer_restart {
        let target = |object: *mut T| {
            // SAFETY: The `T` stays valid until this callback has returned, by the contract that it
            // was started under, and is borrowed for it. C runs one callback at a time, and `T`'s
            // callback, which takes any lifetime, can't keep the reference.
            let object = unsafe { &mut *object };
            // SAFETY: The timer was started through a pinned pointer.
            unsafe { Pin::new_unchecked(object) }
        };
        // SAFETY: By this function's contract the timer is in a `T`, which stays valid until this
        // callback has returned; and C calls this.
        unsafe { run_callback::<T>(timer, target) }
    }
}
