// SPDX-License-Identifier: GPL-2.0

//! What a driver has for an address space, but for its steps, which are those that do it right.

use super::lamp::{Lamp, LampBuffer};
use crate::kernel::{drm::gem, drm::gpuvm::*, prelude::*};

pub struct PageTable;

/// Memory for a mapping.
pub type Spare = Option<GpuVaAlloc<PageTable>>;

impl DriverGpuVm for PageTable {
    type Driver = Lamp;
    type Object = gem::Object<LampBuffer>;
    type VaData = u32;
    type VmBoData = ();
    type SmContext<'ctx> = Spare;

    fn sm_step_map<'op>(
        &mut self,
        op: OpMap<'op, Self>,
        spare: &mut Spare,
    ) -> Result<OpMapped<'op, Self>> {
        Ok(op.insert(spare.take().ok_or(ENOMEM)?, Ok(0)))
    }

    fn sm_step_unmap<'op>(
        &mut self,
        op: OpUnmap<'op, Self>,
        _spare: &mut Spare,
    ) -> Result<OpUnmapped<'op, Self>> {
        Ok(op.remove().0)
    }

    fn sm_step_remap<'op>(
        &mut self,
        _op: OpRemap<'op, Self>,
        _spare: &mut Spare,
    ) -> Result<OpRemapped<'op, Self>> {
        Err(EINVAL)
    }
}
