// SPDX-License-Identifier: GPL-2.0

//! What happens when a timer expires.

use super::{HasHrTimer, HrTimer, HrTimerInstant};
use crate::{
    bindings,
    sync::atomic::{Atomic, AtomicFlag, Relaxed},
    time::{Delta, Instant},
};
use core::{marker::PhantomData, ptr::NonNull};

/// Whether a timer runs once more after its callback.
///
/// C counterpart: [`enum hrtimer_restart`].
///
/// # Examples
///
/// ```
/// use kernel::time::hrtimer::HrTimerRestart;
///
/// fn again(left: u32) -> HrTimerRestart {
///     if left > 0 {
///         HrTimerRestart::Restart
///     } else {
///         HrTimerRestart::NoRestart
///     }
/// }
///
/// assert_eq!(again(0), HrTimerRestart::NoRestart);
/// assert_eq!(again(1), HrTimerRestart::Restart);
/// ```
///
/// [`enum hrtimer_restart`]: srctree/include/linux/hrtimer_types.h
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum HrTimerRestart {
    /// It does not, unless it has been started anew meanwhile.
    NoRestart = bindings::hrtimer_restart_HRTIMER_NORESTART,
    /// It does, at its expiry time. Move that on first, or it fires again at once:
    /// [`HrTimerCallbackContext::forward_now`].
    Restart = bindings::hrtimer_restart_HRTIMER_RESTART,
}

impl HrTimerRestart {
    /// Returns what C calls it.
    #[inline]
    fn into_c(self) -> bindings::hrtimer_restart {
        self as bindings::hrtimer_restart
    }
}

/// What to do when the timer in a structure expires.
///
/// The [module](super) has examples, and says what the callback may do.
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_hr_timer,
///     sync::atomic::{Atomic, Relaxed},
///     time::{
///         delay::fsleep,
///         hrtimer::{
///             HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerRestart, RelativeMode,
///             ScopedHrTimerPointer,
///         },
///         Delta, Monotonic,
///     },
/// };
///
/// /// Something that takes its time, with a light that blinks meanwhile.
/// #[pin_data]
/// struct Blinker {
///     #[pin]
///     timer: HrTimer<Self>,
///     blinks: Atomic<u32>,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Blinker {
///         mode: RelativeMode<Monotonic>, field: self.timer
///     }
/// }
///
/// impl HrTimerCallback for Blinker {
///     type Pointer<'a> = Pin<&'a Self>;
///
///     fn run(this: Pin<&Self>, mut context: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
///         this.blinks.add(1, Relaxed);
///         context.forward_now(Delta::from_millis(1));
///         HrTimerRestart::Restart
///     }
/// }
///
/// let blinker = KBox::pin_init(
///     pin_init!(Blinker { timer <- HrTimer::new(), blinks: Atomic::new(0) }),
///     GFP_KERNEL,
/// )?;
/// let seen = blinker.as_ref().start_scoped(Delta::ZERO, || {
///     while blinker.blinks.load(Relaxed) < 2 {
///         fsleep(Delta::from_millis(1));
///     }
///     blinker.blinks.load(Relaxed)
/// });
/// assert!(seen >= 2);
/// // The timer has been cancelled at the end of the scope.
/// let after = blinker.blinks.load(Relaxed);
/// fsleep(Delta::from_millis(5));
/// assert_eq!(blinker.blinks.load(Relaxed), after);
/// # Ok::<(), Error>(())
/// ```
pub trait HrTimerCallback {
    /// The kind of pointer that the timer is started through.
    ///
    /// One of `Arc<Self>`, `Pin<KBox<Self>>` (or of another allocator), `Pin<&'a Self>` and
    /// `Pin<&'a mut Self>`.
    type Pointer<'a>: RawHrTimerCallback;

    /// Called when the timer has expired, in interrupt context: it must not sleep.
    ///
    /// `this` is what the kind of pointer gives to callbacks; `context` moves the expiry time on.
    fn run(
        this: <Self::Pointer<'_> as RawHrTimerCallback>::CallbackTarget<'_>,
        context: HrTimerCallbackContext<'_, Self>,
    ) -> HrTimerRestart
    where
        Self: Sized + HasHrTimer<Self>;
}

/// A kind of pointer that a timer can be started through: how C gets back from there.
///
/// There is nothing to do with it but to name it: see [`HrTimerCallback::Pointer`].
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_hr_timer,
///     sync::{Arc, ArcBorrow},
///     time::{
///         hrtimer::{
///             HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerRestart,
///             RawHrTimerCallback, RelativeMode,
///         },
///         Monotonic,
///     },
/// };
/// # #[pin_data]
/// # struct Pulse {
/// #     #[pin]
/// #     timer: HrTimer<Self>,
/// # }
/// # impl_has_hr_timer! {
/// #     impl HasHrTimer<Self> for Pulse {
/// #         mode: RelativeMode<Monotonic>, field: self.timer
/// #     }
/// # }
/// # impl HrTimerCallback for Pulse {
/// #     type Pointer<'a> = Arc<Self>;
/// #     fn run(_: ArcBorrow<'_, Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
/// #         HrTimerRestart::NoRestart
/// #     }
/// # }
///
/// /// What callbacks are given for an `Arc`.
/// type Target<'a> = <Arc<Pulse> as RawHrTimerCallback>::CallbackTarget<'a>;
///
/// let pulse = Arc::pin_init(pin_init!(Pulse { timer <- HrTimer::new() }), GFP_KERNEL)?;
/// let target: Target<'_> = pulse.as_arc_borrow();
/// assert!(core::ptr::eq(&*target, &*pulse));
/// # Ok::<(), Error>(())
/// ```
pub trait RawHrTimerCallback {
    /// What the callback is given.
    type CallbackTarget<'a>;

    /// Called by the kernel when the timer has expired.
    ///
    /// # Safety
    ///
    /// - `timer` must be the C timer in the structure that this is a pointer to, and have been started
    ///   through such a pointer.
    /// - The caller must be the kernel's timer code: it calls this once at a time for each timer.
    unsafe extern "C" fn run(timer: *mut bindings::hrtimer) -> bindings::hrtimer_restart;
}

/// The callback of a timer that has expired, and is not queued.
///
/// # Invariants
///
/// The pointer is to an initialised timer that stays valid for all of `'a`, during which its callback
/// runs; and it does not leave that callback.
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_hr_timer,
///     sync::{atomic::{Atomic, Relaxed}, Completion},
///     time::{
///         hrtimer::{
///             HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerRestart, RelativeMode,
///             ScopedHrTimerPointer,
///         },
///         Delta, Monotonic,
///     },
/// };
///
/// /// Counts beats, also those that the callback was too late for.
/// #[pin_data]
/// struct Metronome {
///     #[pin]
///     timer: HrTimer<Self>,
///     beats: Atomic<u64>,
///     #[pin]
///     enough: Completion,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Metronome {
///         mode: RelativeMode<Monotonic>, field: self.timer
///     }
/// }
///
/// impl HrTimerCallback for Metronome {
///     type Pointer<'a> = Pin<&'a Self>;
///
///     fn run(this: Pin<&Self>, mut context: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
///         let passed = context.forward_now(Delta::from_millis(1));
///         if this.beats.fetch_add(passed, Relaxed) + passed >= 10 {
///             this.enough.complete_all();
///         }
///         HrTimerRestart::Restart
///     }
/// }
///
/// let metronome = KBox::pin_init(
///     pin_init!(Metronome {
///         timer <- HrTimer::new(),
///         beats: Atomic::new(0),
///         enough <- Completion::new(),
///     }),
///     GFP_KERNEL,
/// )?;
/// let metronome = metronome.as_ref();
/// metronome.start_scoped(Delta::from_millis(1), || metronome.enough.wait_for_completion());
/// assert!(metronome.beats.load(Relaxed) >= 10);
/// # Ok::<(), Error>(())
/// ```
pub struct HrTimerCallbackContext<'a, T: HasHrTimer<T>>(NonNull<HrTimer<T>>, PhantomData<&'a ()>);

impl<'a, T: HasHrTimer<T>> HrTimerCallbackContext<'a, T> {
    /// # Safety
    ///
    /// For all of `'a`, `timer` must be initialised and this be its callback.
    unsafe fn from_raw(timer: NonNull<HrTimer<T>>) -> Self {
        // INVARIANT: By this function's contract.
        Self(timer, PhantomData)
    }

    /// Moves the expiry time on by as many intervals as it takes to be later than `now`.
    ///
    /// Returns by how many. See [`HrTimer::forward`], which is the same. When somebody else has
    /// started the timer meanwhile, it is left as it is, and 0 returned.
    pub fn forward(&mut self, now: HrTimerInstant<T>, interval: Delta) -> u64 {
        // SAFETY: By the type invariants the timer is initialised, and this is its callback.
        unsafe { HrTimer::raw_forward(self.0.as_ptr(), now, interval) }
    }

    /// Moves the expiry time on to after the present: [`HrTimerCallbackContext::forward`] with the
    /// clock's time.
    pub fn forward_now(&mut self, duration: Delta) -> u64 {
        self.forward(Instant::now(), duration)
    }
}

/// What a timer's callback, and those who start and cancel the timer, tell each other.
pub(super) struct CallbackState {
    /// The task that the callback has interrupted (on a realtime kernel, runs in): what
    /// `hrtimer_context()` returns in there. 0 while no callback runs.
    context: Atomic<usize>,
    /// The timer has been cancelled from within its callback, and not been started since.
    stopped: AtomicFlag,
}

// All accesses are `Relaxed`. A task that finds itself in `context` is in the callback itself: it was
// this very CPU that stored it, earlier in the same order. Whoever finds something else is not,
// whatever it is. And `stopped` is of interest to the callback only, which sets it itself; with starts
// by others at that moment it competes anyway.
impl CallbackState {
    pub(super) const fn new() -> Self {
        Self {
            context: Atomic::new(0),
            stopped: AtomicFlag::new(false),
        }
    }

    /// Returns what identifies the code that runs: a task, or an interrupt of that task.
    fn here() -> usize {
        // SAFETY: There is always a current task.
        unsafe { bindings::hrtimer_context() }
    }

    /// Allows for callbacks again.
    pub(super) fn started(&self) {
        self.stopped.store(false, Relaxed);
    }

    /// If this is the callback, or an interrupt of it, makes it the last one, and returns whether it
    /// is.
    pub(super) fn stop_from_within(&self) -> bool {
        let within = self.context.load(Relaxed) == Self::here();
        if within {
            self.stopped.store(true, Relaxed);
        }
        within
    }

    /// Runs a callback, unless the timer has been stopped, and returns whether it is to run again.
    fn run(&self, callback: impl FnOnce() -> HrTimerRestart) -> HrTimerRestart {
        // Started and stopped again by the last callback: C had it queued already.
        if self.stopped.load(Relaxed) {
            return HrTimerRestart::NoRestart;
        }
        self.context.store(Self::here(), Relaxed);
        let restart = callback();
        self.context.store(0, Relaxed);
        if self.stopped.load(Relaxed) {
            return HrTimerRestart::NoRestart;
        }
        restart
    }
}

/// Calls `T`'s callback for the timer that C has called back for.
///
/// # Safety
///
/// - `timer` must be the C timer of the `HrTimer<T>` in a `T`, both valid until this returns.
/// - The caller must be the `run` that this timer was initialised with, called by C.
/// - `target` must be sound to call with a pointer to that `T`.
pub(super) unsafe fn run_callback<'a, T>(
    timer: *mut bindings::hrtimer,
    target: impl FnOnce(*mut T) -> <T::Pointer<'a> as RawHrTimerCallback>::CallbackTarget<'a>,
) -> bindings::hrtimer_restart
where
    T: HrTimerCallback + HasHrTimer<T>,
{
    // The C timer comes first: `repr(C)`.
    let timer = timer.cast::<HrTimer<T>>();
    // SAFETY: By this function's contract the timer is valid, so it is not null.
    let context = unsafe { NonNull::new_unchecked(timer) };
    // SAFETY: By this function's contract the timer is the one in a `T`. That is the one that is
    // started, and so the one that `raw_get_timer` returns.
    let object = unsafe { T::timer_container_of(timer) };
    // SAFETY: By this function's contract it is valid until this returns.
    let state = unsafe { HrTimer::callback_state(timer) };

    state
        .run(|| {
            // SAFETY: The timer is initialised, as it was started, and this is its callback.
            let context = unsafe { HrTimerCallbackContext::from_raw(context) };
            T::run(target(object), context)
        })
        .into_c()
}
