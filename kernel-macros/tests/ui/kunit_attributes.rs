// SPDX-License-Identifier: GPL-2.0

//! KUnit has no such attributes.

use kernel::prelude::*;

#[kunit_tests(suite)]
mod tests {
    #[test]
    #[ignore]
    fn ignored() {}

    #[test]
    #[should_panic]
    fn panics() {}
}

fn main() {}
