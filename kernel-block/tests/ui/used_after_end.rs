// SPDX-License-Identifier: GPL-2.0

//! A request that has ended is C's, and not to be looked at.

extern crate kernel_block as kernel;

use kernel::{
    block::mq::{Operations, Request},
    sync::aref::ARef,
};

fn end<T: Operations>(rq: ARef<Request<T>>) -> u64 {
    let _ = Request::end_ok(rq);
    rq.sector()
}

fn while_borrowed<T: Operations>(rq: ARef<Request<T>>) -> u64 {
    let request: &Request<T> = &rq;
    let _ = Request::end_ok(rq);
    request.sector()
}

fn only_with_a_reference<T: Operations>(rq: &Request<T>) {
    let _ = Request::end_ok(rq);
}

fn main() {}
