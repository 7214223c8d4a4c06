// SPDX-License-Identifier: GPL-2.0

//! Files of bytes.

use super::process::Process;
use crate::{
    bindings,
    debugfs::{BinaryReader, BinaryReaderMut, BinaryWriter, Dir},
    fs::file::Offset,
    kvec, new_mutex,
    prelude::*,
    sync::{Arc, Mutex},
    uaccess::{UserPtr, UserSlice, UserSliceReader, UserSliceWriter},
};

/// `N` bytes, all different from their neighbours.
fn pattern<const N: usize>() -> [u8; N] {
    core::array::from_fn(|index| index as u8 ^ 0xa5)
}

/// Says that it handled more than there was.
struct Liar;

impl BinaryWriter for Liar {
    fn write_to_slice(&self, _: &mut UserSliceWriter, _: &mut Offset) -> Result<usize> {
        Ok(usize::MAX)
    }
}

impl BinaryReader for Liar {
    fn read_from_slice(&self, _: &mut UserSliceReader, _: &mut Offset) -> Result<usize> {
        Ok(usize::MAX)
    }
}

#[kunit_tests(rust_debugfs_bytes)]
mod cases {
    use super::*;

    #[test]
    fn bytes_are_read_in_pieces_of_any_size() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_pieces");
        let _blob = KBox::pin_init(dir.read_binary_file(c"blob", pattern::<23>()), GFP_KERNEL)?;
        for piece in 1..=24 {
            let mut file = process.open(c"rust_pieces/blob", bindings::O_RDONLY)?;
            let mut all = KVec::new();
            loop {
                let bytes = file.read(piece)?;
                if bytes.is_empty() {
                    break;
                }
                all.extend_from_slice(&bytes, GFP_KERNEL)?;
                assert_eq!(file.position, all.len() as i64);
            }
            assert_eq!(&all[..], &pattern::<23>());
        }
        Ok(())
    }

    #[test]
    fn there_is_nothing_behind_the_end() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_end");
        let blob = dir.read_write_binary_file(c"blob", new_mutex!(pattern::<8>()));
        let blob = KBox::pin_init(blob, GFP_KERNEL)?;
        let mut file = process.open(c"rust_end/blob", bindings::O_RDWR)?;
        for position in [8, 9, 4096, i64::from(u32::MAX), i64::MAX - 4] {
            file.position = position;
            assert_eq!(file.read(4)?.len(), 0);
            assert_eq!(file.write(&[0; 4]), Ok(0));
            assert_eq!(file.position, position);
        }
        // Positions that wrap around are refused by the kernel.
        for position in [-1, i64::MIN, i64::MAX - 3, i64::MAX] {
            file.position = position;
            assert_eq!(file.read(4).err(), Some(EINVAL));
            assert_eq!(file.write(&[0; 4]), Err(EINVAL));
        }
        assert_eq!(*blob.lock(), pattern());
        Ok(())
    }

    #[test]
    fn writes_overwrite_and_do_not_extend() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_overwrite");
        let blob = dir.read_write_binary_file(c"blob", new_mutex!([0u8; 6]));
        let blob = KBox::pin_init(blob, GFP_KERNEL)?;
        let mut file = process.open(c"rust_overwrite/blob", bindings::O_RDWR)?;
        assert_eq!(file.write(b"ab"), Ok(2));
        assert_eq!(*blob.lock(), *b"ab\0\0\0\0");
        // Goes on where the one before ended, as far as there is room.
        assert_eq!(file.write(b"cdefgh"), Ok(4));
        assert_eq!(*blob.lock(), *b"abcdef");
        assert_eq!(file.write(b"gh"), Ok(0));
        file.position = 2;
        assert_eq!(file.write(b"X"), Ok(1));
        assert_eq!(&process.read(c"rust_overwrite/blob")?[..], b"abXdef");
        Ok(())
    }

    #[test]
    fn vectors_keep_their_length() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_vector");
        let mut vector = KVec::with_capacity(100, GFP_KERNEL)?;
        vector.extend_from_slice(&pattern::<10>(), GFP_KERNEL)?;
        let vector = dir.read_write_binary_file(c"vector", new_mutex!(vector));
        let vector = KBox::pin_init(vector, GFP_KERNEL)?;
        assert_eq!(process.write(c"rust_vector/vector", &[7; 50]), Ok(10));
        assert_eq!(&vector.lock()[..], &[7; 10]);
        assert_eq!(&process.read(c"rust_vector/vector")?[..], &[7; 10]);
        // The driver may.
        vector.lock().truncate(3);
        assert_eq!(&process.read(c"rust_vector/vector")?[..], &[7; 3]);
        vector.lock().clear();
        assert_eq!(process.read(c"rust_vector/vector")?.len(), 0);
        assert_eq!(process.write(c"rust_vector/vector", b"x"), Ok(0));
        Ok(())
    }

    #[test]
    fn parts_of_elements() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_elements");
        let words = dir.read_write_binary_file(c"words", new_mutex!([0u32; 2]));
        let words = KBox::pin_init(words, GFP_KERNEL)?;
        let mut file = process.open(c"rust_elements/words", bindings::O_WRONLY)?;
        file.position = 3;
        assert_eq!(file.write(&[1, 2]), Ok(2));
        let expected = [
            u32::from_ne_bytes([0, 0, 0, 1]),
            u32::from_ne_bytes([2, 0, 0, 0]),
        ];
        assert_eq!(*words.lock(), expected);
        Ok(())
    }

    #[test]
    fn pointers_pass_it_on() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_pointers");
        let boxed = KBox::new(pattern::<4>(), GFP_KERNEL)?;
        let _boxed = KBox::pin_init(dir.read_binary_file(c"box", boxed), GFP_KERNEL)?;
        let pinned = KBox::pin_init(new_mutex!(pattern::<4>()), GFP_KERNEL)?;
        let _pinned = dir.read_write_binary_file(c"pinned", pinned);
        let _pinned = KBox::pin_init(_pinned, GFP_KERNEL)?;
        let shared = Arc::pin_init(new_mutex!(pattern::<4>()), GFP_KERNEL)?;
        let _shared = dir.read_write_binary_file(c"shared", shared.clone());
        let _shared = KBox::pin_init(_shared, GFP_KERNEL)?;
        let vector = new_mutex!(KBox::new(pattern::<4>(), GFP_KERNEL)?);
        let _inner = KBox::pin_init(dir.read_write_binary_file(c"inner", vector), GFP_KERNEL)?;

        for path in [
            c"rust_pointers/box",
            c"rust_pointers/pinned",
            c"rust_pointers/shared",
            c"rust_pointers/inner",
        ] {
            assert_eq!(&process.read(path)?[..], &pattern::<4>());
        }
        for path in [
            c"rust_pointers/pinned",
            c"rust_pointers/shared",
            c"rust_pointers/inner",
        ] {
            assert_eq!(process.write(path, b"ab"), Ok(2));
            assert_eq!(process.read(path)?[..2], *b"ab");
        }
        // The other owner sees it.
        assert_eq!(shared.lock()[..2], *b"ab");
        Ok(())
    }

    #[test]
    fn no_bytes_at_all() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_nothing");
        let _empty = dir.read_write_binary_file(c"empty", new_mutex!([0u8; 0]));
        let _empty = KBox::pin_init(_empty, GFP_KERNEL)?;
        let blob = dir.read_write_binary_file(c"blob", new_mutex!([1u8; 4]));
        let blob = KBox::pin_init(blob, GFP_KERNEL)?;
        assert_eq!(process.read(c"rust_nothing/empty")?.len(), 0);
        assert_eq!(process.write(c"rust_nothing/empty", b"abc"), Ok(0));
        // A length of 0, from memory that is not there.
        let mut file = process.open(c"rust_nothing/blob", bindings::O_RDWR)?;
        assert_eq!(file.write_from(UserPtr::from_addr(0), 0), Ok(0));
        assert_eq!(file.read_to(UserPtr::from_addr(0), 0), Ok(0));
        assert_eq!(file.position, 0);
        assert_eq!(*blob.lock(), [1; 4]);
        Ok(())
    }

    #[test]
    fn memory_that_is_not_there() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_byte_fault");
        let blob = dir.read_write_binary_file(c"blob", new_mutex!([1u8; 4]));
        let blob = KBox::pin_init(blob, GFP_KERNEL)?;
        let mut file = process.open(c"rust_byte_fault/blob", bindings::O_RDWR)?;
        // The first page of a process is not mapped.
        let unmapped = UserPtr::from_addr(8);
        assert_eq!(file.read_to(unmapped, 4), Err(EFAULT));
        assert_eq!(file.write_from(unmapped, 4), Err(EFAULT));
        assert_eq!(file.position, 0);
        // The mutex is free.
        assert!(blob.try_lock().is_some());
        Ok(())
    }

    #[test]
    fn the_other_direction_is_refused() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_byte_direction");
        let _r = KBox::pin_init(dir.read_binary_file(c"r", [1u8; 4]), GFP_KERNEL)?;
        let _w = dir.write_binary_file(c"w", new_mutex!([1u8; 4]));
        let w = KBox::pin_init(_w, GFP_KERNEL)?;
        let mut file = process.open(c"rust_byte_direction/r", bindings::O_RDWR)?;
        assert_eq!(file.write(&[2; 4]), Err(EINVAL));
        assert_eq!(&file.read(4)?[..], &[1; 4]);
        let mut file = process.open(c"rust_byte_direction/w", bindings::O_RDWR)?;
        assert_eq!(file.read(4).err(), Some(EINVAL));
        assert_eq!(file.write(&[2; 4]), Ok(4));
        assert_eq!(*w.lock(), [2; 4]);
        Ok(())
    }

    #[test]
    fn counts_are_bounded_by_what_was_asked_for() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_liar");
        let _liar = KBox::pin_init(dir.read_write_binary_file(c"liar", Liar), GFP_KERNEL)?;
        let mut file = process.open(c"rust_liar/liar", bindings::O_RDWR)?;
        assert_eq!(file.read(5)?.len(), 5);
        assert_eq!(file.write(b"abc"), Ok(3));
        assert_eq!(file.write(b""), Ok(0));
        Ok(())
    }

    #[test]
    fn seeking() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_seek");
        let _blob = KBox::pin_init(dir.read_binary_file(c"blob", pattern::<8>()), GFP_KERNEL)?;
        let _text = KBox::pin_init(dir.read_only_file(c"text", 12345), GFP_KERNEL)?;
        for path in [c"rust_seek/blob", c"rust_seek/text"] {
            let mut file = process.open(path, bindings::O_RDONLY)?;
            assert_eq!(file.seek(3), Ok(3));
            assert_eq!(file.seek(-1), Err(EINVAL));
            assert_eq!(file.seek(0), Ok(0));
        }
        Ok(())
    }

    #[test]
    fn positions_that_the_kernel_would_not_pass() -> Result {
        let process = Process::new()?;
        let mut blob = pattern::<4>();
        let mutex = KBox::pin_init(new_mutex!(pattern::<4>()), GFP_KERNEL)?;
        for position in [-1, i64::MIN] {
            let mut moved = position;
            let mut writer = process.memory(4).writer();
            assert_eq!(blob.write_to_slice(&mut writer, &mut moved), Err(EINVAL));
            let mut reader = process.memory(4).reader();
            let result = blob.read_from_slice_mut(&mut reader, &mut moved);
            assert_eq!(result, Err(EINVAL));
            let mutex: &Mutex<[u8; 4]> = &mutex;
            let result = mutex.read_from_slice(&mut reader, &mut moved);
            assert_eq!(result, Err(EINVAL));
            assert_eq!(moved, position);
        }
        let mut far = i64::MAX;
        let mut writer = process.memory(4).writer();
        assert_eq!(blob.write_to_slice(&mut writer, &mut far), Ok(0));
        assert_eq!(blob, pattern());
        Ok(())
    }

    #[test]
    fn vectors_without_a_lock_can_be_read() -> Result {
        let process = Process::new()?;
        let dir = Dir::new(c"rust_plain_vector");
        let vector: KVec<u16> = kvec![0x1111, 0x2222, 0x3333]?;
        let _file = KBox::pin_init(dir.read_binary_file(c"v", vector), GFP_KERNEL)?;
        let bytes = process.read(c"rust_plain_vector/v")?;
        assert_eq!(&bytes[..], &[0x11, 0x11, 0x22, 0x22, 0x33, 0x33]);
        let mut changed: KVec<u16> = kvec![0, 0]?;
        let nowhere = UserPtr::from_addr(usize::MAX - 4095);
        let mut reader = UserSlice::new(nowhere, 2).reader();
        let result = changed.read_from_slice_mut(&mut reader, &mut 2);
        assert_eq!(result, Err(EFAULT));
        Ok(())
    }
}
