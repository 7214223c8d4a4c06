// SPDX-License-Identifier: GPL-2.0

//! Values protected by a lock that lies elsewhere.

use super::lock::{Backend, Lock};
use core::{cell::UnsafeCell, ptr};

/// A value that can only be reached by who holds a lock somewhere else.
///
/// In C this is a comment: "protected by `dev->lock`". Use it when one lock protects a whole
/// structure of objects, and the objects are not inside of the lock's data: say, a lock of a
/// directory for all that its files have.
///
/// To get at the value one shows the data of the lock, which is there only while the lock is held. That
/// it is the *right* lock is checked when the program runs, by the address of that data.
///
/// # Invariants
///
/// `U` is not of size zero, so that at any time there is at most one `&mut U` with the address `owner`;
/// and the value is reached only by who has a reference to a `U` at that address.
///
/// # Examples
///
/// ```
/// use kernel::sync::{new_mutex, LockedBy, Mutex};
///
/// #[pin_data]
/// struct Directory {
///     #[pin]
///     inner: Mutex<DirectoryInner>,
/// }
///
/// struct DirectoryInner {
///     bytes: usize,
/// }
///
/// struct File {
///     /// Protected by the directory's lock: files change together with the sum.
///     size: LockedBy<usize, DirectoryInner>,
/// }
///
/// impl File {
///     fn new(dir: &Directory) -> Self {
///         Self { size: LockedBy::new(&dir.inner, 0) }
///     }
///
///     /// Panics if `dir` is not the directory of this file.
///     fn resize(&self, dir: &Directory, new_size: usize) {
///         let mut inner = dir.inner.lock();
///         let size = self.size.access_mut(&mut inner);
///         let old_size = core::mem::replace(size, new_size);
///         inner.bytes = inner.bytes - old_size + new_size;
///     }
/// }
///
/// let dir = KBox::pin_init(
///     pin_init!(Directory { inner <- new_mutex!(DirectoryInner { bytes: 0 }) }),
///     GFP_KERNEL,
/// )?;
/// let (a, b) = (File::new(&dir), File::new(&dir));
/// a.resize(&dir, 10);
/// b.resize(&dir, 5);
/// a.resize(&dir, 1);
///
/// let inner = dir.inner.lock();
/// assert_eq!(inner.bytes, 6);
/// assert_eq!(*a.size.access(&inner) + *b.size.access(&inner), 6);
/// # Ok::<(), Error>(())
/// ```
pub struct LockedBy<T: ?Sized, U: ?Sized> {
    owner: *const U,
    data: UnsafeCell<T>,
}

// SAFETY: Only an address is kept of the owner; the value goes where it may go.
unsafe impl<T: ?Sized + Send, U: ?Sized> Send for LockedBy<T, U> {}

// SAFETY: With `&LockedBy` alone one gets nothing. One task after the other may have `&mut T` through
// it, which takes `T: Send`; that several tasks have `&T` takes `T: Sync`, which `access` asks for.
unsafe impl<T: ?Sized + Send, U: ?Sized> Sync for LockedBy<T, U> {}

impl<T, U> LockedBy<T, U> {
    /// Wraps a value that `owner` protects from now on.
    ///
    /// The owner's data must have a size: a type without one does not compile here, since values of
    /// such a type can't be told apart by their addresses.
    pub fn new<B: Backend>(owner: &Lock<U, B>, data: T) -> Self {
        const {
            assert!(
                size_of::<U>() > 0,
                "the data of the lock must not be of size zero"
            )
        };

        // INVARIANT: `U` has a size, as was just checked.
        Self {
            owner: owner.data_ptr(),
            data: UnsafeCell::new(data),
        }
    }
}

impl<T: ?Sized, U> LockedBy<T, U> {
    /// Reads the value; `owner` is the data of the lock that protects it.
    ///
    /// # Panics
    ///
    /// Panics if `owner` is the data of another lock than the value was made for.
    pub fn access<'a>(&'a self, owner: &'a U) -> &'a T
    where
        T: Sync,
    {
        self.check(owner);

        // SAFETY: By the type invariants, writing takes a `&mut U` with the address that `owner` has,
        // which can't exist for all of `'a`. That others read at the same time is fine: `T: Sync`.
        unsafe { &*self.data.get() }
    }

    /// Writes the value; `owner` is the data of the lock that protects it.
    ///
    /// # Panics
    ///
    /// Panics if `owner` is the data of another lock than the value was made for.
    #[allow(
        clippy::mut_from_ref,
        reason = "exclusive access comes from the owner, borrowed mutably for as long"
    )]
    pub fn access_mut<'a>(&'a self, owner: &'a mut U) -> &'a mut T {
        self.check(owner);

        // SAFETY: By the type invariants, reading or writing takes a reference to a `U` with the
        // address that `owner` has. This one is exclusive for all of `'a`.
        unsafe { &mut *self.data.get() }
    }

    /// Panics if this is not the owner.
    #[track_caller]
    fn check(&self, owner: &U) {
        if !ptr::eq(self.owner, owner) {
            panic!("locked data accessed with the lock of something else");
        }
    }
}

use crate::prelude::*;

#[kunit_tests(rust_sync_locked_by)]
mod tests {
    use super::*;
    use crate::sync::{new_mutex, new_spinlock};
    use core::cell::Cell;

    #[test]
    fn reads_and_writes() -> Result {
        let lock = KBox::pin_init(new_mutex!(0u8), GFP_KERNEL)?;
        let value = LockedBy::new(&*lock, 1);

        let mut guard = lock.lock();
        *value.access_mut(&mut guard) += 1;
        assert_eq!(*value.access(&guard), 2);

        // Shared access as often as one likes.
        let (a, b) = (value.access(&guard), value.access(&guard));
        assert!(ptr::eq(a, b));
        Ok(())
    }

    #[test]
    fn any_kind_of_lock() -> Result {
        let lock = KBox::pin_init(new_spinlock!(0u64), GFP_KERNEL)?;
        let value = LockedBy::new(&*lock, [1, 2]);
        value.access_mut(&mut lock.lock())[0] = 5;
        assert_eq!(*value.access(&lock.lock()), [5, 2]);
        Ok(())
    }

    #[test]
    fn exclusive_access_to_what_is_not_sync() -> Result {
        let lock = KBox::pin_init(new_mutex!(0u8), GFP_KERNEL)?;
        let value = LockedBy::new(&*lock, Cell::new(1));
        value.access_mut(&mut lock.lock()).set(4);
        assert_eq!(value.access_mut(&mut lock.lock()).get(), 4);
        Ok(())
    }

    /// The check for the right owner; that the others panic can't be shown in a kernel.
    #[test]
    fn owner_is_told_by_address() -> Result {
        let right = KBox::pin_init(new_mutex!(7u8), GFP_KERNEL)?;
        let wrong = KBox::pin_init(new_mutex!(7u8), GFP_KERNEL)?;
        let value = LockedBy::new(&*right, ());
        assert!(ptr::eq(value.owner, &*right.lock()));
        assert!(!ptr::eq(value.owner, &*wrong.lock()));
        value.access(&*right.lock());
        Ok(())
    }

    #[test]
    fn value_is_dropped_with_its_wrapper() -> Result {
        let lock = KBox::pin_init(new_mutex!(0u8), GFP_KERNEL)?;
        let dropped = Cell::new(false);
        struct SetOnDrop<'a>(&'a Cell<bool>);
        impl Drop for SetOnDrop<'_> {
            fn drop(&mut self) {
                self.0.set(true);
            }
        }

        let value = LockedBy::new(&*lock, SetOnDrop(&dropped));
        assert!(!dropped.get());
        drop(value);
        assert!(dropped.get());
        Ok(())
    }
}
