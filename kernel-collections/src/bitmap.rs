// SPDX-License-Identifier: GPL-2.0

//! Sets of small numbers, as bits in a row of words.
//!
//! [`Bitmap`] is such a row wherever it lies: in a [`BitmapVec`], which owns it, or in a structure of
//! C's. A bit is set or cleared by whoever has the bitmap for itself, or atomically by one of many;
//! the searches go along with either.
//!
//! # Numbers out of range
//!
//! A number that is not below the length is a mistake of the caller. With
//! `CONFIG_RUST_BITMAP_HARDENED` it panics. Without, nothing outside the bitmap is touched: a change is
//! refused, with a line in the log, and a search finds nothing.
//!
//! In C: [`bitmap.h`](srctree/include/linux/bitmap.h)

mod owned;
mod search;
#[cfg(CONFIG_RUST_BITMAP_KUNIT_TEST)]
mod tests;
mod view;

pub use owned::BitmapVec;
pub use view::Bitmap;

/// How many bits a word has.
const WORD_BITS: usize = usize::BITS as usize;

/// Returns how many words `len` bits take.
#[inline]
const fn words_for(len: usize) -> usize {
    len.div_ceil(WORD_BITS)
}

/// Reports a number that is not below the length of a bitmap.
///
/// # Panics
///
/// With `CONFIG_RUST_BITMAP_HARDENED`.
#[cold]
#[track_caller]
fn refuse(what: &str, number: usize, len: usize) {
    if cfg!(CONFIG_RUST_BITMAP_HARDENED) {
        panic!("bitmap: {what} {number} does not fit {len} bits");
    }
    crate::pr_err!("bitmap: {} {} does not fit {} bits\n", what, number, len);
}
