// SPDX-License-Identifier: GPL-2.0

//! How an atomic operation is ordered against the memory accesses around it.
//!
//! Each ordering is a type of one value, and an operation takes that value as its last argument:
//! `x.load(Acquire)`. Which orderings an operation takes is a bound on the type, so that a store
//! with [`Acquire`] does not compile, and the choice costs nothing at run time: each call comes
//! down to the one C function of the ordering that was named.
//!
//! | ordering | the operation's load | the operation's store | C's suffix |
//! | --- | --- | --- | --- |
//! | [`Relaxed`] | unordered | unordered | `_relaxed` |
//! | [`Acquire`] | comes before all later accesses | unordered | `_acquire` |
//! | [`Release`] | unordered | comes after all earlier accesses | `_release` |
//! | [`Full`] | both, as if between two [`smp_mb`]s | both | none |
//!
//! These are the orderings of the kernel's own memory model (LKMM), not of Rust's or C11's:
//! relaxed operations still respect address, data and control dependencies, and [`Full`] is
//! stronger than `SeqCst`. There is no counterpart of `AcqRel`: take [`Full`].
//!
//! C documentation: srctree/Documentation/atomic_t.txt, srctree/Documentation/memory-barriers.txt
//! and srctree/tools/memory-model/.
//!
//! [`smp_mb`]: crate::sync::barrier::smp_mb

/// Orders nothing; the access itself is atomic.
///
/// Enough for counters, statistics and flags that guard no other data.
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{Atomic, Relaxed};
///
/// let served = Atomic::<u32>::new(0);
/// served.add(1, Relaxed);
///
/// assert_eq!(served.load(Relaxed), 1);
/// ```
pub struct Relaxed;

/// Keeps every later access of this CPU behind the operation's load.
///
/// Whoever reads with [`Acquire`] what another CPU stored with [`Release`] or [`Full`] also sees
/// everything that CPU did before. On an operation that both loads and stores, only the load is
/// ordered; on a failed [`cmpxchg`](crate::sync::atomic::Atomic::cmpxchg), nothing is.
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{Acquire, Atomic, Relaxed, Release};
///
/// let payload = Atomic::<i32>::new(0);
/// let ready = Atomic::<bool>::new(false);
///
/// // The producer...
/// payload.store(17, Relaxed);
/// ready.store(true, Release);
///
/// // ...and the consumer, as a rule on another CPU.
/// if ready.load(Acquire) {
///     assert_eq!(payload.load(Relaxed), 17);
/// }
/// # assert!(ready.load(Relaxed));
/// ```
pub struct Acquire;

/// Keeps every earlier access of this CPU ahead of the operation's store.
///
/// The counterpart of [`Acquire`], where an example shows both. On an operation that both loads
/// and stores, only the store is ordered; on a failed
/// [`cmpxchg`](crate::sync::atomic::Atomic::cmpxchg), nothing is.
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{Atomic, Release};
///
/// let slot = Atomic::<u64>::new(3);
///
/// // Hands over what was written before, and takes what was in the slot.
/// assert_eq!(slot.xchg(4, Release), 3);
/// ```
pub struct Release;

/// Orders everything before the operation ahead of everything after it.
///
/// Like an [`smp_mb`](crate::sync::barrier::smp_mb) on either side. C's read-modify-write
/// operations that return a value and carry no suffix are ordered like this. A failed
/// [`cmpxchg`](crate::sync::atomic::Atomic::cmpxchg) orders nothing.
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{Atomic, Full};
///
/// let turn = Atomic::<i64>::new(8);
///
/// assert_eq!(turn.fetch_add(1, Full), 8);
/// assert_eq!(turn.cmpxchg(9, 0, Full), Ok(9));
/// assert_eq!(turn.cmpxchg(9, 1, Full), Err(0));
/// ```
pub struct Full;

mod internal {
    /// Keeps [`Ordering`](super::Ordering) to the four types of this module.
    pub trait Sealed {}

    /// The four orderings as values, for a `match` that the compiler decides.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum OrderingType {
        /// C's functions without a suffix.
        Full,
        /// C's `…_acquire`.
        Acquire,
        /// C's `…_release`.
        Release,
        /// C's `…_relaxed`.
        Relaxed,
    }
}

pub(super) use internal::OrderingType;

/// An ordering for operations that load and store: any of the four.
///
/// # Examples
///
/// A function may leave the ordering to its caller:
///
/// ```
/// use kernel::sync::atomic::{ordering::Ordering, Acquire, Atomic, Full};
///
/// /// Takes one ticket, and says how many there were.
/// fn take<O: Ordering>(tickets: &Atomic<u32>, order: O) -> u32 {
///     tickets.fetch_sub(1, order)
/// }
///
/// let tickets = Atomic::new(2);
/// assert_eq!(take(&tickets, Acquire), 2);
/// assert_eq!(take(&tickets, Full), 1);
/// ```
pub trait Ordering: internal::Sealed {
    /// Which of the four this is.
    const TYPE: internal::OrderingType;
}

macro_rules! impl_ordering {
    ($($name:ident)*) => {$(
        impl internal::Sealed for $name {}

        impl Ordering for $name {
            const TYPE: OrderingType = OrderingType::$name;
        }
    )*};
}

impl_ordering! { Relaxed Acquire Release Full }

/// An ordering for operations that only load: [`Acquire`] or [`Relaxed`].
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{ordering::AcquireOrRelaxed, Acquire, Atomic, Relaxed};
///
/// fn is_set<O: AcquireOrRelaxed>(flags: &Atomic<u32>, bit: u32, order: O) -> bool {
///     flags.load(order) & (1 << bit) != 0
/// }
///
/// let flags = Atomic::new(0b100);
/// assert!(is_set(&flags, 2, Acquire));
/// assert!(!is_set(&flags, 0, Relaxed));
/// ```
pub trait AcquireOrRelaxed: Ordering {
    /// Whether the load is an acquire.
    ///
    /// Not part of the interface: it spares the load a `match` with arms that cannot happen.
    #[doc(hidden)]
    const ACQUIRE: bool;
}

impl AcquireOrRelaxed for Acquire {
    const ACQUIRE: bool = true;
}

impl AcquireOrRelaxed for Relaxed {
    const ACQUIRE: bool = false;
}

/// An ordering for operations that only store: [`Release`] or [`Relaxed`].
///
/// # Examples
///
/// ```
/// use kernel::sync::atomic::{ordering::ReleaseOrRelaxed, Atomic, Relaxed, Release};
///
/// fn reset<O: ReleaseOrRelaxed>(counter: &Atomic<i32>, order: O) {
///     counter.store(0, order);
/// }
///
/// let counter = Atomic::new(9);
/// reset(&counter, Release);
/// assert_eq!(counter.load(Relaxed), 0);
/// ```
pub trait ReleaseOrRelaxed: Ordering {
    /// Whether the store is a release.
    ///
    /// Not part of the interface: it spares the store a `match` with arms that cannot happen.
    #[doc(hidden)]
    const RELEASE: bool;
}

impl ReleaseOrRelaxed for Release {
    const RELEASE: bool = true;
}

impl ReleaseOrRelaxed for Relaxed {
    const RELEASE: bool = false;
}
