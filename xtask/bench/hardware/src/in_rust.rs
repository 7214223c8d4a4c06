// SPDX-License-Identifier: GPL-2.0

//! The loops in Rust: what `in_c.c` does, with abstractions, under the names that the `kernel` crate of
//! Linux 7.2 and ours share.

use core::{ffi::c_void, hint::black_box, ptr};

use kernel::{
    device::{Bound, Device},
    devres::Devres,
    dma::Coherent,
    io::{register, Io},
    num::Bounded,
    pci::{self, IrqTypes, IrqVector},
    prelude::*,
    sync::Arc,
};

mod interrupt;

/// What `pr_*` lines would begin with.
#[allow(dead_code)]
const __LOG_PREFIX: &[u8] = b"hardware\0";

/// As much as `BENCH_COHERENT` in `bench.h`.
const COHERENT: usize = 4096;

/// How many bytes of the BAR the loops use.
const SIZE: usize = 0x68;

/// Registers of QEMU's edu device, as in `bench.h`.
mod offset {
    pub(crate) const LIVENESS: usize = 0x04;
    pub(crate) const INTERRUPT_STATUS: usize = 0x24;
    pub(crate) const INTERRUPT_RAISE: usize = 0x60;
    pub(crate) const INTERRUPT_ACKNOWLEDGE: usize = 0x64;
}

register! {
    /// The same register, with the field that a loop changes.
    pub(crate) LIVENESS(u32) @ 0x04 {
        15:8 middle;
    }
}

type Bar = pci::Bar<'static, SIZE>;

/// The device, for the loops. It is bound for as long as there is this.
struct Card {
    dev: &'static Device<Bound>,
    pdev: &'static pci::Device<Bound>,
    bar: Arc<Devres<Bar>>,
    vector: IrqVector<'static>,
}

impl Card {
    fn new(dev: &'static Device<Bound>) -> Result<Self> {
        let pdev = <&pci::Device<Bound>>::try_from(dev)?;
        let bar = pdev.iomap_region_sized::<SIZE>(0, c"bench")?;
        Ok(Self {
            dev,
            pdev,
            bar: Arc::new(bar.into_devres()?, GFP_KERNEL)?,
            vector: *pdev.alloc_irq_vectors(1, 1, IrqTypes::all())?.start(),
        })
    }

    /// The registers, for who knows that the driver is bound.
    fn registers(&self) -> Result<&Bar> {
        self.bar.access(self.dev)
    }
}

// SAFETY: It is a function of `harness.c` that may be called at any time.
unsafe extern "C" {
    safe fn bench_failed();
}

extern "C" {
    static bench_rust_card: *const c_void;
}

/// The device that the harness has opened.
fn card() -> &'static Card {
    // SAFETY: The harness wrote it before it called any loop, and does not write it again.
    let card = unsafe { bench_rust_card };
    // SAFETY: It is what `bench_rust_open` returned, and the harness runs no loop after
    // `bench_rust_close`.
    unsafe { &*card.cast::<Card>() }
}

/// Opens the device for the loops; null if that can't be.
///
/// # Safety
///
/// `dev` is a device that a driver is being bound to, and stays bound until `bench_rust_close` has
/// returned.
#[no_mangle]
pub unsafe extern "C" fn bench_rust_open(dev: *mut c_void) -> *mut c_void {
    // SAFETY: It is a bound device, and what has the reference goes before it is unbound.
    let dev = unsafe { Device::<Bound>::from_raw(dev.cast()) };
    match Card::new(dev).and_then(|card| Ok(KBox::new(card, GFP_KERNEL)?)) {
        Ok(card) => KBox::into_raw(card).cast(),
        Err(_) => ptr::null_mut(),
    }
}

/// Ends what `bench_rust_open` began.
///
/// # Safety
///
/// `card` is what `bench_rust_open` returned, not null, and this is called once.
#[no_mangle]
pub unsafe extern "C" fn bench_rust_close(card: *mut c_void) {
    // SAFETY: The pointer came from `KBox::into_raw`, and is given back once.
    drop(unsafe { KBox::<Card>::from_raw(card.cast()) });
}

/// Reads a register.
#[no_mangle]
pub extern "C" fn bench_rust_register_read(rounds: usize) {
    let Ok(registers) = card().registers() else {
        return bench_failed();
    };
    for _ in 0..rounds {
        let _ = registers.read32(offset::LIVENESS);
    }
}

/// Writes a register.
#[no_mangle]
pub extern "C" fn bench_rust_register_write(rounds: usize) {
    let Ok(registers) = card().registers() else {
        return bench_failed();
    };
    for round in (0..rounds).rev() {
        registers.write32(round as u32, offset::LIVENESS);
    }
}

/// Changes a field of a register.
#[no_mangle]
pub extern "C" fn bench_rust_register_field(rounds: usize) {
    let Ok(registers) = card().registers() else {
        return bench_failed();
    };
    for round in (0..rounds).rev() {
        let value = Bounded::<u32, 8>::from(round as u8);
        registers.update(LIVENESS, |register| register.with_middle(value));
    }
}

/// Gets at the registers by the bound device, and reads one.
#[no_mangle]
pub extern "C" fn bench_rust_devres_access(rounds: usize) {
    let card = card();
    for _ in 0..rounds {
        let Ok(registers) = card.bar.access(card.dev) else {
            return bench_failed();
        };
        let _ = registers.read32(offset::LIVENESS);
    }
}

/// Gets at the registers if the driver is still bound, and reads one.
#[no_mangle]
pub extern "C" fn bench_rust_devres_try_access(rounds: usize) {
    let card = card();
    for _ in 0..rounds {
        let Some(registers) = card.bar.try_access() else {
            return bench_failed();
        };
        let _ = registers.read32(offset::LIVENESS);
    }
}

/// Allocates memory that the device can use, and frees it.
#[no_mangle]
pub extern "C" fn bench_rust_coherent(rounds: usize) {
    let card = card();
    for _ in 0..rounds {
        let Ok(bytes) = Coherent::<u8>::zeroed_slice(card.dev, COHERENT, GFP_KERNEL) else {
            return bench_failed();
        };
        drop(black_box(bytes));
    }
}
