// SPDX-License-Identifier: GPL-2.0

//! Tests of maple trees, in step with arrays that say what each number is mapped to.

#[crate::macros::kunit_tests(rust_maple_tree)]
mod cases {
    use crate::{
        alloc,
        maple_tree::*,
        sync::{
            atomic::{Atomic, Relaxed},
            Arc,
        },
    };
    use core::ops::Bound::{Excluded, Included, Unbounded};

    const MAX: usize = usize::MAX;

    /// The next number of a sequence that has no order to it (xorshift).
    fn random(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    type Tree = Pin<KBox<MapleTree<KBox<u64>>>>;
    type Gaps = Pin<KBox<MapleTreeAlloc<KBox<u64>>>>;

    fn tree() -> Result<Tree> {
        KBox::pin_init(MapleTree::new(), GFP_KERNEL)
    }

    fn gaps() -> Result<Gaps> {
        KBox::pin_init(MapleTreeAlloc::new(), GFP_KERNEL)
    }

    /// Inserts a boxed number; returns the error if it comes back with the number.
    fn put(tree: &MapleTree<KBox<u64>>, range: impl RangeBounds<usize>, number: u64) -> Result {
        let value = KBox::new(number, GFP_KERNEL)?;
        tree.insert_range(range, value, GFP_KERNEL)
            .map_err(|error| {
                assert_eq!(*error.value, number);
                error.cause.into()
            })
    }

    /// Finds a gap for a boxed number; returns the error if it comes back with the number.
    fn fit(
        tree: &MapleTreeAlloc<KBox<u64>>,
        size: usize,
        range: impl RangeBounds<usize>,
        number: u64,
    ) -> Result<usize> {
        let value = KBox::new(number, GFP_KERNEL)?;
        tree.alloc_range(size, value, range, GFP_KERNEL)
            .map_err(|error| {
                assert_eq!(*error.value, number);
                error.cause.into()
            })
    }

    /// Returns what a number is mapped to.
    fn at(tree: &MapleTree<KBox<u64>>, index: usize) -> Option<u64> {
        tree.lock().load(index).copied()
    }

    /// Takes out what a number is mapped to.
    fn take(tree: &MapleTree<KBox<u64>>, index: usize) -> Option<u64> {
        tree.erase(index).map(KBox::into_inner)
    }

    /// Checks that going through the values from `first` to `max` gives just these.
    fn assert_found(tree: &MapleTree<KBox<u64>>, first: usize, max: usize, values: &[u64]) {
        let mut guard = tree.lock();
        let mut state = guard.ma_state(first, first);
        for value in values {
            assert_eq!(state.find(max).as_deref(), Some(value));
        }
        assert_eq!(state.find(max), None);
        assert_eq!(state.find(max), None);
    }

    /// A value that says when it is dropped.
    struct Probe(Arc<Atomic<u32>>);

    impl Drop for Probe {
        fn drop(&mut self) {
            self.0.add(1, Relaxed);
        }
    }

    fn drops() -> Result<Arc<Atomic<u32>>> {
        Ok(Arc::new(Atomic::new(0), GFP_KERNEL)?)
    }

    #[test]
    fn ranges() {
        assert_eq!(first_and_last(..), Some((0, MAX)));
        assert_eq!(first_and_last(3..5), Some((3, 4)));
        assert_eq!(first_and_last(3..=5), Some((3, 5)));
        assert_eq!(first_and_last(0..=0), Some((0, 0)));
        assert_eq!(first_and_last(0..1), Some((0, 0)));
        assert_eq!(first_and_last(MAX..), Some((MAX, MAX)));
        assert_eq!(first_and_last(MAX..=MAX), Some((MAX, MAX)));
        assert_eq!(first_and_last(..MAX), Some((0, MAX - 1)));
        assert_eq!(first_and_last((Excluded(3), Included(5))), Some((4, 5)));
        assert_eq!(
            first_and_last((Excluded(MAX - 1), Unbounded)),
            Some((MAX, MAX))
        );
    }

    #[test]
    fn ranges_without_a_number() {
        assert_eq!(first_and_last(5..5), None);
        assert_eq!(first_and_last(0..0), None);
        assert_eq!(first_and_last(..0), None);
        assert_eq!(first_and_last(MAX..MAX), None);
        assert_eq!(first_and_last((Included(6), Included(5))), None);
        assert_eq!(first_and_last((Excluded(5), Excluded(6))), None);
        assert_eq!(first_and_last((Excluded(MAX), Unbounded)), None);
        assert_eq!(first_and_last((Unbounded, Excluded(0))), None);
    }

    #[test]
    fn empty() -> Result {
        let tree = tree()?;
        for index in [0, 1, MAX / 2, MAX - 1, MAX] {
            assert_eq!(at(&tree, index), None);
            assert_eq!(take(&tree, index), None);
            assert_found(&tree, index, MAX, &[]);
            assert_found(&tree, 0, index, &[]);
        }
        Ok(())
    }

    #[test]
    fn one_number() -> Result {
        for index in [0, 1, 2, MAX / 2, MAX - 1, MAX] {
            let tree = tree()?;
            tree.insert(index, KBox::new(5, GFP_KERNEL)?, GFP_KERNEL)?;
            assert_eq!(at(&tree, index), Some(5));
            assert_eq!(at(&tree, index.wrapping_add(1)), None);
            assert_eq!(at(&tree, index.wrapping_sub(1)), None);
            assert_found(&tree, 0, MAX, &[5]);
            assert_found(&tree, index, index, &[5]);

            assert_eq!(take(&tree, index.wrapping_add(1)), None);
            assert_eq!(take(&tree, index), Some(5));
            assert_eq!(take(&tree, index), None);
            assert_found(&tree, 0, MAX, &[]);
        }
        Ok(())
    }

    #[test]
    fn both_ends() -> Result {
        let tree = tree()?;
        put(&tree, 0..=0, 1)?;
        put(&tree, MAX..=MAX, 2)?;
        assert_eq!((at(&tree, 0), at(&tree, MAX)), (Some(1), Some(2)));
        assert_found(&tree, 0, MAX, &[1, 2]);
        assert_found(&tree, 0, MAX - 1, &[1]);
        assert_found(&tree, 1, MAX, &[2]);
        // All between is one gap.
        put(&tree, 1..MAX, 3)?;
        assert_found(&tree, 0, MAX, &[1, 3, 2]);
        assert_eq!(take(&tree, 0), Some(1));
        assert_eq!(take(&tree, MAX), Some(2));
        assert_eq!(take(&tree, 1), Some(3));
        Ok(())
    }

    #[test]
    fn all_numbers_at_once() -> Result {
        let tree = tree()?;
        put(&tree, .., 1)?;
        for index in [0, 1, MAX / 2, MAX] {
            assert_eq!(at(&tree, index), Some(1));
            assert_eq!(put(&tree, index..=index, 2), Err(EEXIST));
        }
        assert_eq!(put(&tree, .., 2), Err(EEXIST));
        assert_found(&tree, 0, MAX, &[1]);
        assert_found(&tree, MAX, MAX, &[1]);
        assert_eq!(take(&tree, 12345), Some(1));
        assert_eq!(take(&tree, 0), None);
        put(&tree, .., 3)?;
        assert_eq!(at(&tree, MAX), Some(3));
        Ok(())
    }

    #[test]
    fn all_numbers_but_one_is_taken() -> Result {
        for taken in [0, 1, MAX / 2, MAX] {
            let tree = tree()?;
            put(&tree, taken..=taken, 1)?;
            assert_eq!(put(&tree, .., 2), Err(EEXIST));
            assert_found(&tree, 0, MAX, &[1]);
        }
        Ok(())
    }

    #[test]
    fn no_number() -> Result {
        let tree = tree()?;
        assert_eq!(put(&tree, 5..5, 1), Err(EINVAL));
        assert_eq!(put(&tree, 0..0, 1), Err(EINVAL));
        assert_eq!(put(&tree, (Included(6), Included(5)), 1), Err(EINVAL));
        assert_eq!(put(&tree, (Excluded(MAX), Unbounded), 1), Err(EINVAL));
        assert_found(&tree, 0, MAX, &[]);
        Ok(())
    }

    #[test]
    fn overlaps() -> Result {
        let tree = tree()?;
        put(&tree, 10..20, 1)?;
        put(&tree, 30..40, 2)?;
        for (first, last) in [
            (10, 19),
            (0, 10),
            (19, 19),
            (19, 25),
            (12, 15),
            (5, 25),
            (15, 35),
            (20, 30),
            (0, MAX),
            (39, MAX),
        ] {
            assert_eq!(put(&tree, first..=last, 3), Err(EEXIST));
        }
        assert_found(&tree, 0, MAX, &[1, 2]);
        assert_eq!(
            (at(&tree, 9), at(&tree, 20), at(&tree, 29)),
            (None, None, None)
        );
        // What lies between fits.
        put(&tree, 20..30, 3)?;
        put(&tree, 0..10, 4)?;
        put(&tree, 40.., 5)?;
        assert_found(&tree, 0, MAX, &[4, 1, 3, 2, 5]);
        Ok(())
    }

    #[test]
    fn erasing_by_any_number_of_the_range() -> Result {
        let tree = tree()?;
        for index in 10..20 {
            put(&tree, 0..10, 1)?;
            put(&tree, 10..20, 2)?;
            put(&tree, 20..30, 3)?;
            assert_eq!(take(&tree, index), Some(2));
            for gone in 10..20 {
                assert_eq!(at(&tree, gone), None);
            }
            assert_eq!((at(&tree, 9), at(&tree, 20)), (Some(1), Some(3)));
            assert_eq!(take(&tree, 0), Some(1));
            assert_eq!(take(&tree, 29), Some(3));
        }
        Ok(())
    }

    #[test]
    fn a_place_that_was_erased_can_be_taken_again() -> Result {
        let tree = tree()?;
        put(&tree, 100..200, 1)?;
        assert_eq!(take(&tree, 150), Some(1));
        put(&tree, 150..250, 2)?;
        put(&tree, 100..150, 3)?;
        assert_found(&tree, 0, MAX, &[3, 2]);
        Ok(())
    }

    #[test]
    fn values_change_in_place() -> Result {
        let tree = tree()?;
        put(&tree, 1..5, 10)?;
        put(&tree, 5..9, 20)?;
        let mut guard = tree.lock();
        *guard.load(4).ok_or(ENOENT)? += 1;
        let mut state = guard.ma_state(0, 0);
        while let Some(value) = state.find(MAX) {
            *value += 100;
        }
        assert_eq!(guard.load(1).as_deref(), Some(&111));
        assert_eq!(guard.load(8).as_deref(), Some(&120));
        Ok(())
    }

    #[test]
    fn finding_with_a_limit() -> Result {
        let tree = tree()?;
        for i in 0..5 {
            put(&tree, i * 10 + 5..i * 10 + 8, i as u64)?;
        }
        // From within a range, and up to just before or at the beginning of one.
        assert_found(&tree, 0, 4, &[]);
        assert_found(&tree, 0, 5, &[0]);
        assert_found(&tree, 7, 24, &[0, 1]);
        assert_found(&tree, 8, 25, &[1, 2]);
        assert_found(&tree, 48, MAX, &[]);
        // Where the limit is less than the start.
        assert_found(&tree, 15, 5, &[]);

        let mut guard = tree.lock();
        let mut state = guard.ma_state(0, 0);
        assert_eq!(state.find(10).as_deref(), Some(&0));
        assert_eq!(state.find(10), None);
        assert_eq!(state.find(14), None);
        assert_eq!(state.find(15).as_deref(), Some(&1));
        assert_eq!(state.find(0), None);
        assert_eq!(state.find(MAX).as_deref(), Some(&2));
        Ok(())
    }

    #[test]
    fn states_start_over() -> Result {
        let tree = tree()?;
        put(&tree, 3..4, 1)?;
        put(&tree, 8..9, 2)?;
        let mut guard = tree.lock();
        for end in [0, 5, MAX] {
            let mut state = guard.ma_state(0, end);
            assert_eq!(state.find(MAX).as_deref(), Some(&1));
            let mut state = guard.ma_state(4, end);
            assert_eq!(state.find(MAX).as_deref(), Some(&2));
        }
        Ok(())
    }

    #[test]
    fn many_values() -> Result {
        let tree = tree()?;
        // In an order that is not that of the numbers.
        for i in 0..1500 {
            let i = i * 7 % 1500;
            put(&tree, i * 4..i * 4 + 3, i as u64)?;
        }
        for i in (0..1500).step_by(2) {
            assert_eq!(take(&tree, i * 4 + 2), Some(i as u64));
        }
        let mut guard = tree.lock();
        let mut state = guard.ma_state(0, 0);
        for i in (1..1500).step_by(2) {
            assert_eq!(state.find(MAX).copied(), Some(i as u64));
        }
        assert_eq!(state.find(MAX), None);
        Ok(())
    }

    /// The numbers in use, in two clusters at the ends.
    fn spread(position: usize) -> usize {
        if position < 64 {
            position
        } else {
            MAX - 127 + position
        }
    }

    #[test]
    fn as_an_array() -> Result {
        let mut state = 0x0dd_ba11;
        let tree = tree()?;
        // What each position is mapped to; no range goes across the middle.
        let mut model = [None; 128];

        for round in 0..2000 {
            let first = (random(&mut state) % 128) as usize;
            let length = (random(&mut state) % 12) as usize;
            let last = (first + length).min(if first < 64 { 63 } else { 127 });

            if random(&mut state) % 3 != 0 {
                let free = model[first..=last].iter().all(Option::is_none);
                let result = put(&tree, spread(first)..=spread(last), round);
                assert_eq!(result, if free { Ok(()) } else { Err(EEXIST) });
                if free {
                    model[first..=last].fill(Some(round));
                }
            } else {
                let removed = model[first];
                assert_eq!(take(&tree, spread(first)), removed);
                for place in &mut model {
                    if removed.is_some() && *place == removed {
                        *place = None;
                    }
                }
            }

            let mut guard = tree.lock();
            for (position, value) in model.iter().enumerate() {
                assert_eq!(guard.load(spread(position)).as_deref(), value.as_ref());
            }
            let mut state = guard.ma_state(0, 0);
            let mut before = None;
            for value in model.iter().flatten() {
                if before.replace(value) != Some(value) {
                    assert_eq!(state.find(MAX).as_deref(), Some(value));
                }
            }
            assert_eq!(state.find(MAX), None);
        }
        Ok(())
    }

    #[test]
    fn dropping_the_tree_drops_each_value_once() -> Result {
        let drops = drops()?;
        for count in [0, 1, 2, 500] {
            drops.store(0, Relaxed);
            let tree = KBox::pin_init(MapleTree::new(), GFP_KERNEL)?;
            for i in 0..count {
                let probe = KBox::new(Probe(drops.clone()), GFP_KERNEL)?;
                tree.insert_range(i * 100..i * 100 + 60, probe, GFP_KERNEL)?;
            }
            assert_eq!(drops.load(Relaxed), 0);
            drop(tree);
            assert_eq!(drops.load(Relaxed), count as u32);
        }
        Ok(())
    }

    #[test]
    fn dropping_a_tree_with_values_at_the_ends() -> Result {
        let drops = drops()?;
        for range in [(0, 0), (MAX, MAX), (0, MAX), (1, MAX), (0, MAX - 1)] {
            drops.store(0, Relaxed);
            let tree = KBox::pin_init(MapleTree::new(), GFP_KERNEL)?;
            let probe = KBox::new(Probe(drops.clone()), GFP_KERNEL)?;
            tree.insert_range(range.0..=range.1, probe, GFP_KERNEL)?;
            drop(tree);
            assert_eq!(drops.load(Relaxed), 1);
        }
        Ok(())
    }

    #[test]
    fn what_comes_out_is_the_callers_to_drop() -> Result {
        let drops = drops()?;
        let tree = KBox::pin_init(MapleTree::new(), GFP_KERNEL)?;
        for i in 0..3 {
            let probe = KBox::new(Probe(drops.clone()), GFP_KERNEL)?;
            tree.insert_range(i * 10..i * 10 + 5, probe, GFP_KERNEL)?;
        }
        let erased = tree.erase(12);
        let probe = KBox::new(Probe(drops.clone()), GFP_KERNEL)?;
        let refused = tree.insert(0, probe, GFP_KERNEL);
        assert_eq!(drops.load(Relaxed), 0);
        drop(erased);
        assert_eq!(drops.load(Relaxed), 1);
        assert!(refused.is_err());
        drop(refused);
        assert_eq!(drops.load(Relaxed), 2);
        drop(tree);
        assert_eq!(drops.load(Relaxed), 4);
        Ok(())
    }

    #[test]
    fn values_are_dropped_where_they_may_lock() -> Result {
        /// Erases its number from another tree when it is dropped.
        struct Leaving(Arc<MapleTree<KBox<u64>>>, usize);

        impl Drop for Leaving {
            fn drop(&mut self) {
                self.0.erase(self.1);
            }
        }

        let present = Arc::pin_init(MapleTree::new(), GFP_KERNEL)?;
        let tree = KBox::pin_init(MapleTree::new(), GFP_KERNEL)?;
        for i in 0..5 {
            put(&present, i..=i, 0)?;
            let value = KBox::new(Leaving(present.clone(), i), GFP_KERNEL)?;
            tree.insert(i, value, GFP_KERNEL)?;
        }
        assert_found(&present, 0, MAX, &[0; 5]);
        drop(tree);
        assert_found(&present, 0, MAX, &[]);
        Ok(())
    }

    #[test]
    fn owners_are_shared() -> Result {
        let drops = drops()?;
        let tree = KBox::pin_init(MapleTree::new(), GFP_KERNEL)?;
        let probe = Arc::new(Probe(drops.clone()), GFP_KERNEL)?;
        tree.insert_range(.., probe, GFP_KERNEL)?;

        let kept: Arc<Probe> = tree.lock().load(7).ok_or(ENOENT)?.into();
        drop(tree);
        assert_eq!(drops.load(Relaxed), 0);
        drop(kept);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn the_first_gap_that_fits() -> Result {
        let tree = gaps()?;
        put(&tree, 0..3, 0)?;
        put(&tree, 5..10, 0)?;
        put(&tree, 14..20, 0)?;
        assert_eq!(fit(&tree, 4, .., 1), Ok(10));
        assert_eq!(fit(&tree, 2, .., 2), Ok(3));
        assert_eq!(fit(&tree, 1, .., 3), Ok(20));
        assert_eq!(at(&tree, 13), Some(1));
        assert_eq!(at(&tree, 4), Some(2));
        Ok(())
    }

    #[test]
    fn gaps_within_a_range() -> Result {
        let tree = gaps()?;
        assert_eq!(fit(&tree, 4, 100..200, 1), Ok(100));
        assert_eq!(fit(&tree, 4, 50..104, 2), Ok(50));
        assert_eq!(fit(&tree, 46, 50..104, 3), Ok(54));
        assert_eq!(fit(&tree, 1, 50..104, 4), Err(EBUSY));
        assert_eq!(fit(&tree, 2, (Excluded(104), Included(106)), 5), Ok(105));
        assert_eq!(fit(&tree, 2, 103..=105, 6), Err(EBUSY));
        assert_eq!(fit(&tree, 1, 103..=105, 7), Ok(104));
        Ok(())
    }

    #[test]
    fn gaps_at_the_ends() -> Result {
        let tree = gaps()?;
        assert_eq!(fit(&tree, 1, MAX.., 1), Ok(MAX));
        assert_eq!(fit(&tree, 1, MAX.., 2), Err(EBUSY));
        assert_eq!(fit(&tree, 1, ..=0, 3), Ok(0));
        assert_eq!(fit(&tree, 1, ..=0, 4), Err(EBUSY));
        assert_eq!(fit(&tree, 2, MAX - 2.., 5), Ok(MAX - 2));
        assert_eq!(fit(&tree, MAX - 3, .., 6), Ok(1));
        assert_eq!(fit(&tree, 1, .., 7), Err(EBUSY));
        assert_eq!(take(&tree, MAX / 2), Some(6));
        assert_eq!(fit(&tree, 1, .., 8), Ok(1));
        Ok(())
    }

    #[test]
    fn a_gap_of_nearly_everything() -> Result {
        let tree = gaps()?;
        // There is one number more than a size can say.
        assert_eq!(fit(&tree, MAX, .., 1), Ok(0));
        assert_eq!(fit(&tree, MAX, .., 2), Err(EBUSY));
        assert_eq!(fit(&tree, 1, .., 3), Ok(MAX));
        assert_eq!(fit(&tree, 1, .., 4), Err(EBUSY));
        assert_found(&tree, 0, MAX, &[1, 3]);
        Ok(())
    }

    #[test]
    fn requests_that_make_no_sense() -> Result {
        let tree = gaps()?;
        assert_eq!(fit(&tree, 0, .., 1), Err(EINVAL));
        assert_eq!(fit(&tree, 0, 5..6, 1), Err(EINVAL));
        assert_eq!(fit(&tree, 11, 0..10, 1), Err(EINVAL));
        assert_eq!(fit(&tree, MAX, 1..MAX, 1), Err(EINVAL));
        assert_eq!(fit(&tree, 2, MAX.., 1), Err(EINVAL));
        assert_eq!(fit(&tree, 1, 5..5, 1), Err(EINVAL));
        assert_eq!(fit(&tree, 1, (Excluded(MAX), Unbounded), 1), Err(EINVAL));
        assert_found(&tree, 0, MAX, &[]);
        Ok(())
    }

    #[test]
    fn full_and_empty_again() -> Result {
        let tree = gaps()?;
        for round in 0..3 {
            for i in 0..100 {
                assert_eq!(fit(&tree, 1, 0..100, round), Ok(i));
            }
            assert_eq!(fit(&tree, 1, 0..100, round), Err(EBUSY));
            for i in (0..100).rev() {
                assert_eq!(take(&tree, i), Some(round));
            }
        }
        Ok(())
    }

    #[test]
    fn gaps_as_in_an_array() -> Result {
        let mut state = 0x5eed;
        let tree = gaps()?;
        let mut model = [None; 96];

        for round in 0..2000 {
            if random(&mut state) % 5 < 3 {
                let size = 1 + (random(&mut state) % 9) as usize;
                let min = (random(&mut state) % 80) as usize;
                let max = (min + size - 1 + (random(&mut state) % 40) as usize).min(95);
                let expected = if max - min < size - 1 {
                    Err(EINVAL)
                } else {
                    let mut starts = min..=max + 1 - size;
                    let fits =
                        |&start: &usize| model[start..start + size].iter().all(Option::is_none);
                    starts.find(fits).ok_or(EBUSY)
                };
                assert_eq!(fit(&tree, size, min..=max, round), expected);
                if let Ok(start) = expected {
                    model[start..start + size].fill(Some(round));
                }
            } else {
                let index = (random(&mut state) % 96) as usize;
                let removed = model[index];
                assert_eq!(take(&tree, index), removed);
                for place in &mut model {
                    if removed.is_some() && *place == removed {
                        *place = None;
                    }
                }
            }
        }
        let mut guard = tree.lock();
        for (index, value) in model.iter().enumerate() {
            assert_eq!(guard.load(index).as_deref(), value.as_ref());
        }
        Ok(())
    }

    #[test]
    fn dropping_a_tree_with_gaps() -> Result {
        let drops = drops()?;
        let tree = KBox::pin_init(MapleTreeAlloc::new(), GFP_KERNEL)?;
        for _ in 0..200 {
            let probe = KBox::new(Probe(drops.clone()), GFP_KERNEL)?;
            tree.alloc_range(3, probe, .., GFP_KERNEL)?;
        }
        drop(tree.erase(300));
        assert_eq!(drops.load(Relaxed), 1);
        drop(tree);
        assert_eq!(drops.load(Relaxed), 200);
        Ok(())
    }

    #[test]
    fn causes_as_errors() {
        let no_memory = || alloc::AllocError;
        assert_eq!(
            Error::from(InsertErrorKind::AllocError(no_memory())),
            ENOMEM
        );
        assert_eq!(Error::from(InsertErrorKind::Occupied), EEXIST);
        assert_eq!(Error::from(InsertErrorKind::InvalidRequest), EINVAL);
        assert_eq!(Error::from(AllocErrorKind::AllocError(no_memory())), ENOMEM);
        assert_eq!(Error::from(AllocErrorKind::Busy), EBUSY);
        assert_eq!(Error::from(AllocErrorKind::InvalidRequest), EINVAL);
    }
}
