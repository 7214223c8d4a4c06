// SPDX-License-Identifier: GPL-2.0

//! Tests of user-space access, on real user memory: the thread of a KUnit test is given an address
//! space of its own.

use super::*;
use crate::error::{from_err_ptr, to_result};

/// Memory of a process, mapped at [`addr`](Self::addr), with an address that is not behind it.
///
/// Goes away with the thread of the test, which owns the address space.
struct UserPage {
    addr: UserPtr,
}

const SIZE: usize = bindings::PAGE_SIZE;

impl UserPage {
    fn new() -> Result<Self> {
        // SAFETY: This is the thread of a test.
        to_result(unsafe { bindings::kunit_attach_mm() })?;
        // SAFETY: Mapping anonymous memory, at an address of the kernel's choice, hurts nobody.
        let addr = unsafe {
            bindings::vm_mmap(
                core::ptr::null_mut(),
                0,
                2 * SIZE,
                (bindings::PROT_READ | bindings::PROT_WRITE) as usize,
                (bindings::MAP_ANONYMOUS | bindings::MAP_PRIVATE) as usize,
                0,
            )
        };
        let addr = from_err_ptr(core::ptr::without_provenance_mut::<c_void>(addr))?.addr();
        // SAFETY: The second page was just mapped, and nobody uses it.
        to_result(unsafe { bindings::vm_munmap(addr + SIZE, SIZE) })?;
        Ok(UserPage {
            addr: UserPtr::from_addr(addr),
        })
    }

    /// The last `len` bytes of the page, described as `described` bytes.
    fn end(&self, len: usize, described: usize) -> UserSlice {
        UserSlice::new(self.addr.wrapping_byte_add(SIZE - len), described)
    }

    /// Puts `data` at the end of the page.
    fn put(&self, data: &[u8]) -> Result {
        self.end(data.len(), data.len()).writer().write_slice(data)
    }
}

/// An address that no process has.
fn nowhere() -> UserPtr {
    UserPtr::from_addr(usize::MAX - 4095)
}

/// `N` bytes, all different from their neighbours.
fn pattern<const N: usize>() -> [u8; N] {
    core::array::from_fn(|index| index as u8 ^ 0x5a)
}

#[kunit_tests(rust_uaccess)]
mod cases {
    use super::*;

    #[test]
    fn what_is_written_is_read() -> Result {
        let page = UserPage::new()?;
        let data = pattern::<40>();
        for len in 0..=data.len() {
            let mut writer = page.end(len, len).writer();
            writer.write_slice(&data[..len])?;
            assert!(writer.is_empty());

            let mut copy = [0; 40];
            let mut reader = page.end(len, len).reader();
            reader.read_slice(&mut copy[..len])?;
            assert!(reader.is_empty());
            assert_eq!(&copy[..len], &data[..len]);
        }
        Ok(())
    }

    #[test]
    fn no_access_beyond_the_described_length() -> Result {
        let page = UserPage::new()?;
        page.put(&[1; 8])?;
        for described in 0..8 {
            let mut out = [0; 8];
            let mut reader = page.end(8, described).reader();
            assert_eq!(reader.read_slice(&mut out), Err(EFAULT));
            assert_eq!(reader.read::<u64>(), Err(EFAULT));
            assert_eq!(reader.skip(8), Err(EFAULT));
            assert_eq!(reader.len(), described);
            assert_eq!(out, [0; 8]);

            let mut writer = page.end(8, described).writer();
            assert_eq!(writer.write_slice(&[2; 8]), Err(EFAULT));
            assert_eq!(writer.write(&2u64), Err(EFAULT));
            assert_eq!(writer.len(), described);
        }
        assert_eq!(page.end(8, 8).reader().read::<[u8; 8]>(), Ok([1; 8]));
        Ok(())
    }

    #[test]
    fn memory_that_is_not_there() -> Result {
        let page = UserPage::new()?;
        for there in 0..4 {
            let mut reader = page.end(there, 4).reader();
            assert_eq!(reader.read::<u32>(), Err(EFAULT));
            assert_eq!(reader.len(), 4);

            let mut writer = page.end(there, 4).writer();
            assert_eq!(writer.write(&1u32), Err(EFAULT));
            assert_eq!(writer.len(), 4);
        }

        // The kernel's own memory is no better. (Under User-mode Linux its addresses are such as a
        // process may have, too.)
        #[cfg(not(CONFIG_UML))]
        {
            let secret = 42u32;
            let kernel = UserPtr::from_ptr(core::ptr::from_ref(&secret).cast_mut().cast());
            let mut reader = UserSlice::new(kernel, 4).reader();
            assert_eq!(reader.read::<u32>(), Err(EFAULT));
            let mut writer = UserSlice::new(kernel, 4).writer();
            assert_eq!(writer.write(&0u32), Err(EFAULT));
            assert_eq!(secret, 42);
        }

        assert_eq!(
            UserSlice::new(nowhere(), 1).reader().read::<u8>(),
            Err(EFAULT)
        );
        assert_eq!(
            UserSlice::new(nowhere(), 1).writer().write(&0u8),
            Err(EFAULT)
        );
        Ok(())
    }

    #[test]
    fn nothing_needs_no_memory() -> Result {
        let mut reader = UserSlice::new(nowhere(), 0).reader();
        let mut writer = UserSlice::new(nowhere(), 0).writer();
        assert!(reader.is_empty() && writer.is_empty());
        reader.read_slice(&mut [])?;
        reader.read_raw(&mut [])?;
        reader.read::<[u8; 0]>()?;
        reader.skip(0)?;
        writer.write_slice(&[])?;
        writer.write::<[u8; 0]>(&[])?;
        assert_eq!(reader.read_slice_partial(&mut [1; 4], 2), Ok(0));
        assert_eq!(writer.write_slice_partial(&[1; 4], 2), Ok(0));

        let mut bytes = KVec::new();
        reader.read_all(&mut bytes, GFP_KERNEL)?;
        assert!(bytes.is_empty());
        Ok(())
    }

    #[test]
    fn lengths_that_reach_around_the_address_space() {
        for (addr, len) in [
            (usize::MAX, 2),
            (usize::MAX, usize::MAX),
            (usize::MAX - 4095, usize::MAX),
        ] {
            let mut reader = UserSlice::new(UserPtr::from_addr(addr), len).reader();
            assert_eq!(reader.read::<[u8; 2]>(), Err(EFAULT));
            assert_eq!(reader.len(), len);
            assert!(reader.skip(len).is_ok());
            assert!(reader.is_empty());
            assert_eq!(reader.skip(1), Err(EFAULT));
        }
    }

    #[test]
    fn a_length_that_no_memory_holds() {
        let mut bytes = KVec::<u8>::new();
        let slice = UserSlice::new(nowhere(), usize::MAX);
        assert_eq!(slice.read_all(&mut bytes, GFP_KERNEL), Err(ENOMEM));
        assert!(bytes.is_empty());
    }

    #[test]
    fn values_in_a_row() -> Result {
        let page = UserPage::new()?;
        let (mut reader, mut writer) = page.end(15, 15).reader_writer();
        writer.write(&0x0102_0304u32)?;
        writer.write(&0x05u8)?;
        writer.write(&0x0607u16)?;
        writer.write(&u64::MAX)?;
        assert_eq!(writer.write(&0u8), Err(EFAULT));

        assert_eq!(reader.read::<u32>()?, 0x0102_0304);
        let mut copy = reader.clone_reader();
        reader.skip(1)?;
        assert_eq!(reader.read::<u16>()?, 0x0607);
        assert_eq!(reader.len(), 8);
        assert_eq!(reader.read::<u64>()?, u64::MAX);
        assert_eq!(reader.read::<u8>(), Err(EFAULT));
        // The copy did not move.
        assert_eq!(copy.len(), 11);
        assert_eq!(copy.read::<u8>()?, 5);
        Ok(())
    }

    #[test]
    fn partial_transfers_end_where_either_side_does() -> Result {
        let page = UserPage::new()?;
        let data = pattern::<6>();
        for described in 0..=8 {
            for offset in [0, 1, 2, 3, 4, 5, 6, 7, 8, usize::MAX - 1, usize::MAX] {
                let expected = data.len().saturating_sub(offset).min(described);
                let part = offset.min(data.len());
                let part = part..part + expected;

                page.put(&[0; 8])?;
                let mut writer = page.end(8, described).writer();
                assert_eq!(writer.write_slice_partial(&data, offset), Ok(expected));
                assert_eq!(writer.len(), described - expected);

                let mut copy = [0; 6];
                let mut reader = page.end(8, described).reader();
                assert_eq!(reader.read_slice_partial(&mut copy, offset), Ok(expected));
                assert_eq!(reader.len(), described - expected);
                for (index, byte) in copy.into_iter().enumerate() {
                    let touched = part.contains(&index);
                    assert_eq!(byte, if touched { data[index] } else { 0 });
                }
            }
        }
        Ok(())
    }

    #[test]
    fn positions_in_files() -> Result {
        let page = UserPage::new()?;
        let data = pattern::<10>();

        // As user space reads a file: in pieces, until nothing comes.
        let mut position = 0;
        let mut seen = KVec::new();
        loop {
            let mut writer = page.end(4, 4).writer();
            let len = writer.write_slice_file(&data, &mut position)?;
            if len == 0 {
                break;
            }
            page.end(4, len).read_all(&mut seen, GFP_KERNEL)?;
            assert_eq!(position, seen.len() as i64);
        }
        assert_eq!(&seen[..], &data);

        // As user space writes one: the file does not grow.
        let mut file = [0; 6];
        let mut position = 3;
        page.put(&[1; 4])?;
        let len = page
            .end(4, 4)
            .reader()
            .read_slice_file(&mut file, &mut position);
        assert_eq!(len, Ok(3));
        assert_eq!(position, 6);
        assert_eq!(file, [0, 0, 0, 1, 1, 1]);
        let len = page
            .end(4, 4)
            .reader()
            .read_slice_file(&mut file, &mut position);
        assert_eq!(len, Ok(0));
        assert_eq!(position, 6);
        Ok(())
    }

    #[test]
    fn positions_at_the_limits() {
        for position in [-1, i64::MIN] {
            let mut moved = position;
            let mut reader = UserSlice::new(nowhere(), 1).reader();
            assert_eq!(reader.read_slice_file(&mut [0], &mut moved), Err(EINVAL));
            let mut writer = UserSlice::new(nowhere(), 1).writer();
            assert_eq!(writer.write_slice_file(&[0], &mut moved), Err(EINVAL));
            assert_eq!(moved, position);
        }
        for position in [1, i64::MAX] {
            let mut moved = position;
            let mut reader = UserSlice::new(nowhere(), 1).reader();
            assert_eq!(reader.read_slice_file(&mut [0], &mut moved), Ok(0));
            let mut writer = UserSlice::new(nowhere(), 1).writer();
            assert_eq!(writer.write_slice_file(&[0], &mut moved), Ok(0));
            assert_eq!(moved, position);
        }
        // A failed copy does not move the position.
        let mut position = 0;
        let mut reader = UserSlice::new(nowhere(), 1).reader();
        assert_eq!(reader.read_slice_file(&mut [0], &mut position), Err(EFAULT));
        assert_eq!(position, 0);
    }

    #[test]
    fn read_all_appends_or_leaves_alone() -> Result {
        let page = UserPage::new()?;
        page.put(b"world")?;
        let mut bytes = KVec::new();
        bytes.extend_from_slice(b"hello ", GFP_KERNEL)?;
        page.end(5, 5).read_all(&mut bytes, GFP_KERNEL)?;
        assert_eq!(&bytes[..], b"hello world");
        assert_eq!(page.end(5, 6).read_all(&mut bytes, GFP_KERNEL), Err(EFAULT));
        assert_eq!(&bytes[..], b"hello world");
        Ok(())
    }

    #[test]
    fn strings_of_all_lengths_into_buffers_of_all_lengths() -> Result {
        let page = UserPage::new()?;
        for len in 0..20 {
            let mut text = [b'x'; 20];
            text[len] = 0;
            // The last byte that is mapped is the NUL.
            let text = &text[..=len];
            page.put(text)?;

            for room in 0..24 {
                let mut buf = [b'#'; 24];
                // Described as longer than it is: the NUL ends it.
                let reader = page.end(text.len(), 100).reader();
                match reader.strcpy_into_buf(&mut buf[..room]) {
                    Ok(string) => {
                        assert_eq!(string.to_bytes(), &text[..len.min(room - 1)]);
                    }
                    Err(error) => {
                        assert_eq!(room, 0);
                        assert_eq!(error, EINVAL);
                    }
                }
                assert!(buf[room..].iter().all(|&byte| byte == b'#'));
            }
        }
        Ok(())
    }

    #[test]
    fn strings_without_an_end() -> Result {
        let page = UserPage::new()?;
        page.put(b"abcdef")?;
        let mut buf = [0; 8];

        // Described as shorter than it is, and without a NUL in there.
        for described in 0..6 {
            let reader = page.end(6, described).reader();
            assert_eq!(reader.strcpy_into_buf(&mut buf).err(), Some(EFAULT));
        }
        // The memory ends before a NUL comes.
        let reader = page.end(6, 100).reader();
        assert_eq!(reader.strcpy_into_buf(&mut buf).err(), Some(EFAULT));
        // Cut off before either matters.
        let reader = page.end(6, 6).reader();
        assert_eq!(reader.strcpy_into_buf(&mut buf[..6]), Ok(c"abcde"));
        let reader = UserSlice::new(nowhere(), 6).reader();
        assert_eq!(reader.strcpy_into_buf(&mut buf).err(), Some(EFAULT));
        Ok(())
    }

    /// Stands for memory that a device shares.
    struct Shared([u8; 8]);

    // SAFETY: The bytes are a part of the value.
    unsafe impl DmaBytes for Shared {
        fn bytes(&self) -> *const [u8] {
            &raw const self.0
        }
    }

    #[test]
    fn shared_memory_is_checked_on_both_sides() -> Result {
        let page = UserPage::new()?;
        let shared = Shared(pattern());
        const EDGES: [usize; 11] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, usize::MAX];
        for offset in EDGES {
            for count in EDGES {
                let mut writer = page.end(6, 6).writer();
                let result = writer.write_dma(&shared, offset, count);
                match offset.checked_add(count) {
                    None => assert_eq!(result, Err(EOVERFLOW)),
                    Some(end) if end > 8 || count > 6 => assert_eq!(result, Err(ERANGE)),
                    Some(end) => {
                        assert_eq!(result, Ok(()));
                        let mut copy = KVec::new();
                        page.end(6, count).read_all(&mut copy, GFP_KERNEL)?;
                        assert_eq!(&copy[..], &shared.0[offset..end]);
                    }
                }
                assert_eq!(writer.len(), if result.is_ok() { 6 - count } else { 6 });
            }
        }
        let mut writer = UserSlice::new(nowhere(), 8).writer();
        assert_eq!(writer.write_dma(&shared, 0, 8), Err(EFAULT));
        Ok(())
    }

    #[test]
    fn addresses_wrap() {
        let last = UserPtr::from_addr(usize::MAX);
        assert!(last.wrapping_byte_add(1).as_const_ptr().is_null());
        assert_eq!(last.wrapping_byte_add(3).as_mut_ptr().addr(), 2);
        assert!(UserPtr::from_ptr(core::ptr::null_mut())
            .as_mut_ptr()
            .is_null());
    }
}
