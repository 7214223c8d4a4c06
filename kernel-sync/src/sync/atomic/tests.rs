// SPDX-License-Identifier: GPL-2.0

//! Tests of `Atomic`, in step with plain variables.

#[crate::macros::kunit_tests(rust_atomics)]
mod cases {
    use crate::{
        fmt,
        prelude::*,
        str::CString,
        sync::atomic::{
            atomic_load, atomic_store, cmpxchg,
            internal::{AtomicArithmeticOps, AtomicBasicOps, AtomicExchangeOps},
            ordering::{AcquireOrRelaxed, Ordering, ReleaseOrRelaxed},
            xchg, Acquire, Atomic, AtomicAdd, AtomicType, Full, Relaxed, Release,
        },
    };

    /// An integer, and how a plain variable of its type would compute.
    trait Model: AtomicAdd + PartialEq + fmt::Debug + 'static {
        /// The ends of the range, their neighbours, and patterns that show mixed-up bytes.
        const SAMPLES: &'static [Self];

        fn plus(self, other: Self) -> Self;
        fn minus(self, other: Self) -> Self;
        /// A number made of random bits.
        fn of_bits(bits: u64) -> Self;
    }

    macro_rules! impl_model {
        ($($type:ty)*) => {$(
            impl Model for $type {
                const SAMPLES: &'static [Self] = &[
                    0,
                    1,
                    2,
                    <$type>::MAX,
                    <$type>::MAX - 1,
                    <$type>::MIN,
                    <$type>::MIN + 1,
                    (0x0123_4567_89ab_cdef_u64 & <$type>::MAX as u64) as $type,
                    !0x0f,
                ];

                fn plus(self, other: Self) -> Self {
                    self.wrapping_add(other)
                }

                fn minus(self, other: Self) -> Self {
                    self.wrapping_sub(other)
                }

                fn of_bits(bits: u64) -> Self {
                    bits as $type
                }
            }
        )*};
    }

    impl_model! { i32 u32 i64 u64 isize usize }

    const BYTES: [i8; 6] = [0, 1, -1, i8::MAX, i8::MIN, 0x35];
    const HALVES: [i16; 6] = [0, 1, -1, i16::MAX, i16::MIN, 0x1234];

    /// What a load in `$load` order sees of a store in `$store` order, for all four pairs.
    fn accesses<T>(samples: &[T])
    where
        T: AtomicType + PartialEq + fmt::Debug,
        T::Repr: AtomicBasicOps,
    {
        fn pair<T, S: ReleaseOrRelaxed, L: AcquireOrRelaxed>(
            samples: &[T],
            store: impl Fn() -> S,
            load: impl Fn() -> L,
        ) where
            T: AtomicType + PartialEq + fmt::Debug,
            T::Repr: AtomicBasicOps,
        {
            for &first in samples {
                let x = Atomic::new(first);
                assert!(x.load(load()) == first);
                for &second in samples {
                    x.store(second, store());
                    assert!(x.load(load()) == second, "stored {second:?}");
                }
            }
        }

        pair(samples, || Relaxed, || Relaxed);
        pair(samples, || Relaxed, || Acquire);
        pair(samples, || Release, || Relaxed);
        pair(samples, || Release, || Acquire);
    }

    /// Exchanges of every sample with every other.
    fn swaps<T, O: Ordering>(samples: &[T], order: impl Fn() -> O)
    where
        T: AtomicType + PartialEq + fmt::Debug,
        T::Repr: AtomicBasicOps + AtomicExchangeOps,
    {
        for &old in samples {
            for &new in samples {
                let x = Atomic::new(old);
                assert!(x.xchg(new, order()) == old, "{old:?} to {new:?}");
                assert!(x.load(Relaxed) == new, "{old:?} to {new:?}");
            }
        }
    }

    /// Compare-and-exchange for every triple of what is there, what is expected and what is new.
    fn compared_swaps<T, O: Ordering>(samples: &[T], order: impl Fn() -> O)
    where
        T: AtomicType + PartialEq + fmt::Debug,
        T::Repr: AtomicBasicOps + AtomicExchangeOps,
    {
        for &there in samples {
            for &expected in samples {
                for &new in samples {
                    let x = Atomic::new(there);
                    let result = x.cmpxchg(expected, new, order());
                    if there == expected {
                        assert!(result == Ok(there), "{there:?} to {new:?}: {result:?}");
                        assert!(x.load(Relaxed) == new, "{there:?} to {new:?}");
                    } else {
                        assert!(
                            result == Err(there),
                            "{there:?}, not {expected:?}: {result:?}"
                        );
                        assert!(x.load(Relaxed) == there, "{there:?}, not {expected:?}");
                    }
                }
            }
        }
    }

    fn exchanges<T>(samples: &[T])
    where
        T: AtomicType + PartialEq + fmt::Debug,
        T::Repr: AtomicBasicOps + AtomicExchangeOps,
    {
        swaps(samples, || Full);
        swaps(samples, || Acquire);
        swaps(samples, || Release);
        swaps(samples, || Relaxed);

        compared_swaps(samples, || Full);
        compared_swaps(samples, || Acquire);
        compared_swaps(samples, || Release);
        compared_swaps(samples, || Relaxed);
    }

    /// Sums of every two samples, most of which wrap around.
    fn sums<T: Model>()
    where
        T::Repr: AtomicBasicOps + AtomicArithmeticOps,
    {
        fn in_order<T: Model, O: Ordering>(a: T, b: T, order: impl Fn() -> O)
        where
            T::Repr: AtomicBasicOps + AtomicArithmeticOps,
        {
            let x = Atomic::new(a);
            assert!(x.fetch_add(b, order()) == a, "{a:?} + {b:?}");
            assert!(x.load(Relaxed) == a.plus(b), "{a:?} + {b:?}");

            let x = Atomic::new(a);
            assert!(x.fetch_sub(b, order()) == a, "{a:?} - {b:?}");
            assert!(x.load(Relaxed) == a.minus(b), "{a:?} - {b:?}");
        }

        for &a in T::SAMPLES {
            for &b in T::SAMPLES {
                in_order(a, b, || Full);
                in_order(a, b, || Acquire);
                in_order(a, b, || Release);
                in_order(a, b, || Relaxed);

                let x = Atomic::new(a);
                x.add(b, Relaxed);
                assert!(x.load(Relaxed) == a.plus(b), "{a:?} + {b:?}");
            }
        }
    }

    /// A long walk of random operations, in step with a plain variable.
    fn random_walk<T: Model>()
    where
        T::Repr: AtomicBasicOps + AtomicExchangeOps + AtomicArithmeticOps,
    {
        // Knuth's 64-bit generator, of which the upper half is good.
        let mut seed = 1u64;
        let mut random = || {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            seed >> 32
        };
        let mut model = T::of_bits(0);
        let x = Atomic::new(model);

        for step in 0..2000 {
            let bits = (random() << 32) | random();
            let operand = match random() % 4 {
                0 => model,
                1 => T::SAMPLES[bits as usize % T::SAMPLES.len()],
                _ => T::of_bits(bits),
            };
            let new = T::of_bits(!bits);
            let (seen, then) = match random() % 6 {
                0 => (x.xchg(operand, Full), operand),
                1 => (x.fetch_add(operand, Full), model.plus(operand)),
                2 => (x.fetch_sub(operand, Full), model.minus(operand)),
                3 => match x.cmpxchg(operand, new, Full) {
                    Ok(seen) => (seen, new),
                    Err(seen) => {
                        assert!(model != operand, "step {step}: {model:?} was expected");
                        (seen, model)
                    }
                },
                4 => {
                    x.add(operand, Relaxed);
                    (model, model.plus(operand))
                }
                _ => {
                    x.store(operand, Release);
                    (model, operand)
                }
            };
            assert!(seen == model, "step {step}: {seen:?}, not {model:?}");
            model = then;
        }
        assert!(x.load(Acquire) == model);
    }
    #[test]
    fn i8_accesses() {
        accesses(&BYTES);
    }

    #[test]
    fn i16_accesses() {
        accesses(&HALVES);
    }

    #[test]
    fn i32_accesses() {
        accesses(i32::SAMPLES);
    }

    #[test]
    fn u32_accesses() {
        accesses(u32::SAMPLES);
    }

    #[test]
    fn i64_accesses() {
        accesses(i64::SAMPLES);
    }

    #[test]
    fn u64_accesses() {
        accesses(u64::SAMPLES);
    }

    #[test]
    fn isize_accesses() {
        accesses(isize::SAMPLES);
    }

    #[test]
    fn usize_accesses() {
        accesses(usize::SAMPLES);
    }

    #[test]
    fn bool_accesses() {
        accesses(&[false, true]);
    }

    #[test]
    fn pointer_accesses() {
        let (mut a, mut b) = (1u16, 2u16);
        accesses(&[core::ptr::null(), &raw const a, &raw const b]);
        accesses(&[core::ptr::null_mut(), &raw mut a, &raw mut b]);
    }

    #[test]
    fn i8_exchanges() {
        exchanges(&BYTES);
    }

    #[test]
    fn i16_exchanges() {
        exchanges(&HALVES);
    }

    #[test]
    fn i32_exchanges() {
        exchanges(i32::SAMPLES);
    }

    #[test]
    fn u32_exchanges() {
        exchanges(u32::SAMPLES);
    }

    #[test]
    fn i64_exchanges() {
        exchanges(i64::SAMPLES);
    }

    #[test]
    fn u64_exchanges() {
        exchanges(u64::SAMPLES);
    }

    #[test]
    fn isize_exchanges() {
        exchanges(isize::SAMPLES);
    }

    #[test]
    fn usize_exchanges() {
        exchanges(usize::SAMPLES);
    }

    #[test]
    fn bool_exchanges() {
        exchanges(&[false, true]);
    }

    #[test]
    fn pointer_exchanges() {
        let (mut a, mut b) = (1u16, 2u16);
        exchanges(&[core::ptr::null(), &raw const a, &raw const b]);
        exchanges(&[core::ptr::null_mut(), &raw mut a, &raw mut b]);
    }

    #[test]
    fn i32_sums() {
        sums::<i32>();
    }

    #[test]
    fn u32_sums() {
        sums::<u32>();
    }

    #[test]
    fn i64_sums() {
        sums::<i64>();
    }

    #[test]
    fn u64_sums() {
        sums::<u64>();
    }

    #[test]
    fn isize_sums() {
        sums::<isize>();
    }

    #[test]
    fn usize_sums() {
        sums::<usize>();
    }

    #[test]
    fn i32_random_walk() {
        random_walk::<i32>();
    }

    #[test]
    fn u32_random_walk() {
        random_walk::<u32>();
    }

    #[test]
    fn i64_random_walk() {
        random_walk::<i64>();
    }

    #[test]
    fn u64_random_walk() {
        random_walk::<u64>();
    }

    #[test]
    fn isize_random_walk() {
        random_walk::<isize>();
    }

    #[test]
    fn usize_random_walk() {
        random_walk::<usize>();
    }

    #[test]
    fn wrap_around_at_either_end() {
        let x = Atomic::<i32>::new(i32::MAX);
        x.add(1, Relaxed);
        assert_eq!(x.load(Relaxed), i32::MIN);
        assert_eq!(x.fetch_sub(1, Full), i32::MIN);
        assert_eq!(x.load(Relaxed), i32::MAX);

        let x = Atomic::<u64>::new(0);
        assert_eq!(x.fetch_sub(1, Full), 0);
        assert_eq!(x.fetch_add(1, Full), u64::MAX);
        assert_eq!(x.load(Relaxed), 0);

        // The difference of two unsigned numbers as a number to add.
        let x = Atomic::<usize>::new(10);
        x.add(usize::MAX - 2, Relaxed);
        assert_eq!(x.load(Relaxed), 7);
    }

    /// Atomic operations on one element leave its neighbours alone.
    fn alone_among<T>(zero: T, ones: T)
    where
        T: AtomicType + PartialEq,
        T::Repr: AtomicBasicOps + AtomicExchangeOps,
    {
        let cells = [const { None::<()> }; 5].map(|_| Atomic::new(zero));

        for (i, cell) in cells.iter().enumerate() {
            let others_are_zero = || {
                let mut others = cells.iter().enumerate().filter(|&(j, _)| j != i);
                others.all(|(_, other)| other.load(Relaxed) == zero)
            };

            cell.store(ones, Release);
            assert!(others_are_zero());
            assert!(cell.xchg(zero, Full) == ones);
            assert!(others_are_zero());
            assert!(matches!(cell.cmpxchg(zero, ones, Full), Ok(old) if old == zero));
            assert!(others_are_zero());
            assert!(matches!(cell.cmpxchg(zero, ones, Full), Err(now) if now == ones));
            cell.store(zero, Relaxed);
            assert!(others_are_zero());
        }
    }

    #[test]
    fn neighbours_are_left_alone() {
        alone_among(0i8, -1);
        alone_among(0i16, -1);
        alone_among(0i32, -1);
        alone_among(0i64, -1);
        alone_among(false, true);
    }

    #[test]
    fn layout_is_that_of_the_value() {
        assert_eq!(size_of::<Atomic<bool>>(), 1);
        assert_eq!(size_of::<Atomic<i16>>(), 2);
        assert_eq!(size_of::<Atomic<u32>>(), 4);
        assert_eq!(size_of::<Atomic<u64>>(), 8);
        assert_eq!(align_of::<Atomic<u64>>(), 8);
        assert_eq!(size_of::<Atomic<*mut u8>>(), size_of::<*mut u8>());
        assert_eq!(size_of::<Atomic<isize>>(), size_of::<crate::ffi::c_long>());
        // A `bool` has forbidden values, but an atomic one might change behind a reference: the
        // compiler may not use them for the `None` here.
        assert_eq!(size_of::<Option<Atomic<bool>>>(), 2);
    }

    #[test]
    fn the_address_is_that_of_the_value() {
        let mut plain = 5u32;
        let ptr = &raw mut plain;

        // SAFETY: `plain` outlives this, and is not accessed in another way meanwhile.
        let x = unsafe { Atomic::from_ptr(ptr) };
        assert!(core::ptr::eq(x.as_ptr(), ptr));
        assert_eq!(x.fetch_add(1, Full), 5);
        assert_eq!(plain, 6);
    }

    #[test]
    fn single_accesses_by_pointer() {
        let mut plain = -7i64;
        let ptr = &raw mut plain;

        // SAFETY: `plain` is a local variable that nothing else uses.
        assert_eq!(unsafe { atomic_load(ptr, Acquire) }, -7);
        // SAFETY: As above.
        unsafe { atomic_store(ptr, 1 << 40, Release) };
        // SAFETY: As above.
        assert_eq!(unsafe { xchg(ptr, 3, Full) }, 1 << 40);
        // SAFETY: As above.
        assert_eq!(unsafe { cmpxchg(ptr, 4, 5, Relaxed) }, Err(3));
        // SAFETY: As above.
        assert_eq!(unsafe { cmpxchg(ptr, 3, 5, Acquire) }, Ok(3));
        assert_eq!(plain, 5);
    }

    #[test]
    fn plain_access_with_a_mutable_reference() {
        let mut x = Atomic::<i16>::new(1);
        *x.get_mut() -= 2;
        assert_eq!(x.load(Relaxed), -1);
        x.store(9, Relaxed);
        assert_eq!(*x.get_mut(), 9);
    }

    #[test]
    fn shows_its_value() -> Result {
        let text = CString::try_from_fmt(fmt!("{:?}", Atomic::<i64>::new(-3)))?;
        assert_eq!(text.to_bytes(), b"-3");
        let text = CString::try_from_fmt(fmt!("{:?}", [Atomic::new(true), Atomic::new(false)]))?;
        assert_eq!(text.to_bytes(), b"[true, false]");
        Ok(())
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(i16)]
    enum Colour {
        Red = -1,
        Green = 7,
        Blue = 0x1234,
    }

    // SAFETY: `repr(i16)`: the size and alignment of an `i16`, each of its values one of those, and
    // nothing but a number.
    unsafe impl AtomicType for Colour {
        type Repr = i16;
    }

    #[test]
    fn enumerations() {
        let colours = [Colour::Red, Colour::Green, Colour::Blue];
        accesses(&colours);
        exchanges(&colours);
    }

    /// Counts in steps of eight; the lowest three bits are a tag.
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(transparent)]
    struct Tagged(u32);

    // SAFETY: A transparent wrapper of `u32`, whose `Repr` is `i32` as well.
    unsafe impl AtomicType for Tagged {
        type Repr = i32;
    }

    // SAFETY: Any bytes are a `Tagged`.
    unsafe impl AtomicAdd<u16> for Tagged {
        fn rhs_into_delta(rhs: u16) -> i32 {
            i32::from(rhs) << 3
        }
    }

    #[test]
    fn sums_with_another_type() {
        let x = Atomic::new(Tagged(0b101));
        x.add(2u16, Relaxed);
        assert_eq!(x.fetch_add(1, Full), Tagged(0b10_101));
        assert_eq!(x.fetch_sub(3, Full), Tagged(0b11_101));
        assert_eq!(x.load(Relaxed), Tagged(0b101));
    }

    static SHARED: Atomic<usize> = Atomic::new(0);

    #[test]
    fn statics() {
        let before = SHARED.fetch_add(1, Relaxed);
        assert_eq!(SHARED.load(Relaxed), before + 1);
    }
}
