// SPDX-License-Identifier: GPL-2.0

//! Scope guards, opaque objects and types without a lifetime, on the host.

extern crate kernel_core as kernel;

use core::{cell::Cell, marker::PhantomData, mem::MaybeUninit};
use kernel::types::{ForLt, ForeignOwnable, NotThreadSafe, Opaque, ScopeGuard};
use pin_init::{stack_pin_init, stack_try_pin_init, PinInit, Wrapper, Zeroable};

#[test]
fn a_guard_runs_when_the_stack_unwinds() {
    let ran = Cell::new(0);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _guard = ScopeGuard::new(|| ran.set(ran.get() + 1));
        panic!("on purpose");
    }));
    assert!(outcome.is_err());
    assert_eq!(ran.get(), 1);
}

#[test]
fn a_guard_lends_its_data() {
    let kept = Cell::new(String::new());
    {
        let mut guard = ScopeGuard::new_with_data(String::from("a"), |text| kept.set(text));
        guard.push('b');
        assert_eq!(guard.len(), 2);
    }
    assert_eq!(kept.take(), "ab");
    let guard = ScopeGuard::new_with_data(Box::new(3), |_| unreachable!());
    assert_eq!(*guard.dismiss(), 3);
}

#[test]
fn a_guard_may_be_forgotten() {
    let shared = std::rc::Rc::new(());
    let guard = ScopeGuard::new_with_data(shared.clone(), |_| unreachable!());
    std::mem::forget(guard);
    assert_eq!(std::rc::Rc::strong_count(&shared), 2);
}

#[test]
fn opaque_objects_are_initialised_in_place() {
    stack_pin_init!(let object = Opaque::<usize>::ffi_init(|slot| {
        // SAFETY: `ffi_init` passes a pointer that is valid for writes.
        unsafe { slot.write(slot.addr()) }
    }));
    // SAFETY: The object was written above.
    assert_eq!(unsafe { object.get().read() }, object.get().addr());

    stack_try_pin_init!(let failed = Opaque::<u8>::try_ffi_init(|_| Err("no")));
    assert_eq!(failed.map(|_| ()), Err("no"));

    fn wrapped(init: impl PinInit<[u8; 3]>) -> impl PinInit<Opaque<[u8; 3]>> {
        Opaque::pin_init(init)
    }
    stack_pin_init!(let wrapped = wrapped([1, 2, 3]));
    // SAFETY: The object was initialised above.
    assert_eq!(unsafe { wrapped.get().read() }, [1, 2, 3]);

    let zeroed: Opaque<&u8> = Zeroable::zeroed();
    // SAFETY: All bytes of the object are zero, and this only looks at its address.
    let word = unsafe { zeroed.get().cast::<usize>().read() };
    assert_eq!(word, 0);
}

#[test]
fn opaque_addresses_are_those_of_the_object() {
    let object = Opaque::<u16>::uninit();
    let raw: *const Opaque<u16> = &object;
    assert_eq!(Opaque::cast_into(raw), object.get());
    assert_eq!(Opaque::cast_from(object.get()), raw);
    // SAFETY: The memory is valid for writes, through a shared reference as well.
    unsafe { object.get().write(5) };
    assert_eq!(size_of::<Opaque<u16>>(), size_of::<MaybeUninit<u16>>());
}

#[test]
fn nothing_is_foreign_ownable() {
    const ALIGN: usize = <() as ForeignOwnable>::FOREIGN_ALIGN;
    let raw = ().into_foreign();
    assert!(!raw.is_null());
    assert_eq!(ALIGN, 1);
    let _: NotThreadSafe = NotThreadSafe;
    let _: PhantomData<*mut ()> = NotThreadSafe;
}

struct View<'a>(&'a str);

/// Lends what it was given for as long as it is borrowed.
struct Shelf<'long, F: ForLt>(F::Of<'long>);

impl<F: ForLt> Shelf<'_, F> {
    fn lend<'short>(&'short self) -> &'short F::Of<'short> {
        F::cast_ref(&self.0)
    }
}

fn longest<'a>(view: &View<'a>, other: &View<'a>) -> &'a str {
    if view.0.len() > other.0.len() {
        view.0
    } else {
        other.0
    }
}

#[test]
fn lifetimes_are_shortened() {
    let shelf = Shelf::<ForLt!(View<'_>)>(View("static"));
    let local = String::from("local text");
    assert_eq!(longest(shelf.lend(), &View(&local)), "local text");
    let unit = Shelf::<ForLt!(())>(());
    assert_eq!(*unit.lend(), ());
    let fixed = Shelf::<ForLt!(View<'static>)>(View("kept"));
    let kept: &'static str = fixed.lend().0;
    assert_eq!(kept, "kept");
}
