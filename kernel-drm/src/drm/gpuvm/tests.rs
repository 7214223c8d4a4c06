// SPDX-License-Identifier: GPL-2.0

//! A driver for a faux device, and what happens to the mappings in its address spaces.

use super::*;
use crate::{
    device::Bound,
    drm::{
        driver::{DriverInfo, Registration},
        file::DriverFile,
        gem::{self, DriverObject},
        DeviceContext, UnregisteredDevice,
    },
    faux,
    page::PAGE_SIZE,
    sync::Arc,
};

mod lifetimes;
mod steps;

/// How often something was dropped.
struct Log {
    tables: Atomic<u32>,
    vas: Atomic<u32>,
    vm_bos: Atomic<u32>,
    buffers: Atomic<u32>,
}

struct Lamp;
struct LampFile;

struct LampBuffer(Arc<Log>);

impl Drop for LampBuffer {
    fn drop(&mut self) {
        self.0.buffers.add(1, Relaxed);
    }
}

#[vtable]
impl Driver for Lamp {
    type Data = Arc<Log>;
    type File = LampFile;
    type Object<C: DeviceContext> = gem::Object<LampBuffer, C>;

    const INFO: DriverInfo = DriverInfo {
        major: 1,
        minor: 0,
        patchlevel: 0,
        name: c"rust-gpuvm",
        desc: c"A lamp with an address space",
    };

    crate::declare_drm_ioctls! {}
}

impl DriverFile for LampFile {
    type Driver = Lamp;

    fn open(_dev: &Device<Lamp>) -> Result<Pin<KBox<Self>>> {
        Ok(KBox::new(Self, GFP_KERNEL)?.into())
    }
}

impl DriverObject for LampBuffer {
    type Driver = Lamp;
    type Args = ();

    fn new<C: DeviceContext>(
        dev: &Device<Lamp, C>,
        _size: usize,
        _args: (),
    ) -> impl PinInit<Self, Error> {
        Ok(Self((**dev).clone()))
    }
}

type Buffer = gem::Object<LampBuffer>;

/// A number, and a log of its drop.
struct Va {
    number: u32,
    log: Arc<Log>,
}

impl Drop for Va {
    fn drop(&mut self) {
        self.log.vas.add(1, Relaxed);
    }
}

struct VmBo {
    number: u32,
    log: Arc<Log>,
}

impl Drop for VmBo {
    fn drop(&mut self) {
        self.log.vm_bos.add(1, Relaxed);
    }
}

/// A step that was taken: its letter, addresses, and whether the page tables might stay.
type Step = (char, Range<u64>, bool);

/// The driver's part of an address space.
struct Table {
    log: Arc<Log>,
    steps: KVec<Step>,
    /// The letter of the steps that fail.
    failing: char,
}

impl Drop for Table {
    fn drop(&mut self) {
        self.log.tables.add(1, Relaxed);
    }
}

impl Table {
    fn note(&mut self, letter: char, range: Range<u64>, keep: bool) -> Result {
        if letter == self.failing {
            return Err(EDOM);
        }
        Ok(self.steps.push((letter, range, keep), GFP_KERNEL)?)
    }

    fn va(&self, number: u32) -> Va {
        Va {
            number,
            log: self.log.clone(),
        }
    }
}

/// Memory for mappings, and the number that the next one gets.
struct Context<'ctx> {
    spare: KVec<GpuVaAlloc<Table>>,
    number: &'ctx mut u32,
}

impl<'ctx> Context<'ctx> {
    fn new(number: &'ctx mut u32) -> Result<Self> {
        let mut spare = KVec::new();
        for _ in 0..5 {
            spare.push(GpuVaAlloc::new(GFP_KERNEL)?, GFP_KERNEL)?;
        }
        Ok(Self { spare, number })
    }

    fn number(&mut self) -> u32 {
        *self.number += 1;
        *self.number
    }
}

impl DriverGpuVm for Table {
    type Driver = Lamp;
    type Object = Buffer;
    type VaData = Va;
    type VmBoData = VmBo;
    type SmContext<'ctx> = Context<'ctx>;

    fn sm_step_map<'op>(
        &mut self,
        op: OpMap<'op, Self>,
        context: &mut Context<'_>,
    ) -> Result<OpMapped<'op, Self>> {
        self.note('m', op.addr()..op.addr() + op.length(), false)?;
        assert!(ptr::eq(op.obj(), op.vm_bo().obj()));
        let va = context.spare.pop().ok_or(ENOMEM)?;
        let data = self.va(context.number());
        Ok(op.insert(va, Ok(data)))
    }

    fn sm_step_unmap<'op>(
        &mut self,
        op: OpUnmap<'op, Self>,
        _context: &mut Context<'_>,
    ) -> Result<OpUnmapped<'op, Self>> {
        let va = op.va();
        self.note('u', va.addr()..va.addr() + va.length(), op.should_keep())?;
        let number = va.data().number;
        let (unmapped, removed) = op.remove();
        assert_eq!(removed.number, number);
        Ok(unmapped)
    }

    fn sm_step_remap<'op>(
        &mut self,
        op: OpRemap<'op, Self>,
        context: &mut Context<'_>,
    ) -> Result<OpRemapped<'op, Self>> {
        self.note('r', op.unmap_range(), op.should_keep())?;
        let number = op.va().data().number;
        let parts = usize::from(op.prev().is_some()) + usize::from(op.next().is_some());
        let first = context.spare.pop().ok_or(ENOMEM)?;
        let second = context.spare.pop().ok_or(ENOMEM)?;
        // So the parts show what they are of.
        let prev = self.va(10 * number);
        let next = self.va(10 * number + 1);
        let (remapped, ret) = op.remap([first, second], Ok(prev), Ok(next));
        assert_eq!(ret.unmapped_va.number, number);
        assert_eq!(ret.unused_va.is_some(), parts == 1);
        Ok(remapped)
    }
}

/// A device with what is needed to map something.
struct Bench {
    log: Arc<Log>,
    drm: ARef<Device<Lamp>>,
    buffer: ARef<Buffer>,
    number: u32,
    _faux: faux::Registration,
}

/// Takes a faux device for one that it is bound.
fn bound(faux: &faux::Registration) -> &crate::device::Device<Bound> {
    // SAFETY: A faux device is bound for as long as it is there.
    unsafe { faux.as_ref().as_bound() }
}

impl Bench {
    fn new(name: &'static CStr) -> Result<Self> {
        let faux = faux::Registration::new(name, None)?;
        let log = Log {
            tables: Atomic::new(0),
            vas: Atomic::new(0),
            vm_bos: Atomic::new(0),
            buffers: Atomic::new(0),
        };
        let log = Arc::new(log, GFP_KERNEL)?;
        let drm = UnregisteredDevice::<Lamp>::new(faux.as_ref(), Ok(log.clone()))?;
        let drm: ARef<Device<Lamp>> = Registration::new_foreign_owned(drm, bound(&faux), 0)?.into();
        let buffer = Buffer::new(&drm, PAGE_SIZE, ())?;
        Ok(Self {
            log,
            drm,
            buffer,
            number: 0,
            _faux: faux,
        })
    }

    fn table(&self) -> Table {
        Table {
            log: self.log.clone(),
            steps: KVec::new(),
            failing: ' ',
        }
    }

    /// Makes an address space from 0x1000 to 0x9000, of which the last part is the kernel's.
    fn vm(&self) -> Result<UniqueRefGpuVm<Table>> {
        GpuVm::<Table>::new(
            c"bench",
            &self.drm,
            &self.buffer,
            0x1000..0x9000,
            0x8000..0x9000,
            self.table(),
        )
    }

    fn vm_bo(&self, number: u32) -> VmBo {
        VmBo {
            number,
            log: self.log.clone(),
        }
    }

    fn obtain(&self, vm: &GpuVm<Table>, number: u32) -> Result<ARef<GpuVmBo<Table>>> {
        vm.obtain(&self.buffer, Ok(self.vm_bo(number)))
    }

    fn map(
        &mut self,
        vm: &mut UniqueRefGpuVm<Table>,
        vm_bo: &GpuVmBo<Table>,
        range: Range<u64>,
        gem_offset: u64,
    ) -> Result {
        vm.sm_map(OpMapRequest {
            addr: range.start,
            length: range.end.wrapping_sub(range.start),
            gem_offset,
            vm_bo,
            context: &mut Context::new(&mut self.number)?,
        })
    }

    fn unmap(&mut self, vm: &mut UniqueRefGpuVm<Table>, range: Range<u64>) -> Result {
        let length = range.end.wrapping_sub(range.start);
        vm.sm_unmap(range.start, length, &mut Context::new(&mut self.number)?)
    }
}

/// Whether just this is mapped: addresses, offset, and number.
fn is_mapped(vm: &UniqueRefGpuVm<Table>, expected: &[(Range<u64>, u64, u32)]) -> bool {
    let mut vas = vm.iter();
    for expected in expected {
        let Some(va) = vas.next() else {
            return false;
        };
        let range = va.addr()..va.addr() + va.length();
        if (range, va.gem_offset(), va.data().number) != *expected {
            return false;
        }
        if !ptr::eq(va.vm_bo().vm(), &**vm) {
            return false;
        }
    }
    vas.next().is_none()
}

/// Whether just these steps were taken. Forgets them.
fn took(vm: &mut UniqueRefGpuVm<Table>, expected: &[Step]) -> bool {
    let steps = &mut vm.data_mut().steps;
    let same = **steps == *expected;
    steps.clear();
    same
}
