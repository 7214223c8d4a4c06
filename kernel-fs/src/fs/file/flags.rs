// SPDX-License-Identifier: GPL-2.0

//! How a file is open: [`LocalFile::flags`](super::LocalFile::flags).
//!
//! The lowest bits, [`O_ACCMODE`], are a number: [`O_RDONLY`], [`O_WRONLY`] or [`O_RDWR`]. All others
//! are bits of their own. Some only matter while the file is being opened, and are gone afterwards.
//!
//! C header: [`include/uapi/asm-generic/fcntl.h`](srctree/include/uapi/asm-generic/fcntl.h)
//!
//! # Examples
//!
//! ```
//! use kernel::fs::file::flags;
//!
//! fn may_write(flags: u32) -> bool {
//!     matches!(flags & flags::O_ACCMODE, flags::O_WRONLY | flags::O_RDWR)
//! }
//!
//! fn may_block(flags: u32) -> bool {
//!     flags & flags::O_NONBLOCK == 0
//! }
//!
//! let flags = flags::O_RDWR | flags::O_NONBLOCK;
//! assert!(may_write(flags) && !may_block(flags));
//! // Read-only is not a bit, but the absence of both others.
//! assert!(!may_write(flags::O_RDONLY) && may_block(flags::O_RDONLY));
//! ```

use crate::bindings;

/// Each write goes to the end of the file.
pub const O_APPEND: u32 = bindings::O_APPEND;

/// The owner gets a signal when the file becomes ready.
pub const O_ASYNC: u32 = bindings::FASYNC;

/// The descriptor is closed when the process executes another program.
pub const O_CLOEXEC: u32 = bindings::O_CLOEXEC;

/// A file that does not exist is created.
pub const O_CREAT: u32 = bindings::O_CREAT;

/// Reads and writes bypass the page cache.
pub const O_DIRECT: u32 = bindings::O_DIRECT;

/// Only a directory can be opened.
pub const O_DIRECTORY: u32 = bindings::O_DIRECTORY;

/// A write returns when the data is on the medium, and what it takes to read it back.
pub const O_DSYNC: u32 = bindings::O_DSYNC;

/// With [`O_CREAT`]: the file must not exist.
pub const O_EXCL: u32 = bindings::O_EXCL;

/// The size of the file may need more than 31 bits.
pub const O_LARGEFILE: u32 = bindings::O_LARGEFILE;

/// Another name of [`O_NONBLOCK`].
pub const O_NDELAY: u32 = bindings::O_NDELAY;

/// Reading does not change the time of the last access.
pub const O_NOATIME: u32 = bindings::O_NOATIME;

/// A terminal does not become the one that controls the process.
pub const O_NOCTTY: u32 = bindings::O_NOCTTY;

/// A symbolic link is not followed.
pub const O_NOFOLLOW: u32 = bindings::O_NOFOLLOW;

/// What would have to wait fails instead.
pub const O_NONBLOCK: u32 = bindings::O_NONBLOCK;

/// The descriptor only names a place; the file itself is not opened.
pub const O_PATH: u32 = bindings::O_PATH;

/// A write returns when the data and all that describes it are on the medium.
pub const O_SYNC: u32 = bindings::O_SYNC;

/// A file without a name is created in the given directory.
pub const O_TMPFILE: u32 = bindings::O_TMPFILE;

/// The file is emptied.
pub const O_TRUNC: u32 = bindings::O_TRUNC;

/// The bits that tell [`O_RDONLY`], [`O_WRONLY`] and [`O_RDWR`] apart.
pub const O_ACCMODE: u32 = bindings::O_ACCMODE;

/// The file can only be read.
pub const O_RDONLY: u32 = bindings::O_RDONLY;

/// The file can only be written.
pub const O_WRONLY: u32 = bindings::O_WRONLY;

/// The file can be read and written.
pub const O_RDWR: u32 = bindings::O_RDWR;
