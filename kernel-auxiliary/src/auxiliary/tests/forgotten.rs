// SPDX-License-Identifier: GPL-2.0

//! Tests of a device that nobody takes away, so that the driver of its parent is unbound first.

use super::*;
use crate::{
    devres::{self, Devres},
    sync::{Arc, SetOnce},
};

const ALIVE: u32 = 0x600d_600d;
const DEAD: u32 = 0xdead_dead;

/// What the parent's driver lends: it can be looked at even when it was dropped.
struct Lent(Atomic<u32>);

impl Drop for Lent {
    fn drop(&mut self) {
        self.0.store(DEAD, Relaxed);
    }
}

/// Where the other side finds it.
type Slot = Arc<SetOnce<Devres<Lent>>>;

/// What has happened, a decimal digit each.
static STORY: Atomic<u32> = Atomic::new(0);

const FOUND: u32 = 1;
const STILL_THERE: u32 = 2;
const GONE: u32 = 3;
const LENDER_UNBOUND: u32 = 4;

fn happens(what: u32) {
    STORY.store(STORY.load(Relaxed) * 10 + what, Relaxed);
}

fn story() -> u32 {
    STORY.xchg(0, Relaxed)
}

/// A driver that registers a device, forgets it, and then lends a resource.
struct Lender;

/// What was forgotten.
static FORGOTTEN: Atomic<usize> = Atomic::new(0);

/// Gives up the count of what was forgotten, so that nothing is lost.
fn remember() {
    let adev = FORGOTTEN.xchg(0, Relaxed) as *mut bindings::auxiliary_device;
    assert!(!adev.is_null());
    // SAFETY: It was initialised, and the registration that owned a count is not there any more.
    unsafe { bindings::auxiliary_device_uninit(adev) };
}

/// What the probe of [`Lender`] ends with; or 0.
static FAILURE: Atomic<i32> = Atomic::new(0);

const LENDERS: IdArray<DeviceId, (), 1> = IdArray::new([(DeviceId::new(MODULE, c"lend"), ())]);

impl Driver for Lender {
    type IdInfo = ();
    type Data<'bound> = ();

    const ID_TABLE: IdTable<()> = &LENDERS;

    fn probe<'bound>(
        adev: &'bound Device<Core<'_>>,
        _info: &'bound (),
    ) -> impl PinInit<(), Error> + 'bound {
        let dev: &device::Device<Core<'_>> = adev.as_ref();
        let slot: Slot = Arc::new(SetOnce::new(), GFP_KERNEL)?;
        let filled = slot.clone();
        let child =
            Registration::<ForLt!(Slot)>::new(dev, c"borrow", 0, MODULE, Ok::<_, Error>(slot))?;
        FORGOTTEN.store(child.device().as_raw() as usize, Relaxed);
        core::mem::forget(child);
        filled.populate(Devres::new(dev, Lent(Atomic::new(ALIVE)))?);
        match FAILURE.load(Relaxed) {
            0 => Ok(()),
            error => Err(Error::from_errno(error)),
        }
    }

    fn unbind<'bound>(_adev: &'bound Device<Core<'_>>, _this: Pin<&()>) {
        happens(LENDER_UNBOUND);
    }
}

/// A driver that has the parent's resource for as long as it is bound.
struct Borrower;

struct Borrowed<'bound>(&'bound Lent);

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        happens(match self.0 .0.load(Relaxed) {
            ALIVE => STILL_THERE,
            _ => GONE,
        });
    }
}

const TABLE: IdArray<DeviceId, (), 1> = IdArray::new([(DeviceId::new(MODULE, c"borrow"), ())]);

impl Driver for Borrower {
    type IdInfo = ();
    type Data<'bound> = Borrowed<'bound>;

    const ID_TABLE: IdTable<()> = &TABLE;

    fn probe<'bound>(
        adev: &'bound Device<Core<'_>>,
        _info: &'bound (),
    ) -> impl PinInit<Borrowed<'bound>, Error> + 'bound {
        let adev: &'bound Device<Bound> = adev;
        let slot: &'bound Slot = adev.registration_data::<ForLt!(Slot)>()?.get_ref();
        let lent: &'bound Devres<Lent> = SetOnce::as_ref(slot).ok_or(EPROBE_DEFER)?;
        let borrowed = Borrowed(lent.access(adev.parent())?);
        happens(FOUND);
        Ok(borrowed)
    }
}

fn lender() -> Result<Pin<KBox<driver::Registration<Adapter<Lender>>>>> {
    let driver = driver::Registration::new(c"rust_aux_lender", &THIS_MODULE);
    KBox::pin_init(driver, GFP_KERNEL)
}

fn borrower() -> Result<Pin<KBox<driver::Registration<Adapter<Borrower>>>>> {
    let driver = driver::Registration::new(c"rust_aux_borrower", &THIS_MODULE);
    KBox::pin_init(driver, GFP_KERNEL)
}

#[crate::macros::kunit_tests(rust_auxiliary_forgotten)]
mod forgotten_tests {
    use super::*;

    #[test]
    fn its_driver_goes_before_what_the_parent_lent() -> Result {
        story();
        FAILURE.store(0, Relaxed);
        let root = RootDevice::new(c"rust_aux_forgotten")?;
        let lender = lender()?;
        let parent = register(bound(&root), c"lend", 0)?;
        assert!(has_driver(parent.device()));
        for _ in 0..2 {
            let borrower = borrower()?;
            assert_eq!(story(), FOUND);
            drop(borrower);
            assert_eq!(story(), STILL_THERE);
        }
        let borrower = borrower()?;
        drop(lender);
        assert!(!has_driver(parent.device()));
        assert_eq!(story(), 142);
        drop(borrower);
        assert_eq!(story(), 0);
        remember();
        // It has left nothing that would keep a driver away.
        let lender = self::lender()?;
        assert!(has_driver(parent.device()));
        drop(parent);
        drop(lender);
        assert_eq!(story(), LENDER_UNBOUND);
        remember();
        Ok(())
    }

    #[test]
    fn it_goes_with_a_probe_that_fails() -> Result {
        story();
        FAILURE.store(EIO.to_errno(), Relaxed);
        let root = RootDevice::new(c"rust_aux_forgotten")?;
        let lender = lender()?;
        for _ in 0..2 {
            // Its name is free again, or the second one could not register it.
            let parent = register(bound(&root), c"lend", 0)?;
            assert!(!has_driver(parent.device()));
            remember();
        }
        drop(lender);
        assert_eq!(story(), 0);
        Ok(())
    }

    /// Who was added last ends first, and who has taken it back is not ended.
    #[test]
    fn users_end_once_and_in_turn() -> Result {
        /// # Safety
        ///
        /// None.
        unsafe extern "C" fn end(digit: *mut c_void) {
            happens(digit.addr() as u32);
        }
        let user = |digit| NonNull::new(core::ptr::without_provenance_mut(digit)).ok_or(EINVAL);

        story();
        let root = RootDevice::new(c"rust_aux_users")?;
        let dev = bound(&root);
        for digit in 1..=4 {
            // SAFETY: It may be called at any time, with anything.
            unsafe { devres::add_user(dev, end, user(digit)?) }?;
        }
        assert!(devres::remove_user(dev, user(3)?));
        assert!(!devres::remove_user(dev, user(3)?));
        assert!(!devres::remove_user(dev, user(5)?));
        // SAFETY: The device is registered, and has no driver.
        let core = unsafe { device::Device::<device::CoreInternal<'_>>::from_raw(root.as_raw()) };
        devres::end_users(core);
        assert_eq!(story(), 421);
        devres::end_users(core);
        assert_eq!(story(), 0);
        assert!(!devres::remove_user(dev, user(1)?));
        Ok(())
    }
}
