// SPDX-License-Identifier: GPL-2.0

//! Who opened a file is known for as long as the file is there.

extern crate kernel_fs as kernel;

use kernel::{
    cred::Credential,
    error::Result,
    fs::{File, LocalFile},
    sync::aref::ARef,
};

fn opener(fd: u32) -> Result<&'static Credential> {
    let file = LocalFile::fget(fd)?;
    Ok(file.cred())
}

fn after(file: ARef<File>) -> bool {
    let cred = file.cred();
    drop(file);
    cred.get_secid() == 0
}

fn main() {}
