// SPDX-License-Identifier: GPL-2.0

//! That a file may go to other threads is a promise that somebody has to make.

extern crate kernel_fs as kernel;

use kernel::{
    error::Result,
    fs::{file::FileDescriptorReservation, File, LocalFile},
    sync::aref::ARef,
};

fn by_type(fd: u32) -> Result<ARef<File>> {
    Ok(LocalFile::fget(fd)?)
}

fn by_name(file: ARef<LocalFile>) -> ARef<File> {
    LocalFile::assume_no_fdget_pos(file)
}

fn to_a_descriptor(fd: u32) -> Result {
    let file = LocalFile::fget(fd)?;
    let reservation = FileDescriptorReservation::get_unused_fd_flags(0)?;
    reservation.fd_install(file);
    Ok(())
}

fn main() {}
