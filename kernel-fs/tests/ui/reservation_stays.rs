// SPDX-License-Identifier: GPL-2.0

//! A descriptor is reserved in the table of one process, and given back there.

extern crate kernel_fs as kernel;

use kernel::{
    c_str, error::Result, fs::file::FileDescriptorReservation, kthread::Thread, sync::SetOnce,
};

static RESERVED: SetOnce<FileDescriptorReservation> = SetOnce::new();

fn taken_along() -> Result<Thread> {
    let reservation = FileDescriptorReservation::get_unused_fd_flags(0)?;
    Thread::spawn(c_str!("other"), move |_| {
        drop(reservation);
        Ok(())
    })
}

fn looked_at(reservation: &'static FileDescriptorReservation) -> Result<Thread> {
    Thread::spawn(c_str!("other"), move |_| {
        reservation.reserved_fd();
        Ok(())
    })
}

fn main() {}
