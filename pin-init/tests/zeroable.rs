// SPDX-License-Identifier: Apache-2.0 OR MIT

//! `Zeroable` and the two macros that derive it.

mod common;

use std::{
    cell::UnsafeCell,
    marker::{PhantomData, PhantomPinned},
    mem::MaybeUninit,
    num::{NonZero, Wrapping},
    ptr::NonNull,
};

use common::{boxed, boxed_movable};
use pin_init::{init_zeroed, zeroed, MaybeZeroable, Zeroable, ZeroableOption};

/// Whether a type is `Zeroable`, as a value: the constant of the type wins over the trait's when
/// its bound holds.
struct Probe<T>(PhantomData<T>);

trait NotZeroable {
    const IS_ZEROABLE: bool = false;
}

impl<T> NotZeroable for Probe<T> {}

impl<T: Zeroable> Probe<T> {
    const IS_ZEROABLE: bool = true;
}

macro_rules! is_zeroable {
    ($($ty:ty),* $(,)?) => { [$(Probe::<$ty>::IS_ZEROABLE),*] };
}

#[test]
fn of_the_language() {
    assert_eq!(
        is_zeroable!(
            u8,
            i128,
            usize,
            bool,
            char,
            f64,
            (),
            (u8,),
            (u8, bool, *const u8),
            *mut u8,
            *const [u8],
            *mut str,
            [u32; 9],
            Wrapping<u8>,
            PhantomData<&'static str>,
            PhantomPinned,
            MaybeUninit<&'static str>,
            UnsafeCell<u8>,
            Option<&'static u8>,
            Option<&'static mut u8>,
            Option<NonNull<u8>>,
            Option<NonZero<u8>>,
            Option<NonZero<isize>>,
            Option<fn(u8) -> u8>,
            Option<unsafe extern "C" fn(*mut u8, u32)>,
        ),
        [true; 25]
    );
    assert_eq!(
        is_zeroable!(
            &'static u8,
            NonNull<u8>,
            fn(),
            NonZero<u8>,
            Option<u8>,
            UnsafeCell<&'static u8>,
            (u8, &'static u8),
            [&'static u8; 1],
            Box<u8>,
            Option<&'static str>,
            Option<&'static dyn Send>,
            std::convert::Infallible,
        ),
        [false; 12]
    );
}

#[derive(Zeroable)]
struct Named<'a, T, const N: usize>
where
    T: Copy + 'static,
{
    values: [T; N],
    next: Option<&'a Named<'a, T, N>>,
    skipped: PhantomData<fn(T)>,
}

#[derive(Zeroable)]
struct Tuple(u8, Option<NonNull<Tuple>>);

#[derive(Zeroable)]
struct Unit;

#[derive(Clone, Copy, Zeroable)]
union Bits {
    float: f32,
    integer: u32,
}

#[test]
fn derived() {
    let named: Named<'_, u16, 3> = zeroed();
    assert_eq!(named.values, [0; 3]);
    assert!(named.next.is_none());
    let _ = named.skipped;
    let Tuple(byte, pointer) = zeroed();
    assert_eq!((byte, pointer), (0, None));
    let Unit = zeroed();
    // SAFETY: Every bit pattern is a float.
    assert_eq!(unsafe { zeroed::<Bits>().float }, 0.0);
    // SAFETY: Every bit pattern is an integer.
    assert_eq!(unsafe { zeroed::<Bits>().integer }, 0);
    assert_eq!(
        is_zeroable!(Named<'static, bool, 1>, Named<'static, &'static u8, 1>),
        [true, false]
    );
}

#[derive(MaybeZeroable)]
struct MaybeGeneric<'a, T: ?Sized, const N: usize> {
    counts: [u8; N],
    tail: Option<&'a u8>,
    marker: PhantomData<T>,
}

#[derive(MaybeZeroable)]
struct MaybeNot {
    name: &'static str,
}

#[derive(Clone, Copy, MaybeZeroable)]
union MaybeUnion {
    reference: Option<&'static u8>,
    word: usize,
}

#[derive(Clone, Copy, MaybeZeroable)]
union MaybeNotUnion {
    reference: &'static u8,
}

#[derive(MaybeZeroable)]
#[repr(C, packed)]
struct Packed {
    tag: u8,
    word: u32,
}

#[derive(MaybeZeroable)]
struct Holder<T>(T);

#[test]
fn derived_when_possible() {
    assert_eq!(
        is_zeroable!(
            MaybeGeneric<'static, u8, 3>,
            MaybeUnion,
            Packed,
            Holder<u8>,
            Holder<Packed>
        ),
        [true; 5]
    );
    assert_eq!(
        is_zeroable!(
            MaybeNot,
            MaybeNotUnion,
            Holder<MaybeNot>,
            Holder<&'static u8>
        ),
        [false; 4]
    );

    let generic: MaybeGeneric<'_, u8, 2> = zeroed();
    assert_eq!((generic.counts, generic.tail), ([0; 2], None));
    let _ = generic.marker;
    let Packed { tag, word } = zeroed();
    assert_eq!((tag, word), (0, 0));
    // SAFETY: Zero is a `usize`.
    assert_eq!(unsafe { zeroed::<MaybeUnion>().word }, 0);
    // SAFETY: Zero is `None`.
    assert!(unsafe { zeroed::<MaybeUnion>().reference }.is_none());
    // SAFETY: It was written just now.
    assert_eq!(unsafe { MaybeNotUnion { reference: &1 }.reference }, &1);
    assert_eq!((MaybeNot { name: "x" }.name, Holder(1).0), ("x", 1));
}

#[test]
fn option_of_a_pointer_of_ones_own() {
    #[repr(transparent)]
    struct Handle(NonNull<u8>);
    // SAFETY: `NonNull` is, and this is the same thing.
    unsafe impl ZeroableOption for Handle {}
    assert!(zeroed::<Option<Handle>>().is_none());
    let byte = 5;
    assert_eq!(Handle(NonNull::from(&byte)).0, NonNull::from(&byte));
}

#[test]
fn initializers() {
    let words = boxed_movable::<[u64; 64], _>(init_zeroed()).unwrap();
    assert_eq!(*words, [0; 64]);
    let words = boxed(<[u64; 64]>::init_zeroed()).unwrap();
    assert_eq!(*words, [0; 64]);
    assert_eq!(<[u8; 3] as Zeroable>::zeroed(), [0; 3]);

    const IN_A_CONSTANT: [u8; 4] = zeroed();
    assert_eq!(IN_A_CONSTANT, [0; 4]);
}
