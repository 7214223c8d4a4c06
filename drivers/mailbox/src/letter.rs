// SPDX-License-Identifier: GPL-2.0

//! A message.

use kernel::{
    list::{impl_list_arc_safe, impl_list_item, ListArc, ListLinks},
    prelude::*,
    time::{Instant, Monotonic},
};

/// A message, as it lies in a box.
#[pin_data]
pub(crate) struct Letter {
    #[pin]
    links: ListLinks,
    /// The endpoint that it comes from.
    pub(crate) sender: u32,
    /// When it was sent.
    posted: Instant<Monotonic>,
    pub(crate) text: KVVec<u8>,
}

impl_list_arc_safe! {
    impl ListArcSafe<0> for Letter { untracked; }
}
impl_list_item! {
    impl ListItem<0> for Letter { using ListLinks { self.links }; }
}

impl Letter {
    /// Makes a message of `text`, which is not empty.
    pub(crate) fn new(sender: u32, text: KVVec<u8>) -> Result<ListArc<Self>> {
        ListArc::pin_init(
            try_pin_init!(Self {
                links <- ListLinks::new(),
                sender,
                posted: Instant::now(),
                text,
            }),
            GFP_KERNEL_ACCOUNT,
        )
    }

    /// Returns whether it was sent that many milliseconds ago. Zero is never.
    pub(crate) fn is_older_than(&self, lifetime: u32) -> bool {
        lifetime != 0 && self.posted.elapsed().as_millis() >= i64::from(lifetime)
    }
}
