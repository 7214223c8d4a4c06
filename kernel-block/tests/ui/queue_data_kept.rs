// SPDX-License-Identifier: GPL-2.0

//! A driver has a disk's queue data for as long as a call.

extern crate kernel_block as kernel;

use kernel::{
    block::mq::{Operations, Request},
    prelude::*,
    sync::aref::ARef,
};

fn keep(_data: &'static u32) {}

struct Driver;

#[vtable]
impl Operations for Driver {
    type QueueData = KBox<u32>;

    fn queue_rq(data: &u32, rq: ARef<Request<Self>>, _is_last: bool) -> Result {
        keep(data);
        Request::end_ok(rq).map_err(|_| EIO)
    }

    fn complete(_rq: ARef<Request<Self>>) {}
}

fn main() {}
