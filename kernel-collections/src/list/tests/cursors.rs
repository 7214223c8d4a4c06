// SPDX-License-Identifier: GPL-2.0

//! Tests of `Cursor` and `CursorPeek`.

#[crate::macros::kunit_tests(rust_list_cursor)]
mod cases {
    use super::super::support::{is, Maker, Probe};
    use crate::{list::*, prelude::*, sync::Arc};

    /// A cursor before the item with this number, in a list whose items are numbered from 0.
    fn at(list: &mut List<Probe>, place: usize) -> Cursor<'_, Probe> {
        let mut cursor = list.cursor_front();
        for _ in 0..place {
            assert!(cursor.move_next());
        }
        cursor
    }

    /// What the cursor is between.
    fn neighbours(cursor: &mut Cursor<'_, Probe>) -> (Option<u32>, Option<u32>) {
        (
            cursor.peek_prev().map(|item| item.value),
            cursor.peek_next().map(|item| item.value),
        )
    }

    #[test]
    fn in_an_empty_list() -> Result {
        let mut list = List::<Probe>::new();
        let mut cursor = list.cursor_front();
        assert_eq!(neighbours(&mut cursor), (None, None));
        assert!(!cursor.move_next());
        assert!(!cursor.move_prev());
        assert!(cursor.remove_next().is_none());
        assert!(cursor.remove_prev().is_none());
        assert_eq!(neighbours(&mut list.cursor_back()), (None, None));
        Ok(())
    }

    #[test]
    fn begins_at_either_end() -> Result {
        let make = Maker::new()?;
        let mut list = make.list(0..3)?;
        assert_eq!(neighbours(&mut list.cursor_front()), (None, Some(0)));
        assert_eq!(neighbours(&mut list.cursor_back()), (Some(2), None));
        Ok(())
    }

    #[test]
    fn moves_through_all_places() -> Result {
        let make = Maker::new()?;
        let mut list = make.list(0..3)?;
        let places = [
            (None, Some(0)),
            (Some(0), Some(1)),
            (Some(1), Some(2)),
            (Some(2), None),
        ];

        let mut cursor = list.cursor_front();
        for (i, place) in places.into_iter().enumerate() {
            assert_eq!(neighbours(&mut cursor), place);
            assert_eq!(cursor.move_next(), i < 3);
        }
        // The end is the end.
        assert_eq!(neighbours(&mut cursor), places[3]);
        for (i, place) in places.into_iter().enumerate().rev() {
            assert_eq!(neighbours(&mut cursor), place);
            assert_eq!(cursor.move_prev(), i > 0);
        }
        assert_eq!(neighbours(&mut cursor), places[0]);
        Ok(())
    }

    #[test]
    fn inserts_at_every_place() -> Result {
        let make = Maker::new()?;
        for place in 0..=3 {
            let mut expected = KVec::new();
            for value in 0..3 {
                expected.push(value, GFP_KERNEL)?;
            }
            expected.push(0, GFP_KERNEL)?;
            expected[place..].rotate_right(1);
            expected[place] = 9;

            let mut list = make.list(0..3)?;
            at(&mut list, place).insert(make.item(9)?);
            assert!(is(&mut list, &expected), "at {place}");
        }
        Ok(())
    }

    #[test]
    fn inserts_after_itself() -> Result {
        let make = Maker::new()?;
        for place in 0..=3_u32 {
            let mut list = make.list(0..3)?;
            let mut cursor = at(&mut list, place as usize);
            let before = neighbours(&mut cursor).0;
            cursor.insert_next(make.item(9)?);
            assert_eq!(neighbours(&mut cursor), (before, Some(9)));
            cursor.insert_next(make.item(8)?);
            assert_eq!(neighbours(&mut cursor), (before, Some(8)));
            assert!(cursor.move_next());
            assert_eq!(neighbours(&mut cursor), (Some(8), Some(9)));
            assert_eq!(list.iter().count(), 5);
        }
        Ok(())
    }

    #[test]
    fn inserts_before_itself() -> Result {
        let make = Maker::new()?;
        for place in 0..=3_u32 {
            let mut list = make.list(0..3)?;
            let mut cursor = at(&mut list, place as usize);
            let after = neighbours(&mut cursor).1;
            cursor.insert_prev(make.item(9)?);
            assert_eq!(neighbours(&mut cursor), (Some(9), after));
            cursor.insert_prev(make.item(8)?);
            assert_eq!(neighbours(&mut cursor), (Some(8), after));
            assert!(cursor.move_prev());
            assert_eq!(neighbours(&mut cursor), (Some(9), Some(8)));
            assert_eq!(list.iter().count(), 5);
        }
        Ok(())
    }

    #[test]
    fn inserts_into_an_empty_list() -> Result {
        let make = Maker::new()?;
        let mut list = List::new();
        let mut cursor = list.cursor_front();
        cursor.insert_next(make.item(1)?);
        assert_eq!(neighbours(&mut cursor), (None, Some(1)));
        assert!(is(&mut list, &[1]));

        let mut list = List::new();
        let mut cursor = list.cursor_back();
        cursor.insert_prev(make.item(2)?);
        assert_eq!(neighbours(&mut cursor), (Some(2), None));
        assert!(is(&mut list, &[2]));

        let mut list = List::new();
        list.cursor_back().insert(make.item(3)?);
        assert!(is(&mut list, &[3]));
        Ok(())
    }

    #[test]
    fn removes_the_next_at_every_place() -> Result {
        let make = Maker::new()?;
        for place in 0..=3 {
            let mut list = make.list(0..3)?;
            let mut cursor = at(&mut list, place);
            let (before, after) = neighbours(&mut cursor);
            assert_eq!(cursor.remove_next().map(|item| item.value), after);

            let now_after = after.map(|value| value + 1).filter(|&value| value < 3);
            assert_eq!(neighbours(&mut cursor), (before, now_after));
            assert_eq!(list.iter().count(), if place < 3 { 2 } else { 3 });
        }
        Ok(())
    }

    #[test]
    fn removes_the_previous_at_every_place() -> Result {
        let make = Maker::new()?;
        for place in 0..=3 {
            let mut list = make.list(0..3)?;
            let mut cursor = at(&mut list, place);
            let (before, after) = neighbours(&mut cursor);
            assert_eq!(cursor.remove_prev().map(|item| item.value), before);

            let now_before = before.and_then(|value| value.checked_sub(1));
            assert_eq!(neighbours(&mut cursor), (now_before, after));
            assert_eq!(list.iter().count(), if place > 0 { 2 } else { 3 });
        }
        Ok(())
    }

    #[test]
    fn empties_a_list_from_anywhere() -> Result {
        let make = Maker::new()?;
        for place in 0..=4 {
            let mut list = make.list(0..4)?;
            let mut cursor = at(&mut list, place);
            while let Some(item) = cursor.remove_next().or_else(|| cursor.remove_prev()) {
                drop(item);
            }
            assert_eq!(neighbours(&mut cursor), (None, None));
            cursor.insert_next(make.item(7)?);
            assert!(is(&mut list, &[7]));
        }
        assert_eq!(make.drops(), 25);
        Ok(())
    }

    #[test]
    fn peeks_without_moving() -> Result {
        let make = Maker::new()?;
        let mut list = make.list(0..2)?;
        let mut cursor = at(&mut list, 1);
        for _ in 0..2 {
            assert_eq!(neighbours(&mut cursor), (Some(0), Some(1)));
        }
        Ok(())
    }

    #[test]
    fn a_peek_can_be_kept_as_an_owner() -> Result {
        let make = Maker::new()?;
        let mut list = make.list(0..2)?;
        let mut cursor = list.cursor_front();
        let first: Arc<Probe> = cursor.peek_next().ok_or(ENOENT)?.arc().into();
        let last: Arc<Probe> = list.cursor_back().peek_prev().ok_or(ENOENT)?.arc().into();
        drop(list);
        assert_eq!((first.value, last.value), (0, 1));
        assert_eq!(make.drops(), 0);
        Ok(())
    }

    #[test]
    fn removes_what_it_peeks_at() -> Result {
        let make = Maker::new()?;
        let mut list = make.list(0..4)?;
        let mut cursor = at(&mut list, 2);
        let next = cursor.peek_next().ok_or(ENOENT)?.remove();
        assert_eq!(next.value, 2);
        assert_eq!(neighbours(&mut cursor), (Some(1), Some(3)));
        let prev = cursor.peek_prev().ok_or(ENOENT)?.remove();
        assert_eq!(prev.value, 1);
        assert_eq!(neighbours(&mut cursor), (Some(0), Some(3)));
        assert!(is(&mut list, &[0, 3]));

        list.push_back(next);
        list.push_front(prev);
        assert!(is(&mut list, &[1, 0, 3, 2]));
        Ok(())
    }
}
