// SPDX-License-Identifier: GPL-2.0

//! The queue data of a disk are of the driver's type, and many CPUs use them.

extern crate kernel_block as kernel;

use core::cell::Cell;
use kernel::{
    block::mq::{
        gen_disk::{GenDisk, GenDiskBuilder},
        Operations, Request, TagSet,
    },
    prelude::*,
    sync::{aref::ARef, Arc},
};

struct Driver;

#[vtable]
impl Operations for Driver {
    type QueueData = KBox<u32>;

    fn queue_rq(_data: &u32, rq: ARef<Request<Self>>, _is_last: bool) -> Result {
        Request::end_ok(rq).map_err(|_| EIO)
    }

    fn complete(_rq: ARef<Request<Self>>) {}
}

fn add(tags: Arc<TagSet<Driver>>, data: KBox<u64>) -> Result<GenDisk<Driver>> {
    GenDiskBuilder::new().build(fmt!("disk"), tags, data)
}

struct Unshared;

#[vtable]
impl Operations for Unshared {
    type QueueData = KBox<Cell<u32>>;

    fn queue_rq(_data: &Cell<u32>, rq: ARef<Request<Self>>, _is_last: bool) -> Result {
        Request::end_ok(rq).map_err(|_| EIO)
    }

    fn complete(_rq: ARef<Request<Self>>) {}
}

fn main() {}
