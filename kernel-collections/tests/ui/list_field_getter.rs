// SPDX-License-Identifier: GPL-2.0

//! The field of a getter is one of the struct itself, and has the type and ID that are given.

#![feature(arbitrary_self_types)]

extern crate kernel_collections as kernel;

use core::ops::Deref;
use kernel::list::{define_list_arc_field_getter, impl_list_arc_safe, ListArcField};
use kernel::sync::Arc;

struct Shared {
    count: ListArcField<u32>,
}

/// Of these there may be two, with one field.
struct Handle {
    shared: Arc<Shared>,
    name: ListArcField<&'static str, 7>,
}

impl Deref for Handle {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl_list_arc_safe! {
    impl ListArcSafe<0> for Handle { untracked; }
    impl ListArcSafe<7> for Handle { untracked; }
}

impl Handle {
    define_list_arc_field_getter! {
        fn count(&mut self<0>) -> &mut u32 { count }
    }
    define_list_arc_field_getter! {
        fn name(&mut self<0>) -> &mut &'static str { name }
    }
    define_list_arc_field_getter! {
        fn length(&self<7>) -> &u32 { name }
    }
}

fn main() {}
