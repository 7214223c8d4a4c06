// SPDX-License-Identifier: GPL-2.0

//! Tests of lists.

#[cfg(CONFIG_KUNIT = "y")]
mod arcs;
#[cfg(CONFIG_KUNIT = "y")]
mod cursors;
#[cfg(CONFIG_KUNIT = "y")]
mod items;
#[cfg(CONFIG_KUNIT = "y")]
mod lists;

/// What most of the tests put into lists.
#[cfg(CONFIG_KUNIT = "y")]
mod support {
    use crate::{
        list::*,
        prelude::*,
        sync::{
            atomic::{Atomic, Relaxed},
            Arc,
        },
    };

    /// An item that says when it is dropped.
    #[pin_data(PinnedDrop)]
    pub(super) struct Probe {
        pub(super) value: u32,
        drops: Arc<Atomic<u32>>,
        #[pin]
        links: ListLinks,
        #[pin]
        tracker: AtomicTracker,
    }

    #[pinned_drop]
    impl PinnedDrop for Probe {
        fn drop(self: Pin<&mut Self>) {
            self.drops.add(1, Relaxed);
        }
    }

    impl_list_arc_safe! {
        impl ListArcSafe<0> for Probe { tracked_by tracker: AtomicTracker; }
    }
    impl_list_item! {
        impl ListItem<0> for Probe { using ListLinks { self.links }; }
    }

    /// Makes items with one counter for all.
    pub(super) struct Maker(Arc<Atomic<u32>>);

    impl Maker {
        pub(super) fn new() -> Result<Self> {
            Ok(Self(Arc::new(Atomic::new(0), GFP_KERNEL)?))
        }

        pub(super) fn item(&self, value: u32) -> Result<ListArc<Probe>> {
            ListArc::pin_init(
                try_pin_init!(Probe {
                    value,
                    drops: self.0.clone(),
                    links <- ListLinks::new(),
                    tracker <- AtomicTracker::new(),
                }),
                GFP_KERNEL,
            )
        }

        pub(super) fn list(&self, values: impl IntoIterator<Item = u32>) -> Result<List<Probe>> {
            let mut list = List::new();
            for value in values {
                list.push_back(self.item(value)?);
            }
            Ok(list)
        }

        pub(super) fn drops(&self) -> u32 {
            self.0.load(Relaxed)
        }
    }

    /// Whether a list has just these items, seen from the front, the back, and by the ring itself.
    pub(super) fn is(list: &mut List<Probe>, values: &[u32]) -> bool {
        // By a loop: names of nested iterators get longer than a symbol may be.
        let mut forward = values.iter();
        for item in list.iter() {
            if forward.next() != Some(&item.value) {
                return false;
            }
        }

        let mut back = values.iter().rev();
        let mut cursor = list.cursor_back();
        while let Some(item) = cursor.peek_prev() {
            if back.next() != Some(&item.value) {
                return false;
            }
            cursor.move_prev();
        }
        forward.next().is_none() && back.next().is_none() && list.is_empty() == values.is_empty()
    }
}
