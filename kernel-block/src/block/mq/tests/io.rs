// SPDX-License-Identifier: GPL-2.0

//! Requests, from the side of who makes them.

use super::*;
use crate::{sync::Completion, types::Opaque};

/// The device that C makes requests to.
pub(super) fn bdev(disk: &GenDisk<Memory>) -> *mut bindings::block_device {
    // SAFETY: The disk is there for as long as this is borrowed, and has a device for the whole of it.
    unsafe { (*disk.as_raw()).part0 }
}

/// Reads or writes, and waits for it.
pub(super) fn transfer(
    disk: &GenDisk<Memory>,
    sector: u64,
    data: &mut KVec<u8>,
    op: bindings::req_op,
) -> Result {
    let bdev = bdev(disk);
    // SAFETY: The device is there, and the data, which `kmalloc()` has, for as long as it takes.
    let result =
        unsafe { bindings::bdev_rw_virt(bdev, sector, data.as_mut_ptr().cast(), data.len(), op) };
    to_result(result)
}

pub(super) fn write(disk: &GenDisk<Memory>, sector: u64, data: &mut KVec<u8>) -> Result {
    transfer(disk, sector, data, bindings::req_op_REQ_OP_WRITE)
}

pub(super) fn read(disk: &GenDisk<Memory>, sector: u64, data: &mut KVec<u8>) -> Result {
    transfer(disk, sector, data, bindings::req_op_REQ_OP_READ)
}

/// A read of the first sector that has begun, and which the driver ends later.
#[pin_data(PinnedDrop)]
pub(super) struct Read<'a> {
    #[pin]
    bio: Opaque<bindings::bio>,
    #[pin]
    vec: Opaque<bindings::bio_vec>,
    #[pin]
    done: Completion,
    data: KVec<u8>,
    _disk: &'a GenDisk<Memory>,
}

/// Submits what a [`Read`] was prepared with; nothing for null.
pub(super) fn submit_raw(bio: *mut bindings::bio) {
    if !bio.is_null() {
        // SAFETY: It has all that it needs, and stays until it is done. It is submitted once: who submits it
        // took the pointer.
        unsafe { bindings::submit_bio(bio) };
    }
}

impl<'a> Read<'a> {
    pub(super) fn submit(disk: &'a GenDisk<Memory>) -> Result<Pin<KBox<Self>>> {
        let read = Self::prepare(disk)?;
        submit_raw(read.raw());
        Ok(read)
    }

    /// Prepares a read that is to be submitted before it is dropped, by [`submit_raw`].
    pub(super) fn prepare(disk: &'a GenDisk<Memory>) -> Result<Pin<KBox<Self>>> {
        let data = KVec::from_elem(0xff, SECTOR_SIZE as usize, GFP_KERNEL)?;
        let read = KBox::pin_init(
            pin_init!(Self {
                bio: Opaque::zeroed(),
                vec: Opaque::zeroed(),
                done <- Completion::new(),
                data,
                _disk: disk,
            }),
            GFP_KERNEL,
        )?;
        let bio = read.bio.get();
        let (device, vec) = (bdev(disk), read.vec.get());
        // SAFETY: Neither moves, and both stay until the request is done: `drop` waits for that.
        unsafe { bindings::bio_init(bio, device, vec, 1, bindings::req_op_REQ_OP_READ) };
        let buffer = read.data.as_ptr().cast_mut().cast();
        // SAFETY: It has room for the one page. The data stay as long, and nobody else uses them.
        unsafe { bindings::bio_add_virt_nofail(bio, buffer, SECTOR_SIZE) };
        // SAFETY: It was initialised, and nobody else has it yet.
        unsafe { (*bio).bi_end_io = Some(Self::end_io) };
        // SAFETY: As above.
        unsafe { (*bio).bi_private = core::ptr::from_ref(&read.done).cast_mut().cast() };
        Ok(read)
    }

    pub(super) fn raw(&self) -> *mut bindings::bio {
        self.bio.get()
    }

    /// # Safety
    ///
    /// For C, when the read is done.
    unsafe extern "C" fn end_io(bio: *mut bindings::bio) {
        // SAFETY: C has the bio that was submitted.
        let done = unsafe { (*bio).bi_private }.cast::<Completion>();
        // SAFETY: It is this, and stays until somebody has waited for it.
        unsafe { &*done }.complete_all();
    }

    /// Waits for it, and returns how it went.
    pub(super) fn wait(&self) -> Result {
        self.done.wait_for_completion();
        // SAFETY: It is done, so that nobody changes it any more.
        let status = unsafe { (*self.bio.get()).bi_status };
        // SAFETY: It looks the number up in a table.
        to_result(unsafe { bindings::blk_status_to_errno(status) })
    }
}

#[pinned_drop]
impl PinnedDrop for Read<'_> {
    fn drop(self: Pin<&mut Self>) {
        self.done.wait_for_completion();
        // SAFETY: It was initialised, and is done.
        unsafe { bindings::bio_uninit(self.bio.get()) };
    }
}

/// Has C collect what is submitted, to queue it all at once.
pub(super) struct Plug(Opaque<bindings::blk_plug>);

impl Plug {
    pub(super) fn new() -> Self {
        Self(Opaque::zeroed())
    }

    /// Calls `submit`, and then has queued what it has submitted.
    pub(super) fn hold(self, submit: impl FnOnce() -> Result) -> Result {
        // SAFETY: It stays where it is until `blk_finish_plug()`, in the same function.
        unsafe { bindings::blk_start_plug(self.0.get()) };
        let result = submit();
        // SAFETY: This task has started it.
        unsafe { bindings::blk_finish_plug(self.0.get()) };
        result
    }
}
