// SPDX-License-Identifier: GPL-2.0

//! Tests of red-black trees, in step with sorted vectors.

#[crate::macros::kunit_tests(rust_rbtree)]
mod cases {
    use crate::{
        alloc::flags::__GFP_NOWARN,
        bindings,
        prelude::*,
        rbtree::*,
        sync::atomic::{Atomic, Relaxed},
    };
    use core::cmp::Ordering;

    /// The next number of a sequence that has no order to it (xorshift).
    fn random(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    /// Makes a tree of some keys, each with itself as its value.
    fn tree_of(keys: impl IntoIterator<Item = u32>) -> Result<RBTree<u32, u32>> {
        let mut tree = RBTree::new();
        for key in keys {
            tree.try_create_and_insert(key, key, GFP_KERNEL)?;
        }
        Ok(tree)
    }

    /// Returns how many black nodes there are on each way down from `node`, having checked that they are
    /// the same on all, that no red node has a red parent, and that parents are those nodes come from.
    fn black_height(node: *mut bindings::rb_node, parent: *mut bindings::rb_node) -> u32 {
        if node.is_null() {
            return 1;
        }
        // SAFETY: The callers pass nodes of a tree that is borrowed.
        let links = unsafe { node.read() };
        let black = links.__rb_parent_color & 1 == 1;
        assert_eq!(links.__rb_parent_color & !3, parent.addr());
        if !black {
            assert!(!parent.is_null());
            // SAFETY: As above.
            let parent = unsafe { parent.read() };
            assert_eq!(parent.__rb_parent_color & 1, 1);
        }

        let left = black_height(links.rb_left, node);
        let right = black_height(links.rb_right, node);
        assert_eq!(left, right);
        left + u32::from(black)
    }

    /// Checks what makes the tree a red-black tree, and that it has just what `model` has.
    fn check<K: Ord + PartialEq, V: PartialEq>(tree: &RBTree<K, V>, model: &[(K, V)]) {
        black_height(tree.root.rb_node, core::ptr::null_mut());
        assert_eq!(tree.is_empty(), model.is_empty());
        let mut pairs = tree.iter();
        for (key, value) in model {
            assert!(pairs.next() == Some((key, value)));
        }
        assert!(pairs.next().is_none());
    }

    /// Checks that the tree has just these keys, in order.
    fn assert_keys(tree: &RBTree<u32, u32>, expected: &mut dyn Iterator<Item = u32>) {
        for (key, _) in tree {
            assert_eq!(Some(*key), expected.next());
        }
        assert_eq!(expected.next(), None);
    }

    /// A value that says when it is dropped.
    struct Probe<'a>(&'a Atomic<u32>);

    impl Drop for Probe<'_> {
        fn drop(&mut self) {
            self.0.add(1, Relaxed);
        }
    }

    #[test]
    fn empty() {
        let mut tree = RBTree::<u32, u32>::default();
        check(&tree, &[]);
        assert_eq!(tree.get(&0), None);
        assert_eq!(tree.get_mut(&0), None);
        assert_eq!(tree.remove(&0), None);
        assert!(tree.remove_node(&0).is_none());
        assert!(tree.find_mut(&0).is_none());
        assert!(matches!(tree.entry(0), Entry::Vacant(_)));
        assert!(tree.is_empty());
        assert!(tree.iter_mut().next().is_none());
        assert_eq!(tree.values().count() + tree.keys().count(), 0);
    }

    #[test]
    fn no_cursor_without_pairs() {
        let mut tree = RBTree::<u32, u32>::new();
        assert!(tree.cursor_front().is_none());
        assert!(tree.cursor_back().is_none());
        assert!(tree.cursor_front_mut().is_none());
        assert!(tree.cursor_back_mut().is_none());
        assert!(tree.cursor_lower_bound(&0).is_none());
        assert!(tree.cursor_lower_bound_mut(&0).is_none());
    }

    #[test]
    fn ascending() -> Result {
        let tree = tree_of(0..200)?;
        black_height(tree.root.rb_node, core::ptr::null_mut());
        assert_keys(&tree, &mut (0..200));
        for key in 0..200 {
            assert_eq!(tree.get(&key), Some(&key));
        }
        assert_eq!(tree.get(&200), None);
        Ok(())
    }

    #[test]
    fn descending() -> Result {
        let tree = tree_of((0..200).rev())?;
        black_height(tree.root.rb_node, core::ptr::null_mut());
        assert_keys(&tree, &mut (0..200));
        Ok(())
    }

    #[test]
    fn extreme_keys() -> Result {
        let mut tree = RBTree::new();
        for key in [0, i64::MAX, -1, i64::MIN, 1] {
            tree.try_create_and_insert(key, (), GFP_KERNEL)?;
        }
        assert!(tree.keys().eq(&[i64::MIN, -1, 0, 1, i64::MAX]));
        assert!(tree.cursor_lower_bound(&i64::MIN).is_some());
        let last = tree.cursor_lower_bound(&2).ok_or(ENOENT)?;
        assert_eq!(last.current().0, &i64::MAX);
        Ok(())
    }

    #[test]
    fn inserting_replaces_key_and_value() -> Result {
        /// Equal to all with the same number.
        #[derive(Debug)]
        struct Key {
            number: u32,
            tag: char,
        }

        impl PartialEq for Key {
            fn eq(&self, other: &Self) -> bool {
                self.number == other.number
            }
        }

        impl Eq for Key {}

        impl PartialOrd for Key {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for Key {
            fn cmp(&self, other: &Self) -> Ordering {
                self.number.cmp(&other.number)
            }
        }

        let mut tree = RBTree::new();
        for number in 0..9 {
            let key = Key { number, tag: 'a' };
            assert!(tree.try_create_and_insert(key, 1, GFP_KERNEL)?.is_none());
        }
        for number in 0..9 {
            let key = Key { number, tag: 'b' };
            let old = tree.try_create_and_insert(key, 2, GFP_KERNEL)?;
            let (key, value) = old.ok_or(ENOENT)?.to_key_value();
            assert_eq!((key.number, key.tag, value), (number, 'a', 1));
            black_height(tree.root.rb_node, core::ptr::null_mut());
        }
        assert!(tree
            .iter()
            .all(|(key, value)| key.tag == 'b' && *value == 2));
        assert_eq!(tree.keys().count(), 9);
        Ok(())
    }

    #[test]
    fn replaced_nodes_can_be_inserted_again() -> Result {
        let mut tree = tree_of([1, 2, 3])?;
        let old = tree
            .insert(RBTreeNode::new(2, 20, GFP_KERNEL)?)
            .ok_or(ENOENT)?;
        assert_eq!(tree.get(&2), Some(&20));
        let new = tree.insert(old).ok_or(ENOENT)?;
        assert_eq!(new.to_key_value(), (2, 20));
        check(&tree, &[(1, 1), (2, 2), (3, 3)]);
        Ok(())
    }

    /// Does one thing at random to the tree, and the same to a sorted vector.
    fn step(state: &mut u64, tree: &mut RBTree<u8, u64>, model: &mut KVec<(u8, u64)>) -> Result {
        let value = random(state);
        let key = (random(state) % 64) as u8;
        let place = model.binary_search_by_key(&key, |pair| pair.0);

        match random(state) % 6 {
            0 | 1 => {
                let old = tree.try_create_and_insert(key, value, GFP_KERNEL)?;
                let old = old.map(RBTreeNode::to_key_value);
                match place {
                    Ok(at) => {
                        assert_eq!(old, Some(core::mem::replace(&mut model[at], (key, value))))
                    }
                    Err(at) => {
                        assert_eq!(old, None);
                        model
                            .insert_within_capacity(at, (key, value))
                            .map_err(|_| EINVAL)?;
                    }
                }
            }
            2 => {
                let reservation = RBTreeNodeReservation::new(GFP_KERNEL)?;
                match (tree.entry(key), place) {
                    (Entry::Vacant(entry), Err(at)) => {
                        assert_eq!(*entry.insert(value, reservation), value);
                        model
                            .insert_within_capacity(at, (key, value))
                            .map_err(|_| EINVAL)?;
                    }
                    (Entry::Occupied(mut entry), Ok(at)) => {
                        assert_eq!(*entry.get(), model[at].1);
                        *entry.get_mut() = value;
                        model[at].1 = value;
                    }
                    _ => return Err(EINVAL),
                }
            }
            3 | 4 => {
                let removed = tree.remove(&key);
                match place {
                    Ok(at) => assert_eq!(removed, Some(model.remove(at).map_err(|_| EINVAL)?.1)),
                    Err(_) => assert_eq!(removed, None),
                }
            }
            _ => {
                let bound = tree.cursor_lower_bound(&key);
                let (Ok(at) | Err(at)) = place;
                let pair = |at| model.get(at).map(|(key, value)| (key, value));
                assert_eq!(bound.as_ref().map(Cursor::current), pair(at));
                if let Some(cursor) = bound {
                    assert_eq!(cursor.peek_next(), pair(at + 1));
                    assert_eq!(cursor.peek_prev(), at.checked_sub(1).and_then(pair));
                }
                assert_eq!(tree.get(&key), place.ok().map(|at| &model[at].1));
            }
        }
        Ok(())
    }

    #[test]
    fn as_a_sorted_vector() -> Result {
        let mut state = 0x1234_5678_9abc_def1;
        let mut tree = RBTree::new();
        let mut model = KVec::with_capacity(64, GFP_KERNEL)?;
        for _ in 0..3000 {
            step(&mut state, &mut tree, &mut model)?;
            check(&tree, &model);
        }
        Ok(())
    }

    #[test]
    fn grows_and_shrinks_at_random() -> Result {
        let mut state = 99;
        let mut tree = RBTree::new();
        let mut count = 0;
        for _ in 0..500 {
            let key = random(&mut state);
            count += usize::from(tree.try_create_and_insert(key, key, GFP_KERNEL)?.is_none());
        }
        black_height(tree.root.rb_node, core::ptr::null_mut());
        assert!(tree.keys().is_sorted());
        assert_eq!(tree.keys().count(), count);

        // The same numbers again: each of them is there once.
        let mut state = 99;
        for _ in 0..500 {
            let key = random(&mut state);
            count -= usize::from(tree.remove(&key) == Some(key));
            assert_eq!(tree.get(&key), None);
        }
        black_height(tree.root.rb_node, core::ptr::null_mut());
        assert_eq!(count, 0);
        assert!(tree.is_empty());
        Ok(())
    }

    #[test]
    fn the_way_down_is_short() -> Result {
        fn depth(node: *mut bindings::rb_node) -> u32 {
            if node.is_null() {
                return 0;
            }
            // SAFETY: The caller passes nodes of a tree that is borrowed.
            let links = unsafe { node.read() };
            1 + depth(links.rb_left).max(depth(links.rb_right))
        }

        let tree = tree_of(0..1023)?;
        assert!(depth(tree.root.rb_node) <= 20);
        Ok(())
    }

    #[test]
    fn keys_without_size() -> Result {
        let mut tree = RBTree::new();
        assert!(tree.try_create_and_insert((), 1, GFP_KERNEL)?.is_none());
        assert!(tree.try_create_and_insert((), 2, GFP_KERNEL)?.is_some());
        check(&tree, &[((), 2)]);
        assert!(tree.cursor_lower_bound(&()).is_some());
        assert_eq!(tree.remove(&()), Some(2));
        assert!(tree.is_empty());
        Ok(())
    }

    #[test]
    fn pairs_without_size() -> Result {
        let mut tree = RBTree::new();
        tree.try_create_and_insert((), (), GFP_KERNEL)?;
        assert_eq!(tree.get(&()), Some(&()));
        assert_eq!(tree.iter_mut().count(), 1);
        assert_eq!(
            tree.remove_node(&()).map(RBTreeNode::to_key_value),
            Some(((), ()))
        );
        Ok(())
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    #[repr(align(64))]
    struct Aligned(u8);

    #[test]
    fn large_alignment() -> Result {
        let mut tree = RBTree::new();
        for i in 0..20 {
            tree.try_create_and_insert(Aligned(i), Aligned(!i), GFP_KERNEL)?;
        }
        for (key, value) in &tree {
            assert!(core::ptr::from_ref(key).is_aligned());
            assert!(core::ptr::from_ref(value).is_aligned());
            assert_eq!(key.0, !value.0);
        }
        assert_eq!(tree.remove(&Aligned(7)), Some(Aligned(!7)));
        Ok(())
    }

    #[test]
    fn dropping_the_tree_drops_each_pair_once() -> Result {
        let drops = Atomic::new(0);
        for count in [0, 1, 2, 3, 50] {
            drops.store(0, Relaxed);
            let mut tree = RBTree::new();
            for i in 0..count {
                tree.try_create_and_insert(i, (Probe(&drops), Probe(&drops)), GFP_KERNEL)?;
            }
            assert_eq!(drops.load(Relaxed), 0);
            drop(tree);
            assert_eq!(drops.load(Relaxed), 2 * count);
        }
        Ok(())
    }

    #[test]
    fn what_comes_out_is_the_callers_to_drop() -> Result {
        let drops = Atomic::new(0);
        let mut tree = RBTree::new();
        for i in 0..4 {
            tree.try_create_and_insert(i, Probe(&drops), GFP_KERNEL)?;
        }

        let value = tree.remove(&0);
        let node = tree.remove_node(&1);
        let old = tree.try_create_and_insert(2, Probe(&drops), GFP_KERNEL)?;
        assert_eq!(drops.load(Relaxed), 0);
        drop(value);
        assert_eq!(drops.load(Relaxed), 1);
        drop(node);
        assert_eq!(drops.load(Relaxed), 2);
        drop(old.map(RBTreeNode::to_key_value));
        assert_eq!(drops.load(Relaxed), 3);
        drop(tree);
        assert_eq!(drops.load(Relaxed), 5);
        Ok(())
    }

    #[test]
    fn nodes_drop_their_pair() -> Result {
        let drops = Atomic::new(0);
        drop(RBTreeNode::new(Probe(&drops), Probe(&drops), GFP_KERNEL)?);
        assert_eq!(drops.load(Relaxed), 2);
        Ok(())
    }

    #[test]
    fn reservations_are_reused() -> Result {
        let drops = Atomic::new(0);
        let mut tree = RBTree::new();
        let mut reservation = RBTreeNodeReservation::new(GFP_KERNEL)?;
        for i in 0..5 {
            tree.insert(reservation.into_node(i, Probe(&drops)));
            let node = tree.remove_node(&i).ok_or(ENOENT)?;
            assert_eq!(drops.load(Relaxed), i);
            reservation = node.into_reservation();
            assert_eq!(drops.load(Relaxed), i + 1);
        }
        // What is left is memory.
        drop(reservation);
        assert_eq!(drops.load(Relaxed), 5);
        Ok(())
    }

    #[test]
    fn no_memory() -> Result {
        // More than the allocator ever gives in one piece.
        type TooLarge = [u8; 1 << 30];

        let flags = GFP_KERNEL | __GFP_NOWARN;
        let reservation = RBTreeNodeReservation::<u32, TooLarge>::new(flags);
        assert_eq!(reservation.err(), Some(ENOMEM));
        Ok(())
    }

    #[test]
    fn trees_can_be_moved() -> Result {
        let mut first = tree_of(0..10)?;
        let second = core::mem::take(&mut first);
        check(&first, &[]);
        let mut third = KBox::new(second, GFP_KERNEL)?;
        assert_eq!(third.remove(&5), Some(5));
        third.try_create_and_insert(10, 10, GFP_KERNEL)?;
        black_height(third.root.rb_node, core::ptr::null_mut());
        assert_keys(&third, &mut ((0..11).filter(|key| *key != 5)));
        Ok(())
    }

    #[test]
    fn nodes_go_from_tree_to_tree() -> Result {
        let mut from = tree_of(0..20)?;
        let mut to = RBTree::new();
        for key in (0..20).step_by(3) {
            assert!(to.insert(from.remove_node(&key).ok_or(ENOENT)?).is_none());
        }
        assert_keys(&to, &mut ((0..20).step_by(3)));
        assert_keys(&from, &mut ((0..20).filter(|key| key % 3 != 0)));
        Ok(())
    }

    #[test]
    fn iterators_give_each_value_to_change() -> Result {
        let mut tree = tree_of(0..10)?;
        for (key, value) in &mut tree {
            *value += *key;
        }
        for value in tree.values_mut() {
            *value += 1;
        }
        for (key, value) in &tree {
            assert_eq!(*value, 2 * key + 1);
        }
        Ok(())
    }

    #[test]
    fn references_from_an_iterator_are_apart() -> Result {
        let mut tree = tree_of([1, 2, 3])?;
        let mut iter = tree.iter_mut();
        let (Some(a), Some(b), Some(c)) = (iter.next(), iter.next(), iter.next()) else {
            return Err(EINVAL);
        };
        assert!(iter.next().is_none());
        assert!(iter.next().is_none());
        core::mem::swap(a.1, c.1);
        *b.1 = 0;
        check(&tree, &[(1, 3), (2, 0), (3, 1)]);
        Ok(())
    }

    #[test]
    fn cursors_at_both_ends() -> Result {
        let mut tree = tree_of(0..5)?;
        let front = tree.cursor_front().ok_or(ENOENT)?;
        assert_eq!(front.current(), (&0, &0));
        assert_eq!(front.peek_prev(), None);
        assert_eq!(front.peek_next(), Some((&1, &1)));

        let back = tree.cursor_back().ok_or(ENOENT)?;
        assert_eq!(back.current(), (&4, &4));
        assert_eq!(back.peek_next(), None);
        assert_eq!(back.peek_prev(), Some((&3, &3)));

        let mut front = tree.cursor_front_mut().ok_or(ENOENT)?;
        assert_eq!(front.peek_prev_mut(), None);
        assert!(front.remove_prev().is_none());
        assert!(front.move_prev().is_none());
        let mut back = tree.cursor_back_mut().ok_or(ENOENT)?;
        assert_eq!(back.peek_next_mut(), None);
        assert!(back.remove_next().is_none());
        assert!(back.move_next().is_none());
        assert_eq!(tree.keys().count(), 5);
        Ok(())
    }

    #[test]
    fn the_only_pair() -> Result {
        let mut tree = tree_of([7])?;
        let cursor = tree.cursor_front_mut().ok_or(ENOENT)?;
        assert!(cursor.peek_next().is_none() && cursor.peek_prev().is_none());
        let (cursor, node) = cursor.remove_current();
        assert!(cursor.is_none());
        assert_eq!(node.to_key_value(), (7, 7));
        assert!(tree.is_empty());
        Ok(())
    }

    #[test]
    fn cursors_walk_there_and_back() -> Result {
        let mut tree = tree_of(0..50)?;
        let mut cursor = tree.cursor_front_mut().ok_or(ENOENT)?;
        for key in 0..49 {
            assert_eq!(cursor.current(), (&key, &key));
            cursor = cursor.move_next().ok_or(ENOENT)?;
        }
        for key in (1..50).rev() {
            assert_eq!(cursor.current(), (&key, &key));
            cursor = cursor.move_prev().ok_or(ENOENT)?;
        }
        assert_eq!(cursor.current(), (&0, &0));
        Ok(())
    }

    #[test]
    fn cursors_change_values() -> Result {
        let mut tree = tree_of([1, 2, 3])?;
        let mut cursor = tree.cursor_lower_bound_mut(&2).ok_or(ENOENT)?;
        *cursor.current_mut().1 = 20;
        *cursor.peek_prev_mut().ok_or(ENOENT)?.1 = 10;
        *cursor.peek_next_mut().ok_or(ENOENT)?.1 = 30;
        assert_eq!(cursor.peek_prev(), Some((&1, &10)));
        check(&tree, &[(1, 10), (2, 20), (3, 30)]);
        Ok(())
    }

    /// Calls `f` with a cursor at each position of trees of several sizes, and how large and where.
    fn at_each_position(f: impl Fn(&mut RBTree<u32, u32>, u32, u32) -> Result) -> Result {
        for size in 1..=17 {
            for position in 0..size {
                let mut tree = tree_of(0..size)?;
                f(&mut tree, size, position)?;
                black_height(tree.root.rb_node, core::ptr::null_mut());
            }
        }
        Ok(())
    }

    #[test]
    fn remove_current_at_each_position() -> Result {
        at_each_position(|tree, size, position| {
            let cursor = tree.cursor_lower_bound_mut(&position).ok_or(ENOENT)?;
            let (cursor, node) = cursor.remove_current();
            assert_eq!(node.to_key_value(), (position, position));

            let now_at = cursor.map(|cursor| *cursor.current().0);
            let expected = if position + 1 < size {
                Some(position + 1)
            } else {
                position.checked_sub(1)
            };
            assert_eq!(now_at, expected);
            assert_keys(&tree, &mut ((0..size).filter(|key| *key != position)));
            Ok(())
        })
    }

    #[test]
    fn remove_next_at_each_position() -> Result {
        at_each_position(|tree, size, position| {
            let mut cursor = tree.cursor_lower_bound_mut(&position).ok_or(ENOENT)?;
            let removed = cursor.remove_next().map(|node| node.to_key_value().0);
            assert_eq!(removed, (position + 1 < size).then_some(position + 1));
            assert_eq!(cursor.current(), (&position, &position));
            assert_eq!(cursor.peek_next().is_some(), position + 2 < size);
            assert_keys(&tree, &mut ((0..size).filter(|key| *key != position + 1)));
            Ok(())
        })
    }

    #[test]
    fn remove_prev_at_each_position() -> Result {
        at_each_position(|tree, size, position| {
            let mut cursor = tree.cursor_lower_bound_mut(&position).ok_or(ENOENT)?;
            let removed = cursor.remove_prev().map(|node| node.to_key_value().0);
            assert_eq!(removed, position.checked_sub(1));
            assert_eq!(cursor.current(), (&position, &position));
            assert_eq!(cursor.peek_prev().is_some(), position >= 2);
            assert_keys(&tree, &mut ((0..size).filter(|key| key + 1 != position)));
            Ok(())
        })
    }

    #[test]
    fn cursors_empty_a_tree_from_either_end() -> Result {
        let mut tree = tree_of(0..30)?;
        let mut cursor = tree.cursor_front_mut();
        let mut next = 0;
        while let Some(here) = cursor {
            let (rest, node) = here.remove_current();
            assert_eq!(node.to_key_value().0, next);
            next += 1;
            cursor = rest;
        }
        assert_eq!(next, 30);
        assert!(tree.is_empty());

        let mut tree = tree_of(0..30)?;
        let mut cursor = tree.cursor_back_mut();
        while let Some(here) = cursor {
            next -= 1;
            let (rest, node) = here.remove_current();
            assert_eq!(node.to_key_value().0, next);
            cursor = rest;
        }
        assert_eq!(next, 0);
        assert!(tree.is_empty());
        Ok(())
    }

    #[test]
    fn lower_bounds() -> Result {
        // 10, 20, …: every key, and what lies on both sides of it.
        let mut tree = tree_of((1..=30).map(|i| i * 10))?;
        for key in 0..=300u32 {
            let expected = key.next_multiple_of(10).max(10);
            let found = tree
                .cursor_lower_bound(&key)
                .map(|cursor| *cursor.current().0);
            assert_eq!(found, Some(expected));
            let found = tree
                .cursor_lower_bound_mut(&key)
                .map(|cursor| *cursor.current().0);
            assert_eq!(found, Some(expected));
        }
        assert!(tree.cursor_lower_bound(&301).is_none());
        assert!(tree.cursor_lower_bound_mut(&u32::MAX).is_none());
        Ok(())
    }

    #[test]
    fn a_walk_can_go_on_by_its_last_key() -> Result {
        // As one that gives the tree up in between, and finds it changed.
        let mut tree = tree_of(0..10)?;
        let mut seen = 0;
        let mut cursor = tree.cursor_front_mut();
        while let Some(here) = cursor {
            let key = *here.current().0;
            seen += 1;
            tree.remove(&key);
            tree.remove(&(key + 1));
            cursor = tree.cursor_lower_bound_mut(&key);
        }
        assert_eq!(seen, 5);
        assert!(tree.is_empty());
        Ok(())
    }

    #[test]
    fn entries_in_every_gap() -> Result {
        for gap in 0..=16 {
            let mut tree = tree_of((0..16).map(|i| 2 * i + 1))?;
            let reservation = RBTreeNodeReservation::new(GFP_KERNEL)?;
            let Entry::Vacant(entry) = tree.entry(2 * gap) else {
                return Err(EEXIST);
            };
            *entry.insert(0, reservation) = 100;
            black_height(tree.root.rb_node, core::ptr::null_mut());
            assert!(tree.keys().is_sorted());
            assert_eq!(tree.get(&(2 * gap)), Some(&100));
            assert_eq!(tree.keys().count(), 17);
        }
        Ok(())
    }

    #[test]
    fn a_vacant_entry_changes_nothing_by_itself() -> Result {
        let drops = Atomic::new(0);

        // Ordered by number, with something to drop.
        struct Name<'a>(
            u32,
            #[expect(dead_code, reason = "it is there to be dropped")] Probe<'a>,
        );
        impl PartialEq for Name<'_> {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }
        impl Eq for Name<'_> {}
        impl PartialOrd for Name<'_> {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
        impl Ord for Name<'_> {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.cmp(&other.0)
            }
        }

        let mut tree = RBTree::new();
        tree.try_create_and_insert(Name(1, Probe(&drops)), (), GFP_KERNEL)?;
        drop(tree.entry(Name(2, Probe(&drops))));
        assert_eq!(drops.load(Relaxed), 1);
        assert_eq!(tree.keys().count(), 1);

        // The key of an occupied entry is the one in the tree.
        drop(tree.entry(Name(1, Probe(&drops))));
        assert_eq!(drops.load(Relaxed), 2);
        assert_eq!(tree.keys().count(), 1);
        Ok(())
    }

    #[test]
    fn occupied_entries() -> Result {
        let mut tree = tree_of(0..3)?;
        let mut entry = tree.find_mut(&1).ok_or(ENOENT)?;
        *entry.get_mut() = 10;
        assert_eq!(entry.get(), &10);
        *entry.into_mut() += 1;
        assert_eq!(tree.get(&1), Some(&11));

        assert_eq!(tree.find_mut(&0).map(OccupiedEntry::remove), Some(0));
        let node = tree.find_mut(&1).map(OccupiedEntry::remove_node);
        assert_eq!(node.map(RBTreeNode::to_key_value), Some((1, 11)));
        check(&tree, &[(2, 2)]);
        Ok(())
    }

    #[test]
    fn get_mut_changes_the_value() -> Result {
        let mut tree = tree_of(0..3)?;
        *tree.get_mut(&2).ok_or(ENOENT)? = 9;
        assert_eq!(tree.get(&2), Some(&9));
        assert_eq!(tree.get_mut(&3), None);
        Ok(())
    }

    #[test]
    fn an_order_that_contradicts_itself() -> Result {
        /// An order that is none: the answers depend on how often it was asked.
        struct Fickle<'a>(&'a Atomic<u32>);

        impl PartialEq for Fickle<'_> {
            fn eq(&self, _: &Self) -> bool {
                false
            }
        }

        impl Eq for Fickle<'_> {}

        impl PartialOrd for Fickle<'_> {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for Fickle<'_> {
            fn cmp(&self, _: &Self) -> Ordering {
                match self.0.fetch_add(1, Relaxed) % 7 {
                    0 | 3 | 5 => Ordering::Less,
                    6 => Ordering::Equal,
                    _ => Ordering::Greater,
                }
            }
        }

        let (asked, drops) = (Atomic::new(0), Atomic::new(0));
        let mut tree = RBTree::new();
        for _ in 0..100 {
            tree.try_create_and_insert(Fickle(&asked), Probe(&drops), GFP_KERNEL)?;
            black_height(tree.root.rb_node, core::ptr::null_mut());
        }
        for _ in 0..50 {
            tree.remove(&Fickle(&asked));
            tree.cursor_lower_bound(&Fickle(&asked));
            black_height(tree.root.rb_node, core::ptr::null_mut());
        }
        // Whatever is where, nothing is lost.
        assert_eq!(drops.load(Relaxed) + tree.values().count() as u32, 100);
        drop(tree);
        assert_eq!(drops.load(Relaxed), 100);
        Ok(())
    }
}
