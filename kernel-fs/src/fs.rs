// SPDX-License-Identifier: GPL-2.0

//! Files and the requests on them.
//!
//! - [`File`] and [`LocalFile`]: an open file. [`mod@file`] says which is which, and has the rest that
//!   belongs to files: descriptors, flags, positions.
//! - [`Kiocb`]: one request to read or write a file.
//!
//! On the C side this is [`include/linux/fs.h`](srctree/include/linux/fs.h).

pub mod file;
mod kiocb;

pub use file::{File, LocalFile};
pub use kiocb::Kiocb;
