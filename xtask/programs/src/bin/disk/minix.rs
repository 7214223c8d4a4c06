// SPDX-License-Identifier: GPL-2.0

//! An empty file system, of the first version of Minix's, with names of up to 30 bytes: what
//! `fs/minix` in the kernel's sources reads.

use guest_programs::Outcome;

use crate::blocks::{Buffer, Disk};

const BLOCK: usize = 1024;
const INODES: usize = 256;
const INODE_SIZE: usize = 32;
const MAGIC: u16 = 0x138f;
const CLEAN: u16 = 1;
/// Seven blocks, those that one block lists, and those that a block of lists does.
const LARGEST: u32 = ((7 + 512 + 512 * 512) * BLOCK) as u32;

pub(crate) fn make(disk: &Disk) -> Outcome<()> {
    // Larger ones would need another version.
    let blocks = (disk.size as usize / BLOCK).min(usize::from(u16::MAX));
    let map_of_blocks = blocks.div_ceil(8 * BLOCK);
    let inodes = 2 + 1 + map_of_blocks;
    let data = inodes + INODES * INODE_SIZE / BLOCK;

    let mut image = Buffer::new((data + 1) * BLOCK);
    let superblock = [
        INODES as u16,
        blocks as u16,
        1,
        map_of_blocks as u16,
        data as u16,
        0,
        LARGEST as u16,
        (LARGEST >> 16) as u16,
        MAGIC,
        CLEAN,
    ];
    for (field, value) in superblock.into_iter().enumerate() {
        put(&mut image, BLOCK + 2 * field, value);
    }
    // The root folder: its mode, size, links and block; and its entries.
    let root = inodes * BLOCK;
    put(&mut image, root, 0o040_755);
    put(&mut image, root + 4, 64);
    put(&mut image, root + 12, 2 << 8);
    put(&mut image, root + 14, data as u16);
    for (entry, name) in [".", ".."].into_iter().enumerate() {
        let at = data * BLOCK + entry * 32;
        put(&mut image, at, 1);
        image[at + 2..at + 2 + name.len()].copy_from_slice(name.as_bytes());
    }
    // In use are number 0, which there is none of, the root or its block, and what lies behind the end.
    for (start, length, count) in [
        (2 * BLOCK, BLOCK, INODES),
        (3 * BLOCK, map_of_blocks * BLOCK, blocks - data),
    ] {
        for bit in (0..2).chain(count + 1..length * 8) {
            image[start + bit / 8] |= 1 << (bit % 8);
        }
    }
    disk.write(0, &image)
}

fn put(image: &mut [u8], at: usize, value: u16) {
    image[at..at + 2].copy_from_slice(&value.to_le_bytes());
}
