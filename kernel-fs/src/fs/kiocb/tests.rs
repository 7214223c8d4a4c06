// SPDX-License-Identifier: GPL-2.0

//! Tests of requests.

use super::*;
use crate::{prelude::*, sync::Arc};

/// Makes a request at `position` for a file that keeps `data`, and has `test` look at it.
fn with_request<T: ForeignOwnable>(
    data: T,
    position: i64,
    test: impl FnOnce(Kiocb<'_, T>),
) -> Result<(T, i64)> {
    let file = bindings::file::default();
    let mut file = KBox::new(file, GFP_KERNEL)?;
    file.private_data = data.into_foreign();
    let mut request = bindings::kiocb {
        ki_filp: &raw mut *file,
        ki_pos: position,
        ..Default::default()
    };
    // SAFETY: The request and its file outlive `test`, which does not get at the data otherwise.
    test(unsafe { Kiocb::from_raw(&raw mut request) });
    // SAFETY: It came from `into_foreign`, and nobody has borrowed it any more.
    let data = unsafe { T::from_foreign(file.private_data) };
    Ok((data, request.ki_pos))
}

#[kunit_tests(rust_fs_kiocb)]
mod cases {
    use super::*;

    #[test]
    fn the_position_is_moved() -> Result {
        let ((), position) = with_request((), 5, |mut kiocb| {
            assert_eq!(kiocb.ki_pos(), 5);
            *kiocb.ki_pos_mut() += 7;
            assert_eq!(kiocb.ki_pos(), 12);
        })?;
        assert_eq!(position, 12);
        Ok(())
    }

    /// Whether a request with these flags may wait, for a file with those.
    fn may_block(request_flags: c_int, file_flags: u32) -> Result<bool> {
        let file = bindings::file {
            f_flags: file_flags,
            ..Default::default()
        };
        let mut file = KBox::new(file, GFP_KERNEL)?;
        file.private_data = ().into_foreign();
        let mut request = bindings::kiocb {
            ki_filp: &raw mut *file,
            ki_flags: request_flags,
            ..Default::default()
        };
        // SAFETY: The request and its file are in scope, and nobody else uses them.
        Ok(unsafe { Kiocb::<()>::from_raw(&raw mut request) }.may_block())
    }

    #[test]
    fn who_must_not_wait() -> Result {
        assert!(may_block(0, 0)?);
        assert!(may_block(!IOCB_NOWAIT, !flags::O_NONBLOCK)?);
        assert!(!may_block(IOCB_NOWAIT, 0)?);
        assert!(!may_block(0, flags::O_NONBLOCK)?);
        assert!(!may_block(!0, !0)?);
        Ok(())
    }

    #[test]
    fn extreme_positions() -> Result {
        for position in [0, -1, i64::MIN, i64::MAX] {
            let ((), after) = with_request((), position, |kiocb| {
                assert_eq!(kiocb.ki_pos(), position);
            })?;
            assert_eq!(after, position);
        }
        Ok(())
    }

    #[test]
    fn the_data_of_the_file_is_borrowed() -> Result {
        let (data, _) = with_request(KBox::new([1, 2, 3], GFP_KERNEL)?, 0, |mut kiocb| {
            let data = kiocb.file();
            // It is borrowed from the file, not from the request.
            *kiocb.ki_pos_mut() = i64::from(data[2]);
            assert_eq!(data, &[1, 2, 3]);
            assert_eq!(kiocb.ki_pos(), 3);
        })?;
        assert_eq!(*data, [1, 2, 3]);
        Ok(())
    }

    #[test]
    fn counted_data_can_be_kept() -> Result {
        let mut kept = None;
        let (data, _) = with_request(Arc::new(9, GFP_KERNEL)?, 0, |kiocb| {
            kept = Some(Arc::from(kiocb.file()));
        })?;
        let kept = kept.ok_or(EINVAL)?;
        assert!(Arc::ptr_eq(&data, &kept));
        drop(data);
        assert_eq!(*kept, 9);
        Ok(())
    }

    #[test]
    fn the_c_request_is_the_same() -> Result {
        with_request((), 1, |kiocb| {
            let raw = kiocb.as_raw();
            // SAFETY: It is the request that the test was given.
            unsafe { (*raw).ki_pos = 8 };
            assert_eq!(kiocb.ki_pos(), 8);
        })?;
        Ok(())
    }
}
