// SPDX-License-Identifier: Apache-2.0 OR MIT

//! The macros, with their documentation.

// As a glob, for the trait `Zeroable`: its derive macro gives way to the one below.
pub use pinned_init::*;

/// Says which fields of a struct are pinned when the struct is: those marked `#[pin]`.
///
/// That is what [`pin_init!`] needs to know. The macro also
///
/// - generates `fn project(self: Pin<&mut Self>)`, which returns a struct with a reference to each
///   field: `Pin<&mut T>` for one that is pinned, `&mut T` for the others,
/// - makes the struct [`Unpin`] when all of its pinned fields are,
/// - makes it an error to implement [`Drop`] for the struct. With `#[pin_data(PinnedDrop)]`, it has
///   to implement [`PinnedDrop`] through [`macro@pinned_drop`] instead.
///
/// It is for structs whose fields have names.
///
/// # Examples
///
/// ```
/// use core::{cell::Cell, marker::PhantomPinned, pin::Pin};
/// use pin_init::{pin_data, pin_init, stack_pin_init};
///
/// #[pin_data]
/// struct Queue {
///     #[pin]
///     anchor: PhantomPinned,
///     length: usize,
/// }
///
/// fn push(queue: Pin<&mut Queue>) -> usize {
///     let fields = queue.project();
///     let _: Pin<&mut PhantomPinned> = fields.anchor;
///     let length: &mut usize = fields.length;
///     *length += 1;
///     *length
/// }
///
/// stack_pin_init!(let queue = pin_init!(Queue { anchor: PhantomPinned, length: 2 }));
/// assert_eq!(push(queue.as_mut()), 3);
/// ```
///
/// A `PhantomPinned` that isn't marked `#[pin]` has no effect, which gets a warning.
pub use pin_init_internal::pin_data;

/// Implements [`PinnedDrop`], the destructor of a struct with `#[pin_data(PinnedDrop)]`.
///
/// It takes the place of [`Drop`], and is given `Pin<&mut Self>`.
///
/// # Examples
///
/// ```
/// use core::{cell::Cell, pin::Pin};
/// use pin_init::{pin_data, pin_init, pinned_drop, stack_pin_init};
///
/// #[pin_data(PinnedDrop)]
/// struct Registration<'a> {
///     registered: &'a Cell<bool>,
/// }
///
/// #[pinned_drop]
/// impl PinnedDrop for Registration<'_> {
///     fn drop(self: Pin<&mut Self>) {
///         self.registered.set(false);
///     }
/// }
///
/// let flag = Cell::new(true);
/// let registered = &flag;
/// {
///     stack_pin_init!(let registration = pin_init!(Registration { registered }));
///     assert!(registration.registered.get());
/// }
/// assert!(!flag.get());
/// ```
pub use pin_init_internal::pinned_drop;

/// Makes an initializer for a struct, from one for each field: an [`impl PinInit<T, E>`](PinInit).
///
/// It looks like a struct literal, with these differences:
///
/// - `field <- initializer` runs an initializer in the place of the field. Fields that are pinned
///   take a [`PinInit`], others an [`Init`]. `field: value` moves a value there, and `field` alone
///   is `field: field`, as ever.
/// - `_: { statements }` runs code between two fields.
/// - Fields are initialized in the order in which they are written, and those before are in scope
///   by their names: as `Pin<&mut T>` when pinned, as `&mut T` otherwise.
/// - `&this in` in front of the struct's name makes `this` a `NonNull` pointer to the whole.
/// - `..Zeroable::init_zeroed()` at the end fills the memory with zeroes before the first field is
///   initialized, and allows for leaving out fields. The struct must be [`Zeroable`].
/// - `? Error` behind the closing brace is the type of error of the initializer, to which `?`
///   inside of the braces converts. Without it the initializer can't fail: the type is
///   [`Infallible`](core::convert::Infallible).
/// - `#[default_error(Error)]` in front of everything is the error when there is no `? Error`. It
///   is for macros that expand to this one.
/// - `#[cfg(…)]` and other attributes may be put on a field, or on a block of statements.
///
/// All of the braces run later, when the initializer does, so that what they use is moved in.
///
/// The struct needs [`#[pin_data]`](macro@pin_data), and its fields must be visible. To give others
/// an initializer, write a function that returns it.
///
/// # Examples
///
/// ```
/// use core::{marker::PhantomPinned, num::TryFromIntError, pin::Pin};
/// use pin_init::{pin_data, pin_init, stack_try_pin_init, PinInit, Zeroable};
///
/// #[pin_data]
/// struct Ring {
///     size: u16,
///     #[pin]
///     slots: Slots,
///     first: *const u8,
/// }
///
/// #[pin_data]
/// #[derive(Zeroable)]
/// struct Slots {
///     bytes: [u8; 16],
///     used: usize,
///     #[pin]
///     pin: PhantomPinned,
/// }
///
/// impl Ring {
///     fn new(size: usize) -> impl PinInit<Self, TryFromIntError> {
///         pin_init!(Self {
///             size: size.try_into()?,
///             slots <- pin_init!(Slots { bytes: [1; 16], ..Zeroable::init_zeroed() }),
///             first: {
///                 let slots: &Pin<&mut Slots> = &slots;
///                 slots.bytes.as_ptr()
///             },
///             _: {
///                 assert_eq!(slots.used, 0);
///             },
///         }? TryFromIntError)
///     }
/// }
///
/// stack_try_pin_init!(let ring: Ring = Ring::new(16));
/// let ring = ring?;
/// assert_eq!(ring.size, 16);
/// assert_eq!(ring.first, ring.slots.bytes.as_ptr());
///
/// stack_try_pin_init!(let ring: Ring = Ring::new(1 << 16));
/// assert!(ring.is_err());
/// # Ok::<(), TryFromIntError>(())
/// ```
pub use pin_init_internal::pin_init;

/// Makes an initializer for a struct that may move afterwards: an [`impl Init<T, E>`](Init).
///
/// The syntax is that of [`pin_init!`]. The struct needs no `#[pin_data]`; `field <- initializer`
/// takes an [`Init`] throughout.
///
/// # Examples
///
/// ```
/// use pin_init::{init, init_zeroed, stack_pin_init, Init};
///
/// struct Table {
///     version: u32,
///     entries: [u64; 512],
/// }
///
/// fn empty() -> impl Init<Table> {
///     init!(Table {
///         version: 3,
///         entries <- init_zeroed(),
///     })
/// }
///
/// stack_pin_init!(let table = empty());
/// assert_eq!((table.version, table.entries[511]), (3, 0));
/// ```
pub use pin_init_internal::init;

/// Implements [`Zeroable`](trait@Zeroable) for a struct or a union, all of whose fields must be.
///
/// Type parameters are bound to be `Zeroable` as well.
///
/// # Examples
///
/// ```
/// use pin_init::{zeroed, Zeroable};
///
/// #[derive(Zeroable)]
/// struct Stats {
///     packets: u64,
///     errors: [u32; 4],
///     last: Option<&'static u8>,
/// }
///
/// static EMPTY: Stats = zeroed();
/// assert_eq!((EMPTY.packets, EMPTY.errors), (0, [0; 4]));
/// assert!(EMPTY.last.is_none());
/// ```
pub use pin_init_internal::Zeroable;

/// Implements [`Zeroable`](trait@Zeroable) for a struct or a union if all of its fields are, and
/// nothing otherwise.
///
/// For generated code, which can't look into the types of its fields.
///
/// # Examples
///
/// ```
/// use pin_init::{zeroed, MaybeZeroable};
///
/// #[derive(MaybeZeroable)]
/// struct Flags {
///     bits: u32,
/// }
///
/// #[derive(MaybeZeroable)]
/// struct Callback {
///     // No reference is null, so this struct is not `Zeroable`.
///     name: &'static str,
/// }
///
/// assert_eq!(zeroed::<Flags>().bits, 0);
/// ```
pub use pin_init_internal::MaybeZeroable;

/// Fails to compile unless the field of the struct is marked `#[pin]` and has the given type.
///
/// For code that projects to a pinned field by hand. A fourth argument, `inline`, makes it work
/// where the types mention generic parameters of the function around it; only a function body can
/// have it.
///
/// # Examples
///
/// ```
/// use core::pin::Pin;
/// use pin_init::{assert_pinned, pin_data};
///
/// #[pin_data]
/// struct Wrapper<T> {
///     #[pin]
///     inner: T,
///     count: usize,
/// }
///
/// assert_pinned!(Wrapper<u8>, inner, u8);
///
/// impl<T> Wrapper<T> {
///     fn inner(self: Pin<&mut Self>) -> Pin<&mut T> {
///         assert_pinned!(Wrapper<T>, inner, T, inline);
///         // SAFETY: The field is pinned with the struct, as asserted.
///         unsafe { self.map_unchecked_mut(|this| &mut this.inner) }
///     }
/// }
///
/// let mut wrapper = Wrapper { inner: 7, count: 1 };
/// assert_eq!(*Pin::new(&mut wrapper).inner(), 7);
/// ```
///
/// ```compile_fail
/// # use pin_init::{assert_pinned, pin_data};
/// # #[pin_data]
/// # struct Wrapper<T> {
/// #     #[pin]
/// #     inner: T,
/// #     count: usize,
/// # }
/// assert_pinned!(Wrapper<u8>, count, usize);
/// ```
#[macro_export]
macro_rules! assert_pinned {
    ($ty:ty, $field:ident, $field_ty:ty, inline) => {
        let _ = |slot: *mut $ty| {
            // SAFETY: Never executed.
            let data = unsafe { <$ty as $crate::__internal::HasPinData>::__pin_data() };
            // SAFETY: Never executed.
            let slot = unsafe { data.$field(slot) };
            $crate::__internal::must_be_pinned::<$field_ty>(slot)
        };
    };
    ($ty:ty, $field:ident, $field_ty:ty) => {
        const _: () = {
            $crate::assert_pinned!($ty, $field, $field_ty, inline);
        };
    };
}
