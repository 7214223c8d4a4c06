// SPDX-License-Identifier: GPL-2.0

//! What a file of text shows of a value.
//!
//! Not API under this path: drivers know the trait as `debugfs::Writer`. It is defined here, beside
//! [`Debug`], because whoever implements it for a type of their own, such as a mutex, has to be able
//! to rely on the implementation for everything that has `Debug`.

use super::{Debug, Formatter, Result};

/// A value that a file can show as text.
///
/// Everything with [`Debug`] can: the file then holds what `{:?}` makes of the value, in a line of
/// its own. Implement the trait for a type without `Debug` to show something else.
///
/// What is shown is up to date when the file is read from its start. It may be asked for more than
/// once until a text that is long has found room, so the value should not be changed by that.
pub trait Writer {
    /// Writes the whole text to `f`, with the newline at its end.
    ///
    /// # Errors
    ///
    /// Those of `f` are to be passed on. Whoever reads the file sees any other as `EIO`.
    fn write(&self, f: &mut Formatter<'_>) -> Result;
}

impl<T: Debug> Writer for T {
    fn write(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "{self:?}")
    }
}
