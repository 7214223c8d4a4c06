// SPDX-License-Identifier: GPL-2.0

//! Pointers: alignments, sizes of what is pointed to, and projections.
//!
//! - [`Alignment`] is a power of two, by type; [`Alignable`] rounds addresses and sizes with it.
//! - [`KnownSize`] tells the size of a pointee from the raw pointer alone.
//! - [`project!`] goes from a pointer to a structure to a pointer to a part of it, without `unsafe`.

use core::{
    mem::{align_of, size_of},
    num::NonZero,
};

pub mod projection;

#[doc(inline)]
pub use crate::project_pointer as project;

/// A power of two, as the alignment of an address or a size, in bytes.
///
/// The kernel-side twin of the unstable `core::ptr::Alignment`.
///
/// # Invariants
///
/// The number is a power of two.
///
/// # Examples
///
/// ```
/// use kernel::ptr::Alignment;
///
/// const PAGE: Alignment = Alignment::new::<4096>();
///
/// assert_eq!(PAGE.as_usize(), 4096);
/// assert_eq!(PAGE.log2(), 12);
/// assert_eq!(0x12345 & PAGE.mask(), 0x12000);
/// assert_eq!(Alignment::of::<u64>(), Alignment::new::<{ align_of::<u64>() }>());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(transparent)]
pub struct Alignment(NonZero<usize>);

impl Alignment {
    /// Names the alignment `ALIGN`, a power of two; another number does not compile.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::ptr::Alignment;
    ///
    /// assert_eq!(Alignment::new::<64>().as_usize(), 64);
    /// ```
    #[inline(always)]
    pub const fn new<const ALIGN: usize>() -> Self {
        const {
            match Self::new_checked(ALIGN) {
                Some(alignment) => alignment,
                None => panic!("an alignment has to be a power of two"),
            }
        }
    }

    /// Makes an alignment of `align`, or `None` if that is not a power of two.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::ptr::Alignment;
    ///
    /// assert_eq!(Alignment::new_checked(8), Some(Alignment::new::<8>()));
    /// assert_eq!(Alignment::new_checked(0), None);
    /// assert_eq!(Alignment::new_checked(12), None);
    /// ```
    #[inline(always)]
    pub const fn new_checked(align: usize) -> Option<Self> {
        match NonZero::new(align) {
            // INVARIANT: `align` is a power of two: checked here.
            Some(value) if value.is_power_of_two() => Some(Self(value)),
            _ => None,
        }
    }

    /// Returns the alignment of the type `T`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::ptr::Alignment;
    ///
    /// #[repr(align(128))]
    /// struct CacheLines([u8; 128]);
    ///
    /// assert_eq!(Alignment::of::<CacheLines>().as_usize(), 128);
    /// # let _ = CacheLines([0; 128]).0;
    /// ```
    #[inline(always)]
    pub const fn of<T>() -> Self {
        // INVARIANT: The alignment of a Rust type is a power of two.
        Self(const { NonZero::new(align_of::<T>()).unwrap() })
    }

    /// Returns the number of bytes.
    #[inline(always)]
    pub const fn as_usize(self) -> usize {
        self.0.get()
    }

    /// Returns the number of bytes, as a type that knows it is not zero.
    #[inline(always)]
    pub const fn as_nonzero(self) -> NonZero<usize> {
        self.0
    }

    /// Returns the base 2 logarithm of the number of bytes: how many low bits are clear in an
    /// aligned number.
    #[inline(always)]
    pub const fn log2(self) -> u32 {
        self.0.trailing_zeros()
    }

    /// Returns the mask that rounds an address down when `and`ed with it: the low
    /// [`log2`](Self::log2) bits are clear, the others are set.
    #[inline(always)]
    pub const fn mask(self) -> usize {
        // A power of two is at least 1, so there is no underflow.
        !(self.as_usize() - 1)
    }
}

/// Unsigned integers that can be rounded to an [`Alignment`].
///
/// # Examples
///
/// ```
/// use kernel::ptr::{Alignable, Alignment};
///
/// const SECTOR: Alignment = Alignment::new::<512>();
///
/// assert_eq!(1000_u64.align_up(SECTOR), Some(1024));
/// assert_eq!(1000_u64.align_down(SECTOR), 512);
/// // What does not fit is an error, not a wrapped number.
/// assert_eq!(65_500_u16.align_up(SECTOR), None);
/// ```
pub trait Alignable: Sized {
    /// Rounds down to a multiple of `alignment`.
    fn align_down(self, alignment: Alignment) -> Self;

    /// Rounds up to a multiple of `alignment`, or returns `None` if the result does not fit the
    /// type.
    fn align_up(self, alignment: Alignment) -> Option<Self>;
}

macro_rules! impl_alignable {
    ($($int:ty)*) => {$(
        impl Alignable for $int {
            #[inline(always)]
            fn align_down(self, alignment: Alignment) -> Self {
                match <$int>::try_from(alignment.as_usize()) {
                    Ok(align) => self & !(align - 1),
                    // 0 is the only multiple of so large a power of two that the type can hold.
                    Err(_) => 0,
                }
            }

            #[inline(always)]
            fn align_up(self, alignment: Alignment) -> Option<Self> {
                match <$int>::try_from(alignment.as_usize()) {
                    Ok(align) => Some(self.checked_add(align - 1)? & !(align - 1)),
                    Err(_) => (self == 0).then_some(0),
                }
            }
        }
    )*};
}

impl_alignable!(u8 u16 u32 u64 usize);

/// Rounds `value` up to a multiple of `alignment`, or returns `None` if that overflows.
///
/// For constants; other code says [`Alignable::align_up`].
///
/// # Examples
///
/// ```
/// use kernel::ptr::{const_align_up, Alignment};
///
/// const HEADER: usize = match const_align_up(20, Alignment::new::<16>()) {
///     Some(size) => size,
///     None => panic!("the header is too large"),
/// };
/// assert_eq!(HEADER, 32);
/// assert_eq!(const_align_up(usize::MAX, Alignment::new::<2>()), None);
/// ```
#[inline(always)]
pub const fn const_align_up(value: usize, alignment: Alignment) -> Option<usize> {
    let low = alignment.as_usize() - 1;
    match value.checked_add(low) {
        Some(sum) => Some(sum & !low),
        None => None,
    }
}

/// Types whose size a raw pointer tells, without looking at the memory.
///
/// These are the sized types, and slices.
///
/// # Examples
///
/// ```
/// use core::ptr;
/// use kernel::ptr::KnownSize;
///
/// assert_eq!(KnownSize::size(ptr::null::<u64>()), 8);
///
/// let words: *const [u16] = ptr::slice_from_raw_parts(ptr::null(), 5);
/// assert_eq!(KnownSize::size(words), 10);
/// ```
pub trait KnownSize {
    /// Returns the number of bytes of the value that `p` points to.
    ///
    /// The pointer may be dangling. The result for a slice that could not exist, because it would
    /// exceed the address space, is [`usize::MAX`].
    fn size(p: *const Self) -> usize;
}

impl<T> KnownSize for T {
    #[inline(always)]
    fn size(_: *const T) -> usize {
        size_of::<T>()
    }
}

impl<T> KnownSize for [T] {
    #[inline(always)]
    fn size(p: *const Self) -> usize {
        // Anyone can make a raw slice of any length: the product must not wrap to a small number.
        p.len().saturating_mul(size_of::<T>())
    }
}

#[macros::kunit_tests(rust_ptr)]
mod tests {
    use super::*;
    use core::ptr;

    const ONE: Alignment = Alignment::new::<1>();
    const TOP: Alignment = Alignment::new::<{ 1 << (usize::BITS - 1) }>();

    #[test]
    fn every_power_of_two_and_nothing_else_is_an_alignment() {
        for bit in 0..usize::BITS {
            let align = Alignment::new_checked(1 << bit);
            assert!(align.is_some_and(|align| align.log2() == bit));
            assert!(align.is_some_and(|align| align.as_usize() == 1 << bit));
            assert!(align.is_some_and(|align| align.as_nonzero().get() == 1 << bit));
            assert!(align.is_some_and(|align| align.mask().wrapping_neg() == 1 << bit));
        }
        assert!(Alignment::new_checked(0).is_none());
        assert!(Alignment::new_checked(3).is_none());
        assert!(Alignment::new_checked(usize::MAX).is_none());
    }

    #[test]
    fn alignments_are_ordered_by_size() {
        assert!(ONE < TOP);
        assert_eq!(Alignment::of::<()>(), ONE);
        assert_eq!(Alignment::of::<[u32; 0]>(), Alignment::of::<u32>());
    }

    #[test]
    fn rounding_agrees_with_division() {
        for shift in 0..8 {
            let align = 1_u8 << shift;
            let alignment = Alignment::new_checked(usize::from(align));
            assert!(alignment.is_some());
            let alignment = alignment.unwrap_or(ONE);
            for value in 0..=u8::MAX {
                assert_eq!(value.align_down(alignment), value / align * align);
                let up = value.div_ceil(align).checked_mul(align);
                assert_eq!(value.align_up(alignment), up);
            }
        }
    }

    #[test]
    fn an_alignment_beyond_the_type_only_leaves_zero() {
        let alignment = Alignment::new::<0x1_0000>();
        assert_eq!(0_u8.align_up(alignment), Some(0));
        assert_eq!(1_u8.align_up(alignment), None);
        assert_eq!(u8::MAX.align_down(alignment), 0);
        assert_eq!(0_u16.align_up(alignment), Some(0));
        assert_eq!(u16::MAX.align_up(alignment), None);
        assert_eq!(u16::MAX.align_down(alignment), 0);
        assert_eq!(0x1_0001_u32.align_up(alignment), Some(0x2_0000));
    }

    #[test]
    fn rounding_up_stops_at_the_end_of_the_type() {
        assert_eq!(u64::MAX.align_up(ONE), Some(u64::MAX));
        assert_eq!(u64::MAX.align_up(Alignment::new::<2>()), None);
        assert_eq!(
            (u64::MAX - 1).align_up(Alignment::new::<2>()),
            Some(u64::MAX - 1)
        );
        assert_eq!(usize::MAX.align_up(TOP), None);
        assert_eq!((TOP.as_usize() + 1).align_down(TOP), TOP.as_usize());
        assert_eq!(const_align_up(usize::MAX, ONE), Some(usize::MAX));
        assert_eq!(const_align_up(1, TOP), Some(TOP.as_usize()));
        assert_eq!(const_align_up(TOP.as_usize() + 1, TOP), None);
    }

    #[test]
    fn sizes_come_from_the_pointer_alone() {
        assert_eq!(KnownSize::size(ptr::null::<()>()), 0);
        assert_eq!(KnownSize::size(ptr::null::<[u8; 3]>()), 3);
        let none: *const [u64] = ptr::slice_from_raw_parts(ptr::null(), 0);
        assert_eq!(KnownSize::size(none), 0);
        let units: *const [()] = ptr::slice_from_raw_parts(ptr::null(), usize::MAX);
        assert_eq!(KnownSize::size(units), 0);
        let impossible: *const [u64] = ptr::slice_from_raw_parts(ptr::null(), usize::MAX);
        assert_eq!(KnownSize::size(impossible), usize::MAX);
    }
}
