// SPDX-License-Identifier: GPL-2.0

//! Bitmaps that are owned.

use super::{words_for, Bitmap, WORD_BITS};
use crate::{
    alloc::{AllocError, Flags, KVec},
    bindings,
};
use core::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
};

/// A bitmap of its own: in place while a word is enough, allocated when it is longer.
///
/// The length is fixed at construction; [`Bitmap::copy_and_extend`] moves the bits to a longer one.
///
/// C counterpart: `bitmap_zalloc()`, `bitmap_free()`.
///
/// # Examples
///
/// ```
/// use kernel::bitmap::BitmapVec;
///
/// let mut ports = BitmapVec::new(1024, GFP_KERNEL)?;
/// assert_eq!(ports.len(), 1024);
/// ports.set_bit(22);
/// ports.set_bit(1023);
/// assert_eq!(ports.next_bit(23), Some(1023));
/// ports.clear_bit(1023);
/// assert_eq!(ports.last_bit(), Some(22));
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// `words` has as many words as `len` bits take, or one when `len` is 0; `len` is at most
/// [`Self::MAX_LEN`].
pub struct BitmapVec {
    words: Words,
    len: usize,
}

/// The words of a [`BitmapVec`].
enum Words {
    Inline(UnsafeCell<usize>),
    Allocated(KVec<usize>),
}

// SAFETY: `&BitmapVec` gives a `&Bitmap`, which is `Sync`, and otherwise only the length.
unsafe impl Sync for BitmapVec {}

impl BitmapVec {
    /// The most bits that take no allocation: as many as a word has.
    pub const MAX_INLINE_LEN: usize = WORD_BITS;

    /// The most bits that there can be: their numbers fit C's `int`.
    pub const MAX_LEN: usize = i32::MAX as usize;

    /// Makes a bitmap of `nbits` bits, all clear.
    ///
    /// # Errors
    ///
    /// If there is no memory, or if `nbits` exceeds [`Self::MAX_LEN`].
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::bitmap::BitmapVec;
    ///
    /// assert_eq!(BitmapVec::new(0, GFP_KERNEL)?.len(), 0);
    /// assert!(BitmapVec::new(BitmapVec::MAX_LEN + 1, GFP_KERNEL).is_err());
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(nbits: usize, flags: Flags) -> Result<Self, AllocError> {
        if nbits > Self::MAX_LEN {
            return Err(AllocError);
        }
        let words = if nbits <= Self::MAX_INLINE_LEN {
            Words::Inline(UnsafeCell::new(0))
        } else {
            Words::Allocated(KVec::from_elem(0, words_for(nbits), flags)?)
        };
        // INVARIANT: As many words as were asked for, and no more bits than there may be.
        Ok(Self { words, len: nbits })
    }

    /// Makes a bitmap of [`Self::MAX_INLINE_LEN`] bits, all clear, without an allocation.
    pub fn new_inline() -> Self {
        // INVARIANT: One word is what as many bits take.
        Self {
            words: Words::Inline(UnsafeCell::new(0)),
            len: Self::MAX_INLINE_LEN,
        }
    }

    /// Returns how many bits there are.
    #[expect(
        clippy::len_without_is_empty,
        reason = "`is_empty` would be taken for a question about the values of the bits"
    )]
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Gives each bit a random value.
    ///
    /// C counterpart: `get_random_bytes()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::bitmap::BitmapVec;
    ///
    /// let mut noise = BitmapVec::new(10_000, GFP_KERNEL)?;
    /// noise.fill_random();
    /// // It would take 1000 equal coins in a row.
    /// assert!(noise.next_bit(0).is_some_and(|bit| bit < 1000));
    /// assert!(noise.next_zero_bit(0).is_some_and(|bit| bit < 1000));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn fill_random(&mut self) {
        let words = self.words_mut();
        let size = size_of_val(words);
        // SAFETY: The words are valid for writes of their size, and any bytes are fine.
        unsafe { bindings::get_random_bytes(words.as_mut_ptr().cast(), size) };
    }
}

impl Deref for BitmapVec {
    type Target = Bitmap;

    #[inline]
    fn deref(&self) -> &Bitmap {
        let words = match &self.words {
            Words::Inline(word) => word.get().cast_const(),
            Words::Allocated(words) => words.as_ptr(),
        };
        // SAFETY: By the type invariants there are enough words, initialised, for as long as `self` is
        // borrowed; until then they are only reached through a `&Bitmap`, which changes atomically. A
        // vector's pointer is good for writes, too, since it is the one that the allocation gave.
        unsafe { Bitmap::from_raw(words, self.len) }
    }
}

impl DerefMut for BitmapVec {
    #[inline]
    fn deref_mut(&mut self) -> &mut Bitmap {
        let words = match &mut self.words {
            Words::Inline(word) => word.get(),
            Words::Allocated(words) => words.as_mut_ptr(),
        };
        // SAFETY: By the type invariants there are enough words, initialised; `self` is borrowed
        // exclusively for as long as they are used.
        unsafe { Bitmap::from_raw_mut(words, self.len) }
    }
}
