// SPDX-License-Identifier: GPL-2.0

//! Timers in boxes.

use super::{
    callback::run_callback, timer::Cancelled, HasHrTimer, HrTimer, HrTimerCallback, HrTimerHandle,
    HrTimerMode, HrTimerPointer, RawHrTimerCallback,
};
use crate::{
    alloc::{Allocator, Box},
    bindings,
};
use core::{marker::PhantomData, pin::Pin, ptr::NonNull};

/// Keeps a timer running that was started through a `Pin<Box<T, A>>`, and owns the box.
///
/// Nobody but the callback gets at what is in there. Dropped, it cancels the timer and drops the box.
///
/// # Invariants
///
/// `inner` comes from a `Pin<Box<T, A>>`, which belongs to this value, and the timer in there is
/// initialised.
///
/// # Examples
///
/// ```
/// use kernel::{
///     alloc::allocator::Kmalloc,
///     impl_has_hr_timer,
///     sync::Arc,
///     time::{
///         hrtimer::{
///             BoxHrTimerHandle, HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerPointer,
///             HrTimerRestart, RelativeMode,
///         },
///         Delta, Monotonic,
///     },
/// };
///
/// #[pin_data]
/// struct Job {
///     #[pin]
///     timer: HrTimer<Self>,
///     data: Arc<u32>,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Job {
///         mode: RelativeMode<Monotonic>, field: self.timer
///     }
/// }
///
/// impl HrTimerCallback for Job {
///     type Pointer<'a> = Pin<KBox<Self>>;
///
///     fn run(this: Pin<&mut Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
///         assert_eq!(*this.data, 5);
///         HrTimerRestart::NoRestart
///     }
/// }
///
/// let data = Arc::new(5, GFP_KERNEL)?;
/// let its_data = data.clone();
/// let job = pin_init!(Job { timer <- HrTimer::new(), data: its_data });
/// let job: Pin<KBox<Job>> = KBox::pin_init(job, GFP_KERNEL)?;
///
/// let handle: BoxHrTimerHandle<Job, Kmalloc> = job.start(Delta::from_secs(1_000));
/// drop(handle);
/// // The box is gone with it.
/// assert!(Arc::into_unique_or_drop(data).is_some());
/// # Ok::<(), Error>(())
/// ```
#[must_use = "a timer is cancelled as soon as its handle is dropped"]
pub struct BoxHrTimerHandle<T, A>
where
    T: HasHrTimer<T>,
    A: Allocator,
{
    // Not a box, which would have the contents for itself, while the callback uses them.
    inner: NonNull<T>,
    _owns: PhantomData<Box<T, A>>,
}

// SAFETY: It owns the box, and drops it wherever it is itself dropped: hence `T: Send`.
unsafe impl<T, A> Send for BoxHrTimerHandle<T, A>
where
    T: HasHrTimer<T> + Send,
    A: Allocator,
{
}

// SAFETY: There is nothing to do with a shared reference.
unsafe impl<T, A> Sync for BoxHrTimerHandle<T, A>
where
    T: HasHrTimer<T>,
    A: Allocator,
{
}

impl<T, A> BoxHrTimerHandle<T, A>
where
    T: HasHrTimer<T>,
    A: Allocator,
{
    fn raw_cancel(&mut self) -> Cancelled {
        // SAFETY: By the type invariant it points to a `T`.
        let timer = unsafe { T::raw_get_timer(self.inner.as_ptr()) };
        // SAFETY: It is initialised, by the type invariant, and valid for as long as the `T` is.
        unsafe { HrTimer::raw_cancel(timer) }
    }
}

// SAFETY: `raw_cancel` does just that.
unsafe impl<T, A> HrTimerHandle for BoxHrTimerHandle<T, A>
where
    T: HasHrTimer<T>,
    A: Allocator,
{
    fn cancel(&mut self) -> bool {
        self.raw_cancel() != Cancelled::WasIdle
    }
}

impl<T, A> Drop for BoxHrTimerHandle<T, A>
where
    T: HasHrTimer<T>,
    A: Allocator,
{
    fn drop(&mut self) {
        if self.raw_cancel() == Cancelled::InCallback {
            super::report_leak();
            return;
        }
        // SAFETY: By the type invariant it comes from a box and is owned. The timer neither runs nor
        // will, so the callback has given the contents back.
        let owned = unsafe { Box::<T, A>::from_raw(self.inner.as_ptr()) };
        // It goes back to being pinned for its drop.
        drop(Box::into_pin(owned));
    }
}

impl<T, A> HrTimerPointer for Pin<Box<T, A>>
where
    T: 'static
        + Send
        + Sync
        + HasHrTimer<T>
        + for<'a> HrTimerCallback<Pointer<'a> = Pin<Box<T, A>>>,
    A: Allocator,
{
    type TimerMode = <T as HasHrTimer<T>>::TimerMode;
    type TimerHandle = BoxHrTimerHandle<T, A>;

    fn start(
        self,
        expires: <<T as HasHrTimer<T>>::TimerMode as HrTimerMode>::Expires,
    ) -> Self::TimerHandle {
        // SAFETY: Nothing below moves the contents.
        let this = unsafe { Pin::into_inner_unchecked(self) };
        let inner = NonNull::from(Box::leak(this));
        // SAFETY: The timer is initialised: `HrTimer::new` is the only way to make one. The contents
        // stay valid, and where they are, until the handle drops them. It does so when the timer has
        // been cancelled in another context than the callback, or not at all. Until then only the
        // callback uses them.
        unsafe { T::start(inner.as_ptr(), expires) };
        // INVARIANT: It has just been leaked from a pinned box; initialised, as above.
        BoxHrTimerHandle {
            inner,
            _owns: PhantomData,
        }
    }
}

impl<T, A> RawHrTimerCallback for Pin<Box<T, A>>
where
    T: 'static + HasHrTimer<T> + for<'a> HrTimerCallback<Pointer<'a> = Pin<Box<T, A>>>,
    A: Allocator,
{
    type CallbackTarget<'a> = Pin<&'a mut T>;

    unsafe extern "C" fn run(timer: *mut bindings::hrtimer) -> bindings::hrtimer_restart {
        let target = |object: *mut T| {
            // SAFETY: The handle that the timer was started with keeps the `T` valid until this
            // callback has returned, and leaves it alone until then. C runs one callback at a time.
            let object = unsafe { &mut *object };
            // SAFETY: It comes from a pinned box.
            unsafe { Pin::new_unchecked(object) }
        };
        // SAFETY: By this function's contract the timer is in a `T`, in a box, which the handle keeps
        // until this callback has returned; and C calls this.
        unsafe { run_callback::<T>(timer, target) }
    }
}
