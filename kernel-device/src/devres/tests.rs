// SPDX-License-Identifier: GPL-2.0

//! Tests of what devices take back, with faux devices: they are bound for as long as they are there.

use super::{add_user, register, BoundSection, Devres};

mod races;

use crate::{
    device::{Bound, Device},
    faux,
    prelude::*,
    sync::{
        aref::ARef,
        atomic::{Atomic, Relaxed},
        rcu, Arc, Mutex,
    },
};
use core::ptr::NonNull;

/// The device, as its driver has it.
fn bound(faux: &faux::Registration) -> &Device<Bound> {
    // SAFETY: A faux device is bound for as long as it is there, and `faux` is borrowed for as long.
    unsafe { faux.as_ref().as_bound() }
}

/// Counts how often it is dropped.
struct Counted(Arc<Atomic<i32>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.store(self.0.load(Relaxed) + 1, Relaxed);
    }
}

fn counter() -> Result<Arc<Atomic<i32>>> {
    Ok(Arc::new(Atomic::new(0), GFP_KERNEL)?)
}

fn counted(count: &Arc<Atomic<i32>>) -> Counted {
    Counted(count.clone())
}

#[crate::macros::kunit_tests(rust_devres)]
mod cases {
    use super::*;

    #[test]
    fn the_device_takes_it_back() -> Result {
        let count = counter()?;
        let faux = faux::Registration::new(c"rust_devres_back", None)?;
        let devres = Devres::new(bound(&faux), counted(&count))?;
        assert!(devres.access(bound(&faux)).is_ok());
        assert!(devres.try_access().is_some());
        drop(faux);
        assert_eq!(count.load(Relaxed), 1);
        assert!(devres.try_access().is_none());
        assert!(devres.try_access_with_guard(&rcu::read_lock()).is_none());
        assert_eq!(devres.device().name(), c"rust_devres_back");
        drop(devres);
        assert_eq!(count.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn its_owner_gives_it_back() -> Result {
        let count = counter()?;
        let faux = faux::Registration::new(c"rust_devres_given", None)?;
        for round in 1..=100 {
            drop(Devres::new(bound(&faux), counted(&count))?);
            assert_eq!(count.load(Relaxed), round);
        }
        drop(faux);
        assert_eq!(count.load(Relaxed), 100);
        Ok(())
    }

    #[test]
    fn another_device_opens_nothing() -> Result {
        let count = counter()?;
        let faux = faux::Registration::new(c"rust_devres_own", None)?;
        let other = faux::Registration::new(c"rust_devres_other", None)?;
        let devres = Devres::new(bound(&faux), counted(&count))?;
        assert_eq!(devres.access(bound(&other)).err(), Some(EINVAL));
        drop(other);
        assert_eq!(count.load(Relaxed), 0);
        assert!(devres.access(bound(&faux)).is_ok());
        Ok(())
    }

    #[test]
    fn what_can_not_be_made_leaves_nothing() -> Result {
        let faux = faux::Registration::new(c"rust_devres_fail", None)?;
        let made = Devres::<Counted>::new::<Error>(bound(&faux), Err(ENOSPC));
        assert_eq!(made.err(), Some(ENOSPC));
        let made = register::<Counted, Error>(bound(&faux), Err(ENOSPC), GFP_KERNEL);
        assert_eq!(made.err(), Some(ENOSPC));
        Ok(())
    }

    #[test]
    fn the_last_one_is_the_first_to_go() -> Result {
        struct InTurn(Arc<Atomic<u64>>, u64);

        impl Drop for InTurn {
            fn drop(&mut self) {
                self.0.store(self.0.load(Relaxed) * 10 + self.1, Relaxed);
            }
        }

        let order = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let faux = faux::Registration::new(c"rust_devres_order", None)?;
        let dev = bound(&faux);
        let first = Devres::new(dev, InTurn(order.clone(), 1))?;
        register(dev, InTurn(order.clone(), 2), GFP_KERNEL)?;
        let third = Devres::new(dev, InTurn(order.clone(), 3))?;
        drop(faux);
        assert_eq!(order.load(Relaxed), 321);
        drop((first, third));
        assert_eq!(order.load(Relaxed), 321);
        Ok(())
    }

    /// The inner one is still on the device's list, or already taken from it, when its owner is dropped.
    #[test]
    fn one_may_lie_in_another() -> Result {
        let count = counter()?;
        for inner_first in [true, false] {
            let faux = faux::Registration::new(c"rust_devres_nested", None)?;
            let dev = bound(&faux);
            let slot = Arc::pin_init(kernel::new_mutex!(None::<Devres<Counted>>), GFP_KERNEL)?;
            let outer: Devres<Arc<Mutex<Option<Devres<Counted>>>>>;
            if inner_first {
                *slot.lock() = Some(Devres::new(dev, counted(&count))?);
                outer = Devres::new(dev, slot)?;
            } else {
                outer = Devres::new(dev, slot.clone())?;
                *slot.lock() = Some(Devres::new(dev, counted(&count))?);
                drop(slot);
            }
            let before = count.load(Relaxed);
            drop(faux);
            assert_eq!(count.load(Relaxed), before + 1);
            drop(outer);
            assert_eq!(count.load(Relaxed), before + 1);
        }
        Ok(())
    }

    /// Both ends of it at once: dropping the resource drops its own `Devres`.
    #[test]
    fn one_may_lie_in_itself() -> Result {
        type Slot = Arc<Mutex<Option<Devres<Held>>>>;
        struct Held(Slot, #[allow(dead_code)] Counted);

        impl Drop for Held {
            fn drop(&mut self) {
                let own = self.0.lock().take();
                drop(own);
            }
        }

        let count = counter()?;
        let faux = faux::Registration::new(c"rust_devres_itself", None)?;
        let slot: Slot = Arc::pin_init(kernel::new_mutex!(None), GFP_KERNEL)?;
        let held = Held(slot.clone(), counted(&count));
        let devres = Devres::new(bound(&faux), held)?;
        *slot.lock() = Some(devres);
        drop(faux);
        assert_eq!(count.load(Relaxed), 1);
        assert!(slot.lock().is_none());
        Ok(())
    }

    #[test]
    fn what_is_registered_goes_with_the_device() -> Result {
        let count = counter()?;
        let faux = faux::Registration::new(c"rust_devres_register", None)?;
        register(bound(&faux), counted(&count), GFP_KERNEL)?;
        assert_eq!(count.load(Relaxed), 0);
        drop(faux);
        assert_eq!(count.load(Relaxed), 1);
        Ok(())
    }

    /// The device has made its list of what to take back when it takes the first.
    #[test]
    fn who_comes_too_late_gets_nothing() -> Result {
        struct Late {
            dev: ARef<Device>,
            count: Arc<Atomic<i32>>,
            refused: Arc<Atomic<i32>>,
        }

        impl Drop for Late {
            fn drop(&mut self) {
                // SAFETY: As for a handler whose interrupt is taken back later than this.
                let dev = unsafe { self.dev.as_bound() };
                let made = Devres::new(dev, counted(&self.count)).err();
                let registered = register(dev, counted(&self.count), GFP_KERNEL).err();
                let used = user(dev).err();
                for error in [made, registered, used].into_iter().flatten() {
                    assert_eq!(error, ENXIO);
                    self.refused.add(1, Relaxed);
                }
            }
        }

        fn user(dev: &Device<Bound>) -> Result {
            /// # Safety
            ///
            /// None.
            unsafe extern "C" fn end(_: *mut c_void) {}
            // SAFETY: It may be called at any time, with anything.
            unsafe { add_user(dev, end, NonNull::dangling()) }
        }

        let (count, refused) = (counter()?, counter()?);
        let faux = faux::Registration::new(c"rust_devres_late", None)?;
        let late = Late {
            dev: faux.as_ref().into(),
            count: count.clone(),
            refused: refused.clone(),
        };
        user(bound(&faux))?;
        register(bound(&faux), late, GFP_KERNEL)?;
        let kept: ARef<Device> = faux.as_ref().into();
        drop(faux);
        assert_eq!(refused.load(Relaxed), 3);
        assert_eq!(count.load(Relaxed), 2);
        drop(kept);
        assert_eq!(count.load(Relaxed), 2);
        Ok(())
    }

    #[test]
    fn sections_nest() -> Result {
        let count = counter()?;
        let faux = faux::Registration::new(c"rust_devres_section", None)?;
        let devres = Devres::new(bound(&faux), counted(&count))?;
        {
            let _outer = BoundSection::enter();
            let _inner = BoundSection::enter();
            assert!(devres.access(bound(&faux)).is_ok());
        }
        drop(faux);
        assert_eq!(count.load(Relaxed), 1);
        Ok(())
    }
}
