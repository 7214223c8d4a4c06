// SPDX-License-Identifier: Apache-2.0 OR MIT

//! Running initializers in all kinds of memory, and casting and chaining them.

mod common;

use std::{convert::Infallible, mem::MaybeUninit, pin::Pin};

use common::{boxed, boxed_movable, refuse, Ledger, Refused, Rooted};
use pin_init::{
    cast_init, cast_pin_init, init, init_from_closure, init_zeroed, pin_init_from_closure,
    stack_pin_init, stack_try_pin_init, uninit, InPlaceWrite, Init, PinInit, Wrapper,
};

/// Memory that lives for the rest of the test run.
fn memory<T>() -> &'static mut MaybeUninit<T> {
    Box::leak(Box::new(MaybeUninit::uninit()))
}

#[test]
fn static_memory() {
    let value: &'static mut u32 = memory().write_init(5).unwrap();
    assert_eq!(*value, 5);
    assert_eq!(memory::<u32>().write_init(refuse()).err(), Some(Refused));

    let ledger = Ledger::default();
    let rooted: Pin<&'static mut Rooted> = memory()
        .write_pin_init(Rooted::new(&ledger, "rooted"))
        .unwrap();
    assert!(rooted.is_at_home());
    assert_eq!(
        memory::<u32>().write_pin_init(refuse()).err(),
        Some(Refused)
    );
    assert!(ledger.take().is_empty());
}

#[test]
fn a_smart_pointer_of_ones_own() {
    struct Raw<T>(Box<MaybeUninit<T>>);

    impl<T> InPlaceWrite<T> for Raw<T> {
        type Initialized = Box<T>;

        fn write_init<E>(mut self, init: impl Init<T, E>) -> Result<Box<T>, E> {
            // SAFETY: The box is as large as a `T` and aligned.
            unsafe { init.__init(self.0.as_mut_ptr()) }?;
            // SAFETY: The initializer succeeded.
            Ok(unsafe { self.0.assume_init() })
        }

        fn write_pin_init<E>(mut self, init: impl PinInit<T, E>) -> Result<Pin<Box<T>>, E> {
            // SAFETY: The box is as large as a `T` and aligned, and the value stays in it.
            unsafe { init.__pinned_init(self.0.as_mut_ptr()) }?;
            // SAFETY: The initializer succeeded.
            Ok(Box::into_pin(unsafe { self.0.assume_init() }))
        }
    }

    let ledger = Ledger::default();
    let raw = || Raw(Box::new(MaybeUninit::uninit()));
    let rooted = raw()
        .write_pin_init(Rooted::new(&ledger, "rooted"))
        .unwrap();
    assert!(rooted.is_at_home());
    drop(rooted);
    assert_eq!(ledger.take(), ["rooted"]);
    assert_eq!(
        *Raw(Box::new(MaybeUninit::uninit())).write_init(3).unwrap(),
        3
    );
}

#[test]
fn stack() -> Result<(), Refused> {
    let ledger = Ledger::default();
    {
        stack_pin_init!(let mut_by_default = Rooted::new(&ledger, "one"));
        let rooted: Pin<&mut Rooted> = mut_by_default.as_mut();
        assert!(rooted.is_at_home());
        stack_try_pin_init!(let two: u32 =? Ok::<_, Refused>(2));
        assert_eq!(*two, 2);
        stack_try_pin_init!(let three: u32 = refuse());
        assert!(three.is_err());
    }
    assert_eq!(ledger.take(), ["one"]);
    Ok(())
}

#[test]
fn chains() {
    let doubled = init_zeroed::<[u8; 4]>()
        .chain(|bytes| {
            bytes[0] = 1;
            Ok(())
        })
        .chain(|bytes: &mut [u8; 4]| {
            bytes[1] = bytes[0] * 2;
            Ok(())
        });
    let doubled: Box<[u8; 4]> = boxed_movable(doubled).unwrap();
    assert_eq!(*doubled, [1, 2, 0, 0]);

    let ledger = Ledger::default();
    let rooted = Rooted::new(&ledger, "rooted").pin_chain(|rooted| {
        assert!(rooted.is_at_home());
        Ok(())
    });
    let rooted: Pin<Box<Rooted>> = boxed(rooted).unwrap();
    assert!(rooted.is_at_home());
}

#[test]
fn closures_and_casts() {
    #[repr(transparent)]
    struct Meters(u32);

    let write_seven = |slot: *mut u32| {
        // SAFETY: The slot may be written to.
        unsafe { slot.write(7) };
        Ok::<(), Refused>(())
    };
    // SAFETY: The closure writes the whole value.
    let init = unsafe { init_from_closure(write_seven) };
    // SAFETY: `Meters` is nothing but a `u32`.
    let init = unsafe { cast_init::<u32, Meters, _>(init) };
    assert_eq!(boxed_movable(init).unwrap().0, 7);

    // SAFETY: The closure leaves nothing behind when it fails.
    let init = unsafe { pin_init_from_closure(|_: *mut u32| Err(Refused)) };
    // SAFETY: `Meters` is nothing but a `u32`.
    let init = unsafe { cast_pin_init::<u32, Meters, _>(init) };
    assert!(boxed(init).is_err());
}

#[test]
fn no_value_at_all() {
    struct Buffer {
        length: usize,
        bytes: MaybeUninit<[u8; 16]>,
    }
    let buffer = boxed_movable(init!(Buffer {
        length: 0,
        bytes <- uninit::<_, Infallible>(),
    }))
    .unwrap();
    assert_eq!(buffer.length, 0);
    let _ = buffer.bytes;

    let wrapped = boxed(MaybeUninit::pin_init(5_u8)).unwrap();
    // SAFETY: It was initialized.
    assert_eq!(unsafe { wrapped.assume_init() }, 5);
}
