// SPDX-License-Identifier: GPL-2.0

//! A value with one file to it.

use super::{entry::Folder, ops::FileOps, Scope};
use crate::prelude::*;
use core::ops::Deref;

/// A value, and a file to it, which a [`Dir`](super::Dir) made.
///
/// Dereferences to the value. Dropping it first removes the file, and waits until nobody uses it any
/// more, and then drops the value.
///
/// # Examples
///
/// ```
/// use kernel::{
///     debugfs::{Dir, File},
///     sync::atomic::{Atomic, Relaxed},
/// };
///
/// let dir = Dir::new(c"doc_file");
/// let file: Pin<KBox<File<Atomic<usize>>>> =
///     KBox::pin_init(dir.read_write_file(c"retries", Atomic::<usize>::new(3)), GFP_KERNEL)?;
/// // The folder stays, as long as there is something in it.
/// drop(dir);
///
/// file.store(4, Relaxed);
/// assert_eq!(file.load(Relaxed), 4);
/// # Ok::<(), Error>(())
/// ```
#[pin_data]
pub struct File<T> {
    #[pin]
    scope: Scope<T>,
}

impl<T: Sync + 'static> File<T> {
    /// Initialises a value with `data`, and makes a file called `name` for it.
    pub(super) fn new<'a, E: 'a>(
        data: impl PinInit<T, E> + 'a,
        folder: &'a Folder,
        name: &'a CStr,
        ops: &'static FileOps<T>,
    ) -> impl PinInit<Self, E> + 'a {
        try_pin_init!(Self {
            scope <- Scope::new(data, move |data| {
                // SAFETY: As `Scope::new` says, the value stays where it is, and is only shared,
                // until the entry was dropped.
                unsafe { folder.file(name, data, ops) }
            }),
        }? E)
    }
}

impl<T> Deref for File<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.scope
    }
}
