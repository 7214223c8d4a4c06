// SPDX-License-Identifier: GPL-2.0

//! A step does what it is for, or fails.

extern crate kernel_drm as kernel;

#[path = "common/lamp.rs"]
mod lamp;

use core::marker::PhantomData;
use kernel::{drm::gem, drm::gpuvm::*, prelude::*};
use lamp::{Lamp, LampBuffer};

struct Lazy;

impl DriverGpuVm for Lazy {
    type Driver = Lamp;
    type Object = gem::Object<LampBuffer>;
    type VaData = ();
    type VmBoData = ();
    type SmContext<'ctx> = ();

    fn sm_step_map<'op>(
        &mut self,
        _op: OpMap<'op, Self>,
        _context: &mut (),
    ) -> Result<OpMapped<'op, Self>> {
        Ok(OpMapped(PhantomData, PhantomData))
    }

    fn sm_step_unmap<'op>(
        &mut self,
        _op: OpUnmap<'op, Self>,
        _context: &mut (),
    ) -> Result<OpUnmapped<'op, Self>> {
        Ok(())
    }

    fn sm_step_remap<'op>(
        &mut self,
        op: OpRemap<'op, Self>,
        _context: &mut (),
    ) -> Result<OpRemapped<'op, Self>> {
        drop(op);
        Ok(Default::default())
    }
}

fn main() {}
