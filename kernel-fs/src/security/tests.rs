// SPDX-License-Identifier: GPL-2.0

//! Tests of security contexts, and of what is asked without a module that objects.

use super::*;
use crate::prelude::*;

/// A context that no module made, and so none takes back.
fn context(text: &'static [u8]) -> SecurityCtx {
    SecurityCtx {
        ctx: bindings::lsm_context {
            context: text.as_ptr().cast_mut().cast(),
            len: text.len() as u32,
            // Modules look at what is theirs.
            id: bindings::LSM_ID_UNDEF as i32,
        },
    }
}

#[kunit_tests(rust_security)]
mod cases {
    use super::*;

    #[test]
    fn the_bytes_of_a_context() {
        let ctx = context(b"system_u:object_r");
        assert_eq!(ctx.len(), 17);
        assert!(!ctx.is_empty());
        assert_eq!(ctx.as_bytes(), b"system_u:object_r");
    }

    #[test]
    fn contexts_without_bytes() {
        let ctx = context(b"");
        assert!(ctx.is_empty());
        assert_eq!(ctx.as_bytes(), b"");

        let ctx = SecurityCtx {
            ctx: bindings::lsm_context::default(),
        };
        assert!(ctx.is_empty());
        assert_eq!(ctx.len(), 0);
        assert_eq!(ctx.as_bytes(), b"");
    }

    #[test]
    fn numbers_without_a_context() {
        for secid in [0x7fff_ffff, u32::MAX] {
            assert!(SecurityCtx::from_secid(secid).is_err());
        }
    }

    #[test]
    fn the_first_task_may_do_all() -> Result {
        // SAFETY: `init_task` is a static, and its credentials never change.
        let cred = unsafe { bindings::init_task.cred };
        // SAFETY: The first task keeps its credentials for ever.
        let cred = unsafe { Credential::from_ptr(cred) };
        binder_set_context_mgr(cred)?;
        binder_transaction(cred, cred)?;
        binder_transfer_binder(cred, cred)?;

        // SAFETY: The path is a string.
        let file = unsafe { bindings::filp_open(c"/".as_char_ptr(), 0, 0) };
        let file = crate::error::from_err_ptr(file)?;
        // SAFETY: The file was just opened, and nobody else uses it.
        let result = binder_transfer_file(cred, cred, unsafe { File::from_raw_file(file) });
        // SAFETY: The count of one that opening gave is given back.
        unsafe { bindings::fput(file) };
        result
    }
}
