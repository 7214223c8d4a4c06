// SPDX-License-Identifier: GPL-2.0

//! Tests of handlers without a thread.

use super::*;
use crate::{bindings, kthread::Thread};

/// Registers a [`Counter`] for an interrupt.
fn register(
    dev: &BoundDevice,
    line: &Interrupt,
    flags: Flags,
    counter: Counter,
) -> Result<Pin<KBox<Registration<Counter>>>> {
    KBox::pin_init(
        Registration::new(line.request(dev), flags, c"rust_irq_test", Ok(counter)),
        GFP_KERNEL,
    )
}

/// How many interrupts in a row nobody has handled, as C counts them.
fn unhandled(irq: u32) -> u32 {
    // SAFETY: Any number may be asked for.
    let desc = unsafe { bindings::irq_to_desc(irq) };
    // SAFETY: The callers have an interrupt of that number. Nobody raises it meanwhile.
    unsafe { (*desc).irqs_unhandled }
}

#[crate::macros::kunit_tests(rust_irq)]
mod plain_tests {
    use super::*;

    #[test]
    fn a_handler_is_called_for_each_interrupt() -> Result {
        const NAME: &CStr = c"rust_irq_each";
        let (dev, line, seen) = (BoundDevice::new(NAME)?, Interrupt::new()?, Seen::new()?);
        line.raise();
        let irq = register(
            &dev,
            &line,
            Flags::TRIGGER_NONE,
            Counter::new(&seen, IrqReturn::Handled, NAME),
        )?;
        for calls in 1..=3 {
            line.raise();
            assert_eq!(seen.calls(), calls);
            assert_eq!(irq.handler().seen.calls(), calls);
        }
        Ok(())
    }

    #[test]
    fn a_handler_is_not_called_when_it_is_gone() -> Result {
        const NAME: &CStr = c"rust_irq_gone";
        let (dev, line, seen) = (BoundDevice::new(NAME)?, Interrupt::new()?, Seen::new()?);
        let counter = Counter::new(&seen, IrqReturn::Handled, NAME);
        drop(register(&dev, &line, Flags::TRIGGER_NONE, counter)?);
        assert_eq!(seen.alive(), 0);
        line.raise();
        assert_eq!(seen.calls(), 0);
        // And it can be requested again.
        let counter = Counter::new(&seen, IrqReturn::Handled, NAME);
        let _irq = register(&dev, &line, Flags::TRIGGER_NONE, counter)?;
        line.raise();
        assert_eq!(seen.calls(), 1);
        Ok(())
    }

    #[test]
    fn c_learns_whether_an_interrupt_was_handled() -> Result {
        const NAME: &CStr = c"rust_irq_answer";
        let (dev, line, seen) = (BoundDevice::new(NAME)?, Interrupt::new()?, Seen::new()?);
        let number = line.request(&dev).irq();
        for (answer, expected) in [(IrqReturn::Handled, false), (IrqReturn::None, true)] {
            let counter = Counter::new(&seen, answer, NAME);
            let irq = register(&dev, &line, Flags::TRIGGER_NONE, counter)?;
            line.raise();
            assert_eq!(unhandled(number) > 0, expected);
            drop(irq);
        }
        assert_eq!(seen.calls(), 2);
        Ok(())
    }

    #[test]
    fn all_who_share_an_interrupt_are_called() -> Result {
        const NAME: &CStr = c"rust_irq_shared";
        let (dev, line) = (BoundDevice::new(NAME)?, Interrupt::new()?);
        let (one, two) = (Seen::new()?, Seen::new()?);
        let first = register(
            &dev,
            &line,
            Flags::SHARED,
            Counter::new(&one, IrqReturn::None, NAME),
        )?;
        let second = register(
            &dev,
            &line,
            Flags::SHARED,
            Counter::new(&two, IrqReturn::Handled, NAME),
        )?;
        line.raise();
        assert_eq!((one.calls(), two.calls()), (1, 1));
        drop(first);
        line.raise();
        assert_eq!((one.calls(), two.calls()), (1, 2));
        drop(second);
        Ok(())
    }

    #[test]
    fn who_does_not_share_has_it_alone() -> Result {
        const NAME: &CStr = c"rust_irq_alone";
        let (dev, line) = (BoundDevice::new(NAME)?, Interrupt::new()?);
        let (one, two) = (Seen::new()?, Seen::new()?);
        let handled = IrqReturn::Handled;
        let _irq = register(
            &dev,
            &line,
            Flags::PROBE_SHARED,
            Counter::new(&one, handled, NAME),
        )?;
        for flags in [Flags::TRIGGER_NONE, Flags::SHARED] {
            let refused = register(
                &dev,
                &line,
                flags | Flags::PROBE_SHARED,
                Counter::new(&two, handled, NAME),
            );
            assert_eq!(refused.err(), Some(EBUSY));
            // The handler went with the registration that was not to be.
            assert_eq!(two.alive(), 0);
        }
        line.raise();
        assert_eq!((one.calls(), two.calls()), (1, 0));
        Ok(())
    }

    #[test]
    fn flags_that_do_not_go_together_are_refused() -> Result {
        const NAME: &CStr = c"rust_irq_bad";
        let (dev, line, seen) = (BoundDevice::new(NAME)?, Interrupt::new()?, Seen::new()?);
        for flags in [
            Flags::SHARED | Flags::NO_AUTOEN,
            Flags::COND_SUSPEND,
            Flags::SHARED | Flags::COND_SUSPEND | Flags::NO_SUSPEND,
        ] {
            let counter = Counter::new(&seen, IrqReturn::Handled, NAME);
            assert_eq!(register(&dev, &line, flags, counter).err(), Some(EINVAL));
            assert_eq!(seen.alive(), 0);
        }
        Ok(())
    }

    #[test]
    fn an_interrupt_that_there_is_not_is_refused() -> Result {
        const NAME: &CStr = c"rust_irq_none";
        let (dev, seen) = (BoundDevice::new(NAME)?, Seen::new()?);
        // SAFETY: C looks the number up, and finds nothing.
        let request = unsafe { IrqRequest::new(&dev, u32::MAX - 1) };
        assert_eq!(request.irq(), u32::MAX - 1);
        let registration = Registration::new(
            request,
            Flags::TRIGGER_NONE,
            c"rust_irq_test",
            Ok(Counter::new(&seen, IrqReturn::Handled, NAME)),
        );
        assert_eq!(KBox::pin_init(registration, GFP_KERNEL).err(), Some(EINVAL));
        assert_eq!(seen.alive(), 0);
        Ok(())
    }

    #[test]
    fn a_handler_that_fails_to_be_made_is_an_error() -> Result {
        let (dev, line) = (BoundDevice::new(c"rust_irq_unmade")?, Interrupt::new()?);
        // SAFETY: It returns an error.
        let unmade = unsafe { pin_init::pin_init_from_closure(|_: *mut Counter| Err(EDOM)) };
        let registration = Registration::new(
            line.request(&dev),
            Flags::TRIGGER_NONE,
            c"rust_irq_test",
            unmade,
        );
        assert_eq!(KBox::pin_init(registration, GFP_KERNEL).err(), Some(EDOM));
        // Nothing is called.
        line.raise();
        Ok(())
    }

    #[test]
    fn an_interrupt_may_stay_off() -> Result {
        const NAME: &CStr = c"rust_irq_off";
        let (dev, line, seen) = (BoundDevice::new(NAME)?, Interrupt::new()?, Seen::new()?);
        let counter = Counter::new(&seen, IrqReturn::Handled, NAME);
        let _irq = register(&dev, &line, Flags::NO_AUTOEN, counter)?;
        line.raise();
        assert_eq!(seen.calls(), 0);
        Ok(())
    }

    #[test]
    fn a_handler_is_not_called_when_its_driver_is() -> Result {
        const NAME: &CStr = c"rust_irq_unbind";
        let (dev, line, seen) = (BoundDevice::new(NAME)?, Interrupt::new()?, Seen::new()?);
        let counter = Counter::new(&seen, IrqReturn::Handled, NAME);
        let irq = register(&dev, &line, Flags::TRIGGER_NONE, counter)?;
        irq.try_synchronize()?;
        line.raise();
        assert_eq!(seen.calls(), 1);
        drop(dev);
        // The handler is still there, but the interrupt is not its own.
        assert_eq!(seen.alive(), 1);
        line.raise();
        assert_eq!(irq.handler().seen.calls(), 1);
        assert_eq!(irq.try_synchronize(), Err(ENODEV));
        let other = BoundDevice::new(c"rust_irq_next")?;
        let next = Counter::new(&seen, IrqReturn::Handled, c"rust_irq_next");
        let next = register(&other, &line, Flags::TRIGGER_NONE, next)?;
        drop(irq);
        assert_eq!(seen.alive(), 1);
        line.raise();
        assert_eq!(next.handler().seen.calls(), 2);
        Ok(())
    }

    #[test]
    fn only_its_own_device_can_be_named() -> Result {
        const NAME: &CStr = c"rust_irq_own";
        let (dev, line, seen) = (BoundDevice::new(NAME)?, Interrupt::new()?, Seen::new()?);
        let other = BoundDevice::new(c"rust_irq_not_own")?;
        let counter = Counter::new(&seen, IrqReturn::Handled, NAME);
        let irq = register(&dev, &line, Flags::TRIGGER_NONE, counter)?;
        irq.synchronize(&dev)?;
        assert!(irq.synchronize(&other).is_err());
        Ok(())
    }

    #[test]
    fn a_handler_may_lie_elsewhere() -> Result {
        const NAME: &CStr = c"rust_irq_boxed";
        let (dev, line, seen) = (BoundDevice::new(NAME)?, Interrupt::new()?, Seen::new()?);
        let counter = || Counter::new(&seen, IrqReturn::Handled, NAME);
        let shared = Arc::new(counter(), GFP_KERNEL)?;
        let first = KBox::pin_init(
            Registration::new(
                line.request(&dev),
                Flags::SHARED,
                c"rust_irq_test",
                Ok(shared.clone()),
            ),
            GFP_KERNEL,
        )?;
        let second = KBox::pin_init(
            Registration::new(
                line.request(&dev),
                Flags::SHARED,
                c"rust_irq_test",
                Ok(KBox::new(counter(), GFP_KERNEL)?),
            ),
            GFP_KERNEL,
        )?;
        line.raise();
        assert_eq!(seen.calls(), 2);
        drop((first, second));
        assert_eq!(seen.alive(), 1);
        drop(shared);
        assert_eq!(seen.alive(), 0);
        Ok(())
    }

    /// Interrupts that hit while handlers come and go never find one that is gone.
    #[test]
    fn a_handler_comes_and_goes_while_interrupts_hit() -> Result {
        const NAME: &CStr = c"rust_irq_storm";
        let (dev, seen) = (BoundDevice::new(NAME)?, Seen::new()?);
        let line = Arc::new(Interrupt::new()?, GFP_KERNEL)?;
        let raised = line.clone();
        let storm = Thread::spawn(c"rust_irq_storm", move |context| {
            while !context.should_stop() {
                raised.raise();
                context.yield_now();
            }
            Ok(())
        })?;
        for _ in 0..50 {
            let counter = Counter::new(&seen, IrqReturn::Handled, NAME);
            let irq = register(&dev, &line, Flags::TRIGGER_NONE, counter)?;
            let before = seen.calls();
            while seen.calls() == before {
                crate::kthread::yield_now();
            }
            drop(irq);
            assert_eq!(seen.alive(), 0);
        }
        storm.stop()?;
        assert_eq!(seen.too_late.load(Relaxed), 0);
        Ok(())
    }
}
