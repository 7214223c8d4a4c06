// SPDX-License-Identifier: GPL-2.0

//! An iterator over a process's memory is of no use on other threads, and ends with the operation.

extern crate kernel_fs as kernel;

use kernel::iov::{IovIterDest, IovIterSource};

fn sync<T: Sync>() {}

fn kinds() {
    sync::<IovIterSource<'static>>();
    sync::<IovIterDest<'static>>();
}

fn kept<'data>(iov: &mut IovIterSource<'data>) -> &'static mut IovIterSource<'data> {
    iov
}

fn longer<'a>(iov: &'a mut IovIterDest<'_>) -> &'a mut IovIterDest<'static> {
    iov
}

/// Its memory would have to live as long as that of the other.
fn swapped<'one, 'two>(one: &mut IovIterDest<'one>, two: &mut IovIterDest<'two>) {
    core::mem::swap(one, two);
}

fn main() {}
