// SPDX-License-Identifier: GPL-2.0

//! Folders and files of a kernel without debugfs: nothing, that takes no memory.

use super::ops::FileOps;
use crate::prelude::*;
use core::marker::PhantomData;

/// A file or folder that isn't there.
pub(super) struct Entry;

impl Entry {
    /// Makes nothing.
    pub(super) fn root_dir(_name: &CStr) -> Self {
        Self
    }

    /// Returns nothing, to make nothing in.
    pub(super) fn as_place(&self) -> Place<'_> {
        Place {
            _borrow: PhantomData,
        }
    }
}

/// A shared folder that isn't there.
#[derive(Clone)]
pub(super) struct Folder;

impl Folder {
    /// Makes nothing.
    pub(super) fn new(_name: &CStr) -> Self {
        Self
    }

    /// Makes nothing.
    pub(super) fn sub_folder(&self, _name: &CStr) -> Self {
        Self
    }

    /// Makes nothing.
    pub(super) fn dir(&self, _name: &CStr) -> Entry {
        Entry
    }

    /// Makes nothing.
    ///
    /// # Safety
    ///
    /// As with debugfs: `data` stays where it is, and valid for shared use by any task, until the
    /// returned value is dropped.
    pub(super) unsafe fn file<T: Sync>(
        &self,
        _name: &CStr,
        _data: &T,
        _ops: &'static FileOps<T>,
    ) -> Entry {
        Entry
    }
}

/// A folder that isn't there, in one that isn't either.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    _borrow: PhantomData<&'a Entry>,
}

impl<'a> Place<'a> {
    /// Makes nothing.
    pub(super) fn dir(self, _name: &CStr) -> Place<'a> {
        self
    }

    /// Makes nothing.
    ///
    /// # Safety
    ///
    /// As with debugfs: `data` stays where it is, and valid for shared use by any task, until the
    /// [`Entry`] is dropped.
    pub(super) unsafe fn file<T: Sync>(self, _name: &CStr, _data: &T, _ops: &'static FileOps<T>) {}
}
