// SPDX-License-Identifier: GPL-2.0

//! A test is called without arguments, and by safe code.

use kernel::prelude::*;

#[kunit_tests(suite)]
mod tests {
    #[test]
    fn arguments(_: u8) {}

    #[test]
    fn generic<T>() {}

    #[test]
    async fn asynchronous() {}

    #[test]
    unsafe fn not_safe() {}
}

fn main() {}
