// SPDX-License-Identifier: GPL-2.0

//! Files for whoever debugs: values of a driver to look at, and to change, below
//! `/sys/kernel/debug`.
//!
//! A file has some data, which it shows and changes, and the data lives exactly where the file
//! does: that is what the two styles are about.
//!
//! - **One by one.** [`Dir::new`] and [`Dir::subdir`] make folders. [`Dir::read_only_file`] and its
//!   siblings return a [`File<T>`](File), which *is* the data, with a file to it. A driver keeps it
//!   where it would have kept the data.
//! - **By scope.** [`Dir::scope`] takes a whole structure and a closure that makes folders and files
//!   for its parts, through a [`ScopedDir`]. What comes out is a [`Scope<T>`](Scope): the structure,
//!   with all the files to it, which go together. There is nothing to keep for each file, so that
//!   their number may depend on the data.
//!
//! | a file to look at | to look at and change | to change | its data |
//! | --- | --- | --- | --- |
//! | `read_only_file` | `read_write_file` | `write_only_file` | text: [`Writer`], [`Reader`] |
//! | `read_binary_file` | `read_write_binary_file` | `write_binary_file` | bytes: [`BinaryWriter`], [`BinaryReader`] |
//! | `read_callback_file` | `read_write_callback_file` | `write_callback_file`, in scopes `write_only_callback_file` | text, by two functions |
//!
//! All data are shared: the process that reads the file, the one that writes it and the driver may
//! be at it at the same time. So what can be changed is an [`Atomic`] or in a [`Mutex`].
//!
//! Files belong to root, and have the modes 0400, 0600 and 0200.
//!
//! # Nothing fails
//!
//! No driver is to work differently because of debugfs, so that nothing here reports an error: where
//! a folder or a file can't be made, there is none, and none below it, and everything else goes on.
//! This is what C does, too, whose functions take such a folder for an error that they pass on. It
//! happens
//!
//! - when the kernel has no debugfs: without `CONFIG_DEBUG_FS`, or switched off at boot by
//!   `debugfs=off`;
//! - when there is something of that name already;
//! - when the name is empty, `.` or `..`, has a `/` in it, or more than 255 bytes;
//! - without memory.
//!
//! # When files go
//!
//! Dropping a [`File`] or [`Scope`] removes the files, and then drops the data. In between it *waits*
//! until nobody is in a function for the data: C's [`debugfs_remove`] does so for files whose
//! operations it wraps, and all of these are. Processes that still have a file open get `EIO` from
//! then on. When they close it, no code of the driver's runs, so that they don't keep its module in.
//!
//! A folder goes when its [`Dir`] and everything that was made in it are gone.
//!
//! It follows that these can't be dropped where code must not sleep; and that **it waits for ever**
//! when
//!
//! - a function for a file drops this very file, or the scope that it is in: have another file,
//!   outside, for such commands;
//! - a function for a file makes or drops something in the folder of this file, which C has locked
//!   while it waits;
//! - files are dropped while a lock is held that a function for one of them takes.
//!
//! C headers: [`include/linux/debugfs.h`], [`include/linux/seq_file.h`].
//!
//! # Examples
//!
//! ```
//! use kernel::{
//!     debugfs::{Dir, File},
//!     new_mutex,
//!     sync::{atomic::{Atomic, Relaxed}, Mutex},
//! };
//!
//! #[pin_data]
//! struct Driver {
//!     /// `interrupts`: can be looked at.
//!     #[pin]
//!     interrupts: File<Atomic<u32>>,
//!     /// `limit`: can be looked at and changed.
//!     #[pin]
//!     limit: File<Mutex<u64>>,
//! }
//!
//! impl Driver {
//!     fn new() -> impl PinInit<Self> {
//!         let dir = Dir::new(c"doc_debugfs");
//!         pin_init!(Self {
//!             interrupts <- dir.read_only_file(c"interrupts", Atomic::new(0)),
//!             limit <- dir.read_write_file(c"limit", new_mutex!(100)),
//!         })
//!     }
//! }
//!
//! let driver = KBox::pin_init(Driver::new(), GFP_KERNEL)?;
//! driver.interrupts.add(1, Relaxed);
//! assert_eq!(driver.interrupts.load(Relaxed), 1);
//! assert_eq!(*driver.limit.lock(), 100);
//! # Ok::<(), Error>(())
//! ```
//!
//! [`Atomic`]: crate::sync::atomic::Atomic
//! [`Mutex`]: crate::sync::Mutex
//! [`debugfs_remove`]: srctree/include/linux/debugfs.h
//! [`include/linux/debugfs.h`]: srctree/include/linux/debugfs.h
//! [`include/linux/seq_file.h`]: srctree/include/linux/seq_file.h

#[cfg(CONFIG_DEBUG_FS)]
mod entry;
#[cfg(not(CONFIG_DEBUG_FS))]
#[path = "debugfs/no_entry.rs"]
mod entry;

mod dir;
mod file;
mod ops;
mod reader;
mod scope;
#[cfg(all(CONFIG_KUNIT = "y", CONFIG_DEBUG_FS))]
mod tests;

pub use dir::Dir;
pub use file::File;
pub use reader::{BinaryReader, Reader};
pub use scope::{Scope, ScopedDir};

/// # Examples
///
/// A text of the driver's own:
///
/// ```
/// use kernel::{debugfs::{Dir, Writer}, fmt};
///
/// struct Version(u8, u8);
///
/// impl Writer for Version {
///     fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         writeln!(f, "{}.{}", self.0, self.1)
///     }
/// }
///
/// let dir = Dir::new(c"doc_writer");
/// let file = KBox::pin_init(dir.read_only_file(c"version", Version(1, 4)), GFP_KERNEL)?;
/// assert_eq!((file.0, file.1), (1, 4));
/// # Ok::<(), Error>(())
/// ```
pub use crate::fmt::contents::Writer;

/// # Examples
///
/// The bytes of a part of the data:
///
/// ```
/// use kernel::{
///     debugfs::{BinaryWriter, Dir},
///     fs::file::Offset,
///     uaccess::{UserPtr, UserSlice, UserSliceWriter},
/// };
///
/// struct Firmware {
///     image: KVec<u8>,
/// }
///
/// impl BinaryWriter for Firmware {
///     fn write_to_slice(
///         &self,
///         writer: &mut UserSliceWriter,
///         offset: &mut Offset,
///     ) -> Result<usize> {
///         self.image.write_to_slice(writer, offset)
///     }
/// }
///
/// let firmware = Firmware { image: kernel::kvec![1, 2, 3]? };
/// let dir = Dir::new(c"doc_binary_writer");
/// let file = KBox::pin_init(dir.read_binary_file(c"image", firmware), GFP_KERNEL)?;
///
/// // At the end of the file there is nothing to read.
/// let mut writer = UserSlice::new(UserPtr::from_addr(0x1000), 8).writer();
/// assert_eq!(file.write_to_slice(&mut writer, &mut 3), Ok(0));
/// # Ok::<(), Error>(())
/// ```
pub use crate::uaccess::contents::BinaryWriter;

/// # Examples
///
/// ```
/// use kernel::{debugfs::BinaryReaderMut, uaccess::{UserPtr, UserSlice}};
///
/// let mut table = [0u32; 4];
/// let mut reader = UserSlice::new(UserPtr::from_addr(0x1000), 8).reader();
/// // The table has 16 bytes; behind them there is room for none.
/// let mut offset = 16;
/// assert_eq!(table.read_from_slice_mut(&mut reader, &mut offset), Ok(0));
/// assert_eq!(table.read_from_slice_mut(&mut reader, &mut -1), Err(EINVAL));
/// ```
pub use crate::uaccess::contents::BinaryReaderMut;
