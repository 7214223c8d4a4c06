// SPDX-License-Identifier: GPL-2.0

//! Tests of vectors.

#[macros::kunit_tests(rust_kvec)]
mod cases {
    use crate::{
        alloc::{
            allocator::{KVmalloc, Kmalloc, Vmalloc},
            kvec::{InsertError, PushError, RemoveError},
            AllocError, Allocator,
        },
        kvec,
        page::PAGE_SIZE,
        prelude::*,
    };
    use core::{cell::Cell, mem::forget};

    /// Counts how many of its kind are dropped.
    #[derive(Clone)]
    struct Counted<'a>(&'a Cell<usize>);

    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    fn counted(n: usize, count: &Cell<usize>) -> Result<KVec<Counted<'_>>> {
        let mut vec = KVec::new();
        for _ in 0..n {
            vec.push(Counted(count), GFP_KERNEL)?;
        }
        Ok(vec)
    }

    fn numbers<A: Allocator>(n: u32) -> Result<Vec<u32, A>> {
        let mut vec = Vec::new();
        for i in 0..n {
            vec.push(i, GFP_KERNEL)?;
        }
        Ok(vec)
    }

    #[test]
    fn new_has_no_memory() {
        let vec = KVec::<u64>::new();
        assert!(vec.is_empty());
        assert_eq!(vec.capacity(), 0);
        assert_eq!(vec.as_ptr().addr(), align_of::<u64>());
        assert_eq!(KVec::<u64>::default(), vec);
    }

    #[test]
    fn pushing_grows() -> Result {
        assert!(numbers::<Kmalloc>(3000)?.iter().copied().eq(0..3000));
        assert!(numbers::<Vmalloc>(3000)?.iter().copied().eq(0..3000));
        assert!(numbers::<KVmalloc>(3000)?.iter().copied().eq(0..3000));
        Ok(())
    }

    #[test]
    fn growth_doubles() -> Result {
        let mut vec = KVec::<u8>::with_capacity(5, GFP_KERNEL)?;
        assert_eq!(vec.capacity(), 5);
        vec.extend_with(6, 0, GFP_KERNEL)?;
        assert_eq!(vec.capacity(), 10);
        vec.reserve(4, GFP_KERNEL)?;
        assert_eq!(vec.capacity(), 10);
        vec.reserve(100, GFP_KERNEL)?;
        assert_eq!(vec.capacity(), 106);
        Ok(())
    }

    #[test]
    fn too_much_is_an_error_and_changes_nothing() -> Result {
        let quiet = GFP_KERNEL | __GFP_NOWARN;
        let mut vec = kvec![7u64; 3]?;
        for additional in [
            usize::MAX,
            usize::MAX - 3,
            isize::MAX as usize,
            1 << 60,
            1 << 45,
        ] {
            assert_eq!(vec.reserve(additional, quiet), Err(AllocError));
            assert_eq!(vec.extend_with(additional, 0, quiet), Err(AllocError));
            assert_eq!(vec.resize(additional, 0, quiet), Err(AllocError));
            assert!(KVVec::<u64>::with_capacity(additional, quiet).is_err());
            assert!(VVec::from_elem(0u64, additional, quiet).is_err());
        }
        assert_eq!(vec, [7; 3]);
        assert_eq!(vec.capacity(), 3);
        Ok(())
    }

    #[test]
    fn within_capacity_means_that() -> Result {
        let mut vec = KVec::with_capacity(2, GFP_KERNEL)?;
        let start = vec.as_ptr();
        vec.push_within_capacity(1)?;
        vec.insert_within_capacity(0, 0)?;
        assert!(matches!(vec.push_within_capacity(2), Err(PushError(2))));
        assert!(matches!(
            vec.insert_within_capacity(1, 3),
            Err(InsertError::OutOfCapacity(3))
        ));
        assert_eq!(vec, [0, 1]);
        assert_eq!(vec.as_ptr(), start);
        Ok(())
    }

    #[test]
    fn insert_and_remove_at_each_index() -> Result {
        for index in 0..=4 {
            let mut vec = KVec::with_capacity(5, GFP_KERNEL)?;
            vec.extend_from_slice(&[10, 11, 12, 13], GFP_KERNEL)?;
            vec.insert_within_capacity(index, 99)?;
            assert_eq!(vec.len(), 5);
            assert_eq!(vec[index], 99);
            assert_eq!(vec.remove(index)?, 99);
            assert_eq!(vec, [10, 11, 12, 13]);
        }
        Ok(())
    }

    #[test]
    fn insert_and_remove_out_of_bounds() -> Result {
        let mut vec = KVec::with_capacity(5, GFP_KERNEL)?;
        vec.push('a', GFP_KERNEL)?;
        for index in [2, 3, usize::MAX] {
            let result = vec.insert_within_capacity(index, 'b');
            assert!(matches!(result, Err(InsertError::IndexOutOfBounds('b'))));
        }
        for index in [1, 2, usize::MAX] {
            assert!(matches!(vec.remove(index), Err(RemoveError)));
        }
        assert_eq!(vec, ['a']);
        Ok(())
    }

    #[test]
    fn errors_become_einval() {
        assert_eq!(Error::from(PushError(0)), EINVAL);
        assert_eq!(Error::from(InsertError::OutOfCapacity(0)), EINVAL);
        assert_eq!(Error::from(InsertError::IndexOutOfBounds(0)), EINVAL);
        assert_eq!(Error::from(RemoveError), EINVAL);
    }

    #[test]
    fn elements_are_dropped_once() -> Result {
        let count = Cell::new(0);
        let vec = counted(10, &count)?;
        assert_eq!(count.get(), 0);
        drop(vec);
        assert_eq!(count.get(), 10);
        Ok(())
    }

    #[test]
    fn drops_of_pop_and_remove() -> Result {
        let count = Cell::new(0);
        let mut vec = counted(5, &count)?;
        let (last, first) = (vec.pop(), vec.remove(0)?);
        assert_eq!(count.get(), 0);
        drop((last, first));
        assert_eq!(count.get(), 2);
        drop(vec);
        assert_eq!(count.get(), 5);
        Ok(())
    }

    #[test]
    fn drops_of_truncate_and_clear() -> Result {
        let count = Cell::new(0);
        let mut vec = counted(10, &count)?;
        vec.truncate(10);
        vec.truncate(usize::MAX);
        assert_eq!(count.get(), 0);
        vec.truncate(7);
        assert_eq!(count.get(), 3);
        assert_eq!(vec.len(), 7);
        vec.clear();
        assert_eq!(count.get(), 10);
        vec.clear();
        drop(vec);
        assert_eq!(count.get(), 10);
        Ok(())
    }

    #[test]
    fn drops_of_failed_insertions() -> Result {
        let count = Cell::new(0);
        let mut vec = counted(1, &count)?;
        while vec.push_within_capacity(Counted(&count)).is_ok() {}
        assert_eq!(count.get(), 1);
        let len = vec.len();
        drop(vec.insert_within_capacity(0, Counted(&count)));
        drop(vec.insert_within_capacity(len + 1, Counted(&count)));
        assert_eq!(count.get(), 3);
        drop(vec);
        assert_eq!(count.get(), 3 + len);
        Ok(())
    }

    #[test]
    fn drops_of_resize() -> Result {
        let count = Cell::new(0);
        let mut vec = counted(2, &count)?;
        // The given value becomes the last element.
        vec.resize(6, Counted(&count), GFP_KERNEL)?;
        assert_eq!((vec.len(), count.get()), (6, 0));
        // Or is dropped, with those that are too many.
        vec.resize(4, Counted(&count), GFP_KERNEL)?;
        assert_eq!((vec.len(), count.get()), (4, 3));
        vec.resize(4, Counted(&count), GFP_KERNEL)?;
        assert_eq!((vec.len(), count.get()), (4, 4));
        drop(vec);
        assert_eq!(count.get(), 8);
        Ok(())
    }

    #[test]
    fn drops_of_drain() -> Result {
        let count = Cell::new(0);
        let mut vec = counted(6, &count)?;
        let capacity = vec.capacity();
        let mut drain = vec.drain_all();
        assert_eq!(drain.size_hint(), (6, Some(6)));
        let two = (drain.next(), drain.next());
        assert_eq!(count.get(), 0);
        drop(drain);
        assert_eq!(count.get(), 4);
        drop(two);
        assert_eq!(count.get(), 6);
        assert_eq!((vec.len(), vec.capacity()), (0, capacity));

        // Elements of a drain that is forgotten are lost, and not dropped by anybody else.
        vec.push(Counted(&count), GFP_KERNEL)?;
        forget(vec.drain_all());
        assert!(vec.is_empty());
        vec.push(Counted(&count), GFP_KERNEL)?;
        drop(vec);
        assert_eq!(count.get(), 7);
        Ok(())
    }

    #[test]
    fn drops_of_into_iter() -> Result {
        let count = Cell::new(0);
        let mut elements = counted(5, &count)?.into_iter();
        drop(elements.next());
        assert_eq!(count.get(), 1);
        drop(elements);
        assert_eq!(count.get(), 5);

        let mut elements = counted(5, &count)?.into_iter();
        drop((elements.next(), elements.next()));
        let vec = elements.collect(GFP_KERNEL);
        assert_eq!((vec.len(), count.get()), (3, 7));
        drop(vec);
        assert_eq!(count.get(), 10);
        Ok(())
    }

    #[test]
    fn drops_of_retain() -> Result {
        let count = Cell::new(0);
        for keep in 0..1 << 5 {
            count.set(0);
            let mut vec = counted(5, &count)?;
            let mut i = 0;
            vec.retain(|_| {
                i += 1;
                keep & (1 << (i - 1)) != 0
            });
            assert_eq!(vec.len() + count.get(), 5);
            drop(vec);
            assert_eq!(count.get(), 5);
        }
        Ok(())
    }

    #[test]
    fn retain_keeps_what_it_should() -> Result {
        // All choices of what to keep of eight elements.
        for keep in 0..1u32 << 8 {
            let mut vec = numbers::<Kmalloc>(8)?;
            let mut seen = 0;
            vec.retain(|i| {
                seen |= 1 << *i;
                keep & (1 << *i) != 0
            });
            assert_eq!(seen, 0xff);
            let mut kept = vec.iter();
            for i in (0..8).filter(|i| keep & (1 << i) != 0) {
                assert_eq!(kept.next(), Some(&i));
            }
            assert_eq!(kept.next(), None);
        }
        KVec::<u8>::new().retain(|_| false);
        Ok(())
    }

    #[test]
    fn retain_may_change_elements() -> Result {
        let mut vec = numbers::<Vmalloc>(4)?;
        vec.retain(|i| {
            *i *= 10;
            *i != 10
        });
        assert_eq!(vec, [0, 20, 30]);
        Ok(())
    }

    #[test]
    fn collect_after_any_number_of_elements() -> Result {
        for taken in 0..=20u32 {
            let mut elements = numbers::<KVmalloc>(20)?.into_iter();
            for i in 0..taken {
                assert_eq!(elements.next(), Some(i));
            }
            let mut vec = elements.collect(GFP_KERNEL);
            assert!(vec.iter().copied().eq(taken..20));
            assert_eq!(vec.capacity(), vec.len());
            vec.push(20, GFP_KERNEL)?;
            assert_eq!(vec.last(), Some(&20));
        }
        Ok(())
    }

    #[test]
    fn iterator_stays_at_its_end() -> Result {
        let mut elements = kvec![1]?.into_iter();
        assert_eq!(elements.next(), Some(1));
        assert_eq!(elements.next(), None);
        assert_eq!(elements.next(), None);
        assert_eq!(elements.size_hint(), (0, Some(0)));
        assert_eq!(elements.collect(GFP_KERNEL).capacity(), 0);
        assert!(KVec::<u8>::new().into_iter().next().is_none());
        Ok(())
    }

    #[test]
    fn elements_of_size_zero() -> Result {
        let mut vec = KVec::new();
        assert_eq!(vec.capacity(), usize::MAX);
        for _ in 0..10 {
            vec.push((), GFP_KERNEL)?;
        }
        vec.insert_within_capacity(5, ()).map_err(|_| EINVAL)?;
        vec.remove(3).map_err(|_| EINVAL)?;
        vec.reserve(usize::MAX - 10, GFP_KERNEL)?;
        assert!(vec.reserve(usize::MAX - 9, GFP_KERNEL).is_err());
        assert_eq!(vec.spare_capacity_mut().len(), usize::MAX - 10);
        vec.retain(|()| true);
        assert_eq!((vec.len(), vec.pop()), (10, Some(())));
        assert_eq!(vec.drain_all().count(), 9);
        vec.resize(1000, (), GFP_KERNEL)?;
        assert_eq!(vec.as_ptr().addr(), align_of::<()>());

        let mut elements = vec.into_iter();
        elements.next();
        let (ptr, len, capacity) = elements.collect(GFP_KERNEL).into_raw_parts();
        // SAFETY: The parts come from `into_raw_parts`.
        let vec = unsafe { KVec::from_raw_parts(ptr, len, capacity) };
        assert_eq!(vec.len(), 999);
        Ok(())
    }

    #[test]
    fn elements_of_size_zero_are_dropped() -> Result {
        use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
        static DROPS: AtomicUsize = AtomicUsize::new(0);

        struct Nothing;
        impl Drop for Nothing {
            fn drop(&mut self) {
                DROPS.fetch_add(1, Relaxed);
            }
        }

        let before = DROPS.load(Relaxed);
        let mut vec = KVec::new();
        for _ in 0..10 {
            vec.push(Nothing, GFP_KERNEL)?;
        }
        vec.truncate(8);
        let mut elements = vec.into_iter();
        drop(elements.next());
        assert_eq!(DROPS.load(Relaxed), before + 3);
        drop(elements);
        assert_eq!(DROPS.load(Relaxed), before + 10);
        Ok(())
    }

    #[test]
    fn aligned_elements() -> Result {
        #[derive(Clone)]
        #[repr(align(64))]
        struct Line(u8);

        let mut vec = KVec::new();
        for i in 0..50 {
            vec.push(Line(i), GFP_KERNEL)?;
            assert!(vec.as_ptr().addr() % 64 == 0);
        }
        for (i, line) in (0..).zip(&vec) {
            assert_eq!(line.0, i);
        }
        assert_eq!(vec.len(), 50);
        Ok(())
    }

    #[test]
    fn raw_parts() -> Result {
        let mut vec = KVVec::with_capacity(8, GFP_KERNEL)?;
        vec.extend_from_slice(&[1u16, 2, 3], GFP_KERNEL)?;
        let (ptr, len, capacity) = vec.into_raw_parts();
        assert_eq!((len, capacity), (3, 8));
        // SAFETY: The parts come from `into_raw_parts`.
        let vec = unsafe { KVVec::from_raw_parts(ptr, len, capacity) };
        assert_eq!(vec, [1, 2, 3]);
        Ok(())
    }

    #[test]
    fn spare_capacity() -> Result {
        let mut vec = KVec::with_capacity(4, GFP_KERNEL)?;
        vec.push(1, GFP_KERNEL)?;
        for (slot, i) in vec.spare_capacity_mut().iter_mut().zip(2..) {
            slot.write(i);
        }
        // SAFETY: All of the spare capacity was initialised.
        unsafe { vec.inc_len(3) };
        assert_eq!(vec, [1, 2, 3, 4]);
        assert!(vec.spare_capacity_mut().is_empty());
        assert!(KVec::<u32>::new().spare_capacity_mut().is_empty());
        Ok(())
    }

    #[test]
    fn shrinking() -> Result {
        // Within a page, to fewer pages, and to none.
        for (from, len, to, expected) in [
            (1000, 3, 10, 10),
            (1000, 30, 10, 30),
            (100 * PAGE_SIZE, 3, 10, 10),
            (100 * PAGE_SIZE, 5000, 0, 5000),
            (100 * PAGE_SIZE, 3, 50 * PAGE_SIZE, 50 * PAGE_SIZE),
            (100 * PAGE_SIZE, 0, 0, 0),
            (10, 0, 0, 0),
            (10, 5, 20, 10),
        ] {
            let mut vec = KVVec::<u8>::with_capacity(from, GFP_KERNEL)?;
            vec.extend_with(len, 0x5a, GFP_KERNEL)?;
            vec.shrink_to(to, GFP_KERNEL)?;
            assert_eq!(vec.capacity(), expected);
            assert_eq!(vec.len(), len);
            assert!(vec.iter().all(|&byte| byte == 0x5a));
            vec.push(1, GFP_KERNEL)?;
            assert_eq!(vec.last(), Some(&1));
        }
        let mut nothings = KVVec::from_elem((), 7, GFP_KERNEL)?;
        nothings.shrink_to(0, GFP_KERNEL)?;
        assert_eq!(nothings.len(), 7);
        Ok(())
    }

    #[test]
    fn shrinking_drops_nothing() -> Result {
        let count = Cell::new(0);
        let mut vec = KVVec::with_capacity(10_000, GFP_KERNEL)?;
        vec.extend_with(5, Counted(&count), GFP_KERNEL)?;
        vec.shrink_to(0, GFP_KERNEL)?;
        assert_eq!(count.get(), 0);
        drop(vec);
        assert_eq!(count.get(), 5);
        Ok(())
    }

    #[expect(
        clippy::op_ref,
        reason = "these are the comparisons that the test is about"
    )]
    #[test]
    fn comparisons() -> Result {
        let vec = kvec![1, 2, 3]?;
        let mut other = [1, 2, 3];
        assert!(
            vec == VVec::from_elem(0, 0, GFP_KERNEL).and_then(|mut v: VVec<i32>| {
                v.extend_from_slice(&other, GFP_KERNEL)?;
                Ok(v)
            })?
        );
        assert!(vec == other);
        assert!(vec == &other);
        assert!(vec == other[..]);
        assert!(vec == &other[..]);
        assert!(vec == &mut other[..]);
        assert!(other[..] == vec);
        assert!(&other[..] == vec);
        assert!(&mut other[..] == vec);
        assert!(vec != [1, 2]);
        assert!(vec != [1, 2, 4]);
        Ok(())
    }

    #[test]
    fn indices_and_loops() -> Result {
        let mut vec = kvec![1, 2, 3, 4]?;
        vec[0] = 10;
        vec[2..].fill(0);
        assert_eq!(vec[..2], [10, 2]);
        for element in &mut vec {
            *element += 1;
        }
        let mut sum = 0;
        for element in &vec {
            sum += *element;
        }
        assert_eq!(sum, 16);
        assert_eq!(vec.get(4), None);
        Ok(())
    }

    #[test]
    fn borrowing() -> Result {
        use core::borrow::{Borrow, BorrowMut};

        let mut vec = kvec![1, 2]?;
        BorrowMut::<[i32]>::borrow_mut(&mut vec)[0] = 5;
        assert_eq!(Borrow::<[i32]>::borrow(&vec), [5, 2]);
        Ok(())
    }

    #[test]
    fn macro_arms() -> Result {
        let empty: KVec<u8> = kvec![];
        assert!(empty.is_empty());
        assert_eq!(kvec![1u8; 0]?.capacity(), 0);
        assert_eq!(kvec![1u8; 3]?, [1, 1, 1]);
        assert_eq!(kvec!["a"]?, ["a"]);
        assert_eq!(kvec!["a", "b",]?, ["a", "b"]);
        Ok(())
    }

    #[test]
    fn vector_of_vectors() -> Result {
        let mut outer = KVec::new();
        for n in 0..20 {
            outer.push(numbers::<KVmalloc>(n)?, GFP_KERNEL)?;
        }
        outer.retain(|inner| inner.len() % 3 == 0);
        assert_eq!(outer.len(), 7);
        let mut expected = 0;
        for inner in outer.drain_all() {
            assert_eq!(inner.len(), expected);
            for (i, element) in inner.into_iter().enumerate() {
                assert_eq!(element as usize, i);
            }
            expected += 3;
        }
        assert!(outer.is_empty());
        Ok(())
    }
}
