// SPDX-License-Identifier: GPL-2.0

//! The text of a context is the security module's, which takes it back when the context is dropped.

extern crate kernel_fs as kernel;

use kernel::{error::Result, security::SecurityCtx};

fn text(secid: u32) -> Result<&'static [u8]> {
    let ctx = SecurityCtx::from_secid(secid)?;
    Ok(ctx.as_bytes())
}

fn after(ctx: SecurityCtx) -> usize {
    let bytes = ctx.as_bytes();
    drop(ctx);
    bytes.len()
}

fn main() {}
