// SPDX-License-Identifier: GPL-2.0

//! Text written into buffers of a fixed size.

use crate::fmt::{self, Write};
use core::{marker::PhantomData, ops::Deref};

/// Writes text into memory, and counts.
///
/// What does not fit is dropped but counted, as C's [`snprintf`] does: writing never fails, and
/// [`bytes_written`] tells how much room the whole text would have taken.
///
/// Reached through [`Formatter`], which borrows its buffer.
///
/// # Invariants
///
/// `buf` is valid for writes of `capacity` bytes.
///
/// # Examples
///
/// ```
/// use kernel::{fmt::Write, str::{Formatter, RawFormatter}};
///
/// fn used(f: &RawFormatter) -> usize {
///     f.bytes_written()
/// }
///
/// let mut buffer = [0; 8];
/// let mut f = Formatter::new(&mut buffer);
/// f.write_str("four")?;
/// assert_eq!(used(&f), 4);
/// # Ok::<(), Error>(())
/// ```
///
/// [`bytes_written`]: RawFormatter::bytes_written
/// [`snprintf`]: srctree/include/linux/sprintf.h
pub struct RawFormatter {
    buf: *mut u8,
    capacity: usize,
    written: usize,
}

impl RawFormatter {
    /// Makes one that only counts.
    pub(super) fn measuring() -> Self {
        // INVARIANT: Nothing is written to a buffer without capacity.
        RawFormatter {
            buf: core::ptr::dangling_mut(),
            capacity: 0,
            written: 0,
        }
    }

    /// Makes one that writes from `start` up to `end`, which is behind the last byte.
    ///
    /// Where `end` is not above `start`, it only counts.
    ///
    /// # Safety
    ///
    /// If `end` is above `start`, the memory between them is valid for writes as long as the
    /// result is used.
    pub(crate) unsafe fn from_ptrs(start: *mut u8, end: *mut u8) -> Self {
        // INVARIANT: What the caller promises; or a capacity of zero.
        RawFormatter {
            buf: start,
            capacity: end.addr().saturating_sub(start.addr()),
            written: 0,
        }
    }

    /// Returns where the text ends, or would end had there been room.
    pub(crate) fn end(&self) -> *mut u8 {
        self.buf.wrapping_add(self.written)
    }

    /// Returns how many bytes of text there are, including those that were dropped.
    pub fn bytes_written(&self) -> usize {
        self.written
    }

    /// Returns how many more bytes will be kept.
    fn room(&self) -> usize {
        self.capacity.saturating_sub(self.written)
    }
}

impl fmt::Write for RawFormatter {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let len = s.len().min(self.room());
        if len > 0 {
            // SAFETY: `len` is at most `room()`, so `written + len` is at most `capacity`, and the
            // invariant vouches for the bytes up to there. They can't overlap with `s`, which is
            // borrowed.
            unsafe { core::ptr::copy_nonoverlapping(s.as_ptr(), self.end(), len) };
        }
        self.written = self.written.saturating_add(s.len());
        Ok(())
    }
}

/// Writes text into a borrowed buffer, and fails when that is full.
///
/// The text is not terminated; [`NullTerminatedFormatter`] does that.
///
/// # Examples
///
/// ```
/// use kernel::{fmt::Write, str::Formatter};
///
/// let mut page = [0u8; 8];
/// let mut f = Formatter::new(&mut page);
/// f.write_fmt(fmt!("{}\n", 1234))?;
/// assert_eq!(f.bytes_written(), 5);
/// assert!(f.write_str("more").is_err());
/// assert_eq!(&page[..5], b"1234\n");
/// # Ok::<(), Error>(())
/// ```
pub struct Formatter<'a>(RawFormatter, PhantomData<&'a mut [u8]>);

impl<'a> Formatter<'a> {
    /// Makes one that writes to the start of `buffer`.
    pub fn new(buffer: &'a mut [u8]) -> Self {
        let range = buffer.as_mut_ptr_range();
        // SAFETY: The range is that of a buffer which stays borrowed for `'a`, as long as the
        // result may live.
        let raw = unsafe { RawFormatter::from_ptrs(range.start, range.end) };
        Formatter(raw, PhantomData)
    }
}

impl Deref for Formatter<'_> {
    type Target = RawFormatter;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl fmt::Write for Formatter<'_> {
    /// Writes as much of `s` as there is room for.
    ///
    /// # Errors
    ///
    /// [`fmt::Error`] if that is not all of it; [`bytes_written`](RawFormatter::bytes_written) then
    /// tells how much there would have been.
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.0.write_str(s)?;
        if self.0.written > self.0.capacity {
            return Err(fmt::Error);
        }
        Ok(())
    }
}

/// Writes text into a borrowed buffer, which holds a C string at every moment.
///
/// # Invariants
///
/// `len` is less than the length of `buffer`, and `buffer[len]` is zero.
///
/// # Examples
///
/// ```
/// use kernel::{fmt::Write, str::NullTerminatedFormatter};
///
/// let mut name = [b'?'; 6];
/// let mut f = NullTerminatedFormatter::new(&mut name).ok_or(EINVAL)?;
/// f.write_fmt(fmt!("eth{}", 12))?;
/// // No room: five bytes and the NUL are all there is.
/// assert!(f.write_str(".").is_err());
/// assert_eq!(&name, b"eth12\0");
/// # Ok::<(), Error>(())
/// ```
pub struct NullTerminatedFormatter<'a> {
    buffer: &'a mut [u8],
    len: usize,
}

impl<'a> NullTerminatedFormatter<'a> {
    /// Makes one that writes to the start of `buffer`, which becomes the empty string.
    ///
    /// Returns `None` if the buffer has no room even for the NUL.
    pub fn new(buffer: &'a mut [u8]) -> Option<NullTerminatedFormatter<'a>> {
        *buffer.first_mut()? = 0;
        // INVARIANT: There is a first byte, and it was set to zero.
        Some(NullTerminatedFormatter { buffer, len: 0 })
    }
}

impl fmt::Write for NullTerminatedFormatter<'_> {
    /// Appends `s`.
    ///
    /// # Errors
    ///
    /// [`fmt::Error`] if there is no room for all of it and the NUL; then nothing is appended.
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let text = s.as_bytes();
        // By the invariant there is a byte at `len`, so this slice is not empty.
        let rest = &mut self.buffer[self.len..];
        match rest.get_mut(text.len()) {
            Some(nul) => *nul = 0,
            None => return Err(fmt::Error),
        }
        rest[..text.len()].copy_from_slice(text);
        // INVARIANT: The byte behind the text exists, and was set to zero above.
        self.len += text.len();
        Ok(())
    }
}

#[macros::kunit_tests(rust_str_formatter)]
mod tests {
    use super::*;

    /// The text that the tests write, in pieces.
    const PIECES: [&str; 5] = ["ab", "", "cde", "f", "ghijk"];
    const TEXT: &[u8] = b"abcdefghijk";

    #[test]
    fn raw_keeps_what_fits_and_counts_all() {
        for capacity in 0..=TEXT.len() + 2 {
            let mut buffer = [b'#'; TEXT.len() + 2];
            let start = buffer.as_mut_ptr();
            // SAFETY: `buffer` has at least `capacity` bytes, and outlives `f`.
            let mut f = unsafe { RawFormatter::from_ptrs(start, start.wrapping_add(capacity)) };
            for piece in PIECES {
                assert!(f.write_str(piece).is_ok());
            }
            assert_eq!(f.bytes_written(), TEXT.len());
            assert_eq!(f.end(), start.wrapping_add(TEXT.len()));

            let kept = capacity.min(TEXT.len());
            assert_eq!(&buffer[..kept], &TEXT[..kept]);
            assert!(buffer[kept..].iter().all(|&byte| byte == b'#'));
        }
    }

    #[test]
    fn an_end_below_the_start_is_no_room() {
        let mut buffer = [b'#'; 4];
        let start = buffer.as_mut_ptr();
        // SAFETY: There is no memory between the two.
        let mut f = unsafe { RawFormatter::from_ptrs(start.wrapping_add(2), start) };
        assert!(f.write_str("abc").is_ok());
        assert_eq!(f.bytes_written(), 3);
        assert_eq!(&buffer, b"####");
    }

    #[test]
    fn the_count_saturates() {
        let mut f = RawFormatter::measuring();
        f.written = usize::MAX - 1;
        assert!(f.write_str("abc").is_ok());
        assert_eq!(f.bytes_written(), usize::MAX);
    }

    #[test]
    fn borrowing_fails_when_full() {
        for capacity in 0..=TEXT.len() + 2 {
            let mut buffer = [b'#'; TEXT.len() + 2];
            let mut f = Formatter::new(&mut buffer[..capacity]);
            let mut len = 0;
            for piece in PIECES {
                len += piece.len();
                assert_eq!(f.write_str(piece).is_ok(), len <= capacity);
            }
            assert_eq!(f.bytes_written(), TEXT.len());

            let kept = capacity.min(TEXT.len());
            assert_eq!(&buffer[..kept], &TEXT[..kept]);
            assert!(buffer[kept..].iter().all(|&byte| byte == b'#'));
        }
    }

    #[test]
    fn terminating_appends_whole_pieces() {
        assert!(NullTerminatedFormatter::new(&mut []).is_none());

        for capacity in 1..=TEXT.len() + 2 {
            let mut buffer = [b'#'; TEXT.len() + 2];
            let mut expected = [b'#'; TEXT.len() + 2];
            let mut len = 0;
            match NullTerminatedFormatter::new(&mut buffer[..capacity]) {
                Some(mut f) => {
                    for piece in PIECES {
                        let fits = len + piece.len() < capacity;
                        assert_eq!(f.write_str(piece).is_ok(), fits);
                        if fits {
                            expected[len..][..piece.len()].copy_from_slice(piece.as_bytes());
                            len += piece.len();
                        }
                    }
                }
                None => assert!(false),
            }
            assert_eq!(&buffer[..len], &expected[..len]);
            assert_eq!(buffer[len], 0);
            assert!(buffer[capacity..].iter().all(|&byte| byte == b'#'));
        }
    }
}
