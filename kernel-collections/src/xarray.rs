// SPDX-License-Identifier: GPL-2.0

//! Sparse arrays of pointers.
//!
//! An [`XArray`] has a place for each `usize`. Places next to each other share memory, so it is at its
//! best when the indices that are in use come in clusters.
//!
//! What is in an array is any owner that can be turned into a pointer: a [`KBox`], an
//! [`Arc`](crate::sync::Arc), …: see [`ForeignOwnable`].
//!
//! In C: [`xarray.h`](srctree/include/linux/xarray.h), explained in
//! [`xarray.rst`](srctree/Documentation/core-api/xarray.rst).

use crate::{
    alloc::Flags,
    bindings,
    prelude::*,
    types::{ForeignOwnable, NotThreadSafe, Opaque},
};
use core::{cell::Cell, marker::PhantomData};

pub(crate) mod guard_flag;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

use guard_flag::GuardFlag;

/// An array of owners with a place for each `usize`, most of which are empty.
///
/// The array has a spinlock. [`lock`](Self::lock) acquires it, and the [`Guard`] gives access to the
/// values. Interrupts stay enabled meanwhile, so interrupt handlers must not use the array.
///
/// Dropping the array drops the values, without holding the lock.
///
/// The two low bits of what C stores tell pointers from other things, so pointers have to be aligned to
/// four bytes. [`new`](Self::new) does not compile for a `T` that does not promise that, such as `()`,
/// or a box of a value without size.
///
/// To lockdep all arrays of Rust code are of one class. It complains about a task that locks a second
/// one while it has a guard of a first.
///
/// C counterpart: [`struct xarray`].
///
/// # Invariants
///
/// - `xa` is initialised.
/// - Each entry is a pointer that [`T::into_foreign`](ForeignOwnable::into_foreign) returned, and the
///   array owns what it stands for.
/// - Entries are looked at and changed by whoever holds the lock. `guarded` says whether there is a
///   [`Guard`].
///
/// # Examples
///
/// ```
/// use kernel::{
///     sync::Arc,
///     xarray::{AllocKind, XArray},
/// };
///
/// struct Port {
///     speed: u32,
/// }
///
/// let ports = KBox::pin_init(XArray::<Arc<Port>>::new(AllocKind::Alloc), GFP_KERNEL)?;
///
/// let mut guard = ports.lock();
/// let uplink = Arc::new(Port { speed: 10_000 }, GFP_ATOMIC)?;
/// assert!(guard.store(48, uplink.clone(), GFP_ATOMIC)?.is_none());
///
/// assert_eq!(guard.get(48).map(|port| port.speed), Some(10_000));
/// assert!(guard.get(47).is_none());
///
/// let removed = guard.remove(48).ok_or(ENOENT)?;
/// assert!(Arc::ptr_eq(&removed, &uplink));
/// assert!(guard.get(48).is_none());
/// # Ok::<(), Error>(())
/// ```
///
/// [`struct xarray`]: srctree/include/linux/xarray.h
#[pin_data(PinnedDrop)]
pub struct XArray<T: ForeignOwnable> {
    #[pin]
    xa: Opaque<bindings::xarray>,
    guarded: GuardFlag,
    // It owns `T`s, and takes them in by `&self`: an array of a long-lived `T` is none of a shorter-lived.
    _owns: PhantomData<Cell<T>>,
}

// SAFETY: The array owns its values, and without a guard (which borrows it) belongs to no task.
unsafe impl<T: ForeignOwnable + Send> Send for XArray<T> {}

// SAFETY: Sharing the array lets each task in turn have, store and take out values, one task at a time:
// that is no more than sending them back and forth.
unsafe impl<T: ForeignOwnable + Send> Sync for XArray<T> {}

/// Where an [`XArray`] starts to count when it chooses an index itself.
///
/// That is what C's `xa_alloc()` does. To storing at an index that the caller chooses, and to all that
/// this module offers, both are the same.
///
/// # Examples
///
/// ```
/// use kernel::xarray::{AllocKind, XArray};
///
/// for kind in [AllocKind::Alloc, AllocKind::Alloc1] {
///     let array = KBox::pin_init(XArray::<KBox<u32>>::new(kind), GFP_KERNEL)?;
///     let five = KBox::new(5, GFP_KERNEL)?;
///     array.lock().store(0, five, GFP_KERNEL)?;
///     assert_eq!(array.lock().get(0), Some(&5));
/// }
/// # Ok::<(), Error>(())
/// ```
pub enum AllocKind {
    /// At 0. C counterpart: `XA_FLAGS_ALLOC`.
    Alloc,
    /// At 1. C counterpart: `XA_FLAGS_ALLOC1`.
    Alloc1,
}

impl<T: ForeignOwnable> XArray<T> {
    /// Initialises an array that is empty.
    pub fn new(kind: AllocKind) -> impl PinInit<Self> {
        const {
            assert!(
                T::FOREIGN_ALIGN >= 4,
                "an XArray needs pointers that are aligned to four bytes"
            )
        };
        let flags = match kind {
            AllocKind::Alloc => bindings::XA_FLAGS_ALLOC,
            AllocKind::Alloc1 => bindings::XA_FLAGS_ALLOC1,
        };
        // INVARIANT: The array is initialised, has no entry, and nobody has a guard.
        pin_init!(Self {
            xa <- Opaque::ffi_init(|xa| {
                // SAFETY: `ffi_init` gives memory that is valid for writes and stays in place.
                unsafe { bindings::xa_init_flags(xa, flags) }
            }),
            guarded: GuardFlag::new(),
            _owns: PhantomData,
        })
    }

    /// Acquires the lock and returns the way to the values.
    ///
    /// Spins until nobody else holds it. Must not be called in interrupt handlers, nor by a task that
    /// has a guard of this array: it would wait for itself. What happens until the guard is dropped must
    /// not sleep.
    ///
    /// # Panics
    ///
    /// In a kernel for one processor, if there is a guard already.
    pub fn lock(&self) -> Guard<'_, T> {
        // SAFETY: By the type invariants the array is initialised.
        unsafe { bindings::xa_lock(self.xa.get()) };
        self.guarded.enter();
        // INVARIANT: The lock was just acquired, and there was no guard.
        Guard {
            array: self,
            _not_send: NotThreadSafe,
        }
    }

    /// Acquires the lock if nobody holds it; never waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::xarray::{AllocKind, XArray};
    ///
    /// let array = KBox::pin_init(XArray::<KBox<u32>>::new(AllocKind::Alloc), GFP_KERNEL)?;
    ///
    /// let guard = array.lock();
    /// assert!(array.try_lock().is_none());
    ///
    /// drop(guard);
    /// assert!(array.try_lock().is_some());
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use = "the lock is given up again when the guard is dropped"]
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        // SAFETY: By the type invariants the array is initialised.
        if unsafe { bindings::xa_trylock(self.xa.get()) } == 0 {
            return None;
        }
        if !self.guarded.try_enter() {
            // SAFETY: The lock was acquired above, once more than there are guards.
            unsafe { bindings::xa_unlock(self.xa.get()) };
            return None;
        }
        // INVARIANT: The lock was just acquired, and there was no guard.
        Some(Guard {
            array: self,
            _not_send: NotThreadSafe,
        })
    }
}

#[pinned_drop]
impl<T: ForeignOwnable> PinnedDrop for XArray<T> {
    fn drop(self: Pin<&mut Self>) {
        let xa = self.xa.get();
        let mut index = 0;
        // The lock is not needed, as nobody else has the array, and not wanted: values may sleep when
        // they are dropped.
        //
        // SAFETY: By the type invariants the array is initialised.
        let mut entry =
            unsafe { bindings::xa_find(xa, &mut index, usize::MAX, bindings::XA_PRESENT) };
        while !entry.is_null() {
            // SAFETY: By the type invariants this came from `into_foreign`, and the array owned it. The
            // entry is not used again: C goes on after it, and does not follow it.
            drop(unsafe { T::from_foreign(entry) });
            // SAFETY: As for `xa_find`.
            entry = unsafe {
                bindings::xa_find_after(xa, &mut index, usize::MAX, bindings::XA_PRESENT)
            };
        }
        // SAFETY: As above. This frees the array's own memory, and does not follow entries.
        unsafe { bindings::xa_destroy(xa) };
    }
}

/// An [`XArray`] that is locked, and the way to its values.
///
/// Dropping the guard gives the lock up. The lock is a spinlock: nothing may sleep meanwhile, nor
/// allocate with flags that permit sleeping, except [`store`](Self::store), which sees to the lock
/// itself. A guard stays in the task that acquired the lock: it is neither [`Send`] nor [`Sync`].
///
/// Values that [`remove`](Self::remove) and [`store`](Self::store) return are dropped by the caller. If
/// that may sleep, drop the guard before.
///
/// # Invariants
///
/// The current task holds the lock of `array`, and this is the only guard.
///
/// # Examples
///
/// ```
/// use kernel::xarray::{AllocKind, XArray};
///
/// let array = KBox::pin_init(XArray::<KBox<u32>>::new(AllocKind::Alloc), GFP_KERNEL)?;
/// let mut guard = array.lock();
///
/// // This may give the lock up, to allocate; all that is done until then others may change.
/// guard.store(1000, KBox::new(1, GFP_ATOMIC)?, GFP_KERNEL)?;
///
/// if let Some(value) = guard.get_mut(1000) {
///     *value += 1;
/// }
/// assert_eq!(guard.get(1000), Some(&2));
///
/// // The box is freed after the lock has been given up.
/// let value = guard.remove(1000);
/// drop(guard);
/// assert_eq!(value.map(KBox::into_inner), Some(2));
/// # Ok::<(), Error>(())
/// ```
#[must_use = "the lock is given up at once when the guard is not kept"]
pub struct Guard<'a, T: ForeignOwnable> {
    array: &'a XArray<T>,
    _not_send: NotThreadSafe,
}

/// A value that could not be stored, and why.
///
/// Becomes an [`Error`] with `?`, which drops the value.
///
/// # Examples
///
/// ```
/// use kernel::xarray::{AllocKind, StoreError, XArray};
///
/// /// Stores a value, or else returns it.
/// fn offer(array: &XArray<KBox<u32>>, value: KBox<u32>) -> Option<KBox<u32>> {
///     match array.lock().store(0, value, GFP_ATOMIC) {
///         Ok(old) => old,
///         Err(StoreError { value, error }) => {
///             pr_info!("not stored: {error:?}\n");
///             Some(value)
///         }
///     }
/// }
///
/// let array = KBox::pin_init(XArray::new(AllocKind::Alloc), GFP_KERNEL)?;
/// assert!(offer(&array, KBox::new(1, GFP_KERNEL)?).is_none());
/// assert_eq!(offer(&array, KBox::new(2, GFP_KERNEL)?).as_deref(), Some(&1));
///
/// let error = StoreError { value: (), error: ENOMEM };
/// assert_eq!(Error::from(error), ENOMEM);
/// # Ok::<(), Error>(())
/// ```
pub struct StoreError<T> {
    /// What went wrong.
    pub error: Error,
    /// What was to be stored.
    pub value: T,
}

impl<T> From<StoreError<T>> for Error {
    fn from(value: StoreError<T>) -> Self {
        value.error
    }
}

impl<'a, T: ForeignOwnable> Guard<'a, T> {
    /// Returns the entry at `index`, or null.
    fn load(&self, index: usize) -> *mut c_void {
        // SAFETY: By the type invariants of the array it is initialised.
        unsafe { bindings::xa_load(self.array.xa.get(), index) }
    }

    /// Borrows the value at `index`.
    pub fn get(&self, index: usize) -> Option<T::Borrowed<'_>> {
        let entry = self.load(index);
        // SAFETY: By the type invariants of the array this came from `into_foreign`. The lock is held,
        // so no other task takes it out or borrows it, and in this task each way to do so takes
        // `&mut self`.
        (!entry.is_null()).then(|| unsafe { T::borrow(entry) })
    }

    /// Borrows the value at `index`, to change it.
    pub fn get_mut(&mut self, index: usize) -> Option<T::BorrowedMut<'_>> {
        let entry = self.load(index);
        // SAFETY: By the type invariants of the array this came from `into_foreign`. The lock is held,
        // so no other task has it, and `self` is borrowed mutably. Where `T` is not `Send`, the array
        // never left the thread that stored it.
        (!entry.is_null()).then(|| unsafe { T::borrow_mut(entry) })
    }

    /// Takes the value at `index` out.
    ///
    /// Does not allocate, and does not give the lock up.
    pub fn remove(&mut self, index: usize) -> Option<T> {
        // SAFETY: By the type invariants the array is initialised and this task holds the lock.
        let entry = unsafe { bindings::__xa_erase(self.array.xa.get(), index) };
        // SAFETY: By the type invariants of the array this is null or came from `into_foreign`. It is
        // in the array no more, nobody has it borrowed, and where `T` is not `Send`, the array never
        // left the thread that stored it.
        unsafe { T::try_from_foreign(entry) }
    }

    /// Stores a value at `index`, and returns the one that was there before.
    ///
    /// If memory is needed and `gfp` permits sleeping, **the lock is given up** for the time that takes,
    /// and acquired again. Others may change anything in the array meanwhile, so check again what was
    /// checked before. With [`GFP_ATOMIC`] or
    /// [`GFP_NOWAIT`] the lock is held throughout; so it has to be when
    /// there is another reason not to sleep, as another spinlock that is held. There is no need for
    /// memory where there is a value already.
    ///
    /// # Errors
    ///
    /// `ENOMEM` if there is no memory. The array is as it was, and the value is in the error.
    pub fn store(
        &mut self,
        index: usize,
        value: T,
        gfp: Flags,
    ) -> Result<Option<T>, StoreError<T>> {
        let new = value.into_foreign();
        // INVARIANT: From here until `enter`, this guard does not count: there may be another whenever
        // C has given the lock up. What it returns with is the lock, so that then there is none.
        self.array.guarded.leave();
        // SAFETY: By the type invariants the array is initialised and this task holds the lock. The
        // entry is a pointer that is not null, and with both low bits clear, as `new` made sure.
        let old = unsafe { bindings::__xa_store(self.array.xa.get(), index, new, gfp.as_raw()) };
        self.array.guarded.enter();

        // SAFETY: This is the result of a function of the array.
        let errno = unsafe { bindings::xa_err(old) };
        if errno != 0 {
            return Err(StoreError {
                error: Error::from_errno(errno),
                // SAFETY: This came from `into_foreign` above, and was not stored.
                value: unsafe { T::from_foreign(new) },
            });
        }
        // SAFETY: By the type invariants of the array this is null or came from `into_foreign`. It is
        // in the array no more, nobody has it borrowed, and where `T` is not `Send`, the array never
        // left the thread that stored it.
        Ok(unsafe { T::try_from_foreign(old) })
    }
}

impl<T: ForeignOwnable> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.array.guarded.leave();
        // SAFETY: By the type invariants this task holds the lock.
        unsafe { bindings::xa_unlock(self.array.xa.get()) };
    }
}
