// SPDX-License-Identifier: GPL-2.0

//! Tests of boxes.

#[macros::kunit_tests(rust_kbox)]
mod cases {
    use crate::{
        alloc::{
            allocator::{KVmalloc, Kmalloc, Vmalloc},
            AllocError, Allocator,
        },
        page::PAGE_SIZE,
        prelude::*,
        types::ForeignOwnable,
    };
    use core::{
        cell::Cell,
        mem::MaybeUninit,
        sync::atomic::{AtomicUsize, Ordering::Relaxed},
    };

    /// Counts how many of its kind are dropped.
    struct Counted<'a>(&'a Cell<usize>);

    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[repr(align(256))]
    struct Aligned(u8);

    #[repr(align(4096))]
    struct AlignedNothing;

    fn is_aligned<T, A: Allocator>(b: &Box<T, A>) -> bool {
        core::ptr::from_ref::<T>(b).addr() % align_of::<T>() == 0
    }

    fn value_is_dropped_once<A: Allocator>() -> Result<bool> {
        let count = Cell::new(0);
        let boxed = Box::<_, A>::new(Counted(&count), GFP_KERNEL)?;
        if count.get() != 0 {
            return Ok(false);
        }
        drop(boxed);
        Ok(count.get() == 1)
    }

    #[test]
    fn drop_drops_once() -> Result {
        assert!(value_is_dropped_once::<Kmalloc>()?);
        assert!(value_is_dropped_once::<Vmalloc>()?);
        assert!(value_is_dropped_once::<KVmalloc>()?);
        Ok(())
    }

    #[test]
    fn moved_value_is_not_dropped() -> Result {
        let count = Cell::new(0);
        let value = KBox::into_inner(KBox::new(Counted(&count), GFP_KERNEL)?);
        assert_eq!(count.get(), 0);
        drop(value);
        assert_eq!(count.get(), 1);
        Ok(())
    }

    #[test]
    fn memory_is_used_again() -> Result {
        let count = Cell::new(0);
        let boxed = KBox::new(Counted(&count), GFP_KERNEL)?;
        let address: *const Counted<'_> = &*boxed;
        let memory = KBox::drop_contents(boxed);
        assert_eq!(count.get(), 1);
        let boxed = memory.write(Counted(&count));
        assert_eq!(core::ptr::from_ref(&*boxed), address);
        assert_eq!(count.get(), 1);
        drop(boxed);
        assert_eq!(count.get(), 2);

        // Memory without a value drops nothing.
        let boxed = KBox::new(Counted(&count), GFP_KERNEL)?;
        drop(KBox::drop_contents(boxed));
        assert_eq!(count.get(), 3);
        drop(KBox::<Counted<'_>>::new_uninit(GFP_KERNEL)?);
        assert_eq!(count.get(), 3);
        Ok(())
    }

    #[test]
    fn too_large_a_value_is_an_error() {
        type Huge = [u8; 1 << 40];
        let quiet = GFP_KERNEL | __GFP_NOWARN;
        assert_eq!(KBox::<Huge>::new_uninit(quiet).err(), Some(AllocError));
        assert_eq!(VBox::<Huge>::new_uninit(quiet).err(), Some(AllocError));
        assert_eq!(KVBox::<Huge>::zeroed(quiet).err(), Some(AllocError));
    }

    #[test]
    fn alignment() -> Result {
        let small = KBox::new(Aligned(3), GFP_KERNEL)?;
        assert!(is_aligned(&small));
        assert_eq!((*small).0, 3);
        assert!(is_aligned(&KVBox::new(Aligned(3), GFP_KERNEL)?));
        assert!(is_aligned(&VBox::new(Aligned(3), GFP_KERNEL)?));
        assert!(is_aligned(&KBox::new(AlignedNothing, GFP_KERNEL)?));
        assert!(is_aligned(&VBox::new(AlignedNothing, GFP_KERNEL)?));
        Ok(())
    }

    #[test]
    fn value_of_size_zero_has_no_memory() -> Result {
        static DROPS: AtomicUsize = AtomicUsize::new(0);

        struct Nothing;
        impl Drop for Nothing {
            fn drop(&mut self) {
                DROPS.fetch_add(1, Relaxed);
            }
        }

        let before = DROPS.load(Relaxed);
        let boxed = KBox::new(Nothing, GFP_KERNEL)?;
        let raw = KBox::into_raw(boxed);
        assert_eq!(raw.addr(), align_of::<Nothing>());
        assert_eq!(DROPS.load(Relaxed), before);
        // SAFETY: The pointer comes from `into_raw`.
        drop(unsafe { KBox::from_raw(raw) });
        assert_eq!(DROPS.load(Relaxed), before + 1);
        Ok(())
    }

    #[test]
    fn trait_object_is_dropped_as_what_it_is() -> Result {
        trait Anything {}
        impl<T> Anything for T {}

        let count = Cell::new(0);
        let boxed: KBox<dyn Anything + '_> = KBox::new((Counted(&count), 1u64), GFP_KERNEL)?;
        assert_eq!(size_of_val(&*boxed), size_of::<(Counted<'_>, u64)>());
        drop(boxed);
        assert_eq!(count.get(), 1);

        let boxed: VBox<dyn Anything + '_> = VBox::new(Counted(&count), GFP_KERNEL)?;
        let pinned: Pin<VBox<dyn Anything + '_>> = boxed.into();
        drop(pinned);
        assert_eq!(count.get(), 2);

        let slice: KVBox<[Counted<'_>]> =
            KVBox::new([Counted(&count), Counted(&count)], GFP_KERNEL)?;
        assert_eq!(slice.len(), 2);
        drop(slice);
        assert_eq!(count.get(), 4);
        Ok(())
    }

    #[test]
    fn slice_of_pinned_values() -> Result {
        let count = Cell::new(0);
        let slice = KBox::pin_slice::<_, _, Error>(|_| Ok(Counted(&count)), 10, GFP_KERNEL)?;
        assert_eq!(slice.len(), 10);
        drop(slice);
        assert_eq!(count.get(), 10);

        let empty = VBox::pin_slice::<_, _, Error>(|_| Ok(Counted(&count)), 0, GFP_KERNEL)?;
        assert!(empty.is_empty());
        let nothings = KVBox::pin_slice::<_, _, Error>(|_| Ok(()), 1000, GFP_KERNEL)?;
        assert_eq!(nothings.len(), 1000);
        Ok(())
    }

    #[test]
    fn slice_of_pinned_values_that_fails() {
        let count = Cell::new(0);
        let result = KBox::pin_slice(
            |i| {
                if i < 7 {
                    Ok(Counted(&count))
                } else {
                    Err(EBUSY)
                }
            },
            10,
            GFP_KERNEL,
        );
        assert_eq!(result.err(), Some(EBUSY));
        assert_eq!(count.get(), 7);

        let quiet = GFP_KERNEL | __GFP_NOWARN;
        for len in [1 << 50, usize::MAX] {
            let result = KBox::pin_slice::<_, _, Error>(Ok, len, quiet);
            assert_eq!(result.err(), Some(ENOMEM));
        }
    }

    #[test]
    fn initializer_that_fails_leaves_nothing() {
        #[pin_data]
        struct Pair<'a> {
            first: Counted<'a>,
            second: Counted<'a>,
        }

        let count = &Cell::new(0);
        let result = KBox::pin_init(
            try_pin_init!(Pair {
                first: Counted(count),
                second: Err::<Counted<'_>, _>(EAGAIN)?,
            }),
            GFP_KERNEL,
        );
        assert_eq!(result.err(), Some(EAGAIN));
        assert_eq!(count.get(), 1);

        let result = KBox::<u8>::try_init(Err::<u8, Error>(EPERM), GFP_KERNEL);
        assert_eq!(result.err(), Some(EPERM));
    }

    #[test]
    fn memory_can_be_initialised_later() -> Result {
        let room = KBox::<u32>::new_uninit(GFP_KERNEL)?;
        assert_eq!(*room.write_init(Ok::<u32, Error>(8))?, 8);
        let room = KBox::<u32>::new_uninit(GFP_KERNEL)?;
        assert_eq!(*room.write_pin_init(Ok::<u32, Error>(9))?, 9);
        let room = KBox::<u32>::new_uninit(GFP_KERNEL)?;
        assert_eq!(room.write_init(Err::<u32, Error>(EIO)).err(), Some(EIO));
        Ok(())
    }

    #[test]
    fn pointers_for_c() -> Result {
        let count = Cell::new(0);
        let ptr = KBox::new(Counted(&count), GFP_KERNEL)?.into_foreign();
        assert!(ptr.addr() % KBox::<Counted<'_>>::FOREIGN_ALIGN == 0);
        {
            // SAFETY: The pointer comes from `into_foreign`, and nothing else borrows the value.
            let borrowed = unsafe { KBox::<Counted<'_>>::borrow(ptr) };
            assert_eq!(borrowed.0.get(), 0);
        }
        // SAFETY: The pointer comes from `into_foreign`, and is not used any more.
        drop(unsafe { KBox::<Counted<'_>>::from_foreign(ptr) });
        assert_eq!(count.get(), 1);

        let ptr = KBox::pin(5u8, GFP_KERNEL)?.into_foreign();
        {
            // SAFETY: The pointer comes from `into_foreign`, and nothing else borrows the value.
            let mut borrowed = unsafe { Pin::<KBox<u8>>::borrow_mut(ptr) };
            *borrowed += 1;
        }
        // SAFETY: The pointer comes from `into_foreign`, and is not used any more.
        assert_eq!(*unsafe { Pin::<KBox<u8>>::from_foreign(ptr) }, 6);
        Ok(())
    }

    #[test]
    fn alignment_of_pointers_for_c() -> Result {
        assert_eq!(KBox::<u8>::FOREIGN_ALIGN, Kmalloc::MIN_ALIGN);
        assert_eq!(VBox::<u8>::FOREIGN_ALIGN, PAGE_SIZE);
        assert_eq!(KVBox::<Aligned>::FOREIGN_ALIGN, 256);
        // What has no memory is aligned to no more than its type demands.
        assert_eq!(VBox::<()>::FOREIGN_ALIGN, 1);
        let ptr = VBox::new((), GFP_KERNEL)?.into_foreign();
        assert!(!ptr.is_null());
        // SAFETY: The pointer comes from `into_foreign`, and is not used any more.
        drop(unsafe { VBox::<()>::from_foreign(ptr) });
        Ok(())
    }

    #[test]
    fn none_is_zero() -> Result {
        // SAFETY: `Zeroable` promises it of `Option<KBox<_>>`, as `ZeroableOption` does of `KBox`.
        let none: Option<KBox<u32>> = unsafe { MaybeUninit::zeroed().assume_init() };
        assert!(none.is_none());
        let nones = KBox::<[Option<KBox<u32>>; 8]>::zeroed(GFP_KERNEL)?;
        assert!(nones.iter().all(|none| none.is_none()));
        assert_eq!(size_of::<Option<KBox<u32>>>(), size_of::<usize>());
        Ok(())
    }

    #[test]
    fn borrowing() -> Result {
        use core::borrow::{Borrow, BorrowMut};

        let mut boxed = KBox::new(5, GFP_KERNEL)?;
        *BorrowMut::<i32>::borrow_mut(&mut boxed) += 1;
        assert_eq!(*Borrow::<i32>::borrow(&boxed), 6);
        Ok(())
    }

    #[test]
    fn array_becomes_vector() -> Result {
        let count = Cell::new(0);
        let boxed = KBox::new([(); 3].map(|()| Counted(&count)), GFP_KERNEL)?;
        let address = boxed.as_ptr();
        let mut vec = KVec::from(boxed);
        assert_eq!(vec.as_ptr(), address);
        assert_eq!(vec.len(), 3);
        assert_eq!(vec.capacity(), 3);
        vec.push(Counted(&count), GFP_KERNEL)?;
        drop(vec);
        assert_eq!(count.get(), 4);

        assert_eq!(KVec::from(KBox::new([0u64; 0], GFP_KERNEL)?).capacity(), 0);
        assert_eq!(VVec::from(VBox::new([(); 9], GFP_KERNEL)?).len(), 9);
        Ok(())
    }
}
