// SPDX-License-Identifier: GPL-2.0

//! A request to read or write a file.

use core::{marker::PhantomData, ptr::NonNull};

use super::file::{flags, File};
use crate::{bindings, ffi::c_int, types::ForeignOwnable};

#[cfg(CONFIG_KUNIT = "y")]
mod tests;

/// The flag of requests that must not wait. It is `RWF_NOWAIT` of the system calls, and so will not
/// change; bindgen can evaluate neither.
const IOCB_NOWAIT: c_int = 0x8;

/// A request to read or write a file, which `read_iter` and `write_iter` operations get:
/// [`struct kiocb`].
///
/// `T` is what the driver keeps for each open file, in `private_data`. The data to read or write comes
/// beside the request, as an [`IovIterSource`](crate::iov::IovIterSource) or
/// [`IovIterDest`](crate::iov::IovIterDest).
///
/// # Examples
///
/// ```
/// use kernel::{fs::Kiocb, iov::IovIterDest};
///
/// struct Greeting {
///     text: &'static [u8],
/// }
///
/// /// The `read_iter` operation of a file that says always the same.
/// fn read_iter(
///     mut kiocb: Kiocb<'_, KBox<Greeting>>,
///     iov: &mut IovIterDest<'_>,
/// ) -> Result<usize> {
///     let text = kiocb.file().text;
///     iov.simple_read_from_buffer(kiocb.ki_pos_mut(), text)
/// }
///
/// # use kernel::{bindings, types::ForeignOwnable};
/// # let greeting = KBox::new(Greeting { text: b"hello" }, GFP_KERNEL)?.into_foreign();
/// # let file = bindings::file { private_data: greeting, ..Default::default() };
/// # let mut file = KBox::new(file, GFP_KERNEL)?;
/// # let mut request = bindings::kiocb { ki_filp: &raw mut *file, ki_pos: 1, ..Default::default() };
/// # let mut out = [0u8; 3];
/// # let vec = bindings::kvec { iov_base: out.as_mut_ptr().cast(), iov_len: out.len() };
/// # let mut iter = bindings::iov_iter::default();
/// # // SAFETY: The vector is in scope as long as the iterator is.
/// # unsafe { bindings::iov_iter_kvec(&mut iter, bindings::ITER_DEST, &vec, 1, out.len()) };
/// # // SAFETY: As above.
/// # let iov = unsafe { IovIterDest::from_raw(&raw mut iter) };
/// # // SAFETY: The request and its file are in scope, and the file has a box as its data.
/// # let kiocb = unsafe { Kiocb::from_raw(&raw mut request) };
/// // A process reads three bytes, from the second on.
/// assert_eq!(read_iter(kiocb, iov)?, 3);
/// assert_eq!(&out, b"ell");
/// assert_eq!(request.ki_pos, 4);
/// # // SAFETY: It came from `into_foreign`, and nobody has borrowed it any more.
/// # drop(unsafe { KBox::<Greeting>::from_foreign(greeting) });
/// # Ok::<(), Error>(())
/// ```
///
/// # Invariants
///
/// For the length of `'a`, `kiocb` points to a request that nobody else uses. Its file lives as long,
/// and the `private_data` of that came from [`ForeignOwnable::into_foreign`] of a `T` and is not given
/// back, nor borrowed mutably, meanwhile.
///
/// [`struct kiocb`]: srctree/include/linux/fs.h
pub struct Kiocb<'a, T> {
    kiocb: NonNull<bindings::kiocb>,
    _request: PhantomData<&'a mut ()>,
    _file_data: PhantomData<T>,
}

impl<'a, T: ForeignOwnable> Kiocb<'a, T> {
    /// Takes C's request.
    ///
    /// # Safety
    ///
    /// For the length of `'a`,
    ///
    /// - `kiocb` points to a request, which nobody else uses, for a file that lives as long;
    /// - the `private_data` of the file came from [`ForeignOwnable::into_foreign`] of a `T`, is not
    ///   given back, and not borrowed mutably.
    #[inline]
    pub unsafe fn from_raw(kiocb: *mut bindings::kiocb) -> Self {
        // INVARIANT: The caller says so.
        Self {
            // SAFETY: What points to a request is not null.
            kiocb: unsafe { NonNull::new_unchecked(kiocb) },
            _request: PhantomData,
            _file_data: PhantomData,
        }
    }

    /// The C structure.
    #[inline]
    pub fn as_raw(&self) -> *mut bindings::kiocb {
        self.kiocb.as_ptr()
    }

    /// What the driver keeps for the open file.
    #[inline]
    pub fn file(&self) -> <T as ForeignOwnable>::Borrowed<'a> {
        // SAFETY: By the type invariants, the request is valid.
        let file = unsafe { (*self.as_raw()).ki_filp };
        // SAFETY: By the type invariants, so is its file, and the data is set before there are
        // requests.
        let data = unsafe { (*file).private_data };
        // SAFETY: By the type invariants, the data is that of a `T`, which is neither given back nor
        // borrowed mutably for the length of `'a`.
        unsafe { T::borrow(data) }
    }

    /// Returns whether the request may wait for what it needs, be it data or room.
    ///
    /// It may not if the file is in non-blocking mode (`O_NONBLOCK`), or the request was made with
    /// `RWF_NOWAIT`. It fails with [`EAGAIN`](crate::error::code::EAGAIN) then, if it would have to.
    ///
    /// Linux 7.2's `Kiocb` does not have this.
    #[inline]
    pub fn may_block(&self) -> bool {
        // SAFETY: By the type invariants, the request is valid.
        let request = unsafe { (*self.as_raw()).ki_flags };
        // SAFETY: As above.
        let file = unsafe { (*self.as_raw()).ki_filp };
        // SAFETY: By the type invariants, the file is alive.
        let file = unsafe { File::from_raw_file(file) };
        request & IOCB_NOWAIT == 0 && file.flags() & flags::O_NONBLOCK == 0
    }

    /// The position in the file, in bytes, where the request begins.
    ///
    /// For files that can't be positioned it has no meaning. It is never negative as long as the
    /// file's `llseek` operation does not make it so.
    #[inline]
    pub fn ki_pos(&self) -> i64 {
        // SAFETY: By the type invariants, the request is valid.
        unsafe { (*self.as_raw()).ki_pos }
    }

    /// The position in the file, to be moved on by what is read or written.
    #[inline]
    pub fn ki_pos_mut(&mut self) -> &mut i64 {
        // SAFETY: By the type invariants, the request is valid, and nobody else uses it.
        unsafe { &mut (*self.as_raw()).ki_pos }
    }
}
