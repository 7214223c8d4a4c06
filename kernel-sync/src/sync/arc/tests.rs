// SPDX-License-Identifier: GPL-2.0

//! Tests of `Arc` and `ArcBorrow`.

#[crate::macros::kunit_tests(rust_arc)]
mod cases {
    use crate::{
        new_mutex,
        prelude::*,
        str::CString,
        sync::{
            arc::*,
            atomic::{Atomic, Relaxed},
            Mutex,
        },
    };

    /// A value that says when it is dropped.
    struct Probe<'a> {
        value: u32,
        drops: &'a Atomic<u32>,
    }

    impl<'a> Probe<'a> {
        fn new(value: u32, drops: &'a Atomic<u32>) -> Self {
            Self { value, drops }
        }
    }

    impl Drop for Probe<'_> {
        fn drop(&mut self) {
            self.drops.add(1, Relaxed);
        }
    }

    trait Valued {
        fn value(&self) -> u32;
    }

    impl Valued for Probe<'_> {
        fn value(&self) -> u32 {
            self.value
        }
    }

    fn owners<T: ?Sized>(arc: &Arc<T>) -> i32 {
        arc.refcount().as_atomic().load(Relaxed)
    }

    #[test]
    fn the_last_owner_drops() -> Result {
        let drops = Atomic::new(0);
        let one = Arc::new(Probe::new(1, &drops), GFP_KERNEL)?;
        assert_eq!(owners(&one), 1);

        let others = [one.clone(), one.clone(), one.clone()];
        assert_eq!(owners(&one), 4);
        drop(one);
        assert_eq!(owners(&others[0]), 3);
        assert_eq!(drops.load(Relaxed), 0);
        drop(others);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn all_owners_see_one_object() -> Result {
        let one = Arc::new(Atomic::<u32>::new(0), GFP_KERNEL)?;
        let two = one.clone();

        one.add(1, Relaxed);
        two.add(1, Relaxed);
        assert_eq!(one.load(Relaxed), 2);
        assert!(core::ptr::eq(&*one, &*two));
        assert!(Arc::ptr_eq(&one, &two));
        Ok(())
    }

    #[test]
    fn raw_pointers_keep_the_count() -> Result {
        let drops = Atomic::new(0);
        let arc = Arc::new(Probe::new(2, &drops), GFP_KERNEL)?;
        let at = Arc::as_ptr(&arc);
        let raw = Arc::into_raw(arc);

        assert!(core::ptr::eq(raw, at));
        assert_eq!(drops.load(Relaxed), 0);
        // SAFETY: `raw` comes from `into_raw`, and is not used after this.
        let arc = unsafe { Arc::from_raw(raw) };
        assert_eq!(owners(&arc), 1);
        assert_eq!(arc.value, 2);
        drop(arc);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn each_raw_pointer_is_an_owner() -> Result {
        let drops = Atomic::new(0);
        let arc = Arc::new(Probe::new(3, &drops), GFP_KERNEL)?;
        let raw = [0; 3].map(|_| Arc::into_raw(arc.clone()));

        assert_eq!(owners(&arc), 4);
        drop(arc);
        for (gone, raw) in raw.into_iter().enumerate() {
            assert_eq!(drops.load(Relaxed), 0);
            // SAFETY: Each comes from an `into_raw` of its own.
            let arc = unsafe { Arc::from_raw(raw) };
            assert_eq!(owners(&arc), 3 - gone as i32);
        }
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    /// A value that lies further from the count than the count is large.
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(align(64))]
    struct Aligned(u8);

    /// Through a raw pointer and back, for values of all alignments.
    fn roundtrip<T: Copy + PartialEq + fmt::Debug>(value: T) -> Result {
        let raw = Arc::into_raw(Arc::new(value, GFP_KERNEL)?);
        assert!(raw.is_aligned());
        // SAFETY: `raw` comes from `into_raw`, and is not used after this.
        let arc = unsafe { Arc::from_raw(raw) };
        assert!(*arc == value, "{value:?} became {:?}", *arc);
        assert_eq!(
            Arc::as_ptr(&arc) as usize - arc.ptr.as_ptr() as usize,
            Arc::<T>::DATA_OFFSET
        );
        Ok(())
    }

    #[test]
    fn every_alignment() -> Result {
        assert_eq!(Arc::<Aligned>::DATA_OFFSET, 64);
        roundtrip(())?;
        roundtrip(1u8)?;
        roundtrip(0x1234u16)?;
        roundtrip([1u32; 3])?;
        roundtrip(u64::MAX)?;
        roundtrip(1u128)?;
        roundtrip(Aligned(5))
    }

    #[test]
    fn trait_objects() -> Result {
        let drops = Atomic::new(0);
        let one = Arc::new(Probe::new(4, &drops), GFP_KERNEL)?;
        let two: Arc<dyn Valued + '_> = one.clone();

        assert_eq!(two.value(), 4);
        assert_eq!(owners(&two), 2);
        drop(one);

        let raw = Arc::into_raw(two);
        // SAFETY: `raw` comes from `into_raw`, and is not used after this.
        let three = unsafe { Arc::from_raw(raw) };
        assert_eq!(three.value(), 4);
        let four = three.clone();
        assert!(Arc::ptr_eq(&three, &four));
        drop(three);
        assert_eq!(drops.load(Relaxed), 0);
        drop(four);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn slices() -> Result {
        let array = Arc::new([Aligned(1), Aligned(2)], GFP_KERNEL)?;
        let slice: Arc<[Aligned]> = array.clone();
        assert_eq!(slice.len(), 2);

        // SAFETY: The pointer comes from `into_raw`.
        let slice = unsafe { Arc::from_raw(Arc::into_raw(slice)) };
        assert_eq!(slice[1], Aligned(2));
        assert_eq!(owners(&array), 2);
        Ok(())
    }

    #[test]
    fn same_value_is_not_same_object() -> Result {
        let a = Arc::new(1, GFP_KERNEL)?;
        let b = Arc::new(1, GFP_KERNEL)?;
        assert!(!Arc::ptr_eq(&a, &b));
        assert_eq!(*a, *b);
        Ok(())
    }

    #[test]
    fn a_borrow_becomes_an_owner() -> Result {
        let drops = Atomic::new(0);
        let arc = Arc::new(Probe::new(5, &drops), GFP_KERNEL)?;
        let borrow = arc.as_arc_borrow();
        let copy = borrow;

        assert_eq!(owners(&arc), 1);
        assert!(core::ptr::eq(&*borrow, &*copy));
        let owner: Arc<_> = borrow.into();
        assert_eq!(owners(&arc), 2);
        drop(arc);
        assert_eq!(owner.value, 5);
        drop(owner);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn borrowed_trait_objects() -> Result {
        let drops = Atomic::new(0);
        let arc = Arc::new(Probe::new(6, &drops), GFP_KERNEL)?;
        let borrow: ArcBorrow<'_, dyn Valued + '_> = arc.as_arc_borrow();
        assert_eq!(borrow.value(), 6);

        // SAFETY: The pointer comes from `as_ptr` of an `Arc` that stays.
        let borrow = unsafe { ArcBorrow::from_raw(Arc::as_ptr(&arc)) };
        assert_eq!(borrow.value, 6);
        Ok(())
    }

    #[test]
    fn of_two_only_the_last_becomes_unique() -> Result {
        let drops = Atomic::new(0);
        let one = Arc::new(Probe::new(7, &drops), GFP_KERNEL)?;
        let two = one.clone();
        let at = Arc::as_ptr(&one);

        assert!(Arc::into_unique_or_drop(one).is_none());
        assert_eq!(drops.load(Relaxed), 0);
        let mut unique = Arc::into_unique_or_drop(two).ok_or(EBUSY)?;
        assert!(core::ptr::eq(&*unique, at));
        unique.value += 1;

        let arc: Arc<_> = unique.into();
        assert_eq!(owners(&arc), 1);
        assert_eq!(arc.value, 8);
        drop(arc.clone());
        drop(arc);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn foreign_pointers() -> Result {
        type Foreign = Arc<Mutex<u32>>;

        let arc = Arc::pin_init(new_mutex!(0), GFP_KERNEL)?;
        let ptr = arc.clone().into_foreign();
        assert_eq!(ptr.align_offset(Foreign::FOREIGN_ALIGN), 0);
        assert_eq!(owners(&arc), 2);

        // SAFETY: `ptr` comes from `into_foreign`, and is taken back only below.
        let borrow = unsafe { <Foreign as ForeignOwnable>::borrow(ptr) };
        *borrow.lock() += 1;
        // SAFETY: As above; for an `Arc` a mutable borrow is a shared one.
        let again: Foreign = unsafe { Foreign::borrow_mut(ptr) }.into();
        *again.lock() += 1;
        assert_eq!(owners(&arc), 3);

        // SAFETY: `ptr` comes from `into_foreign`, and is not used after this.
        let back = unsafe { Foreign::from_foreign(ptr) };
        assert!(Arc::ptr_eq(&back, &arc));
        assert_eq!(*back.lock(), 2);
        assert_eq!(owners(&arc), 3);

        // SAFETY: Null is allowed.
        assert!(unsafe { Foreign::try_from_foreign(core::ptr::null_mut()) }.is_none());
        Ok(())
    }

    #[test]
    fn initializers() -> Result {
        let drops = Atomic::new(0);

        let arc: Arc<[u64; 512]> = Arc::init(pin_init::init_zeroed(), GFP_KERNEL)?;
        assert!(arc.iter().all(|&word| word == 0));

        let arc = Arc::pin_init(new_mutex!(Probe::new(9, &drops)), GFP_KERNEL)?;
        assert_eq!(arc.lock().value, 9);
        drop(arc);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn failing_initializers() {
        struct Never {
            _value: u32,
        }

        impl Drop for Never {
            fn drop(&mut self) {
                // Nothing to drop: there never was a value.
                unreachable!();
            }
        }

        let fails = || {
            try_init!(Never {
                _value: Err(EAGAIN)?,
            })
        };
        assert_eq!(Arc::init(fails(), GFP_KERNEL).err(), Some(EAGAIN));
        assert_eq!(Arc::pin_init(fails(), GFP_KERNEL).err(), Some(EAGAIN));
        assert_eq!(UniqueArc::init(fails(), GFP_KERNEL).err(), Some(EAGAIN));
        assert_eq!(UniqueArc::pin_init(fails(), GFP_KERNEL).err(), Some(EAGAIN));
    }

    #[test]
    fn circles_can_be_opened() -> Result {
        #[pin_data]
        struct Node<'a> {
            #[pin]
            next: Mutex<Option<Arc<Node<'a>>>>,
            probe: Probe<'a>,
        }

        fn node(drops: &Atomic<u32>) -> Result<Arc<Node<'_>>> {
            Arc::pin_init(
                try_pin_init!(Node {
                    next <- new_mutex!(None),
                    probe: Probe::new(0, drops),
                }),
                GFP_KERNEL,
            )
        }

        let drops = Atomic::new(0);
        let (a, b) = (node(&drops)?, node(&drops)?);
        *a.next.lock() = Some(b.clone());
        *b.next.lock() = Some(a.clone());
        drop(b);
        assert_eq!(owners(&a), 2);
        assert_eq!(drops.load(Relaxed), 0);

        // The one takes the other along, once the circle is open.
        let next = a.next.lock().take();
        drop(next);
        assert_eq!(drops.load(Relaxed), 1);
        assert_eq!(owners(&a), 1);
        drop(a);
        assert_eq!(drops.load(Relaxed), 2);
        Ok(())
    }

    #[test]
    fn a_saturated_object_is_never_freed() -> Result {
        let drops = Atomic::new(0);
        let arc = Arc::new(Probe::new(10, &drops), GFP_KERNEL)?;
        let at = arc.ptr;

        // As if there had been an overflow.
        arc.refcount().set(i32::MIN / 2);
        // SAFETY: May be called by any task; this one runs a test, so it is not null.
        let test = unsafe { crate::bindings::kunit_get_current_test() };
        // SAFETY: `test` is the running test, and the tests here don't nest this.
        let quiet = unsafe { crate::bindings::kunit_start_suppress_warning(test) };
        drop(arc.clone());
        drop(arc);
        // SAFETY: `quiet` comes from the call above, for the same test.
        unsafe { crate::bindings::kunit_end_suppress_warning(test, quiet) };
        assert_eq!(drops.load(Relaxed), 0);

        // SAFETY: It has not been freed; this takes the place of all owners there were.
        let arc = unsafe { Arc::from_inner(at) };
        arc.refcount().set(1);
        assert_eq!(arc.value, 10);
        drop(arc);
        assert_eq!(drops.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn forwards_formatting() -> Result {
        let arc = Arc::new(0x2a, GFP_KERNEL)?;
        let text = CString::try_from_fmt(fmt!("{} {:?}", arc, arc))?;
        assert_eq!(text.to_bytes(), b"42 42");

        let shown: Arc<dyn fmt::Display> = arc;
        let text = CString::try_from_fmt(fmt!("{shown}"))?;
        assert_eq!(text.to_bytes(), b"42");
        Ok(())
    }

    #[test]
    fn no_larger_than_a_pointer() {
        assert_eq!(size_of::<Arc<u8>>(), size_of::<usize>());
        assert_eq!(size_of::<Option<Arc<u8>>>(), size_of::<usize>());
        assert_eq!(size_of::<ArcBorrow<'_, u8>>(), size_of::<usize>());
        assert_eq!(size_of::<UniqueArc<u8>>(), size_of::<usize>());
        assert_eq!(size_of::<Arc<dyn Valued>>(), 2 * size_of::<usize>());
    }
}
