// SPDX-License-Identifier: GPL-2.0

//! Tests of masks, attributes and directions, and of memory.

use super::{testing::*, *};
use crate::transmute::{AsBytes, FromBytes};

mod access;
mod memory;

/// What a device may be told to do.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
struct Command {
    address: u64,
    length: u32,
    flags: [u16; 2],
}

impl Command {
    const fn new(address: u64, length: u32) -> Self {
        Self {
            address,
            length,
            flags: [1, 2],
        }
    }
}

// SAFETY: There is no padding, and no interior mutability.
unsafe impl AsBytes for Command {}
// SAFETY: These are numbers, and no one minds which.
unsafe impl FromBytes for Command {}

#[crate::macros::kunit_tests(rust_dma)]
mod cases {
    use super::*;

    #[test]
    fn masks_have_the_lowest_bits() {
        assert_eq!(DmaMask::new::<0>().value(), 0);
        assert_eq!(DmaMask::new::<1>().value(), 1);
        assert_eq!(DmaMask::new::<32>().value(), 0xffff_ffff);
        assert_eq!(DmaMask::new::<63>().value(), u64::MAX / 2);
        assert_eq!(DmaMask::new::<64>().value(), u64::MAX);
        for bits in 0..=64 {
            assert_eq!(
                DmaMask::try_new(bits).map(|mask| mask.value().count_ones()),
                Ok(bits)
            );
        }
        for bits in [65, 128, u32::MAX] {
            assert_eq!(DmaMask::try_new(bits), Err(EINVAL));
        }
    }

    #[test]
    fn attributes_are_those_of_c_and_no_others() {
        use attrs::*;
        let all = [
            (DMA_ATTR_WEAK_ORDERING, 1),
            (DMA_ATTR_WRITE_COMBINE, 2),
            (DMA_ATTR_SKIP_CPU_SYNC, 5),
            (DMA_ATTR_FORCE_CONTIGUOUS, 6),
            (DMA_ATTR_ALLOC_SINGLE_PAGES, 7),
            (DMA_ATTR_NO_WARN, 8),
            (DMA_ATTR_PRIVILEGED, 9),
            (DMA_ATTR_MMIO, 10),
        ];
        let mut union = Attrs::default();
        for (attr, bit) in all {
            assert_eq!(attr.as_raw(), 1 << bit);
            assert!(!union.contains(attr));
            union = union | attr;
            assert!(union.contains(attr));
        }
        // What is left out does not come in by negation.
        let none = bindings::DMA_ATTR_NO_KERNEL_MAPPING as c_ulong;
        assert_eq!((!Attrs::default()).as_raw() & none, 0);
        assert_eq!(!Attrs::default(), union);
        assert_eq!(!union, Attrs::default());
        assert_eq!(!!DMA_ATTR_MMIO, DMA_ATTR_MMIO);
        assert!(!DMA_ATTR_MMIO.contains(union));
    }

    #[test]
    fn directions_are_those_of_c() {
        let raw = [
            DataDirection::Bidirectional,
            DataDirection::ToDevice,
            DataDirection::FromDevice,
            DataDirection::None,
        ]
        .map(bindings::dma_data_direction::from);
        assert_eq!(raw, [0, 1, 2, 3]);
    }

    #[test]
    fn a_mask_is_set() -> Result {
        let dev = DmaDevice::new(c"rust_dma_mask")?;
        let core = dev.core();
        // SAFETY: Nobody else uses the device.
        let result = unsafe { core.dma_set_mask_and_coherent(DmaMask::new::<40>()) };
        if !available() {
            assert_eq!(result, Err(EIO));
            return Ok(());
        }
        result?;
        let raw = core.as_ref().as_raw();
        // SAFETY: The device is registered, and has a place for a mask.
        let masks = || unsafe { (*(*raw).dma_mask, (*raw).coherent_dma_mask) };
        let full = DmaMask::new::<40>().value();
        assert_eq!(masks(), (full, full));

        // SAFETY: Nobody else uses the device.
        unsafe { core.dma_set_mask(DmaMask::new::<36>()) }?;
        assert_eq!(masks(), (DmaMask::new::<36>().value(), full));
        // SAFETY: Nobody else uses the device.
        unsafe { core.dma_set_coherent_mask(DmaMask::new::<33>()) }?;
        assert_eq!(
            masks(),
            (DmaMask::new::<36>().value(), DmaMask::new::<33>().value())
        );

        // Memory is not to be had at such an address, and what was set stays.
        // SAFETY: Nobody else uses the device.
        let result = unsafe { core.dma_set_mask_and_coherent(DmaMask::new::<0>()) };
        assert_eq!(result, Err(EIO));
        assert_eq!(
            masks(),
            (DmaMask::new::<36>().value(), DmaMask::new::<33>().value())
        );
        Ok(())
    }

    #[test]
    fn a_segment_size_is_set() -> Result {
        let dev = DmaDevice::new(c"rust_dma_segment")?;
        let core = dev.core();
        for size in [1, 4096, u32::MAX] {
            // SAFETY: Nobody else uses the device.
            unsafe { core.dma_set_max_seg_size(size) };
            // SAFETY: The device is registered.
            let found = unsafe { bindings::dma_get_max_seg_size(core.as_ref().as_raw()) };
            assert_eq!(found, size);
        }
        Ok(())
    }
}
