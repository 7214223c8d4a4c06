// SPDX-License-Identifier: GPL-2.0

//! What holds of regions, resources and polling.

use super::{testing::Memory, Io, IoCapable, IoKnownSize, Mmio, MmioRaw};
use crate::prelude::*;
use core::cell::{Cell, RefCell};

mod mapping;
mod polling;
mod reserving;

/// A region that writes down what is done to it. Reading gives what was written last.
struct Log<const SIZE: usize> {
    maxsize: usize,
    last: Cell<u64>,
    /// Whether it was written, the width, and the address.
    accesses: RefCell<KVec<(bool, usize, usize)>>,
}

impl<const SIZE: usize> Log<SIZE> {
    /// Not a multiple of anything, so that it shows in all addresses.
    const ADDR: usize = 0x7_0001;

    fn new(maxsize: usize) -> Self {
        Self {
            maxsize,
            last: Cell::new(0),
            accesses: RefCell::new(KVec::new()),
        }
    }

    fn log(&self, written: bool, width: usize, address: usize) {
        let access = (written, width, address - Self::ADDR);
        let logged = self.accesses.borrow_mut().push(access, GFP_KERNEL);
        assert!(logged.is_ok());
    }

    fn take(&self) -> KVec<(bool, usize, usize)> {
        self.accesses.replace(KVec::new())
    }
}

impl<const SIZE: usize> Io for Log<SIZE> {
    fn addr(&self) -> usize {
        Self::ADDR
    }

    fn maxsize(&self) -> usize {
        self.maxsize
    }
}

impl<const SIZE: usize> IoKnownSize for Log<SIZE> {
    const MIN_SIZE: usize = SIZE;
}

macro_rules! impl_log {
    ($($int:ident)*) => {$(
        impl<const SIZE: usize> IoCapable<$int> for Log<SIZE> {
            unsafe fn io_read(&self, address: usize) -> $int {
                self.log(false, size_of::<$int>(), address);
                self.last.get() as $int
            }

            unsafe fn io_write(&self, value: $int, address: usize) {
                self.log(true, size_of::<$int>(), address);
                self.last.set(value.into());
            }
        }
    )*};
}

impl_log!(u8 u16 u32 u64);

/// Offsets of no `width` bytes in `size`, and of those that there are, but not at a multiple.
fn wrong_offsets(width: usize, size: usize) -> Result<KVec<usize>> {
    let mut offsets = KVec::new();
    let mut add = |offset| offsets.push(offset, GFP_KERNEL);
    for offset in 0..size + 2 * width {
        if offset + width > size || offset % width != 0 {
            add(offset)?;
        }
    }
    for back in 1..=width {
        // The end of most of these is not an address.
        add(usize::MAX - (back - 1))?;
        add(isize::MAX as usize + 1 - back)?;
    }
    Ok(offsets)
}

#[crate::macros::kunit_tests(rust_io)]
mod cases {
    use super::*;

    #[test]
    fn plain_numbers_are_at_their_offsets_from_the_first_to_the_last() -> Result {
        let memory = Memory::<16>::new()?;
        memory.write8(0x11, 0);
        memory.write8(0x22, 15);
        memory.write16(0x4433, 2);
        memory.write32(0x8877_6655, 4);
        assert_eq!(memory.read8(0), 0x11);
        assert_eq!(memory.read8(15), 0x22);
        assert_eq!(memory.read16(0), 0x11);
        assert_eq!(memory.read16(14), 0x2200);
        assert_eq!(memory.read32(0), 0x4433_0011);
        assert_eq!(memory.read32(12), 0x2200_0000);
        // Little-endian, byte by byte.
        for (offset, byte) in [0x11, 0, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88]
            .iter()
            .enumerate()
        {
            assert_eq!(memory.try_read8(offset), Ok(*byte));
        }
        Ok(())
    }

    #[test]
    #[cfg(CONFIG_64BIT)]
    fn a_64_bit_machine_has_64_bits() -> Result {
        let memory = Memory::<16>::new()?;
        memory.write64(0x8877_6655_4433_2211, 8);
        assert_eq!(memory.read64(8), 0x8877_6655_4433_2211);
        assert_eq!(memory.read32(12), 0x8877_6655);
        assert_eq!(memory.relaxed().read64(8), 0x8877_6655_4433_2211);
        memory.relaxed().write64(1, 0);
        assert_eq!(memory.try_read64(0), Ok(1));
        assert_eq!(memory.try_read64(4), Err(EINVAL));
        assert_eq!(memory.try_read64(16), Err(EINVAL));
        Ok(())
    }

    #[test]
    fn a_write_leaves_the_neighbours_alone() -> Result {
        let memory = Memory::<16>::new()?;
        for offset in 0..16 {
            memory.try_write8(0xff, offset)?;
        }
        memory.write16(0, 6);
        memory.write32(0, 8);
        memory.write8(0, 13);
        let mut zeroes = KVec::new();
        for offset in 0..16 {
            if memory.try_read8(offset)? == 0 {
                zeroes.push(offset, GFP_KERNEL)?;
            }
        }
        assert_eq!(&zeroes[..], &[6, 7, 8, 9, 10, 11, 13]);
        Ok(())
    }

    #[test]
    fn relaxed_access_is_to_the_same_memory() -> Result {
        let memory = Memory::<8>::new()?;
        let relaxed = memory.relaxed();
        relaxed.write8(1, 0);
        relaxed.write16(2, 2);
        relaxed.write32(3, 4);
        assert_eq!(
            (memory.read8(0), memory.read16(2), memory.read32(4)),
            (1, 2, 3)
        );
        assert_eq!(
            (relaxed.read8(0), relaxed.read16(2), relaxed.read32(4)),
            (1, 2, 3)
        );
        assert_eq!(
            (relaxed.addr(), relaxed.maxsize()),
            (memory.addr(), memory.maxsize())
        );
        assert_eq!(relaxed.try_read32(8), Err(EINVAL));
        Ok(())
    }

    #[test]
    fn what_is_not_in_the_region_or_not_aligned_is_refused() -> Result {
        for size in [0, 1, 2, 3, 4, 5, 8, 13, 64] {
            let memory = Memory::<0>::with_size(size)?;
            for offset in wrong_offsets(1, size)? {
                assert_eq!(memory.try_read8(offset), Err(EINVAL));
                assert_eq!(memory.try_write8(1, offset), Err(EINVAL));
            }
            for offset in wrong_offsets(2, size)? {
                assert_eq!(memory.try_read16(offset), Err(EINVAL));
                assert_eq!(memory.try_write16(1, offset), Err(EINVAL));
            }
            for offset in wrong_offsets(4, size)? {
                assert_eq!(memory.try_read32(offset), Err(EINVAL));
                assert_eq!(memory.try_write32(1, offset), Err(EINVAL));
                assert_eq!(memory.relaxed().try_write32(1, offset), Err(EINVAL));
            }
            // Nothing was written.
            for offset in 0..size {
                assert_eq!(memory.try_read8(offset), Ok(0));
            }
        }
        Ok(())
    }

    #[test]
    fn what_is_refused_does_not_reach_the_region() -> Result {
        let log = Log::<0>::new(32);
        for offset in wrong_offsets(8, 32)? {
            assert_eq!(log.try_read64(offset), Err(EINVAL));
            assert_eq!(log.try_write64(1, offset), Err(EINVAL));
            assert_eq!(log.io_addr::<u64>(offset), Err(EINVAL));
            let update = log.try_update(offset, |_: u64| unreachable!());
            assert_eq!(update, Err(EINVAL));
        }
        assert!(log.take().is_empty());
        Ok(())
    }

    #[test]
    fn each_access_is_one_of_its_width() -> Result {
        let log = Log::<0x20>::new(0x20);
        log.write8(1, 3);
        let _ = log.read8(3);
        log.write16(1, 6);
        let _ = log.read16(6);
        log.write32(1, 0x1c);
        let _ = log.read32(0x1c);
        log.write64(1, 0x18);
        let _ = log.read64(0x18);
        let known = log.take();
        assert_eq!(
            &known[..],
            &[
                (true, 1, 3),
                (false, 1, 3),
                (true, 2, 6),
                (false, 2, 6),
                (true, 4, 0x1c),
                (false, 4, 0x1c),
                (true, 8, 0x18),
                (false, 8, 0x18),
            ]
        );

        log.try_write8(1, 3)?;
        log.try_read8(3)?;
        log.try_write16(1, 6)?;
        log.try_read16(6)?;
        log.try_write32(1, 0x1c)?;
        log.try_read32(0x1c)?;
        log.try_write64(1, 0x18)?;
        log.try_read64(0x18)?;
        assert!(log.take()[..] == known[..]);
        Ok(())
    }

    #[test]
    fn an_update_reads_once_and_then_writes_once() -> Result {
        let log = Log::<8>::new(8);
        log.last.set(5);
        log.update(4, |value: u32| value * 2);
        assert_eq!(log.last.get(), 10);
        log.try_update(2, |value: u16| value + 1)?;
        assert_eq!(log.last.get(), 11);
        assert_eq!(
            &log.take()[..],
            &[(false, 4, 4), (true, 4, 4), (false, 2, 2), (true, 2, 2)]
        );
        Ok(())
    }

    #[test]
    fn all_of_a_region_is_in_reach_that_is_larger_than_its_type_says() -> Result {
        let memory = Memory::<4>::with_size(12)?;
        memory.write32(1, 0);
        assert_eq!(memory.try_write32(3, 8), Ok(()));
        assert_eq!(memory.try_read32(8), Ok(3));
        assert_eq!(memory.try_read32(12), Err(EINVAL));
        assert_eq!(memory.maxsize(), 12);
        Ok(())
    }

    #[test]
    fn addresses_are_counted_from_the_first() -> Result {
        let memory = Memory::<16>::new()?;
        assert_eq!(memory.io_addr::<u32>(12), Ok(memory.addr() + 12));
        assert_eq!(memory.io_addr_assert::<u16>(14), memory.addr() + 14);
        assert_eq!(memory.io_addr::<u32>(14), Err(EINVAL));
        // What has no size is at any place, the end included.
        assert_eq!(memory.io_addr::<()>(16), Ok(memory.addr() + 16));
        assert_eq!(memory.io_addr::<()>(17), Err(EINVAL));
        assert_eq!(<Mmio<16> as IoKnownSize>::MIN_SIZE, 16);
        Ok(())
    }

    #[test]
    fn a_mapping_has_the_size_it_says_and_is_within_the_address_space() {
        assert!(MmioRaw::<0>::new(0, 0).is_ok());
        assert!(MmioRaw::<16>::new(0x1000, 16).is_ok());
        assert!(MmioRaw::<16>::new(0x1000, 17).is_ok());
        assert!(MmioRaw::<16>::new(0x1000, 15).is_err());
        assert!(MmioRaw::<1>::new(0x1000, 0).is_err());
        assert!(MmioRaw::<{ usize::MAX }>::new(0, usize::MAX).is_ok());

        let end = usize::MAX;
        assert!(MmioRaw::<0>::new(end, 0).is_ok());
        assert!(MmioRaw::<0>::new(end - 16, 16).is_ok());
        assert_eq!(MmioRaw::<0>::new(end - 16, 17).err(), Some(EINVAL));
        assert_eq!(MmioRaw::<0>::new(end, end).err(), Some(EINVAL));
    }
}
