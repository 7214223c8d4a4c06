// SPDX-License-Identifier: GPL-2.0

//! Locks, waiting, reference counting and other ways to share data.
//!
//! Which one?
//!
//! | to | use | C counterpart |
//! | --- | --- | --- |
//! | let one task at a time at some data, and sleep while waiting for it | [`Mutex`] | `struct mutex` |
//! | the same for short sections that never sleep | [`SpinLock`] | `spinlock_t` |
//! | have a lock in a `static` | [`global_lock!`] | `DEFINE_MUTEX`, `DEFINE_SPINLOCK` |
//! | protect data by a lock that lies elsewhere | [`LockedBy`], [`GlobalLockedBy`] | a comment |
//! | sleep until data behind a lock changes | [`CondVar`] | `wait_queue_head_t` |
//! | the same, and also serve `poll()` and its kin | [`poll::PollCondVar`] | `wait_queue_head_t` |
//! | wait for something to be done, once | [`Completion`] | `struct completion` |
//! | share ownership | [`Arc`], [`aref::ARef`] | `refcount_t`, `get`/`put` functions |
//! | set a value once and read it for ever after | [`SetOnce`] | |
//! | have an `Arc` in a `static` for a time | [`ArcSlot`] | a pointer under RCU |
//! | count references by hand | [`Refcount`] | `refcount_t` |
//! | share a word without a lock | [`atomic`] | `atomic_t`, `READ_ONCE` |
//! | read what others may be about to free | [`rcu`], [`Revocable`](crate::revocable::Revocable) | `rcu_read_lock()` |
//!
//! Locks, condition variables and completions contain what must not move: they are made in place by
//! initialisers, which [`new_mutex!`], [`new_spinlock!`] and [`new_condvar!`] return, and used where
//! they were initialised.
//!
//! # Examples
//!
//! A counter that several owners share:
//!
//! ```
//! use kernel::sync::{new_mutex, Arc, Mutex};
//!
//! #[pin_data]
//! struct Stats {
//!     #[pin]
//!     packets: Mutex<u64>,
//! }
//!
//! let stats = Arc::pin_init(
//!     pin_init!(Stats { packets <- new_mutex!(0, "Stats::packets") }),
//!     GFP_KERNEL,
//! )?;
//!
//! let other = stats.clone();
//! *other.packets.lock() += 3;
//! assert_eq!(*stats.packets.lock(), 3);
//! # Ok::<(), Error>(())
//! ```

mod arc;
mod arc_slot;
pub mod aref;
pub mod atomic;
pub mod barrier;
pub mod completion;
mod condvar;
pub mod lock;
mod lock_class;
mod locked_by;
pub mod poll;
pub mod rcu;
mod refcount;
mod set_once;

pub use arc::{Arc, ArcBorrow, UniqueArc};
pub use arc_slot::{ArcSlot, ArcSlotGuard};
pub use completion::Completion;
pub use condvar::{new_condvar, CondVar, CondVarTimeoutResult};
pub use lock::global::{global_lock, GlobalGuard, GlobalLock, GlobalLockBackend, GlobalLockedBy};
pub use lock::mutex::{new_mutex, Mutex, MutexGuard};
pub use lock::spinlock::{new_spinlock, SpinLock, SpinLockGuard};
pub use lock_class::{static_lock_class, LockClassKey};
pub use locked_by::LockedBy;
pub use refcount::Refcount;
pub use set_once::SetOnce;

// Not API: the expansion of `static_lock_class!` names it from other crates.
#[doc(hidden)]
pub use lock_class::StaticLockClass;
// Not API: the same for `global_lock!`.
#[doc(hidden)]
pub use lock::global::HasBackend;
