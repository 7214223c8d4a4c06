// SPDX-License-Identifier: GPL-2.0

//! Boxes and vectors, on the host: against `std`'s, without memory, and with panics half-way.

extern crate kernel_core as kernel;

mod host;
#[path = "host/memory.rs"]
mod memory;

use core::{alloc::Layout, cell::Cell, ptr::NonNull};
use kernel::{
    alloc::{
        allocator::{KVmalloc, Kmalloc, Vmalloc},
        flags::{
            __GFP_HIGHMEM, __GFP_NOWARN, __GFP_ZERO, GFP_ATOMIC, GFP_KERNEL, GFP_KERNEL_ACCOUNT,
            GFP_NOWAIT,
        },
        layout::ArrayLayout,
        AllocError, Allocator, Box, Flags, KBox, KVVec, KVec, NumaNode, VBox, Vec,
    },
    error::Error,
    init::InPlaceInit,
    page::{page_align, PAGE_SIZE},
};
use memory::{calls, live, without_memory};
use std::{
    panic::{catch_unwind, AssertUnwindSafe},
    rc::Rc,
};

/// A small generator of numbers, the same ones each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }
}

/// Runs a test, which must leave no memory behind.
fn leaves_nothing(test: impl FnOnce()) {
    assert_eq!(live(), 0);
    test();
    assert_eq!(live(), 0, "memory has leaked");
}

/// An element that notices being dropped twice, and panics when it is told to.
struct Element {
    id: usize,
    drops: Rc<[Cell<u8>]>,
    bomb: bool,
}

impl Element {
    fn many<A: Allocator>(n: usize, bomb: Option<usize>) -> (Vec<Element, A>, Rc<[Cell<u8>]>) {
        let drops: Rc<[Cell<u8>]> = (0..n).map(|_| Cell::new(0)).collect();
        let mut vec = Vec::new();
        for id in 0..n {
            let drops = drops.clone();
            let bomb = bomb == Some(id);
            vec.push(Element { id, drops, bomb }, GFP_KERNEL).unwrap();
        }
        (vec, drops)
    }
}

impl Drop for Element {
    fn drop(&mut self) {
        let drops = &self.drops[self.id];
        drops.set(drops.get() + 1);
        assert!(drops.get() < 2, "element {} is dropped again", self.id);
        if self.bomb {
            panic!("on purpose");
        }
    }
}

fn panics(f: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

/// Does the same to a vector and to one of `std`, and compares.
fn against_std<A: Allocator>(seed: u64) {
    let mut random = Random(seed);
    let value = Rc::new(());
    let next = Cell::new(0);
    let fresh = || {
        next.set(next.get() + 1);
        (next.get(), value.clone())
    };

    let mut vec: Vec<(u32, Rc<()>), A> = Vec::new();
    let mut model = std::vec::Vec::new();
    for _ in 0..2000 {
        let len = model.len();
        match random.below(16) {
            0..=3 => {
                let element = fresh();
                vec.push(element.clone(), GFP_KERNEL).unwrap();
                model.push(element);
            }
            4 => assert_eq!(vec.pop(), model.pop()),
            5 => {
                let i = random.below(len + 2);
                let expected = (i < len).then(|| model.remove(i));
                assert_eq!(vec.remove(i).ok(), expected);
            }
            6 => {
                let (i, element) = (random.below(len + 2), fresh());
                let fits = i <= len && len < vec.capacity();
                let result = vec.insert_within_capacity(i, element.clone());
                assert_eq!(result.is_ok(), fits);
                if fits {
                    model.insert(i, element);
                }
            }
            7 => {
                let element = fresh();
                let fits = len < vec.capacity();
                assert_eq!(vec.push_within_capacity(element.clone()).is_ok(), fits);
                if fits {
                    model.push(element);
                }
            }
            8 => {
                let divisor = random.below(5) as u32 + 1;
                vec.retain(|(n, _)| *n % divisor != 0);
                model.retain(|(n, _)| n % divisor != 0);
            }
            9 => {
                let keep = random.below(len + 5);
                vec.truncate(keep);
                model.truncate(keep);
            }
            10 => {
                let (n, element) = (random.below(2 * len + 3), fresh());
                vec.resize(n, element.clone(), GFP_KERNEL).unwrap();
                model.resize(n, element);
            }
            11 => {
                let others: std::vec::Vec<_> = (0..random.below(20)).map(|_| fresh()).collect();
                vec.extend_from_slice(&others, GFP_KERNEL).unwrap();
                model.extend_from_slice(&others);
            }
            12 => {
                let taken = random.below(len + 2);
                let mut elements = vec.drain_all();
                let first: std::vec::Vec<_> = elements.by_ref().take(taken).collect();
                assert_eq!(first, model[..taken.min(len)]);
                assert_eq!(elements.size_hint().0, len - taken.min(len));
                drop(elements);
                model.clear();
            }
            13 => {
                let skipped = random.below(len.min(4) + 1);
                let mut elements = core::mem::take(&mut vec).into_iter();
                elements.by_ref().take(skipped).for_each(drop);
                vec = elements.collect(GFP_KERNEL);
                model.drain(..skipped);
            }
            14 => {
                // Elements that there is no memory for are not there afterwards.
                let capacity = vec.capacity();
                let others: std::vec::Vec<_> = (0..len + 2).map(|_| fresh()).collect();
                without_memory(|| {
                    let fits = capacity - len >= others.len();
                    assert_eq!(vec.extend_from_slice(&others, GFP_KERNEL).is_ok(), fits);
                    if fits {
                        vec.truncate(len);
                    }
                    assert_eq!(
                        vec.push(others[0].clone(), GFP_KERNEL).is_ok(),
                        capacity > len
                    );
                    vec.truncate(len);
                });
                assert_eq!(vec.capacity(), capacity);
            }
            _ => {
                let (ptr, len, capacity) = core::mem::take(&mut vec).into_raw_parts();
                // SAFETY: The parts come from `into_raw_parts`.
                vec = unsafe { Vec::from_raw_parts(ptr, len, capacity) };
            }
        }
        assert_eq!(vec, model[..]);
        assert!(vec.capacity() >= vec.len());
        if model.len() > 300 {
            vec.clear();
            model.clear();
        }
    }
    drop((vec, model));
    assert_eq!(Rc::strong_count(&value), 1, "an element has leaked");
}

#[test]
fn vectors_do_what_those_of_std_do() {
    for seed in 1..=20 {
        leaves_nothing(|| against_std::<Kmalloc>(seed));
        leaves_nothing(|| against_std::<Vmalloc>(seed + 100));
        leaves_nothing(|| against_std::<KVmalloc>(seed + 200));
    }
}

#[test]
fn size_zero_never_calls_the_kernel() {
    let before = calls();
    let vec: KVec<u64> = Vec::new();
    drop((vec, KVec::<u64>::with_capacity(0, GFP_KERNEL).unwrap()));
    drop(
        KVVec::from_elem((), 1000, GFP_KERNEL)
            .unwrap()
            .into_iter()
            .collect(GFP_KERNEL),
    );
    drop(KVec::from(KBox::new([(); 50], GFP_KERNEL).unwrap()));
    drop(VBox::new([0u64; 0], GFP_KERNEL).unwrap());
    without_memory(|| assert!(KBox::new((), GFP_KERNEL).is_ok()));
    drop(KBox::pin_slice::<_, _, Error>(|_| Ok(5u8), 0, GFP_KERNEL).unwrap());
    assert_eq!(calls(), before);
}

#[test]
fn capacity_is_enough() {
    leaves_nothing(|| {
        let mut vec = KVec::with_capacity(100, GFP_KERNEL).unwrap();
        let before = calls();
        without_memory(|| {
            for i in 0..100 {
                vec.push(i, GFP_KERNEL).unwrap();
            }
            vec.reserve(0, GFP_KERNEL).unwrap();
            assert_eq!(vec.push(100, GFP_KERNEL), Err(AllocError));
            assert_eq!(vec.resize(101, 0, GFP_KERNEL), Err(AllocError));
        });
        assert_eq!(calls(), before + 2);
        assert!(vec.iter().copied().eq(0..100));
    });
}

#[test]
fn pushing_takes_few_reallocations() {
    leaves_nothing(|| {
        let before = calls();
        let mut vec = KVec::new();
        for i in 0..100_000u32 {
            vec.push(i, GFP_KERNEL).unwrap();
        }
        assert!(calls() - before <= 18);
    });
}

#[test]
fn collecting_works_without_memory() {
    leaves_nothing(|| {
        let mut elements = KVec::from_elem(7u8, 50, GFP_KERNEL).unwrap().into_iter();
        elements.next();
        let vec = without_memory(|| elements.collect(GFP_KERNEL));
        assert_eq!(vec, [7; 49]);
        assert!(vec.capacity() >= 50);
    });
}

#[test]
fn shrinking_without_memory_changes_nothing() {
    leaves_nothing(|| {
        let mut vec = KVVec::with_capacity(10 * PAGE_SIZE, GFP_KERNEL).unwrap();
        vec.extend_with(10, 1u8, GFP_KERNEL).unwrap();
        let address = vec.as_ptr();
        without_memory(|| assert_eq!(vec.shrink_to(20, GFP_KERNEL), Err(AllocError)));
        assert_eq!(vec.as_ptr(), address);
        assert_eq!(vec.capacity(), 10 * PAGE_SIZE);
        vec.shrink_to(20, GFP_KERNEL).unwrap();
        assert_eq!((vec.len(), vec.capacity()), (10, 20));
        assert_eq!(vec, [1; 10]);
    });
}

fn retain_panics<A: Allocator>() {
    for at in 0..8 {
        let (mut vec, drops) = Element::many::<A>(8, None);
        assert!(panics(|| vec.retain(|element| {
            assert_ne!(element.id, at);
            element.id % 2 == 0
        })));
        drop(vec);
        assert!(drops.iter().all(|drops| drops.get() == 1));
    }
}

#[test]
fn retain_survives_a_panic() {
    leaves_nothing(retain_panics::<Kmalloc>);
    leaves_nothing(retain_panics::<Vmalloc>);
}

#[test]
fn cloning_survives_a_panic() {
    struct Fragile(Rc<Cell<u32>>);

    impl Clone for Fragile {
        fn clone(&self) -> Self {
            let left = self.0.get().checked_sub(1).expect("on purpose");
            self.0.set(left);
            Fragile(self.0.clone())
        }
    }

    leaves_nothing(|| {
        let left = Rc::new(Cell::new(3));
        let mut vec: KVec<Fragile> = KVec::new();
        let value = Fragile(left.clone());
        assert!(panics(|| vec.extend_with(10, value, GFP_KERNEL).unwrap()));
        // What had been cloned is there.
        assert_eq!(vec.len(), 3);
        left.set(4);
        let others: [_; 6] = core::array::from_fn(|_| Fragile(left.clone()));
        assert!(panics(|| vec
            .extend_from_slice(&others, GFP_KERNEL)
            .unwrap()));
        assert_eq!(vec.len(), 7);
        drop((vec, others));
        assert_eq!(Rc::strong_count(&left), 1);
    });
}

#[test]
fn destructors_that_panic_run_once() {
    // The functions that drop elements; each leaves a vector that can be dropped.
    let droppers: [fn(&mut KVec<Element>); 6] = [
        |vec| vec.clear(),
        |vec| vec.truncate(1),
        |vec| drop(vec.drain_all()),
        |vec| vec.drain_all().for_each(drop),
        |vec| vec.retain(|element| element.id == 0),
        |vec| drop(core::mem::take(vec).into_iter()),
    ];
    leaves_nothing(|| {
        for (dropper, bomb) in droppers
            .iter()
            .flat_map(|d| (1..6).map(move |bomb| (d, bomb)))
        {
            let (mut vec, drops) = Element::many::<Kmalloc>(6, Some(bomb));
            assert!(panics(|| dropper(&mut vec)));
            assert_eq!(drops[bomb].get(), 1);
            drop(vec);
            assert!(drops.iter().all(|drops| drops.get() == 1));
        }
    });
}

#[test]
fn boxes_survive_a_panic() {
    leaves_nothing(|| {
        let (mut vec, drops) = Element::many::<Kmalloc>(1, Some(0));
        let boxed = KBox::new(vec.pop().unwrap(), GFP_KERNEL).unwrap();
        assert!(panics(|| drop(KBox::drop_contents(boxed))));
        assert_eq!(drops[0].get(), 1);
    });
}

#[test]
fn failed_initializers_leave_nothing() {
    leaves_nothing(|| {
        let (mut vec, drops) = Element::many::<Kmalloc>(5, None);
        let mut elements = core::mem::take(&mut vec).into_iter();
        let result = VBox::pin_slice::<_, _, Error>(
            |i| {
                elements
                    .next()
                    .filter(|_| i < 3)
                    .ok_or(Error::from(AllocError))
            },
            5,
            GFP_KERNEL,
        );
        assert!(result.is_err());
        assert!(drops[..4].iter().all(|drops| drops.get() == 1));
        drop(elements);

        let result = KBox::<u64>::try_init(Err::<u64, Error>(Error::from(AllocError)), GFP_KERNEL);
        assert!(result.is_err());
        let result = without_memory(|| KBox::<u64>::try_pin_init(Ok::<u64, Error>(1), GFP_KERNEL));
        assert!(result.is_err());

        // An initializer that panics half-way through a slice.
        let (mut vec, drops) = Element::many::<Kmalloc>(5, None);
        assert!(panics(|| {
            let init = |i| {
                assert_ne!(i, 3);
                Ok::<_, Error>(vec.pop().unwrap())
            };
            let _ = KBox::pin_slice::<_, _, Error>(init, 5, GFP_KERNEL);
        }));
        drop(vec);
        assert!(drops.iter().all(|drops| drops.get() == 1));
    });
}

#[test]
fn value_is_dropped_when_there_is_no_memory() {
    leaves_nothing(|| {
        let value = Rc::new(1);
        without_memory(|| {
            assert!(KBox::new(value.clone(), GFP_KERNEL).is_err());
            assert!(VBox::pin(value.clone(), GFP_KERNEL).is_err());
            assert!(KVec::new().push(value.clone(), GFP_KERNEL).is_err());
            assert!(kernel::kvec![value.clone(), value.clone()].is_err());
            assert!(kernel::kvec![value.clone(); 10].is_err());
        });
        assert_eq!(Rc::strong_count(&value), 1);
    });
}

fn realloc_keeps_the_old<A: Allocator>() {
    let (small, large) = (Layout::new::<[u8; 10]>(), Layout::new::<[u64; 100]>());
    let memory: NonNull<u8> = A::alloc(small, GFP_KERNEL, NumaNode::NO_NODE)
        .unwrap()
        .cast();
    // SAFETY: The allocation is 10 bytes long.
    unsafe { memory.write_bytes(7, 10) };
    let result = without_memory(|| {
        // SAFETY: This is an allocation of `A` with that layout.
        unsafe { A::realloc(Some(memory), large, small, GFP_KERNEL, NumaNode::NO_NODE) }
    });
    assert_eq!(result, Err(AllocError));
    // SAFETY: The call failed, so the allocation is as it was.
    assert_eq!(unsafe { memory.cast::<[u8; 10]>().read() }, [7; 10]);
    // SAFETY: This is an allocation of `A` with that layout. Nothing is asked for, so that it
    // cannot fail.
    let result = without_memory(|| unsafe {
        A::realloc(
            Some(memory),
            Layout::new::<()>(),
            small,
            GFP_KERNEL,
            NumaNode::NO_NODE,
        )
    });
    assert!(result.is_ok());
}

#[test]
fn failed_realloc_keeps_the_old() {
    leaves_nothing(realloc_keeps_the_old::<Kmalloc>);
    leaves_nothing(realloc_keeps_the_old::<Vmalloc>);
    leaves_nothing(realloc_keeps_the_old::<KVmalloc>);
}

/// An allocator of three functions less: the other two of the trait are made of `realloc`.
struct Least;

// SAFETY: `Kmalloc` keeps the contract of the trait.
unsafe impl Allocator for Least {
    const MIN_ALIGN: usize = Kmalloc::MIN_ALIGN;

    unsafe fn realloc(
        ptr: Option<NonNull<u8>>,
        layout: Layout,
        old_layout: Layout,
        flags: Flags,
        nid: NumaNode,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: What the caller promises is what `Kmalloc` demands.
        unsafe { Kmalloc::realloc(ptr, layout, old_layout, flags, nid) }
    }
}

#[test]
fn realloc_is_enough_of_an_allocator() {
    leaves_nothing(|| against_std::<Least>(77));
    leaves_nothing(|| {
        let boxed: Box<u32, Least> = Box::new(5, GFP_KERNEL).unwrap();
        assert_eq!(*boxed, 5);
    });
}

#[test]
fn array_layouts_are_those_of_layout() {
    fn check<T>() {
        let most = match size_of::<T>() {
            0 => usize::MAX,
            size => isize::MAX as usize / size,
        };
        for len in (0..100)
            .chain((0..100).map(|n| most - n))
            .chain((1..100).filter_map(|n| most.checked_add(n)))
            .chain((0..64).map(|bit| 1 << bit))
        {
            let expected = Layout::array::<T>(len).ok();
            let layout = ArrayLayout::<T>::new(len).ok();
            assert_eq!(layout.map(Layout::from), expected);
            if let Some(layout) = layout {
                assert_eq!(layout.len(), len);
                assert_eq!(layout.is_empty(), len == 0);
                assert_eq!(layout.size(), len * size_of::<T>());
            }
        }
        assert_eq!(Layout::from(ArrayLayout::<T>::empty()).size(), 0);
    }
    check::<()>();
    check::<u8>();
    check::<u64>();
    check::<[u16; 3]>();
    check::<Element>();
}

#[test]
fn rounding_to_pages() {
    for n in (0..3 * PAGE_SIZE).chain((0..3 * PAGE_SIZE).map(|n| usize::MAX - n)) {
        let expected = (n as u128).div_ceil(PAGE_SIZE as u128) * PAGE_SIZE as u128;
        assert_eq!(page_align(n), usize::try_from(expected).ok());
    }
}

/// Safe code cannot come by a flag of C's that has no constant, such as the one for memory that is
/// not to be zeroed after all.
#[test]
fn flags_without_a_constant_stay_clear() {
    let all = GFP_ATOMIC
        | GFP_KERNEL
        | GFP_KERNEL_ACCOUNT
        | GFP_NOWAIT
        | __GFP_HIGHMEM
        | __GFP_NOWARN
        | __GFP_ZERO;
    assert_eq!((!all).as_raw(), 0);
    for flags in [GFP_KERNEL, GFP_NOWAIT, __GFP_ZERO, all, !all] {
        assert_eq!((flags & !flags).as_raw(), 0);
        assert_eq!(flags | !flags, all);
        assert_eq!(!!flags, flags);
    }
}
