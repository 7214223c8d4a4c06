// SPDX-License-Identifier: GPL-2.0

//! Completions: waiting until something has been done.

use crate::{bindings, prelude::*, types::Opaque};

/// An event that happens once, and that tasks can wait for.
///
/// Whoever waits before the event sleeps until it happens; whoever waits after it does not sleep at
/// all. All that was done before [`complete_all`] is visible after [`wait_for_completion`].
///
/// Use a [`CondVar`] when there is data to look at, or when the event comes and goes.
///
/// C counterpart: [`struct completion`].
///
/// # Examples
///
/// ```
/// use kernel::sync::{Arc, Completion};
///
/// #[pin_data]
/// struct Request {
///     tag: u32,
///     #[pin]
///     done: Completion,
/// }
///
/// let request = Arc::pin_init(
///     pin_init!(Request { tag: 7, done <- Completion::new() }),
///     GFP_KERNEL,
/// )?;
///
/// // This would be the other side: a work item, a thread, a callback.
/// let other = request.clone();
/// assert_eq!(other.tag, 7);
/// other.done.complete_all();
///
/// request.done.wait_for_completion();
/// # Ok::<(), Error>(())
/// ```
///
/// [`complete_all`]: Completion::complete_all
/// [`wait_for_completion`]: Completion::wait_for_completion
/// [`CondVar`]: crate::sync::CondVar
/// [`struct completion`]: srctree/include/linux/completion.h
#[pin_data]
pub struct Completion {
    #[pin]
    inner: Opaque<bindings::completion>,
}

// SAFETY: A completion for which nobody waits (waiting borrows it) belongs to no task.
unsafe impl Send for Completion {}

// SAFETY: A completion has a lock of its own, which every C function called here takes.
unsafe impl Sync for Completion {}

impl Completion {
    /// Initialises a completion whose event has not happened.
    pub fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            inner <- Opaque::ffi_init(|completion| {
                // SAFETY: `ffi_init` gives memory that is valid for writes and stays in place.
                unsafe { bindings::init_completion(completion) }
            }),
        })
    }

    /// Marks the event as happened, for good, and wakes all who wait.
    ///
    /// May be called in interrupt context, too. Calling it again changes nothing.
    pub fn complete_all(&self) {
        // SAFETY: `new` has initialised it.
        unsafe { bindings::complete_all(self.inner.get()) };
    }

    /// Sleeps until the event has happened.
    ///
    /// Neither signals nor time end the wait, so the event had better happen.
    pub fn wait_for_completion(&self) {
        // SAFETY: `new` has initialised it. A task may sleep here unless it holds a spinlock, and
        // then this reports it.
        unsafe { bindings::wait_for_completion(self.inner.get()) };
    }
}

#[kunit_tests(rust_sync_completion)]
mod tests {
    use super::*;

    /// Returns whether a wait would return at once.
    fn done(completion: &Completion) -> bool {
        // SAFETY: The completion is initialised, and nobody else is about to write to it.
        unsafe { (*completion.inner.get()).done != 0 }
    }

    #[test]
    fn starts_out_not_done() -> Result {
        let completion = KBox::pin_init(Completion::new(), GFP_KERNEL)?;
        assert!(!done(&completion));
        Ok(())
    }

    #[test]
    fn complete_before_wait() -> Result {
        let completion = KBox::pin_init(Completion::new(), GFP_KERNEL)?;
        completion.complete_all();
        assert!(done(&completion));
        completion.wait_for_completion();
        Ok(())
    }

    #[test]
    fn stays_complete() -> Result {
        let completion = KBox::pin_init(Completion::new(), GFP_KERNEL)?;
        completion.complete_all();
        completion.complete_all();
        for _ in 0..3 {
            completion.wait_for_completion();
            assert!(done(&completion));
        }
        Ok(())
    }
}
