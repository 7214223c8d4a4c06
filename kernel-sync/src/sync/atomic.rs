// SPDX-License-Identifier: GPL-2.0

//! Atomic variables that follow the kernel's memory model.
//!
//! [`Atomic<T>`] is to Rust what `atomic_t`, `atomic64_t` and `READ_ONCE()`/`xchg()` on plain
//! variables are to C: the same operations on the same bytes, so that Rust and C may share a
//! variable. `core::sync::atomic` follows another memory model, which has no defined meaning where
//! the two mix; kernel code uses these types instead.
//!
//! How to choose:
//!
//! - a number or a flag that several CPUs update: [`Atomic<T>`] with an integer, `bool` or pointer;
//! - a flag whose size does not matter: [`AtomicFlag`], the fastest that the architecture has;
//! - an enumeration or a newtype: implement [`AtomicType`] for it;
//! - a value that is set once and then only read: [`SetOnce`];
//! - a count of references: [`Refcount`], which does not wrap around;
//! - a variable that lives in a C structure: [`Atomic::from_ptr`], or for a single access
//!   [`atomic_load`] and its siblings;
//! - anything larger than a pointer: a lock.
//!
//! Every operation names its ordering: [`Relaxed`], [`Acquire`], [`Release`] or [`Full`]. The
//! module [`ordering`] says what they mean. Sums wrap around, also where Rust's `+` would panic.
//!
//! C documentation: srctree/Documentation/atomic_t.txt. C header:
//! [`include/linux/atomic.h`](srctree/include/linux/atomic.h).
//!
//! [`SetOnce`]: crate::sync::SetOnce
//! [`Refcount`]: crate::sync::Refcount
//!
//! # Examples
//!
//! A number that every opened file draws:
//!
//! ```
//! use kernel::sync::atomic::{Atomic, Relaxed};
//!
//! static NEXT_ID: Atomic<u64> = Atomic::new(1);
//!
//! let first = NEXT_ID.fetch_add(1, Relaxed);
//! let second = NEXT_ID.fetch_add(1, Relaxed);
//! assert!(first < second);
//! ```

mod flag;
mod internal;
pub mod ordering;
mod predefine;
#[cfg(CONFIG_RUST_ATOMICS_KUNIT_TEST)]
mod tests;

pub use flag::AtomicFlag;
pub use internal::AtomicImpl;
// Not API: other crates name it where they implement a trait for every `Atomic` that can be loaded.
#[doc(hidden)]
pub use internal::AtomicBasicOps;
pub use ordering::{Acquire, Full, Relaxed, Release};

use crate::fmt;
use core::{cell::UnsafeCell, mem::transmute_copy};
use internal::{AtomicArithmeticOps, AtomicExchangeOps};
use ordering::{AcquireOrRelaxed, ReleaseOrRelaxed};

/// A type that can be stored in an [`Atomic`].
///
/// # Safety
///
/// - `Self` has the size and the alignment of [`Repr`](Self::Repr), and no padding.
/// - The bytes of each value of `Self` are a value of `Repr`; the same bytes, copied back from that
///   `Repr`, are the value of `Self` again.
/// - A value of `Self` may be used by another thread than the one that stored it. (Raw pointers
///   are fine: it is using what they point to that is unsafe.)
///
/// An enumeration with `#[repr(i32)]`, a `#[repr(transparent)]` newtype of a type that qualifies,
/// and integers all do. Two values count as equal in [`Atomic::cmpxchg`] if their bytes are.
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{Acquire, Atomic, AtomicType, Full, Release};
///
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// #[repr(i32)]
/// enum Link {
///     Down = 0,
///     Up = 1,
/// }
///
/// // SAFETY: `repr(i32)` gives `Link` the size and alignment of `i32`, all of whose values its own
/// // are some of; it holds nothing but a number.
/// unsafe impl AtomicType for Link {
///     type Repr = i32;
/// }
///
/// let link = Atomic::new(Link::Down);
///
/// link.store(Link::Up, Release);
/// assert_eq!(link.load(Acquire), Link::Up);
/// assert_eq!(link.cmpxchg(Link::Down, Link::Up, Full), Err(Link::Up));
/// ```
pub unsafe trait AtomicType: Sized + Copy {
    /// The type of the same bytes that C's operations work on.
    type Repr: AtomicImpl;
}

/// A type that an `Rhs` can be added to in an [`Atomic`].
///
/// # Safety
///
/// For each value of `Self` and each `rhs`, adding `rhs_into_delta(rhs)` to the value's
/// [`Repr`](AtomicType::Repr) and subtracting it, wrapping around, must give the bytes of a value
/// of `Self`.
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{Atomic, AtomicAdd, AtomicType, Relaxed};
///
/// /// A sequence number, which wraps around.
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// #[repr(transparent)]
/// struct Seq(u32);
///
/// // SAFETY: A transparent wrapper of `u32`, whose own `Repr` is `i32`.
/// unsafe impl AtomicType for Seq {
///     type Repr = i32;
/// }
///
/// // SAFETY: All bytes of a `u32` are a `Seq`.
/// unsafe impl AtomicAdd<u32> for Seq {
///     fn rhs_into_delta(rhs: u32) -> i32 {
///         rhs as i32
///     }
/// }
///
/// let seq = Atomic::new(Seq(u32::MAX));
/// assert_eq!(seq.fetch_add(2, Relaxed), Seq(u32::MAX));
/// assert_eq!(seq.load(Relaxed), Seq(1));
/// ```
pub unsafe trait AtomicAdd<Rhs = Self>: AtomicType {
    /// Turns `rhs` into what is added to the [`Repr`](AtomicType::Repr).
    fn rhs_into_delta(rhs: Rhs) -> <Self::Repr as AtomicImpl>::Delta;
}

/// A variable that several threads, CPUs and interrupt handlers may read and write.
///
/// Has the layout of `T`, and so of the C variable of that type: an `Atomic<i32>` is an `atomic_t`,
/// an `Atomic<u64>` an `atomic64_t`, an `Atomic<*mut T>` a pointer that C reads with `READ_ONCE()`.
///
/// # Invariants
///
/// - The cell holds the bytes of a value of `T`.
/// - While the `Atomic` is shared, it is only accessed by atomic operations: this type's, or C's.
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{Acquire, Atomic, Full, Relaxed, Release};
///
/// let x = Atomic::<usize>::new(40);
///
/// x.add(2, Relaxed);
/// assert_eq!(x.load(Acquire), 42);
/// assert_eq!(x.fetch_sub(2, Release), 42);
/// assert_eq!(x.xchg(1, Full), 40);
/// assert_eq!(x.cmpxchg(1, 7, Full), Ok(1));
/// assert_eq!(x.cmpxchg(1, 8, Full), Err(7));
/// ```
#[repr(transparent)]
pub struct Atomic<T: AtomicType>(UnsafeCell<T>);

// SAFETY: `AtomicType` promises that any thread may use the values, and there is nothing else.
unsafe impl<T: AtomicType> Send for Atomic<T> {}

// SAFETY: `&Atomic` only gives atomic operations, which may run on any number of CPUs at once, and
// by value copies of a `T`, which `AtomicType` lets any thread use.
unsafe impl<T: AtomicType> Sync for Atomic<T> {}

/// Returns the value of `T::Repr` with the bytes of `value`.
#[inline(always)]
fn into_repr<T: AtomicType>(value: T) -> T::Repr {
    const {
        // No unsound call can be made of a wrong `unsafe impl` of this kind: it does not compile.
        assert!(size_of::<T>() == size_of::<T::Repr>());
        assert!(align_of::<T>() == align_of::<T::Repr>());
    }
    // SAFETY: By `AtomicType` the bytes of a `T` are a value of `T::Repr`, of the same size.
    unsafe { transmute_copy(&value) }
}

/// Returns the value of `T` with the bytes of `repr`.
///
/// # Safety
///
/// `repr` must have the bytes of a value of `T`.
#[inline(always)]
unsafe fn from_repr<T: AtomicType>(repr: T::Repr) -> T {
    // SAFETY: The caller says that these are the bytes of a `T`, and `AtomicType` that the size is
    // the same.
    unsafe { transmute_copy(&repr) }
}

impl<T: AtomicType> Atomic<T> {
    /// Creates an atomic variable that holds `value`.
    pub const fn new(value: T) -> Self {
        // INVARIANT: `value` is a `T`, and nobody else knows of the variable yet.
        Self(UnsafeCell::new(value))
    }

    /// Takes a variable that exists already, as a rule in a C structure, for an [`Atomic`].
    ///
    /// For a single access, [`atomic_load`], [`atomic_store`], [`xchg`] and [`cmpxchg`] are
    /// shorter.
    ///
    /// # Safety
    ///
    /// - `ptr` must be aligned for `T`, and valid for reads and writes for the whole of `'a`.
    /// - It must point to the bytes of a value of `T`, and no one may write others during `'a`.
    /// - During `'a`, no access to them, from Rust or C, may race with an atomic operation on the
    ///   returned reference; atomic operations never race with each other.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::atomic::{Atomic, Relaxed};
    ///
    /// // What bindgen makes of a C structure with `atomic_t users`.
    /// #[repr(C)]
    /// struct c_queue {
    ///     users: i32,
    /// }
    ///
    /// let mut queue = c_queue { users: 5 };
    ///
    /// // SAFETY: The field is an `i32` that outlives `counter`, and is not used in another way
    /// // meanwhile.
    /// let counter = unsafe { Atomic::from_ptr(&raw mut queue.users) };
    /// counter.add(1, Relaxed);
    ///
    /// assert_eq!(queue.users, 6);
    /// ```
    pub unsafe fn from_ptr<'a>(ptr: *mut T) -> &'a Self {
        // INVARIANT: The caller promises both.
        // SAFETY: `Atomic` is a transparent wrapper of a `T`, for which the caller promises that
        // `ptr` is aligned and valid for `'a`; writes through other pointers are allowed because
        // an `UnsafeCell` is in between.
        unsafe { &*ptr.cast::<Self>() }
    }

    /// Returns a pointer to the value.
    ///
    /// Made for C functions that take the variable's address. What goes through the pointer while
    /// the variable is shared must be atomic, and leave a value of `T` behind.
    pub const fn as_ptr(&self) -> *mut T {
        self.0.get()
    }

    /// Returns the value for plain access.
    ///
    /// Safe and free of any barrier: nobody else has the variable while it is borrowed mutably.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::sync::atomic::{Atomic, Relaxed};
    ///
    /// let mut x = Atomic::new(1u32);
    /// *x.get_mut() += 1;
    /// assert_eq!(x.load(Relaxed), 2);
    /// ```
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }

    /// Returns the address that C's operations work on.
    ///
    /// It fulfils the requirement that [`AtomicBasicOps`] states for a cell, for as long as `self`
    /// is borrowed.
    #[inline(always)]
    fn cell(&self) -> *mut T::Repr {
        // Valid as `self` is; aligned as `AtomicType` says and `into_repr` checks; accessed
        // atomically by the type invariant.
        self.as_ptr().cast()
    }
}

impl<T: AtomicType> Atomic<T>
where
    T::Repr: AtomicBasicOps,
{
    /// Loads the value: `atomic_read()`, `atomic_read_acquire()`, or `READ_ONCE()` and
    /// `smp_load_acquire()`.
    #[inline(always)]
    pub fn load<Ordering: AcquireOrRelaxed>(&self, _: Ordering) -> T {
        // SAFETY: `cell()` fulfils the requirement.
        let repr = unsafe { T::Repr::load::<Ordering>(self.cell()) };
        // SAFETY: By the type invariant the cell holds the bytes of a `T`.
        unsafe { from_repr(repr) }
    }

    /// Stores a value: `atomic_set()`, `atomic_set_release()`, or `WRITE_ONCE()` and
    /// `smp_store_release()`.
    #[inline(always)]
    pub fn store<Ordering: ReleaseOrRelaxed>(&self, value: T, _: Ordering) {
        // INVARIANT: The bytes stored are those of a `T`.
        // SAFETY: `cell()` fulfils the requirement.
        unsafe { T::Repr::store::<Ordering>(self.cell(), into_repr(value)) }
    }
}

impl<T: AtomicType> Atomic<T>
where
    T::Repr: AtomicExchangeOps,
{
    /// Stores a value, and returns the one it replaced: C's `xchg()`.
    #[inline(always)]
    pub fn xchg<Ordering: ordering::Ordering>(&self, new: T, _: Ordering) -> T {
        // INVARIANT: The bytes stored are those of a `T`.
        // SAFETY: `cell()` fulfils the requirement.
        let old = unsafe { T::Repr::xchg::<Ordering>(self.cell(), into_repr(new)) };
        // SAFETY: By the type invariant the cell held the bytes of a `T`.
        unsafe { from_repr(old) }
    }

    /// Stores `new` if the variable holds `old`: C's `try_cmpxchg()`.
    ///
    /// Returns what the variable held: `Ok(old)` if `new` was stored, or `Err` with what stood in
    /// the way. Values are compared by their bytes. It does not fail for any other reason, so a
    /// loop is needed only to compute `new` again. On failure nothing is ordered, whatever
    /// `Ordering` says.
    ///
    /// # Examples
    ///
    /// Count up, but not beyond a limit:
    ///
    /// ```
    /// use kernel::sync::atomic::{Atomic, Relaxed};
    ///
    /// fn try_get(users: &Atomic<u32>, limit: u32) -> bool {
    ///     let mut seen = users.load(Relaxed);
    ///     while seen < limit {
    ///         match users.cmpxchg(seen, seen + 1, Relaxed) {
    ///             Ok(_) => return true,
    ///             Err(now) => seen = now,
    ///         }
    ///     }
    ///     false
    /// }
    ///
    /// let users = Atomic::new(1);
    /// assert!(try_get(&users, 2));
    /// assert!(!try_get(&users, 2));
    /// assert_eq!(users.load(Relaxed), 2);
    /// ```
    #[doc(alias = "try_cmpxchg")]
    #[doc(alias = "compare_exchange")]
    #[inline(always)]
    pub fn cmpxchg<Ordering: ordering::Ordering>(
        &self,
        old: T,
        new: T,
        _: Ordering,
    ) -> Result<T, T> {
        let mut seen = into_repr(old);

        // INVARIANT: The bytes stored, if any, are those of a `T`.
        // SAFETY: `cell()` fulfils the requirement.
        if unsafe { T::Repr::try_cmpxchg::<Ordering>(self.cell(), &mut seen, into_repr(new)) } {
            Ok(old)
        } else {
            // SAFETY: `seen` now has what the cell held: by the type invariant, the bytes of a `T`.
            Err(unsafe { from_repr(seen) })
        }
    }
}

impl<T: AtomicType> Atomic<T>
where
    T::Repr: AtomicArithmeticOps,
{
    /// Adds to the value, wrapping around: C's `atomic_add()`.
    ///
    /// There is only the relaxed form, as in C: what returns nothing orders nothing.
    #[inline(always)]
    pub fn add<Rhs>(&self, rhs: Rhs, _: Relaxed)
    where
        T: AtomicAdd<Rhs>,
    {
        // INVARIANT: By `AtomicAdd` the sum has the bytes of a `T`.
        // SAFETY: `cell()` fulfils the requirement.
        unsafe { T::Repr::add(self.cell(), T::rhs_into_delta(rhs)) }
    }

    /// Adds to the value, wrapping around, and returns what it was: C's `atomic_fetch_add()`.
    #[inline(always)]
    pub fn fetch_add<Rhs, Ordering: ordering::Ordering>(&self, rhs: Rhs, _: Ordering) -> T
    where
        T: AtomicAdd<Rhs>,
    {
        let delta = T::rhs_into_delta(rhs);
        // INVARIANT: By `AtomicAdd` the sum has the bytes of a `T`.
        // SAFETY: `cell()` fulfils the requirement.
        let old = unsafe { T::Repr::fetch_add::<Ordering>(self.cell(), delta) };
        // SAFETY: By the type invariant the cell held the bytes of a `T`.
        unsafe { from_repr(old) }
    }

    /// Subtracts from the value, wrapping around, and returns what it was: C's
    /// `atomic_fetch_sub()`.
    #[inline(always)]
    pub fn fetch_sub<Rhs, Ordering: ordering::Ordering>(&self, rhs: Rhs, _: Ordering) -> T
    where
        T: AtomicAdd<Rhs>,
    {
        let delta = T::rhs_into_delta(rhs);
        // INVARIANT: By `AtomicAdd` the difference has the bytes of a `T`.
        // SAFETY: `cell()` fulfils the requirement.
        let old = unsafe { T::Repr::fetch_sub::<Ordering>(self.cell(), delta) };
        // SAFETY: By the type invariant the cell held the bytes of a `T`.
        unsafe { from_repr(old) }
    }
}

/// Stores `new` where `ptr` points to if `old` is there, atomically; see [`Atomic::cmpxchg`].
///
/// # Safety
///
/// As for [`Atomic::from_ptr`], for the time of the call.
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{cmpxchg, Full};
///
/// let mut shared = 1u32;
///
/// // SAFETY: A local variable that nobody else uses.
/// assert_eq!(unsafe { cmpxchg(&raw mut shared, 1, 2, Full) }, Ok(1));
/// // SAFETY: As above.
/// assert_eq!(unsafe { cmpxchg(&raw mut shared, 1, 3, Full) }, Err(2));
/// ```
#[doc(alias = "try_cmpxchg")]
#[inline(always)]
pub unsafe fn cmpxchg<T: AtomicType, Ordering: ordering::Ordering>(
    ptr: *mut T,
    old: T,
    new: T,
    order: Ordering,
) -> Result<T, T>
where
    T::Repr: AtomicExchangeOps,
{
    // SAFETY: The caller promises what `from_ptr` asks.
    let there = unsafe { Atomic::from_ptr(ptr) };
    there.cmpxchg(old, new, order)
}

/// Loads the value that `ptr` points to, atomically.
///
/// # Safety
///
/// As for [`Atomic::from_ptr`], for the time of the call.
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{atomic_load, Acquire};
///
/// let mut shared = 3i64;
///
/// // SAFETY: A local variable that nobody else uses.
/// assert_eq!(unsafe { atomic_load(&raw mut shared, Acquire) }, 3);
/// ```
#[doc(alias("READ_ONCE", "smp_load_acquire"))]
#[inline(always)]
pub unsafe fn atomic_load<T: AtomicType, Ordering: AcquireOrRelaxed>(ptr: *mut T, o: Ordering) -> T
where
    T::Repr: AtomicBasicOps,
{
    // SAFETY: The caller promises what `from_ptr` asks.
    let there = unsafe { Atomic::from_ptr(ptr) };
    there.load(o)
}

/// Stores a value where `ptr` points to, and returns the one it replaced, atomically.
///
/// # Safety
///
/// As for [`Atomic::from_ptr`], for the time of the call.
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{xchg, Full};
///
/// let mut shared = 1u32;
///
/// // SAFETY: A local variable that nobody else uses.
/// assert_eq!(unsafe { xchg(&raw mut shared, 2, Full) }, 1);
/// assert_eq!(shared, 2);
/// ```
#[inline(always)]
pub unsafe fn xchg<T: AtomicType, Ordering: ordering::Ordering>(
    ptr: *mut T,
    new: T,
    order: Ordering,
) -> T
where
    T::Repr: AtomicExchangeOps,
{
    // SAFETY: The caller promises what `from_ptr` asks.
    let there = unsafe { Atomic::from_ptr(ptr) };
    there.xchg(new, order)
}

/// Stores a value where `ptr` points to, atomically.
///
/// # Safety
///
/// As for [`Atomic::from_ptr`], for the time of the call.
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{atomic_store, Release};
///
/// let mut shared = false;
///
/// // SAFETY: A local variable that nobody else uses.
/// unsafe { atomic_store(&raw mut shared, true, Release) };
/// assert!(shared);
/// ```
#[doc(alias("WRITE_ONCE", "smp_store_release"))]
#[inline(always)]
pub unsafe fn atomic_store<T: AtomicType, Ordering: ReleaseOrRelaxed>(
    ptr: *mut T,
    value: T,
    order: Ordering,
) where
    T::Repr: AtomicBasicOps,
{
    // SAFETY: The caller promises what `from_ptr` asks.
    let there = unsafe { Atomic::from_ptr(ptr) };
    there.store(value, order);
}

/// Shows the value, read with [`Relaxed`].
impl<T: AtomicType + fmt::Debug> fmt::Debug for Atomic<T>
where
    T::Repr: AtomicBasicOps,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load(Relaxed).fmt(f)
    }
}
