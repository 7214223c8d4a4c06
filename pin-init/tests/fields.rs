// SPDX-License-Identifier: Apache-2.0 OR MIT

//! What may stand between the braces of `pin_init!` and `init!`.

mod common;

use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    marker::PhantomPinned,
    pin::Pin,
    ptr,
};

use common::{boxed, boxed_movable, Ledger, Refused, Rooted};
use pin_init::{init, init_zeroed, pin_data, pin_init, Init, PinInit, Wrapper, Zeroable};

#[pin_data]
struct Plain {
    a: u8,
    b: String,
    c: [u32; 3],
}

#[test]
fn values_shorthand_and_no_trailing_comma() {
    let b = String::from("b");
    let plain = boxed(pin_init!(Plain {
        a: 1 + 1,
        b,
        c: [3; 3]
    }))
    .unwrap();
    assert_eq!((plain.a, &*plain.b, plain.c), (2, "b", [3; 3]));
}

#[test]
fn order_is_that_of_the_text() {
    let order = RefCell::new(Vec::new());
    let note = |name: &'static str| order.borrow_mut().push(name);
    boxed(pin_init!(Plain {
        _: { note("start") },
        c: { note("c"); [0; 3] },
        a: { note("a"); 0 },
        _: { note("between") },
        b: { note("b"); String::new() },
        _: { note("end") },
    }))
    .unwrap();
    assert_eq!(*order.borrow(), ["start", "c", "a", "between", "b", "end"]);
}

#[test]
fn earlier_fields_are_in_scope() {
    #[pin_data]
    struct Sum {
        left: u32,
        right: u32,
        #[pin]
        pinned: Option<u32>,
        sum: u32,
    }
    let sum = boxed(pin_init!(Sum {
        left: 3,
        right: {
            *left += 1;
            *left * 2
        },
        pinned: Some(*right),
        sum: *left + *right + pinned.unwrap_or(100),
        _: {
            let mut pinned: Pin<&mut Option<u32>> = pinned;
            pinned.set(None);
        },
    }))
    .unwrap();
    assert_eq!((sum.left, sum.right, sum.pinned, sum.sum), (4, 8, None, 20));
}

#[test]
fn this_points_to_the_slot() {
    #[pin_data]
    struct Cursor {
        buffer: [u8; 8],
        next: *const u8,
        #[pin]
        pin: PhantomPinned,
    }
    let cursor = boxed(pin_init!(&this in Cursor {
        buffer: [7; 8],
        // SAFETY: The pointer stays within the struct.
        next: unsafe { &raw const (*this.as_ptr()).buffer[2] },
        pin: PhantomPinned,
    }))
    .unwrap();
    assert_eq!(cursor.next, &raw const cursor.buffer[2]);
}

#[test]
fn initializers_nest() {
    #[pin_data]
    struct Outer {
        #[pin]
        inner: Inner,
        plain: Movable,
    }
    #[pin_data]
    struct Inner {
        #[pin]
        rooted: Rooted,
    }
    struct Movable {
        list: Vec<u8>,
        table: [u16; 4],
    }
    let ledger = Ledger::default();
    let outer = boxed(pin_init!(Outer {
        inner <- pin_init!(Inner { rooted <- Rooted::new(&ledger, "rooted") }),
        plain <- init!(Movable { list: vec![1, 2], table <- init_zeroed() }),
    }))
    .unwrap();
    assert!(outer.inner.rooted.is_at_home());
    assert_eq!(
        (&outer.plain.list[..], outer.plain.table),
        (&[1, 2][..], [0; 4])
    );
}

#[test]
fn values_are_initializers_too() {
    let plain = boxed(pin_init!(Plain {
        a <- 5,
        b <- Ok::<_, Refused>(String::from("b")),
        c <- [1, 2, 3],
    }? Refused))
    .unwrap();
    assert_eq!((plain.a, &*plain.b, plain.c), (5, "b", [1, 2, 3]));
}

#[test]
fn error_of_a_field_is_converted() {
    #[derive(Debug)]
    struct Wide(String);
    impl From<std::num::ParseIntError> for Wide {
        fn from(error: std::num::ParseIntError) -> Self {
            Self(error.to_string())
        }
    }
    impl From<Infallible> for Wide {
        fn from(never: Infallible) -> Self {
            match never {}
        }
    }
    fn parse(text: &str) -> impl PinInit<Plain, Wide> + '_ {
        pin_init!(Plain {
            a <- text.parse::<u8>(),
            c <- [0; 3],
            b: text.parse::<u64>()?.to_string(),
        }? Wide)
    }
    assert_eq!(boxed(parse("12")).unwrap().b, "12");
    assert_eq!(
        boxed(parse("x")).err().unwrap().0,
        "invalid digit found in string"
    );
}

#[test]
fn default_error() {
    fn of(a: Option<u8>) -> impl Init<Plain, Refused> {
        init!(
            #[default_error(Refused)]
            Plain {
                a: a.ok_or(Refused)?,
                b: String::new(),
                c: [0; 3],
            }
        )
    }
    assert!(boxed_movable(of(Some(1))).is_ok());
    assert!(boxed_movable(of(None)).is_err());

    let explicit = init!(#[default_error(Infallible)] Plain {
        a: 1,
        b: String::new(),
        c: Err(Refused)?,
    }? Refused);
    assert!(boxed_movable(explicit).is_err());
}

#[test]
fn the_rest_may_be_zero() {
    #[pin_data]
    #[derive(Zeroable)]
    struct Record {
        id: u32,
        words: [u64; 4],
        next: Option<&'static u8>,
        #[pin]
        pin: PhantomPinned,
    }
    let record = boxed(pin_init!(Record {
        words: [9; 4],
        ..Zeroable::init_zeroed()
    }))
    .unwrap();
    assert_eq!((record.id, record.words, record.next), (0, [9; 4], None));

    let record = boxed(pin_init!(Record {
        ..Zeroable::init_zeroed()
    }))
    .unwrap();
    assert_eq!((record.id, record.words), (0, [0; 4]));

    // The zeroes come before everything else.
    let record = boxed(init!(&this in Record {
        // SAFETY: The field was zeroed, and nobody else refers to it.
        id: unsafe { (*this.as_ptr()).id } + 1,
        next: Some(&3),
        ..Zeroable::init_zeroed()
    }))
    .unwrap();
    assert_eq!((record.id, record.next), (1, Some(&3)));
}

#[test]
fn cfg_on_fields_and_blocks() {
    #[pin_data]
    struct Configured {
        #[cfg(not(any()))]
        here: u8,
        #[cfg(any())]
        not_here: NoSuchType,
        #[pin]
        #[cfg(any())]
        pinned_elsewhere: NoSuchType,
        #[cfg(not(any()))]
        #[pin]
        pinned: PhantomPinned,
    }
    let ran = Cell::new(0);
    let counter = &ran;
    let configured = boxed(pin_init!(Configured {
        #[cfg(not(any()))]
        here: 1,
        #[cfg(any())]
        here: 2,
        #[cfg(any())]
        not_here: no_such_value,
        #[cfg(any())]
        _: { no_such_function() },
        #[cfg(any())]
        pinned_elsewhere <- no_such_value,
        #[allow(clippy::unnecessary_literal_unwrap)]
        _: { counter.set(Some(1).unwrap()) },
        pinned: PhantomPinned,
    }))
    .unwrap();
    assert_eq!(configured.here, 1);
    assert_eq!(ran.get(), 1);
}

#[test]
fn names_can_not_clash() {
    // What the macro itself needs goes by names that the caller's code can't reach.
    #[pin_data]
    #[allow(non_snake_case)]
    struct Odd {
        slot: u8,
        data: u8,
        init: u8,
        this: u8,
        clone: u8,
        make_closure: u8,
        slot_guard: u8,
        r#type: u8,
        bScreaming: u8,
    }
    let (data, init) = (1, 2);
    let odd = boxed(pin_init!(Odd {
        slot: data + init,
        data,
        init: *data + *slot,
        this: 5,
        clone: *this,
        make_closure: 6,
        slot_guard: 7,
        r#type: 8,
        bScreaming: *r#type,
    }))
    .unwrap();
    assert_eq!((odd.slot, odd.data, odd.init, odd.r#type), (3, 1, 4, 8));
    assert_eq!((odd.this, odd.clone, odd.bScreaming), (5, 5, 8));
    assert_eq!((odd.make_closure, odd.slot_guard), (6, 7));
}

#[test]
fn paths_generics_and_aliases() {
    mod elsewhere {
        #[pin_init::pin_data]
        pub(crate) struct Pair<A, const N: usize> {
            pub(super) a: A,
            pub(super) n: [u8; N],
        }
    }
    type Bytes = elsewhere::Pair<u8, 2>;

    let pair = boxed(pin_init!(elsewhere::Pair { a: "x", n: [1; 3] })).unwrap();
    assert_eq!((pair.a, pair.n), ("x", [1; 3]));
    let pair = boxed(pin_init!(elsewhere::Pair::<u16, 1> { a: 1, n: [1] })).unwrap();
    assert_eq!(pair.a, 1_u16);
    let pair = boxed(pin_init!(Bytes { a: 1, n: [1, 2] })).unwrap();
    assert_eq!(pair.n, [1, 2]);
    let pair = boxed_movable(init!(elsewhere::Pair::<_, 0> { a: (), n: [] })).unwrap();
    assert_eq!(pair.n, [0; 0]);
}

#[test]
fn values_coerce() {
    #[pin_data]
    struct Coerced<'a> {
        callback: fn(u8) -> u8,
        object: Box<dyn Fn() -> u8>,
        slice: &'a [u8],
        pointer: *const u8,
    }
    fn twice(x: u8) -> u8 {
        x * 2
    }
    let byte = 1_u8;
    let coerced = boxed(pin_init!(Coerced {
        callback: twice,
        object: Box::new(|| 3),
        slice: &[1, 2],
        pointer: &raw const byte,
    }))
    .unwrap();
    assert_eq!(((coerced.callback)(4), (coerced.object)()), (8, 3));
    assert_eq!(coerced.slice, [1, 2]);
    assert!(
        !ptr::eq(coerced.pointer, &byte),
        "the initializer moves what it uses"
    );
}

#[test]
fn unions_take_one_field() {
    #[derive(Zeroable)]
    #[repr(C)]
    union Word {
        whole: u32,
        halves: [u16; 2],
    }
    let word = boxed_movable(init!(Word { halves: [1, 1] })).unwrap();
    // SAFETY: Every bit pattern is a `u32`.
    assert_eq!(unsafe { word.whole }, 0x0001_0001);
}

#[test]
fn wrappers_pass_an_initializer_on() {
    #[pin_data]
    struct Wrapped {
        #[pin]
        cell: std::cell::UnsafeCell<Rooted>,
    }
    let ledger = Ledger::default();
    let rooted = Rooted::new(&ledger, "rooted");
    let wrapped = boxed(pin_init!(Wrapped {
        cell <- std::cell::UnsafeCell::pin_init(rooted),
    }))
    .unwrap();
    // SAFETY: Nobody else refers to the value.
    assert!(unsafe { &*wrapped.cell.get() }.is_at_home());
    drop(wrapped);
    assert_eq!(ledger.take(), ["rooted"]);
}
