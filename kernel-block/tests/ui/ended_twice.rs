// SPDX-License-Identifier: GPL-2.0

//! To end a request takes its reference: nobody ends it twice with that.

extern crate kernel_block as kernel;

use kernel::{
    block::mq::{Operations, Request},
    sync::aref::ARef,
};

fn end<T: Operations>(rq: ARef<Request<T>>) {
    let _ = Request::end_ok(rq);
    let _ = Request::end(rq, Ok(()));
}

fn complete<T: Operations>(rq: ARef<Request<T>>) {
    Request::complete(rq);
    let _ = Request::end_ok(rq);
}

fn main() {}
