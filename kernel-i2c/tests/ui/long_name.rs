// SPDX-License-Identifier: GPL-2.0

//! C has room for 19 bytes of a name.

extern crate kernel_i2c as kernel;

use kernel::i2c::{DeviceId, I2cBoardInfo};

const ID: DeviceId = DeviceId::new(c"twenty-bytes-of-name");
const INFO: I2cBoardInfo = I2cBoardInfo::new(c"twenty-bytes-of-name", 0x30);

fn main() {
    let _ = (ID, INFO);
}
