// SPDX-License-Identifier: GPL-2.0

//! What DRM's panic screen asks of Rust: QR codes.
//!
//! When the kernel panics, the panic screen can show a QR code with the end of the kernel's log
//! (`drm.panic_screen=qr_code`). C compresses the log, and draws the picture; what the code looks like is
//! up to an encoder in Rust:
//!
//! 1. Implement [`QrEncoder`] for a type of your own. It is safe code, on slices.
//! 2. Name the type in [`drm_panic_qr_encoder!`](crate::drm_panic_qr_encoder), once in a kernel. That makes
//!    the two functions which C calls.
//!
//! The encoder runs while the kernel panics. It cannot allocate, sleep, or take locks, and should it panic
//! itself, there is no panic screen. All memory that it has is its small stack and the two buffers that it is
//! given.
//!
//! C header: [`include/drm/drm_panic.h`](srctree/include/drm/drm_panic.h)

use crate::{ffi::c_char, prelude::*};
use core::{num::NonZeroU8, ops::Range, slice};

/// The bytes of data in the largest of the codes that C has buffers for.
///
/// It is `MAX_QR_DATA` of [`drivers/gpu/drm/drm_panic.c`](srctree/drivers/gpu/drm/drm_panic.c), which
/// computes with small multiples of what it is told, as an `int`.
const MAX_DATA: usize = 2956;

/// What makes QR codes for the panic screen.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU8;
/// use kernel::{drm_panic::QrEncoder, prelude::*};
///
/// /// Knows only one picture, of 21 by 21 modules, all of them light.
/// struct Blank;
///
/// impl QrEncoder for Blank {
///     fn max_data_size(version: u8, _url_len: usize) -> usize {
///         if version == 0 { 0 } else { 17 }
///     }
///
///     fn encode(
///         _url: Option<&CStr>,
///         data: &mut [u8],
///         len: usize,
///         _tmp: &mut [u8],
///     ) -> Option<NonZeroU8> {
///         if len > 17 {
///             return None;
///         }
///         // Each row has 21 bits in 3 bytes.
///         data.get_mut(..21 * 3)?.fill(0xff);
///         NonZeroU8::new(21)
///     }
/// }
///
/// assert_eq!(Blank::max_data_size(0, 0), 0);
/// let (mut data, mut tmp) = ([0; 64], [0; 64]);
/// let width = Blank::encode(None, &mut data, Blank::max_data_size(1, 0), &mut tmp);
/// assert_eq!(width, NonZeroU8::new(21));
/// assert_eq!((data[62], data[63]), (0xff, 0));
/// assert!(Blank::encode(None, &mut data, 18, &mut tmp).is_none());
/// ```
pub trait QrEncoder {
    /// How many bytes of data a code of the given version has room for, behind a URL of `url_len` bytes;
    /// without a URL if that is 0.
    ///
    /// It is 0 if there is no such version, and if the URL alone is too long. More than the largest code
    /// has room for is cut down to that.
    fn max_data_size(version: u8, url_len: usize) -> usize;

    /// Draws the code of the first `len` bytes of `data`, over them, and returns its width in modules.
    ///
    /// With a URL, the data follow it as decimal digits: each 7 bytes, as a number of which the first byte is
    /// the lowest, are 17 digits, and 1 to 6 bytes at the end are 3, 5, 8, 10, 13 or 15. Without one, they
    /// are in the code as they are.
    ///
    /// In the picture each module is a bit, the highest of a byte is the leftmost, and a row begins with a
    /// byte of its own. A bit that is set is a light module. There is nothing around the code: C draws that.
    ///
    /// `tmp` is memory to work in. What `data` and `tmp` hold besides is arbitrary.
    ///
    /// `None` if the data are too long for any code, or the buffers too small; then C has a text drawn
    /// instead. So it has if the picture of that width is larger than `data`.
    fn encode(url: Option<&CStr>, data: &mut [u8], len: usize, tmp: &mut [u8])
        -> Option<NonZeroU8>;
}

/// Has an encoder say how much there is room for, for C.
#[doc(hidden)]
pub fn max_data_size<T: QrEncoder>(version: u8, url_len: usize) -> usize {
    T::max_data_size(version, url_len).min(MAX_DATA)
}

/// Has an encoder draw a code, for C: 0 if it has none, or if the buffers are unusable.
///
/// # Safety
///
/// - `url` is null, or points to a string that ends with a NUL.
/// - `data` is null, or valid for reads and writes of `data_size` bytes, and so is `tmp` for `tmp_size`.
/// - Nobody else accesses any of them until this returns.
#[doc(hidden)]
pub unsafe fn generate<T: QrEncoder>(
    url: *const c_char,
    data: *mut u8,
    data_len: usize,
    data_size: usize,
    tmp: *mut u8,
    tmp_size: usize,
) -> u8 {
    let (Some(data_span), Some(tmp_span)) = (span(data, data_size), span(tmp, tmp_size)) else {
        return 0;
    };
    if data_len > data_size || !are_apart(&data_span, &tmp_span) {
        return 0;
    }
    let url = if url.is_null() {
        None
    } else {
        // SAFETY: It is not null, so by the first requirement it points to a string that ends with a NUL, and by
        // the last one nobody changes it.
        Some(unsafe { CStr::from_char_ptr(url) })
    };
    let is_in_buffer = |url: &CStr| {
        let bytes = url.to_bytes_with_nul();
        span(bytes.as_ptr(), bytes.len())
            .is_none_or(|url| !are_apart(&url, &data_span) || !are_apart(&url, &tmp_span))
    };
    if url.is_some_and(is_in_buffer) {
        return 0;
    }
    // SAFETY: It has a span, so it is not null, and of a size that a slice may have; and it is apart from
    // `tmp` and from the URL. The rest is the second requirement, and the last one.
    let data = unsafe { slice::from_raw_parts_mut(data, data_size) };
    // SAFETY: As above.
    let tmp = unsafe { slice::from_raw_parts_mut(tmp, tmp_size) };
    let width = T::encode(url, data, data_len, tmp).map_or(0, NonZeroU8::get);
    // C reads that much.
    let row = usize::from(width.div_ceil(8));
    if usize::from(width) * row > data_size {
        return 0;
    }
    width
}

/// The addresses of a piece of memory that can be a slice; `None` if it is null or too large.
fn span(start: *const u8, size: usize) -> Option<Range<usize>> {
    let end = start.addr().checked_add(size)?;
    (!start.is_null() && isize::try_from(size).is_ok()).then(|| start.addr()..end)
}

/// Whether two pieces of memory have no byte in common.
fn are_apart(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.end <= b.start || b.end <= a.start
}

/// Has C call an encoder for its panic screen.
///
/// It takes a type that implements [`QrEncoder`](crate::drm_panic::QrEncoder), and makes the two functions that
/// C has declared, `drm_panic_qr_max_data_size` and `drm_panic_qr_generate`. The configuration needs
/// `CONFIG_DRM_PANIC_SCREEN_QR_CODE`. A kernel has the functions once: a second encoder in it does not link.
///
/// # Examples
///
/// ```ignore
/// // The kernel that runs the tests has an encoder.
/// struct Encoder;
///
/// impl kernel::drm_panic::QrEncoder for Encoder {
///     // ...
/// }
///
/// kernel::drm_panic_qr_encoder!(Encoder);
/// ```
#[macro_export]
macro_rules! drm_panic_qr_encoder {
    ($encoder:ty) => {
        const _: () = {
            /// # Safety
            ///
            /// None is needed, but C's functions are all taken for unsafe ones.
            #[$crate::prelude::export]
            unsafe extern "C" fn drm_panic_qr_max_data_size(version: u8, url_len: usize) -> usize {
                $crate::drm_panic::max_data_size::<$encoder>(version, url_len)
            }

            /// # Safety
            ///
            /// - `url` is null, or points to a string that ends with a NUL.
            /// - `data` is null, or valid for reads and writes of `data_size` bytes, and so is `tmp` for
            ///   `tmp_size`.
            /// - Nobody else accesses any of them until this returns.
            #[$crate::prelude::export]
            unsafe extern "C" fn drm_panic_qr_generate(
                url: *const $crate::ffi::c_char,
                data: *mut u8,
                data_len: usize,
                data_size: usize,
                tmp: *mut u8,
                tmp_size: usize,
            ) -> u8 {
                // SAFETY: It requires what this function does.
                unsafe {
                    $crate::drm_panic::generate::<$encoder>(
                        url, data, data_len, data_size, tmp, tmp_size,
                    )
                }
            }
        };
    };
}

#[crate::macros::kunit_tests(rust_drm_panic)]
mod cases {
    use super::*;
    use core::ptr;

    /// Says how it was called, in a picture of 9 by 9 modules.
    struct Witness;

    impl QrEncoder for Witness {
        fn max_data_size(version: u8, url_len: usize) -> usize {
            match version {
                0 => 0,
                255 => usize::MAX,
                _ => usize::from(version) * 10 - url_len,
            }
        }

        fn encode(
            url: Option<&CStr>,
            data: &mut [u8],
            len: usize,
            tmp: &mut [u8],
        ) -> Option<NonZeroU8> {
            let width = *data.first()?;
            data[0] = len as u8;
            data[1] = url.map_or(99, |url| url.to_bytes().len() as u8);
            data[2] = tmp.len() as u8;
            NonZeroU8::new(width)
        }
    }

    /// Calls it as C does, with 32 bytes from `data` on and 16 from `tmp` on.
    fn generate(url: *const c_char, data: *mut u8, len: usize, tmp: *mut u8) -> u8 {
        // SAFETY: The callers pass a literal or null, and memory of their own that is as large, or null.
        unsafe { super::generate::<Witness>(url, data, len, 32, tmp, 16) }
    }

    #[test]
    fn an_encoder_gets_what_c_passes() {
        let (mut data, mut tmp) = ([0; 32], [0; 16]);
        data[0] = 9;
        assert_eq!(
            generate(ptr::null(), data.as_mut_ptr(), 32, tmp.as_mut_ptr()),
            9
        );
        assert_eq!((data[0], data[1], data[2]), (32, 99, 16));
        data[0] = 9;
        let url = c"https://";
        assert_eq!(
            generate(url.as_char_ptr(), data.as_mut_ptr(), 0, tmp.as_mut_ptr()),
            9
        );
        assert_eq!((data[0], data[1], data[2]), (0, 8, 16));
    }

    #[test]
    fn buffers_that_cannot_be_used_are_refused() {
        let (mut data, mut tmp) = ([9; 64], [0; 16]);
        let start = data.as_mut_ptr();
        let other = tmp.as_mut_ptr();
        // More data than the buffer holds.
        assert_eq!(generate(ptr::null(), start, 33, other), 0);
        assert_eq!(generate(ptr::null(), ptr::null_mut(), 4, other), 0);
        assert_eq!(generate(ptr::null(), start, 4, ptr::null_mut()), 0);
        // The buffers have bytes in common.
        assert_eq!(generate(ptr::null(), start, 4, start), 0);
        assert_eq!(generate(ptr::null(), start, 4, start.wrapping_add(31)), 0);
        assert_eq!(generate(ptr::null(), start.wrapping_add(15), 4, start), 0);
        assert_eq!(data, [9; 64]);
        // They touch, no more.
        assert_eq!(generate(ptr::null(), start, 4, start.wrapping_add(32)), 9);
    }

    #[test]
    fn a_url_in_a_buffer_is_refused() {
        let (mut data, mut tmp) = ([b'9'; 32], [0; 16]);
        data[31] = 0;
        let url = data.as_ptr().cast::<c_char>();
        assert_eq!(generate(url, data.as_mut_ptr(), 4, tmp.as_mut_ptr()), 0);
        assert_eq!(data[0], b'9');
        let url = tmp.as_ptr().cast::<c_char>();
        assert_eq!(generate(url, data.as_mut_ptr(), 4, tmp.as_mut_ptr()), 0);
        assert_eq!(data[0], b'9');
    }

    #[test]
    fn sizes_beyond_what_slices_have_are_refused() {
        let (mut data, mut tmp) = ([9; 32], [0; 16]);
        for size in [isize::MAX as usize + 1, usize::MAX] {
            // SAFETY: The encoder is not called, and nothing is accessed, whatever the size: that is what is
            // tested here.
            let width = unsafe {
                super::generate::<Witness>(
                    ptr::null(),
                    data.as_mut_ptr(),
                    4,
                    size,
                    tmp.as_mut_ptr(),
                    16,
                )
            };
            assert_eq!(width, 0);
            // SAFETY: As above.
            let width = unsafe {
                super::generate::<Witness>(
                    ptr::null(),
                    data.as_mut_ptr(),
                    4,
                    32,
                    tmp.as_mut_ptr(),
                    size,
                )
            };
            assert_eq!(width, 0);
        }
        assert_eq!(data, [9; 32]);
    }

    #[test]
    fn a_picture_that_is_not_in_the_buffer_is_none() {
        let (mut data, mut tmp) = ([0; 32], [0; 16]);
        // 16 rows of 2 bytes fit in 32; 17 rows of 3 bytes don't.
        for (width, told) in [(16, 16), (17, 0), (255, 0)] {
            data[0] = width;
            assert_eq!(
                generate(ptr::null(), data.as_mut_ptr(), 4, tmp.as_mut_ptr()),
                told
            );
        }
    }

    #[test]
    fn room_is_what_c_can_compute_with() {
        assert_eq!(max_data_size::<Witness>(0, 0), 0);
        assert_eq!(max_data_size::<Witness>(40, 25), 375);
        assert_eq!(max_data_size::<Witness>(255, 0), MAX_DATA);
    }
}
