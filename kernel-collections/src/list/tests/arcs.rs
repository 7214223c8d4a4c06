// SPDX-License-Identifier: GPL-2.0

//! Tests of `ListArc`, of tracking, and of `ListArcField`.

#[crate::macros::kunit_tests(rust_list_arc)]
mod cases {
    use super::super::support::{Maker, Probe};
    use crate::{
        list::*,
        prelude::*,
        sync::{Arc, UniqueArc},
    };
    use core::convert::Infallible;

    /// Without a tracker.
    struct Plain {
        value: u32,
    }

    impl_list_arc_safe! {
        impl ListArcSafe<0> for Plain { untracked; }
        impl ListArcSafe<1> for Plain { untracked; }
    }

    #[test]
    fn there_is_one_at_a_time() -> Result {
        let make = Maker::new()?;
        let first = make.item(1)?;
        let shared = first.clone_arc();

        let shared = ListArc::<Probe>::try_from_arc(shared).err().ok_or(EINVAL)?;
        assert!(ListArc::<Probe>::try_from_arc_borrow(shared.as_arc_borrow()).is_none());
        assert!(ListArc::<Probe>::try_from_arc_or_drop(shared.clone()).is_none());

        drop(first);
        let second = ListArc::<Probe>::try_from_arc_borrow(shared.as_arc_borrow());
        assert!(second.is_some());
        assert!(ListArc::<Probe>::try_from_arc_borrow(shared.as_arc_borrow()).is_none());
        drop(second);
        assert!(ListArc::<Probe>::try_from_arc_or_drop(shared).is_some());
        assert_eq!(make.drops(), 1);
        Ok(())
    }

    #[test]
    fn one_in_a_list_is_one() -> Result {
        let make = Maker::new()?;
        let item = make.item(1)?;
        let shared = item.clone_arc();
        let mut list = List::new();
        list.push_back(item);
        assert!(ListArc::<Probe>::try_from_arc_borrow(shared.as_arc_borrow()).is_none());

        let item = list.pop_front();
        assert!(ListArc::<Probe>::try_from_arc_borrow(shared.as_arc_borrow()).is_none());
        drop(item);
        assert!(ListArc::<Probe>::try_from_arc_borrow(shared.as_arc_borrow()).is_some());
        Ok(())
    }

    #[test]
    fn a_dropped_list_gives_up_its_own() -> Result {
        let make = Maker::new()?;
        let list = make.list([1])?;
        let shared: Option<Arc<Probe>> = list.iter().next().map(Arc::from);
        let shared = shared.ok_or(ENOENT)?;
        drop(list);
        assert!(ListArc::<Probe>::try_from_arc(shared).is_ok());
        Ok(())
    }

    #[test]
    fn becomes_an_arc_and_one_again() -> Result {
        let make = Maker::new()?;
        let item = make.item(3)?;
        let at = &raw const *item;
        let arc = item.into_arc();
        assert!(core::ptr::eq(&*arc, at));

        let item = ListArc::<Probe>::try_from_arc(arc).map_err(|_| EBUSY)?;
        assert!(core::ptr::eq(&*item, at));
        assert_eq!(make.drops(), 0);
        drop(item);
        assert_eq!(make.drops(), 1);
        Ok(())
    }

    #[test]
    fn an_object_made_shared_has_none() -> Result {
        #[pin_data]
        struct Shared {
            #[pin]
            tracker: AtomicTracker,
        }
        impl_list_arc_safe! {
            impl ListArcSafe for Shared { tracked_by tracker: AtomicTracker; }
        }

        let arc = Arc::pin_init(
            pin_init!(Shared { tracker <- AtomicTracker::new() }),
            GFP_KERNEL,
        )?;
        let one = ListArc::<Shared>::try_from_arc_borrow(arc.as_arc_borrow());
        assert!(one.is_some());
        assert!(ListArc::<Shared>::try_from_arc_borrow(arc.as_arc_borrow()).is_none());
        Ok(())
    }

    #[test]
    fn the_tracker_itself() -> Result {
        let tracker = KBox::pin_init(AtomicTracker::<3>::new(), GFP_KERNEL)?;
        assert!(tracker.try_new_list_arc());
        assert!(!tracker.try_new_list_arc());
        // SAFETY: There is a `ListArc`, in a manner of speaking.
        unsafe { tracker.on_drop_list_arc() };
        assert!(tracker.try_new_list_arc());
        Ok(())
    }

    #[test]
    fn a_unique_owner_starts_anew() -> Result {
        let make = Maker::new()?;
        let arc = make.item(1)?.into_arc();
        let unique = Arc::into_unique_or_drop(arc).ok_or(EBUSY)?;
        let item: ListArc<Probe> = ListArc::from(unique);
        assert!(ListArc::<Probe>::try_from_arc(item.clone_arc()).is_err());

        // One without a tracker gets a new one in this way only.
        let plain: ListArc<Plain> = ListArc::new(Plain { value: 4 }, GFP_KERNEL)?;
        let unique = Arc::into_unique_or_drop(plain.into_arc()).ok_or(EBUSY)?;
        let plain: ListArc<Plain> = ListArc::from(unique);
        assert_eq!(plain.value, 4);
        Ok(())
    }

    #[test]
    fn raw_pointers_keep_the_right() -> Result {
        let make = Maker::new()?;
        let item = make.item(1)?;
        let shared = item.clone_arc();
        let raw = item.into_raw();
        assert!(core::ptr::eq(raw, Arc::as_ptr(&shared)));
        assert!(ListArc::<Probe>::try_from_arc_borrow(shared.as_arc_borrow()).is_none());

        // SAFETY: It comes from `into_raw`, and is not used again.
        drop(unsafe { ListArc::<Probe>::from_raw(raw) });
        assert!(ListArc::<Probe>::try_from_arc_borrow(shared.as_arc_borrow()).is_some());
        drop(shared);
        assert_eq!(make.drops(), 1);
        Ok(())
    }

    #[test]
    fn ways_to_make_one() -> Result {
        let new: ListArc<Plain> = ListArc::new(Plain { value: 1 }, GFP_KERNEL)?;
        let init: ListArc<Plain> =
            ListArc::init::<Error>(try_init!(Plain { value: 2 }), GFP_KERNEL)?;
        let pinned: ListArc<Plain> =
            ListArc::pin_init::<Error>(try_init!(Plain { value: 3 }), GFP_KERNEL)?;
        let unique: ListArc<Plain> = UniqueArc::new(Plain { value: 4 }, GFP_KERNEL)?.into();
        assert_eq!(
            (new.value, init.value, pinned.value, unique.value),
            (1, 2, 3, 4)
        );

        let slot = UniqueArc::<Plain>::new_uninit(GFP_KERNEL)?;
        let Ok(filled) = slot.pin_init_with::<Infallible>(init!(Plain { value: 5 }));
        let filled: ListArc<Plain> = filled.into();
        assert_eq!(filled.value, 5);
        Ok(())
    }

    #[test]
    fn a_failing_initialiser_gives_its_error() {
        let failed =
            ListArc::<Plain>::init::<Error>(try_init!(Plain { value: Err(EIO)? }), GFP_KERNEL);
        assert_eq!(failed.err(), Some(EIO));
        let failed =
            ListArc::<Plain>::pin_init::<Error>(try_init!(Plain { value: Err(EIO)? }), GFP_KERNEL);
        assert_eq!(failed.err(), Some(EIO));
    }

    #[test]
    fn views_of_the_arc() -> Result {
        let make = Maker::new()?;
        let item = make.item(1)?;
        let other = make.item(1)?;
        assert!(Arc::ptr_eq(item.as_arc(), &item.clone_arc()));
        assert!(Arc::ptr_eq(item.as_ref(), &Arc::from(item.as_arc_borrow())));
        assert!(ListArc::ptr_eq(&item, &item));
        assert!(!ListArc::ptr_eq(&item, &other));
        Ok(())
    }

    #[test]
    fn pairs_own_one_object() -> Result {
        let unique = UniqueArc::new(Plain { value: 6 }, GFP_KERNEL)?;
        let (one, two) = ListArc::<Plain, 0>::pair_from_unique::<1>(unique);
        assert!(Arc::ptr_eq(one.as_arc(), two.as_arc()));
        drop(one);
        assert_eq!(two.value, 6);

        let pinned = UniqueArc::pin_init::<Error>(try_init!(Plain { value: 7 }), GFP_KERNEL)?;
        let (one, two) = ListArc::<Plain, 1>::pair_from_pin_unique::<0>(pinned);
        drop(two);
        assert!(Arc::into_unique_or_drop(one.into_arc()).is_some());
        Ok(())
    }

    #[test]
    fn each_id_is_tracked_by_itself() -> Result {
        #[pin_data]
        struct Two {
            #[pin]
            one: AtomicTracker<1>,
            #[pin]
            two: AtomicTracker<2>,
        }
        impl_list_arc_safe! {
            impl ListArcSafe<1> for Two { tracked_by one: AtomicTracker<1>; }
            impl ListArcSafe<2> for Two { tracked_by two: AtomicTracker<2>; }
        }

        let (one, two) = ListArc::<Two, 1>::pair_from_pin_unique::<2>(UniqueArc::pin_init(
            pin_init!(Two { one <- AtomicTracker::new(), two <- AtomicTracker::new() }),
            GFP_KERNEL,
        )?);
        let arc = one.clone_arc();
        drop(one);
        assert!(ListArc::<Two, 2>::try_from_arc_borrow(arc.as_arc_borrow()).is_none());
        assert!(ListArc::<Two, 1>::try_from_arc_borrow(arc.as_arc_borrow()).is_some());
        drop(two);
        assert!(ListArc::<Two, 2>::try_from_arc_borrow(arc.as_arc_borrow()).is_some());
        Ok(())
    }

    #[test]
    fn tracking_goes_through_fields() -> Result {
        #[pin_data]
        struct Inner {
            #[pin]
            tracker: AtomicTracker,
        }
        #[pin_data]
        struct Outer<T> {
            #[pin]
            inner: T,
        }
        impl_list_arc_safe! {
            impl ListArcSafe<0> for Inner { tracked_by tracker: AtomicTracker; }
            impl{T: ListArcSafe<0>} ListArcSafe<0> for Outer<T> { tracked_by inner: T; }
        }

        let outer: ListArc<Outer<Inner>> = ListArc::pin_init(
            try_pin_init!(Outer {
                inner <- pin_init!(Inner { tracker <- AtomicTracker::new() }),
            }),
            GFP_KERNEL,
        )?;
        let arc = outer.clone_arc();
        assert!(ListArc::<Outer<Inner>>::try_from_arc_borrow(arc.as_arc_borrow()).is_none());
        drop(outer);
        assert!(ListArc::<Outer<Inner>>::try_from_arc_borrow(arc.as_arc_borrow()).is_some());
        Ok(())
    }

    #[test]
    fn fields_are_reached_by_their_right() -> Result {
        struct Fields {
            count: ListArcField<u32, { Fields::COUNTS }>,
            name: ListArcField<&'static str, 9>,
        }
        impl Fields {
            const COUNTS: u64 = u64::MAX;

            define_list_arc_field_getter! {
                fn count(&self<{ Self::COUNTS }>) -> &u32 { count }
                fn count_mut(&mut self<{ Self::COUNTS }>) -> &mut u32 { count }
                fn name(&mut self<9>) -> &mut &'static str { name }
            }
        }
        impl_list_arc_safe! {
            impl ListArcSafe<{ Self::COUNTS }> for Fields { untracked; }
            impl ListArcSafe<9> for Fields { untracked; }
        }

        let fields = Fields {
            count: ListArcField::new(0),
            name: ListArcField::new("none"),
        };
        let (mut counter, mut namer) = ListArc::<Fields, { u64::MAX }>::pair_from_unique::<9>(
            UniqueArc::new(fields, GFP_KERNEL)?,
        );
        for _ in 0..3 {
            *counter.count_mut() += 1;
        }
        *namer.name() = "some";
        assert_eq!((*counter.count(), *namer.name()), (3, "some"));
        Ok(())
    }

    #[test]
    fn a_field_goes_through_a_list() -> Result {
        #[pin_data]
        struct Counter {
            count: ListArcField<u32>,
            #[pin]
            links: ListLinks,
        }
        impl Counter {
            define_list_arc_field_getter! {
                fn count(&mut self<0>) -> &mut u32 { count }
            }
        }
        impl_list_arc_safe! {
            impl ListArcSafe<0> for Counter { untracked; }
        }
        impl_list_item! {
            impl ListItem<0> for Counter { using ListLinks { self.links }; }
        }

        let mut list = List::<Counter>::new();
        list.push_back(ListArc::pin_init(
            try_pin_init!(Counter { count: ListArcField::new(0), links <- ListLinks::new() }),
            GFP_KERNEL,
        )?);
        for round in 0..3 {
            let mut item = list.pop_front().ok_or(ENOENT)?;
            assert_eq!(*item.count(), round);
            *item.count() += 1;
            list.push_back(item);
        }
        Ok(())
    }

    #[test]
    fn a_field_alone() {
        let mut field = ListArcField::<_, 1>::new([1u8, 2]);
        field.get_mut()[0] = 7;
        // SAFETY: The field is ours, as if by a `ListArc`.
        assert_eq!(unsafe { field.assert_ref() }, &[7, 2]);
        // SAFETY: As above.
        let value = unsafe { field.assert_mut() };
        value[1] = 8;
        assert_eq!(field.get_mut(), &[7, 8]);
    }
}
