// SPDX-License-Identifier: GPL-2.0

//! Tests of sparse arrays, in step with sorted vectors.

#[crate::macros::kunit_tests(rust_xarray)]
mod cases {
    use crate::{
        prelude::*,
        sync::{
            atomic::{Atomic, Relaxed},
            Arc,
        },
        types::ForeignOwnable,
        xarray::*,
    };

    /// Indices at the ends, and where the number of levels changes.
    const INDICES: [usize; 12] = [
        0,
        1,
        63,
        64,
        65,
        4095,
        4096,
        1 << 20,
        usize::MAX / 2,
        usize::MAX / 2 + 1,
        usize::MAX - 1,
        usize::MAX,
    ];

    /// The next number of a sequence that has no order to it (xorshift).
    fn random(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    fn array<T: ForeignOwnable>() -> Result<Pin<KBox<XArray<T>>>> {
        KBox::pin_init(XArray::new(AllocKind::Alloc), GFP_KERNEL)
    }

    /// Boxes a number.
    fn boxed(number: u64) -> Result<KBox<u64>> {
        Ok(KBox::new(number, GFP_ATOMIC)?)
    }

    /// Stores a boxed number with memory that takes no sleep, and returns the number there was.
    fn put(guard: &mut Guard<'_, KBox<u64>>, index: usize, number: u64) -> Result<Option<u64>> {
        let old = guard.store(index, boxed(number)?, GFP_ATOMIC)?;
        Ok(old.map(KBox::into_inner))
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
    fn empty() -> Result {
        let array = array::<KBox<u64>>()?;
        let mut guard = array.lock();
        for index in INDICES {
            assert_eq!(guard.get(index), None);
            assert_eq!(guard.get_mut(index), None);
            assert!(guard.remove(index).is_none());
        }
        Ok(())
    }

    #[test]
    fn one_value_anywhere() -> Result {
        for kind in [AllocKind::Alloc, AllocKind::Alloc1] {
            let array = KBox::pin_init(XArray::new(kind), GFP_KERNEL)?;
            let mut guard = array.lock();
            for index in INDICES {
                assert_eq!(put(&mut guard, index, 7)?, None);
                for other in INDICES {
                    assert_eq!(guard.get(other).copied(), (other == index).then_some(7));
                }
                assert_eq!(guard.remove(index).as_deref(), Some(&7));
                assert_eq!(guard.get(index), None);
                assert!(guard.remove(index).is_none());
            }
        }
        Ok(())
    }

    #[test]
    fn values_everywhere() -> Result {
        for kind in [AllocKind::Alloc1, AllocKind::Alloc] {
            let array = KBox::pin_init(XArray::new(kind), GFP_KERNEL)?;
            let mut guard = array.lock();
            for index in INDICES {
                put(&mut guard, index, index as u64)?;
            }
            for index in INDICES {
                assert_eq!(guard.get(index), Some(&(index as u64)));
            }
            assert_eq!(guard.get(2), None);
        }
        Ok(())
    }

    #[test]
    fn storing_returns_what_was_there() -> Result {
        let array = array()?;
        let mut guard = array.lock();
        for index in INDICES {
            assert_eq!(put(&mut guard, index, 1)?, None);
            assert_eq!(put(&mut guard, index, 2)?, Some(1));
            assert_eq!(put(&mut guard, index, 3)?, Some(2));
            assert_eq!(guard.get(index), Some(&3));
        }
        Ok(())
    }

    #[test]
    fn values_change_in_place() -> Result {
        let array = array()?;
        let mut guard = array.lock();
        put(&mut guard, 5, 1)?;
        *guard.get_mut(5).ok_or(ENOENT)? += 1;
        drop(guard);

        let mut guard = array.lock();
        *guard.get_mut(5).ok_or(ENOENT)? *= 10;
        assert_eq!(guard.get(5), Some(&20));
        Ok(())
    }

    #[test]
    fn several_are_borrowed_at_once() -> Result {
        let array = array()?;
        let mut guard = array.lock();
        put(&mut guard, 0, 1)?;
        put(&mut guard, 1, 2)?;
        let (a, b, c) = (guard.get(0), guard.get(1), guard.get(0));
        assert_eq!((a, b, c), (Some(&1), Some(&2), Some(&1)));
        Ok(())
    }

    #[test]
    fn a_dense_array() -> Result {
        let array = array()?;
        let mut guard = array.lock();
        for index in 0..1000 {
            put(&mut guard, index, index as u64)?;
        }
        for index in (0..1000).step_by(2) {
            assert_eq!(guard.remove(index).as_deref(), Some(&(index as u64)));
        }
        for index in 0..1001 {
            let expected = (index % 2 == 1 && index < 1000).then_some(index as u64);
            assert_eq!(guard.get(index).copied(), expected);
        }
        for index in 0..1000 {
            assert_eq!(guard.remove(index).is_some(), index % 2 == 1);
        }
        Ok(())
    }

    #[test]
    fn as_a_sorted_vector() -> Result {
        let mut state = 0xfeed_beef_1234_5678;
        let array = array()?;
        let mut guard = array.lock();
        let mut model = KVec::<(usize, u64)>::with_capacity(256, GFP_ATOMIC)?;

        for _ in 0..4000 {
            // In clusters, far apart.
            let number = random(&mut state);
            let cluster = [0, 1 << 18, usize::MAX - 63][number as usize % 3];
            let index = cluster + (random(&mut state) % 64) as usize;
            let place = model.binary_search_by_key(&index, |pair| pair.0);

            match (random(&mut state) % 4, place) {
                (0 | 1, Ok(at)) => {
                    let old = core::mem::replace(&mut model[at].1, number);
                    assert_eq!(put(&mut guard, index, number)?, Some(old));
                }
                (0 | 1, Err(at)) => {
                    assert_eq!(put(&mut guard, index, number)?, None);
                    let pair = (index, number);
                    model.insert_within_capacity(at, pair).map_err(|_| EINVAL)?;
                }
                (2, Ok(at)) => {
                    let (_, old) = model.remove(at).map_err(|_| EINVAL)?;
                    assert_eq!(guard.remove(index).as_deref(), Some(&old));
                }
                (2, Err(_)) => assert!(guard.remove(index).is_none()),
                (_, place) => {
                    let expected = place.ok().map(|at| &model[at].1);
                    assert_eq!(guard.get(index), expected);
                }
            }
        }
        for (index, number) in &model {
            assert_eq!(guard.remove(*index).as_deref(), Some(number));
        }
        Ok(())
    }

    #[test]
    fn dropping_the_array_drops_each_value_once() -> Result {
        let drops = drops()?;
        for count in [0, 1, 2, INDICES.len()] {
            drops.store(0, Relaxed);
            let array = array()?;
            for index in &INDICES[..count] {
                let probe = KBox::new(Probe(drops.clone()), GFP_KERNEL)?;
                array.lock().store(*index, probe, GFP_KERNEL)?;
            }
            assert_eq!(drops.load(Relaxed), 0);
            drop(array);
            assert_eq!(drops.load(Relaxed), count as u32);
        }
        Ok(())
    }

    #[test]
    fn dropping_an_array_with_a_value_at_the_end() -> Result {
        let drops = drops()?;
        let array = array()?;
        let probe = KBox::new(Probe(drops.clone()), GFP_KERNEL)?;
        array.lock().store(usize::MAX, probe, GFP_KERNEL)?;
        drop(array);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn what_comes_out_is_the_callers_to_drop() -> Result {
        let drops = drops()?;
        let array = array()?;
        for index in 0..4 {
            let probe = KBox::new(Probe(drops.clone()), GFP_KERNEL)?;
            array.lock().store(index, probe, GFP_KERNEL)?;
        }
        let removed = array.lock().remove(0);
        let probe = KBox::new(Probe(drops.clone()), GFP_KERNEL)?;
        let replaced = array.lock().store(1, probe, GFP_KERNEL)?;
        assert_eq!(drops.load(Relaxed), 0);
        drop((removed, replaced));
        assert_eq!(drops.load(Relaxed), 2);
        drop(array);
        assert_eq!(drops.load(Relaxed), 5);
        Ok(())
    }

    #[test]
    fn values_are_dropped_where_they_may_lock() -> Result {
        /// Looks into another array when it is dropped.
        struct Leaving(Arc<XArray<KBox<u64>>>);

        impl Drop for Leaving {
            fn drop(&mut self) {
                // Complains if a lock of that class is held. Locks of other arrays are.
                if let Some(left) = self.0.lock().get_mut(0) {
                    *left -= 1;
                }
            }
        }

        let counts = Arc::pin_init(XArray::new(AllocKind::Alloc), GFP_KERNEL)?;
        put(&mut counts.lock(), 0, 3)?;
        let array = array()?;
        for index in 0..3 {
            let value = KBox::new(Leaving(counts.clone()), GFP_KERNEL)?;
            array.lock().store(index, value, GFP_KERNEL)?;
        }
        drop(array);
        assert_eq!(counts.lock().get(0), Some(&0));
        Ok(())
    }

    #[test]
    fn one_guard_at_a_time() -> Result {
        let array = array()?;
        for _ in 0..3 {
            let mut guard = array.lock();
            assert!(array.try_lock().is_none());
            assert!(array.try_lock().is_none());
            put(&mut guard, 0, 1)?;
            assert!(array.try_lock().is_none());
            drop(guard);

            let guard = array.try_lock().ok_or(EBUSY)?;
            assert!(array.try_lock().is_none());
            assert_eq!(guard.get(0), Some(&1));
        }
        Ok(())
    }

    #[test]
    fn the_lock_is_held_after_storing() -> Result {
        let array = array()?;
        let mut guard = array.lock();
        for index in INDICES {
            // Memory is needed nearly each time, and the lock given up where it is allocated.
            guard.store(index, boxed(1)?, GFP_KERNEL)?;
            assert!(array.try_lock().is_none());
        }
        drop(guard);
        assert!(array.try_lock().is_some());
        Ok(())
    }

    #[test]
    fn owners_are_shared() -> Result {
        let array = array()?;
        let drops = drops()?;
        let probe = Arc::new(Probe(drops.clone()), GFP_KERNEL)?;
        let mut guard = array.lock();
        for index in INDICES {
            guard.store(index, probe.clone(), GFP_ATOMIC)?;
        }
        drop(probe);

        let kept: Arc<Probe> = guard.get(64).ok_or(ENOENT)?.into();
        let also: Arc<Probe> = guard.get_mut(0).ok_or(ENOENT)?.into();
        assert!(Arc::ptr_eq(&kept, &also));
        drop(guard);
        drop(array);
        assert_eq!(drops.load(Relaxed), 0);
        drop((kept, also));
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn pinned_values() -> Result {
        let array = array::<Pin<KBox<u64>>>()?;
        let mut guard = array.lock();
        let value = KBox::pin(1, GFP_ATOMIC)?;
        let at = core::ptr::from_ref(&*value);
        guard.store(3, value, GFP_ATOMIC)?;
        guard.get_mut(3).ok_or(ENOENT)?.set(2);
        let value = guard.remove(3).ok_or(ENOENT)?;
        assert!(core::ptr::eq(at, &*value));
        assert_eq!(*value, 2);
        Ok(())
    }

    #[test]
    fn small_and_aligned_values() -> Result {
        #[repr(align(128))]
        struct Aligned(u8);

        // A byte needs no alignment, but its memory has it.
        let bytes = array::<KBox<u8>>()?;
        let others = array::<KBox<Aligned>>()?;
        for i in 0..100 {
            let index = usize::from(i) * 7;
            let value = KBox::new(i, GFP_KERNEL)?;
            bytes.lock().store(index, value, GFP_KERNEL)?;
            let value = KBox::new(Aligned(!i), GFP_KERNEL)?;
            others.lock().store(index, value, GFP_KERNEL)?;
        }
        for i in 0..100 {
            let index = usize::from(i) * 7;
            assert_eq!(bytes.lock().get(index), Some(&i));
            assert_eq!(others.lock().get(index).map(|value| value.0), Some(!i));
        }
        Ok(())
    }

    #[test]
    fn values_without_size_have_owners() -> Result {
        let array = array::<Arc<()>>()?;
        let mut guard = array.lock();
        guard.store(0, Arc::new((), GFP_ATOMIC)?, GFP_ATOMIC)?;
        guard.store(usize::MAX, Arc::new((), GFP_ATOMIC)?, GFP_ATOMIC)?;
        assert!(guard.get(0).is_some() && guard.get(1).is_none());
        assert!(guard.remove(0).is_some());
        Ok(())
    }

    #[test]
    fn errors_are_those_they_carry() {
        let error = StoreError {
            error: ENOMEM,
            value: 5,
        };
        assert_eq!(error.value, 5);
        assert_eq!(Error::from(error), ENOMEM);
    }
}
