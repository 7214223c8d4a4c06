// SPDX-License-Identifier: GPL-2.0

//! The operations of files, which keep the driver's module while a file is open.
//!
//! All drivers have the same ones. But they have an owner, the module of the driver, and C looks at them
//! once more when it has already given up the device and is about to give up the module. So they can lie
//! in neither: there is a list of them here, in the kernel itself, one for each address that a module
//! has had. None is ever taken off, and a module that comes to lie at the address of one that is gone
//! finds what it needs.

use crate::{
    bindings,
    prelude::*,
    sync::atomic::{Acquire, Atomic, Full},
};
use core::ptr;

/// The operations of the files of one module's drivers.
///
/// # Invariants
///
/// `next` is null or points to one that is there for ever.
struct Fops {
    operations: bindings::file_operations,
    next: *const Fops,
}

/// The first one of the list, with the same invariant as [`Fops::next`].
static FIRST: Atomic<*const Fops> = Atomic::new(ptr::null());

/// Returns the operations of files whose driver is part of `owner`; null for the kernel itself.
///
/// # Errors
///
/// `ENOMEM` without memory.
#[inline(never)]
pub(super) fn of(owner: *mut bindings::module) -> Result<&'static bindings::file_operations> {
    let mut first = FIRST.load(Acquire);
    let mut at = first;
    // SAFETY: It is null or valid for ever, by the invariant.
    while let Some(fops) = unsafe { at.as_ref() } {
        if fops.operations.owner == owner {
            return Ok(&fops.operations);
        }
        at = fops.next;
    }

    let mut operations = pin_init::zeroed();
    // SAFETY: It may be written to. The owner is not looked at.
    unsafe { bindings::drm_gem_fops_init(&raw mut operations, owner) };
    let next = ptr::null();
    let fops = KBox::leak(KBox::new(Fops { operations, next }, GFP_KERNEL)?);
    // Should somebody else do the same meanwhile, there will be two of them, one as good as the other.
    loop {
        // INVARIANT: It was the first one of the list.
        fops.next = first;
        // INVARIANT: It has been leaked, and nobody changes it once it is on the list.
        match FIRST.cmpxchg(first, fops, Full) {
            Ok(_) => return Ok(&fops.operations),
            Err(other) => first = other,
        }
    }
}

#[cfg(CONFIG_KUNIT = "y")]
#[crate::macros::kunit_tests(rust_drm_fops)]
mod cases {
    use super::*;

    #[test]
    fn one_for_each_owner() -> Result {
        // Nobody looks at what is there.
        let module = ptr::without_provenance_mut(1);
        let ours = of(ptr::null_mut())?;
        let theirs = of(module)?;
        assert!(ours.owner.is_null());
        assert_eq!(theirs.owner, module);
        assert!(!ptr::eq(ours, theirs));
        assert!(ptr::eq(ours, of(ptr::null_mut())?));
        assert!(ptr::eq(theirs, of(module)?));
        Ok(())
    }

    #[test]
    fn they_are_those_of_gem() -> Result {
        let fops = of(ptr::null_mut())?;
        assert!(fops.open.is_some());
        assert!(fops.release.is_some());
        assert!(fops.unlocked_ioctl.is_some());
        assert!(fops.mmap.is_some());
        assert!(fops.write.is_none());
        Ok(())
    }
}
