// SPDX-License-Identifier: GPL-2.0

//! A page taken out of a borrowed one ends with the loan, and cannot be owned.

extern crate kernel_core as kernel;

use kernel::page::{BorrowedPage, Page};

fn longer<'a>(page: &BorrowedPage<'a>) -> &'a Page {
    page
}

fn owned(page: BorrowedPage<'_>) -> Page {
    *page
}

fn main() {
    let _ = (longer, owned);
}
