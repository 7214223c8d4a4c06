// SPDX-License-Identifier: GPL-2.0

//! A descriptor gets one file, and is no reservation from then on.

extern crate kernel_fs as kernel;

use kernel::{
    fs::{file::FileDescriptorReservation, File},
    sync::aref::ARef,
};

fn twice(reservation: FileDescriptorReservation, file: ARef<File>) {
    reservation.fd_install(file.clone());
    reservation.fd_install(file);
}

fn after(reservation: FileDescriptorReservation, file: ARef<File>) -> u32 {
    reservation.fd_install(file);
    reservation.reserved_fd()
}

fn copied(reservation: &FileDescriptorReservation) -> FileDescriptorReservation {
    reservation.clone()
}

fn made() -> FileDescriptorReservation {
    FileDescriptorReservation { fd: 0 }
}

fn main() {}
