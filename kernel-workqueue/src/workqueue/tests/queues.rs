// SPDX-License-Identifier: GPL-2.0

//! Tests of queues, and of closures on them.

#[crate::macros::kunit_tests(rust_workqueue_queues)]
mod cases {
    use super::super::{block, counted, own, shared, Life, Tally};
    use crate::{
        prelude::*,
        sync::{
            atomic::{Atomic, Full, Relaxed},
            Arc, Completion,
        },
        workqueue::*,
    };

    #[test]
    fn closures_run_and_are_dropped() -> Result {
        let tally = Tally::new()?;
        let queue = OwnedQueue::new(c"rust_closures")?;
        for mark in 0..50 {
            let life = Life::new(&tally);
            queue.try_spawn(GFP_KERNEL, move || life.0.mark(mark))?;
        }
        drop(queue);
        assert_eq!(tally.runs(), 50);
        assert_eq!(tally.live(), 0);
        let mut order = tally.order.lock();
        order.sort_unstable();
        assert!(order.iter().copied().eq(0..50));
        Ok(())
    }

    #[test]
    fn closures_without_data() -> Result {
        static RUNS: Atomic<u32> = Atomic::new(0);
        let before = RUNS.load(Relaxed);
        let queue = OwnedQueue::new(c"rust_plain")?;
        queue.try_spawn(GFP_KERNEL, || RUNS.add(1, Relaxed))?;
        drop(queue);
        assert_eq!(RUNS.load(Relaxed), before + 1);
        Ok(())
    }

    /// Starts a chain of closures, all of one type, each of which waits for the next.
    fn chain(depth: u32, tally: &Arc<Tally>) -> Result {
        let done = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
        let (life, signal) = (Life::new(tally), done.clone());
        system_unbound().try_spawn(GFP_KERNEL, move || {
            if depth > 0 && chain(depth - 1, &life.0).is_err() {
                // It shows in the count.
                signal.complete_all();
                return;
            }
            life.0.mark(depth);
            signal.complete_all();
        })?;
        done.wait_for_completion();
        Ok(())
    }

    /// Were the memory of a closure freed while it runs, the next would lie there, and C would put it
    /// off until the first has come to its end, which waits for it.
    #[test]
    fn closures_wait_for_others_of_their_type() -> Result {
        let tally = Tally::new()?;
        chain(10, &tally)?;
        assert_eq!(tally.runs(), 11);
        assert!(tally.order.lock().iter().copied().eq(0..11));
        Ok(())
    }

    #[test]
    fn an_ordered_queue_keeps_the_order() -> Result {
        let tally = Tally::new()?;
        let queue = OwnedQueue::ordered(c"rust_ordered")?;
        let inside = Arc::new(Atomic::<u32>::new(0), GFP_KERNEL)?;
        for mark in 0..60 {
            let (tally, inside) = (tally.clone(), inside.clone());
            queue.try_spawn(GFP_KERNEL, move || {
                // Nobody else is at work.
                if inside.fetch_add(1, Full) == 0 {
                    tally.mark(mark);
                }
                inside.fetch_sub(1, Full);
            })?;
        }
        drop(queue);
        assert!(tally.order.lock().iter().copied().eq(0..60));
        Ok(())
    }

    /// The end of a queue comes when there is still much to do, and nothing of that is lost.
    #[test]
    fn a_queue_ends_with_all_its_work_done() -> Result {
        let tally = Tally::new()?;
        let queue = OwnedQueue::ordered(c"rust_ends")?;
        let gate = block(&queue)?;
        for mark in 0..300 {
            match mark % 3 {
                0 => assert!(queue.enqueue::<_, 0>(shared(mark, &tally)?).is_ok()),
                1 => queue.enqueue(own(mark, 0, &tally)?),
                _ => assert!(queue.enqueue(counted(mark, &tally)?).is_ok()),
            }
        }
        assert_eq!(tally.live(), 300);
        assert_eq!(tally.runs(), 0);
        system().try_spawn(GFP_KERNEL, move || gate.complete_all())?;
        drop(queue);
        assert_eq!(tally.runs(), 300);
        assert_eq!(tally.live(), 0);
        Ok(())
    }

    #[test]
    fn queues_without_work() -> Result {
        for _ in 0..4 {
            drop(OwnedQueue::new(c"rust_empty")?);
            drop(OwnedQueue::per_cpu(c"rust_empty")?);
            drop(OwnedQueue::ordered(c"rust_empty")?);
        }
        let queue = OwnedQueue::new(c"rust_empty")?;
        queue.flush();
        queue.flush();
        Ok(())
    }

    /// The name is no format.
    #[test]
    fn names_of_all_kinds() -> Result {
        for name in [
            c"",
            c"%s%n%d",
            c"a name that is much longer than what there is room for in C",
        ] {
            let tally = Tally::new()?;
            let queue = OwnedQueue::new(name)?;
            queue.enqueue(own(1, 0, &tally)?);
            drop(queue);
            assert_eq!(tally.runs(), 1);
        }
        Ok(())
    }

    #[test]
    fn flushing_waits() -> Result {
        let tally = Tally::new()?;
        let queue = OwnedQueue::per_cpu(c"rust_flush")?;
        for round in 1..=10 {
            queue.enqueue(own(round, 0, &tally)?);
            queue.flush();
            assert_eq!(tally.runs(), round);
            assert_eq!(tally.live(), 0);
        }
        Ok(())
    }

    /// Work in a softirq. Lockdep has one class for each place of `new_work!`, so that what runs here
    /// must run in softirqs only.
    #[pin_data]
    struct Softirq {
        runs: Arc<Atomic<u32>>,
        #[pin]
        work: Work<Softirq>,
    }

    impl_has_work! {
        impl HasWork<Softirq> for Softirq { self.work }
    }

    impl WorkItem for Softirq {
        type Pointer = Pin<KBox<Softirq>>;

        fn run(this: Pin<KBox<Softirq>>) {
            this.runs.add(1, Relaxed);
        }
    }

    #[test]
    fn softirq_work_runs() -> Result {
        for queue in [system_bh(), system_bh_highpri()] {
            let runs = Arc::new(Atomic::<u32>::new(0), GFP_KERNEL)?;
            for _ in 0..3 {
                let theirs = runs.clone();
                let softirq = pin_init!(Softirq { runs: theirs, work <- new_work!() });
                queue.enqueue(KBox::pin_init(softirq, GFP_KERNEL)?);
            }
            while runs.load(Relaxed) < 3 {
                core::hint::spin_loop();
            }
        }
        Ok(())
    }

    #[test]
    fn the_systems_queues_differ() {
        let queues = [
            system(),
            system_highpri(),
            system_long(),
            system_unbound(),
            system_freezable(),
            system_power_efficient(),
            system_freezable_power_efficient(),
            system_bh(),
            system_bh_highpri(),
        ];
        for (at, queue) in queues.iter().enumerate() {
            for other in &queues[at + 1..] {
                assert!(!core::ptr::eq(*queue, *other));
            }
        }
        assert!(core::ptr::eq(system(), system()));
    }
}
