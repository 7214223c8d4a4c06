// SPDX-License-Identifier: GPL-2.0

//! What the security modules say.
//!
//! A kernel may have none ([`CONFIG_SECURITY`] is off, or no module has an opinion); then everything is
//! allowed here, and nothing has a context.
//!
//! On the C side this is [`include/linux/security.h`](srctree/include/linux/security.h).
//!
//! [`CONFIG_SECURITY`]: srctree/security/Kconfig

use crate::{
    bindings,
    cred::Credential,
    error::{to_result, Result},
    fs::File,
};

#[cfg(CONFIG_KUNIT = "y")]
mod tests;

/// Asks whether `mgr` may become the context manager of Binder: who gives out all first references.
///
/// # Examples
///
/// ```
/// use kernel::{cred::Credential, security};
///
/// /// Lets one process take part in a call, if it may be the other's manager, too.
/// fn check(manager: &Credential, client: &Credential) -> Result {
///     security::binder_set_context_mgr(manager)?;
///     security::binder_transaction(client, manager)
/// }
///
/// # // SAFETY: `init_task` is a static, and its credentials never change.
/// # let init_cred = unsafe { (&raw const kernel::bindings::init_task.cred).read() };
/// # // SAFETY: The first task keeps its credentials for ever.
/// # let root = unsafe { Credential::from_ptr(init_cred) };
/// // The first task is above suspicion.
/// assert_eq!(check(root, root), Ok(()));
/// ```
///
/// # Errors
///
/// That of the first security module that objects.
#[inline]
pub fn binder_set_context_mgr(mgr: &Credential) -> Result {
    // SAFETY: The reference keeps the credentials alive.
    to_result(unsafe { bindings::security_binder_set_context_mgr(mgr.as_ptr()) })
}

/// Asks whether `from` may call `to` through Binder.
///
/// # Errors
///
/// That of the first security module that objects.
#[inline]
pub fn binder_transaction(from: &Credential, to: &Credential) -> Result {
    // SAFETY: The references keep both credentials alive.
    to_result(unsafe { bindings::security_binder_transaction(from.as_ptr(), to.as_ptr()) })
}

/// Asks whether `from` may give `to` a reference to a Binder object.
///
/// # Errors
///
/// That of the first security module that objects.
#[inline]
pub fn binder_transfer_binder(from: &Credential, to: &Credential) -> Result {
    // SAFETY: The references keep both credentials alive.
    to_result(unsafe { bindings::security_binder_transfer_binder(from.as_ptr(), to.as_ptr()) })
}

/// Asks whether `from` may give `file`, which is open, to `to` through Binder.
///
/// # Errors
///
/// That of the first security module that objects.
#[inline]
pub fn binder_transfer_file(from: &Credential, to: &Credential, file: &File) -> Result {
    let file = file.as_ptr();
    // SAFETY: The references keep both credentials and the file alive.
    to_result(unsafe { bindings::security_binder_transfer_file(from.as_ptr(), to.as_ptr(), file) })
}

/// A security context as text, such as `system_u:object_r:null_device_t:s0`, without a NUL.
///
/// The text is the security module's, and goes back to it when this is dropped.
///
/// C counterpart: [`struct lsm_context`].
///
/// # Examples
///
/// ```
/// use kernel::security::SecurityCtx;
///
/// /// How many bytes a message grows by if it carries the sender's context. Without a security module
/// /// that has contexts, there is none.
/// fn space_for(secid: u32) -> usize {
///     SecurityCtx::from_secid(secid).map_or(0, |ctx| ctx.len().next_multiple_of(8))
/// }
///
/// // No module gives away this number.
/// assert_eq!(space_for(u32::MAX), 0);
/// ```
///
/// # Invariants
///
/// `ctx` came from `security_secid_to_secctx`, and was not released: unless it is null,
/// `ctx.context` points to `ctx.len` bytes, which don't change.
///
/// [`struct lsm_context`]: srctree/include/linux/security.h
pub struct SecurityCtx {
    ctx: bindings::lsm_context,
}

impl SecurityCtx {
    /// Gets the context with the number `secid`, such as that of
    /// [`Credential::get_secid`].
    ///
    /// # Errors
    ///
    /// `EOPNOTSUPP` if no security module has contexts; else what the module says of a number that is
    /// none, or `ENOMEM`.
    pub fn from_secid(secid: u32) -> Result<Self> {
        let mut ctx = bindings::lsm_context::default();
        // SAFETY: `ctx` is valid for writes; any number may be asked for.
        to_result(unsafe { bindings::security_secid_to_secctx(secid, &mut ctx) })?;
        // INVARIANT: There was no error, so it is filled in.
        Ok(Self { ctx })
    }

    /// Whether the context has no bytes.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes the context has.
    #[inline]
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// The bytes of the context.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        let start = self.ctx.context.cast::<u8>();
        if start.is_null() {
            return &[];
        }
        // SAFETY: By the type invariants there are as many bytes, which don't change, and they stay
        // until `self` is dropped.
        unsafe { core::slice::from_raw_parts(start, self.ctx.len as usize) }
    }
}

impl Drop for SecurityCtx {
    fn drop(&mut self) {
        // SAFETY: By the type invariants, the context came from a security module and was not released
        // yet.
        unsafe { bindings::security_release_secctx(&mut self.ctx) };
    }
}
