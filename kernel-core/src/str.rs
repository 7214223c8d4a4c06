// SPDX-License-Identifier: GPL-2.0

//! Strings: bytes without promises, C strings, and text built from format arguments.
//!
//! | type | holds | made by |
//! | --- | --- | --- |
//! | [`BStr`] | any bytes | [`b_str!`], [`BStr::from_bytes`] |
//! | [`CStr`] | bytes up to and with a NUL, borrowed | `c"…"`, [`c_str!`], [`CStrExt::from_char_ptr`] |
//! | [`CString`] | the same, owned | [`CString::try_from_fmt`], [`CStrExt::to_cstring`] |
//! | [`Formatter`], [`NullTerminatedFormatter`] | a caller's buffer that text is written into | their `new` |
//!
//! Text from hardware, firmware and user space is rarely known to be UTF-8: take it as [`BStr`] or
//! [`CStr`], which print with everything but plain ASCII escaped, rather than as `str`.
//!
//! Numbers are parsed by [`parse_int`], truth values by [`kstrtobool`].
//!
//! [`b_str!`]: crate::b_str
//! [`c_str!`]: crate::c_str

use crate::{
    bindings,
    error::{to_result, Result},
};

pub use ffi::CStr;

mod bstr;
mod cstr;
mod cstring;
mod formatter;
pub mod parse_int;

pub use bstr::BStr;
pub use cstr::{as_char_ptr_in_const_context, CStrExt};
pub use cstring::CString;
pub use formatter::{Formatter, NullTerminatedFormatter, RawFormatter};

/// Makes a `&'static` [`BStr`] of a string literal, at compile time.
///
/// # Examples
///
/// ```
/// use kernel::{b_str, str::BStr};
///
/// const PREFIX: &BStr = b_str!("eth");
/// assert_eq!(PREFIX.len(), 3);
/// assert_eq!(b_str!("eth0").strip_prefix(PREFIX), Some(b_str!("0")));
/// ```
///
/// [`BStr`]: crate::str::BStr
#[macro_export]
macro_rules! b_str {
    ($text:literal) => {
        const {
            let text: &'static ::core::primitive::str = $text;
            $crate::str::BStr::from_bytes(text.as_bytes())
        }
    };
}

/// Makes a `&'static` [`CStr`] of a string constant, at compile time.
///
/// For what `concat!`, `stringify!` and their like build. A plain literal needs no macro:
/// `c"text"`. A NUL in the string ends the build.
///
/// # Examples
///
/// ```
/// use kernel::c_str;
///
/// const NAME: &CStr = c_str!(concat!("sensor", "-", stringify!(fan)));
/// assert_eq!(NAME, c"sensor-fan");
/// ```
///
/// [`CStr`]: crate::str::CStr
#[macro_export]
macro_rules! c_str {
    ($text:expr) => {{
        // A constant with a name is checked even if this code is never reached.
        const TEXT: &$crate::str::CStr =
            match $crate::str::CStr::from_bytes_with_nul(::core::concat!($text, "\0").as_bytes()) {
                ::core::result::Result::Ok(text) => text,
                ::core::result::Result::Err(_) => ::core::panic!("a NUL inside of a C string"),
            };
        TEXT
    }};
}

/// Reads a truth value, as users write it in sysfs, debugfs and module parameters: [`kstrtobool`].
///
/// True is any string that begins with `y`, `t`, `e` (as in "enabled") or `1`, or with `on`; false one
/// that begins with `n`, `f`, `d` or `0`, or with `of`; letters in either case. What follows does not
/// matter, a newline for instance.
///
/// # Errors
///
/// [`EINVAL`] for everything else, the empty string included.
///
/// # Examples
///
/// ```
/// use kernel::str::kstrtobool;
///
/// assert_eq!(kstrtobool(c"Yes"), Ok(true));
/// assert_eq!(kstrtobool(c"off\n"), Ok(false));
/// assert_eq!(kstrtobool(c"maybe"), Err(EINVAL));
/// ```
///
/// [`kstrtobool`]: srctree/include/linux/kstrtox.h
/// [`EINVAL`]: crate::error::code::EINVAL
pub fn kstrtobool(string: &CStr) -> Result<bool> {
    let mut value = false;
    // SAFETY: `string` is terminated, as `kstrtobool` requires, and `value` is writable.
    let status = unsafe { bindings::kstrtobool(string.as_char_ptr(), &mut value) };
    to_result(status)?;
    Ok(value)
}

/// Reads a truth value from bytes that need not end in a NUL, as [`kstrtobool`] does.
///
/// # Errors
///
/// [`EINVAL`], as for [`kstrtobool`].
///
/// # Examples
///
/// ```
/// use kernel::str::kstrtobool_bytes;
///
/// assert_eq!(kstrtobool_bytes(b"on"), Ok(true));
/// assert_eq!(kstrtobool_bytes(b"0"), Ok(false));
/// assert_eq!(kstrtobool_bytes(b""), Err(EINVAL));
/// ```
///
/// [`EINVAL`]: crate::error::code::EINVAL
pub fn kstrtobool_bytes(bytes: &[u8]) -> Result<bool> {
    // Only the first two bytes ever matter.
    let mut start = [0; 3];
    let len = bytes.len().min(2);
    start[..len].copy_from_slice(&bytes[..len]);
    match CStr::from_bytes_until_nul(&start) {
        Ok(string) => kstrtobool(string),
        // The last byte is the NUL that was looked for.
        Err(_) => Err(crate::error::code::EINVAL),
    }
}

/// Keeps [`CStrExt`] and its promises in this module.
mod private {
    pub trait Sealed {}

    impl Sealed for super::CStr {}
}

#[macros::kunit_tests(rust_str)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn truth_values_as_c_reads_them() {
        for text in [
            c"y", c"Y", c"yes", c"t", c"True", c"1", c"10", c"on", c"ON", c"oNwards", c"enabled",
            c"E",
        ] {
            assert_eq!(kstrtobool(text), Ok(true));
        }
        for text in [
            c"n",
            c"N",
            c"no",
            c"f",
            c"FALSE",
            c"0",
            c"01",
            c"of",
            c"off",
            c"OFF\n",
            c"disabled",
            c"D",
        ] {
            assert_eq!(kstrtobool(text), Ok(false));
        }
        for text in [c"", c" ", c"2", c"-1", c"o", c"ox", c" y", c"\n"] {
            assert_eq!(kstrtobool(text), Err(EINVAL));
        }
    }

    #[test]
    fn bytes_and_c_strings_agree() {
        // All strings of two bytes, which is all that C looks at.
        for first in 0..=u8::MAX {
            assert_eq!(
                kstrtobool_bytes(&[first]),
                CStr::from_bytes_until_nul(&[first, 0]).map_or(Err(EIO), kstrtobool)
            );
        }
        for second in 0..=u8::MAX {
            let bytes = [b'o', second, b'!', 0];
            assert_eq!(
                kstrtobool_bytes(&bytes[..3]),
                CStr::from_bytes_until_nul(&bytes).map_or(Err(EIO), kstrtobool)
            );
        }
    }

    #[test]
    fn macros_make_constants() {
        const BYTES: &BStr = b_str!("a\0b");
        const TEXT: &CStr = c_str!(concat!("a", 1, 'b'));
        assert_eq!(BYTES.len(), 3);
        assert_eq!(TEXT.to_bytes_with_nul(), b"a1b\0");
        assert!(b_str!("").is_empty());
        assert!(c_str!("").is_empty());
    }
}
