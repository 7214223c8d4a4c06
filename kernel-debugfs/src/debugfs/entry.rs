// SPDX-License-Identifier: GPL-2.0

//! Folders and files as C has them.

use super::ops::{FileOps, BYTES, TEXT};
use crate::{bindings, prelude::*, sync::Arc};
use core::{marker::PhantomData, ptr::null_mut};

/// A folder or file, as C's functions return it and take it.
///
/// A copy of a pointer: who uses it has to know that the entry is still there.
///
/// # Invariants
///
/// `0` was returned by a function of debugfs that makes folders or files, and so is an error, as a
/// pointer, or an entry that was made then; or it is null.
#[derive(Clone, Copy)]
struct Dentry(*mut bindings::dentry);

impl Dentry {
    /// The folder that all others are in.
    // INVARIANT: Null.
    const ROOT: Self = Self(null_mut());

    /// Makes a folder in this one.
    ///
    /// # Safety
    ///
    /// The entry is an error, or the root, or a folder that is not removed before this returns.
    unsafe fn dir(self, name: &CStr) -> Self {
        // INVARIANT: What the function returned.
        //
        // SAFETY: The name ends with a NUL, and is copied. C takes an error, or null for the root;
        // by the contract, any other parent is there.
        Self(unsafe { bindings::debugfs_create_dir(name.as_char_ptr(), self.0) })
    }

    /// Makes a file to `data` in this folder.
    ///
    /// # Safety
    ///
    /// - The entry is an error, or the root, or a folder that is not removed before this returns.
    /// - `data` stays where it is, and valid for shared use by any task, until the file has been
    ///   removed.
    unsafe fn file<T: Sync>(self, name: &CStr, data: &T, ops: &'static FileOps<T>) -> Self {
        let name = name.as_char_ptr();
        let data = core::ptr::from_ref(data).cast_mut().cast::<c_void>();
        // What the operations behind both tables expect to find with the file: `data`, and the
        // operations for data of this type.
        let aux = core::ptr::from_ref(ops.erased()).cast::<c_void>();
        let mode = ops.mode();
        // INVARIANT: What the function returned, in both cases.
        Self(if ops.erased().is_text() {
            // SAFETY: As for `dir`; the table is a static, and so outlives the file and whoever has
            // it open. Its operations use `aux`, a `'static` reference, and `data`, by this
            // function's contract, until the file has been removed.
            unsafe {
                bindings::debugfs_create_file_full(name, mode, self.0, data, aux, TEXT.as_ptr())
            }
        } else {
            // SAFETY: As above.
            unsafe {
                bindings::debugfs_create_file_short(name, mode, self.0, data, aux, BYTES.as_ptr())
            }
        })
    }
}

/// A file, or a folder with all that is in it, which is removed when this value is dropped.
///
/// # Invariants
///
/// An entry in `dentry` that is neither an error nor null is there until this value is dropped: it
/// is removed by that, and by nothing else. A folder that it is in is the root, or is kept by
/// `_parent`.
pub(super) struct Entry {
    dentry: Dentry,
    /// Dropped after the entry itself was removed: C removes folders with all that is in them.
    _parent: Option<Arc<Entry>>,
}

// SAFETY: Any task may call the functions of debugfs, which lock for themselves.
unsafe impl Send for Entry {}

// SAFETY: As above; only dropping, which needs the value for itself, removes the entry.
unsafe impl Sync for Entry {}

impl Entry {
    /// Makes a folder in the root.
    pub(super) fn root_dir(name: &CStr) -> Self {
        // INVARIANT: A new entry, in the root.
        Self {
            // SAFETY: The root.
            dentry: unsafe { Dentry::ROOT.dir(name) },
            _parent: None,
        }
    }

    /// Returns the folder itself, to make others in.
    pub(super) fn as_place(&self) -> Place<'_> {
        // INVARIANT: By the invariant of `Self` the folder is there while it is borrowed.
        Place {
            dentry: self.dentry,
            _borrow: PhantomData,
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // Ignores errors. Where there is an entry, this waits until no operation on a file in it
        // uses its data, and all that begin later fail.
        //
        // SAFETY: By the invariant the entry is there until now, and nobody else removes it.
        unsafe { bindings::debugfs_remove(self.dentry.0) };
    }
}

/// A shared folder, which is removed when its last owner is gone, and all that was made in it.
///
/// `None` if there was no memory: then nothing is made in it, as with other errors.
#[derive(Clone)]
pub(super) struct Folder(Option<Arc<Entry>>);

impl Folder {
    /// Makes a folder in the root.
    pub(super) fn new(name: &CStr) -> Self {
        Self::shared(Entry::root_dir(name))
    }

    /// Makes a folder in this one.
    pub(super) fn sub_folder(&self, name: &CStr) -> Self {
        Self::shared(self.dir(name))
    }

    /// Shares a folder, or removes it if there is no memory for that.
    fn shared(entry: Entry) -> Self {
        Self(Arc::new(entry, GFP_KERNEL).ok())
    }

    /// Returns the folder as C has it: an error, or there while `self` is borrowed.
    fn dentry(&self) -> Dentry {
        match &self.0 {
            Some(entry) => entry.dentry,
            // INVARIANT: An error.
            None => Dentry(ENOMEM.to_ptr()),
        }
    }

    /// Makes a folder in this one, with an owner of its own.
    pub(super) fn dir(&self, name: &CStr) -> Entry {
        // INVARIANT: A new entry, in a folder that is kept.
        Entry {
            // SAFETY: By its invariant the parent is there until its `Entry` is dropped, and `self`
            // owns that.
            dentry: unsafe { self.dentry().dir(name) },
            _parent: self.0.clone(),
        }
    }

    /// Makes a file in this folder.
    ///
    /// # Safety
    ///
    /// `data` stays where it is, and valid for shared use by any task, until the returned value is
    /// dropped.
    pub(super) unsafe fn file<T: Sync>(
        &self,
        name: &CStr,
        data: &T,
        ops: &'static FileOps<T>,
    ) -> Entry {
        // INVARIANT: A new entry, in a folder that is kept.
        Entry {
            // SAFETY: As for `dir`. The file is removed when the returned value is dropped, and by
            // the contract `data` stays until then.
            dentry: unsafe { self.dentry().file(name, data, ops) },
            _parent: self.0.clone(),
        }
    }
}

/// A folder in an [`Entry`] that somebody else owns, or that entry itself.
///
/// # Invariants
///
/// `dentry` is an error, or a folder that is not removed during `'a`.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    dentry: Dentry,
    _borrow: PhantomData<&'a Entry>,
}

impl<'a> Place<'a> {
    /// Makes a folder in this one. It goes with the entry.
    pub(super) fn dir(self, name: &CStr) -> Place<'a> {
        // INVARIANT: The new folder is removed with the one that it is in.
        Place {
            // SAFETY: By the invariant, the folder is there.
            dentry: unsafe { self.dentry.dir(name) },
            _borrow: PhantomData,
        }
    }

    /// Makes a file in this folder. It goes with the entry.
    ///
    /// # Safety
    ///
    /// `data` stays where it is, and valid for shared use by any task, until the [`Entry`] is
    /// dropped.
    pub(super) unsafe fn file<T: Sync>(self, name: &CStr, data: &T, ops: &'static FileOps<T>) {
        // SAFETY: By the invariant, the folder is there. The file is removed with the entry, and by
        // the contract `data` stays until then.
        unsafe { self.dentry.file(name, data, ops) };
    }
}
