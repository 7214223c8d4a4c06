// SPDX-License-Identifier: GPL-2.0

//! Tests of allocations: sizes, contents, errors, and what is left when they are dropped.

use super::*;
use crate::{
    alloc::flags::__GFP_NOWARN,
    device::testing::RootDevice,
    page::PAGE_SIZE,
    sync::atomic::{Atomic, Relaxed},
    uaccess::{contents::BinaryWriter, UserPtr, UserSlice},
};

/// How many [`Fragile`] were dropped.
static DROPPED: Atomic<i32> = Atomic::new(0);

/// A value with a drop, which memory that a device shares does not run.
#[repr(transparent)]
struct Fragile(u64);

// SAFETY: It is a number.
unsafe impl AsBytes for Fragile {}
// SAFETY: It is a number, and no one minds which.
unsafe impl FromBytes for Fragile {}

impl Drop for Fragile {
    fn drop(&mut self) {
        DROPPED.add(1, Relaxed);
    }
}

#[repr(C, align(8192))]
struct Wide([u64; 1024]);

// SAFETY: There is no padding, and no interior mutability.
unsafe impl AsBytes for Wide {}
// SAFETY: These are numbers, and no one minds which.
unsafe impl FromBytes for Wide {}

/// How many bytes of memory are free.
fn free() -> u64 {
    let mut info = pin_init::zeroed::<bindings::sysinfo>();
    // SAFETY: It is a place for the numbers.
    unsafe { bindings::si_meminfo(&mut info) };
    info.freeram as u64 * u64::from(info.mem_unit)
}

#[crate::macros::kunit_tests(rust_dma_memory)]
mod cases {
    use super::*;

    #[test]
    fn new_memory_is_zero_and_page_aligned() -> Result {
        let dev = DmaDevice::new(c"rust_dma_zero")?;
        let dev = dev.bound();
        if !available() {
            let memory = Coherent::<u32>::zeroed_slice(dev, 100, GFP_KERNEL);
            assert_eq!(memory.err(), Some(ENOMEM));
            return Ok(());
        }
        for len in [1, 7, 1024, 5000] {
            let memory = Coherent::<u32>::zeroed_slice(dev, len, GFP_KERNEL)?;
            assert_eq!((memory.len(), memory.size()), (len, 4 * len));
            assert_eq!(memory.as_ptr().addr() % PAGE_SIZE, 0);
            assert_eq!(memory.dma_handle() as usize % PAGE_SIZE, 0);
            // The device has 32 bits.
            let last = memory.dma_handle() + (memory.size() - 1) as DmaAddress;
            assert!(last <= DmaAddress::from(u32::MAX));
            for i in 0..len {
                assert_eq!(crate::dma_read!(memory, [try: i]), 0);
            }
            // Old contents would show the next time.
            for i in 0..len {
                crate::dma_write!(memory, [try: i], u32::MAX);
            }
        }
        Ok(())
    }

    #[test]
    fn sizes_that_make_no_sense_are_refused() -> Result {
        let dev = DmaDevice::new(c"rust_dma_sizes")?;
        let dev = dev.bound();
        let flags = GFP_KERNEL | __GFP_NOWARN;
        let slice = |len| {
            Coherent::<u64>::zeroed_slice_with_attrs(dev, len, flags, attrs::DMA_ATTR_NO_WARN).err()
        };
        assert_eq!(slice(0), Some(EINVAL));
        assert_eq!(slice(usize::MAX), Some(EOVERFLOW));
        assert_eq!(slice(usize::MAX / 8 + 1), Some(EOVERFLOW));
        assert_eq!(slice(usize::MAX / 8), Some(EOVERFLOW));
        assert_eq!(slice(isize::MAX as usize / 8), Some(ENOMEM));

        assert_eq!(Coherent::<()>::zeroed(dev, flags).err(), Some(EINVAL));
        assert_eq!(
            CoherentBox::<[u8; 0]>::zeroed(dev, flags).err(),
            Some(EINVAL)
        );
        assert_eq!(
            Coherent::<u8>::from_slice(dev, &[], flags).err(),
            Some(EINVAL)
        );
        assert_eq!(CoherentHandle::alloc(dev, 0, flags).err(), Some(EINVAL));
        assert_eq!(
            CoherentHandle::alloc(dev, usize::MAX, flags).err(),
            Some(EOVERFLOW)
        );
        let handle = CoherentHandle::alloc_with_attrs(
            dev,
            isize::MAX as usize,
            flags,
            attrs::DMA_ATTR_NO_WARN,
        );
        assert_eq!(handle.err(), Some(ENOMEM));
        Ok(())
    }

    #[test]
    fn an_alignment_beyond_a_page_is_refused() -> Result {
        if !available() || PAGE_SIZE >= 8192 {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_align")?;
        let dev = dev.bound();
        assert_eq!(
            Coherent::<Wide>::zeroed(dev, GFP_KERNEL).err(),
            Some(EINVAL)
        );
        assert_eq!(
            CoherentBox::<[Wide]>::zeroed_slice(dev, 2, GFP_KERNEL).err(),
            Some(EINVAL)
        );
        Ok(())
    }

    #[test]
    fn a_device_that_does_no_dma_gets_no_memory() -> Result {
        let root = RootDevice::new(c"rust_dma_none")?;
        // SAFETY: Nothing here relies on the driver, which there is not.
        let dev = unsafe { root.as_bound() };
        assert_eq!(Coherent::<u32>::zeroed(dev, GFP_KERNEL).err(), Some(EIO));
        assert_eq!(
            CoherentHandle::alloc(dev, 4096, GFP_KERNEL).err(),
            Some(EIO)
        );
        Ok(())
    }

    #[test]
    fn slices_are_copied() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_copy")?;
        let dev = dev.bound();
        let commands = [Command::new(1, 2), Command::new(3, 4), Command::new(5, 6)];
        let memory = Coherent::from_slice(dev, &commands, GFP_KERNEL)?;
        assert_eq!(memory.len(), 3);
        for (i, command) in commands.iter().enumerate() {
            assert_eq!(crate::dma_read!(memory, [try: i]), *command);
        }
        let boxed = CoherentBox::<[Command]>::from_slice_with_attrs(
            dev,
            &commands[1..],
            GFP_KERNEL,
            attrs::DMA_ATTR_WRITE_COMBINE,
        )?;
        assert_eq!(boxed[..], commands[1..]);
        Ok(())
    }

    #[test]
    fn a_box_is_filled_by_reference_and_then_shared() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_box")?;
        let dev = dev.bound();
        let mut one = CoherentBox::<Command>::zeroed(dev, GFP_KERNEL)?;
        assert_eq!(one.address, 0);
        one.length = 9;
        let one: Coherent<Command> = one.into();
        assert_eq!(crate::dma_read!(one, .length), 9);

        let mut many = CoherentBox::<[u16]>::zeroed_slice(dev, 10, GFP_KERNEL)?;
        many[9] = 90;
        let place = many.as_ptr();
        let many = Coherent::from(many);
        // It is the same memory.
        assert_eq!(many.as_ptr().cast::<u16>(), place);
        assert_eq!(crate::dma_read!(many, [try: 9]), 90);
        Ok(())
    }

    #[test]
    fn elements_are_initialised_in_place() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_init_at")?;
        let dev = dev.bound();
        let mut memory = CoherentBox::<[Command]>::zeroed_slice(dev, 3, GFP_KERNEL)?;
        memory.init_at(2, Command::new(7, 8))?;
        assert_eq!(memory[2], Command::new(7, 8));
        assert_eq!(
            memory[1],
            Command {
                address: 0,
                length: 0,
                flags: [0, 0]
            }
        );

        for i in [3, usize::MAX] {
            assert_eq!(memory.init_at(i, Command::new(1, 1)), Err(EINVAL));
        }

        // What is written before an error does not stay.
        let halfway = try_init!(Command {
            address: 0xdead,
            length: Err::<u32, _>(E2BIG)?,
            flags: [3, 4],
        });
        assert_eq!(memory.init_at(2, halfway), Err(E2BIG));
        assert_eq!(
            memory[2],
            Command {
                address: 0,
                length: 0,
                flags: [0, 0]
            }
        );
        Ok(())
    }

    #[test]
    fn a_value_is_initialised_in_place_or_its_memory_freed() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_init")?;
        let dev = dev.bound();
        let memory = Coherent::<Command>::init(dev, GFP_KERNEL, Command::new(5, 6))?;
        assert_eq!(crate::dma_read!(memory, .address), 5);

        let failing = try_init!(Command {
            address: 1,
            length: Err::<u32, _>(E2BIG)?,
            flags: [3, 4],
        });
        let result = Coherent::<Command>::init(dev, GFP_KERNEL, failing);
        assert_eq!(result.err(), Some(E2BIG));
        Ok(())
    }

    #[test]
    fn values_in_the_memory_are_not_dropped() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_drop")?;
        let dev = dev.bound();
        DROPPED.store(0, Relaxed);
        let memory = Coherent::<Fragile>::zeroed(dev, GFP_KERNEL)?;
        crate::dma_write!(memory, , Fragile(1));
        crate::dma_write!(memory, , Fragile(2));
        drop(memory);
        drop(CoherentBox::<[Fragile]>::zeroed_slice(dev, 4, GFP_KERNEL)?);
        assert_eq!(DROPPED.load(Relaxed), 0);

        // What is read is a value of its own.
        let memory = Coherent::<Fragile>::init(dev, GFP_KERNEL, Fragile(3))?;
        assert_eq!(crate::dma_read!(memory,).0, 3);
        assert_eq!(DROPPED.load(Relaxed), 1);
        Ok(())
    }

    #[test]
    fn memory_that_is_freed_comes_back() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_again")?;
        let dev = dev.bound();
        const SIZE: usize = 1 << 20;
        let before = free();
        for _ in 0..32 {
            drop(CoherentHandle::alloc(dev, SIZE, GFP_KERNEL)?);
            drop(Coherent::<u8>::zeroed_slice(dev, SIZE, GFP_KERNEL)?);
        }
        // Others take some meanwhile, but not half of that.
        assert!(before.saturating_sub(free()) < 32 * SIZE as u64);
        Ok(())
    }

    /// It is a mistake of the driver, which costs the memory and nothing else.
    #[test]
    fn memory_that_outlives_the_driver_is_not_freed() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_late")?;
        let memory = Coherent::<u32>::zeroed_slice(dev.bound(), 100, GFP_KERNEL)?;
        drop(dev);
        // SAFETY: There is no device any more, and nobody else has the memory.
        let numbers = unsafe { memory.as_mut() };
        numbers.fill(7);
        assert_eq!(numbers.iter().sum::<u32>(), 700);
        drop(memory);
        Ok(())
    }

    #[test]
    fn a_file_is_read_from_memory() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_file")?;
        let memory = Coherent::from_slice(dev.bound(), b"0123456789", GFP_KERNEL)?;
        let read = |at: bindings::loff_t, room| {
            // Nobody has memory there, so that bytes can't be written.
            let start = UserPtr::from_addr(usize::MAX - 4095);
            let mut offset = at;
            let result =
                memory.write_to_slice(&mut UserSlice::new(start, room).writer(), &mut offset);
            // It moves on only for what was written.
            assert_eq!(offset, at);
            result
        };
        assert_eq!(read(-1, 4), Err(EINVAL));
        assert_eq!(read(bindings::loff_t::MIN, 4), Err(EINVAL));
        assert_eq!(read(10, 4), Ok(0));
        assert_eq!(read(bindings::loff_t::MAX, 4), Ok(0));
        assert_eq!(read(3, 0), Ok(0));
        assert_eq!(read(9, 1), Err(EFAULT));

        let mut writer = UserSlice::new(UserPtr::from_addr(usize::MAX - 4095), 64).writer();
        assert_eq!(writer.write_dma(&memory, 5, 6), Err(ERANGE));
        assert_eq!(writer.write_dma(&memory, usize::MAX, 2), Err(EOVERFLOW));
        assert_eq!(writer.write_dma(&memory, 10, 0), Ok(()));
        Ok(())
    }
}
