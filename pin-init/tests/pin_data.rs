// SPDX-License-Identifier: Apache-2.0 OR MIT

//! What `#[pin_data]` makes of a struct: projections, `Unpin`, destructors, for all kinds of
//! generics.

mod common;

use std::{
    cell::Cell,
    marker::{PhantomData, PhantomPinned},
    mem::size_of,
    pin::Pin,
};

use common::{boxed, Ledger, Rooted, Tracked};
use pin_init::{assert_pinned, pin_data, pin_init, pinned_drop, stack_pin_init, PinInit};

/// Whether a type is `Unpin`, as a value: the method wins over the trait's when its bound holds.
struct Probe<T: ?Sized>(PhantomData<T>);

trait NotUnpin {
    fn is_unpin(&self) -> bool {
        false
    }
}

impl<T: ?Sized> NotUnpin for &Probe<T> {}

impl<T: ?Sized + Unpin> Probe<T> {
    fn is_unpin(&self) -> bool {
        true
    }
}

macro_rules! is_unpin {
    ($ty:ty) => {
        (&Probe::<$ty>(PhantomData)).is_unpin()
    };
}

#[pin_data]
struct Mixed<T> {
    #[pin]
    pinned: T,
    free: PhantomPinned2,
}

/// `!Unpin` by another name, for a field without `#[pin]`.
struct PhantomPinned2(PhantomPinned);

#[test]
fn unpin_depends_on_pinned_fields_only() {
    assert!(is_unpin!(Mixed<u8>));
    assert!(!is_unpin!(Mixed<PhantomPinned>));
    assert!(is_unpin!(Mixed<Box<PhantomPinned>>));

    #[pin_data]
    struct Never {
        #[pin]
        pin: PhantomPinned,
        #[cfg(any())]
        #[pin]
        absent: NoSuchType,
    }
    assert!(!is_unpin!(Never));
    #[pin_data]
    struct Always {
        pin: PhantomPinned2,
    }
    assert!(is_unpin!(Always));
    let _ = (|| Never { pin: PhantomPinned }, |pin| Always { pin });
}

#[test]
fn projections() {
    #[pin_data]
    struct Parts<'a, T: ?Sized> {
        counter: &'a Cell<u32>,
        owned: String,
        #[pin]
        rooted: Rooted,
        #[pin]
        tail: T,
    }
    let ledger = Ledger::default();
    let counter = &Cell::new(0);
    let rooted = Rooted::new(&ledger, "rooted");
    stack_pin_init!(let parts = pin_init!(Parts {
        counter,
        owned: String::from("x"),
        rooted <- rooted,
        tail: [1_u8, 2],
    }));
    {
        let PartsProjection {
            counter,
            owned,
            rooted,
            mut tail,
            ..
        } = parts.as_mut().project();
        counter.set(counter.get() + 1);
        owned.push('y');
        let rooted: Pin<&mut Rooted> = rooted;
        assert!(rooted.is_at_home());
        tail.set([3, 4]);
    }
    assert_eq!(
        (counter.get(), &*parts.owned, parts.tail),
        (1, "xy", [3, 4])
    );

    let unsized_parts: Pin<&mut Parts<'_, [u8]>> = parts.as_mut();
    assert_eq!(*unsized_parts.project().tail, [3, 4]);
}

#[test]
fn pinned_drop_runs_before_the_fields_are_dropped() {
    #[pin_data(PinnedDrop)]
    struct Owner<'a, T>
    where
        T: Clone,
    {
        ledger: &'a Ledger,
        #[pin]
        rooted: Rooted,
        tracked: Tracked,
        _value: T,
    }

    #[pinned_drop]
    impl<T> PinnedDrop for Owner<'_, T>
    where
        T: Clone,
    {
        fn drop(self: Pin<&mut Self>) {
            assert!(self.rooted.is_at_home());
            self.ledger.enter("owner");
            self.project().tracked.name = "renamed";
        }
    }

    let ledger = Ledger::default();
    let (rooted, tracked) = (Rooted::new(&ledger, "rooted"), ledger.tracked("tracked"));
    let shared = &ledger;
    let owner = boxed(pin_init!(Owner {
        ledger: shared,
        rooted <- rooted,
        tracked,
        _value: 3,
    }))
    .unwrap();
    drop(owner);
    assert_eq!(ledger.take(), ["owner", "rooted", "renamed"]);
}

#[test]
fn pinned_drop_by_its_full_path() {
    #[pin_data(PinnedDrop)]
    struct Named {
        ledger: Ledger,
    }
    #[pinned_drop]
    impl ::pin_init::PinnedDrop for Named {
        fn drop(self: Pin<&mut Self>) {
            self.ledger.enter("named");
        }
    }
    let ledger = Ledger::default();
    let inner = ledger.clone();
    drop(boxed(pin_init!(Named { ledger: inner })));
    assert_eq!(ledger.take(), ["named"]);
}

trait Shape {
    type Id: Copy;
    const SIDES: usize;
}

struct Square;

impl Shape for Square {
    type Id = u16;
    const SIDES: usize = 4;
}

#[pin_data]
struct Everything<'a, 'b, T: Shape = Square, F = fn(u8) -> u8, const N: usize = 4>
where
    T::Id: PartialEq,
    F: Fn(u8) -> u8 + 'b,
    for<'c> &'c T::Id: PartialEq,
{
    id: T::Id,
    #[pin]
    function: F,
    sides: [u8; N],
    name: &'a &'b str,
}

impl<'a, 'b, T: Shape, F, const N: usize> Everything<'a, 'b, T, F, N>
where
    T::Id: PartialEq,
    F: Fn(u8) -> u8 + 'b,
    for<'c> &'c T::Id: PartialEq,
{
    fn new(id: T::Id, function: F, name: &'a &'b str) -> impl PinInit<Self> + use<'a, 'b, T, F, N> {
        pin_init!(Self {
            id,
            sides: [function(1); N],
            function,
            name,
        })
    }
}

#[test]
fn generics_of_every_kind() {
    let name = "square";
    let add = |x: u8| x + 1;
    let everything = boxed(Everything::<'_, '_, Square, _, 2>::new(7, add, &name)).unwrap();
    assert_eq!(
        (everything.id, everything.sides, *everything.name),
        (7, [2, 2], "square")
    );
    assert_eq!((everything.function)(1), 2);
    let with_defaults: Pin<Box<Everything<'_, '_>>> =
        boxed(Everything::new(1, (|x| x) as fn(u8) -> u8, &name)).unwrap();
    assert_eq!(with_defaults.sides, [1; Square::SIDES]);
}

#[test]
fn self_in_types() {
    trait Linked {
        type Next;
        const COUNT: usize;
    }
    #[pin_data]
    struct Node<T>
    where
        Self: Sized,
    {
        next: Option<Box<Self>>,
        visit: Option<fn(&Self, &<Self as Linked>::Next) -> usize>,
        #[pin]
        value: T,
    }
    impl<T> Linked for Node<T> {
        type Next = u8;
        const COUNT: usize = 3;
    }
    #[pin_data]
    struct Fixed {
        slots: [u8; Self::COUNT],
        #[pin]
        twice: [u8; 2 * Self::COUNT],
    }
    impl Fixed {
        const COUNT: usize = 3;
    }
    let node = boxed(pin_init!(Node {
        next: None,
        visit: None,
        value: 1
    }))
    .unwrap();
    assert!(node.next.is_none() && node.visit.is_none() && node.value == 1);
    assert_eq!(<Node<u8> as Linked>::COUNT, 3);
    let fixed = boxed(pin_init!(Fixed {
        slots: [1; 3],
        twice: [2; 6]
    }))
    .unwrap();
    assert_eq!((fixed.slots, fixed.twice), ([1; 3], [2; 6]));
}

#[test]
fn structs_without_fields() {
    #[pin_data]
    struct Braces {}
    #[pin_data]
    struct Unit;

    let (_, _) = (boxed(pin_init!(Braces {})), boxed(pin_init!(Unit {})));
    stack_pin_init!(let braces = pin_init!(Braces {}));
    let BracesProjection { .. } = braces.project();
    assert_eq!(size_of::<Unit>(), 0);
}

#[test]
fn visibility_is_that_of_the_struct_and_of_each_field() {
    mod inner {
        pub(super) mod deeper {
            #[pin_init::pin_data]
            pub(in super::super) struct Layers {
                pub(in super::super) outside: u8,
                pub(super) middle: u8,
                hidden: u8,
            }

            impl Layers {
                pub(in super::super) fn new(value: u8) -> impl pin_init::PinInit<Self> {
                    pin_init::pin_init!(Self {
                        outside: value,
                        middle: value,
                        hidden: value
                    })
                }

                pub(in super::super) fn hidden(&self) -> u8 {
                    self.hidden
                }
            }
        }

        pub(super) fn middle(layers: &deeper::Layers) -> u8 {
            layers.middle
        }
    }
    stack_pin_init!(let layers = inner::deeper::Layers::new(4));
    assert_eq!((inner::middle(&layers), layers.hidden()), (4, 4));
    assert_eq!(*layers.project().outside, 4);
}

impl<T> Mixed<T> {
    fn pinned(self: Pin<&mut Self>) -> Pin<&mut T> {
        assert_pinned!(Mixed<T>, pinned, T, inline);
        // SAFETY: The field is pinned with the struct, as asserted.
        unsafe { self.map_unchecked_mut(|this| &mut this.pinned) }
    }
}

#[test]
fn asserted_to_be_pinned() {
    assert_pinned!(Mixed<u8>, pinned, u8);
    assert_pinned!(Mixed<[u8; 2]>, pinned, [u8; 2], inline);

    stack_pin_init!(let mixed = pin_init!(Mixed {
        pinned: 3,
        free: PhantomPinned2(PhantomPinned),
    }));
    assert_eq!(*mixed.as_mut().pinned(), 3);
    let _ = &mixed.free.0;
}

#[test]
fn attributes_and_derives_stay() {
    /// Documented.
    #[derive(Clone, Debug, PartialEq)]
    #[pin_data]
    #[repr(C, align(32))]
    struct Aligned {
        /// Documented, too.
        #[pin]
        first: u8,
        #[doc(hidden)]
        second: u64,
    }
    let aligned = boxed(pin_init!(Aligned {
        first: 1,
        second: 2
    }))
    .unwrap();
    assert_eq!(size_of::<Aligned>(), 32);
    assert_eq!(
        *aligned,
        Aligned {
            first: 1,
            second: 2
        }
    );
    assert_eq!(format!("{aligned:?}"), "Aligned { first: 1, second: 2 }");
}
