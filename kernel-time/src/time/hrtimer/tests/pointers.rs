// SPDX-License-Identifier: GPL-2.0

//! Each kind of pointer, and its handle.

use super::*;

type Mode = RelativeMode<Monotonic>;

/// What the callbacks below count in, and what says that they are gone.
struct Shared {
    runs: Atomic<u32>,
    drops: Atomic<u32>,
}

impl Shared {
    fn new() -> Result<Arc<Self>> {
        let shared = Self {
            runs: Atomic::new(0),
            drops: Atomic::new(0),
        };
        Ok(Arc::new(shared, GFP_KERNEL)?)
    }

    fn runs(&self) -> u32 {
        self.runs.load(Relaxed)
    }
}

/// Defines a structure with a timer that is to fire `wanted` times.
macro_rules! timer {
    ($name:ident) => {
        #[pin_data(PinnedDrop)]
        struct $name {
            #[pin]
            timer: HrTimer<Self>,
            own_runs: u32,
            wanted: u32,
            shared: Arc<Shared>,
        }

        impl $name {
            fn new(wanted: u32, shared: &Arc<Shared>) -> impl PinInit<Self> + use<> {
                let shared = shared.clone();
                pin_init!(Self {
                    timer <- HrTimer::new(),
                    own_runs: 0,
                    wanted,
                    shared,
                })
            }
        }

        #[pinned_drop]
        impl PinnedDrop for $name {
            fn drop(self: Pin<&mut Self>) {
                self.shared.drops.add(1, Relaxed);
            }
        }

        impl_has_hr_timer! {
            impl HasHrTimer<Self> for $name {
                mode: Mode, field: self.timer
            }
        }
    };
}

timer!(Boxed);
timer!(Exclusive);
timer!(Borrowed);

/// What a callback that has its structure for itself does.
fn tick(
    own_runs: &mut u32,
    wanted: u32,
    shared: &Shared,
    forward: impl FnOnce(Delta) -> u64,
) -> HrTimerRestart {
    *own_runs += 1;
    shared.runs.add(1, Relaxed);
    if *own_runs == wanted {
        return HrTimerRestart::NoRestart;
    }
    forward(INTERVAL);
    HrTimerRestart::Restart
}

impl HrTimerCallback for Boxed {
    type Pointer<'a> = Pin<KBox<Self>>;

    fn run(this: Pin<&mut Self>, mut context: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        let this = this.project();
        tick(this.own_runs, *this.wanted, this.shared, |by| {
            context.forward_now(by)
        })
    }
}

impl HrTimerCallback for Exclusive {
    type Pointer<'a> = Pin<&'a mut Self>;

    fn run(this: Pin<&mut Self>, _context: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        // Through the timer itself, which is as exclusively the callback's.
        let this = this.project();
        let timer = this.timer;
        tick(this.own_runs, *this.wanted, this.shared, |by| {
            timer.forward_now(by)
        })
    }
}

impl HrTimerCallback for Borrowed {
    type Pointer<'a> = Pin<&'a Self>;

    fn run(this: Pin<&Self>, mut context: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        let mut runs = this.shared.runs();
        tick(&mut runs, this.wanted, &this.shared, |by| {
            context.forward_now(by)
        })
    }
}

/// A number of runs that is never reached.
const ENDLESS: u32 = u32::MAX;

#[kunit_tests(rust_hrtimer_pointers)]
mod cases {
    use super::*;

    #[test]
    fn an_arc_comes_back_with_the_handle() -> Result {
        let ticker = Ticker::<Mode>::new(2)?;
        let handle = ticker.clone().start(INTERVAL);
        assert!(eventually(|| ticker.runs() == 2));
        drop(handle);
        // No callback has kept a reference.
        assert!(Arc::into_unique_or_drop(ticker).is_some());
        Ok(())
    }

    #[test]
    fn the_handle_may_be_the_last_owner() -> Result {
        let ticker = Ticker::<Mode>::new(ENDLESS)?;
        let weak: *const Ticker<Mode> = &raw const *ticker;
        let handle = ticker.start(INTERVAL);
        // SAFETY: The handle has a reference.
        assert!(eventually(|| unsafe { (*weak).runs() } >= 3));
        drop(handle);
        Ok(())
    }

    #[test]
    fn cancel_before_the_time() -> Result {
        let ticker = Ticker::<Mode>::new(1)?;
        let mut handle = ticker.clone().start(NEVER);
        assert!(handle.cancel());
        assert!(!handle.cancel());
        drop(handle);
        assert_eq!(ticker.runs(), 0);
        Ok(())
    }

    #[test]
    fn cancel_after_the_time() -> Result {
        let ticker = Ticker::<Mode>::new(1)?;
        let mut handle = ticker.clone().start(INTERVAL);
        assert!(eventually(|| ticker.runs() == 1));
        // The callback may be on its way out still: then this waits, and the next one finds nothing.
        handle.cancel();
        assert!(!handle.cancel());
        assert_eq!(ticker.runs(), 1);
        Ok(())
    }

    #[test]
    fn cancel_ends_a_periodic_timer() -> Result {
        let ticker = Ticker::<Mode>::new(ENDLESS)?;
        let mut handle = ticker.clone().start(INTERVAL);
        assert!(eventually(|| ticker.runs() >= 3));
        assert!(handle.cancel());
        assert!(stays(&ticker.runs));
        Ok(())
    }

    #[test]
    fn drop_ends_a_periodic_timer() -> Result {
        let ticker = Ticker::<Mode>::new(ENDLESS)?;
        let handle = ticker.clone().start(INTERVAL);
        assert!(eventually(|| ticker.runs() >= 3));
        drop(handle);
        assert!(stays(&ticker.runs));
        Ok(())
    }

    #[test]
    fn started_again_after_the_end() -> Result {
        let ticker = Ticker::<Mode>::new(2)?;
        let mut handle = ticker.clone().start(INTERVAL);
        assert!(eventually(|| ticker.runs() == 2));
        handle.cancel();
        let _again = ticker.clone().start(INTERVAL);
        assert!(eventually(|| ticker.runs() >= 4));
        Ok(())
    }

    #[test]
    fn a_new_time_replaces_the_old_one() -> Result {
        let ticker = Ticker::<Mode>::new(1)?;
        let far = ticker.clone().start(NEVER);
        let near = ticker.clone().start(INTERVAL);
        assert!(eventually(|| ticker.runs() == 1));
        drop(far);
        drop(near);
        // One timer, however often it was started.
        assert_eq!(ticker.runs(), 1);
        Ok(())
    }

    #[test]
    fn the_first_handle_to_go_cancels() -> Result {
        let ticker = Ticker::<Mode>::new(1)?;
        let first = ticker.clone().start(NEVER);
        let mut second = ticker.clone().start(NEVER);
        drop(first);
        assert!(!second.cancel());
        Ok(())
    }

    #[test]
    fn a_box_is_changed_and_dropped() -> Result {
        let shared = Shared::new()?;
        let boxed = KBox::pin_init(Boxed::new(3, &shared), GFP_KERNEL)?;
        let handle = boxed.start(INTERVAL);
        assert!(eventually(|| shared.runs() == 3));
        assert!(stays(&shared.runs));
        assert_eq!(shared.drops.load(Relaxed), 0);
        drop(handle);
        assert_eq!(shared.drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn a_box_dropped_while_it_runs() -> Result {
        let shared = Shared::new()?;
        for round in 1..=50 {
            let boxed = KBox::pin_init(Boxed::new(ENDLESS, &shared), GFP_KERNEL)?;
            let handle = boxed.start(Delta::ZERO);
            if round % 5 == 0 {
                let before = shared.runs();
                assert!(eventually(|| shared.runs() > before));
            }
            drop(handle);
            assert_eq!(shared.drops.load(Relaxed), round);
        }
        assert!(stays(&shared.runs));
        Ok(())
    }

    #[test]
    fn a_cancelled_box_stays() -> Result {
        let shared = Shared::new()?;
        let boxed = KBox::pin_init(Boxed::new(1, &shared), GFP_KERNEL)?;
        let mut handle = boxed.start(NEVER);
        assert!(handle.cancel());
        assert_eq!(shared.drops.load(Relaxed), 0);
        drop(handle);
        assert_eq!([shared.runs(), shared.drops.load(Relaxed)], [0, 1]);
        Ok(())
    }

    #[test]
    fn a_scope_with_shared_access() -> Result {
        let shared = Shared::new()?;
        let borrowed = KBox::pin_init(Borrowed::new(ENDLESS, &shared), GFP_KERNEL)?;
        let seen = borrowed.as_ref().start_scoped(INTERVAL, || {
            assert!(eventually(|| borrowed.shared.runs() >= 3));
            borrowed.shared.runs()
        });
        assert!(seen >= 3);
        assert!(stays(&shared.runs));
        Ok(())
    }

    #[test]
    fn a_scope_that_ends_before_the_time() -> Result {
        let shared = Shared::new()?;
        let borrowed = KBox::pin_init(Borrowed::new(1, &shared), GFP_KERNEL)?;
        assert_eq!(borrowed.as_ref().start_scoped(NEVER, || 5), 5);
        assert_eq!(shared.runs(), 0);
        Ok(())
    }

    #[test]
    fn a_scope_with_exclusive_access() -> Result {
        let shared = Shared::new()?;
        let mut exclusive = KBox::pin_init(Exclusive::new(3, &shared), GFP_KERNEL)?;
        exclusive.as_mut().start_scoped(INTERVAL, || {
            assert!(eventually(|| shared.runs() == 3));
        });
        assert_eq!(exclusive.own_runs, 3);
        Ok(())
    }

    #[test]
    fn scopes_one_after_the_other() -> Result {
        let shared = Shared::new()?;
        let mut exclusive = KBox::pin_init(Exclusive::new(ENDLESS, &shared), GFP_KERNEL)?;
        for round in 1..=3 {
            exclusive.as_mut().start_scoped(Delta::ZERO, || {
                assert!(eventually(|| shared.runs() >= round));
            });
            assert_eq!(exclusive.own_runs, shared.runs());
        }
        assert!(stays(&shared.runs));
        Ok(())
    }

    #[test]
    fn scopes_within_each_other() -> Result {
        let shared = Shared::new()?;
        let borrowed = KBox::pin_init(Borrowed::new(ENDLESS, &shared), GFP_KERNEL)?;
        let borrowed = borrowed.as_ref();
        borrowed.start_scoped(NEVER, || {
            borrowed.start_scoped(INTERVAL, || assert!(eventually(|| shared.runs() >= 1)));
            // The inner one has cancelled the timer that both have.
            assert!(stays(&shared.runs));
        });
        Ok(())
    }

    #[test]
    fn a_handle_with_shared_access() -> Result {
        let shared = Shared::new()?;
        let borrowed = KBox::pin_init(Borrowed::new(ENDLESS, &shared), GFP_KERNEL)?;
        // SAFETY: The handle is dropped below, before what it borrows, and not in the callback.
        let handle = unsafe { borrowed.as_ref().start(INTERVAL) };
        assert!(eventually(|| shared.runs() >= 2));
        drop(handle);
        assert!(stays(&shared.runs));
        Ok(())
    }

    #[test]
    fn a_handle_with_exclusive_access() -> Result {
        let shared = Shared::new()?;
        let mut exclusive = KBox::pin_init(Exclusive::new(2, &shared), GFP_KERNEL)?;
        // SAFETY: The handle is dropped below, before what it borrows, and not in the callback.
        let handle = unsafe { exclusive.as_mut().start(INTERVAL) };
        assert!(eventually(|| shared.runs() == 2));
        drop(handle);
        assert_eq!(exclusive.own_runs, 2);
        Ok(())
    }

    #[test]
    fn many_timers_at_once() -> Result {
        let mut tickers = KVec::new();
        let mut handles = KVec::new();
        for number in 0..64 {
            let ticker = Ticker::<RelativeSoftMode<Monotonic>>::new(2)?;
            let first = Delta::from_micros(number * 50);
            handles.push(ticker.clone().start(first), GFP_KERNEL)?;
            tickers.push(ticker, GFP_KERNEL)?;
        }
        for ticker in &tickers {
            assert!(eventually(|| ticker.runs() == 2));
        }
        drop(handles);
        for ticker in tickers {
            assert!(Arc::into_unique_or_drop(ticker).is_some());
        }
        Ok(())
    }

    #[test]
    fn handles_go_where_their_owners_go() {
        fn is_send<T: Send>() {}
        is_send::<ArcHrTimerHandle<Ticker<Mode>>>();
        is_send::<BoxHrTimerHandle<Boxed, crate::alloc::allocator::Kmalloc>>();
        is_send::<PinHrTimerHandle<'_, Borrowed>>();
        is_send::<PinMutHrTimerHandle<'_, Exclusive>>();
    }
}
