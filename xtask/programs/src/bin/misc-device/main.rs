// SPDX-License-Identifier: GPL-2.0

//! Uses the device of `samples/rust/rust_misc_device.rs`, well and badly.
//!
//! `misc-device MODULE FILE` with the module loaded; `misc-device race MODULE.ko FILE` without.

use std::os::fd::{AsRawFd, OwnedFd};
use std::process::ExitCode;

use guest_programs::{direction, ioc, ioctl_with, open, Cases, Outcome};

mod ends;
mod files;
mod ioctls;

const HELLO: u64 = ioc(direction::NONE, b'|', 0x80, 0);
const GET_VALUE: u64 = ioc(direction::READ, b'|', 0x81, 4);
const SET_VALUE: u64 = ioc(direction::WRITE, b'|', 0x82, 4);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut cases = Cases::new();
    let done = match words.as_slice() {
        ["race", module, path] => ends::race(&mut cases, module, path),
        [module, path] => use_device(&mut cases, module, path),
        _ => {
            eprintln!("usage: misc-device [race] MODULE FILE");
            return ExitCode::from(2);
        }
    };
    cases.works("the cases come to their end", done);
    cases.finish("misc-device")
}

fn use_device(cases: &mut Cases, module: &str, path: &str) -> Outcome<()> {
    ioctls::values(cases, path)?;
    ioctls::unknown_numbers(cases, path)?;
    ioctls::bad_addresses(cases, path)?;
    files::reading_and_writing(cases, path)?;
    files::positions(cases, path)?;
    files::bad_buffers(cases, path)?;
    files::sizes(cases, path)?;
    files::what_is_not_there(cases, path)?;
    files::ways_to_open(cases, path)?;
    files::many_files(cases, path)?;
    ends::threads(cases, path)?;
    ends::closing_under_an_ioctl(cases, path)?;
    ends::killed(cases, path)?;
    ends::removal(cases, module, path)
}

fn device(path: &str) -> Outcome<OwnedFd> {
    open(path, libc::O_RDWR)
}

fn get(file: &impl AsRawFd) -> Outcome<i32> {
    let mut value = 0;
    ioctl_with(file, GET_VALUE, &mut value)?;
    Ok(value)
}

fn set(file: &impl AsRawFd, mut value: i32) -> Outcome {
    ioctl_with(file, SET_VALUE, &mut value)
}

/// Addresses that nothing can be read from, nor written to.
const NOWHERE: [(&str, usize); 5] = [
    ("null", 0),
    ("an address in the first page", 4),
    ("the last address", usize::MAX),
    ("an address that wraps around", usize::MAX - 2),
    ("an address of the kernel's half", 1 << 63),
];
