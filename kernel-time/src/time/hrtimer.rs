// SPDX-License-Identifier: GPL-2.0

//! Timers that call back at a time known to the nanosecond.
//!
//! A timer is part of a structure, and its callback gets at that structure. Four steps:
//!
//! 1. Put an [`HrTimer<Self>`](HrTimer) into the structure, as a pinned field.
//! 2. Say which field it is, and in which [mode](HrTimerMode) the timer works, by
//!    [`impl_has_hr_timer!`](crate::impl_has_hr_timer).
//! 3. Implement [`HrTimerCallback`]: which kind of pointer the timer is started through, and what
//!    happens when the time has come.
//! 4. Start the timer through such a pointer. What comes back is a handle: **the timer runs for as
//!    long as the handle lives. Dropping it cancels the timer and waits for a callback that runs.**
//!
//! | started through | by | the callback gets | the structure |
//! | --- | --- | --- | --- |
//! | [`Arc<T>`](crate::sync::Arc) | [`HrTimerPointer::start`] | [`ArcBorrow`](crate::sync::ArcBorrow) | is shared |
//! | `Pin<KBox<T>>` | [`HrTimerPointer::start`] | `Pin<&mut T>` | is the callback's until it is dropped with the handle |
//! | `Pin<&T>` | [`ScopedHrTimerPointer::start_scoped`] | `Pin<&T>` | is shared, and may be part of anything |
//! | `Pin<&mut T>` | [`ScopedHrTimerPointer::start_scoped`] | `Pin<&mut T>` | is the callback's until the scope ends, and may be part of anything |
//!
//! A handle that borrows could be forgotten, and what it borrows be freed with the timer still
//! running: therefore [`UnsafeHrTimerPointer::start`], which hands one out, is unsafe. The scoped
//! form keeps it.
//!
//! # What a callback may do
//!
//! It runs in interrupt context (hard or soft: [modes](HrTimerMode)). It must not sleep, and it has
//! the CPU for itself, so it should be short. It may take spinlocks; who takes the same lock elsewhere
//! must have interrupts disabled there.
//!
//! It ends in [`HrTimerRestart`]: once more, or not. Once more means at the time that the timer
//! [expires](HrTimer::expires), which is over: so the callback first moves that on, by
//! [`HrTimerCallbackContext::forward_now`] or its siblings. What is started again without that fires
//! at once, and again, and nothing else gets to run.
//!
//! # A handle in the timer's own callback
//!
//! A callback can't be waited for from within: C's `hrtimer_cancel()` hangs there. Here it is noticed.
//! A handle that is cancelled in the callback of its own timer (or in an interrupt of it) does not
//! wait; the timer is stopped as far as that goes: the callback that runs is the last, whatever it
//! returns, until the timer is started again. A handle that is *dropped* there can't free what the
//! callback still uses either: **what it owns is leaked**, and a line in the log says so. Let the
//! callback return [`HrTimerRestart::NoRestart`], and have the handle dropped elsewhere.
//!
//! # Deadlocks
//!
//! Cancelling waits for the callback, so it must not be done with a lock held that the callback takes,
//! nor in a callback of another timer that this one's callback waits for in turn.
//!
//! C header: [`include/linux/hrtimer.h`](srctree/include/linux/hrtimer.h). C documentation:
//! [`Documentation/timers/hrtimers.rst`](srctree/Documentation/timers/hrtimers.rst).
//!
//! # Examples
//!
//! A timer in an `Arc` that fires three times:
//!
//! ```
//! use kernel::{
//!     impl_has_hr_timer,
//!     sync::{
//!         atomic::{Atomic, Relaxed},
//!         Arc, ArcBorrow, Completion,
//!     },
//!     time::{
//!         hrtimer::{
//!             HrTimer, HrTimerCallback, HrTimerCallbackContext, HrTimerPointer, HrTimerRestart,
//!             RelativeMode,
//!         },
//!         Delta, Monotonic,
//!     },
//! };
//!
//! #[pin_data]
//! struct Poller {
//!     #[pin]
//!     timer: HrTimer<Self>,
//!     polls: Atomic<u32>,
//!     #[pin]
//!     done: Completion,
//! }
//!
//! impl_has_hr_timer! {
//!     impl HasHrTimer<Self> for Poller {
//!         mode: RelativeMode<Monotonic>, field: self.timer
//!     }
//! }
//!
//! impl HrTimerCallback for Poller {
//!     type Pointer<'a> = Arc<Self>;
//!
//!     fn run(
//!         this: ArcBorrow<'_, Self>,
//!         mut context: HrTimerCallbackContext<'_, Self>,
//!     ) -> HrTimerRestart {
//!         if this.polls.fetch_add(1, Relaxed) + 1 == 3 {
//!             this.done.complete_all();
//!             return HrTimerRestart::NoRestart;
//!         }
//!         context.forward_now(Delta::from_micros(100));
//!         HrTimerRestart::Restart
//!     }
//! }
//!
//! let poller = Arc::pin_init(
//!     pin_init!(Poller {
//!         timer <- HrTimer::new(),
//!         polls: Atomic::new(0),
//!         done <- Completion::new(),
//!     }),
//!     GFP_KERNEL,
//! )?;
//!
//! let handle = poller.clone().start(Delta::from_micros(100));
//! poller.done.wait_for_completion();
//! drop(handle);
//! assert_eq!(poller.polls.load(Relaxed), 3);
//! # Ok::<(), Error>(())
//! ```

mod arc;
mod callback;
mod has;
mod mode;
mod pin;
mod pin_mut;
mod pointer;
mod tbox;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;
mod timer;

pub use arc::ArcHrTimerHandle;
pub use callback::{HrTimerCallback, HrTimerCallbackContext, HrTimerRestart, RawHrTimerCallback};
pub use has::HasHrTimer;
pub use mode::{
    AbsoluteHardMode, AbsoluteMode, AbsolutePinnedHardMode, AbsolutePinnedMode,
    AbsolutePinnedSoftMode, AbsoluteSoftMode, HrTimerExpires, HrTimerMode, RelativeHardMode,
    RelativeMode, RelativePinnedHardMode, RelativePinnedMode, RelativePinnedSoftMode,
    RelativeSoftMode,
};
pub use pin::PinHrTimerHandle;
pub use pin_mut::PinMutHrTimerHandle;
pub use pointer::{HrTimerHandle, HrTimerPointer, ScopedHrTimerPointer, UnsafeHrTimerPointer};
pub use tbox::BoxHrTimerHandle;
pub use timer::HrTimer;

use super::Instant;

/// An instant on the clock that the timer in a `T` was made for.
///
/// # Examples
///
/// ```
/// use kernel::{
///     impl_has_hr_timer,
///     time::{
///         hrtimer::{AbsoluteMode, HrTimer, HrTimerInstant},
///         Delta, Instant, Monotonic,
///     },
/// };
///
/// struct Lease {
///     timer: HrTimer<Self>,
/// }
///
/// impl_has_hr_timer! {
///     impl HasHrTimer<Self> for Lease {
///         mode: AbsoluteMode<Monotonic>, field: self.timer
///     }
/// }
///
/// let now: HrTimerInstant<Lease> = Instant::now();
/// assert!(now + Delta::from_secs(1) > now);
/// ```
pub type HrTimerInstant<T> = Instant<<<T as HasHrTimer<T>>::TimerMode as HrTimerMode>::Clock>;

/// Says that a handle was dropped where it could not drop what it owns.
#[cold]
fn report_leak() {
    crate::pr_err!(
        "hrtimer: a handle was dropped in the callback of its own timer, and what it owns leaked\n"
    );
}

/// Keeps traits from being implemented elsewhere.
mod private {
    pub trait Sealed {}
}
