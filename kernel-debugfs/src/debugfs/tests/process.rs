// SPDX-License-Identifier: GPL-2.0

//! What a process does with files.

use crate::{
    bindings,
    error::{from_err_ptr, to_result},
    fs::file::Offset,
    prelude::*,
    uaccess::{UserPtr, UserSlice},
};

/// How much memory a [`Process`] has.
const SIZE: usize = 8 * bindings::PAGE_SIZE;

/// The thread of a test, with memory of user space, and debugfs mounted where nobody else sees it.
pub(super) struct Process {
    mount: *mut bindings::vfsmount,
    memory: UserPtr,
}

impl Process {
    /// Makes one of the current thread.
    pub(super) fn new() -> Result<Self> {
        // SAFETY: This is the thread of a test, or one that it started.
        to_result(unsafe { bindings::kunit_attach_mm() })?;
        // SAFETY: Mapping anonymous memory, at an address of the kernel's choice, hurts nobody.
        let memory = unsafe {
            bindings::vm_mmap(
                core::ptr::null_mut(),
                0,
                SIZE,
                (bindings::PROT_READ | bindings::PROT_WRITE) as usize,
                (bindings::MAP_ANONYMOUS | bindings::MAP_PRIVATE) as usize,
                0,
            )
        };
        let memory = from_err_ptr(core::ptr::without_provenance_mut::<c_void>(memory))?;

        // SAFETY: The name ends with a NUL.
        let debugfs = unsafe { bindings::get_fs_type(c"debugfs".as_char_ptr()) };
        if debugfs.is_null() {
            return Err(ENODEV);
        }
        // SAFETY: The type of a file system that is part of the kernel.
        let mount = from_err_ptr(unsafe { bindings::kern_mount(debugfs) })?;
        Ok(Self {
            mount,
            memory: UserPtr::from_ptr(memory),
        })
    }

    /// Opens `path`, from the root of debugfs on.
    pub(super) fn open(&self, path: &CStr, flags: u32) -> Result<Open<'_>> {
        // SAFETY: The mount is there until `self` is dropped.
        let dentry = unsafe { (*self.mount).mnt_root };
        let root = bindings::path {
            mnt: self.mount,
            dentry,
        };
        // SAFETY: The root of a mount, and a path that ends with a NUL.
        let file =
            unsafe { bindings::file_open_root(&root, path.as_char_ptr(), flags as c_int, 0) };
        Ok(Open {
            process: self,
            file: from_err_ptr(file)?,
            position: 0,
        })
    }

    /// Whether there is something at `path`.
    pub(super) fn exists(&self, path: &CStr) -> bool {
        !matches!(self.open(path, bindings::O_RDONLY), Err(ENOENT))
    }

    /// Returns all that can be read from the file at `path`.
    pub(super) fn read(&self, path: &CStr) -> Result<KVec<u8>> {
        let mut file = self.open(path, bindings::O_RDONLY)?;
        let mut all = KVec::new();
        loop {
            let bytes = file.read(SIZE)?;
            if bytes.is_empty() {
                return Ok(all);
            }
            all.extend_from_slice(&bytes, GFP_KERNEL)?;
        }
    }

    /// Writes `bytes` to the file at `path`, at once.
    pub(super) fn write(&self, path: &CStr, bytes: &[u8]) -> Result<usize> {
        self.open(path, bindings::O_WRONLY)?.write(bytes)
    }

    /// `len` bytes of memory, if there are as many.
    pub(super) fn memory(&self, len: usize) -> UserSlice {
        UserSlice::new(self.memory, len.min(SIZE))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SAFETY: Made by `kern_mount`; whoever opened a file has borrowed `self`.
        unsafe { bindings::kern_unmount(self.mount) };
    }
}

/// An open file.
pub(super) struct Open<'a> {
    process: &'a Process,
    file: *mut bindings::file,
    /// Where reading and writing goes on.
    pub(super) position: Offset,
}

impl Open<'_> {
    /// Reads at most `len` bytes.
    pub(super) fn read(&mut self, len: usize) -> Result<KVec<u8>> {
        let mut bytes = KVec::new();
        let count = self.read_to(self.process.memory, len)?;
        self.process
            .memory(count)
            .read_all(&mut bytes, GFP_KERNEL)?;
        Ok(bytes)
    }

    /// Reads at most `len` bytes to `memory`, and returns how many there were.
    pub(super) fn read_to(&mut self, memory: UserPtr, len: usize) -> Result<usize> {
        let memory = memory.as_mut_ptr().cast::<c_char>();
        // SAFETY: The file is open; the address may be anything.
        let count = unsafe { bindings::vfs_read(self.file, memory, len, &mut self.position) };
        count_or_error(count)
    }

    /// Writes `bytes`, and returns how many were taken.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.process
            .memory(bytes.len())
            .writer()
            .write_slice(bytes)?;
        self.write_from(self.process.memory, bytes.len())
    }

    /// Writes `len` bytes at `memory`, and returns how many were taken.
    pub(super) fn write_from(&mut self, memory: UserPtr, len: usize) -> Result<usize> {
        let memory = memory.as_const_ptr().cast::<c_char>();
        // SAFETY: The file is open; the address may be anything.
        let count = unsafe { bindings::vfs_write(self.file, memory, len, &mut self.position) };
        count_or_error(count)
    }

    /// Moves the position that the kernel keeps, and returns it.
    pub(super) fn seek(&mut self, offset: Offset) -> Result<Offset> {
        // SAFETY: The file is open.
        let position =
            unsafe { bindings::vfs_llseek(self.file, offset, bindings::SEEK_SET as c_int) };
        if position < 0 {
            return Err(Error::from_errno(position as c_int));
        }
        Ok(position)
    }

    /// Returns the bits of the file's mode that say who may do what.
    pub(super) fn mode(&self) -> u16 {
        // SAFETY: The file is open, and so has an inode.
        let inode = unsafe { (*self.file).f_inode };
        // SAFETY: As above.
        let mode = unsafe { (*inode).i_mode };
        mode & 0o7777
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        // SAFETY: The file is open, and nobody uses it any more.
        unsafe { bindings::__fput_sync(self.file) };
    }
}

fn count_or_error(count: isize) -> Result<usize> {
    usize::try_from(count).map_err(|_| Error::from_errno(count as c_int))
}
