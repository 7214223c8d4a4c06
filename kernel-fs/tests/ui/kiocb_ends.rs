// SPDX-License-Identifier: GPL-2.0

//! A request ends with the operation, and so does what is borrowed of its file. It is no other
//! thread's.

extern crate kernel_fs as kernel;

use kernel::{alloc::KBox, fs::Kiocb};

fn send<T: Send>() {}
fn sync<T: Sync>() {}

fn kinds() {
    send::<Kiocb<'static, KBox<u8>>>();
    sync::<Kiocb<'static, KBox<u8>>>();
}

fn kept(kiocb: Kiocb<'_, KBox<u8>>) -> &'static u8 {
    kiocb.file()
}

fn two_positions(mut kiocb: Kiocb<'_, KBox<u8>>) {
    let one = kiocb.ki_pos_mut();
    let two = kiocb.ki_pos_mut();
    core::mem::swap(one, two);
}

fn copied<'a>(kiocb: &Kiocb<'a, KBox<u8>>) -> Kiocb<'a, KBox<u8>> {
    *kiocb
}

fn main() {}
