// SPDX-License-Identifier: GPL-2.0

//! Files whose contents are printed when they are read.
//!
//! A `show` operation of debugfs, procfs or `show_fdinfo` gets a [`SeqFile`] and prints to it with
//! [`seq_print!`](crate::seq_print). C takes care of buffers, positions and small reads: what does not
//! fit is thrown away, and `show` is called again with a buffer of twice the size.
//!
//! C header: [`include/linux/seq_file.h`](srctree/include/linux/seq_file.h),
//! [`Documentation/filesystems/seq_file.rst`](srctree/Documentation/filesystems/seq_file.rst)

use crate::{
    bindings,
    fmt::{self, Write},
    types::{NotThreadSafe, Opaque},
};

#[doc(inline)]
pub use crate::seq_print;

#[cfg(CONFIG_KUNIT = "y")]
mod tests;

/// Where a `show` operation prints to: [`struct seq_file`].
///
/// # Examples
///
/// ```
/// use kernel::{seq_file::SeqFile, seq_print};
///
/// /// The `show` operation of a file that says how full some queues are.
/// fn show(m: &SeqFile, queues: &[usize]) {
///     for (index, len) in queues.iter().enumerate() {
///         seq_print!(m, "queue {index}: {len}\n");
///     }
/// }
///
/// # let mut buf = [0u8; 64];
/// # let mut file = kernel::bindings::seq_file {
/// #     buf: buf.as_mut_ptr().cast(),
/// #     size: buf.len(),
/// #     ..Default::default()
/// # };
/// # // SAFETY: The structure and its buffer are in scope.
/// # let m = unsafe { SeqFile::from_raw(&raw mut file) };
/// show(m, &[3, 0]);
/// # let text = &buf[..file.count];
/// assert_eq!(text, b"queue 0: 3\nqueue 1: 0\n");
/// ```
///
/// # Invariants
///
/// The structure is one that the current context may print to for as long as a reference to a value of
/// this type exists.
///
/// [`struct seq_file`]: srctree/include/linux/seq_file.h
#[repr(transparent)]
pub struct SeqFile {
    inner: Opaque<bindings::seq_file>,
    _stays_here: NotThreadSafe,
}

impl SeqFile {
    /// Takes a C structure for a reference.
    ///
    /// # Safety
    ///
    /// For the length of `'a`, `ptr` points to an initialised `seq_file`, and nobody but the current
    /// context uses it, as is so for the length of a `show` operation.
    #[inline]
    pub unsafe fn from_raw<'a>(ptr: *mut bindings::seq_file) -> &'a SeqFile {
        // INVARIANT: The caller says so.
        //
        // SAFETY: `SeqFile` is a transparent wrapper of `seq_file`; the caller vouches for its life.
        unsafe { &*ptr.cast() }
    }

    /// Prints `args`. Use [`seq_print!`](crate::seq_print).
    ///
    /// What does not fit is left out, and C then calls the `show` operation again.
    #[inline]
    pub fn call_printf(&self, args: fmt::Arguments<'_>) {
        // There are two errors: there is no room, which C has remembered; or an argument gave up, and
        // what it has printed is worth having.
        let _ = Pieces(self).write_fmt(args);
    }
}

/// Prints text piece by piece.
///
/// `seq_printf()` with `%pA` would format everything in place and count afterwards how much that was.
/// An argument that itself prints to the file, by a `SeqFile` in a `Display` implementation, would
/// then have its text overwritten, and uninitialised memory of the buffer would be counted in. Of the
/// pieces that this appends, each is written and counted in one step.
struct Pieces<'a>(&'a SeqFile);

impl Write for Pieces<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: By the invariant of `SeqFile`, the structure may be printed to; the text is valid for
        // reads of its length.
        let status =
            unsafe { bindings::seq_write(self.0.inner.get(), text.as_ptr().cast(), text.len()) };
        if status == 0 {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}

/// Prints to a [`SeqFile`], formatted as by [`fmt!`].
///
/// `seq_print!(m, "format", arguments…)`. A line ends with `\n`, which you write.
///
/// # Examples
///
/// ```
/// use kernel::{seq_file::SeqFile, seq_print};
///
/// fn show(m: &SeqFile, name: &CStr, on: bool) {
///     seq_print!(m, "{name}:");
///     seq_print!(m, " {}\n", if on { "on" } else { "off" });
/// }
///
/// # let mut buf = [0u8; 64];
/// # let mut file = kernel::bindings::seq_file {
/// #     buf: buf.as_mut_ptr().cast(),
/// #     size: buf.len(),
/// #     ..Default::default()
/// # };
/// # // SAFETY: The structure and its buffer are in scope.
/// # let m = unsafe { SeqFile::from_raw(&raw mut file) };
/// show(m, c"fan", true);
/// # let text = &buf[..file.count];
/// assert_eq!(text, b"fan: on\n");
/// ```
///
/// [`SeqFile`]: crate::seq_file::SeqFile
/// [`fmt!`]: macro@crate::prelude::fmt
#[macro_export]
macro_rules! seq_print {
    ($m:expr, $($arg:tt)+) => {
        $m.call_printf($crate::prelude::fmt!($($arg)+))
    };
}
