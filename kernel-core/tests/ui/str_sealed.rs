// SPDX-License-Identifier: GPL-2.0

//! The traits for C strings and for integers are closed.

extern crate kernel_core as kernel;

use kernel::str::{parse_int::ParseInt, CStrExt};

struct Mine(u64);

impl TryFrom<u64> for Mine {
    type Error = ();

    fn try_from(value: u64) -> Result<Self, ()> {
        Ok(Mine(value))
    }
}

impl ParseInt for Mine {}

fn takes<T: CStrExt + ?Sized>(_: &T) {}

fn main() {
    takes("no C string");
}
