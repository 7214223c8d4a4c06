// SPDX-License-Identifier: GPL-2.0

//! A bus with one device, both of software, for tests and examples.
//!
//! Not API.
//!
//! What hardware does when its configuration space is accessed, functions do here. The device has three
//! BARs, which can be sized and placed; nothing is behind them.

use super::*;
use crate::sync::atomic::{Atomic, Relaxed};
use core::ptr;

/// The number of the bus, which no machine here has.
const BUS: c_int = 0xf4;

/// The vendor of the device.
pub const VENDOR: u16 = 0x1b36;
/// The number of the device.
pub const DEVICE: u16 = 0xfff5;
const REVISION: u32 = 0x12;
const CLASS: u32 = 0x05_0100;

/// Sizes of BARs, and what their low bits say.
const BARS: [(u32, u32); 6] = [
    // 8 KiB of memory.
    (0x2000, 0),
    // 16 I/O ports.
    (0x10, 1),
    // 16 bytes of memory.
    (0x10, 0),
    (0, 0),
    (0, 0),
    (0, 0),
];

/// Where BARs are at first. The memory is beyond the windows of QEMU's host bridges, which have claimed
/// what lies in them, and before the firmware.
const ADDRESSES: [u32; 6] = [0xff10_0000, 0xf7e0, 0xff10_4000, 0, 0, 0];

const WORDS: usize = 64;

/// The configuration space.
static CONFIG: [Atomic<u32>; WORDS] = [const { Atomic::new(0) }; WORDS];

/// Whether the device has been pulled out.
static PULLED_OUT: Atomic<u32> = Atomic::new(0);

/// The word of a register.
const fn word(offset: usize) -> usize {
    offset / 4
}

const COMMAND: usize = word(0x04);
const FIRST_BAR: usize = word(0x10);
const SUBSYSTEM: usize = word(0x2c);
const INTERRUPT: usize = word(0x3c);

fn reset() {
    PULLED_OUT.store(0, Relaxed);
    for word in &CONFIG {
        word.store(0, Relaxed);
    }
    CONFIG[0].store(u32::from(DEVICE) << 16 | u32::from(VENDOR), Relaxed);
    CONFIG[2].store(CLASS << 8 | REVISION, Relaxed);
    for (i, ((_, flags), address)) in BARS.iter().zip(ADDRESSES).enumerate() {
        CONFIG[FIRST_BAR + i].store(address | flags, Relaxed);
    }
    CONFIG[SUBSYSTEM].store(0x5678_1af4, Relaxed);
    // Pin A, at line 5.
    CONFIG[INTERRUPT].store(0x0105, Relaxed);
}

/// The command register.
pub fn command() -> u32 {
    CONFIG[COMMAND].load(Relaxed) & 0xffff
}

/// Pulls the device out of its slot.
pub fn pull_out() {
    PULLED_OUT.store(1, Relaxed);
}

/// The bits of a word, of which `size` bytes at `position` are accessed.
fn window(position: c_int, size: c_int) -> (usize, u32, u32) {
    let shift = 8 * (position as u32 % 4);
    let mask = if size == 4 {
        u32::MAX
    } else {
        (1 << (8 * size)) - 1
    };
    (position as usize / 4, shift, mask)
}

/// # Safety
///
/// Only for the PCI core to call: `value` is valid for a write.
unsafe extern "C" fn read(
    _bus: *mut bindings::pci_bus,
    devfn: c_uint,
    position: c_int,
    size: c_int,
    value: *mut u32,
) -> c_int {
    let (word, shift, mask) = window(position, size);
    let read = if devfn != 0 || PULLED_OUT.load(Relaxed) != 0 || word >= WORDS {
        mask
    } else {
        CONFIG[word].load(Relaxed) >> shift & mask
    };
    // SAFETY: As the caller promises.
    unsafe { value.write(read) };
    0
}

/// # Safety
///
/// Only for the PCI core to call.
unsafe extern "C" fn write(
    _bus: *mut bindings::pci_bus,
    devfn: c_uint,
    position: c_int,
    size: c_int,
    value: u32,
) -> c_int {
    let (word, shift, mask) = window(position, size);
    if devfn != 0 || PULLED_OUT.load(Relaxed) != 0 || word >= WORDS {
        return 0;
    }
    let old = CONFIG[word].load(Relaxed);
    let new = old & !(mask << shift) | (value & mask) << shift;
    let new = match word {
        // What the device is, it stays.
        0 | 2 | SUBSYSTEM => old,
        // The bits of an address below the size are fixed.
        FIRST_BAR..0x0a => match BARS[word - FIRST_BAR] {
            (0, _) => 0,
            (size, flags) => new & !(size - 1) | flags,
        },
        // No expansion ROM, no bridge.
        0x0a | 0x0c => 0,
        _ => new,
    };
    CONFIG[word].store(new, Relaxed);
    0
}

/// What the architecture has for a bus.
#[cfg(CONFIG_X86)]
type SysData = bindings::pci_sysdata;
#[cfg(not(CONFIG_X86))]
type SysData = u64;

/// The bus, while it is there.
///
/// # Invariants
///
/// `bus` is a root bus that `new` has made, and what it refers to stays.
pub struct SoftBus {
    bus: *mut bindings::pci_bus,
    _ops: KBox<Opaque<bindings::pci_ops>>,
    _data: KBox<Opaque<SysData>>,
}

/// Keeps others from adding and removing devices.
fn with_lock<R>(f: impl FnOnce() -> R) -> R {
    // SAFETY: The lock is not held: no test calls this from inside itself, nor from a callback.
    unsafe { bindings::pci_lock_rescan_remove() };
    let result = f();
    // SAFETY: It was taken above.
    unsafe { bindings::pci_unlock_rescan_remove() };
    result
}

impl SoftBus {
    /// Makes the bus, and lets the PCI core find its device. A driver that takes it is bound when this
    /// returns.
    pub fn new() -> Result<Self> {
        reset();
        let ops = KBox::new(Opaque::<bindings::pci_ops>::zeroed(), GFP_KERNEL)?;
        {
            // SAFETY: The allocation is ours, and operations may be all zeroes.
            let ops = unsafe { &mut *ops.get() };
            ops.read = Some(read);
            ops.write = Some(write);
        }
        let data = KBox::new(Opaque::<SysData>::zeroed(), GFP_KERNEL)?;
        #[cfg(CONFIG_X86)]
        {
            // SAFETY: The allocation is ours, and these data may be all zeroes.
            unsafe { (*data.get()).node = bindings::NUMA_NO_NODE };
        }
        let bus = with_lock(|| {
            let mut resources = bindings::list_head::default();
            let list = &raw mut resources;
            // SAFETY: The list is ours; this is what `INIT_LIST_HEAD()` does.
            unsafe {
                list.write(bindings::list_head {
                    next: list,
                    prev: list,
                })
            };
            let ports = &raw mut bindings::ioport_resource;
            let memory = &raw mut bindings::iomem_resource;
            for resource in [ports, memory] {
                // SAFETY: The list is initialised, and the resource is there for ever.
                unsafe { bindings::pci_add_resource(list, resource) };
            }
            // SAFETY: The operations and the data stay for as long as the bus. The list is taken
            // over, if this succeeds.
            let bus = unsafe {
                bindings::pci_scan_root_bus(
                    ptr::null_mut(),
                    BUS,
                    ops.get(),
                    data.get().cast(),
                    list,
                )
            };
            if bus.is_null() {
                // SAFETY: The list is still ours.
                unsafe { bindings::pci_free_resource_list(list) };
                return Err(ENOMEM);
            }
            // SAFETY: The bus was just made.
            unsafe { bindings::pci_bus_claim_resources(bus) };
            // SAFETY: As above.
            unsafe { bindings::pci_bus_add_devices(bus) };
            Ok(bus)
        })?;
        // INVARIANT: It was just made.
        Ok(Self {
            bus,
            _ops: ops,
            _data: data,
        })
    }

    /// The device, as if a driver were bound to it, unless one is.
    ///
    /// # Safety
    ///
    /// It is not used after the bus is gone, and nothing relies on a driver that there is not.
    pub unsafe fn bound<'a>(&self) -> &'a Device<Bound> {
        // SAFETY: By the type invariants the bus is there.
        let pdev = unsafe { bindings::pci_get_slot(self.bus, 0) };
        assert!(!pdev.is_null());
        // SAFETY: `pci_get_slot` has counted it, and the bus does so, too.
        unsafe { bindings::pci_dev_put(pdev) };
        // SAFETY: The bus has it for as long as this is used, as the caller says.
        unsafe { &*pdev.cast::<Device<Bound>>() }
    }
}

impl Drop for SoftBus {
    fn drop(&mut self) {
        // SAFETY: By the type invariants it is a root bus, which is there until it is removed.
        let bridge = unsafe { (*self.bus).bridge };
        with_lock(|| {
            // SAFETY: As above, and it is removed once.
            unsafe { bindings::pci_stop_root_bus(self.bus) };
            // SAFETY: As above.
            unsafe { bindings::pci_remove_root_bus(self.bus) };
        });
        // SAFETY: Who scans a root bus has a count of its bridge, and nobody else gives that back.
        unsafe { bindings::put_device(bridge) };
    }
}
