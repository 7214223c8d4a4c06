// SPDX-License-Identifier: GPL-2.0

//! Byte strings.

use super::CStr;
use crate::fmt::{self, Write};
use core::ops::{Deref, Index};

/// A string of bytes that promises nothing: neither an encoding nor a terminating NUL.
///
/// It is a `[u8]`, and dereferences to one, that shows itself as text: `{}` writes printable ASCII
/// as it is and everything else as an escape (`\n`, `\xff`), `{:?}` quotes the result.
///
/// # Examples
///
/// ```
/// use kernel::{b_str, str::{BStr, CString}};
///
/// let firmware = BStr::from_bytes(b"v1\xff\n");
/// let text = CString::try_from_fmt(fmt!("{firmware} {firmware:?}"))?;
/// assert_eq!(text.to_bytes(), br#"v1\xff\n "v1\xff\n""#);
///
/// assert!(firmware.starts_with(b"v"));
/// assert_eq!(&firmware[..2], b_str!("v1"));
/// # Ok::<(), Error>(())
/// ```
#[repr(transparent)]
pub struct BStr([u8]);

impl BStr {
    /// Returns how many bytes there are.
    #[inline]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there is no byte.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Looks at `bytes` as a byte string.
    #[inline]
    pub const fn from_bytes(bytes: &[u8]) -> &Self {
        let ptr = core::ptr::from_ref(bytes) as *const BStr;
        // SAFETY: `BStr` is a transparent `[u8]`: the reference that `ptr` comes from is valid for
        // it too, and lends its lifetime to the result.
        unsafe { &*ptr }
    }

    /// Returns what follows `pattern`, if the string begins with that.
    ///
    /// # Examples
    ///
    /// ```
    /// use kernel::b_str;
    ///
    /// let option = b_str!("speed=9600");
    /// assert_eq!(option.strip_prefix(b_str!("speed=")), Some(b_str!("9600")));
    /// assert_eq!(option.strip_prefix(c"parity="), None);
    /// ```
    pub fn strip_prefix(&self, pattern: impl AsRef<Self>) -> Option<&BStr> {
        self.0
            .strip_prefix(&pattern.as_ref().0)
            .map(BStr::from_bytes)
    }
}

impl Deref for BStr {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl PartialEq for BStr {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<Idx> Index<Idx> for BStr
where
    [u8]: Index<Idx, Output = [u8]>,
{
    type Output = BStr;

    fn index(&self, index: Idx) -> &Self::Output {
        Self::from_bytes(&self.0[index])
    }
}

impl AsRef<BStr> for BStr {
    fn as_ref(&self) -> &BStr {
        self
    }
}

impl AsRef<BStr> for [u8] {
    fn as_ref(&self) -> &BStr {
        BStr::from_bytes(self)
    }
}

impl AsRef<BStr> for CStr {
    /// Returns the bytes before the NUL.
    fn as_ref(&self) -> &BStr {
        BStr::from_bytes(self.to_bytes())
    }
}

impl fmt::Display for BStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(&self.0, f, |byte| match byte {
            b'\t' => Some("\\t"),
            b'\n' => Some("\\n"),
            b'\r' => Some("\\r"),
            _ => None,
        })
    }
}

impl fmt::Debug for BStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        write_escaped(&self.0, f, |byte| match byte {
            b'\t' => Some("\\t"),
            b'\n' => Some("\\n"),
            b'\r' => Some("\\r"),
            b'"' => Some("\\\""),
            b'\\' => Some("\\\\"),
            _ => None,
        })?;
        f.write_char('"')
    }
}

/// Writes printable ASCII as it is, what `escape` knows as it says, and any other byte in
/// hexadecimal.
pub(super) fn write_escaped(
    mut bytes: &[u8],
    f: &mut fmt::Formatter<'_>,
    escape: fn(u8) -> Option<&'static str>,
) -> fmt::Result {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && escape(byte).is_none();

    while let Some(&byte) = bytes.first() {
        let run = bytes.iter().take_while(|&&byte| plain(byte)).count();
        if run > 0 {
            // Nothing but ASCII, so this cannot fail.
            f.write_str(core::str::from_utf8(&bytes[..run]).unwrap_or_default())?;
            bytes = &bytes[run..];
            continue;
        }
        match escape(byte) {
            Some(text) => f.write_str(text)?,
            None => write!(f, "\\x{byte:02x}")?,
        }
        bytes = &bytes[1..];
    }
    Ok(())
}

#[macros::kunit_tests(rust_str_bstr)]
mod tests {
    use super::*;
    use crate::{b_str, prelude::*, str::CString};

    #[test]
    fn shows_every_byte() -> Result {
        for byte in 0..=u8::MAX {
            let bytes = [b'<', byte, b'>'];
            let string = BStr::from_bytes(&bytes);
            let shown = CString::try_from_fmt(fmt!("{}", string))?;
            let debug = CString::try_from_fmt(fmt!("{:?}", string))?;
            let hex = CString::try_from_fmt(fmt!("<\\x{:02x}>", byte))?;

            let expected: &[u8] = match byte {
                b'\t' => b"<\\t>",
                b'\n' => b"<\\n>",
                b'\r' => b"<\\r>",
                b' '..=b'~' => &bytes,
                _ => hex.to_bytes(),
            };
            assert_eq!(shown.to_bytes(), expected);

            let expected: &[u8] = match byte {
                b'"' => b"<\\\">",
                b'\\' => b"<\\\\>",
                _ => expected,
            };
            let debug = debug.to_bytes();
            assert_eq!(debug.first(), Some(&b'"'));
            assert_eq!(debug.last(), Some(&b'"'));
            assert_eq!(&debug[1..debug.len() - 1], expected);
        }
        Ok(())
    }

    #[test]
    fn runs_and_escapes_mix() -> Result {
        let text = CString::try_from_fmt(fmt!("{}", b_str!("ab\n\ncd\u{7f}\u{e9}.")))?;
        assert_eq!(text.to_bytes(), br"ab\n\ncd\x7f\xc3\xa9.");
        let text = CString::try_from_fmt(fmt!("{}|{:?}", b_str!(""), b_str!("")))?;
        assert_eq!(text.to_bytes(), b"|\"\"");
        Ok(())
    }

    #[test]
    fn slices_and_prefixes() {
        let string = b_str!("hello");
        for start in 0..=string.len() {
            for end in start..=string.len() {
                let part = &string[start..end];
                assert_eq!(part.len(), end - start);
                assert_eq!(part.is_empty(), start == end);
                assert_eq!(
                    string.strip_prefix(part).is_some(),
                    start == 0 || start == end
                );
            }
        }
        assert!(string.strip_prefix(string) == Some(b_str!("")));
        assert!(string.strip_prefix(b_str!("hello!")).is_none());
        assert!(string.strip_prefix(b"hell".as_slice()) == Some(b_str!("o")));
    }
}
