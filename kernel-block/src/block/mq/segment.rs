// SPDX-License-Identifier: GPL-2.0

//! The memory of requests.

use crate::{bindings, prelude::*};
use core::{marker::PhantomData, mem::MaybeUninit};

/// A part of a request's memory, in one page: what C's `rq_for_each_segment()` goes through.
///
/// Others use that memory at the same time: programs that have mapped it, the page cache. So there is no
/// reference into it; bytes are copied, and while they are, they may change.
///
/// [`Request::segments`](super::Request::segments) has them. This is beyond 7.2's own `kernel` crate.
///
/// # Examples
///
/// ```
/// use kernel::{
///     block::mq::{Command, Request, Segment},
///     prelude::*,
/// };
///
/// /// Copies between a request and a memory that is as large as the disk.
/// fn transfer<T>(rq: &Request<T>, memory: &mut [u8]) -> Result {
///     let start = usize::try_from(rq.sector()).map_err(|_| EIO)?.checked_mul(512).ok_or(EIO)?;
///     let mut memory = memory.get_mut(start..).ok_or(EIO)?;
///     rq.segments(|segment: Segment<'_>| {
///         let (part, rest) = core::mem::take(&mut memory)
///             .split_at_mut_checked(segment.len())
///             .ok_or(EIO)?;
///         memory = rest;
///         match rq.command() {
///             Command::Read => segment.copy_from(part)?,
///             Command::Write => segment.copy_to(part)?,
///             _ => return Err(ENOTSUPP),
///         };
///         Ok(())
///     })
/// }
/// # // A request takes a disk: the cases of this crate have one.
/// # let _ = transfer::<()>;
/// ```
///
/// # Invariants
///
/// - From `offset` on, `len` bytes of `page` belong to the request, and are within the page.
/// - They may be read for the length of `'a`, and written if not `to_device`.
#[derive(Clone, Copy)]
pub struct Segment<'a> {
    page: *mut bindings::page,
    offset: usize,
    len: usize,
    to_device: bool,
    _rq: PhantomData<&'a ()>,
}

impl Segment<'_> {
    /// The number of bytes: a page's at most.
    #[expect(
        clippy::len_without_is_empty,
        reason = "what a request has is not empty"
    )]
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// What is left of it without its first `count` bytes; nothing, if it has no more.
    #[inline]
    #[must_use]
    pub fn skip(self, count: usize) -> Self {
        let count = count.min(self.len);
        // INVARIANT: The rest is a part of what it was.
        Self {
            offset: self.offset + count,
            len: self.len - count,
            ..self
        }
    }

    /// Copies from the request's memory to `buffer`, as much as both have, and returns how many bytes.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is not a request that sends data to the device.
    #[inline]
    pub fn copy_to(&self, buffer: &mut [u8]) -> Result<usize> {
        if !self.to_device {
            return Err(EINVAL);
        }
        let len = self.len.min(buffer.len());
        // SAFETY: By the type invariant there are as many bytes, within a page, and may be read. The buffer has
        // as many. What the page has may change meanwhile, which `memcpy()` of C's puts up with.
        unsafe {
            bindings::memcpy_from_page(buffer.as_mut_ptr().cast(), self.page, self.offset, len)
        };
        Ok(len)
    }

    /// Copies from `buffer` to the request's memory, as much as both have, and returns how many bytes.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is a request that sends data to the device: what it has in its memory is not the driver's
    /// to change.
    #[inline]
    pub fn copy_from(&self, buffer: &[u8]) -> Result<usize> {
        self.writable()?;
        let len = self.len.min(buffer.len());
        // SAFETY: By the type invariant there are as many bytes, within a page, and may be written. The buffer
        // has as many. Others may access the page meanwhile, which `memcpy()` of C's puts up with.
        unsafe { bindings::memcpy_to_page(self.page, self.offset, buffer.as_ptr().cast(), len) };
        Ok(len)
    }

    /// Fills the request's memory with zeroes.
    ///
    /// # Errors
    ///
    /// `EINVAL` if it is a request that sends data to the device, as for [`copy_from`](Self::copy_from).
    #[inline]
    pub fn zero(&self) -> Result {
        self.writable()?;
        // SAFETY: By the type invariant there are as many bytes, within a page, and may be written.
        unsafe { bindings::memzero_page(self.page, self.offset, self.len) };
        Ok(())
    }

    #[inline]
    fn writable(&self) -> Result {
        if self.to_device {
            return Err(EINVAL);
        }
        Ok(())
    }
}

/// Goes through the segments of a request.
///
/// # Invariants
///
/// `iter` is a position in the memory of a request that does not end during `'a`. It only sends data to the
/// device if `to_device`.
pub(super) struct Segments<'a> {
    iter: bindings::req_iterator,
    to_device: bool,
    _rq: PhantomData<&'a ()>,
}

impl Segments<'_> {
    /// Begins with the first one.
    ///
    /// # Safety
    ///
    /// `rq` is valid and does not end during `'a`. `to_device` says whether it sends data to the device.
    #[inline]
    pub(super) unsafe fn new(rq: *mut bindings::request, to_device: bool) -> Self {
        let mut iter = bindings::req_iterator::default();
        // SAFETY: The request is valid, as the caller says, and the other is to be written.
        unsafe { bindings::blk_rq_segments_start(rq, &mut iter) };
        // INVARIANT: The caller says so.
        Self {
            iter,
            to_device,
            _rq: PhantomData,
        }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    #[inline]
    fn next(&mut self) -> Option<Segment<'a>> {
        let mut part = MaybeUninit::<bindings::bio_vec>::uninit();
        // SAFETY: By the type invariant it is a position in a request that is there, and the other is to be
        // written.
        if !unsafe { bindings::blk_rq_segments_next(&mut self.iter, part.as_mut_ptr()) } {
            return None;
        }
        // SAFETY: C has written it, as it says.
        let part = unsafe { part.assume_init() };
        // INVARIANT: C steps so that no part goes beyond a page. The memory is the request's until it ends.
        Some(Segment {
            page: part.bv_page,
            offset: part.bv_offset as usize,
            len: part.bv_len as usize,
            to_device: self.to_device,
            _rq: PhantomData,
        })
    }
}
