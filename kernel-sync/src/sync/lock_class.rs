// SPDX-License-Identifier: GPL-2.0

//! Keys that tell lockdep which locks follow the same rules.

use crate::{bindings, prelude::*, types::Opaque};
use core::mem::ManuallyDrop;

/// A key that groups locks into one class for the lock validator.
///
/// Lockdep does not learn an order for each lock but for each *class* of locks: all locks that were
/// initialised with the same key. Each of [`new_mutex!`], [`new_spinlock!`] and [`new_condvar!`]
/// carries a key of its own, so locks made at one place in the source are one class, and there is
/// seldom a reason to name this type. Without `CONFIG_LOCKDEP` a key has no size and does nothing.
///
/// Keys come in two kinds. A *static* key ([`static_lock_class!`]) is known to lockdep by lying in
/// the kernel's or a module's image. A *dynamic* key ([`LockClassKey::new_dynamic`]) lies in
/// allocated memory and is registered while it lives.
///
/// Everything that initialises a lock takes a `Pin<&'static LockClassKey>`, because lockdep keeps the
/// address for as long as a lock uses it. A static key gives that for nothing; with a dynamic key it
/// takes `unsafe` (or a leak) to promise that the key outlives its locks.
///
/// C counterpart: [`struct lock_class_key`].
///
/// # Invariants
///
/// The key either lies in memory that is never given back, and is never dropped, or has been handed
/// to `lockdep_register_key` at the address where it is.
///
/// # Examples
///
/// A class of its own for each object, for locks that are nested in an order that only the objects
/// know:
///
/// ```
/// use kernel::sync::{LockClassKey, Mutex};
///
/// let key = KBox::pin_init(LockClassKey::new_dynamic(), GFP_KERNEL)?;
/// let class: *const LockClassKey = &*key;
///
/// // SAFETY: The key is dropped after the mutex, below.
/// let class = unsafe { &*class };
/// // SAFETY: It is pinned, in an allocation of its own.
/// let class = unsafe { Pin::new_unchecked(class) };
/// let mutex = KBox::pin_init(Mutex::new(7, c"example", class), GFP_KERNEL)?;
///
/// assert_eq!(*mutex.lock(), 7);
/// drop(mutex);
/// drop(key);
/// # Ok::<(), Error>(())
/// ```
///
/// [`new_mutex!`]: crate::sync::new_mutex
/// [`new_spinlock!`]: crate::sync::new_spinlock
/// [`new_condvar!`]: crate::sync::new_condvar
/// [`static_lock_class!`]: crate::sync::static_lock_class
/// [`struct lock_class_key`]: srctree/include/linux/lockdep_types.h
#[repr(transparent)]
#[pin_data(PinnedDrop)]
pub struct LockClassKey {
    #[pin]
    inner: Opaque<bindings::lock_class_key>,
}

// SAFETY: Registration and its end may happen in different tasks; lockdep takes its own lock for
// both, and nothing in the key belongs to a task.
unsafe impl Send for LockClassKey {}

// SAFETY: Through `&LockClassKey` one only gets a pointer. Lockdep serialises what it does behind it.
unsafe impl Sync for LockClassKey {}

impl LockClassKey {
    /// Initialises a key in allocated memory and registers it.
    ///
    /// It is unregistered when it is dropped, which may sleep for an RCU grace period. Lockdep warns
    /// about a dynamic key in static memory, such as the data of a `module!`, and does not use it.
    pub fn new_dynamic() -> impl PinInit<Self> {
        // INVARIANT: The key is registered at its final address, since initialisation is in place.
        pin_init!(Self {
            inner <- Opaque::ffi_init(|key| {
                // SAFETY: `ffi_init` hands out memory for a key, valid for writes. It stays where it
                // is until `PinnedDrop` below has unregistered it.
                unsafe { bindings::lockdep_register_key(key) }
            }),
        })
    }

    /// Makes a key for a `static`.
    ///
    /// [`static_lock_class!`](crate::sync::static_lock_class) does this without `unsafe`.
    ///
    /// # Safety
    ///
    /// The value must become the value of a `static` (or stay, as part of one, in memory that is
    /// never given back) and must never be dropped.
    pub const unsafe fn new_static() -> Self {
        // INVARIANT: The caller promises the first of the two cases. Lockdep itself never asks for
        // the contents of such a key; zeroes are what it has in C.
        Self {
            inner: Opaque::zeroed(),
        }
    }

    /// Returns the pointer that C functions want.
    ///
    /// It is valid for as long as `self` is.
    pub fn as_ptr(&self) -> *mut bindings::lock_class_key {
        self.inner.get()
    }
}

#[pinned_drop]
impl PinnedDrop for LockClassKey {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariants a key that is dropped has been registered at this address.
        // Locks borrow their key for `'static`, so none is left that would look at it.
        unsafe { bindings::lockdep_unregister_key(self.as_ptr()) };
    }
}

/// What [`static_lock_class!`](crate::sync::static_lock_class) puts into its `static`.
///
/// Not API: public so that the macro works in other crates, and that it works without `unsafe`.
///
/// # Invariants
///
/// The key inside is never dropped.
#[doc(hidden)]
pub struct StaticLockClass(ManuallyDrop<LockClassKey>);

impl StaticLockClass {
    /// Makes the value; only good for a `static`.
    #[expect(
        clippy::new_without_default,
        reason = "`Default` is not const, and this is for statics"
    )]
    pub const fn new() -> Self {
        // SAFETY: `ManuallyDrop` keeps the key from being dropped. The only thing that leaves this
        // type is what `key` returns, for a `self` whose memory is borrowed for ever.
        Self(ManuallyDrop::new(unsafe { LockClassKey::new_static() }))
    }

    /// Returns the key.
    ///
    /// Lockdep switches itself off, with a message, when `self` is not a `static` but leaked memory.
    pub fn key(&'static self) -> Pin<&'static LockClassKey> {
        // SAFETY: `self` is borrowed for the rest of time, thus is neither moved nor reused.
        unsafe { Pin::new_unchecked(&*self.0) }
    }
}

/// Gives a `Pin<&'static LockClassKey>` of its own to each place where it stands.
///
/// All locks that are initialised through one such place form one class; see [`LockClassKey`].
///
/// # Examples
///
/// ```
/// use kernel::sync::{static_lock_class, LockClassKey, SpinLock};
///
/// fn class() -> Pin<&'static LockClassKey> {
///     static_lock_class!()
/// }
///
/// // Lockdep wants a class to have one name, and knows it by its address.
/// static NAME: &CStr = c"pair";
///
/// // Two locks of the same class: lockdep objects to one task holding both.
/// let a = KBox::pin_init(SpinLock::new(1, NAME, class()), GFP_KERNEL)?;
/// let b = KBox::pin_init(SpinLock::new(2, NAME, class()), GFP_KERNEL)?;
///
/// let first = *a.lock();
/// assert_eq!(first + *b.lock(), 3);
/// # Ok::<(), Error>(())
/// ```
///
/// [`LockClassKey`]: crate::sync::LockClassKey
#[macro_export]
macro_rules! static_lock_class {
    () => {{
        static CLASS: $crate::sync::StaticLockClass = $crate::sync::StaticLockClass::new();
        CLASS.key()
    }};
}
pub use static_lock_class;

/// The name of a lock: the literal that it is given, or else the place in the source.
///
/// It is in a `static`, as the class is: lockdep wants one address of a name with each class, and a
/// constant has another one in each crate that a function with a lock is inlined into.
///
/// Not API: part of `new_mutex!` and its kin, in whichever crate they are.
#[doc(hidden)]
#[macro_export]
macro_rules! __lock_name {
    () => {{
        static NAME: &::core::ffi::CStr =
            $crate::c_str!(::core::concat!(::core::file!(), ":", ::core::line!()));
        NAME
    }};
    ($name:literal) => {{
        static NAME: &::core::ffi::CStr = $crate::c_str!($name);
        NAME
    }};
}

#[kunit_tests(rust_sync_lock_class)]
mod tests {
    use super::*;
    use crate::sync::{Mutex, SpinLock};

    fn same_place() -> Pin<&'static LockClassKey> {
        static_lock_class!()
    }

    #[test]
    fn static_keys_differ_by_place_only() {
        assert!(core::ptr::eq(
            same_place().get_ref(),
            same_place().get_ref()
        ));
        // Without lockdep all keys are of size zero, and then addresses say nothing.
        if size_of::<LockClassKey>() > 0 {
            let (a, b) = (static_lock_class!(), static_lock_class!());
            assert!(!core::ptr::eq(a.get_ref(), b.get_ref()));
        }
    }

    #[test]
    fn key_is_passed_to_c_unchanged() {
        let key = same_place();
        assert!(core::ptr::addr_eq(key.as_ptr(), key.get_ref()));
    }

    /// Registers, uses and unregisters keys again and again: a key that stayed behind would make
    /// lockdep warn when the allocator gives out the same address.
    #[test]
    fn dynamic_keys_come_and_go() -> Result {
        for round in 0..4 {
            let key = KBox::pin_init(LockClassKey::new_dynamic(), GFP_KERNEL)?;
            let class: *const LockClassKey = &*key;
            // SAFETY: The key outlives the mutex, which is dropped first.
            let class = unsafe { &*class };
            // SAFETY: It is pinned.
            let class = unsafe { Pin::new_unchecked(class) };

            let mutex = KBox::pin_init(Mutex::new(round, c"dynamic mutex", class), GFP_KERNEL)?;
            *mutex.lock() += 1;
            assert_eq!(*mutex.lock(), round + 1);
            drop(mutex);
            drop(key);
        }
        Ok(())
    }

    #[test]
    fn unused_dynamic_key() -> Result {
        drop(KBox::pin_init(LockClassKey::new_dynamic(), GFP_KERNEL)?);
        Ok(())
    }

    #[test]
    fn one_class_for_many_locks() -> Result {
        let mut locks = KVec::new();
        for i in 0..8 {
            let lock = KBox::pin_init(SpinLock::new(i, c"many", same_place()), GFP_KERNEL)?;
            locks.push(lock, GFP_KERNEL)?;
        }
        let sum: i32 = locks.iter().map(|lock| *lock.lock()).sum();
        assert_eq!(sum, 28);
        Ok(())
    }
}
