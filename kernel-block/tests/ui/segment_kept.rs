// SPDX-License-Identifier: GPL-2.0

//! The memory of a request is there until it ends.

extern crate kernel_block as kernel;

use kernel::block::mq::{Request, Segment};

fn keep<'a, T>(rq: &'a Request<T>) -> Option<Segment<'a>> {
    let mut kept = None;
    let _ = rq.segments(|segment| {
        kept = Some(segment);
        Ok(())
    });
    kept
}

fn main() {}
