// SPDX-License-Identifier: GPL-2.0

//! Searches in rows of words.
//!
//! C's searches may read a word twice, and expect that it has not changed in between. These take each
//! word once, so that it makes no difference when somebody changes bits at the same time.

use super::WORD_BITS;

/// Returns a word whose lowest `count` bits are set; `count` is below that of a word's bits.
#[inline]
pub(super) fn below(count: usize) -> usize {
    (1 << count) - 1
}

/// Returns the first number from `start` on, below `len`, whose bit is set.
///
/// `words` begins with the word that `start` is in.
#[inline]
pub(super) fn next(words: impl Iterator<Item = usize>, start: usize, len: usize) -> Option<usize> {
    let mut ignored = below(start % WORD_BITS);
    let mut number = start - start % WORD_BITS;
    for word in words {
        let word = word & !ignored;
        if word != 0 {
            let bit = number + word.trailing_zeros() as usize;
            return (bit < len).then_some(bit);
        }
        ignored = 0;
        number += WORD_BITS;
    }
    None
}

/// Returns the last number below `len` whose bit is set.
#[inline]
pub(super) fn last(
    words: impl DoubleEndedIterator<Item = usize> + ExactSizeIterator,
    len: usize,
) -> Option<usize> {
    let mut counted = match len % WORD_BITS {
        0 => usize::MAX,
        rest => below(rest),
    };
    for (at, word) in words.enumerate().rev() {
        let word = word & counted;
        if word != 0 {
            return Some(at * WORD_BITS + word.ilog2() as usize);
        }
        counted = usize::MAX;
    }
    None
}
