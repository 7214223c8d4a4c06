// SPDX-License-Identifier: GPL-2.0

//! The timer itself.

use super::{
    callback::CallbackState, mode, HasHrTimer, HrTimerCallback, HrTimerInstant, HrTimerMode,
    RawHrTimerCallback,
};
use crate::{
    bindings,
    time::{ClockSource, Delta, Instant},
    types::Opaque,
};
use core::{marker::PhantomData, pin::Pin};
use pin_init::{pin_data, pin_init, PinInit};

/// A timer that lies in a `T` and calls back into it.
///
/// By itself it does nothing: it is started through a pointer to the `T`. The [module](super) says
/// how it all fits together.
///
/// On a stack it works, too, but a kernel with `CONFIG_DEBUG_OBJECTS_TIMERS` wants to be told of those,
/// and warns.
///
/// C counterpart: [`struct hrtimer`].
///
/// # Invariants
///
/// - `timer` is initialised, its callback being that of `T`'s kind of pointer.
/// - It is queued or running its callback only as long as a handle for it exists, or what it lies in
///   stays valid for good.
///
/// # Examples
///
/// One that waits for an instant, in a box, with the callback changing what it lies in:
///
/// ```
/// use kernel::{
///     impl_has_hr_timer,
///     sync::{Arc, Completion},
///     time::{
///         hrtimer::{
///             AbsoluteMode, HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerPointer,
///             HrTimerRestart,
///         },
///         Delta, Instant, Monotonic,
///     },
/// };
///
/// #[pin_data]
/// struct Alarm {
///     #[pin]
///     timer: HrTimer<Self>,
///     rung: Arc<Completion>,
///     times: u32,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Alarm {
///         mode: AbsoluteMode<Monotonic>, field: self.timer
///     }
/// }
///
/// impl HrTimerCallback for Alarm {
///     type Pointer<'a> = Pin<KBox<Self>>;
///
///     fn run(
///         mut this: Pin<&mut Self>,
///         _context: HrTimerCallbackContext<'_, Self>,
///     ) -> HrTimerRestart {
///         *this.as_mut().project().times += 1;
///         assert_eq!(this.times, 1);
///         this.rung.complete_all();
///         HrTimerRestart::NoRestart
///     }
/// }
///
/// let rung = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
/// let wait = rung.clone();
/// let alarm = KBox::pin_init(
///     pin_init!(Alarm { timer <- HrTimer::new(), rung, times: 0 }),
///     GFP_KERNEL,
/// )?;
///
/// let time = Instant::now() + Delta::from_millis(1);
/// let handle = alarm.start(time);
/// wait.wait_for_completion();
/// assert!(Instant::now() >= time);
/// drop(handle);
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct hrtimer`]: srctree/include/linux/hrtimer_types.h
#[pin_data]
#[repr(C)]
pub struct HrTimer<T> {
    #[pin]
    timer: Opaque<bindings::hrtimer>,
    callback: CallbackState,
    _target: PhantomData<T>,
}

// SAFETY: A timer belongs to no task. What its callback uses is `T`, about which this says nothing:
// `T` is asked for `Send` where a timer is started.
unsafe impl<T> Send for HrTimer<T> {}

// SAFETY: Through a shared reference the expiry time can be read, in one piece, and the state of the
// callback, which is atomic. All else the kernel does, under a lock of its own.
unsafe impl<T> Sync for HrTimer<T> {}

/// What came of cancelling a timer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cancelled {
    /// The timer was neither queued nor running, and still is not.
    WasIdle,
    /// The timer was queued or its callback running; now neither is the case.
    WasActive,
    /// This is the callback, or an interrupt of it. It won't run again until the timer is started.
    InCallback,
}

impl<T> HrTimer<T> {
    /// Initialises a timer, which is not running.
    ///
    /// Its mode is the one that [`impl_has_hr_timer!`](crate::impl_has_hr_timer) has named for `T`.
    pub fn new() -> impl PinInit<Self>
    where
        T: HrTimerCallback + HasHrTimer<T>,
    {
        // INVARIANT: Initialised, with the callback of `T::Pointer`; not queued.
        pin_init!(Self {
            timer <- Opaque::ffi_init(|place: *mut bindings::hrtimer| {
                // SAFETY: `ffi_init` gives memory that is valid for writes and stays in place. The
                // callback is for a timer in an `HrTimer<T>` in a `T`, and runs only after a start,
                // whose contract is that this is one.
                unsafe {
                    bindings::hrtimer_setup(
                        place,
                        Some(<T::Pointer<'_> as RawHrTimerCallback>::run),
                        <T::TimerMode as HrTimerMode>::Clock::ID,
                        T::TimerMode::C_MODE,
                    )
                }
            }),
            callback: CallbackState::new(),
            _target: PhantomData,
        })
    }

    /// Returns the C object.
    ///
    /// # Safety
    ///
    /// `this` must point into an allocation that holds all of an `HrTimer<T>`.
    #[inline]
    pub(super) unsafe fn raw_get(this: *const Self) -> *mut bindings::hrtimer {
        // SAFETY: By this function's contract the field is within an allocation. No reference is
        // made, since the C side may be writing to it.
        let timer = unsafe { &raw const (*this).timer };
        Opaque::cast_into(timer)
    }

    /// Returns what the callback and those who start and cancel tell each other.
    ///
    /// # Safety
    ///
    /// For all of `'a`, `this` must point to an initialised timer.
    #[inline]
    pub(super) unsafe fn callback_state<'a>(this: *const Self) -> &'a CallbackState {
        // SAFETY: By this function's contract; nobody has it mutably, as it is never given out so.
        unsafe { &(*this).callback }
    }

    /// Cancels the timer, and waits for its callback, unless this is the callback.
    ///
    /// # Safety
    ///
    /// `this` must point to an initialised timer that stays valid until this returns.
    pub(super) unsafe fn raw_cancel(this: *const Self) -> Cancelled {
        // SAFETY: By this function's contract.
        let callback = unsafe { Self::callback_state(this) };
        if callback.stop_from_within() {
            return Cancelled::InCallback;
        }
        // SAFETY: By this function's contract.
        let timer = unsafe { Self::raw_get(this) };
        // SAFETY: The timer is initialised. This is not its callback, so the callback ends.
        if unsafe { bindings::hrtimer_cancel(timer) } != 0 {
            Cancelled::WasActive
        } else {
            Cancelled::WasIdle
        }
    }

    /// Moves the expiry time on: see [`HrTimer::forward`].
    ///
    /// # Safety
    ///
    /// `this` must point to an initialised timer; either its callback runs and this is called from
    /// it, or nobody starts the timer meanwhile.
    pub(super) unsafe fn raw_forward(
        this: *const Self,
        now: HrTimerInstant<T>,
        interval: Delta,
    ) -> u64
    where
        T: HasHrTimer<T>,
    {
        // On the clock that it runs by, an early instant of the other one may be less than 0. That is
        // in order: nothing is due then.
        let now = now.ktime().saturating_sub(mode::lead::<T::TimerMode>());
        // SAFETY: By this function's contract.
        let timer = unsafe { Self::raw_get(this) };
        // SAFETY: The timer is initialised, and its base stays the same: it does while the callback
        // runs, and while nobody starts the timer.
        unsafe { bindings::hrtimer_forward_unless_queued(timer, now, interval.as_nanos()) }
    }

    /// Moves the expiry time on by as many intervals as it takes to be later than `now`.
    ///
    /// Returns by how many: 0 if it is later already, and then nothing changes. So the times keep
    /// their distance, and one knows how many were missed. It does not start the timer.
    ///
    /// An interval below the resolution of the kernel's timers, negative ones included, is taken for
    /// that resolution. An expiry time beyond the end of all instants becomes the end. While the timer
    /// is queued (after a start in its own callback) nothing changes, either, and 0 is returned.
    ///
    /// C counterpart: `hrtimer_forward()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::time::{hrtimer::HrTimer, Delta, Instant};
    /// # use kernel::{
    /// #     impl_has_hr_timer,
    /// #     time::{
    /// #         hrtimer::{AbsoluteMode, HrTimerCallback, HrTimerCallbackContext, HrTimerRestart},
    /// #         Monotonic,
    /// #     },
    /// # };
    /// # #[pin_data]
    /// # struct Beat {
    /// #     #[pin]
    /// #     timer: HrTimer<Self>,
    /// # }
    /// # impl_has_hr_timer! {
    /// #     impl HasHrTimer<Self> for Beat {
    /// #         mode: AbsoluteMode<Monotonic>, field: self.timer
    /// #     }
    /// # }
    /// # impl HrTimerCallback for Beat {
    /// #     type Pointer<'a> = Pin<KBox<Self>>;
    /// #     fn run(_: Pin<&mut Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
    /// #         HrTimerRestart::NoRestart
    /// #     }
    /// # }
    ///
    /// let mut beat = KBox::pin_init(pin_init!(Beat { timer <- HrTimer::new() }), GFP_KERNEL)?;
    ///
    /// // A timer that has not been started expires at 0.
    /// let start = beat.timer.expires();
    /// let second = Delta::from_secs(1);
    ///
    /// let mut timer = beat.as_mut().project().timer;
    /// // At 0, 1, 2 and 3 seconds it would have fired.
    /// assert_eq!(timer.as_mut().forward(start + Delta::from_millis(3_500), second), 4);
    /// assert_eq!(timer.expires() - start, second * 4);
    /// // That is still to come.
    /// assert_eq!(timer.as_mut().forward(start + second, second), 0);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn forward(self: Pin<&mut Self>, now: HrTimerInstant<T>, interval: Delta) -> u64
    where
        T: HasHrTimer<T>,
    {
        let this: *const Self = &raw const *self;
        // SAFETY: By the type invariant it is initialised. To start it takes a pointer to what it
        // lies in, and nobody but the caller has one.
        unsafe { Self::raw_forward(this, now, interval) }
    }

    /// Moves the expiry time on to after the present: [`HrTimer::forward`] with the clock's time.
    ///
    /// C counterpart: `hrtimer_forward_now()`.
    pub fn forward_now(self: Pin<&mut Self>, interval: Delta) -> u64
    where
        T: HasHrTimer<T>,
    {
        self.forward(Instant::now(), interval)
    }

    /// Returns when the timer fires next, or fired last, or would fire if it were started again.
    ///
    /// What it was started with, as an instant, and what [`HrTimer::forward`] has made of that. It is
    /// the beginning of the clock if it was never started. When others start the timer meanwhile, the
    /// result may be old already, and on 32 bits it may be half of the one and half of the other time.
    ///
    /// C counterpart: `hrtimer_get_expires()`.
    pub fn expires(&self) -> HrTimerInstant<T>
    where
        T: HasHrTimer<T>,
    {
        // SAFETY: It is within the allocation that `self` points to.
        let timer = unsafe { Self::raw_get(self) };
        // SAFETY: It is within the allocation that `self` points to.
        let expires = unsafe { &raw const (*timer).node.expires };
        // SAFETY: It is initialised, by the type invariant. The kernel writes it as it does where
        // others read it without a lock: this is `READ_ONCE()`.
        let expires = unsafe { expires.read_volatile() };
        Instant::from_ktime(expires.saturating_add(mode::lead::<T::TimerMode>()))
    }
}
