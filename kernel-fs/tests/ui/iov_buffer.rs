// SPDX-License-Identifier: GPL-2.0

//! What was copied is in the buffer that it was copied to, and borrows that.

extern crate kernel_fs as kernel;

use core::mem::MaybeUninit;
use kernel::iov::IovIterSource;

fn gone<'a>(iov: &'a mut IovIterSource<'_>) -> &'a mut [u8] {
    let mut buffer = [MaybeUninit::uninit(); 16];
    iov.copy_from_iter_raw(&mut buffer)
}

fn twice(iov: &mut IovIterSource<'_>, buffer: &mut [MaybeUninit<u8>]) {
    let one = iov.copy_from_iter_raw(buffer);
    let two = iov.copy_from_iter_raw(buffer);
    one.swap_with_slice(two);
}

fn main() {}
