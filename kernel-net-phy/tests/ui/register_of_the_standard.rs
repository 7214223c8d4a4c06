// SPDX-License-Identifier: GPL-2.0

//! The maker's registers are 16 to 31: below are the standard's, and above there are none.

extern crate kernel_net_phy as kernel;

use kernel::net::phy::reg::C22;

const BELOW: C22 = C22::vendor_specific::<15>();
const ABOVE: C22 = C22::vendor_specific::<32>();

fn main() {
    let _ = (BELOW, ABOVE);
}
