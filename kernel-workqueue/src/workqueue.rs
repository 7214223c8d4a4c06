// SPDX-License-Identifier: GPL-2.0

//! Work that is done later, by threads of the kernel.
//!
//! A *work item* is an object that can be put on a queue: it has a [`Work`] inside, where the queue
//! keeps its links, and implements [`WorkItem`], which says what is to be done. A *queue* has threads,
//! or shares them with others, and calls [`WorkItem::run`] in one of them. There are queues for
//! everybody, such as [`system`], and one's own: [`OwnedQueue`].
//!
//! | object | enqueued as | `run` gets | the object is pending already |
//! | --- | --- | --- | --- |
//! | shared | [`Arc<T>`], [`ARef<T>`] | the reference that was enqueued | it comes back, in `Err` |
//! | of one owner | `Pin<KBox<T>>` | the box | can't be |
//! | a closure | [`Queue::try_spawn`] | | can't be |
//!
//! What is enqueued belongs to the queue until it runs, so the data stays alive for that long; and in
//! `run` it belongs to `run`, which may drop it, or enqueue it again.
//!
//! # To make a type a work item
//!
//! 1. Give it a field of type [`Work`], or [`DelayedWork`] if it is to be enqueued with a delay, and
//!    initialise that with [`new_work!`] or [`new_delayed_work!`].
//! 2. Say which field that is, with [`impl_has_work!`] or [`impl_has_delayed_work!`].
//! 3. Implement [`WorkItem`].
//!
//! A type that has several kinds of work has as many fields, each with a number of its own, the
//! parameter `ID` of all types and traits here. Without a number it is 0.
//!
//! # Surprises
//!
//! - An item that is pending is not enqueued a second time. From the moment that `run` begins it is
//!   not pending any more. One that is enqueued while it runs is run again, afterwards if it is on the
//!   same queue; on another queue, possibly at the same time.
//! - Nothing here takes an item off its queue again, or waits for it, but the end of an
//!   [`OwnedQueue`]. A module that has work on one of the system's queues must not be unloaded until
//!   that has run: its code would be gone. No type expresses that; with a queue of one's own, dropped
//!   by the module, it is so.
//! - The queues with `bh` in their names run their work in a softirq, where nothing may sleep.
//!
//! # Examples
//!
//! ```
//! use kernel::{
//!     impl_has_work, new_work,
//!     sync::{atomic::{Atomic, Relaxed}, Arc, Completion},
//!     workqueue::{self, Work, WorkItem},
//! };
//!
//! #[pin_data]
//! struct Checksum {
//!     data: [u8; 4],
//!     sum: Atomic<u32>,
//!     #[pin]
//!     done: Completion,
//!     #[pin]
//!     work: Work<Checksum>,
//! }
//!
//! impl_has_work! {
//!     impl HasWork<Self> for Checksum { self.work }
//! }
//!
//! impl WorkItem for Checksum {
//!     type Pointer = Arc<Self>;
//!
//!     fn run(this: Arc<Self>) {
//!         this.sum.store(this.data.iter().copied().map(u32::from).sum(), Relaxed);
//!         this.done.complete_all();
//!     }
//! }
//!
//! let checksum = Arc::pin_init(
//!     pin_init!(Checksum {
//!         data: [1, 2, 3, 255],
//!         sum: Atomic::new(0),
//!         done <- Completion::new(),
//!         work <- new_work!("Checksum::work"),
//!     }),
//!     GFP_KERNEL,
//! )?;
//! workqueue::system().enqueue(checksum.clone()).map_err(|_| EBUSY)?;
//! checksum.done.wait_for_completion();
//! assert_eq!(checksum.sum.load(Relaxed), 261);
//! # Ok::<(), Error>(())
//! ```
//!
//! In C: [`workqueue.h`](srctree/include/linux/workqueue.h)
//!
//! [`Arc<T>`]: crate::sync::Arc
//! [`ARef<T>`]: crate::sync::aref::ARef

mod delayed;
mod item;
mod owned;
mod pointer;
mod queue;
mod system;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;
mod work;

pub use delayed::{DelayedWork, HasDelayedWork};
pub use item::{RawDelayedWorkItem, RawWorkItem, WorkItem, WorkItemPointer};
pub use owned::OwnedQueue;
pub use queue::Queue;
pub use system::{
    system, system_bh, system_bh_highpri, system_freezable, system_freezable_power_efficient,
    system_highpri, system_long, system_power_efficient, system_unbound,
};
pub use work::{HasWork, Work};

pub use crate::{impl_has_delayed_work, impl_has_work, new_delayed_work, new_work};
