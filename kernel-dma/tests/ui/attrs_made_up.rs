// SPDX-License-Identifier: GPL-2.0

//! There are no attributes but those with a name.

extern crate kernel_dma as kernel;

use kernel::dma::Attrs;

fn main() {
    let _unmapped = Attrs(1 << 4);
}
