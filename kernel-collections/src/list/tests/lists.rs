// SPDX-License-Identifier: GPL-2.0

//! Tests of `List` and its iterators.

#[crate::macros::kunit_tests(rust_list)]
mod cases {
    use super::super::support::{is, Maker, Probe};
    use crate::{list::*, prelude::*, sync::Arc};

    #[test]
    fn a_new_list_is_empty() {
        let mut list = List::<Probe>::new();
        assert!(list.is_empty());
        assert!(list.pop_front().is_none());
        assert!(list.pop_back().is_none());
        assert!(list.iter().next().is_none());
        assert!(is(&mut list, &[]));
        assert!(List::<Probe>::default().is_empty());
    }

    #[test]
    fn a_single_item() -> Result {
        let make = Maker::new()?;
        let mut list = make.list([7])?;
        assert!(is(&mut list, &[7]));
        assert_eq!(list.pop_front().map(|item| item.value), Some(7));
        assert!(is(&mut list, &[]));

        list.push_front(make.item(8)?);
        assert!(is(&mut list, &[8]));
        assert_eq!(list.pop_back().map(|item| item.value), Some(8));
        assert!(is(&mut list, &[]));
        assert_eq!(make.drops(), 2);
        Ok(())
    }

    #[test]
    fn pushes_at_both_ends() -> Result {
        let make = Maker::new()?;
        let mut list = List::new();
        for value in 0..4 {
            list.push_back(make.item(value)?);
            list.push_front(make.item(100 + value)?);
        }
        assert!(is(&mut list, &[103, 102, 101, 100, 0, 1, 2, 3]));
        Ok(())
    }

    #[test]
    fn pops_at_both_ends() -> Result {
        let make = Maker::new()?;
        let mut list = make.list(0..6)?;
        assert_eq!(list.pop_front().map(|item| item.value), Some(0));
        assert_eq!(list.pop_back().map(|item| item.value), Some(5));
        assert!(is(&mut list, &[1, 2, 3, 4]));
        assert_eq!(list.pop_back().map(|item| item.value), Some(4));
        assert_eq!(list.pop_front().map(|item| item.value), Some(1));
        assert!(is(&mut list, &[2, 3]));
        Ok(())
    }

    #[test]
    fn items_come_out_as_they_went_in() -> Result {
        let make = Maker::new()?;
        let item = make.item(1)?;
        let shared = item.clone_arc();
        let at = &raw const *item;

        let mut list = List::new();
        list.push_back(item);
        assert!(list.iter().all(|inside| core::ptr::eq(&*inside, at)));

        let item = list.pop_front().ok_or(ENOENT)?;
        assert!(core::ptr::eq(&*item, at));
        assert!(Arc::ptr_eq(item.as_arc(), &shared));
        Ok(())
    }

    #[test]
    fn an_item_goes_through_many_lists() -> Result {
        let make = Maker::new()?;
        let mut lists = [const { List::new() }; 4];
        lists[0].push_back(make.item(5)?);
        for round in 0..12 {
            let item = lists[round % 4].pop_front().ok_or(ENOENT)?;
            assert!(lists[round % 4].is_empty());
            lists[(round + 1) % 4].push_back(item);
        }
        assert!(is(&mut lists[0], &[5]));
        assert_eq!(make.drops(), 0);
        Ok(())
    }

    #[test]
    fn dropping_a_list_drops_its_items() -> Result {
        let make = Maker::new()?;
        let list = make.list(0..10)?;
        assert_eq!(make.drops(), 0);
        drop(list);
        assert_eq!(make.drops(), 10);
        Ok(())
    }

    #[test]
    fn what_has_another_owner_outlives_the_list() -> Result {
        let make = Maker::new()?;
        let list = make.list(0..3)?;
        let kept: Option<Arc<Probe>> = list.iter().nth(1).map(Arc::from);
        drop(list);
        assert_eq!(make.drops(), 2);

        // It is in no list any more, and can be put into one.
        let kept = kept.ok_or(ENOENT)?;
        let item = ListArc::try_from_arc(kept).map_err(|_| EBUSY)?;
        let mut list = List::new();
        list.push_back(item);
        assert!(is(&mut list, &[1]));
        drop(list);
        assert_eq!(make.drops(), 3);
        Ok(())
    }

    #[test]
    fn a_long_list_is_dropped_without_recursion() -> Result {
        // On a stack of some kilobytes.
        let make = Maker::new()?;
        let list = make.list(0..20_000)?;
        assert_eq!(list.iter().count(), 20_000);
        drop(list);
        assert_eq!(make.drops(), 20_000);
        Ok(())
    }

    #[test]
    fn a_list_may_move() -> Result {
        let make = Maker::new()?;
        let list = make.list(0..3)?;
        let mut boxed = KBox::new(list, GFP_KERNEL)?;
        boxed.push_back(make.item(3)?);
        let mut list = core::mem::take(&mut *boxed);
        assert!(boxed.is_empty());
        assert!(is(&mut list, &[0, 1, 2, 3]));
        Ok(())
    }

    #[test]
    fn appends_a_list() -> Result {
        let make = Maker::new()?;
        let mut one = make.list(0..2)?;
        let mut two = make.list(2..5)?;
        one.push_all_back(&mut two);
        assert!(is(&mut one, &[0, 1, 2, 3, 4]));
        assert!(is(&mut two, &[]));

        // Both go on as before.
        two.push_back(make.item(9)?);
        one.push_back(make.item(5)?);
        assert!(is(&mut one, &[0, 1, 2, 3, 4, 5]));
        assert!(is(&mut two, &[9]));
        Ok(())
    }

    #[test]
    fn appends_to_and_of_empty_lists() -> Result {
        let make = Maker::new()?;
        let mut one = List::new();
        let mut two = List::new();
        one.push_all_back(&mut two);
        assert!(one.is_empty() && two.is_empty());

        two.push_back(make.item(1)?);
        one.push_all_back(&mut two);
        assert!(is(&mut one, &[1]));
        assert!(two.is_empty());

        one.push_all_back(&mut two);
        assert!(is(&mut one, &[1]));
        Ok(())
    }

    #[test]
    fn appends_single_items() -> Result {
        let make = Maker::new()?;
        let mut all = List::new();
        for value in 0..4 {
            all.push_all_back(&mut make.list([value])?);
        }
        assert!(is(&mut all, &[0, 1, 2, 3]));
        Ok(())
    }

    #[test]
    fn removes_first_middle_last_and_only() -> Result {
        let make = Maker::new()?;
        for (gone, left) in [
            (0, [1, 2].as_slice()),
            (1, [0, 2].as_slice()),
            (2, [0, 1].as_slice()),
        ] {
            let mut list = make.list(0..3)?;
            let item: Option<Arc<Probe>> = list.iter().nth(gone).map(Arc::from);
            let item = item.ok_or(ENOENT)?;
            // SAFETY: It is in this list, and nobody else has lists.
            let removed = unsafe { list.remove(&item) }.ok_or(ENOENT)?;
            assert!(Arc::ptr_eq(removed.as_arc(), &item));
            assert!(is(&mut list, left));
        }

        let mut list = make.list([4])?;
        let item: Option<Arc<Probe>> = list.iter().next().map(Arc::from);
        // SAFETY: As above.
        assert!(unsafe { list.remove(&*item.ok_or(ENOENT)?) }.is_some());
        assert!(is(&mut list, &[]));
        Ok(())
    }

    #[test]
    fn removes_nothing_that_is_in_no_list() -> Result {
        let make = Maker::new()?;
        let mut list = make.list(0..2)?;
        let item = make.item(9)?;
        // SAFETY: It is in no list.
        assert!(unsafe { list.remove(&item) }.is_none());
        // SAFETY: As above.
        assert!(unsafe { List::<Probe>::new().remove(&item) }.is_none());
        assert!(is(&mut list, &[0, 1]));

        // It was in one.
        list.push_back(item);
        let item = list.pop_back().ok_or(ENOENT)?;
        // SAFETY: It is in no list.
        assert!(unsafe { list.remove(&item) }.is_none());
        assert!(is(&mut list, &[0, 1]));
        Ok(())
    }

    #[test]
    fn a_removed_item_can_come_back() -> Result {
        let make = Maker::new()?;
        let mut list = make.list(0..3)?;
        let first: Option<Arc<Probe>> = list.iter().next().map(Arc::from);
        let first = first.ok_or(ENOENT)?;
        for _ in 0..3 {
            // SAFETY: It is in this list or in none; nobody else has lists.
            let item = unsafe { list.remove(&first) }.ok_or(ENOENT)?;
            // SAFETY: As above.
            assert!(unsafe { list.remove(&first) }.is_none());
            list.push_back(item);
            assert!(is(&mut list, &[1, 2, 0]));
        }
        Ok(())
    }

    #[test]
    fn removes_all_in_any_order() -> Result {
        let make = Maker::new()?;
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let mut list = make.list(0..3)?;
            let mut items = KVec::<Arc<Probe>>::new();
            for item in &list {
                items.push(item.into(), GFP_KERNEL)?;
            }
            for i in order {
                // SAFETY: It is in this list, and nobody else has lists.
                let item = unsafe { list.remove(&items[i]) }.ok_or(ENOENT)?;
                assert_eq!(item.value, i as u32);
            }
            assert!(list.is_empty());
        }
        assert_eq!(make.drops(), 18);
        Ok(())
    }

    #[test]
    fn iterates_in_order_and_again() -> Result {
        let make = Maker::new()?;
        let list = make.list(0..5)?;
        for _ in 0..2 {
            let mut expected = 0..5;
            for item in list.iter() {
                assert_eq!(expected.next(), Some(item.value));
            }
            assert!(expected.is_empty());
        }
        let mut sum = 0;
        for item in &list {
            sum += item.value;
        }
        assert_eq!(sum, 10);
        Ok(())
    }

    #[test]
    fn an_iterator_stays_at_its_end() -> Result {
        let make = Maker::new()?;
        let list = make.list([1])?;
        let mut iter = list.iter();
        assert!(iter.next().is_some());
        for _ in 0..3 {
            assert!(iter.next().is_none());
        }
        Ok(())
    }

    #[test]
    fn takes_items_out_from_both_ends() -> Result {
        let make = Maker::new()?;
        let mut iter = make.list(0..4)?.into_iter();
        assert_eq!(iter.next().map(|item| item.value), Some(0));
        assert_eq!(iter.next_back().map(|item| item.value), Some(3));
        assert_eq!(iter.next_back().map(|item| item.value), Some(2));
        assert_eq!(iter.next().map(|item| item.value), Some(1));
        assert!(iter.next().is_none());
        assert!(iter.next_back().is_none());
        assert_eq!(make.drops(), 4);
        Ok(())
    }

    #[test]
    fn what_an_iterator_leaves_is_dropped() -> Result {
        let make = Maker::new()?;
        let mut iter = make.list(0..5)?.into_iter();
        let first = iter.next();
        assert_eq!(make.drops(), 0);
        drop(iter);
        assert_eq!(make.drops(), 4);
        drop(first);
        assert_eq!(make.drops(), 5);
        Ok(())
    }

    #[test]
    fn a_list_is_as_large_as_a_pointer() {
        assert_eq!(size_of::<List<Probe>>(), size_of::<*const Probe>());
        assert_eq!(size_of::<ListArc<Probe>>(), size_of::<*const Probe>());
        assert_eq!(size_of::<ListLinks>(), 2 * size_of::<*const Probe>());
    }
}
