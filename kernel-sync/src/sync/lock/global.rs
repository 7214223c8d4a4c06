// SPDX-License-Identifier: GPL-2.0

//! Locks in statics.
//!
//! A lock must be initialised at run time, in place; a `static` has its value from the start. So
//! [`global_lock!`] declares a static that is initialised by a call, early in a module's life.
//!
//! As there is only one such lock of each type, a guard of it is a key to data that lies anywhere:
//! [`GlobalLockedBy`].

use super::{mutex::MutexBackend, spinlock::SpinLockBackend, Backend, Guard, Lock};
use crate::{
    prelude::*,
    sync::LockClassKey,
    types::{NotThreadSafe, Opaque},
};
use core::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
};

mod locked_by;

pub use locked_by::GlobalLockedBy;

/// What tells one global lock from another: [`global_lock!`] makes a type with this trait for each.
///
/// [`global_lock!`]: crate::sync::global_lock
pub trait GlobalLockBackend {
    /// Returns the lock class of the lock.
    fn get_lock_class() -> Pin<&'static LockClassKey>;

    /// What debugging output calls the lock.
    const NAME: &'static CStr;

    /// The kind of lock.
    type Backend: Backend + 'static;

    /// The value that the lock protects.
    type Item: 'static;
}

/// A lock in a `static`; [`global_lock!`] declares one.
///
/// # Invariants
///
/// There is no other `GlobalLock<B>`, and by the time it is used `lock` is initialised in the sense
/// of [`Lock`].
///
/// # Examples
///
/// Code that works with any global lock of a number:
///
/// ```
/// use kernel::sync::{global_lock, GlobalLock, GlobalLockBackend};
///
/// fn next<B: GlobalLockBackend<Item = u32>>(counter: &'static GlobalLock<B>) -> u32 {
///     let mut counter = counter.lock();
///     *counter += 1;
///     *counter
/// }
///
/// global_lock! {
///     // SAFETY: Initialised below, before it is used.
///     unsafe(uninit) static NEXT_ID: Mutex<u32> = 0;
/// }
///
/// // SAFETY: Called once, before anything else uses the lock.
/// unsafe { NEXT_ID.init() };
///
/// let first = next(&NEXT_ID);
/// assert_eq!(next(&NEXT_ID), first + 1);
/// ```
///
/// [`global_lock!`]: crate::sync::global_lock
pub struct GlobalLock<B: GlobalLockBackend> {
    lock: Lock<B::Item, B::Backend>,
}

impl<B: GlobalLockBackend> GlobalLock<B> {
    /// Makes the value for a `static`.
    ///
    /// # Safety
    ///
    /// - The value must become the value of a `static`, and it must be the only one made for `B`.
    /// - [`GlobalLock::init`] must have returned before [`GlobalLock::lock`] or
    ///   [`GlobalLock::try_lock`] is called.
    pub const unsafe fn new(data: B::Item) -> Self {
        // INVARIANT: The caller promises both.
        Self {
            lock: Lock {
                state: Opaque::zeroed(),
                data: UnsafeCell::new(data),
            },
        }
    }

    /// Initialises the lock.
    ///
    /// # Safety
    ///
    /// Must be called once at most, and not at the same time as any other method of the lock.
    ///
    /// A module that can be unloaded and loaded again has a new static each time.
    pub unsafe fn init(&'static self) {
        let state = self.lock.state.get();
        // SAFETY: `state` points into a static, and the caller says that nobody uses the lock yet.
        // The name and the class key live for ever.
        unsafe { B::Backend::init(state, B::NAME.as_char_ptr(), B::get_lock_class().as_ptr()) }
    }

    /// Acquires the lock; waits if it is held.
    pub fn lock(&'static self) -> GlobalGuard<B> {
        GlobalGuard {
            guard: self.lock.lock(),
            _not_sync: NotThreadSafe,
        }
    }

    /// Acquires the lock if nobody holds it; never waits.
    #[must_use = "the lock is given up again when the guard is dropped"]
    pub fn try_lock(&'static self) -> Option<GlobalGuard<B>> {
        Some(GlobalGuard {
            guard: self.lock.try_lock()?,
            _not_sync: NotThreadSafe,
        })
    }
}

/// A [`GlobalLock`] that is held, and the way to its data.
///
/// Dropping the guard gives the lock up. It stays in the task that acquired the lock: it is neither
/// [`Send`] nor [`Sync`], since [`GlobalLockedBy::as_ref`] trusts that who shows a guard is the one
/// who holds the lock.
///
/// # Invariants
///
/// The current task holds the one `GlobalLock<B>` there is.
///
/// # Examples
///
/// ```
/// use kernel::sync::{global_lock, GlobalGuard};
///
/// global_lock! {
///     // SAFETY: Initialised below, before it is used.
///     unsafe(uninit) static NAMES: Mutex<KVec<&'static str>> = KVec::new();
/// }
///
/// // To take a guard is to demand that the lock be held.
/// fn add(names: &mut GlobalGuard<NAMES>, name: &'static str) -> Result {
///     Ok(names.push(name, GFP_KERNEL)?)
/// }
///
/// // SAFETY: Called once, before anything else uses the lock.
/// unsafe { NAMES.init() };
///
/// let mut names = NAMES.lock();
/// names.clear();
/// add(&mut names, "a")?;
/// add(&mut names, "b")?;
/// assert_eq!(names.len(), 2);
/// # *names = KVec::new();
/// # Ok::<(), Error>(())
/// ```
#[must_use = "the lock is given up at once when the guard is not kept"]
pub struct GlobalGuard<B: GlobalLockBackend> {
    guard: Guard<'static, B::Item, B::Backend>,
    _not_sync: NotThreadSafe,
}

impl<B: GlobalLockBackend> Deref for GlobalGuard<B> {
    type Target = B::Item;

    fn deref(&self) -> &Self::Target {
        &self.guard
    }
}

impl<B: GlobalLockBackend> DerefMut for GlobalGuard<B>
where
    B::Item: Unpin,
{
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.guard
    }
}

/// Finds the backend of a kind of lock, for [`global_lock!`](crate::sync::global_lock).
///
/// Not API: public so that the macro works in other crates.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a lock that `global_lock!` can declare",
    note = "the kind is `Mutex` or `SpinLock`"
)]
pub trait HasBackend {
    /// The backend.
    type Backend: Backend;
}

impl<T: ?Sized> HasBackend for Lock<T, MutexBackend> {
    type Backend = MutexBackend;
}

impl<T: ?Sized> HasBackend for Lock<T, SpinLockBackend> {
    type Backend = SpinLockBackend;
}

/// Declares a lock in a `static`.
///
/// ```text
/// [pub] unsafe(uninit) static NAME: KIND<TYPE> = VALUE;
/// ```
///
/// `KIND` is `Mutex` or `SpinLock`. The static is a [`GlobalLock<NAME>`]: a type `NAME` is declared
/// with it, which says *which* lock in [`GlobalGuard<NAME>`] and [`GlobalLockedBy<T, NAME>`].
/// Attributes and documentation comments in front of it end up on the static.
///
/// # Safety
///
/// With `unsafe(uninit)` you promise to call [`GlobalLock::init`], once, before the lock is used for
/// the first time.
///
/// # Examples
///
/// A counter for the whole module:
///
/// ```
/// use kernel::sync::{global_lock, GlobalGuard};
///
/// global_lock! {
///     /// How many devices there are.
///     // SAFETY: Initialised below; in a module this belongs into `Module::init`.
///     unsafe(uninit) static DEVICES: SpinLock<u32> = 0;
/// }
///
/// fn register(mut devices: GlobalGuard<DEVICES>) -> u32 {
///     *devices += 1;
///     *devices
/// }
///
/// // SAFETY: Called once, before anything else uses the lock.
/// unsafe { DEVICES.init() };
///
/// assert_eq!(register(DEVICES.lock()), 1);
/// assert_eq!(register(DEVICES.lock()), 2);
///
/// let guard = DEVICES.lock();
/// assert!(DEVICES.try_lock().is_none());
/// # drop(guard);
/// ```
///
/// [`GlobalLock`]: crate::sync::GlobalLock
/// [`GlobalLock<NAME>`]: crate::sync::GlobalLock
/// [`GlobalLock::init`]: crate::sync::GlobalLock::init
/// [`GlobalGuard<NAME>`]: crate::sync::GlobalGuard
/// [`GlobalLockedBy<T, NAME>`]: crate::sync::GlobalLockedBy
#[macro_export]
macro_rules! global_lock {
    (
        $(#[$attr:meta])* $vis:vis
        unsafe(uninit) static $name:ident: $kind:ident<$item:ty> = $value:expr;
    ) => {
        #[doc = ::core::concat!("Stands for the global lock [`static@", ::core::stringify!($name), "`].")]
        #[allow(
            non_camel_case_types,
            clippy::upper_case_acronyms,
            unreachable_pub,
            reason = "goes by the same name, and is seen from the same places, as the static"
        )]
        $vis enum $name {}

        impl $crate::sync::GlobalLockBackend for $name {
            const NAME: &'static $crate::str::CStr =
                $crate::c_str!(::core::stringify!($name));
            type Item = $item;
            type Backend = <$crate::sync::$kind<$item> as $crate::sync::HasBackend>::Backend;

            fn get_lock_class() -> ::core::pin::Pin<&'static $crate::sync::LockClassKey> {
                $crate::static_lock_class!()
            }
        }

        $(#[$attr])*
        #[allow(unreachable_pub, reason = "is seen from the same places as its type")]
        $vis static $name: $crate::sync::GlobalLock<$name> = {
            // Outside of the unsafe block, which is not about the value.
            let value: $item = $value;
            // SAFETY: This is a static, and nothing else declares the type `$name`, which has no
            // other use. Whoever wrote `unsafe(uninit)` promises to call `init` first.
            unsafe { $crate::sync::GlobalLock::new(value) }
        };
    };
}
pub use global_lock;

#[kunit_tests(rust_sync_global_lock)]
mod tests {
    use super::*;
    use crate::sync::atomic::{AtomicFlag, Full};

    global_lock! {
        // SAFETY: Each of these locks is used by one test, which initialises it first; it is the only
        // one to do so, and tests run once.
        unsafe(uninit) static MUTEX: Mutex<u32> = 3;
    }
    global_lock! {
        // SAFETY: As above.
        unsafe(uninit) static SPINLOCK: SpinLock<[u8; 4]> = [1, 2, 3, 4];
    }

    // Tests may be started again, by hand; initialising a lock again must not happen then.
    fn once(done: &AtomicFlag, init: impl FnOnce()) {
        if !done.xchg(true, Full) {
            init();
        }
    }

    #[test]
    fn mutex() {
        static DONE: AtomicFlag = AtomicFlag::new(false);
        // SAFETY: Called once, before the lock is used.
        once(&DONE, || unsafe { MUTEX.init() });

        *MUTEX.lock() = 3;
        let mut guard = MUTEX.lock();
        assert_eq!(*guard, 3);
        *guard += 1;
        assert!(MUTEX.try_lock().is_none());
        drop(guard);
        assert_eq!(MUTEX.try_lock().map(|value| *value), Some(4));
    }

    #[test]
    fn spinlock() {
        static DONE: AtomicFlag = AtomicFlag::new(false);
        // SAFETY: Called once, before the lock is used.
        once(&DONE, || unsafe { SPINLOCK.init() });

        let mut guard = SPINLOCK.lock();
        guard[0] = 9;
        assert!(SPINLOCK.try_lock().is_none());
        drop(guard);
        let guard = SPINLOCK.try_lock();
        assert_eq!(guard.as_deref(), Some(&[9, 2, 3, 4]));
    }

    #[test]
    fn names() {
        assert_eq!(<MUTEX as GlobalLockBackend>::NAME, c"MUTEX");
        assert_eq!(<SPINLOCK as GlobalLockBackend>::NAME, c"SPINLOCK");
    }
}
