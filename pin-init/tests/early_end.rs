// SPDX-License-Identifier: Apache-2.0 OR MIT

//! Initializers that don't get to their end: what was initialized is dropped, and nothing else.

mod common;

use std::{
    marker::PhantomPinned,
    panic::{catch_unwind, AssertUnwindSafe},
};

use common::{boxed, boxed_movable, refuse, Ledger, Refused, Rooted, Tracked};
use pin_init::{
    init, init_array_from_fn, init_scope, pin_data, pin_init, pin_init_array_from_fn,
    pin_init_scope, stack_try_pin_init, Init, PinInit,
};

#[pin_data]
struct Crew {
    first: Tracked,
    #[pin]
    second: Rooted,
    third: Tracked,
    #[pin]
    pin: PhantomPinned,
}

/// A crew whose third member comes from `third`.
fn crew(ledger: &Ledger, third: impl Init<Tracked, Refused>) -> impl PinInit<Crew, Refused> {
    let ledger = ledger.clone();
    pin_init!(Crew {
        first: ledger.tracked("first"),
        second <- Rooted::new(&ledger, "second"),
        third <- third,
        pin: PhantomPinned,
    }? Refused)
}

/// Runs `init`, which has to panic.
fn panics<T, E>(init: impl PinInit<T, E>) {
    let outcome = catch_unwind(AssertUnwindSafe(|| boxed(init).map(drop)));
    assert!(outcome.is_err());
}

#[test]
fn success_drops_nothing_until_the_end() {
    let ledger = Ledger::default();
    let crew = boxed(crew(&ledger, Ok(ledger.tracked("third")))).unwrap();
    assert!(ledger.take().is_empty());
    assert!(crew.second.is_at_home());
    drop(crew);
    assert_eq!(ledger.take(), ["first", "second", "third"]);
}

#[test]
fn error_drops_last_first() {
    let ledger = Ledger::default();
    assert_eq!(boxed(crew(&ledger, refuse())).err(), Some(Refused));
    assert_eq!(ledger.take(), ["second", "first"]);
}

#[test]
fn question_mark_in_a_value() {
    let ledger = Ledger::default();
    let absent: Option<u32> = None;
    let ledger2 = ledger.clone();
    struct Pair {
        _one: Tracked,
        _two: u32,
    }
    let init = init!(Pair {
        _one: ledger2.tracked("one"),
        _two: absent.ok_or(Refused)?,
    }? Refused);
    assert_eq!(boxed_movable(init).err(), Some(Refused));
    assert_eq!(ledger.take(), ["one"]);
}

#[test]
fn return_from_a_block() {
    let ledger = Ledger::default();
    let ledger2 = ledger.clone();
    let init = pin_init!(Crew {
        second <- Rooted::new(&ledger2, "second"),
        first: ledger2.tracked("first"),
        _: {
            if first.name == "first" {
                return Err(Refused);
            }
        },
        third: ledger2.tracked("third"),
        pin: PhantomPinned,
    }? Refused);
    assert_eq!(boxed(init).err(), Some(Refused));
    assert_eq!(ledger.take(), ["first", "second"]);
}

fn no_third() -> Tracked {
    panic!("no third")
}

#[test]
fn panic_in_a_value() {
    let ledger = Ledger::default();
    let ledger2 = ledger.clone();
    panics(pin_init!(Crew {
        first: ledger2.tracked("first"),
        second <- Rooted::new(&ledger2, "second"),
        third: no_third(),
        pin: PhantomPinned,
    }));
    assert_eq!(ledger.take(), ["second", "first"]);
}

#[test]
fn panic_in_an_initializer() {
    let ledger = Ledger::default();
    panics(crew(
        &ledger,
        init_scope(|| -> Result<Result<Tracked, Refused>, Refused> { panic!("no third") }),
    ));
    assert_eq!(ledger.take(), ["second", "first"]);
}

#[test]
fn panic_of_a_field_that_is_dropped() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("boom");
        }
    }
    struct Trio {
        _one: Tracked,
        _two: Bomb,
        _three: u8,
    }
    let ledger = Ledger::default();
    let ledger2 = ledger.clone();
    panics(init!(Trio {
        _one: ledger2.tracked("one"),
        _two: Bomb,
        _three <- refuse(),
    }? Refused));
    assert_eq!(ledger.take(), ["one"]);
}

#[test]
fn nested_error_unwinds_both_levels() {
    #[pin_data]
    struct Fleet {
        flag: Tracked,
        #[pin]
        crew: Crew,
        after: Tracked,
    }
    let ledger = Ledger::default();
    let ledger2 = ledger.clone();
    let init = pin_init!(Fleet {
        flag: ledger2.tracked("flag"),
        crew <- crew(&ledger2, refuse()),
        after: ledger2.tracked("after"),
    }? Refused);
    assert_eq!(boxed(init).err(), Some(Refused));
    assert_eq!(ledger.take(), ["second", "first", "flag"]);
}

#[test]
fn arrays() {
    const NAMES: [&str; 4] = ["a", "b", "c", "d"];
    let ledger = Ledger::default();

    let init = init_array_from_fn(|i| {
        if i == 2 {
            Err(Refused)
        } else {
            Ok(ledger.tracked(NAMES[i]))
        }
    });
    assert_eq!(boxed::<[Tracked; 4], _>(init).err(), Some(Refused));
    assert_eq!(ledger.take(), ["a", "b"]);

    panics::<[Rooted; 4], _>(pin_init_array_from_fn(|i| {
        assert_ne!(i, 3);
        Rooted::new(&ledger, NAMES[i])
    }));
    assert_eq!(ledger.take(), ["a", "b", "c"]);

    let array = boxed::<[Rooted; 4], _>(pin_init_array_from_fn(|i| Rooted::new(&ledger, NAMES[i])));
    drop(array);
    assert_eq!(ledger.take(), NAMES);

    let none = boxed::<[Rooted; 0], _>(pin_init_array_from_fn(|i| Rooted::new(&ledger, NAMES[i])));
    drop(none);
    assert!(ledger.take().is_empty());
}

#[test]
fn scope_that_is_refused_touches_nothing() {
    let ledger = Ledger::default();
    let inner = ledger.clone();
    let init = pin_init_scope(move || {
        let _held = inner.tracked("held");
        if inner.take().is_empty() {
            return Err(Refused);
        }
        Ok(crew(&inner, refuse()))
    });
    assert_eq!(boxed(init).err(), Some(Refused));
    assert_eq!(ledger.take(), ["held"]);
}

#[test]
fn chain_that_fails_drops_the_value() {
    let ledger = Ledger::default();
    let init = crew(&ledger, Ok(ledger.tracked("third"))).pin_chain(|crew| {
        assert!(crew.second.is_at_home());
        Err(Refused)
    });
    assert_eq!(boxed(init).err(), Some(Refused));
    assert_eq!(ledger.take(), ["first", "second", "third"]);

    let value = ledger.tracked("value");
    let init = Ok(value).chain(|_| Err(Refused));
    assert_eq!(boxed_movable::<Tracked, _>(init).err(), Some(Refused));
    assert_eq!(ledger.take(), ["value"]);
}

#[test]
fn stack() {
    let ledger = Ledger::default();
    {
        stack_try_pin_init!(let crew: Crew = crew(&ledger, refuse()));
        assert_eq!(crew.err(), Some(Refused));
        assert_eq!(ledger.take(), ["second", "first"]);
    }
    assert!(ledger.take().is_empty());
    {
        stack_try_pin_init!(let crew: Crew = crew(&ledger, Ok(ledger.tracked("third"))));
        assert!(crew.unwrap().second.is_at_home());
        assert!(ledger.take().is_empty());
    }
    assert_eq!(ledger.take(), ["first", "second", "third"]);
}
