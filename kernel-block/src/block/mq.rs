// SPDX-License-Identifier: GPL-2.0

//! Drivers of block devices with several queues: blk-mq.
//!
//! 1. Implement [`Operations`] for a type that stands for the driver: how to start a [`Request`], and how to
//!    finish one.
//! 2. Make a [`TagSet`], which has the memory of the requests. As many can be with the driver at a time as
//!    there are tags, for each queue. Disks can share a set.
//! 3. Make a [`GenDisk`](gen_disk::GenDisk) with a [`GenDiskBuilder`](gen_disk::GenDiskBuilder): it is there
//!    for user space until it is dropped.
//!
//! # How a request goes
//!
//! [`queue_rq`](Operations::queue_rq) gets each request as the only reference to it, an [`ARef`]. The driver
//! ends it by giving the reference back: with [`Request::end_ok`] or [`Request::end`] from any context, at
//! once or later; or with [`Request::complete`], which has [`Operations::complete`] called on a CPU that suits
//! whoever waits.
//!
//! More references can be made of one. A request only ends when there is one left, and that one is used up:
//! it ends once, and nobody has it afterwards. If the last one is dropped instead, the request fails with
//! `EIO`.
//!
//! # What to watch out for
//!
//! - To drop a disk waits for all of its requests. A request that is kept for ever is waited for as long, as is
//!   one that is kept in what the disk drops: its queue data.
//! - The memory of a request is also used by others, user space among them: see [`Segment`].
//!
//! # Examples
//!
//! A disk that forgets what is written, and has nothing but zeroes:
//!
//! ```
//! use kernel::{
//!     block::mq::{self, gen_disk::GenDiskBuilder, Command, Operations, Request, TagSet},
//!     prelude::*,
//!     sync::{aref::ARef, Arc},
//! };
//!
//! struct Zeroes;
//!
//! #[vtable]
//! impl Operations for Zeroes {
//!     type QueueData = ();
//!
//!     fn queue_rq(_queue: (), rq: ARef<Request<Self>>, _is_last: bool) -> Result {
//!         let result = match rq.command() {
//!             Command::Read => rq.segments(|segment| segment.zero()),
//!             Command::Write | Command::Flush => Ok(()),
//!             _ => Err(ENOTSUPP),
//!         };
//!         // There is no other reference.
//!         Request::end(rq, result).map_err(|_| EIO)
//!     }
//!
//!     fn complete(rq: ARef<Request<Self>>) {
//!         let _ = Request::end_ok(rq);
//!     }
//! }
//!
//! let tags = Arc::pin_init(TagSet::<Zeroes>::new(1, 16, 1), GFP_KERNEL)?;
//! let disk = GenDiskBuilder::new()
//!     .capacity_sectors(2048)
//!     .build(fmt!("rust_doc_zeroes"), tags, ())?;
//! drop(disk);
//! # Ok::<(), Error>(())
//! ```
//!
//! C header: [`include/linux/blk-mq.h`](srctree/include/linux/blk-mq.h), with
//! [`block/blk-mq.c`](srctree/block/blk-mq.c).
//!
//! [`ARef`]: crate::sync::aref::ARef

pub mod gen_disk;
mod operations;
mod request;
mod segment;
mod state;
mod tag_set;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;

pub use operations::Operations;
pub use request::{Command, Request};
pub use segment::Segment;
pub use tag_set::{Flag, Flags, TagSet};
