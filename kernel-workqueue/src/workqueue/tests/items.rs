// SPDX-License-Identifier: GPL-2.0

//! Tests of work items: shared, of one owner, counted, with a delay.

#[crate::macros::kunit_tests(rust_workqueue)]
mod cases {
    use super::super::{block, counted, own, shared, Counted, Life, Own, Shared, Tally};
    use crate::{
        bindings,
        prelude::*,
        sync::{
            atomic::{Atomic, Full, Relaxed},
            Arc, Completion,
        },
        workqueue::*,
    };

    #[test]
    fn shared_work_runs_once() -> Result {
        let tally = Tally::new()?;
        let queue = OwnedQueue::new(c"rust_once")?;
        let object = shared(1, &tally)?;
        assert!(queue.enqueue::<_, 0>(object.clone()).is_ok());
        drop(queue);
        assert_eq!(tally.runs(), 1);
        assert_eq!(tally.live(), 1);
        drop(object);
        assert_eq!(tally.live(), 0);
        Ok(())
    }

    #[test]
    fn the_queue_owns_what_is_pending() -> Result {
        let tally = Tally::new()?;
        let queue = OwnedQueue::ordered(c"rust_owns")?;
        let gate = block(&queue)?;
        // The queue has the only reference.
        assert!(queue.enqueue::<_, 0>(shared(1, &tally)?).is_ok());
        assert_eq!(tally.live(), 1);
        assert_eq!(tally.runs(), 0);
        gate.complete_all();
        queue.flush();
        // The object went with the end of its own function.
        assert_eq!(tally.runs(), 1);
        assert_eq!(tally.live(), 0);
        Ok(())
    }

    #[test]
    fn pending_work_comes_back() -> Result {
        let tally = Tally::new()?;
        let queue = OwnedQueue::ordered(c"rust_pending")?;
        let gate = block(&queue)?;
        let object = shared(1, &tally)?;
        assert!(queue.enqueue::<_, 0>(object.clone()).is_ok());
        for _ in 0..3 {
            let again = queue.enqueue::<_, 0>(object.clone());
            assert!(again.is_err_and(|same| Arc::ptr_eq(&same, &object)));
        }
        gate.complete_all();
        drop(queue);
        assert_eq!(tally.runs(), 1);
        // No reference stayed behind.
        assert!(Arc::into_unique_or_drop(object).is_some());
        assert_eq!(tally.live(), 0);
        Ok(())
    }

    #[test]
    fn pending_on_another_queue() -> Result {
        let tally = Tally::new()?;
        let busy = OwnedQueue::ordered(c"rust_busy")?;
        let idle = OwnedQueue::ordered(c"rust_idle")?;
        let gate = block(&busy)?;
        let object = shared(1, &tally)?;
        assert!(busy.enqueue::<_, 0>(object.clone()).is_ok());
        assert!(idle.enqueue::<_, 0>(object.clone()).is_err());
        assert!(system().enqueue::<_, 0>(object.clone()).is_err());
        gate.complete_all();
        busy.flush();
        // It has run there, and is free to go elsewhere.
        assert!(idle.enqueue::<_, 0>(object.clone()).is_ok());
        drop(idle);
        drop(busy);
        assert_eq!(tally.runs(), 2);
        assert!(Arc::into_unique_or_drop(object).is_some());
        Ok(())
    }

    #[test]
    fn two_kinds_of_work_of_one_object() -> Result {
        let tally = Tally::new()?;
        let queue = OwnedQueue::ordered(c"rust_two")?;
        let gate = block(&queue)?;
        let object = shared(7, &tally)?;
        assert!(queue.enqueue::<_, 1>(object.clone()).is_ok());
        assert!(queue.enqueue::<_, 0>(object.clone()).is_ok());
        assert!(queue.enqueue::<_, 1>(object.clone()).is_err());
        gate.complete_all();
        drop(queue);
        assert_eq!(&tally.order.lock()[..], &[1007, 7]);
        assert!(Arc::into_unique_or_drop(object).is_some());
        assert_eq!(tally.live(), 0);
        Ok(())
    }

    #[test]
    fn again_and_again() -> Result {
        let tally = Tally::new()?;
        let queue = OwnedQueue::new(c"rust_again")?;
        let object = shared(1, &tally)?;
        for round in 1..=20 {
            assert!(queue.enqueue::<_, 0>(object.clone()).is_ok());
            queue.flush();
            assert_eq!(tally.runs(), round);
        }
        assert!(Arc::into_unique_or_drop(object).is_some());
        Ok(())
    }

    #[test]
    fn owned_work_is_dropped_by_its_function() -> Result {
        let tally = Tally::new()?;
        let queue = OwnedQueue::ordered(c"rust_box")?;
        let gate = block(&queue)?;
        queue.enqueue(own(5, 0, &tally)?);
        assert_eq!(tally.live(), 1);
        gate.complete_all();
        drop(queue);
        assert_eq!(&tally.order.lock()[..], &[5]);
        assert_eq!(tally.live(), 0);
        Ok(())
    }

    #[test]
    fn owned_work_enqueues_itself() -> Result {
        let tally = Tally::new()?;
        system().enqueue(own(3, 9, &tally)?);
        tally.done.wait_for_completion();
        assert_eq!(&tally.order.lock()[..], &[3; 10]);
        assert_eq!(tally.live(), 0);
        Ok(())
    }

    #[test]
    fn unused_work_is_just_dropped() -> Result {
        let tally = Tally::new()?;
        drop(own(1, 0, &tally)?);
        drop(shared(1, &tally)?);
        drop(counted(1, &tally)?);
        drop(later(1, &tally)?);
        assert_eq!(tally.runs(), 0);
        assert_eq!(tally.live(), 0);
        Ok(())
    }

    fn references(object: &Counted) -> i32 {
        object.refs.as_atomic().load(Relaxed)
    }

    #[test]
    fn counted_work_runs_once() -> Result {
        let tally = Tally::new()?;
        let queue = OwnedQueue::ordered(c"rust_counted")?;
        let gate = block(&queue)?;
        let object = counted(2, &tally)?;
        assert!(queue.enqueue(object.clone()).is_ok());
        assert_eq!(references(&object), 2);
        let again = queue.enqueue(object.clone());
        assert!(again.is_err_and(|same| core::ptr::eq(&*same, &*object)));
        assert_eq!(references(&object), 2);
        gate.complete_all();
        drop(queue);
        assert_eq!(tally.runs(), 1);
        assert_eq!(references(&object), 1);
        drop(object);
        assert_eq!(tally.live(), 0);
        Ok(())
    }

    /// So long a delay that nothing runs by itself.
    const NEVER: usize = 1 << 30;

    /// Has work done now that is pending with a delay, and waits for it.
    fn hurry<T: HasDelayedWork<T, ID>, const ID: u64>(object: &T) {
        let at = core::ptr::from_ref(object).cast_mut();
        // SAFETY: It points to an object.
        let work = unsafe { T::raw_get_work(at) };
        // SAFETY: By the contract of `HasDelayedWork`, it points into a `DelayedWork`.
        let delayed = unsafe { DelayedWork::from_work(work) };
        // SAFETY: It is initialised, and stays while `object` is borrowed; `DelayedWork` is transparent.
        unsafe { bindings::flush_delayed_work(delayed.cast()) };
    }

    #[test]
    fn counted_work_with_a_delay() -> Result {
        let tally = Tally::new()?;
        let object = counted(2, &tally)?;
        assert!(system().enqueue_delayed(object.clone(), NEVER).is_ok());
        assert_eq!(references(&object), 2);
        assert!(system().enqueue_delayed(object.clone(), 0).is_err());
        assert_eq!(references(&object), 2);
        assert_eq!(tally.runs(), 0);
        hurry(&*object);
        assert_eq!(tally.runs(), 1);
        assert_eq!(references(&object), 1);
        drop(object);
        assert_eq!(tally.live(), 0);
        Ok(())
    }

    /// Shared, with a delay.
    #[pin_data]
    struct Later {
        mark: u32,
        life: Life,
        #[pin]
        done: Completion,
        #[pin]
        work: DelayedWork<Later, 3>,
    }

    impl_has_delayed_work! {
        impl HasDelayedWork<Later, 3> for Later { self.work }
    }

    impl WorkItem<3> for Later {
        type Pointer = Arc<Self>;

        fn run(this: Arc<Self>) {
            this.life.0.mark(this.mark);
            this.done.complete_all();
        }
    }

    fn later(mark: u32, tally: &Arc<Tally>) -> Result<Arc<Later>> {
        Arc::pin_init(
            pin_init!(Later {
                mark,
                life: Life::new(tally),
                done <- Completion::new(),
                work <- new_delayed_work!(),
            }),
            GFP_KERNEL,
        )
    }

    fn now() -> usize {
        let jiffies = &raw const bindings::jiffies;
        // SAFETY: It is always there, and changes in one step.
        unsafe { jiffies.read_volatile() }
    }

    #[test]
    fn shorter_delays_come_first() -> Result {
        /// Far enough apart, in jiffies.
        const GAP: usize = 20;

        let tally = Tally::new()?;
        // SAFETY: The name is a string.
        let c_queue = unsafe { bindings::alloc_ordered_workqueue(c"rust_later".as_char_ptr(), 0) };
        if c_queue.is_null() {
            return Err(ENOMEM);
        }
        // SAFETY: It is destroyed below, when all work has been run.
        let queue = unsafe { Queue::from_raw(c_queue) };

        let begin = now();
        let mut objects = KVec::with_capacity(3, GFP_KERNEL)?;
        for turn in [2, 0, 1u16] {
            let object = later(turn.into(), &tally)?;
            let accepted = queue.enqueue_delayed(object.clone(), usize::from(turn) * GAP);
            assert!(accepted.is_ok());
            objects.push(object, GFP_KERNEL)?;
        }
        let took = now().wrapping_sub(begin);
        for object in &objects {
            object.done.wait_for_completion();
            // Not too early, if perhaps late.
            assert!(now().wrapping_sub(begin) >= object.mark as usize * GAP);
        }
        // SAFETY: All work has been run, and nobody else has the queue.
        unsafe { bindings::destroy_workqueue(c_queue) };
        assert_eq!(tally.runs(), 3);
        if took < GAP {
            assert_eq!(&tally.order.lock()[..], &[0, 1, 2]);
        } else {
            crate::pr_info!("the order is left open: enqueuing took {} jiffies\n", took);
        }
        Ok(())
    }

    #[test]
    fn pending_while_the_timer_runs() -> Result {
        let tally = Tally::new()?;
        let object = later(1, &tally)?;
        assert!(system().enqueue_delayed(object.clone(), NEVER).is_ok());
        assert!(system().enqueue_delayed(object.clone(), 0).is_err());
        assert!(system().enqueue_delayed(object.clone(), NEVER + 1).is_err());
        assert!(system().enqueue(object.clone()).is_err());
        assert!(system_unbound().enqueue(object.clone()).is_err());
        assert_eq!(tally.runs(), 0);
        hurry::<_, 3>(&*object);
        assert_eq!(tally.runs(), 1);
        // No reference stayed behind, and it can be enqueued again.
        assert!(system().enqueue_delayed(object.clone(), NEVER).is_ok());
        hurry::<_, 3>(&*object);
        assert_eq!(tally.runs(), 2);
        assert!(Arc::into_unique_or_drop(object).is_some());
        assert_eq!(tally.live(), 0);
        Ok(())
    }

    #[test]
    fn without_a_delay_after_all() -> Result {
        let tally = Tally::new()?;
        let queue = OwnedQueue::new(c"rust_at_once")?;
        let object = later(4, &tally)?;
        assert!(queue.enqueue(object.clone()).is_ok());
        drop(queue);
        assert_eq!(&tally.order.lock()[..], &[4]);
        assert!(Arc::into_unique_or_drop(object).is_some());
        Ok(())
    }

    /// Of one owner, with a delay.
    #[pin_data]
    struct OwnLater {
        life: Life,
        #[pin]
        work: DelayedWork<OwnLater>,
    }

    impl_has_delayed_work! {
        impl HasDelayedWork<OwnLater> for OwnLater { self.work }
    }

    impl WorkItem for OwnLater {
        type Pointer = Pin<KBox<Self>>;

        fn run(this: Pin<KBox<Self>>) {
            let tally = this.life.0.clone();
            if tally.runs.fetch_add(1, Full) < 3 {
                system_unbound().enqueue_delayed(this, 1);
            } else {
                drop(this);
                tally.done.complete_all();
            }
        }
    }

    #[test]
    fn owned_work_with_a_delay() -> Result {
        let tally = Tally::new()?;
        let life = Life::new(&tally);
        let object = pin_init!(OwnLater {
            life,
            work <- new_delayed_work!("OwnLater::work"),
        });
        system().enqueue_delayed(KBox::pin_init(object, GFP_KERNEL)?, 2);
        tally.done.wait_for_completion();
        assert_eq!(tally.runs(), 4);
        assert_eq!(tally.live(), 0);
        Ok(())
    }

    /// Looks at what C says about the work that is being done.
    #[pin_data]
    struct Introspect {
        right: Atomic<i32>,
        unused: u64,
        #[pin]
        work: Work<Introspect>,
    }

    impl_has_work! {
        impl HasWork<Introspect> for Introspect { self.work }
    }

    impl WorkItem for Introspect {
        type Pointer = Arc<Self>;

        fn run(this: Arc<Self>) {
            // SAFETY: May be called from anywhere.
            let current = unsafe { bindings::current_work() };
            // SAFETY: The field of an object that is there.
            let own = unsafe { Work::raw_get(&raw const this.work) };
            this.right.store((current == own).into(), Relaxed);
        }
    }

    #[test]
    fn c_runs_the_very_item() -> Result {
        let queue = OwnedQueue::per_cpu(c"rust_current")?;
        let object = Arc::pin_init(
            pin_init!(Introspect {
                right: Atomic::new(-1),
                unused: 0,
                work <- new_work!(),
            }),
            GFP_KERNEL,
        )?;
        assert!(queue.enqueue(object.clone()).is_ok());
        drop(queue);
        assert_eq!(object.right.load(Relaxed), 1);
        assert_eq!(object.unused, 0);
        Ok(())
    }

    #[test]
    fn fields_and_objects_lead_to_each_other() -> Result {
        let tally = Tally::new()?;
        let object = shared(0, &tally)?;
        let at = Arc::as_ptr(&object).cast_mut();
        // SAFETY: It points to an object.
        let first: *mut Work<Shared> = unsafe { Shared::raw_get_work(at) };
        // SAFETY: It points to an object.
        let second: *mut Work<Shared, 1> = unsafe { Shared::raw_get_work(at) };
        assert!(core::ptr::eq(first, &object.first));
        assert!(core::ptr::eq(second, &object.second));
        // SAFETY: It points to the field of an object.
        assert_eq!(unsafe { Shared::work_container_of(first) }, at);
        // SAFETY: It points to the field of an object.
        assert_eq!(unsafe { Shared::work_container_of(second) }, at);

        let object = later(0, &tally)?;
        let at = Arc::as_ptr(&object).cast_mut();
        // SAFETY: It points to an object.
        let work: *mut Work<Later, 3> = unsafe { Later::raw_get_work(at) };
        // SAFETY: The field of an object that is there.
        let same = unsafe { DelayedWork::raw_as_work(&raw const object.work) };
        assert_eq!(work, same);
        // SAFETY: It points to the work item in the field of an object.
        assert_eq!(unsafe { Later::work_container_of(work) }, at);
        Ok(())
    }

    #[test]
    fn as_large_as_in_c() {
        assert_eq!(size_of::<Work<Own>>(), size_of::<bindings::work_struct>());
        assert_eq!(
            size_of::<DelayedWork<Later, 3>>(),
            size_of::<bindings::delayed_work>()
        );
    }

    /// Several tasks enqueue one object on two queues as fast as they can: as many runs as were
    /// accepted, and each reference that was not comes back.
    #[test]
    fn enqueued_by_many_at_once() -> Result {
        const TASKS: u32 = 4;
        const ROUNDS: u32 = 500;

        let tally = Tally::new()?;
        let accepted = Arc::new(Atomic::<u32>::new(0), GFP_KERNEL)?;
        let object = shared(0, &tally)?;
        let tasks = OwnedQueue::new(c"rust_tasks")?;
        let queues = Arc::new(
            [
                OwnedQueue::new(c"rust_target_a")?,
                OwnedQueue::per_cpu(c"rust_target_b")?,
            ],
            GFP_KERNEL,
        )?;
        for _ in 0..TASKS {
            let (accepted, object, queues) = (accepted.clone(), object.clone(), queues.clone());
            tasks.try_spawn(GFP_KERNEL, move || {
                for round in 0..ROUNDS {
                    let queue = &queues[round as usize % 2];
                    if queue.enqueue::<_, 0>(object.clone()).is_ok() {
                        accepted.add(1, Relaxed);
                    }
                }
            })?;
        }
        // The tasks come to their ends, and then what they have enqueued.
        drop(tasks);
        drop(queues);
        let accepted = accepted.load(Relaxed);
        assert!(accepted > 0 && accepted <= TASKS * ROUNDS);
        assert_eq!(tally.runs(), accepted);
        assert!(Arc::into_unique_or_drop(object).is_some());
        assert_eq!(tally.live(), 0);
        Ok(())
    }
}
