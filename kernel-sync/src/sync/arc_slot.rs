// SPDX-License-Identifier: GPL-2.0

//! Places where an [`Arc`] is to be had for a time.

use super::{
    arc::{Arc, ArcBorrow},
    atomic::{Acquire, Atomic, Full},
    rcu,
};
use crate::prelude::*;
use core::{marker::PhantomData, ptr};

/// A place, as a rule a static, where others find an [`Arc`] for as long as its owner leaves it there.
///
/// C calls some operations of a module with nothing in hand that leads to the module's own data, such as
/// the `open` of a device. In a static they can look for it; but statics are not dropped when a module is
/// removed. So the module fills a slot when it is loaded, and what it gets for that empties the slot
/// again when it is dropped.
///
/// [`get`](Self::get) never waits. Linux 7.2's `kernel` crate does not have this type.
///
/// # Invariants
///
/// The pointer is null, or it comes from [`Arc::into_raw`], and the reference that belongs to it is given
/// up only when a grace period of RCU has passed since the pointer was replaced.
///
/// # Examples
///
/// ```
/// use kernel::sync::{Arc, ArcSlot, ArcSlotGuard};
///
/// struct State {
///     name: &'static str,
/// }
///
/// static STATE: ArcSlot<State> = ArcSlot::new();
///
/// /// What the module keeps while it is loaded.
/// struct Module {
///     _state: ArcSlotGuard<'static, State>,
/// }
///
/// /// An operation that C calls.
/// fn name() -> Result<&'static str> {
///     Ok(STATE.get().ok_or(ENODEV)?.name)
/// }
///
/// assert_eq!(name(), Err(ENODEV));
/// let state = Arc::new(State { name: "state" }, GFP_KERNEL)?;
/// let module = Module { _state: STATE.fill(state)? };
/// assert_eq!(name(), Ok("state"));
/// drop(module);
/// assert_eq!(name(), Err(ENODEV));
/// # Ok::<(), Error>(())
/// ```
pub struct ArcSlot<T> {
    pointer: Atomic<*mut T>,
    _owns: PhantomData<Arc<T>>,
}

// SAFETY: It is an `Arc<T>`, or nothing, which go to another thread if the `T` may.
unsafe impl<T: Send + Sync> Send for ArcSlot<T> {}

// SAFETY: Through `&ArcSlot`, an `Arc<T>` can be put in by one thread and got by others, which needs the
// same of `T`.
unsafe impl<T: Send + Sync> Sync for ArcSlot<T> {}

impl<T> ArcSlot<T> {
    /// Makes a slot with nothing in it.
    pub const fn new() -> Self {
        // INVARIANT: The pointer is null.
        Self {
            pointer: Atomic::new(ptr::null_mut()),
            _owns: PhantomData,
        }
    }

    /// Becomes an owner, too, of what is in the slot.
    pub fn get(&self) -> Option<Arc<T>> {
        let _rcu = rcu::read_lock();
        let pointer = self.pointer.load(Acquire);
        if pointer.is_null() {
            return None;
        }
        // SAFETY: By the type invariant it comes from `into_raw`, and its reference stays for as long as
        // this is an RCU read-side critical section, which began before the pointer was loaded.
        Some(unsafe { ArcBorrow::from_raw(pointer) }.into())
    }

    /// Puts `arc` in the slot until what is returned is dropped.
    ///
    /// # Errors
    ///
    /// `EBUSY` if there is something in the slot already; then `arc` is dropped.
    pub fn fill(&self, arc: Arc<T>) -> Result<ArcSlotGuard<'_, T>> {
        let pointer = Arc::into_raw(arc).cast_mut();
        // INVARIANT: It comes from `into_raw`, and is replaced by the guard only.
        if self
            .pointer
            .cmpxchg(ptr::null_mut(), pointer, Full)
            .is_err()
        {
            // SAFETY: It comes from `into_raw` above, and has got nowhere.
            drop(unsafe { Arc::from_raw(pointer) });
            return Err(EBUSY);
        }
        // INVARIANT: This call has filled the slot.
        Ok(ArcSlotGuard { slot: self })
    }
}

impl<T> Default for ArcSlot<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// An [`ArcSlot`] that is filled. Dropping this empties it.
///
/// That waits for a grace period of RCU, so it may sleep. Whoever has got an [`Arc`] from the slot
/// keeps it.
///
/// # Invariants
///
/// The slot is filled, and nobody else empties it.
///
/// # Examples
///
/// ```
/// use kernel::sync::{Arc, ArcSlot};
///
/// let slot = ArcSlot::new();
/// let guard = slot.fill(Arc::new(1, GFP_KERNEL)?)?;
/// let kept = slot.get().ok_or(ENOENT)?;
/// // There is room for one.
/// assert_eq!(slot.fill(Arc::new(2, GFP_KERNEL)?).err(), Some(EBUSY));
///
/// drop(guard);
/// assert!(slot.get().is_none());
/// assert_eq!(*kept, 1);
/// # Ok::<(), Error>(())
/// ```
#[must_use = "the slot is emptied when this is dropped"]
pub struct ArcSlotGuard<'a, T> {
    slot: &'a ArcSlot<T>,
}

impl<T> Drop for ArcSlotGuard<'_, T> {
    fn drop(&mut self) {
        // By the type invariant there is a pointer in there, and it is this guard's to take.
        let pointer = self.slot.pointer.xchg(ptr::null_mut(), Full);
        // Those who have loaded it have counted their reference when this returns.
        rcu::synchronize();
        // SAFETY: By the invariant of the slot it comes from `into_raw`, and a grace period has passed.
        drop(unsafe { Arc::from_raw(pointer) });
    }
}

#[kunit_tests(rust_sync_arc_slot)]
mod tests {
    use super::*;
    use crate::sync::atomic::Relaxed;

    /// A value that counts its end.
    struct Probe<'a>(&'a Atomic<u32>);

    impl Drop for Probe<'_> {
        fn drop(&mut self) {
            self.0.add(1, Relaxed);
        }
    }

    #[test]
    fn empty_slots() {
        assert!(ArcSlot::<u32>::new().get().is_none());
        assert!(ArcSlot::<u32>::default().get().is_none());
    }

    #[test]
    fn filled_again_and_again() -> Result {
        let slot = ArcSlot::new();
        for number in 0..10 {
            let guard = slot.fill(Arc::new(number, GFP_KERNEL)?)?;
            assert_eq!(slot.get().as_deref(), Some(&number));
            assert_eq!(slot.get().as_deref(), Some(&number));
            drop(guard);
            assert!(slot.get().is_none());
        }
        Ok(())
    }

    #[test]
    fn the_last_owner_drops() -> Result {
        let drops = Atomic::new(0);
        let slot = ArcSlot::new();
        let guard = slot.fill(Arc::new(Probe(&drops), GFP_KERNEL)?)?;
        drop(slot.get());
        assert_eq!(drops.load(Relaxed), 0);
        drop(guard);
        assert_eq!(drops.load(Relaxed), 1);

        let guard = slot.fill(Arc::new(Probe(&drops), GFP_KERNEL)?)?;
        let kept = slot.get();
        drop(guard);
        assert_eq!(drops.load(Relaxed), 1);
        drop(kept);
        assert_eq!(drops.load(Relaxed), 2);
        Ok(())
    }

    #[test]
    fn what_finds_no_room_is_dropped() -> Result {
        let drops = Atomic::new(0);
        let slot = ArcSlot::new();
        let guard = slot.fill(Arc::new(Probe(&drops), GFP_KERNEL)?)?;
        assert!(slot.fill(Arc::new(Probe(&drops), GFP_KERNEL)?).is_err());
        assert_eq!(drops.load(Relaxed), 1);
        assert!(slot.get().is_some());
        drop(guard);
        assert_eq!(drops.load(Relaxed), 2);
        Ok(())
    }
}
