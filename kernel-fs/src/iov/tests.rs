// SPDX-License-Identifier: GPL-2.0

//! Tests of iterators, over memory of the kernel and of a process.

use super::*;
use crate::{
    error::{from_err_ptr, to_result},
    prelude::*,
};
use core::ptr;

/// Up to four pieces of memory, as C sees them.
struct Pieces {
    vecs: [bindings::kvec; 4],
    count: usize,
    bytes: usize,
}

impl Pieces {
    fn new() -> Self {
        Self {
            vecs: [bindings::kvec::default(); 4],
            count: 0,
            bytes: 0,
        }
    }

    fn add(mut self, start: *mut u8, len: usize) -> Self {
        self.vecs[self.count] = bindings::kvec {
            iov_base: start.cast(),
            iov_len: len,
        };
        self.count += 1;
        self.bytes += len;
        self
    }

    /// The pieces of `data` between the given cuts.
    fn of(data: &[u8], cuts: &[usize]) -> Self {
        let mut pieces = Self::new();
        let mut start = 0;
        for &cut in Iterator::chain(cuts.iter(), &[data.len()]) {
            let piece = &data[start..cut];
            pieces = pieces.add(piece.as_ptr().cast_mut(), piece.len());
            start = cut;
        }
        pieces
    }

    fn of_mut(data: &mut [u8], cuts: &[usize]) -> Self {
        let start = data.as_mut_ptr();
        let mut pieces = Self::new();
        let mut from = 0;
        for &cut in Iterator::chain(cuts.iter(), &[data.len()]) {
            pieces = pieces.add(start.wrapping_add(from), cut - from);
            from = cut;
        }
        pieces
    }

    fn iter(&self, direction: u32) -> bindings::iov_iter {
        let mut iter = bindings::iov_iter::default();
        // SAFETY: The vectors are initialised; whoever uses the iterator keeps them.
        unsafe {
            bindings::iov_iter_kvec(
                &mut iter,
                direction,
                self.vecs.as_ptr(),
                self.count,
                self.bytes,
            )
        };
        iter
    }

    fn source(&self) -> bindings::iov_iter {
        self.iter(bindings::ITER_SOURCE)
    }

    fn dest(&self) -> bindings::iov_iter {
        self.iter(bindings::ITER_DEST)
    }
}

/// Takes an iterator of these tests as a source.
fn source<'a>(iter: &'a mut bindings::iov_iter) -> &'a mut IovIterSource<'a> {
    // SAFETY: It was made by `Pieces::source` or for a process's memory, and what it goes over is
    // still in scope in all tests.
    unsafe { IovIterSource::from_raw(iter) }
}

/// Takes an iterator of these tests as a destination.
fn dest<'a>(iter: &'a mut bindings::iov_iter) -> &'a mut IovIterDest<'a> {
    // SAFETY: It was made by `Pieces::dest` or for a process's memory, and what it goes over is still
    // in scope, and not looked at meanwhile, in all tests.
    unsafe { IovIterDest::from_raw(iter) }
}

/// Memory of a process, mapped up to [`end`](Self::end), where nothing follows.
///
/// Goes away with the thread of the test, which owns the address space.
struct UserPage {
    end: usize,
}

const PAGE: usize = bindings::PAGE_SIZE;

impl UserPage {
    fn new() -> Result<Self> {
        // SAFETY: This is the thread of a test.
        to_result(unsafe { bindings::kunit_attach_mm() })?;
        let access = (bindings::PROT_READ | bindings::PROT_WRITE) as usize;
        let kind = (bindings::MAP_ANONYMOUS | bindings::MAP_PRIVATE) as usize;
        // SAFETY: Mapping anonymous memory, at an address of the kernel's choice, hurts nobody.
        let addr = unsafe { bindings::vm_mmap(ptr::null_mut(), 0, 2 * PAGE, access, kind, 0) };
        let addr = from_err_ptr(ptr::without_provenance_mut::<c_void>(addr))?.addr();
        // SAFETY: The second page was just mapped, and nobody uses it.
        to_result(unsafe { bindings::vm_munmap(addr + PAGE, PAGE) })?;
        Ok(Self { end: addr + PAGE })
    }

    /// An iterator over `len` bytes of which the first `mapped` are there.
    fn iter(&self, direction: u32, mapped: usize, len: usize) -> Result<bindings::iov_iter> {
        let mut iter = bindings::iov_iter::default();
        let start = ptr::without_provenance_mut(self.end - mapped);
        // SAFETY: The iterator is valid for writes; the range may be anything.
        to_result(unsafe { bindings::import_ubuf(direction as i32, start, len, &mut iter) })?;
        Ok(iter)
    }

    /// Writes `data` to the last bytes of the page.
    fn put(&self, data: &[u8]) -> Result {
        let mut iter = self.iter(bindings::ITER_DEST, data.len(), data.len())?;
        assert_eq!(dest(&mut iter).copy_to_iter(data), data.len());
        Ok(())
    }

    /// Reads the last bytes of the page.
    fn get(&self, out: &mut [u8]) -> Result {
        let mut iter = self.iter(bindings::ITER_SOURCE, out.len(), out.len())?;
        assert_eq!(source(&mut iter).copy_from_iter(out), out.len());
        Ok(())
    }
}

#[kunit_tests(rust_iov)]
mod cases {
    use super::*;

    #[test]
    fn a_source_is_copied_in_order() {
        let pieces = Pieces::of(b"one two three", &[4, 4, 8]);
        let mut iter = pieces.source();
        let iov = source(&mut iter);
        assert_eq!(iov.len(), 13);
        let mut out = [0; 13];
        assert_eq!(iov.copy_from_iter(&mut out), 13);
        assert_eq!(&out, b"one two three");
        assert!(iov.is_empty());
    }

    #[test]
    fn copies_of_each_length_from_each_cut() {
        let data: [u8; 9] = core::array::from_fn(|index| index as u8);
        for cut in 0..=data.len() {
            for len in 0..=data.len() {
                let pieces = Pieces::of(&data, &[cut]);
                let mut iter = pieces.source();
                let iov = source(&mut iter);
                let mut out = [0xff; 9];
                assert_eq!(iov.copy_from_iter(&mut out[..len]), len);
                assert_eq!(iov.len(), data.len() - len);
                assert_eq!(iov.copy_from_iter(&mut out[len..]), data.len() - len);
                assert_eq!(out, data);
            }
        }
    }

    #[test]
    fn more_room_than_there_is() {
        let pieces = Pieces::of(b"abc", &[1]);
        let mut iter = pieces.source();
        let iov = source(&mut iter);
        let mut out = *b"......";
        assert_eq!(iov.copy_from_iter(&mut out), 3);
        assert_eq!(&out, b"abc...");
        assert_eq!(iov.copy_from_iter(&mut out), 0);
        assert_eq!(&out, b"abc...");
    }

    #[test]
    fn nothing_at_all() -> Result {
        let pieces = Pieces::new();
        let mut iter = pieces.source();
        let iov = source(&mut iter);
        assert!(iov.is_empty());
        assert_eq!(iov.copy_from_iter(&mut [0; 4]), 0);
        assert_eq!(iov.copy_from_iter(&mut []), 0);
        iov.advance(1);
        assert_eq!(iov.len(), 0);
        let mut out = KVec::new();
        assert_eq!(iov.copy_from_iter_vec(&mut out, GFP_KERNEL)?, 0);
        assert!(out.is_empty());

        let mut iter = pieces.dest();
        let iov = dest(&mut iter);
        assert!(iov.is_empty());
        assert_eq!(iov.copy_to_iter(b"x"), 0);
        iov.advance(usize::MAX);
        assert_eq!(iov.len(), 0);
        Ok(())
    }

    #[test]
    fn a_copy_of_nothing_leaves_the_iterator() {
        let pieces = Pieces::of(b"abc", &[]);
        let mut iter = pieces.source();
        let iov = source(&mut iter);
        assert_eq!(iov.copy_from_iter(&mut []), 0);
        assert_eq!(iov.copy_from_iter_raw(&mut []), b"");
        assert_eq!(iov.len(), 3);
    }

    #[test]
    fn advancing_passes_over_bytes() {
        let pieces = Pieces::of(b"0123456789", &[3, 6]);
        let mut iter = pieces.source();
        let iov = source(&mut iter);
        let mut out = [0; 2];
        iov.advance(0);
        iov.advance(2);
        assert_eq!(iov.copy_from_iter(&mut out), 2);
        assert_eq!(&out, b"23");
        iov.advance(4);
        assert_eq!(iov.copy_from_iter(&mut out), 2);
        assert_eq!(&out, b"89");
    }

    #[test]
    fn advancing_stops_at_the_end() {
        let pieces = Pieces::of(b"0123456789", &[3, 6]);
        for too_far in [10, 11, isize::MAX as usize, usize::MAX] {
            let mut iter = pieces.source();
            let iov = source(&mut iter);
            iov.advance(too_far);
            assert_eq!(iov.len(), 0);
            assert_eq!(iov.copy_from_iter(&mut [0; 1]), 0);
        }
    }

    #[test]
    fn reverting_copies_once_more() {
        let pieces = Pieces::of(b"0123456789", &[3, 3, 6]);
        let mut iter = pieces.source();
        let iov = source(&mut iter);
        let mut out = [0; 8];
        assert_eq!(iov.copy_from_iter(&mut out), 8);
        for back in 0..=8 {
            // SAFETY: The iterator is 8 bytes behind its beginning.
            unsafe { iov.revert(back) };
            assert_eq!(iov.len(), 2 + back);
            let mut again = [0; 8];
            assert_eq!(iov.copy_from_iter(&mut again[..back]), back);
            assert_eq!(&again[..back], &out[8 - back..]);
        }
    }

    #[test]
    fn reverting_what_was_advanced() {
        let pieces = Pieces::of(b"0123456789", &[5]);
        let mut iter = pieces.source();
        let iov = source(&mut iter);
        iov.advance(usize::MAX);
        // SAFETY: The iterator has ten bytes, and is at their end.
        unsafe { iov.revert(10) };
        let mut out = [0; 10];
        assert_eq!(iov.copy_from_iter(&mut out), 10);
        assert_eq!(&out, b"0123456789");
    }

    #[test]
    fn the_initialised_part_is_returned() {
        let pieces = Pieces::of(b"abcdef", &[2]);
        let mut iter = pieces.source();
        let iov = source(&mut iter);
        let mut out = [MaybeUninit::uninit(); 4];
        let first = iov.copy_from_iter_raw(&mut out);
        assert_eq!(first, b"abcd");
        first[0] = b'A';
        // SAFETY: It was copied to, and then written to.
        assert_eq!(unsafe { out[0].assume_init() }, b'A');
        assert_eq!(iov.copy_from_iter_raw(&mut out), b"ef");
        assert_eq!(iov.copy_from_iter_raw(&mut out), b"");
    }

    #[test]
    fn a_vector_grows_by_what_there_is() -> Result {
        let pieces = Pieces::of(b"abcdef", &[2]);
        let mut iter = pieces.source();
        let iov = source(&mut iter);
        let mut out = KVec::new();
        out.extend_from_slice(b"__", GFP_KERNEL)?;
        iov.advance(1);
        assert_eq!(iov.copy_from_iter_vec(&mut out, GFP_KERNEL)?, 5);
        assert_eq!(&out[..], b"__bcdef");
        assert_eq!(iov.copy_from_iter_vec(&mut out, GFP_KERNEL)?, 0);
        assert_eq!(&out[..], b"__bcdef");
        Ok(())
    }

    #[test]
    fn a_vector_with_room_takes_no_more_than_there_is() -> Result {
        let pieces = Pieces::of(b"abc", &[]);
        let mut iter = pieces.source();
        let mut out = KVec::with_capacity(64, GFP_KERNEL)?;
        assert_eq!(
            source(&mut iter).copy_from_iter_vec(&mut out, GFP_KERNEL)?,
            3
        );
        assert_eq!(&out[..], b"abc");
        assert!(out.capacity() >= 64);
        Ok(())
    }

    #[test]
    fn a_vector_that_cannot_grow_takes_nothing() -> Result {
        let data = [0u8; 1];
        // The vectors say more than there is: nobody gets to look at it.
        let pieces = Pieces::new().add(data.as_ptr().cast_mut(), isize::MAX as usize);
        let mut iter = pieces.source();
        let iov = source(&mut iter);
        let mut out = KVec::new();
        out.push(7, GFP_KERNEL)?;
        assert_eq!(
            iov.copy_from_iter_vec(&mut out, GFP_KERNEL | __GFP_NOWARN),
            Err(ENOMEM)
        );
        assert_eq!(&out[..], &[7]);
        assert_eq!(iov.len(), isize::MAX as usize);
        Ok(())
    }

    #[test]
    fn other_allocators_serve_as_well() -> Result {
        let data = VVec::from_elem(0x5au8, 3 * PAGE + 1, GFP_KERNEL)?;
        let pieces = Pieces::of(&data, &[1, PAGE]);
        let mut iter = pieces.source();
        let mut out = VVec::new();
        assert_eq!(
            source(&mut iter).copy_from_iter_vec(&mut out, GFP_KERNEL)?,
            data.len()
        );
        assert!(out.iter().all(|&byte| byte == 0x5a));
        let mut iter = pieces.source();
        let mut out = KVVec::new();
        assert_eq!(
            source(&mut iter).copy_from_iter_vec(&mut out, GFP_KERNEL)?,
            data.len()
        );
        assert_eq!(out.len(), data.len());
        Ok(())
    }

    #[test]
    fn a_destination_is_filled_in_order() {
        let mut data = *b"..........";
        let pieces = Pieces::of_mut(&mut data, &[3, 3, 7]);
        let mut iter = pieces.dest();
        let iov = dest(&mut iter);
        assert_eq!(iov.len(), 10);
        assert_eq!(iov.copy_to_iter(b"ab"), 2);
        assert_eq!(iov.copy_to_iter(b""), 0);
        iov.advance(3);
        assert_eq!(iov.copy_to_iter(b"cdef"), 4);
        assert_eq!(iov.len(), 1);
        assert_eq!(&data, b"ab...cdef.");
    }

    #[test]
    fn a_destination_that_is_too_small() {
        let mut data = *b".....";
        let pieces = Pieces::of_mut(&mut data[..4], &[1]);
        let mut iter = pieces.dest();
        let iov = dest(&mut iter);
        assert_eq!(iov.copy_to_iter(b"abcdef"), 4);
        assert!(iov.is_empty());
        assert_eq!(iov.copy_to_iter(b"g"), 0);
        assert_eq!(&data, b"abcd.");
    }

    #[test]
    fn a_destination_can_be_written_once_more() {
        let mut data = *b"......";
        let pieces = Pieces::of_mut(&mut data, &[2, 4]);
        let mut iter = pieces.dest();
        let iov = dest(&mut iter);
        assert_eq!(iov.copy_to_iter(b"abcde"), 5);
        // SAFETY: The iterator is 5 bytes behind its beginning.
        unsafe { iov.revert(4) };
        assert_eq!(iov.len(), 5);
        assert_eq!(iov.copy_to_iter(b"XYZ"), 3);
        assert_eq!(&data, b"aXYZe.");
    }

    #[test]
    fn the_c_iterator_is_the_same() {
        let pieces = Pieces::of(b"abc", &[]);
        let mut iter = pieces.source();
        let before = &raw mut iter;
        let iov = source(&mut iter);
        assert!(ptr::eq(iov.as_raw(), before));
        // SAFETY: The iterator is initialised, and C bounds the number.
        unsafe { bindings::iov_iter_advance(iov.as_raw(), 2) };
        assert_eq!(iov.len(), 1);
    }

    #[test]
    fn a_process_s_memory_is_copied() -> Result {
        let page = UserPage::new()?;
        page.put(b"from and to a process")?;
        let mut iter = page.iter(bindings::ITER_SOURCE, 21, 21)?;
        let mut out = KVec::new();
        assert_eq!(
            source(&mut iter).copy_from_iter_vec(&mut out, GFP_KERNEL)?,
            21
        );
        assert_eq!(&out[..], b"from and to a process");
        Ok(())
    }

    #[test]
    fn reading_stops_where_memory_is_missing() -> Result {
        let page = UserPage::new()?;
        page.put(b"abcdefgh")?;
        for mapped in 0..=8 {
            let mut iter = page.iter(bindings::ITER_SOURCE, mapped, 12)?;
            let iov = source(&mut iter);
            let mut out = [MaybeUninit::uninit(); 12];
            let part = iov.copy_from_iter_raw(&mut out);
            // An architecture may give up some bytes early, but invents none.
            assert!(part.len() <= mapped);
            assert_eq!(part, &b"abcdefgh"[8 - mapped..][..part.len()]);
            let len = part.len();
            assert_eq!(iov.len(), 12 - len);
        }
        Ok(())
    }

    #[test]
    fn a_vector_gets_what_could_be_read() -> Result {
        let page = UserPage::new()?;
        page.put(b"abcdefgh")?;
        let mut iter = page.iter(bindings::ITER_SOURCE, 8, 16)?;
        let iov = source(&mut iter);
        let mut out = KVec::new();
        out.push(b'_', GFP_KERNEL)?;
        let copied = iov.copy_from_iter_vec(&mut out, GFP_KERNEL)?;
        assert!(copied <= 8);
        assert_eq!(out.len(), 1 + copied);
        assert_eq!(&out[..], &b"_abcdefgh"[..1 + copied]);
        // That is how the caller can tell.
        assert!(!iov.is_empty());

        // Nothing can be read.
        let mut iter = page.iter(bindings::ITER_SOURCE, 0, 16)?;
        let iov = source(&mut iter);
        assert_eq!(iov.copy_from_iter_vec(&mut out, GFP_KERNEL)?, 0);
        assert_eq!(out.len(), 1 + copied);
        assert_eq!(iov.len(), 16);
        Ok(())
    }

    #[test]
    fn writing_stops_where_memory_is_missing() -> Result {
        let page = UserPage::new()?;
        for mapped in 0..=8 {
            page.put(b"........")?;
            let mut iter = page.iter(bindings::ITER_DEST, mapped, 12)?;
            let iov = dest(&mut iter);
            let copied = iov.copy_to_iter(b"abcdefghijkl");
            assert!(copied <= mapped);
            assert_eq!(iov.len(), 12 - copied);
            let mut out = [0; 8];
            page.get(&mut out)?;
            assert_eq!(&out[8 - mapped..][..copied], &b"abcdefgh"[..copied]);
            assert!(out[..8 - mapped].iter().all(|&byte| byte == b'.'));
        }
        Ok(())
    }

    #[test]
    fn reads_from_a_buffer_go_on_where_the_last_ended() -> Result {
        let contents = b"0123456789";
        let mut position = 0;
        let mut all = KVec::new();
        loop {
            let mut data = [0; 4];
            let pieces = Pieces::of_mut(&mut data, &[1]);
            let mut iter = pieces.dest();
            let read = dest(&mut iter).simple_read_from_buffer(&mut position, contents)?;
            if read == 0 {
                break;
            }
            all.extend_from_slice(&data[..read], GFP_KERNEL)?;
            assert_eq!(position, all.len() as i64);
        }
        assert_eq!(&all[..], contents);
        assert_eq!(position, 10);
        Ok(())
    }

    #[test]
    fn positions_without_contents() {
        let mut data = *b"....";
        for (start, result) in [
            (0, Ok(3)),
            (2, Ok(1)),
            (3, Ok(0)),
            (4, Ok(0)),
            (i64::from(u32::MAX) + 2, Ok(0)),
            (i64::MAX, Ok(0)),
            (-1, Err(EINVAL)),
            (i64::MIN, Err(EINVAL)),
        ] {
            let pieces = Pieces::of_mut(&mut data, &[]);
            let mut iter = pieces.dest();
            let iov = dest(&mut iter);
            let mut position = start;
            let read = iov.simple_read_from_buffer(&mut position, b"abc");
            assert_eq!(read, result);
            let read = read.unwrap_or(0);
            assert_eq!(position, start.wrapping_add(read as i64));
            assert_eq!(iov.len(), 4 - read);
        }
        assert_eq!(&data, b"cbc.");
    }

    #[test]
    fn a_read_of_nothing_is_no_error() -> Result {
        let pieces = Pieces::new();
        let mut iter = pieces.dest();
        let iov = dest(&mut iter);
        let mut position = 1;
        assert_eq!(iov.simple_read_from_buffer(&mut position, b"abc")?, 0);
        assert_eq!(iov.simple_read_from_buffer(&mut position, b"")?, 0);
        assert_eq!(position, 1);
        Ok(())
    }

    #[test]
    fn a_read_to_missing_memory() -> Result {
        let page = UserPage::new()?;
        let mut position = 1;
        let mut iter = page.iter(bindings::ITER_DEST, 0, 4)?;
        let iov = dest(&mut iter);
        assert_eq!(
            iov.simple_read_from_buffer(&mut position, b"abc"),
            Err(EFAULT)
        );
        assert_eq!(position, 1);
        assert_eq!(iov.len(), 4);
        // At the end nobody minds where the bytes would have gone.
        position = 3;
        assert_eq!(iov.simple_read_from_buffer(&mut position, b"abc"), Ok(0));

        // What can be read, is.
        position = 0;
        let mut iter = page.iter(bindings::ITER_DEST, PAGE, 2 * PAGE)?;
        let contents = VVec::from_elem(1u8, 2 * PAGE, GFP_KERNEL)?;
        let read = dest(&mut iter).simple_read_from_buffer(&mut position, &contents)?;
        assert!(read > 0 && read <= PAGE);
        assert_eq!(position, read as i64);
        Ok(())
    }
}
