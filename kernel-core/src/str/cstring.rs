// SPDX-License-Identifier: GPL-2.0

//! Owned C strings.

use super::{CStr, CStrExt as _, Formatter, RawFormatter};
use crate::{
    alloc::{flags::GFP_KERNEL, AllocError, KVec},
    error::{code::EINVAL, Error, Result},
    fmt::{self, Write},
};
use core::ops::{Deref, DerefMut};

/// A C string that owns its memory; dereferences to [`CStr`].
///
/// # Invariants
///
/// The last byte of `bytes` is a NUL, and no other one is.
///
/// # Examples
///
/// ```
/// use kernel::str::CString;
///
/// let name = CString::try_from_fmt(fmt!("{}{}", "queue", 3))?;
/// assert_eq!(&*name, c"queue3");
///
/// // A string that C could not take is refused.
/// assert_eq!(CString::try_from_fmt(fmt!("a\0b")).err(), Some(EINVAL));
/// # Ok::<(), Error>(())
/// ```
pub struct CString {
    bytes: KVec<u8>,
}

impl CString {
    /// Formats `args`, in memory of just the size that it takes.
    ///
    /// The arguments are formatted twice: first to measure, then to keep.
    ///
    /// # Errors
    ///
    /// * [`ENOMEM`] if there is no memory for the string.
    /// * [`EINVAL`] if the text contains a NUL, if an argument fails to format, or if one is longer
    ///   the second time.
    ///
    /// [`ENOMEM`]: crate::error::code::ENOMEM
    pub fn try_from_fmt(args: fmt::Arguments<'_>) -> Result<Self, Error> {
        let mut measure = RawFormatter::measuring();
        measure.write_fmt(args)?;
        let size = measure.bytes_written().checked_add(1).ok_or(EINVAL)?;

        let mut bytes = KVec::from_elem(0, size, GFP_KERNEL)?;
        let mut f = Formatter::new(&mut bytes[..size - 1]);
        f.write_fmt(args)?;
        let len = f.bytes_written();
        // That the text did not fit is an error of `write_fmt`, too, unless an argument ignored it.
        if bytes.get(..len).is_none_or(|text| text.contains(&0)) {
            return Err(EINVAL);
        }

        // An argument may have been shorter this time. The byte behind the text is still zero.
        bytes.truncate(len + 1);
        // INVARIANT: `bytes` are `len` bytes of text, in which there is no NUL, and a NUL.
        Ok(CString { bytes })
    }
}

impl Deref for CString {
    type Target = CStr;

    fn deref(&self) -> &Self::Target {
        // SAFETY: The type's invariant is what this asks for.
        unsafe { CStr::from_bytes_with_nul_unchecked(&self.bytes) }
    }
}

impl DerefMut for CString {
    fn deref_mut(&mut self) -> &mut Self::Target {
        // SAFETY: The type's invariant is what this asks for, and a `CStr` keeps to it.
        unsafe { CStr::from_bytes_with_nul_unchecked_mut(&mut self.bytes) }
    }
}

impl<'a> TryFrom<&'a CStr> for CString {
    type Error = AllocError;

    fn try_from(string: &'a CStr) -> Result<CString, AllocError> {
        let mut bytes = KVec::new();
        bytes.extend_from_slice(string.to_bytes_with_nul(), GFP_KERNEL)?;
        // INVARIANT: The bytes of a C string, with its NUL.
        Ok(CString { bytes })
    }
}

impl fmt::Debug for CString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[macros::kunit_tests(rust_str_cstring)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use core::cell::Cell;

    #[test]
    fn any_length() -> Result {
        for len in 0..300 {
            let text = CString::try_from_fmt(fmt!("{:>len$}", "", len = len))?;
            assert_eq!(text.count_bytes(), len);
            assert!(text.to_bytes().iter().all(|&byte| byte == b' '));
            let copy = text.to_cstring()?;
            assert_eq!(&*copy, &*text);
        }
        Ok(())
    }

    #[test]
    fn a_nul_anywhere_is_refused() {
        for text in ["\0", "a\0", "\0a", "a\0a"] {
            assert_eq!(CString::try_from_fmt(fmt!("{}", text)).err(), Some(EINVAL));
        }
    }

    /// Text whose length differs from one time to the next.
    struct Fickle(Cell<&'static str>, &'static str);

    impl fmt::Display for Fickle {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0.replace(self.1))
        }
    }

    #[test]
    fn arguments_that_change_their_length() -> Result {
        let shrinks = Fickle(Cell::new("longer"), "short");
        let text = CString::try_from_fmt(fmt!("{}", shrinks))?;
        assert_eq!(&*text, c"short");

        let vanishes = Fickle(Cell::new("gone"), "");
        let text = CString::try_from_fmt(fmt!("{}", vanishes))?;
        assert_eq!(&*text, c"");

        let grows = Fickle(Cell::new("short"), "longer");
        assert_eq!(CString::try_from_fmt(fmt!("{}", grows)).err(), Some(EINVAL));
        Ok(())
    }

    /// Text that is longer the second time, and does not care whether it fits.
    struct Careless(Cell<usize>);

    impl fmt::Display for Careless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            for _ in 0..self.0.replace(8) {
                let _ = f.write_str("x");
            }
            Ok(())
        }
    }

    #[test]
    fn arguments_that_ignore_a_full_buffer() {
        for len in 0..8 {
            let grows = Careless(Cell::new(len));
            assert_eq!(CString::try_from_fmt(fmt!("{}", grows)).err(), Some(EINVAL));
        }
    }

    /// An argument that can't be formatted.
    struct Failing;

    impl fmt::Display for Failing {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }

    #[test]
    fn errors_of_arguments_are_passed_on() {
        assert_eq!(
            CString::try_from_fmt(fmt!("a{}", Failing)).err(),
            Some(EINVAL)
        );
    }

    #[test]
    fn writable_through_its_reference() -> Result {
        let mut text = CString::try_from_fmt(fmt!("{}-{:?}", c"x\x01", c"y"))?;
        text.make_ascii_uppercase();
        assert_eq!(&*text, c"X\\X01-\"Y\"");
        let debug = CString::try_from_fmt(fmt!("{:?}", text))?;
        assert_eq!(&*debug, c"\"X\\\\X01-\\\"Y\\\"\"");
        Ok(())
    }
}
