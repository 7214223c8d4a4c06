// SPDX-License-Identifier: Apache-2.0 OR MIT

//! Initializers that are made only when they run.

use crate::{init_from_closure, pin_init_from_closure, Init, PinInit};

/// An initializer that calls `make_init` when it runs, and then runs what that returned.
///
/// For work that has to come before the first field and may fail, or whose results several fields
/// share.
///
/// # Errors
///
/// The initializer fails with the error of `make_init`, or with that of the initializer it made.
///
/// # Examples
///
/// ```
/// use core::num::ParseIntError;
/// use pin_init::{pin_data, pin_init, pin_init_scope, stack_try_pin_init, PinInit};
///
/// #[pin_data]
/// struct Span {
///     start: u32,
///     length: u32,
/// }
///
/// fn parse<'a>(text: &'a str) -> impl PinInit<Span, ParseIntError> + 'a {
///     pin_init_scope(move || {
///         let (start, end) = text.split_once('-').unwrap_or((text, text));
///         let (start, end) = (start.parse::<u32>()?, end.parse::<u32>()?);
///         let length = end - start + 1;
///         Ok(pin_init!(Span { start, length }? ParseIntError))
///     })
/// }
///
/// stack_try_pin_init!(let span: Span = parse("10-19"));
/// assert_eq!(span.unwrap().length, 10);
/// stack_try_pin_init!(let span: Span = parse("ten"));
/// assert!(span.is_err());
/// ```
pub fn pin_init_scope<T, E, F, I>(make_init: F) -> impl PinInit<T, E>
where
    F: FnOnce() -> Result<I, E>,
    I: PinInit<T, E>,
{
    let init = move |slot: *mut T| {
        let init = make_init()?;
        // SAFETY: The slot is passed on as it came; nothing has touched it.
        unsafe { init.__pinned_init(slot) }
    };
    // SAFETY: Without an initializer the slot stays untouched and the result is an error; otherwise
    // the initializer answers for both.
    unsafe { pin_init_from_closure(init) }
}

/// An initializer that calls `make_init` when it runs, and then runs what that returned.
///
/// The counterpart of [`pin_init_scope`] for values that may move.
///
/// # Errors
///
/// The initializer fails with the error of `make_init`, or with that of the initializer it made.
///
/// # Examples
///
/// ```
/// use pin_init::{init, init_scope, stack_try_pin_init, Init};
///
/// struct Halves(u32);
///
/// struct Pair {
///     low: u16,
///     high: u16,
/// }
///
/// fn split(halves: Option<Halves>) -> impl Init<Pair, &'static str> {
///     init_scope(|| {
///         let Halves(both) = halves.ok_or("nothing to split")?;
///         let (low, high) = (both as u16, (both >> 16) as u16);
///         Ok(init!(Pair { low, high }? &'static str))
///     })
/// }
///
/// stack_try_pin_init!(let pair: Pair = split(Some(Halves(0x0002_0001))));
/// let pair = pair.unwrap();
/// assert_eq!((pair.low, pair.high), (1, 2));
/// ```
pub fn init_scope<T, E, F, I>(make_init: F) -> impl Init<T, E>
where
    F: FnOnce() -> Result<I, E>,
    I: Init<T, E>,
{
    let init = move |slot: *mut T| {
        let init = make_init()?;
        // SAFETY: The slot is passed on as it came; nothing has touched it.
        unsafe { init.__init(slot) }
    };
    // SAFETY: Without an initializer the slot stays untouched and the result is an error; otherwise
    // the initializer answers for both.
    unsafe { init_from_closure(init) }
}
