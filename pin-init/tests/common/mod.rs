// SPDX-License-Identifier: Apache-2.0 OR MIT

//! What several tests use: fields that leave a trace when they are dropped, and a box to put values
//! in.

#![allow(dead_code)]

use std::{
    cell::{Cell, RefCell},
    marker::PhantomPinned,
    mem::MaybeUninit,
    pin::Pin,
    rc::Rc,
};

use pin_init::{pin_data, pin_init, pinned_drop, Init, PinInit};

/// Names of what has been dropped, in order.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Rc<RefCell<Vec<&'static str>>>);

impl Ledger {
    pub(crate) fn enter(&self, name: &'static str) {
        self.0.borrow_mut().push(name);
    }

    /// What was entered since the last call.
    pub(crate) fn take(&self) -> Vec<&'static str> {
        self.0.take()
    }

    /// A value that enters its name when it is dropped.
    pub(crate) fn tracked(&self, name: &'static str) -> Tracked {
        Tracked {
            ledger: self.clone(),
            name,
        }
    }
}

pub(crate) struct Tracked {
    ledger: Ledger,
    pub(crate) name: &'static str,
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.ledger.enter(self.name);
    }
}

/// As [`Tracked`], but pinned, and it checks that it never moved.
#[pin_data(PinnedDrop)]
pub(crate) struct Rooted {
    ledger: Ledger,
    pub(crate) name: &'static str,
    at: Cell<*const Rooted>,
    #[pin]
    pin: PhantomPinned,
}

impl Rooted {
    pub(crate) fn new(ledger: &Ledger, name: &'static str) -> impl PinInit<Self> {
        let ledger = ledger.clone();
        pin_init!(&this in Self {
            ledger,
            name,
            at: Cell::new(this.as_ptr()),
            pin: PhantomPinned,
        })
    }

    pub(crate) fn is_at_home(&self) -> bool {
        std::ptr::eq(self, self.at.get())
    }
}

#[pinned_drop]
impl PinnedDrop for Rooted {
    fn drop(self: Pin<&mut Self>) {
        assert!(self.is_at_home(), "`{}` was moved", self.name);
        self.ledger.enter(self.name);
    }
}

/// The one error of the tests.
#[derive(Debug, PartialEq)]
pub(crate) struct Refused;

impl From<std::convert::Infallible> for Refused {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// An initializer that fails.
pub(crate) fn refuse<T>() -> impl Init<T, Refused> {
    Err(Refused)
}

/// Runs a pinned initializer on the heap. Before that, the memory holds bytes that mean nothing.
pub(crate) fn boxed<T, E>(init: impl PinInit<T, E>) -> Result<Pin<Box<T>>, E> {
    let mut memory = noise();
    // SAFETY: The box is as large as a `T` and aligned, and the value stays in it.
    unsafe { init.__pinned_init(memory.as_mut_ptr()) }?;
    // SAFETY: The initializer succeeded.
    Ok(Box::into_pin(unsafe { memory.assume_init() }))
}

/// Runs an initializer on the heap. Before that, the memory holds bytes that mean nothing.
pub(crate) fn boxed_movable<T, E>(init: impl Init<T, E>) -> Result<Box<T>, E> {
    let mut memory = noise();
    // SAFETY: The box is as large as a `T` and aligned.
    unsafe { init.__init(memory.as_mut_ptr()) }?;
    // SAFETY: The initializer succeeded.
    Ok(unsafe { memory.assume_init() })
}

fn noise<T>() -> Box<MaybeUninit<T>> {
    let mut memory = Box::new(MaybeUninit::<T>::uninit());
    // SAFETY: The box is as large as a `T`.
    unsafe { memory.as_mut_ptr().write_bytes(0xa5, 1) };
    memory
}
