// SPDX-License-Identifier: GPL-2.0

//! Tests of lists of C's.

#[cfg(CONFIG_KUNIT = "y")]
#[crate::macros::kunit_tests(rust_interop_list)]
mod cases {
    use crate::{bindings, interop::list::*, prelude::*, types::Opaque};

    /// As C declares it.
    #[repr(C)]
    struct Raw {
        value: u32,
        entry: bindings::list_head,
        other: bindings::list_head,
    }

    /// As Rust sees it.
    #[repr(transparent)]
    struct Item(Opaque<Raw>);

    impl Item {
        fn value(&self) -> u32 {
            // SAFETY: It is initialised, and nobody writes to it.
            unsafe { (*self.0.get()).value }
        }
    }

    /// A head and items that are linked to it.
    struct Lists {
        head: Pin<KBox<CListHead>>,
        items: KVec<KBox<Item>>,
    }

    impl Lists {
        /// Makes a list, as C code would, with the items in the order given.
        fn new(values: &[u32]) -> Result<Self> {
            let head = KBox::pin_init(CListHead::new(), GFP_KERNEL)?;
            let mut items = KVec::with_capacity(values.len(), GFP_KERNEL)?;
            for &value in values {
                let raw = Raw {
                    value,
                    entry: bindings::list_head::default(),
                    other: bindings::list_head::default(),
                };
                let item = KBox::new(Item(Opaque::new(raw)), GFP_KERNEL)?;
                // SAFETY: It points to a `Raw`.
                let entry = unsafe { &raw mut (*item.0.get()).entry };
                // SAFETY: The head is initialised, the entry gets to be; both stay as they are
                // boxed, and are dropped together.
                unsafe { bindings::list_add_tail(entry, head.as_raw()) };
                items.push(item, GFP_KERNEL)?;
            }
            Ok(Self { head, items })
        }

        fn entry(&self, i: usize) -> *mut bindings::list_head {
            // SAFETY: It points to a `Raw`.
            unsafe { &raw mut (*self.items[i].0.get()).entry }
        }

        fn is(&self, values: &[u32]) -> bool {
            let list = clist_create!(unsafe {
                // SAFETY: See `new`; the list is not changed while it is looked at.
                self.head.as_raw(), Item, Raw, entry
            });
            // `Iterator::eq` would do, but for symbols that are longer than modpost takes.
            let mut values = values.iter();
            if list.is_empty() != values.as_slice().is_empty() {
                return false;
            }
            for item in list.iter() {
                if values.next() != Some(&item.value()) {
                    return false;
                }
            }
            values.next().is_none()
        }
    }

    #[test]
    fn a_new_head_is_not_linked() -> Result {
        let head = KBox::pin_init(CListHead::new(), GFP_KERNEL)?;
        assert!(!head.is_linked());
        assert!(head.next() == &*head);
        assert!(core::ptr::eq(head.as_raw(), (&raw const *head).cast()));
        Ok(())
    }

    #[test]
    fn links_are_equal_to_themselves() -> Result {
        let one = KBox::pin_init(CListHead::new(), GFP_KERNEL)?;
        let two = KBox::pin_init(CListHead::new(), GFP_KERNEL)?;
        // SAFETY: It is initialised, and stays.
        let again = unsafe { CListHead::from_raw(one.as_raw()) };
        assert!(*again == *one);
        assert!(*one != *two);
        Ok(())
    }

    #[test]
    fn follows_a_ring() -> Result {
        let lists = Lists::new(&[1, 2])?;
        assert!(lists.head.is_linked());
        let first = lists.head.next();
        let second = first.next();
        assert!(core::ptr::eq(first.as_raw(), lists.entry(0)));
        assert!(core::ptr::eq(second.as_raw(), lists.entry(1)));
        assert!(*second.next() == *lists.head);
        assert!(first.is_linked() && second.is_linked());
        Ok(())
    }

    #[test]
    fn an_empty_list() -> Result {
        assert!(Lists::new(&[])?.is(&[]));
        Ok(())
    }

    #[test]
    fn a_single_item() -> Result {
        assert!(Lists::new(&[u32::MAX])?.is(&[u32::MAX]));
        Ok(())
    }

    #[test]
    fn items_in_order() -> Result {
        assert!(Lists::new(&[5, 3, 9, 3])?.is(&[5, 3, 9, 3]));
        Ok(())
    }

    #[test]
    fn sees_what_c_takes_out() -> Result {
        let lists = Lists::new(&[0, 1, 2])?;
        for (i, left) in [
            (1, [0, 2].as_slice()),
            (0, [2].as_slice()),
            (2, [].as_slice()),
        ] {
            // SAFETY: It is in the list, which nobody looks at.
            unsafe { bindings::list_del_init(lists.entry(i)) };
            assert!(lists.is(left));
        }
        // SAFETY: It is initialised, and stays.
        assert!(!unsafe { CListHead::from_raw(lists.entry(1)) }.is_linked());
        Ok(())
    }

    #[test]
    fn an_iterator_stays_at_its_end() -> Result {
        let lists = Lists::new(&[4])?;
        let list = clist_create!(unsafe {
            // SAFETY: See `Lists::new`; nothing is changed here.
            lists.head.as_raw(), Item, Raw, entry
        });
        let mut iter = list.iter();
        assert_eq!(iter.next().map(Item::value), Some(4));
        for _ in 0..3 {
            assert!(iter.next().is_none());
        }
        // Another begins at the front.
        assert_eq!(list.iter().count(), 1);
        Ok(())
    }

    #[test]
    fn references_are_to_the_items() -> Result {
        let lists = Lists::new(&[6, 7])?;
        let list = clist_create!(unsafe {
            // SAFETY: See `Lists::new`; nothing is changed here.
            lists.head.as_raw(), Item, Raw, entry
        });
        for (seen, item) in list.iter().zip(&lists.items) {
            assert!(core::ptr::eq(seen, &**item));
        }
        Ok(())
    }

    #[test]
    fn items_by_another_field() -> Result {
        let lists = Lists::new(&[1, 2, 3])?;
        let others = KBox::pin_init(CListHead::new(), GFP_KERNEL)?;
        for item in lists.items.iter().rev() {
            // SAFETY: It points to a `Raw`.
            let other = unsafe { &raw mut (*item.0.get()).other };
            // SAFETY: The head is initialised, the entry gets to be; both stay.
            unsafe { bindings::list_add_tail(other, others.as_raw()) };
        }
        let reversed = clist_create!(unsafe {
            // SAFETY: All items are linked by that field; nothing is changed here.
            others.as_raw(), Item, Raw, other
        });
        let mut values = reversed.iter().map(Item::value);
        for value in [3, 2, 1] {
            assert_eq!(values.next(), Some(value));
        }
        assert_eq!(values.next(), None);
        assert!(lists.is(&[1, 2, 3]));
        Ok(())
    }
}
