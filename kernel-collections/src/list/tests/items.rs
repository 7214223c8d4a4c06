// SPDX-License-Identifier: GPL-2.0

//! Tests of items of several kinds, and of where their links are.

#[crate::macros::kunit_tests(rust_list_item)]
mod cases {
    use crate::{
        list::*,
        prelude::*,
        sync::{
            atomic::{Atomic, Relaxed},
            Arc, UniqueArc,
        },
    };

    /// For three lists at once.
    #[pin_data]
    struct Triple {
        value: u32,
        #[pin]
        one: ListLinks<1>,
        #[pin]
        two: ListLinks<2>,
        #[pin]
        three: ListLinks<{ u64::MAX }>,
        #[pin]
        three_tracker: AtomicTracker<{ u64::MAX }>,
    }

    impl_list_arc_safe! {
        impl ListArcSafe<1> for Triple { untracked; }
        impl ListArcSafe<2> for Triple { untracked; }
        impl ListArcSafe<{ u64::MAX }> for Triple {
            tracked_by three_tracker: AtomicTracker<{ u64::MAX }>;
        }
    }
    impl_list_item! {
        impl ListItem<1> for Triple { using ListLinks { self.one }; }
        impl ListItem<2> for Triple { using ListLinks { self.two }; }
        impl ListItem<{ u64::MAX }> for Triple { using ListLinks { self.three }; }
    }

    impl Triple {
        fn new(value: u32) -> Result<Pin<UniqueArc<Self>>> {
            UniqueArc::pin_init(
                pin_init!(Self {
                    value,
                    one <- ListLinks::new(),
                    two <- ListLinks::new(),
                    three <- ListLinks::new(),
                    three_tracker <- AtomicTracker::new(),
                }),
                GFP_KERNEL,
            )
        }
    }

    /// Whether these are the numbers of the items, in this order.
    ///
    /// A loop, as the compiler's names for nested iterators over lists of trait objects are longer
    /// than a symbol may be.
    fn are<I: Iterator>(mut items: I, number: impl Fn(I::Item) -> u32, expected: &[u32]) -> bool {
        for &expected in expected {
            if items.next().map(&number) != Some(expected) {
                return false;
            }
        }
        items.next().is_none()
    }

    #[test]
    fn several_lists_in_different_orders() -> Result {
        let mut one = List::<Triple, 1>::new();
        let mut two = List::<Triple, 2>::new();
        let mut three = List::<Triple, { u64::MAX }>::new();
        for value in 0..4 {
            let (first, second) = ListArc::pair_from_pin_unique(Triple::new(value)?);
            let arc = first.clone_arc();
            one.push_back(first);
            two.push_front(second);
            if value % 2 == 0 {
                three.push_back(ListArc::try_from_arc(arc).map_err(|_| EBUSY)?);
            }
        }
        assert!(are(one.iter(), |item| item.value, &[0, 1, 2, 3]));
        assert!(are(two.iter(), |item| item.value, &[3, 2, 1, 0]));
        assert!(are(three.iter(), |item| item.value, &[0, 2]));

        // What happens in one list does not touch the others.
        drop(two.pop_front());
        drop(three.pop_back());
        drop(one);
        assert!(are(two.iter(), |item| item.value, &[2, 1, 0]));
        assert!(are(three.iter(), |item| item.value, &[0]));
        Ok(())
    }

    #[test]
    fn removes_from_one_of_several_lists() -> Result {
        let (first, second) = ListArc::<Triple, 1>::pair_from_pin_unique::<2>(Triple::new(1)?);
        let arc = first.clone_arc();
        let mut one = List::<Triple, 1>::new();
        let mut two = List::<Triple, 2>::new();
        one.push_back(first);
        two.push_back(second);

        // SAFETY: Nobody else has lists, and of each ID there is one.
        assert!(unsafe { one.remove(&arc) }.is_some());
        // SAFETY: As above.
        assert!(unsafe { one.remove(&arc) }.is_none());
        assert!(one.is_empty());
        // SAFETY: As above.
        assert!(unsafe { two.remove(&arc) }.is_some());
        Ok(())
    }

    trait Animal: ListArcSafe {
        fn legs(&self) -> u32;
    }

    /// An item of any animal, which may be sorted by hand.
    #[pin_data]
    struct Cage<T: ?Sized> {
        number: u32,
        #[pin]
        links: ListLinksSelfPtr<Cage<dyn Animal>>,
        #[pin]
        animal: T,
    }

    impl_list_arc_safe! {
        impl{T: ListArcSafe + ?Sized} ListArcSafe<0> for Cage<T> { tracked_by animal: T; }
    }
    impl_list_item! {
        impl ListItem<0> for Cage<dyn Animal> { using ListLinksSelfPtr { self.links }; }
        impl ListItem<0> for Cage<Dog> { using ListLinks { self.links.inner }; }
    }

    #[pin_data]
    struct Dog {
        #[pin]
        tracker: AtomicTracker,
    }

    struct Snake;

    /// Says when it is dropped, and has its own alignment.
    #[repr(align(32))]
    struct Spider {
        drops: Arc<Atomic<u32>>,
    }

    impl Drop for Spider {
        fn drop(&mut self) {
            self.drops.add(1, Relaxed);
        }
    }

    impl_list_arc_safe! {
        impl ListArcSafe<0> for Dog { tracked_by tracker: AtomicTracker; }
        impl ListArcSafe<0> for Snake { untracked; }
        impl ListArcSafe<0> for Spider { untracked; }
    }

    impl Animal for Dog {
        fn legs(&self) -> u32 {
            4
        }
    }

    impl Animal for Snake {
        fn legs(&self) -> u32 {
            0
        }
    }

    impl Animal for Spider {
        fn legs(&self) -> u32 {
            8
        }
    }

    fn cage<T: ListArcSafe>(number: u32, animal: impl PinInit<T>) -> Result<ListArc<Cage<T>>> {
        ListArc::pin_init(
            try_pin_init!(Cage { number, links <- ListLinksSelfPtr::new(), animal <- animal }),
            GFP_KERNEL,
        )
    }

    fn dog(number: u32) -> Result<ListArc<Cage<Dog>>> {
        cage(number, pin_init!(Dog { tracker <- AtomicTracker::new() }))
    }

    #[test]
    fn items_of_several_types() -> Result {
        let drops = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        let spider = |number| {
            let drops = drops.clone();
            cage(number, init!(Spider { drops }))
        };
        let mut list = List::<Cage<dyn Animal>>::new();
        list.push_back(dog(0)?);
        list.push_back(spider(1)?);
        list.push_front(cage(2, init!(Snake {}))?);
        list.push_back(spider(3)?);

        let legs = |list: &List<Cage<dyn Animal>>| -> u32 {
            list.iter().map(|cage| cage.animal.legs()).sum()
        };
        assert_eq!(legs(&list), 20);
        assert!(are(list.iter(), |cage| cage.number, &[2, 0, 1, 3]));

        let last = list.pop_back().ok_or(ENOENT)?;
        assert_eq!((last.number, last.animal.legs()), (3, 8));
        assert_eq!(drops.load(Relaxed), 0);
        drop(last);
        assert_eq!(drops.load(Relaxed), 1);
        drop(list);
        assert_eq!(drops.load(Relaxed), 2);
        Ok(())
    }

    #[test]
    fn tracking_of_trait_objects() -> Result {
        let dog = dog(1)?;
        let arc = dog.clone_arc();
        let mut list = List::<Cage<dyn Animal>>::new();
        list.push_back(dog);
        assert!(ListArc::<Cage<Dog>>::try_from_arc_borrow(arc.as_arc_borrow()).is_none());

        // The `ListArc` goes away as that of an animal, and is missed as that of a dog.
        drop(list.pop_front());
        assert!(ListArc::<Cage<Dog>>::try_from_arc_borrow(arc.as_arc_borrow()).is_some());
        Ok(())
    }

    #[test]
    fn the_same_links_for_two_types() -> Result {
        let mut dogs = List::<Cage<Dog>>::new();
        let mut animals = List::<Cage<dyn Animal>>::new();
        for number in 0..3 {
            dogs.push_back(dog(number)?);
        }
        while let Some(dog) = dogs.pop_front() {
            animals.push_front(dog);
        }
        assert!(are(animals.iter(), |cage| cage.number, &[2, 1, 0]));
        assert!(animals.iter().all(|cage| cage.animal.legs() == 4));
        Ok(())
    }

    #[test]
    fn removes_trait_objects() -> Result {
        let snake: ListArc<Cage<dyn Animal>> = cage(1, init!(Snake {}))?;
        let arc = snake.clone_arc();
        let mut list = List::<Cage<dyn Animal>>::new();
        // SAFETY: It is in no list.
        assert!(unsafe { list.remove(&arc) }.is_none());
        list.push_back(dog(0)?);
        list.push_back(snake);
        // SAFETY: It is in this list; nobody else has lists.
        let snake = unsafe { list.remove(&arc) }.ok_or(ENOENT)?;
        assert_eq!(snake.animal.legs(), 0);
        assert_eq!(list.iter().count(), 1);
        Ok(())
    }

    #[test]
    fn cursors_over_trait_objects() -> Result {
        let mut list = List::<Cage<dyn Animal>>::new();
        list.push_back(dog(0)?);
        list.push_back(cage(1, init!(Snake {}))?);
        list.push_back(dog(2)?);

        let mut cursor = list.cursor_front();
        while let Some(next) = cursor.peek_next() {
            if next.animal.legs() == 0 {
                let arc: Arc<Cage<dyn Animal>> = next.arc().into();
                assert!(core::ptr::addr_eq(
                    Arc::as_ptr(&arc),
                    &raw const *next.remove()
                ));
            } else {
                cursor.move_next();
            }
        }
        assert!(are(list.into_iter(), |cage| cage.number, &[0, 2]));
        Ok(())
    }

    #[test]
    fn bare_trait_objects() -> Result {
        // Without links they can't be in lists, but can be in the same field one after the other.
        let tracked: ListArc<dyn Animal> = ListArc::pin_init(
            try_pin_init!(Dog { tracker <- AtomicTracker::new() }),
            GFP_KERNEL,
        )?;
        let arc = tracked.into_arc();
        assert_eq!(arc.legs(), 4);
        let other: ListArc<dyn Animal> = ListArc::new(Snake, GFP_KERNEL)?;
        assert!(!Arc::ptr_eq(other.as_arc(), &arc));
        Ok(())
    }

    #[test]
    fn items_without_a_size_of_other_kinds() -> Result {
        #[pin_data]
        struct Bytes<T: ?Sized> {
            #[pin]
            links: ListLinksSelfPtr<Bytes<[u8]>>,
            bytes: T,
        }
        impl_list_arc_safe! {
            impl{T: ?Sized} ListArcSafe<0> for Bytes<T> { untracked; }
        }
        impl_list_item! {
            impl ListItem<0> for Bytes<[u8]> { using ListLinksSelfPtr { self.links }; }
        }
        fn bytes<const N: usize>(bytes: [u8; N]) -> Result<ListArc<Bytes<[u8]>>> {
            let sized: ListArc<Bytes<[u8; N]>> = ListArc::pin_init(
                try_pin_init!(Bytes { links <- ListLinksSelfPtr::new(), bytes }),
                GFP_KERNEL,
            )?;
            Ok(sized)
        }

        let mut list = List::<Bytes<[u8]>>::new();
        list.push_back(bytes([1, 2, 3])?);
        list.push_back(bytes([])?);
        list.push_back(bytes([9; 100])?);
        assert!(are(
            list.iter(),
            |item| item.bytes.len() as u32,
            &[3, 0, 100]
        ));
        assert_eq!(list.pop_back().map(|item| item.bytes[99]), Some(9));
        Ok(())
    }

    #[test]
    fn links_deep_inside() -> Result {
        #[pin_data]
        struct Inner {
            #[pin]
            links: ListLinks<4>,
            value: u8,
        }
        #[pin_data]
        #[repr(align(64))]
        struct Outer<T> {
            head: T,
            #[pin]
            inner: Inner,
        }
        impl_list_arc_safe! {
            impl{T} ListArcSafe<4> for Outer<T> { untracked; }
        }
        impl_list_item! {
            impl{T} ListItem<4> for Outer<T> { using ListLinks { self.inner.links }; }
        }

        let mut list = List::<Outer<[u16; 5]>, 4>::new();
        for value in 0..3u8 {
            list.push_back(ListArc::pin_init(
                try_pin_init!(Outer {
                    head: [u16::from(value); 5],
                    inner <- pin_init!(Inner { links <- ListLinks::new(), value }),
                }),
                GFP_KERNEL,
            )?);
        }
        assert!(list
            .iter()
            .all(|item| item.head == [u16::from(item.inner.value); 5]));
        assert!(are(list.iter(), |item| item.inner.value.into(), &[0, 1, 2]));
        Ok(())
    }

    #[test]
    fn views_lead_there_and_back() -> Result {
        let item = ListArc::<Triple, 1>::from(Triple::new(3)?);
        let at: *const Triple = item.into_raw();

        // SAFETY: It comes from `into_raw`, of an object in no list.
        let links = unsafe { <Triple as ListItem<1>>::prepare_to_insert(at) };
        // SAFETY: It is an object.
        assert_eq!(unsafe { <Triple as ListItem<1>>::view_links(at) }, links);
        // SAFETY: The links come from `prepare_to_insert`.
        assert_eq!(unsafe { <Triple as ListItem<1>>::view_value(links) }, at);
        // SAFETY: As above, once.
        assert_eq!(unsafe { <Triple as ListItem<1>>::post_remove(links) }, at);

        // SAFETY: It comes from `into_raw`, and is in no list.
        let item = unsafe { ListArc::<Triple, 1>::from_raw(at) };
        assert_eq!(item.value, 3);
        Ok(())
    }
}
