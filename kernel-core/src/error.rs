// SPDX-License-Identifier: GPL-2.0

//! Failure, as the C side reports it: negative error numbers.
//!
//! C functions fail in one of three ways, and each has its converter here:
//!
//! | a C function returns | Rust uses |
//! | --- | --- |
//! | `int`: zero or positive, or `-EINVAL` and its like | [`to_result`] |
//! | a pointer, or an error number dressed as one (`ERR_PTR`) | [`from_err_ptr`], [`Error::to_ptr`] |
//! | a callback of ours that C calls and that returns `int` | [`from_result`] |
//!
//! What comes out is a [`Result`], whose error is an [`Error`]: one number, never zero, with the
//! name that C knows it by. The numbers themselves are the constants of [`code`], and the prelude
//! imports them all.
//!
//! C headers: [`include/linux/err.h`], [`include/linux/errno.h`].
//!
//! [`include/linux/err.h`]: srctree/include/linux/err.h
//! [`include/linux/errno.h`]: srctree/include/linux/errno.h

use crate::{
    alloc::{layout::LayoutError, AllocError},
    fmt,
    prelude::*,
};
use core::{
    convert::Infallible,
    num::{NonZeroI32, TryFromIntError},
    str::Utf8Error,
};

/// The error numbers, each as an [`Error`].
///
/// The C names are kept. A number that user space never sees says so.
pub mod code {
    macro_rules! error_codes {
        ($($name:ident: $doc:literal,)*) => {$(
            #[doc = $doc]
            // A `None` here ends the build: no number of this table is out of range.
            pub const $name: super::Error =
                super::Error::try_from_errno(-(crate::bindings::$name as crate::ffi::c_int))
                    .expect(stringify!($name));
        )*};
    }

    error_codes! {
        EPERM: "Operation not permitted.",
        ENOENT: "No such file or directory.",
        ESRCH: "No such process.",
        EINTR: "Interrupted system call.",
        EIO: "I/O error.",
        ENXIO: "No such device or address.",
        E2BIG: "Argument list too long.",
        ENOEXEC: "Exec format error.",
        EBADF: "Bad file number.",
        ECHILD: "No child processes.",
        EAGAIN: "Try again.",
        ENOMEM: "Out of memory.",
        EACCES: "Permission denied.",
        EFAULT: "Bad address.",
        ENOTBLK: "Block device required.",
        EBUSY: "Device or resource busy.",
        EEXIST: "File exists.",
        EXDEV: "Cross-device link.",
        ENODEV: "No such device.",
        ENOTDIR: "Not a directory.",
        EISDIR: "Is a directory.",
        EINVAL: "Invalid argument.",
        ENFILE: "File table overflow.",
        EMFILE: "Too many open files.",
        ENOTTY: "Not a typewriter: the file does not know this ioctl.",
        ETXTBSY: "Text file busy.",
        EFBIG: "File too large.",
        ENOSPC: "No space left on device.",
        ESPIPE: "Illegal seek.",
        EROFS: "Read-only file system.",
        EMLINK: "Too many links.",
        EPIPE: "Broken pipe.",
        EDOM: "Math argument out of domain of func.",
        ERANGE: "Math result not representable.",
        EOVERFLOW: "Value too large for defined data type.",
        EMSGSIZE: "Message too long.",
        ETIMEDOUT: "Connection timed out.",
        ERESTARTSYS: "Restart the system call; only with a signal pending, never seen by user space.",
        ERESTARTNOINTR: "Restart the system call whatever the handler says; never seen by user space.",
        ERESTARTNOHAND: "Restart if no handler ran; never seen by user space.",
        ENOIOCTLCMD: "No ioctl command; becomes [`ENOTTY`] on the way to user space.",
        ERESTART_RESTARTBLOCK: "Restart through `sys_restart_syscall`; never seen by user space.",
        EPROBE_DEFER: "A driver asks for its probe to be tried again later.",
        EOPENSTALE: "Open found a stale dentry.",
        ENOPARAM: "Parameter not supported.",
        EBADHANDLE: "Illegal NFS file handle.",
        ENOTSYNC: "Update synchronization mismatch.",
        EBADCOOKIE: "Cookie is stale.",
        ENOTSUPP: "Operation is not supported; not for user space, which knows `EOPNOTSUPP`.",
        ETOOSMALL: "Buffer or request is too small.",
        ESERVERFAULT: "An untranslatable error occurred.",
        EBADTYPE: "Type not supported by server.",
        EJUKEBOX: "Request started, and will not end before its timeout.",
        EIOCBQUEUED: "I/O control block queued, completion event follows.",
        ERECALLCONFLICT: "Conflict with recalled state.",
        ENOGRACE: "NFS file lock reclaim refused.",
    }
}

/// The largest error number: what [`IS_ERR_VALUE`] takes for one.
///
/// [`IS_ERR_VALUE`]: srctree/include/linux/err.h
const MAX_ERRNO: c_int = crate::bindings::MAX_ERRNO as c_int;

/// A kernel error number.
///
/// Copies freely, compares equal by number, and prints (`{:?}`) as the name of the number where
/// `CONFIG_SYMBOLIC_ERRNAME` provides names.
///
/// # Invariants
///
/// The number is in `-MAX_ERRNO..=-1`.
///
/// # Examples
///
/// ```
/// let error = Error::from_errno(-12);
/// assert_eq!(error, ENOMEM);
/// assert_eq!(error.to_errno(), -12);
///
/// // `?` turns the errors of other interfaces into this one.
/// fn narrow(value: u64) -> Result<u8> {
///     Ok(value.try_into()?)
/// }
/// assert_eq!(narrow(7), Ok(7));
/// assert_eq!(narrow(700), Err(EINVAL));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error(NonZeroI32);

impl Error {
    /// Makes an error from a negative `errno`, as C functions return it.
    ///
    /// A number outside `-4095..=-1` means a bug in the caller: it is reported in the log, and the
    /// result is [`EINVAL`].
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(Error::from_errno(-19), ENODEV);
    /// // Not an error number: positive.
    /// assert_eq!(Error::from_errno(19), EINVAL);
    /// ```
    pub fn from_errno(errno: c_int) -> Error {
        match Error::try_from_errno(errno) {
            Some(error) => error,
            None => {
                pr_warn!("{} is no error number, taking it for EINVAL\n", errno);
                EINVAL
            }
        }
    }

    /// Makes an error from `errno` if that is in range.
    const fn try_from_errno(errno: c_int) -> Option<Error> {
        if errno < -MAX_ERRNO || errno >= 0 {
            return None;
        }
        match NonZeroI32::new(errno) {
            // INVARIANT: The range was checked above.
            Some(errno) => Some(Error(errno)),
            None => None,
        }
    }

    /// Returns the number, which is negative, as C functions return it.
    #[inline]
    pub fn to_errno(self) -> c_int {
        self.0.get()
    }

    /// Dresses the error as a pointer, for a C caller that expects a pointer or an error:
    /// [`ERR_PTR`].
    ///
    /// The pointer must never be dereferenced; [`from_err_ptr`] takes it apart.
    ///
    /// # Examples
    ///
    /// ```
    /// let ptr = EBUSY.to_ptr::<u32>();
    /// assert_eq!(ptr as isize, EBUSY.to_errno() as isize);
    /// ```
    ///
    /// [`ERR_PTR`]: srctree/include/linux/err.h
    pub fn to_ptr<T>(self) -> *mut T {
        // Sign extension puts every error number into the topmost page of the address space.
        core::ptr::without_provenance_mut(self.0.get() as usize)
    }

    /// Returns the name of the number, such as `ENOMEM`, if the kernel was built with names
    /// ([`errname`], `CONFIG_SYMBOLIC_ERRNAME`) and has one for it.
    ///
    /// # Examples
    ///
    /// ```
    /// let name = ENOENT.name();
    /// # #[cfg(CONFIG_SYMBOLIC_ERRNAME)]
    /// assert_eq!(name, Some(c"ENOENT"));
    /// # #[cfg(not(CONFIG_SYMBOLIC_ERRNAME))]
    /// # assert_eq!(name, None);
    /// ```
    ///
    /// [`errname`]: srctree/include/linux/errname.h
    pub fn name(&self) -> Option<&'static CStr> {
        // SAFETY: `errname` takes any number; it only looks it up in constant tables.
        let name = unsafe { crate::bindings::errname(-self.0.get()) };
        if name.is_null() {
            return None;
        }
        // SAFETY: `errname` returned non-null: a string constant, thus terminated and never freed.
        Some(unsafe { CStr::from_char_ptr(name) })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name().map(CStr::to_str) {
            Some(Ok(name)) => f.write_str(name),
            _ => write!(f, "Error({})", self.0),
        }
    }
}

macro_rules! convert_to {
    ($($source:ty => $error:ident, $why:literal;)*) => {$(
        #[doc = $why]
        impl From<$source> for Error {
            #[inline]
            fn from(_: $source) -> Error {
                $error
            }
        }
    )*};
}

convert_to! {
    AllocError => ENOMEM, "A failed allocation is [`ENOMEM`].";
    LayoutError => ENOMEM, "More bytes than an allocation can have is [`ENOMEM`].";
    TryFromIntError => EINVAL, "An integer that does not fit is [`EINVAL`].";
    Utf8Error => EINVAL, "Text that is not UTF-8 is [`EINVAL`].";
    fmt::Error => EINVAL, "Failed formatting, for instance for want of room, is [`EINVAL`].";
}

/// There is no such error to convert.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Error {
        match never {}
    }
}

/// What a fallible kernel function returns; without parameters, nothing or an [`Error`].
///
/// The kernel does not panic over bad input or missing memory: a function that may fail returns
/// this, and its caller passes the error on with `?` or handles it.
///
/// # Examples
///
/// ```
/// fn checked(channel: u32) -> Result {
///     if channel > 3 {
///         return Err(EINVAL);
///     }
///     Ok(())
/// }
///
/// fn select(channel: u32) -> Result<u32> {
///     checked(channel)?;
///     Ok(1 << channel)
/// }
///
/// assert_eq!(select(2), Ok(4));
/// assert_eq!(select(4), Err(EINVAL));
/// ```
pub type Result<T = (), E = Error> = core::result::Result<T, E>;

/// Takes what a C function returned: negative is an error, anything else is success.
///
/// A positive return value is lost; keep it first if it means something.
///
/// # Errors
///
/// The error whose number `err` is.
///
/// # Examples
///
/// ```
/// use kernel::error::to_result;
///
/// assert_eq!(to_result(0), Ok(()));
/// assert_eq!(to_result(3), Ok(()));
/// assert_eq!(to_result(-5), Err(EIO));
/// ```
#[inline]
pub fn to_result(err: c_int) -> Result {
    if err >= 0 {
        return Ok(());
    }
    Err(Error::from_errno(err))
}

/// Takes a pointer that a C function returned and that may be an error in disguise ([`IS_ERR`],
/// [`PTR_ERR`]).
///
/// A null pointer is not an error: it comes back as it is.
///
/// # Errors
///
/// The error that the pointer stands for.
///
/// # Examples
///
/// ```
/// use kernel::error::from_err_ptr;
///
/// let mut value = 7u32;
/// let fine: *mut u32 = &mut value;
/// assert_eq!(from_err_ptr(fine), Ok(fine));
/// assert_eq!(from_err_ptr(EAGAIN.to_ptr::<u32>()), Err(EAGAIN));
/// assert_eq!(from_err_ptr(core::ptr::null_mut::<u32>()), Ok(core::ptr::null_mut()));
/// ```
///
/// [`IS_ERR`]: srctree/include/linux/err.h
/// [`PTR_ERR`]: srctree/include/linux/err.h
pub fn from_err_ptr<T>(ptr: *mut T) -> Result<*mut T> {
    let value = ptr.addr() as isize;
    match c_int::try_from(value).ok().and_then(Error::try_from_errno) {
        Some(error) => Err(error),
        None => Ok(ptr),
    }
}

/// Runs the body of a callback that C calls, and turns its result into the integer that C expects.
///
/// `T` is that integer's type: `c_int`, `isize`, … – any type that every error number fits in.
///
/// # Examples
///
/// ```
/// use kernel::error::from_result;
///
/// unsafe extern "C" fn count_callback(data: *const u32) -> c_int {
///     from_result(|| {
///         if data.is_null() {
///             return Err(ENOENT);
///         }
///         // SAFETY: The one caller, below, passes null or a pointer to an integer that lives.
///         Ok(unsafe { *data } as c_int)
///     })
/// }
///
/// // SAFETY: The pointer is valid for reads.
/// assert_eq!(unsafe { count_callback(&5) }, 5);
/// // SAFETY: The callback checks for null.
/// assert_eq!(unsafe { count_callback(core::ptr::null()) }, ENOENT.to_errno());
/// ```
pub fn from_result<T, F>(f: F) -> T
where
    T: From<i16>,
    F: FnOnce() -> Result<T>,
{
    match f() {
        Ok(value) => value,
        // An error number is at least -4095 (the type's invariant), so it keeps its value.
        Err(error) => T::from(error.to_errno() as i16),
    }
}

/// What the default body of an optional [`vtable`] method complains with when it is reached.
///
/// [`vtable`]: macro@crate::macros::vtable
pub const VTABLE_DEFAULT_ERROR: &str =
    "an operation that the implementation left out was called: see `#[vtable]`";

#[kunit_tests(rust_error)]
mod tests {
    use super::*;
    use crate::bindings;

    #[test]
    fn every_number_makes_the_round_trip() {
        for errno in -MAX_ERRNO..0 {
            let error = Error::from_errno(errno);
            assert_eq!(error.to_errno(), errno);
            assert_eq!(to_result(errno), Err(error));
            assert_eq!(from_err_ptr(error.to_ptr::<u8>()), Err(error));
            assert_eq!(from_result::<c_int, _>(|| Err(error)), errno);
            assert_eq!(from_result::<isize, _>(|| Err(error)), errno as isize);
        }
    }

    #[test]
    fn pointers_agree_with_the_c_macros() {
        for errno in -MAX_ERRNO..0 {
            let ptr = Error::from_errno(errno).to_ptr::<c_void>();
            // SAFETY: Plain arithmetic on the number.
            assert_eq!(ptr, unsafe { bindings::ERR_PTR(errno as c_long) });
            // SAFETY: Plain arithmetic on the address.
            assert!(unsafe { bindings::IS_ERR(ptr) });
            // SAFETY: Plain arithmetic on the address.
            assert_eq!(unsafe { bindings::PTR_ERR(ptr) }, errno as c_long);
        }

        // Just outside of the error page, and in the middle of nowhere.
        for addr in [
            0,
            1,
            0x1000,
            usize::MAX >> 1,
            usize::MAX - MAX_ERRNO as usize,
        ] {
            let ptr = core::ptr::without_provenance_mut::<c_void>(addr);
            // SAFETY: Plain arithmetic on the address.
            assert!(!unsafe { bindings::IS_ERR(ptr) });
            assert_eq!(from_err_ptr(ptr), Ok(ptr));
        }
    }

    #[test]
    fn numbers_out_of_range_become_einval() {
        for errno in [0, 1, 22, -MAX_ERRNO - 1, c_int::MIN, c_int::MAX] {
            assert_eq!(Error::from_errno(errno), EINVAL);
            assert!(Error::try_from_errno(errno).is_none());
        }
        assert_eq!(to_result(c_int::MIN), Err(EINVAL));
        assert_eq!(to_result(c_int::MAX), Ok(()));
    }

    #[test]
    fn an_optional_error_costs_nothing() {
        assert_eq!(size_of::<Error>(), size_of::<c_int>());
        assert_eq!(size_of::<Result>(), size_of::<c_int>());
    }

    #[test]
    fn names_are_the_c_names() {
        #[cfg(CONFIG_SYMBOLIC_ERRNAME)]
        {
            for (error, name) in [
                (EPERM, c"EPERM"),
                (ENOMEM, c"ENOMEM"),
                (EINVAL, c"EINVAL"),
                (EPROBE_DEFER, c"EPROBE_DEFER"),
            ] {
                assert_eq!(error.name(), Some(name));
            }
        }
        #[cfg(not(CONFIG_SYMBOLIC_ERRNAME))]
        assert_eq!(EPERM.name(), None);

        // A number that has no name in any configuration.
        assert_eq!(Error::from_errno(-4000).name(), None);
    }

    #[test]
    fn debug_shows_name_or_number() -> Result {
        let text = crate::str::CString::try_from_fmt(fmt!("{:?}", Error::from_errno(-4000)))?;
        assert_eq!(text.to_bytes(), b"Error(-4000)");

        let text = crate::str::CString::try_from_fmt(fmt!("{:?}", ENOSPC))?;
        let expected: &[u8] = if cfg!(CONFIG_SYMBOLIC_ERRNAME) {
            b"ENOSPC"
        } else {
            b"Error(-28)"
        };
        assert_eq!(text.to_bytes(), expected);
        Ok(())
    }

    #[test]
    fn other_errors_convert() {
        assert_eq!(Error::from(AllocError), ENOMEM);
        assert_eq!(Error::from(fmt::Error), EINVAL);
        assert_eq!(u8::try_from(300u16).map_err(Error::from), Err(EINVAL));
        assert_eq!(
            core::str::from_utf8(&[u8::MAX; 2][1..]).map_err(Error::from),
            Err(EINVAL)
        );
    }
}
