// SPDX-License-Identifier: GPL-2.0

//! C has room for so many bytes of a driver's waveform, and no more.

extern crate kernel_pwm as kernel;

use kernel::pwm::{create_pwm_ops, PwmOps, PwmOpsVTable};

struct Large;

impl PwmOps for Large {
    type WfHw = [u8; 21];
}

const TABLE: PwmOpsVTable = create_pwm_ops::<Large>();

fn main() {
    let _ = &TABLE;
}
