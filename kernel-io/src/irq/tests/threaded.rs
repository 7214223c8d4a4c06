// SPDX-License-Identifier: GPL-2.0

//! Tests of handlers with a thread.

use super::*;
use crate::{
    devres::{self, Devres},
    kthread, new_mutex,
    sync::Mutex,
    time::{delay::fsleep, Delta},
};

/// How long the slow part of a handler takes.
const LONG: Delta = Delta::from_millis(30);

/// A handler whose two parts count, and whose second one takes its time.
struct Slow {
    first: Arc<Seen>,
    begun: Arc<Seen>,
    done: Arc<Seen>,
    answer: ThreadedIrqReturn,
}

/// A [`Slow`] handler, and what it tells.
struct Parts {
    first: Arc<Seen>,
    begun: Arc<Seen>,
    done: Arc<Seen>,
}

impl Parts {
    fn new() -> Result<Self> {
        Ok(Self {
            first: Seen::new()?,
            begun: Seen::new()?,
            done: Seen::new()?,
        })
    }

    fn handler(&self, answer: ThreadedIrqReturn) -> Slow {
        Slow {
            first: self.first.clone(),
            begun: self.begun.clone(),
            done: self.done.clone(),
            answer,
        }
    }

    /// Waits until the thread has begun, which it was woken for.
    fn wait_for_the_thread(&self) {
        while self.begun.calls() == 0 {
            kthread::yield_now();
        }
    }
}

impl ThreadedHandler for Slow {
    fn handle(&self, device: &Device<Bound>) -> ThreadedIrqReturn {
        assert!(device.name().to_bytes().starts_with(b"rust_irq_t"));
        self.first.calls.add(1, Relaxed);
        self.answer
    }

    fn handle_threaded(&self, device: &Device<Bound>) -> IrqReturn {
        assert!(device.name().to_bytes().starts_with(b"rust_irq_t"));
        self.begun.calls.add(1, Relaxed);
        fsleep(LONG);
        self.done.calls.add(1, Relaxed);
        IrqReturn::Handled
    }
}

/// A handler with the first part that all have.
struct Lazy(Arc<Seen>);

impl ThreadedHandler for Lazy {
    fn handle_threaded(&self, _device: &Device<Bound>) -> IrqReturn {
        self.0.calls.add(1, Relaxed);
        IrqReturn::Handled
    }
}

/// A handler with a resource that its driver gets after the interrupt.
#[pin_data]
struct Late {
    #[pin]
    register: Mutex<Option<Devres<u32>>>,
    seen: Arc<Seen>,
}

impl ThreadedHandler for Late {
    fn handle_threaded(&self, device: &Device<Bound>) -> IrqReturn {
        self.seen.calls.add(1, Relaxed);
        let register = self.register.lock();
        match register.as_ref().map(|register| register.access(device)) {
            Some(Ok(value)) => assert_eq!(*value, 7),
            Some(Err(error)) => {
                assert_eq!(error, ENXIO);
                self.seen.too_late.add(1, Relaxed);
            }
            None => {}
        }
        IrqReturn::Handled
    }
}

/// Raises an interrupt when the device takes this back.
struct Last(Arc<Interrupt>);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.raise();
    }
}

/// Registers a handler for an interrupt.
fn register<T: ThreadedHandler>(
    dev: &BoundDevice,
    line: &Interrupt,
    handler: T,
) -> Result<Pin<KBox<ThreadedRegistration<T>>>> {
    KBox::pin_init(
        ThreadedRegistration::new(
            line.request(dev),
            Flags::ONESHOT,
            c"rust_irq_test",
            Ok(handler),
        ),
        GFP_KERNEL,
    )
}

#[crate::macros::kunit_tests(rust_irq_threaded)]
mod threaded_tests {
    use super::*;

    #[test]
    fn the_first_part_says_whether_the_second_is_called() -> Result {
        let (dev, line) = (BoundDevice::new(c"rust_irq_tfirst")?, Interrupt::new()?);
        for (answer, second) in [
            (ThreadedIrqReturn::None, 0),
            (ThreadedIrqReturn::Handled, 0),
            (ThreadedIrqReturn::WakeThread, 1),
        ] {
            let parts = Parts::new()?;
            let irq = register(&dev, &line, parts.handler(answer))?;
            line.raise();
            irq.synchronize(&dev)?;
            assert_eq!(parts.first.calls(), 1);
            assert_eq!((parts.begun.calls(), parts.done.calls()), (second, second));
        }
        Ok(())
    }

    #[test]
    fn the_thread_is_woken_unless_the_first_part_is_written() -> Result {
        let (dev, line) = (BoundDevice::new(c"rust_irq_tlazy")?, Interrupt::new()?);
        let seen = Seen::new()?;
        let irq = register(&dev, &line, Lazy(seen.clone()))?;
        for calls in 1..=3 {
            line.raise();
            irq.synchronize(&dev)?;
            assert_eq!(irq.handler().0.calls(), calls);
        }
        Ok(())
    }

    #[test]
    fn a_registration_is_gone_when_its_thread_is_done() -> Result {
        let (dev, line) = (BoundDevice::new(c"rust_irq_tdrop")?, Interrupt::new()?);
        let parts = Parts::new()?;
        let irq = register(&dev, &line, parts.handler(ThreadedIrqReturn::WakeThread))?;
        line.raise();
        parts.wait_for_the_thread();
        drop(irq);
        assert_eq!(parts.done.calls(), 1);
        line.raise();
        assert_eq!(parts.first.calls(), 1);
        Ok(())
    }

    #[test]
    fn a_driver_is_unbound_when_the_thread_is_done() -> Result {
        let (dev, line) = (BoundDevice::new(c"rust_irq_tunbind")?, Interrupt::new()?);
        let parts = Parts::new()?;
        let irq = register(&dev, &line, parts.handler(ThreadedIrqReturn::WakeThread))?;
        line.raise();
        parts.wait_for_the_thread();
        drop(dev);
        assert_eq!(parts.done.calls(), 1);
        line.raise();
        assert_eq!(irq.handler().first.calls(), 1);
        assert_eq!(irq.try_synchronize(), Err(ENODEV));
        Ok(())
    }

    #[test]
    fn both_ways_to_synchronize_wait_for_the_thread() -> Result {
        let (dev, line) = (BoundDevice::new(c"rust_irq_tsync")?, Interrupt::new()?);
        for with_device in [false, true] {
            let parts = Parts::new()?;
            let irq = register(&dev, &line, parts.handler(ThreadedIrqReturn::WakeThread))?;
            line.raise();
            parts.wait_for_the_thread();
            if with_device {
                irq.synchronize(&dev)?;
            } else {
                irq.try_synchronize()?;
            }
            assert_eq!(parts.done.calls(), 1);
        }
        Ok(())
    }

    #[test]
    fn a_driver_is_not_unbound_under_who_synchronizes() -> Result {
        let (dev, line) = (BoundDevice::new(c"rust_irq_trace")?, Interrupt::new()?);
        let parts = Parts::new()?;
        let irq = Arc::pin_init(
            ThreadedRegistration::new(
                line.request(&dev),
                Flags::ONESHOT,
                c"rust_irq_test",
                Ok(parts.handler(ThreadedIrqReturn::WakeThread)),
            ),
            GFP_KERNEL,
        )?;
        let other = irq.clone();
        let done = parts.done.clone();
        line.raise();
        parts.wait_for_the_thread();
        let waiter = kthread::Thread::spawn(c"rust_irq_trace", move |_| {
            // Whoever is first, the handler is done afterwards.
            let _ = other.try_synchronize();
            assert_eq!(done.calls(), 1);
            Ok(())
        })?;
        drop(dev);
        assert_eq!(parts.done.calls(), 1);
        waiter.stop()?;
        drop(irq);
        Ok(())
    }

    /// What the driver set up after the interrupt goes before it, and is not to be had then.
    #[test]
    fn a_resource_that_came_after_the_interrupt_goes_before_it() -> Result {
        let dev = BoundDevice::new(c"rust_irq_tlate")?;
        let line = Arc::new(Interrupt::new()?, GFP_KERNEL)?;
        let (seen, its_seen) = {
            let seen = Seen::new()?;
            (seen.clone(), seen)
        };
        let late = try_pin_init!(Late {
            register <- new_mutex!(None),
            seen: its_seen,
        });
        let irq = KBox::pin_init(
            ThreadedRegistration::new(line.request(&dev), Flags::ONESHOT, c"rust_irq_test", late),
            GFP_KERNEL,
        )?;
        // In the order in which they go: the register, the last interrupt, its handler.
        devres::register(&dev, Last(line.clone()), GFP_KERNEL)?;
        *irq.handler().register.lock() = Some(Devres::new(&dev, 7)?);
        line.raise();
        irq.synchronize(&dev)?;
        assert_eq!((seen.calls(), seen.too_late.load(Relaxed)), (1, 0));
        drop(dev);
        assert_eq!((seen.calls(), seen.too_late.load(Relaxed)), (2, 1));
        Ok(())
    }

    #[test]
    fn a_handler_may_lie_elsewhere() -> Result {
        let (dev, line) = (BoundDevice::new(c"rust_irq_tboxed")?, Interrupt::new()?);
        let parts = Parts::new()?;
        let shared = Arc::new(parts.handler(ThreadedIrqReturn::WakeThread), GFP_KERNEL)?;
        let irq = register(&dev, &line, shared)?;
        line.raise();
        irq.synchronize(&dev)?;
        drop(irq);
        let boxed = KBox::new(parts.handler(ThreadedIrqReturn::Handled), GFP_KERNEL)?;
        let irq = register(&dev, &line, boxed)?;
        line.raise();
        drop(irq);
        assert_eq!((parts.first.calls(), parts.done.calls()), (2, 1));
        Ok(())
    }
}
