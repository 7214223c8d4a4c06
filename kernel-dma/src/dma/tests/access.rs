// SPDX-License-Identifier: GPL-2.0

//! Tests of `dma_read!` and `dma_write!`.

use super::*;

/// A structure with fields that are not where the CPU would want them.
#[repr(C, packed)]
struct Packed {
    tag: u8,
    address: u64,
    tail: [u16; 2],
}

// SAFETY: There is no padding, and no interior mutability.
unsafe impl AsBytes for Packed {}
// SAFETY: These are numbers, and no one minds which.
unsafe impl FromBytes for Packed {}

#[repr(C)]
struct Queue {
    head: (u32, u32),
    slots: [Command; 4],
}

// SAFETY: There is no padding, and no interior mutability.
unsafe impl AsBytes for Queue {}
// SAFETY: These are numbers, and no one minds which.
unsafe impl FromBytes for Queue {}

#[crate::macros::kunit_tests(rust_dma_access)]
mod cases {
    use super::*;

    #[test]
    fn parts_are_read_and_written_alone() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_parts")?;
        let queue: Coherent<Queue> = Coherent::zeroed(dev.bound(), GFP_KERNEL)?;
        crate::dma_write!(queue, .head.1, 5);
        crate::dma_write!(queue, .slots[try: 2], Command::new(1, 2));
        crate::dma_write!(queue, .slots[build: 3].flags[panic: 1], 77,);

        assert_eq!(crate::dma_read!(queue, .head.0), 0);
        assert_eq!(crate::dma_read!(queue, .head.1), 5);
        assert_eq!(crate::dma_read!(queue, .slots[try: 2]), Command::new(1, 2));
        assert_eq!(crate::dma_read!(queue, .slots[try: 2].length), 2);
        assert_eq!(crate::dma_read!(queue, .slots[try: 3].flags), [0, 77]);
        assert_eq!(crate::dma_read!(queue, .slots[try: 1].address), 0);
        Ok(())
    }

    #[test]
    fn what_is_out_of_bounds_is_an_error() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_bounds")?;
        let words = Coherent::<u32>::zeroed_slice(dev.bound(), 3, GFP_KERNEL)?;
        let read = |i: usize| -> Result<u32> { Ok(crate::dma_read!(words, [try: i])) };
        let write = |i: usize| -> Result {
            crate::dma_write!(words, [try: i], 1);
            Ok(())
        };
        for i in 0..3 {
            write(i)?;
            assert_eq!(read(i), Ok(1));
        }
        for i in [3, 4, usize::MAX / 4, usize::MAX] {
            assert_eq!(read(i), Err(ERANGE));
            assert_eq!(write(i), Err(ERANGE));
        }
        Ok(())
    }

    #[test]
    fn fields_need_not_be_aligned() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_packed")?;
        let memory = Coherent::<Packed>::zeroed_slice(dev.bound(), 2, GFP_KERNEL)?;
        crate::dma_write!(memory, [try: 1].address, 0x0123_4567_89ab_cdef);
        crate::dma_write!(memory, [try: 1].tail[try: 1], 0xfefe);
        crate::dma_write!(memory, [try: 0].tag, 0x55);

        assert_eq!(
            crate::dma_read!(memory, [try: 1].address),
            0x0123_4567_89ab_cdef
        );
        assert_eq!(crate::dma_read!(memory, [try: 1].tail), [0, 0xfefe]);
        assert_eq!(crate::dma_read!(memory, [try: 1].tag), 0);
        assert_eq!(crate::dma_read!(memory, [try: 0].address), 0);

        // SAFETY: There is no device, and nobody else has the memory.
        let bytes = unsafe { memory.as_ref() }.as_bytes();
        assert_eq!(bytes[0], 0x55);
        assert_eq!(bytes[14..22], 0x0123_4567_89ab_cdef_u64.to_ne_bytes());
        Ok(())
    }

    #[test]
    fn a_value_is_evaluated_once_and_before_the_write() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_once")?;
        let word: Coherent<u32> = Coherent::zeroed(dev.bound(), GFP_KERNEL)?;
        let mut times = 0;
        let mut next = || {
            times += 1;
            crate::dma_read!(word,) + times
        };
        crate::dma_write!(word, , next());
        crate::dma_write!(word, , next());
        assert_eq!(times, 2);
        assert_eq!(crate::dma_read!(word,), 3);
        Ok(())
    }

    #[test]
    fn references_are_for_who_vouches_for_them() -> Result {
        if !available() {
            return Ok(());
        }
        let dev = DmaDevice::new(c"rust_dma_refs")?;
        let words = Coherent::<u32>::zeroed_slice(dev.bound(), 4, GFP_KERNEL)?;
        // SAFETY: There is no device, and nobody else has the memory.
        let all = unsafe { words.as_mut() };
        all[2] = 8;
        // SAFETY: As above.
        assert_eq!(unsafe { words.as_ref() }, &[0, 0, 8, 0]);
        assert_eq!(crate::dma_read!(words, [try: 2]), 8);
        Ok(())
    }
}
