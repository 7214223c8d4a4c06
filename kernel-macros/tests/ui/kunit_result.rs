// SPDX-License-Identifier: GPL-2.0

//! A test returns nothing or a result.

use kernel::prelude::*;

#[kunit_tests(suite)]
mod tests {
    #[test]
    fn number() -> u8 {
        0
    }
}

fn main() {}
