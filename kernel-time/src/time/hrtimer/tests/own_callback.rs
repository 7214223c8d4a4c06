// SPDX-License-Identifier: GPL-2.0

//! Handles of a timer in the timer's own callback. With C's functions alone, each of these hangs.

use super::*;

type Mode = RelativeMode<Monotonic>;

/// A handle on its way between a test and a callback.
struct Slot<H>(Atomic<*mut H>);

impl<H> Slot<H> {
    const fn new() -> Self {
        Self(Atomic::new(null_mut()))
    }

    fn put(&self, handle: KBox<H>) {
        let old = self.0.xchg(KBox::into_raw(handle), Full);
        assert!(old.is_null());
    }

    fn take(&self) -> Option<KBox<H>> {
        let handle = self.0.xchg(null_mut(), Full);
        // SAFETY: What is in there comes from a box, and has just been taken out.
        (!handle.is_null()).then(|| unsafe { KBox::from_raw(handle) })
    }
}

/// What the callback does with the handle.
#[derive(Clone, Copy)]
enum Does {
    /// Cancels and puts it back.
    Cancel,
    Drop,
    /// Starts the timer once more, and drops that handle, too.
    StartAndDrop,
    /// Starts the timer once more, tries to move it on, and exchanges the handles.
    StartAndForward,
}

/// A timer in an `Arc`, with its own handle.
#[pin_data(PinnedDrop)]
struct Cycle {
    #[pin]
    timer: HrTimer<Self>,
    does: Does,
    handle: Slot<ArcHrTimerHandle<Self>>,
    runs: Atomic<u32>,
    /// What the callback has seen: set if it is as it should be.
    good: AtomicFlag,
    drops: Arc<Atomic<u32>>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Cycle {
        mode: Mode, field: self.timer
    }
}

#[pinned_drop]
impl PinnedDrop for Cycle {
    fn drop(self: Pin<&mut Self>) {
        self.drops.add(1, Relaxed);
    }
}

impl Cycle {
    fn new(does: Does) -> Result<(Arc<Self>, Arc<Atomic<u32>>)> {
        let drops = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let counted = drops.clone();
        let cycle = pin_init!(Self {
            timer <- HrTimer::new(),
            does,
            handle: Slot::new(),
            runs: Atomic::new(0),
            good: AtomicFlag::new(false),
            drops: counted,
        });
        Ok((Arc::pin_init(cycle, GFP_KERNEL)?, drops))
    }

    /// Starts the timer, and gives it its handle.
    fn begin(this: &Arc<Self>) -> Result {
        let memory = KBox::<ArcHrTimerHandle<Self>>::new_uninit(GFP_KERNEL)?;
        this.handle.put(memory.write(this.clone().start(INTERVAL)));
        Ok(())
    }

    fn runs(&self) -> u32 {
        self.runs.load(Relaxed)
    }
}

impl HrTimerCallback for Cycle {
    type Pointer<'a> = Arc<Self>;

    fn run(
        this: ArcBorrow<'_, Self>,
        mut context: HrTimerCallbackContext<'_, Self>,
    ) -> HrTimerRestart {
        let Some(mut handle) = this.handle.take() else {
            // The test has not put it there yet.
            context.forward_now(INTERVAL);
            return HrTimerRestart::Restart;
        };
        context.forward_now(INTERVAL);
        match this.does {
            Does::Cancel => {
                this.good.store(handle.cancel(), Relaxed);
                this.handle.put(handle);
            }
            Does::Drop => {
                drop(handle);
                this.good.store(true, Relaxed);
            }
            Does::StartAndDrop => {
                drop(Arc::from(this).start(INTERVAL));
                drop(handle);
                this.good.store(true, Relaxed);
            }
            Does::StartAndForward => {
                let again: ArcHrTimerHandle<Self> = Arc::from(this).start(NEVER);
                let expires = this.timer.expires();
                let by = context.forward(expires + Delta::from_secs(1), Delta::from_secs(1));
                this.good
                    .store(by == 0 && this.timer.expires() == expires, Relaxed);
                let old = core::mem::replace(&mut *handle, again);
                this.handle.put(handle);
                // Not dropped, which would stop the timer.
                core::mem::forget(old);
            }
        }
        this.runs.add(1, Relaxed);
        HrTimerRestart::Restart
    }
}

/// Takes back the reference that a handle has leaked.
///
/// # Safety
///
/// There must be such a reference, and the timer be neither queued nor running.
unsafe fn reclaim(cycle: &Arc<Cycle>) {
    // SAFETY: It was leaked by a handle, whose `Arc` it belonged to, and by nobody else.
    drop(unsafe { Arc::from_raw(Arc::as_ptr(cycle)) });
}

/// A timer in what is borrowed, which opens a scope of its own.
#[pin_data]
struct Nested {
    #[pin]
    timer: HrTimer<Self>,
    runs: Atomic<u32>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Nested {
        mode: Mode, field: self.timer
    }
}

impl HrTimerCallback for Nested {
    type Pointer<'a> = Pin<&'a Self>;

    fn run(this: Pin<&Self>, mut context: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        context.forward_now(INTERVAL);
        let runs = this.start_scoped(Delta::ZERO, || this.runs.fetch_add(1, Relaxed));
        assert!(runs < u32::MAX);
        HrTimerRestart::Restart
    }
}

/// The same for exclusive access.
#[pin_data]
struct NestedMut {
    #[pin]
    timer: HrTimer<Self>,
    runs: Arc<Atomic<u32>>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for NestedMut {
        mode: Mode, field: self.timer
    }
}

impl HrTimerCallback for NestedMut {
    type Pointer<'a> = Pin<&'a mut Self>;

    fn run(mut this: Pin<&mut Self>, _: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        this.as_mut().start_scoped(Delta::ZERO, || ());
        // It is queued, and left alone.
        assert_eq!(this.as_mut().project().timer.forward_now(INTERVAL), 0);
        this.runs.add(1, Relaxed);
        HrTimerRestart::Restart
    }
}

/// A timer in a box, whose handle is where its callback finds it.
#[pin_data(PinnedDrop)]
struct Boxed {
    #[pin]
    timer: HrTimer<Self>,
    shared: Arc<BoxedShared>,
}

type BoxedHandle = BoxHrTimerHandle<Boxed, crate::alloc::allocator::Kmalloc>;

struct BoxedShared {
    handle: Slot<BoxedHandle>,
    runs: Atomic<u32>,
    drops: Atomic<u32>,
}

impl_has_hr_timer! {
    impl HasHrTimer<Self> for Boxed {
        mode: Mode, field: self.timer
    }
}

#[pinned_drop]
impl PinnedDrop for Boxed {
    fn drop(self: Pin<&mut Self>) {
        self.shared.drops.add(1, Relaxed);
    }
}

impl HrTimerCallback for Boxed {
    type Pointer<'a> = Pin<KBox<Self>>;

    fn run(this: Pin<&mut Self>, mut context: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        context.forward_now(INTERVAL);
        if let Some(handle) = this.shared.handle.take() {
            drop(handle);
            // It is still there to be used.
            this.shared.runs.add(1, Relaxed);
        }
        HrTimerRestart::Restart
    }
}

#[kunit_tests(rust_hrtimer_own_callback)]
mod cases {
    use super::*;

    #[test]
    fn cancelling_does_not_wait_but_ends_it() -> Result {
        let (cycle, drops) = Cycle::new(Does::Cancel)?;
        Cycle::begin(&cycle)?;
        assert!(eventually(|| cycle.runs() == 1));
        // It has asked for more, but was cancelled.
        assert!(stays(&cycle.runs));
        assert!(cycle.good.load(Relaxed));

        // Dropped here, the handle gives its reference up.
        drop(cycle.handle.take());
        drop(cycle);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_cancelled_timer_can_be_started_again() -> Result {
        let (cycle, _drops) = Cycle::new(Does::Cancel)?;
        for round in 1..=3 {
            Cycle::begin(&cycle)?;
            assert!(eventually(|| cycle.runs() == round));
            drop(cycle.handle.take());
        }
        assert!(stays(&cycle.runs));
        assert!(Arc::into_unique_or_drop(cycle).is_some());
        Ok(())
    }

    #[test]
    fn dropping_leaks_what_the_callback_uses() -> Result {
        let (cycle, drops) = Cycle::new(Does::Drop)?;
        Cycle::begin(&cycle)?;
        assert!(eventually(|| cycle.runs() == 1));
        assert!(stays(&cycle.runs));
        assert!(cycle.good.load(Relaxed));

        // SAFETY: The handle that was dropped in the callback has leaked its reference; the callback
        // was the last one, and over long ago.
        unsafe { reclaim(&cycle) };
        assert_eq!(drops.load(Relaxed), 0);
        drop(cycle);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn started_and_dropped_again_within() -> Result {
        let (cycle, drops) = Cycle::new(Does::StartAndDrop)?;
        Cycle::begin(&cycle)?;
        assert!(eventually(|| cycle.runs() == 1));
        // C has it queued still, when it is stopped: that one does not count.
        assert!(stays(&cycle.runs));

        // It can be started, and runs.
        Cycle::begin(&cycle)?;
        assert!(eventually(|| cycle.runs() == 2));
        assert!(stays(&cycle.runs));
        for _ in 0..4 {
            // SAFETY: Four handles were dropped in the callback; the timer is not queued, as it has
            // fired since, in vain.
            unsafe { reclaim(&cycle) };
        }
        assert_eq!(drops.load(Relaxed), 0);
        drop(cycle);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_queued_timer_is_not_moved_on() -> Result {
        let (cycle, drops) = Cycle::new(Does::StartAndForward)?;
        Cycle::begin(&cycle)?;
        assert!(eventually(|| cycle.runs() == 1));
        assert!(cycle.good.load(Relaxed));

        // The handle from within works as any other.
        let mut handle = cycle.handle.take().ok_or(ENOENT)?;
        assert!(handle.cancel());
        drop(handle);
        assert!(stays(&cycle.runs));
        // SAFETY: The other handle was forgotten, and the timer is cancelled.
        unsafe { reclaim(&cycle) };
        drop(cycle);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_scope_within_a_scope() -> Result {
        let nested = pin_init!(Nested { timer <- HrTimer::new(), runs: Atomic::new(0) });
        let nested = KBox::pin_init(nested, GFP_KERNEL)?;
        nested.as_ref().start_scoped(INTERVAL, || {
            assert!(eventually(|| nested.runs.load(Relaxed) == 1));
            // The end of the inner scope has stopped the timer.
            assert!(stays(&nested.runs));
        });
        assert_eq!(nested.runs.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn an_exclusive_scope_within_a_scope() -> Result {
        let runs = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let counted = runs.clone();
        let nested = pin_init!(NestedMut { timer <- HrTimer::new(), runs: counted });
        let mut nested = KBox::pin_init(nested, GFP_KERNEL)?;
        nested.as_mut().start_scoped(INTERVAL, || {
            assert!(eventually(|| runs.load(Relaxed) == 1));
            assert!(stays(&runs));
        });
        assert_eq!(runs.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn dropping_leaks_the_box() -> Result {
        let shared = BoxedShared {
            handle: Slot::new(),
            runs: Atomic::new(0),
            drops: Atomic::new(0),
        };
        let shared = Arc::new(shared, GFP_KERNEL)?;
        let its_shared = shared.clone();
        let boxed = pin_init!(Boxed { timer <- HrTimer::new(), shared: its_shared });
        let boxed = KBox::pin_init(boxed, GFP_KERNEL)?;
        let contents = (&raw const *boxed).cast_mut();
        let memory = KBox::<BoxedHandle>::new_uninit(GFP_KERNEL)?;
        shared.handle.put(memory.write(boxed.start(INTERVAL)));

        assert!(eventually(|| shared.runs.load(Relaxed) == 1));
        assert!(stays(&shared.runs));
        assert_eq!(shared.drops.load(Relaxed), 0);
        // SAFETY: The handle has leaked the box, and the callback was the last one, and over long ago.
        drop(unsafe { KBox::from_raw(contents) });
        assert_eq!(shared.drops.load(Relaxed), 1);
        Ok(())
    }
}
