// SPDX-License-Identifier: GPL-2.0

//! Command numbers, on the host: against numbers that user space has known for ages.

use kernel_core::ioctl::{_IO, _IOC_DIR, _IOC_NR, _IOC_SIZE, _IOC_TYPE, _IOR, _IOW, _IOWR};

#[test]
fn well_known_numbers() {
    // From the headers below `include/uapi`, as `strace` shows them on x86-64.
    const BLKROSET: u32 = _IO(0x12, 93);
    const BLKGETSIZE64: u32 = _IOR::<usize>(0x12, 114);
    const BLKBSZSET: u32 = _IOW::<usize>(0x12, 113);
    const FIFREEZE: u32 = _IOWR::<i32>('X' as u32, 119);
    const TUNSETIFF: u32 = _IOW::<i32>('T' as u32, 202);
    const RTC_RD_TIME: u32 = _IOR::<[i32; 9]>('p' as u32, 0x09);

    assert_eq!(BLKROSET, 0x125d);
    assert_eq!(BLKGETSIZE64, 0x8008_1272);
    assert_eq!(BLKBSZSET, 0x4008_1271);
    assert_eq!(FIFREEZE, 0xc004_5877);
    assert_eq!(TUNSETIFF, 0x4004_54ca);
    assert_eq!(RTC_RD_TIME, 0x8024_7009);
}

#[test]
fn parts_come_out_as_they_went_in() {
    for ty in 0..=255 {
        for nr in 0..=255 {
            for (cmd, dir, size) in [
                (_IO(ty, nr), 0, 0),
                (_IOW::<u8>(ty, nr), 1, 1),
                (_IOR::<[u8; 100]>(ty, nr), 2, 100),
                (_IOWR::<[u8; 0x3fff]>(ty, nr), 3, 0x3fff),
                (_IOR::<()>(ty, nr), 2, 0),
            ] {
                assert_eq!(_IOC_DIR(cmd), dir);
                assert_eq!(_IOC_TYPE(cmd), ty);
                assert_eq!(_IOC_NR(cmd), nr);
                assert_eq!(_IOC_SIZE(cmd), size);
            }
        }
    }
}

#[test]
fn any_number_comes_apart() {
    // User space may pass anything.
    for cmd in [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
        assert!(_IOC_DIR(cmd) <= 3);
        assert!(_IOC_TYPE(cmd) <= 255);
        assert!(_IOC_NR(cmd) <= 255);
        assert!(_IOC_SIZE(cmd) <= 0x3fff);
    }
}
