// SPDX-License-Identifier: GPL-2.0

//! A `ListArcField` is reached with the `ListArc` only, of that ID, and mutably if that is so.

#![feature(arbitrary_self_types)]

extern crate kernel_collections as kernel;

use kernel::list::{define_list_arc_field_getter, impl_list_arc_safe, ListArc, ListArcField};
use kernel::sync::Arc;

struct Session {
    requests: ListArcField<u32, 1>,
}

impl_list_arc_safe! {
    impl ListArcSafe<1> for Session { untracked; }
    impl ListArcSafe<2> for Session { untracked; }
}

impl Session {
    define_list_arc_field_getter! {
        fn requests(&mut self<1>) -> &mut u32 { requests }
    }
}

fn by_arc(session: &mut Arc<Session>) -> u32 {
    *session.requests()
}

fn by_another_id(session: &mut ListArc<Session, 2>) -> u32 {
    *session.requests()
}

fn by_a_shared_one(session: &ListArc<Session, 1>) -> u32 {
    *session.requests()
}

fn kept(mut session: ListArc<Session, 1>) -> u32 {
    let requests = session.requests();
    drop(session);
    *requests
}

fn main() {}
