// SPDX-License-Identifier: GPL-2.0

//! The pages of a buffer cannot outlive it, nor be had while it is used.

extern crate kernel_core as kernel;

use kernel::{
    alloc::{flags::GFP_KERNEL, AllocError, VBox, VVec},
    page::{AsPageIter, BorrowedPage},
};

fn outlives(mut buffer: VBox<[u8; 4096]>) -> Option<BorrowedPage<'static>> {
    buffer.page_iter().next()
}

fn dropped(mut buffer: VBox<[u8; 4096]>) {
    let page = buffer.page_iter().next();
    drop(buffer);
    drop(page);
}

fn used(buffer: &mut VVec<u8>) -> Result<(), AllocError> {
    let pages = buffer.page_iter();
    buffer.push(1, GFP_KERNEL)?;
    pages.for_each(drop);
    Ok(())
}

fn main() {
    let _ = (outlives, dropped, used);
}
