// SPDX-License-Identifier: GPL-2.0

//! Borrowed C strings: what the kernel adds to [`CStr`].

use super::{bstr::write_escaped, private, CStr, CString};
use crate::{alloc::AllocError, error::Result, ffi::c_char, fmt};

/// What a [`CStr`] can do beyond [`core::ffi::CStr`]'s own methods; the prelude imports it.
///
/// Core's methods speak of `core::ffi::c_char`, whose sign depends on the architecture; the
/// kernel's [`c_char`](crate::ffi::c_char) is unsigned throughout. Bindings want the latter, hence
/// [`as_char_ptr`] and [`from_char_ptr`] in place of `as_ptr` and `from_ptr`.
///
/// # Examples
///
/// ```
/// let name = c"Eth0".to_ascii_lowercase()?;
/// assert_eq!(&*name, c"eth0");
///
/// // To C and back.
/// let ptr = name.as_char_ptr();
/// // SAFETY: `ptr` comes from `name`, which is terminated and outlives the result.
/// assert_eq!(unsafe { CStr::from_char_ptr(ptr) }, c"eth0");
/// # Ok::<(), Error>(())
/// ```
///
/// [`as_char_ptr`]: CStrExt::as_char_ptr
/// [`from_char_ptr`]: CStrExt::from_char_ptr
pub trait CStrExt: private::Sealed {
    /// Returns a pointer to the first byte, for C to read from as long as the string lives.
    fn as_char_ptr(&self) -> *const c_char;

    /// Borrows the string that C keeps at `ptr`.
    ///
    /// Looks for the NUL, so takes time in proportion to the length.
    ///
    /// # Safety
    ///
    /// For the whole of `'a`, which the caller chooses,
    ///
    /// * there is a NUL at or behind `ptr`, and everything up to and with it is valid for reads,
    ///   and less than `isize::MAX` bytes away;
    /// * nobody writes to those bytes.
    unsafe fn from_char_ptr<'a>(ptr: *const c_char) -> &'a Self;

    /// Copies the string into memory of its own.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory for it.
    fn to_cstring(&self) -> Result<CString, AllocError>;

    /// Returns a copy with `A`–`Z` turned into `a`–`z`.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory for it.
    fn to_ascii_lowercase(&self) -> Result<CString, AllocError>;

    /// Returns a copy with `a`–`z` turned into `A`–`Z`.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no memory for it.
    fn to_ascii_uppercase(&self) -> Result<CString, AllocError>;

    /// Turns `A`–`Z` into `a`–`z`, in place; other bytes stay.
    fn make_ascii_lowercase(&mut self);

    /// Turns `a`–`z` into `A`–`Z`, in place; other bytes stay.
    fn make_ascii_uppercase(&mut self);

    /// Looks at `bytes` as a C string that may be written to.
    ///
    /// # Safety
    ///
    /// The last of the bytes is a NUL, and no other one is.
    unsafe fn from_bytes_with_nul_unchecked_mut(bytes: &mut [u8]) -> &mut Self;
}

impl CStrExt for CStr {
    #[inline]
    fn as_char_ptr(&self) -> *const c_char {
        as_char_ptr_in_const_context(self)
    }

    #[inline]
    #[expect(clippy::disallowed_methods, reason = "this is what to use instead")]
    unsafe fn from_char_ptr<'a>(ptr: *const c_char) -> &'a Self {
        // SAFETY: The caller's promise is the one that `from_ptr` asks for; the two `c_char`s are
        // both one byte.
        unsafe { CStr::from_ptr(ptr.cast()) }
    }

    fn to_cstring(&self) -> Result<CString, AllocError> {
        CString::try_from(self)
    }

    fn to_ascii_lowercase(&self) -> Result<CString, AllocError> {
        let mut copy = self.to_cstring()?;
        copy.make_ascii_lowercase();
        Ok(copy)
    }

    fn to_ascii_uppercase(&self) -> Result<CString, AllocError> {
        let mut copy = self.to_cstring()?;
        copy.make_ascii_uppercase();
        Ok(copy)
    }

    fn make_ascii_lowercase(&mut self) {
        bytes_mut(self).make_ascii_lowercase();
    }

    fn make_ascii_uppercase(&mut self) {
        bytes_mut(self).make_ascii_uppercase();
    }

    #[inline]
    unsafe fn from_bytes_with_nul_unchecked_mut(bytes: &mut [u8]) -> &mut Self {
        // SAFETY: The caller promises the contents that `from_bytes_with_nul_unchecked` asks for.
        let view: *const CStr = unsafe { CStr::from_bytes_with_nul_unchecked(bytes) };
        let whole = core::ptr::from_mut(bytes) as *mut CStr;
        debug_assert!(core::ptr::addr_eq(view, whole));
        // SAFETY: A `CStr` is laid out as the slice of its bytes with the NUL (which the line above
        // checks in part), and `whole` comes from the unique borrow that the result takes over.
        unsafe { &mut *whole }
    }
}

/// Gives access to the bytes before the NUL. Whoever writes to them writes no NUL.
fn bytes_mut(string: &mut CStr) -> &mut [u8] {
    let len = string.count_bytes();
    let ptr = core::ptr::from_mut(string).cast::<u8>();
    // SAFETY: The string has `len` bytes before its NUL, and the result takes over the borrow.
    unsafe { core::slice::from_raw_parts_mut(ptr, len) }
}

/// Returns a pointer to the first byte: [`CStrExt::as_char_ptr`], for use in constants and statics,
/// where methods of traits can't be called.
///
/// # Examples
///
/// ```
/// use kernel::str::as_char_ptr_in_const_context;
///
/// struct Table(*const c_char);
/// // SAFETY: The pointer is to a constant.
/// unsafe impl Sync for Table {}
///
/// static TABLE: Table = Table(as_char_ptr_in_const_context(c"first"));
/// // SAFETY: The table holds a terminated constant.
/// assert_eq!(unsafe { CStr::from_char_ptr(TABLE.0) }, c"first");
/// ```
#[inline]
#[expect(clippy::disallowed_methods, reason = "this is what to use instead")]
pub const fn as_char_ptr_in_const_context(c_str: &CStr) -> *const c_char {
    c_str.as_ptr().cast()
}

/// Writes printable ASCII as it is, and every other byte in hexadecimal: `\x0a`.
impl fmt::Display for CStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_escaped(self.to_bytes(), f, |_| None)
    }
}

#[macros::kunit_tests(rust_str_cstr)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn shows_bytes_in_hexadecimal() -> Result {
        let text = CString::try_from_fmt(fmt!("{}", c"a b~\t\n\x7f\xf0\"\\"))?;
        assert_eq!(text.to_bytes(), br#"a b~\x09\x0a\x7f\xf0"\"#);
        let text = CString::try_from_fmt(fmt!("[{}]", c""))?;
        assert_eq!(text.to_bytes(), b"[]");
        Ok(())
    }

    #[test]
    fn pointers_make_the_round_trip() {
        for string in [c"", c"a", c"longer than a word"] {
            // SAFETY: The pointer is to a terminated constant.
            let back = unsafe { CStr::from_char_ptr(string.as_char_ptr()) };
            assert_eq!(back, string);
        }
    }

    #[test]
    fn case_changes_ascii_only() -> Result {
        let string = c"aZ09_\xe4\xc4";
        let lower = string.to_ascii_lowercase()?;
        let upper = string.to_ascii_uppercase()?;
        assert_eq!(&*lower, c"az09_\xe4\xc4");
        assert_eq!(&*upper, c"AZ09_\xe4\xc4");

        let mut bytes = *b"MiXed\0";
        // SAFETY: One NUL, at the end.
        let in_place = unsafe { CStr::from_bytes_with_nul_unchecked_mut(&mut bytes) };
        in_place.make_ascii_uppercase();
        assert_eq!(&*in_place, c"MIXED");
        in_place.make_ascii_lowercase();
        assert_eq!(&bytes, b"mixed\0");
        Ok(())
    }

    #[test]
    fn the_empty_string_has_nothing_to_change() {
        let mut bytes = [0];
        // SAFETY: One NUL, at the end.
        let empty = unsafe { CStr::from_bytes_with_nul_unchecked_mut(&mut bytes) };
        empty.make_ascii_uppercase();
        assert!(empty.is_empty());
        assert_eq!(bytes, [0]);
    }
}
