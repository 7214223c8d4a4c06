// SPDX-License-Identifier: GPL-2.0

//! A device, and what its blocks are filled with.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::ops::{Deref, DerefMut, Range};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::thread::scope;

use guest_programs::{direction, ioc, ioctl_with, Errno, Outcome};

/// `BLKSSZGET` and `BLKDISCARD` in `linux/fs.h`.
const BLOCK_SIZE: u64 = ioc(direction::NONE, 0x12, 104, 0);
const DISCARD: u64 = ioc(direction::NONE, 0x12, 119, 0);

/// How many blocks go with one call: not a power of two, so that requests end anywhere in pages.
const AT_ONCE: usize = 25;

/// Memory that a device can read from and write to: page-aligned.
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    used: Range<usize>,
}

impl Buffer {
    const PAGE: usize = 4 << 10;
    const HUGE_PAGE: usize = 2 << 20;

    pub(crate) fn new(length: usize) -> Self {
        Self::aligned(length, Self::PAGE)
    }

    /// One in a huge page, where the kernel has them: in as few pieces as can be.
    pub(crate) fn huge(length: usize) -> Self {
        let buffer = Self::aligned(length.next_multiple_of(Self::HUGE_PAGE), Self::HUGE_PAGE);
        let start = buffer.used.start;
        let address = buffer.as_ptr().cast_mut().cast();
        // Where there are none it fails, and nothing changes.
        //
        // SAFETY: The memory is the buffer's, and has the same contents afterwards.
        unsafe { libc::madvise(address, buffer.len(), libc::MADV_HUGEPAGE) };
        Self {
            used: start..start + length,
            ..buffer
        }
    }

    fn aligned(length: usize, align: usize) -> Self {
        let bytes = vec![0u8; length + align];
        let start = bytes.as_ptr().align_offset(align);
        Self {
            bytes,
            used: start..start + length,
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.used.clone()]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.used.clone()]
    }
}

/// An open block device.
pub(crate) struct Disk {
    file: File,
    /// Its size in bytes.
    pub(crate) size: u64,
    /// The size of a block in bytes.
    pub(crate) block: usize,
}

impl Disk {
    pub(crate) fn open(path: &str) -> Outcome<Self> {
        let mut file = File::options()
            .read(true)
            .write(true)
            .custom_flags(libc::O_DIRECT)
            .open(path)?;
        let size = file.seek(SeekFrom::End(0))?;
        let mut block = 0u32;
        ioctl_with(&file, BLOCK_SIZE, &mut block)?;
        Ok(Self {
            file,
            size,
            block: block as usize,
        })
    }

    /// How many blocks it has.
    pub(crate) fn blocks(&self) -> u64 {
        self.size / self.block as u64
    }

    pub(crate) fn read(&self, at: u64, buffer: &mut [u8]) -> Outcome<()> {
        Ok(self.file.read_exact_at(buffer, at)?)
    }

    pub(crate) fn write(&self, at: u64, buffer: &[u8]) -> Outcome<()> {
        Ok(self.file.write_all_at(buffer, at)?)
    }

    pub(crate) fn discard(&self, at: u64, bytes: u64) -> Outcome<()> {
        ioctl_with(&self.file, DISCARD, &mut [at, bytes]).map(drop)
    }

    /// Writes all blocks.
    pub(crate) fn fill(&self, seed: u64, jobs: u64) -> Outcome<()> {
        self.walk(jobs, |number, bytes| {
            for (block, number) in bytes.chunks_exact_mut(self.block).zip(number..) {
                pattern(seed, number, block);
            }
            self.write(number * self.block as u64, bytes)?;
            Ok(0)
        })
        .map(drop)
    }

    /// Returns how many blocks are not as [`fill`](Self::fill) wrote them.
    pub(crate) fn verify(&self, seed: u64, jobs: u64) -> Outcome<u64> {
        self.walk(jobs, |number, bytes| {
            self.read(number * self.block as u64, bytes)?;
            let mut wrong = 0;
            for (block, number) in bytes.chunks_exact(self.block).zip(number..) {
                wrong += u64::from(origin(number, block) != Some(seed));
            }
            Ok(wrong)
        })
    }

    /// Goes through all blocks, each job through a part of them, and adds up what `step` returns for the
    /// first of some blocks and memory for them.
    fn walk(
        &self,
        jobs: u64,
        step: impl Fn(u64, &mut [u8]) -> Outcome<u64> + Sync,
    ) -> Outcome<u64> {
        let part = |job: u64| job * self.blocks() / jobs;
        let run = |blocks: Range<u64>| {
            let mut buffer = Buffer::new(AT_ONCE * self.block);
            let mut sum = 0;
            for first in blocks.clone().step_by(AT_ONCE) {
                let count = (blocks.end - first).min(AT_ONCE as u64) as usize;
                sum += step(first, &mut buffer[..count * self.block])?;
            }
            Ok(sum)
        };
        scope(|scope| {
            let threads: Vec<_> = (0..jobs)
                .map(|job| scope.spawn(move || run(part(job)..part(job + 1))))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or(Err(Errno(libc::ECANCELED))))
                .sum()
        })
    }
}

/// Fills a block: whoever reads it can tell who wrote it, and where.
pub(crate) fn pattern(seed: u64, number: u64, block: &mut [u8]) {
    let mut word = seed;
    for bytes in block.chunks_exact_mut(8) {
        bytes.copy_from_slice(&word.to_le_bytes());
        word = next(word, number);
    }
}

/// Returns the seed that a block was filled with, if all of it was, and for this place.
pub(crate) fn origin(number: u64, block: &[u8]) -> Option<u64> {
    let mut words = block.chunks_exact(8).map(word);
    let seed = words.next()?;
    let mut last = seed;
    words
        .all(|word| {
            last = next(last, number);
            word == last
        })
        .then_some(seed)
}

fn word(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u64::from(*byte))
}

fn next(word: u64, number: u64) -> u64 {
    (word ^ number)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(29)
        .wrapping_add(1)
}
