// SPDX-License-Identifier: GPL-2.0

//! Bitmaps, wherever they lie.

use super::{refuse, search, words_for, WORD_BITS};
use crate::{bindings, ffi::c_ulong};
use core::{cell::UnsafeCell, ptr, slice};

/// A row of bits that somebody else owns.
///
/// Only references to it exist: [`BitmapVec`] gives them, and [`from_raw`] makes them of C's memory.
/// The bits have the numbers from 0 to [`len`] - 1; bit `n` is bit `n % BITS_PER_LONG` of word
/// `n / BITS_PER_LONG`, on every architecture. What the last word has beyond the end counts for
/// nothing.
///
/// C counterpart: an array of `unsigned long`, as `DECLARE_BITMAP()` makes it.
///
/// # Invariants
///
/// A reference points to as many words as `len` bits take, aligned, valid, and initialised. While a
/// shared reference is in use, words are changed atomically only.
///
/// # Examples
///
/// Functions take a `Bitmap`, and leave open who owns it:
///
/// ```
/// use kernel::bitmap::{Bitmap, BitmapVec};
///
/// fn count(set: &Bitmap) -> usize {
///     let mut found = 0;
///     let mut from = 0;
///     while from < set.len() {
///         let Some(bit) = set.next_bit(from) else { break };
///         found += 1;
///         from = bit + 1;
///     }
///     found
/// }
///
/// let mut days = BitmapVec::new(365, GFP_KERNEL)?;
/// for day in (0..365).step_by(7) {
///     days.set_bit(day);
/// }
/// assert_eq!(count(&days), 53);
/// # Ok::<(), Error>(())
/// ```
///
/// [`BitmapVec`]: super::BitmapVec
/// [`from_raw`]: Self::from_raw
/// [`len`]: Self::len
//
// The length is that of the slice, whose elements take no room. Since they are cells, the compiler
// does not take what a shared reference points to for constant.
#[cfg_attr(CONFIG_64BIT, repr(align(8)))]
#[cfg_attr(not(CONFIG_64BIT), repr(align(4)))]
pub struct Bitmap {
    bits: [UnsafeCell<()>],
}

// SAFETY: By the type invariants the words change atomically only while references are shared, and
// they are read as such words have to be: see `read`.
unsafe impl Sync for Bitmap {}

/// Reads a word that others may be changing atomically: `READ_ONCE()`.
#[inline]
fn read(word: &UnsafeCell<usize>) -> usize {
    // SAFETY: The reference makes it valid and aligned. Those who change it at the same time do so
    // atomically, by the invariants of `Bitmap`, and an aligned volatile read of a word is atomic in
    // the kernel's memory model.
    unsafe { word.get().read_volatile() }
}

impl Bitmap {
    /// Makes a shared reference to a bitmap of `len` bits that lies at `ptr`.
    ///
    /// # Safety
    ///
    /// For all of `'a`:
    ///
    /// - `ptr` is aligned, not null, and valid for reads and writes of the words that `len` bits take;
    ///   they are initialised. With a length of 0 there need be none.
    /// - Nobody changes one of these words but with atomic operations, such as C's `set_bit()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{bitmap::Bitmap, ffi::c_ulong};
    ///
    /// // As if it were a field of a C structure.
    /// let mut words: [usize; 2] = [0b1000, 0b1];
    /// let at = words.as_mut_ptr();
    ///
    /// // SAFETY: It points to two words, of which nothing but `set` makes use.
    /// let set = unsafe { Bitmap::from_raw(at, c_ulong::BITS as usize + 1) };
    /// assert_eq!(set.next_bit(0), Some(3));
    /// assert_eq!(set.last_bit(), Some(c_ulong::BITS as usize));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub unsafe fn from_raw<'a>(ptr: *const usize, len: usize) -> &'a Bitmap {
        let bits = ptr::slice_from_raw_parts(ptr.cast::<UnsafeCell<()>>(), len) as *const Self;
        // INVARIANT: The caller promises just that.
        // SAFETY: Not null and aligned, says the caller; the type itself covers no bytes.
        unsafe { &*bits }
    }

    /// Makes an exclusive reference to a bitmap of `len` bits that lies at `ptr`.
    ///
    /// # Safety
    ///
    /// For all of `'a`:
    ///
    /// - `ptr` is aligned, not null, and valid for reads and writes of the words that `len` bits take;
    ///   they are initialised. With a length of 0 there need be none.
    /// - Nobody else reads or changes one of these words.
    #[inline]
    pub unsafe fn from_raw_mut<'a>(ptr: *mut usize, len: usize) -> &'a mut Bitmap {
        let bits = ptr::slice_from_raw_parts_mut(ptr.cast::<UnsafeCell<()>>(), len) as *mut Self;
        // INVARIANT: The caller promises that, and more.
        // SAFETY: Not null and aligned, says the caller, and nobody else's meanwhile; the type itself
        // covers no bytes.
        unsafe { &mut *bits }
    }

    /// Returns a pointer to the first word, for C functions that only read.
    ///
    /// It is good for as long as the bitmap is where it is.
    #[inline]
    pub fn as_ptr(&self) -> *const usize {
        ptr::from_ref(self).cast()
    }

    /// Returns a pointer to the first word, for C functions that write.
    ///
    /// It is good for as long as `self` is borrowed.
    #[inline]
    pub fn as_mut_ptr(&mut self) -> *mut usize {
        ptr::from_mut(self).cast()
    }

    /// Returns how many bits there are.
    #[expect(
        clippy::len_without_is_empty,
        reason = "whether there are no bits is a matter of construction, and `is_empty` would be \
                  taken for a question about their values"
    )]
    #[inline]
    pub fn len(&self) -> usize {
        self.bits.len()
    }

    /// Returns the words, which others may be changing atomically.
    #[inline]
    fn words(&self) -> &[UnsafeCell<usize>] {
        // SAFETY: By the type invariants there are as many words; and cells allow for changes.
        unsafe { slice::from_raw_parts(self.as_ptr().cast(), words_for(self.len())) }
    }

    /// Returns the words, which are the caller's alone.
    #[inline]
    pub(super) fn words_mut(&mut self) -> &mut [usize] {
        let words = words_for(self.len());
        // SAFETY: By the type invariants there are as many words, and nobody else uses them as long
        // as `self` is borrowed.
        unsafe { slice::from_raw_parts_mut(self.as_mut_ptr(), words) }
    }

    /// Sets bit `index`.
    ///
    /// C counterpart: `__set_bit()`.
    ///
    /// # Panics
    ///
    /// With `CONFIG_RUST_BITMAP_HARDENED`, when `index` is not below the length; without, nothing is
    /// done then but to log an error.
    #[inline]
    #[track_caller]
    pub fn set_bit(&mut self, index: usize) {
        if index >= self.len() {
            return refuse("set_bit", index, self.len());
        }
        self.words_mut()[index / WORD_BITS] |= 1 << (index % WORD_BITS);
    }

    /// Clears bit `index`.
    ///
    /// C counterpart: `__clear_bit()`.
    ///
    /// # Panics
    ///
    /// With `CONFIG_RUST_BITMAP_HARDENED`, when `index` is not below the length; without, nothing is
    /// done then but to log an error.
    #[inline]
    #[track_caller]
    pub fn clear_bit(&mut self, index: usize) {
        if index >= self.len() {
            return refuse("clear_bit", index, self.len());
        }
        self.words_mut()[index / WORD_BITS] &= !(1 << (index % WORD_BITS));
    }

    /// Sets bit `index`, atomically.
    ///
    /// Others may set and clear bits of the same word at the same time, and each change takes effect.
    /// Says nothing on the order of other accesses: it is relaxed.
    ///
    /// C counterpart: `set_bit()`, which lacks the word `atomic` in its name.
    ///
    /// # Panics
    ///
    /// With `CONFIG_RUST_BITMAP_HARDENED`, when `index` is not below the length; without, nothing is
    /// done then but to log an error.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::{bitmap::BitmapVec, sync::Arc};
    ///
    /// let seen = Arc::new(BitmapVec::new(128, GFP_KERNEL)?, GFP_KERNEL)?;
    /// // Through each of its owners, whichever task has it.
    /// let other = seen.clone();
    /// seen.set_bit_atomic(3);
    /// other.set_bit_atomic(100);
    /// other.clear_bit_atomic(3);
    /// assert_eq!(seen.next_bit(0), Some(100));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn set_bit_atomic(&self, index: usize) {
        if index >= self.len() {
            return refuse("set_bit_atomic", index, self.len());
        }
        // SAFETY: The bit is in one of the words that are valid by the type invariants, and the
        // change is atomic.
        unsafe { bindings::set_bit(index as c_ulong, self.as_ptr().cast_mut().cast()) };
    }

    /// Clears bit `index`, atomically.
    ///
    /// As for [`set_bit_atomic`](Self::set_bit_atomic), with C's `clear_bit()`.
    ///
    /// # Panics
    ///
    /// With `CONFIG_RUST_BITMAP_HARDENED`, when `index` is not below the length; without, nothing is
    /// done then but to log an error.
    #[inline]
    #[track_caller]
    pub fn clear_bit_atomic(&self, index: usize) {
        if index >= self.len() {
            return refuse("clear_bit_atomic", index, self.len());
        }
        // SAFETY: The bit is in one of the words that are valid by the type invariants, and the
        // change is atomic.
        unsafe { bindings::clear_bit(index as c_ulong, self.as_ptr().cast_mut().cast()) };
    }

    /// Copies the bits of `src`, and clears those that `src` does not have.
    ///
    /// C counterpart: `bitmap_copy_and_extend()`.
    ///
    /// # Panics
    ///
    /// With `CONFIG_RUST_BITMAP_HARDENED`, when `src` is longer; without, the bits that fit are copied
    /// then, and an error is logged.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::bitmap::BitmapVec;
    ///
    /// let mut short = BitmapVec::new_inline();
    /// short.set_bit(5);
    /// let mut long = BitmapVec::new(200, GFP_KERNEL)?;
    /// long.set_bit(150);
    ///
    /// long.copy_and_extend(&short);
    /// assert_eq!(long.next_bit(0), Some(5));
    /// assert_eq!(long.next_bit(6), None);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    pub fn copy_and_extend(&mut self, src: &Bitmap) {
        if src.len() > self.len() {
            refuse("copy_and_extend: a length of", src.len(), self.len());
        }
        self.copy_what_fits(src);
    }

    /// Copies the bits of `src` that have a place here, and clears those that `src` does not have.
    ///
    /// Not API: id pools shrink with it.
    pub(crate) fn copy_what_fits(&mut self, src: &Bitmap) {
        let mut left = src.len().min(self.len());
        let mut from = src.words().iter().map(read);
        for word in self.words_mut() {
            let next = from.next().unwrap_or(0);
            *word = if left < WORD_BITS {
                next & search::below(left)
            } else {
                next
            };
            left = left.saturating_sub(WORD_BITS);
        }
    }

    /// Returns the number of the last bit that is set, or `None` when none is.
    ///
    /// C counterpart: `find_last_bit()`.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::bitmap::BitmapVec;
    ///
    /// let mut set = BitmapVec::new(100, GFP_KERNEL)?;
    /// assert_eq!(set.last_bit(), None);
    /// set.set_bit(0);
    /// set.set_bit(99);
    /// assert_eq!(set.last_bit(), Some(99));
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    pub fn last_bit(&self) -> Option<usize> {
        search::last(self.words().iter().map(read), self.len())
    }

    /// Returns the number of the first bit that is set, from `start` on, or `None` when none is.
    ///
    /// C counterpart: `find_next_bit()`.
    ///
    /// # Panics
    ///
    /// With `CONFIG_RUST_BITMAP_HARDENED`, when `start` is not below the length; without, nothing is
    /// found then.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::bitmap::BitmapVec;
    ///
    /// let mut set = BitmapVec::new_inline();
    /// set.set_bit(10);
    /// assert_eq!(set.next_bit(0), Some(10));
    /// assert_eq!(set.next_bit(10), Some(10));
    /// assert_eq!(set.next_bit(11), None);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn next_bit(&self, start: usize) -> Option<usize> {
        self.next(start, "next_bit", 0)
    }

    /// Returns the number of the first bit that is not set, from `start` on, or `None` when all are.
    ///
    /// C counterpart: `find_next_zero_bit()`.
    ///
    /// # Panics
    ///
    /// With `CONFIG_RUST_BITMAP_HARDENED`, when `start` is not below the length; without, nothing is
    /// found then.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::bitmap::BitmapVec;
    ///
    /// let mut set = BitmapVec::new(3, GFP_KERNEL)?;
    /// set.set_bit(1);
    /// assert_eq!(set.next_zero_bit(1), Some(2));
    /// set.set_bit(2);
    /// assert_eq!(set.next_zero_bit(1), None);
    /// # Ok::<(), Error>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn next_zero_bit(&self, start: usize) -> Option<usize> {
        self.next(start, "next_zero_bit", usize::MAX)
    }

    /// Searches for a bit that is set once each word has been combined with `flip`, by exclusive or.
    #[inline]
    #[track_caller]
    fn next(&self, start: usize, what: &str, flip: usize) -> Option<usize> {
        if start >= self.len() {
            // Where it stands at the end, a loop that searches on has just come to its end.
            if cfg!(CONFIG_RUST_BITMAP_HARDENED) {
                refuse(what, start, self.len());
            }
            return None;
        }
        let words = self.words()[start / WORD_BITS..].iter();
        search::next(words.map(|word| read(word) ^ flip), start, self.len())
    }
}
