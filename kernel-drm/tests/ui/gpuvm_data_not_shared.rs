// SPDX-License-Identifier: GPL-2.0

//! What there is for a buffer in an address space is shared between threads.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;

use core::cell::Cell;
use kernel::{drm::gem, drm::gpuvm::*, prelude::*};
use lamp::{Lamp, LampBuffer};

struct Local;

impl DriverGpuVm for Local {
    type Driver = Lamp;
    type Object = gem::Object<LampBuffer>;
    type VaData = *mut u8;
    type VmBoData = Cell<u32>;
    type SmContext<'ctx> = ();

    fn sm_step_map<'op>(
        &mut self,
        _op: OpMap<'op, Self>,
        _context: &mut (),
    ) -> Result<OpMapped<'op, Self>> {
        Err(EINVAL)
    }

    fn sm_step_unmap<'op>(
        &mut self,
        _op: OpUnmap<'op, Self>,
        _context: &mut (),
    ) -> Result<OpUnmapped<'op, Self>> {
        Err(EINVAL)
    }

    fn sm_step_remap<'op>(
        &mut self,
        _op: OpRemap<'op, Self>,
        _context: &mut (),
    ) -> Result<OpRemapped<'op, Self>> {
        Err(EINVAL)
    }
}

fn main() {}
