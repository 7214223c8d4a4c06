// SPDX-License-Identifier: GPL-2.0

//! Values as bytes, and bytes as values.
//!
//! [`AsBytes`] is for types without uninitialised bytes, so that a value can be handed out byte by
//! byte: to user space, a device, a file. [`FromBytes`] is for types that any bytes are a value of,
//! so that what came from there can be taken for one. Types that have both properties, such as
//! integers, arrays of them and well-formed structures of them, can be shared in both directions.
//!
//! Both traits have to be implemented by hand for a structure, with a reason. Where a type can
//! derive them, [`zerocopy`]'s traits of similar names leave that reason to the compiler.
//!
//! # Examples
//!
//! ```
//! use kernel::transmute::{AsBytes, FromBytes};
//!
//! /// What the device and the driver agreed upon.
//! #[repr(C)]
//! #[derive(Clone, Copy, Debug, PartialEq)]
//! struct Message {
//!     kind: u16,
//!     flags: u16,
//!     length: u32,
//! }
//!
//! // SAFETY: All fields are integers, and there is no padding between or after them.
//! unsafe impl AsBytes for Message {}
//! // SAFETY: Any value of the fields is fine, and there is no interior mutability.
//! unsafe impl FromBytes for Message {}
//!
//! let sent = Message { kind: 1, flags: 0, length: 0x11223344 };
//! let wire = sent.as_bytes();
//! assert_eq!(wire.len(), 8);
//!
//! let (received, rest) = Message::from_bytes_copy_prefix(wire).ok_or(EINVAL)?;
//! assert_eq!(received, sent);
//! assert!(rest.is_empty());
//! # Ok::<(), Error>(())
//! ```

use core::{
    marker::PhantomData,
    mem::{size_of, size_of_val},
    ptr, slice,
};

/// Types that every sequence of bytes of the right length and alignment is a value of.
///
/// # Safety
///
/// - Every bit pattern is a valid value of the type: this rules out `bool`, `char`, references and
///   most enumerations.
/// - The type has no interior mutability, as shared bytes become a shared value: this rules out
///   what contains an [`UnsafeCell`](core::cell::UnsafeCell).
/// - Nobody relies on values of the type being made by certain code only. A type with an invariant
///   of its own does not qualify.
///
/// # Examples
///
/// ```
/// use kernel::transmute::FromBytes;
///
/// let bytes = 0x1234_5678_u32.to_ne_bytes();
/// assert_eq!(u32::from_bytes_copy(&bytes), Some(0x1234_5678));
/// assert_eq!(u16::from_bytes_copy(&bytes), None);
/// ```
pub unsafe trait FromBytes {
    /// Takes `bytes` for a value.
    ///
    /// Returns `None` if their number is not the size of the type, or if they are not aligned for
    /// it.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::transmute::{AsBytes, FromBytes};
    ///
    /// let words = [7_u32, 8];
    /// let bytes = AsBytes::as_bytes(&words);
    /// assert_eq!(u32::from_bytes(&bytes[4..]), Some(&8));
    /// // Too long, and not aligned.
    /// assert_eq!(u32::from_bytes(bytes), None);
    /// assert_eq!(u32::from_bytes(&bytes[1..5]), None);
    /// ```
    fn from_bytes(bytes: &[u8]) -> Option<&Self>
    where
        Self: Sized,
    {
        let (value, rest) = Self::from_bytes_prefix(bytes)?;
        rest.is_empty().then_some(value)
    }

    /// Takes the first bytes for a value, and returns the others with it.
    ///
    /// Returns `None` if there are too few, or if they are not aligned for the type.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::transmute::FromBytes;
    ///
    /// let packet = [1, 2, 3, 4, 5];
    /// let (header, payload) = <[u8; 2]>::from_bytes_prefix(&packet).ok_or(EINVAL)?;
    /// assert_eq!(header, &[1, 2]);
    /// assert_eq!(payload, &[3, 4, 5]);
    /// # Ok::<(), Error>(())
    /// ```
    fn from_bytes_prefix(bytes: &[u8]) -> Option<(&Self, &[u8])>
    where
        Self: Sized,
    {
        let (head, rest) = bytes.split_at_checked(size_of::<Self>())?;
        let value = head.as_ptr().cast::<Self>();
        if !value.is_aligned() {
            return None;
        }
        // SAFETY: `head` has the size of `Self`, and has been found to be aligned for it. Any bytes
        // are a valid `Self`, without interior mutability: type invariant of `FromBytes`. The
        // result borrows from `bytes`.
        Some((unsafe { &*value }, rest))
    }

    /// Takes `bytes` for a value that can be changed.
    ///
    /// Returns `None` if their number is not the size of the type, or if they are not aligned for
    /// it.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::transmute::{AsBytes, FromBytes};
    ///
    /// let mut words = [7_u32, 8];
    /// if let Some(second) = u32::from_bytes_mut(&mut AsBytes::as_bytes_mut(&mut words)[4..]) {
    ///     *second = 9;
    /// }
    /// assert_eq!(words, [7, 9]);
    /// ```
    fn from_bytes_mut(bytes: &mut [u8]) -> Option<&mut Self>
    where
        Self: AsBytes + Sized,
    {
        let (value, rest) = Self::from_bytes_mut_prefix(bytes)?;
        rest.is_empty().then_some(value)
    }

    /// Takes the first bytes for a value that can be changed, and returns the others with it.
    ///
    /// Returns `None` if there are too few, or if they are not aligned for the type.
    fn from_bytes_mut_prefix(bytes: &mut [u8]) -> Option<(&mut Self, &mut [u8])>
    where
        Self: AsBytes + Sized,
    {
        let (head, rest) = bytes.split_at_mut_checked(size_of::<Self>())?;
        let value = head.as_mut_ptr().cast::<Self>();
        if !value.is_aligned() {
            return None;
        }
        // SAFETY: `head` has the size of `Self`, and has been found to be aligned for it. Any bytes
        // are a valid `Self` (`FromBytes`), and whatever is stored in it are bytes (`AsBytes`). The
        // result borrows from `bytes`, exclusively.
        Some((unsafe { &mut *value }, rest))
    }

    /// Copies a value out of `bytes`, which need not be aligned.
    ///
    /// Returns `None` if their number is not the size of the type.
    fn from_bytes_copy(bytes: &[u8]) -> Option<Self>
    where
        Self: Sized,
    {
        let (value, rest) = Self::from_bytes_copy_prefix(bytes)?;
        rest.is_empty().then_some(value)
    }

    /// Copies a value out of the first bytes, which need not be aligned, and returns the others
    /// with it.
    ///
    /// Returns `None` if there are too few.
    fn from_bytes_copy_prefix(bytes: &[u8]) -> Option<(Self, &[u8])>
    where
        Self: Sized,
    {
        let (head, rest) = bytes.split_at_checked(size_of::<Self>())?;
        // SAFETY: `head` is valid for reading `size_of::<Self>()` bytes, and any bytes are a valid
        // `Self`: type invariant of `FromBytes`.
        Some((unsafe { ptr::read_unaligned(head.as_ptr().cast()) }, rest))
    }
}

/// Types that are initialised in every byte.
///
/// # Safety
///
/// - No value of the type has an uninitialised byte: this rules out padding, unions with members
///   of different sizes, and [`MaybeUninit`](core::mem::MaybeUninit).
/// - The type has no interior mutability, as a shared value becomes shared bytes.
///
/// A value that leaves the kernel should not have pointers in it either: that is not unsound, but
/// tells where things are.
///
/// # Examples
///
/// ```
/// use kernel::transmute::AsBytes;
///
/// assert_eq!(AsBytes::as_bytes(&'k'), (0x6b_u32).to_ne_bytes());
/// assert_eq!(AsBytes::as_bytes(&[1_u16, 2]).len(), 4);
/// assert_eq!(AsBytes::as_bytes("ok"), b"ok");
/// ```
pub unsafe trait AsBytes {
    /// Returns the bytes of the value.
    fn as_bytes(&self) -> &[u8] {
        let data = ptr::from_ref(self).cast::<u8>();
        // SAFETY: The value is valid for reading as many bytes as it has. All of them are
        // initialised, and do not change while the value is borrowed: type invariants of `AsBytes`.
        unsafe { slice::from_raw_parts(data, size_of_val(self)) }
    }

    /// Returns the bytes of the value, which can be changed to any others.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::transmute::AsBytes;
    ///
    /// let mut word = 0_u32;
    /// AsBytes::as_bytes_mut(&mut word).copy_from_slice(&[0xff; 4]);
    /// assert_eq!(word, u32::MAX);
    /// ```
    fn as_bytes_mut(&mut self) -> &mut [u8]
    where
        Self: FromBytes,
    {
        let len = size_of_val(self);
        let data = ptr::from_mut(self).cast::<u8>();
        // SAFETY: The value is valid for reading and writing as many bytes as it has, and borrowed
        // exclusively. All of them are initialised (`AsBytes`), and whatever is written to them is a
        // valid value (`FromBytes`).
        unsafe { slice::from_raw_parts_mut(data, len) }
    }
}

macro_rules! impl_for_integers {
    ($($int:ty)*) => {$(
        // SAFETY: An integer has a value for every bit pattern.
        unsafe impl FromBytes for $int {}
        // SAFETY: An integer has no padding.
        unsafe impl AsBytes for $int {}
    )*};
}

impl_for_integers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

// SAFETY: `()` has no bytes.
unsafe impl FromBytes for () {}
// SAFETY: `()` has no bytes.
unsafe impl AsBytes for () {}

// SAFETY: `PhantomData` has no bytes, and anyone can make one.
unsafe impl<T> FromBytes for PhantomData<T> {}
// SAFETY: `PhantomData` has no bytes.
unsafe impl<T> AsBytes for PhantomData<T> {}

// SAFETY: An array or slice consists of its elements, which keep the promises.
unsafe impl<T: FromBytes, const N: usize> FromBytes for [T; N] {}
// SAFETY: An array or slice consists of its elements, which keep the promises, and has no padding
// between them.
unsafe impl<T: AsBytes, const N: usize> AsBytes for [T; N] {}
// SAFETY: As for arrays.
unsafe impl<T: FromBytes> FromBytes for [T] {}
// SAFETY: As for arrays.
unsafe impl<T: AsBytes> AsBytes for [T] {}

// Not every bit pattern is one of these.

// SAFETY: A `bool` is one byte, 0 or 1.
unsafe impl AsBytes for bool {}
// SAFETY: A `char` is laid out as the `u32` of its code point.
unsafe impl AsBytes for char {}
// SAFETY: A `str` is laid out as the `[u8]` of its UTF-8 encoding.
unsafe impl AsBytes for str {}

#[macros::kunit_tests(rust_transmute)]
mod tests {
    use super::*;

    #[repr(C, align(8))]
    struct Aligned([u8; 24]);

    fn counting() -> Aligned {
        Aligned(core::array::from_fn(|i| i as u8))
    }

    #[test]
    fn lengths_have_to_match() {
        let bytes = counting();
        for len in 0..=bytes.0.len() {
            let part = &bytes.0[..len];
            assert_eq!(u64::from_bytes(part).is_some(), len == 8);
            assert_eq!(u64::from_bytes_copy(part).is_some(), len == 8);
            assert_eq!(u64::from_bytes_prefix(part).is_some(), len >= 8);
            assert_eq!(u64::from_bytes_copy_prefix(part).is_some(), len >= 8);
            assert_eq!(<[u64; 3]>::from_bytes(part).is_some(), len == 24);
        }
    }

    #[test]
    fn references_are_aligned_and_copies_need_not_be() {
        let bytes = counting();
        for start in 0..=8 {
            let part = &bytes.0[start..start + 8];
            let mut expected = [0; 8];
            expected.copy_from_slice(part);
            let expected = u64::from_ne_bytes(expected);
            assert_eq!(u64::from_bytes_copy(part), Some(expected));
            assert_eq!(
                u64::from_bytes(part).copied(),
                (start % align_of::<u64>() == 0).then_some(expected)
            );
        }
    }

    #[test]
    fn prefixes_leave_the_rest() {
        let mut bytes = counting();
        let (first, rest) = u16::from_bytes_prefix(&bytes.0).unwrap_or((&0, &[]));
        assert_eq!(*first, u16::from_ne_bytes([0, 1]));
        assert_eq!(rest.len(), 22);
        assert_eq!(rest[0], 2);

        if let Some((first, rest)) = <[u32; 2]>::from_bytes_mut_prefix(&mut bytes.0) {
            first[1] = 0;
            rest[0] = 0xff;
        }
        assert_eq!(&bytes.0[2..9], &[2, 3, 0, 0, 0, 0, 0xff]);
        assert!(u64::from_bytes_mut(&mut bytes.0[..4]).is_none());
        assert!(u64::from_bytes_mut(&mut bytes.0[1..9]).is_none());
        assert!(u64::from_bytes_mut_prefix(&mut bytes.0[1..]).is_none());
    }

    #[test]
    fn no_bytes_are_a_value_of_what_has_none() {
        let bytes = counting();
        assert!(<()>::from_bytes(&[]).is_some());
        assert!(<()>::from_bytes(&bytes.0).is_none());
        assert!(<[u64; 0]>::from_bytes(&bytes.0[..0]).is_some());
        // Without bytes, but with an alignment.
        assert!(<[u64; 0]>::from_bytes(&bytes.0[1..1]).is_none());
        assert!(<[u64; 0]>::from_bytes_copy(&bytes.0[1..1]).is_some());
        assert!(PhantomData::<&'static str>::from_bytes_copy(&[]).is_some());
        assert_eq!(().as_bytes().len(), 0);
        let none: &mut [u32] = &mut [];
        assert_eq!(none.as_bytes().len(), 0);
        assert_eq!(none.as_bytes_mut().len(), 0);
    }

    #[test]
    fn values_become_their_bytes() {
        assert_eq!(
            0x0102_0304_0506_0708_u64.as_bytes(),
            &0x0102_0304_0506_0708_u64.to_ne_bytes()
        );
        assert_eq!((-2_i8).as_bytes(), &[0xfe]);
        assert_eq!([true, false].as_bytes(), &[1, 0]);
        assert_eq!(AsBytes::as_bytes("\u{e4}"), &[0xc3, 0xa4]);
        let mut pair = [1_u16, 2];
        pair[..].as_bytes_mut()[..2].copy_from_slice(&0xffee_u16.to_ne_bytes());
        assert_eq!(pair, [0xffee, 2]);
    }
}
