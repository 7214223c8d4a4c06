// SPDX-License-Identifier: GPL-2.0

//! From a pointer to a structure to a pointer to a part of it: the machinery of
//! [`project!`](crate::ptr::project).
//!
//! Nothing here reads the memory, and all address arithmetic wraps. So a projection may start from
//! any raw pointer at all, even one that dangles: the result is as good, or as bad, as the pointer
//! that it was made of, and only whoever accesses memory through it has something to promise.
//!
//! Two things could spoil that, and are ruled out at compile time:
//!
//! - `(*p).field` would silently go through [`Deref`] where the pointee is a smart pointer, that
//!   is, run code on memory that nobody promised anything about. A pointee that implements
//!   [`Deref`] is refused.
//! - `.0.1` is one token to the compiler, so the second field would escape the check of the first.
//!   It is refused; `.0 .1` works.

use core::{
    mem::MaybeUninit,
    ops::{
        Bound, Deref, Range, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo,
        RangeToInclusive,
    },
    ptr,
};

use crate::{
    build_error,
    error::{code::ERANGE, Error},
};

/// The error of a projection whose index lies outside the array or slice.
///
/// Turns into `ERANGE`.
///
/// # Examples
///
/// ```
/// use kernel::ptr::{self, projection::OutOfBound};
///
/// fn element(table: *const [u32; 4], index: usize) -> Result<*const u32, OutOfBound> {
///     Ok(ptr::project!(table, [try: index]))
/// }
///
/// let table = [1, 2, 3, 4];
/// assert!(element(&table, 3).is_ok());
/// assert!(element(&table, 4).is_err());
/// assert_eq!(Error::from(OutOfBound), ERANGE);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfBound;

impl From<OutOfBound> for Error {
    #[inline]
    fn from(_: OutOfBound) -> Self {
        ERANGE
    }
}

/// An index, or a range of indices, into the array or slice `T`.
///
/// Called by the expansion of [`project!`](crate::ptr::project) wherever that is written; not to be
/// named otherwise.
///
/// # Safety
///
/// The pointer that [`get`](Self::get) returns lies within the `T` that `base` points to, for every
/// `base` with the same length, and so does all of the `Output` that it points to.
#[doc(hidden)]
pub unsafe trait ProjectIndex<T: ?Sized>: Sized {
    /// What the index selects.
    type Output: ?Sized;

    /// Returns the pointer to the selected part, or `None` if it is not part of `base`.
    fn get(self, base: *mut T) -> Option<*mut Self::Output>;

    /// Returns the pointer to the selected part.
    ///
    /// # Panics
    ///
    /// If it is not part of `base`.
    #[inline(always)]
    #[track_caller]
    fn index(self, base: *mut T) -> *mut Self::Output {
        match self.get(base) {
            Some(part) => part,
            None => panic!("projection out of bounds"),
        }
    }

    /// Returns the pointer to the selected part; the build fails if the optimiser does not find it
    /// to be part of `base`.
    #[inline(always)]
    fn build_index(self, base: *mut T) -> *mut Self::Output {
        match self.get(base) {
            Some(part) => part,
            None => build_error!("projection out of bounds"),
        }
    }
}

// SAFETY: `get` returns a pointer only to an element before the end of the slice.
unsafe impl<T> ProjectIndex<[T]> for usize {
    type Output = T;

    #[inline(always)]
    fn get(self, base: *mut [T]) -> Option<*mut T> {
        (self < base.len()).then(|| base.cast::<T>().wrapping_add(self))
    }
}

/// Resolves `range` to a start and a length within `len` elements.
#[inline(always)]
fn resolve(range: impl RangeBounds<usize>, len: usize) -> Option<(usize, usize)> {
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&before) => before.checked_add(1)?,
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&last) => last.checked_add(1)?,
        Bound::Excluded(&end) => end,
        Bound::Unbounded => len,
    };
    (end <= len).then_some((start, end.checked_sub(start)?))
}

macro_rules! impl_project_range {
    ($($range:ty)*) => {$(
        // SAFETY: `resolve` only returns a start and a length that stay within the slice.
        unsafe impl<T> ProjectIndex<[T]> for $range {
            type Output = [T];

            #[inline(always)]
            fn get(self, base: *mut [T]) -> Option<*mut [T]> {
                let (start, len) = resolve(self, base.len())?;
                Some(ptr::slice_from_raw_parts_mut(
                    base.cast::<T>().wrapping_add(start),
                    len,
                ))
            }
        }
    )*};
}

impl_project_range!(
    Range<usize>
    RangeFrom<usize>
    RangeFull
    RangeInclusive<usize>
    RangeTo<usize>
    RangeToInclusive<usize>
);

// SAFETY: An array is laid out as the slice of its elements, for which `I` keeps the promise.
unsafe impl<T, I, const N: usize> ProjectIndex<[T; N]> for I
where
    I: ProjectIndex<[T]>,
{
    type Output = I::Output;

    #[inline(always)]
    fn get(self, base: *mut [T; N]) -> Option<*mut I::Output> {
        let elements: *mut [T] = base;
        self.get(elements)
    }
}

/// Types whose fields are their own: not reached through [`Deref`].
///
/// Each type implements it with [`Own`] for `How`. A type that implements [`Deref`] does so with
/// [`ThroughDeref`] as well, so that `How` cannot be inferred for it, and a call that leaves `How`
/// open does not compile.
#[doc(hidden)]
#[diagnostic::on_unimplemented(message = "cannot project into `{Self}`")]
pub trait OwnFields<How> {}

/// See [`OwnFields`].
#[doc(hidden)]
#[derive(Debug)]
pub enum Own {}

/// See [`OwnFields`].
#[doc(hidden)]
#[derive(Debug)]
pub enum ThroughDeref {}

impl<T: ?Sized> OwnFields<Own> for T {}
impl<T: ?Sized + Deref> OwnFields<ThroughDeref> for T {}

/// Returns the pointer to the field of `base` that `select` picks.
///
/// Called by the expansion of [`project!`](crate::ptr::project) wherever that is written; not to be
/// named otherwise.
///
/// # Safety
///
/// `select` returns a pointer to a field of what its argument points to, always the same field, and
/// does nothing else. Its argument is valid for a `T`, but not initialised.
#[doc(hidden)]
#[inline(always)]
pub unsafe fn project_field<T, F, How>(
    base: *mut T,
    select: impl FnOnce(*mut T) -> *mut F,
) -> *mut F
where
    T: OwnFields<How>,
{
    // Naming a field requires a pointer to real memory, which `base` need not be. So it is named in
    // a stand-in, of which only the addresses are used: no trace of it is left after optimisation.
    let mut stand_in = MaybeUninit::<T>::uninit();
    let start = stand_in.as_mut_ptr();
    let offset = select(start).addr() - start.addr();
    base.wrapping_byte_add(offset).cast()
}

/// Makes a pointer to a part of what a raw pointer points to.
///
/// `project!(pointer, path)` takes a `*const T` (or what coerces to one) and returns a `*const` to
/// the part; `project!(mut pointer, path)` takes and returns `*mut`. The path consists of
///
/// | | |
/// | --- | --- |
/// | `.field`, `.0` | a field |
/// | `[try: index]` | an element, or `return Err(OutOfBound.into())`, as with `?` |
/// | `[panic: index]` | an element, or a panic |
/// | `[build: index]` | an element; the build fails unless the optimiser sees that it exists |
///
/// An index may also be a range, and then selects a slice.
///
/// The macro is safe to use with any pointer: it does not access the memory, and its arithmetic
/// wraps. The result may be dereferenced where `pointer` might have been.
///
/// For memory that should not become a reference: shared with a device, not initialised, or packed.
///
/// # Examples
///
/// ```
/// use core::ptr::NonNull;
/// use kernel::ptr;
///
/// #[repr(C, packed)]
/// struct Entry {
///     tag: u8,
///     address: u64,
/// }
///
/// struct Ring {
///     head: u32,
///     entries: [Entry; 16],
/// }
///
/// fn address_of_entry(ring: *mut Ring, index: usize) -> Result<*mut u64> {
///     Ok(ptr::project!(mut ring, .entries[try: index].address))
/// }
///
/// let mut ring = KBox::new(Ring { head: 3, entries: [const { Entry { tag: 0, address: 0 } }; 16] }, GFP_KERNEL)?;
/// let raw: *mut Ring = &raw mut *ring;
///
/// let address = address_of_entry(raw, 15)?;
/// // SAFETY: `address` points into `ring`, which is ours.
/// unsafe { address.write_unaligned(0xcafe) };
/// assert_eq!({ ring.entries[15].address }, 0xcafe);
/// assert_eq!(address_of_entry(raw, 16), Err(ERANGE));
///
/// let head = ptr::project!(raw, .head);
/// // SAFETY: As above.
/// assert_eq!(unsafe { head.read() }, 3);
///
/// // Any pointer will do, as nothing is accessed.
/// let nowhere = NonNull::<Ring>::dangling().as_ptr();
/// let tags = ptr::project!(nowhere, .entries[build: 4..6]);
/// assert_eq!(tags.len(), 2);
/// # let _ = ring.entries[0].tag;
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! project_pointer {
    (@step $base:ident,) => { $base };

    (@step $base:ident, .$field:ident $($path:tt)*) => {{
        // SAFETY: The closure only makes a pointer to a field of its argument. It does not pass
        // through `Deref`, because `project_field` would be ambiguous then.
        let part = unsafe {
            $crate::ptr::projection::project_field($base, |place| &raw mut (*place).$field)
        };
        $crate::project_pointer!(@step part, $($path)*)
    }};
    (@step $base:ident, .$field:tt $($path:tt)*) => {{
        // `.0.1` is a single token, and not a `usize`.
        const _: usize = $field;
        // SAFETY: As above.
        let part = unsafe {
            $crate::ptr::projection::project_field($base, |place| &raw mut (*place).$field)
        };
        $crate::project_pointer!(@step part, $($path)*)
    }};

    (@step $base:ident, [try: $index:expr] $($path:tt)*) => {{
        let part = match $crate::ptr::projection::ProjectIndex::get($index, $base) {
            ::core::option::Option::Some(part) => part,
            ::core::option::Option::None => {
                ::core::result::Result::Err($crate::ptr::projection::OutOfBound)?
            }
        };
        $crate::project_pointer!(@step part, $($path)*)
    }};
    (@step $base:ident, [panic: $index:expr] $($path:tt)*) => {{
        let part = $crate::ptr::projection::ProjectIndex::index($index, $base);
        $crate::project_pointer!(@step part, $($path)*)
    }};
    (@step $base:ident, [build: $index:expr] $($path:tt)*) => {{
        let part = $crate::ptr::projection::ProjectIndex::build_index($index, $base);
        $crate::project_pointer!(@step part, $($path)*)
    }};

    (mut $pointer:expr, $($path:tt)*) => {{
        let base: *mut _ = $pointer;
        $crate::project_pointer!(@step base, $($path)*)
    }};
    ($pointer:expr, $($path:tt)*) => {{
        let base: *const _ = $pointer;
        let base = base.cast_mut();
        let part = $crate::project_pointer!(@step base, $($path)*);
        part.cast_const()
    }};
}

#[macros::kunit_tests(rust_ptr_projection)]
mod tests {
    use super::*;
    use crate::{error::Result, ptr::project};

    #[repr(C)]
    struct Inner {
        byte: u8,
        words: [u16; 3],
    }

    #[repr(C)]
    struct Outer {
        first: u64,
        pair: (u8, u32),
        inner: [Inner; 2],
    }

    fn outer() -> Outer {
        Outer {
            first: 1,
            pair: (2, 3),
            inner: [
                Inner {
                    byte: 4,
                    words: [5, 6, 7],
                },
                Inner {
                    byte: 8,
                    words: [9, 10, 11],
                },
            ],
        }
    }

    #[test]
    fn projections_point_where_references_do() {
        let mut value = outer();
        let raw = &raw mut value;
        assert!(ptr::eq(project!(raw, .first), &value.first));
        assert!(ptr::eq(project!(raw, .pair.0), &value.pair.0));
        assert!(ptr::eq(project!(raw, .pair .1), &value.pair.1));
        assert!(ptr::eq(
            project!(raw, .inner[panic: 1].byte),
            &value.inner[1].byte
        ));
        assert!(ptr::eq(
            project!(raw, .inner[build: 0].words[build: 2]),
            &value.inner[0].words[2]
        ));
        assert!(ptr::eq(project!(mut raw, .inner), &value.inner));
        assert!(ptr::eq(project!(&value, .inner), &value.inner));
    }

    #[test]
    fn ranges_select_slices() {
        let value = [0_u8, 1, 2, 3, 4];
        let all: *const [u8] = &value;
        let part = |slice: *const [u8]| {
            // SAFETY: Every projection below stays within `value`, which outlives the call.
            unsafe { &*slice }
        };
        assert_eq!(part(project!(all, [panic: 1..3])), &[1, 2]);
        assert_eq!(part(project!(all, [panic: 1..=3])), &[1, 2, 3]);
        assert_eq!(part(project!(all, [panic: 3..])), &[3, 4]);
        assert_eq!(part(project!(all, [panic: ..2])), &[0, 1]);
        assert_eq!(part(project!(all, [panic: ..=2])), &[0, 1, 2]);
        assert_eq!(part(project!(all, [panic: ..])), &value);
        assert_eq!(part(project!(all, [panic: 5..])), &[0_u8; 0]);
        assert_eq!(part(project!(all, [panic: 2..][panic: ..2])), &[2, 3]);
    }

    fn within<I: ProjectIndex<[u32]>>(index: I, len: usize) -> bool {
        let base = ptr::slice_from_raw_parts_mut(ptr::null_mut::<u32>(), len);
        index.get(base).is_some()
    }

    #[test]
    fn bounds_hold_at_the_edges() {
        assert!(!within(0, 0));
        assert!(within(0, 1));
        assert!(!within(usize::MAX, 1));
        assert!(!within(usize::MAX, usize::MAX));
        assert!(within(usize::MAX - 1, usize::MAX));
        assert!(within(0..0, 0));
        assert!(within(4..4, 4));
        assert!(!within(4..5, 4));
        #[expect(clippy::reversed_empty_ranges, reason = "that is what is tested")]
        let reversed = 3..2;
        assert!(!within(reversed, 4));
        assert!(!within(5.., 4));
        assert!(!within(..5, 4));
        assert!(!within(0..=usize::MAX, usize::MAX));
        assert!(!within(..=usize::MAX, usize::MAX));
    }

    #[test]
    fn a_projection_needs_no_memory() {
        let start: *mut Outer = ptr::without_provenance_mut(usize::MAX - 7);
        // Past the end of the address space: wraps, and is no undefined behaviour.
        let pair = project!(start, .pair.0);
        assert_eq!(
            pair.addr(),
            start
                .addr()
                .wrapping_add(core::mem::offset_of!(Outer, pair.0))
        );
        let null = project!(mut ptr::null_mut::<Outer>(), .inner[panic: 1]);
        assert_eq!(
            null.addr(),
            core::mem::offset_of!(Outer, inner) + core::mem::size_of::<Inner>()
        );
    }

    #[test]
    fn try_returns_the_error_of_the_function_around() {
        fn pick(value: *const Outer, index: usize) -> Result<u8> {
            let byte = project!(value, .inner[try: index].byte);
            // SAFETY: The callers pass a pointer to a value that lives until they return.
            Ok(unsafe { byte.read() })
        }
        let value = outer();
        assert_eq!(pick(&value, 1), Ok(8));
        assert_eq!(pick(&value, 2), Err(ERANGE));
        assert_eq!(value.pair.1, 3);
        assert_eq!(value.first, 1);
    }
}
