// SPDX-License-Identifier: GPL-2.0

//! Nova's buffers: sizes and handles, good and bad.

use guest_programs::{direction, ioctl_with, Cases, Errno, Outcome};

use crate::calls::{request, Node, Target, GEM_CREATE, GEM_INFO};

/// What a handle is that was never given out.
const STRANGE: [u32; 5] = [0, 1000, 0x7fff_ffff, 0x8000_0000, u32::MAX];

pub(crate) fn sizes(cases: &mut Cases, target: &Target, node: &Node) -> Outcome<()> {
    let card = node.open()?;
    for (asked, size) in [
        (1, 4096),
        (4095, 4096),
        (4096, 4096),
        (4097, 8192),
        (65_536, 65_536),
        (1_000_001, 1_003_520),
        (1 << 40, 1 << 40),
    ] {
        let found = card.create(asked).and_then(|handle| {
            let size = card.size(handle);
            card.close(handle)?;
            size
        });
        cases.equal(&format!("a buffer for {asked} bytes"), found, Ok(size));
    }
    for size in [
        0,
        1 << 63,
        (1 << 63) + 1,
        u64::MAX - 4096,
        u64::MAX - 4095,
        u64::MAX - 4094,
        u64::MAX,
    ] {
        cases.refused(
            &format!("no buffer for {size:#x} bytes"),
            card.create(size),
            libc::EINVAL,
        );
    }
    // No memory is behind a buffer that nobody uses, so that these may be as long as files can be.
    for size in [1 << 62, (1 << 63) - 4096, (1 << 63) - 4095, (1 << 63) - 1] {
        let rounded = match card.create(size) {
            Ok(handle) => {
                let found = card.size(handle);
                card.close(handle)?;
                found == Ok((size + 4095) & !4095)
            }
            Err(Errno(errno)) => matches!(errno, libc::EINVAL | libc::ENOMEM),
        };
        cases.check(
            &format!("{size:#x} bytes are refused, or all there"),
            rounded,
        );
    }
    if target.is_ours() {
        cases.refused(
            "padding is to be zero",
            card.create_with(4096, [0, 1]),
            libc::EINVAL,
        );
    }
    cases.check(
        "a handle that is brought along is not looked at",
        card.create_with(4096, [77, 0]).is_ok_and(|it| it != 77),
    );
    Ok(())
}

pub(crate) fn handles(cases: &mut Cases, target: &Target, node: &Node) -> Outcome<()> {
    let (card, other) = (node.open()?, node.open()?);
    let mut handles = Vec::new();
    for pages in 1..=100 {
        handles.push(card.create(pages * 4096)?);
    }
    let mut sorted = handles.clone();
    sorted.sort_unstable();
    sorted.dedup();
    cases.equal("100 buffers have 100 handles", sorted.len(), 100);
    let wrong = (1u64..)
        .zip(&handles)
        .filter(|(pages, handle)| card.size(**handle) != Ok(pages * 4096))
        .count();
    cases.equal("each is as long as it was made", wrong, 0);

    let first = handles[0];
    for handle in STRANGE {
        cases.refused(
            &format!("handle {handle:#x} has no size"),
            card.size(handle),
            libc::ENOENT,
        );
        cases.refused(
            &format!("handle {handle:#x} can't be closed"),
            card.close(handle),
            libc::EINVAL,
        );
    }
    if target.is_ours() {
        cases.refused(
            "padding is to be zero",
            card.size_with(first, 1),
            libc::EINVAL,
        );
    }
    cases.refused(
        "another file does not know it",
        other.size(first),
        libc::ENOENT,
    );
    cases.refused("and can't close it", other.close(first), libc::EINVAL);
    cases.equal("it is still there", card.size(first), Ok(4096));
    cases.equal("it is closed", card.close(first), Ok(()));
    cases.refused("it is gone", card.size(first), libc::ENOENT);
    cases.refused("it can't be closed twice", card.close(first), libc::EINVAL);
    cases.equal(
        "the next one is still there",
        card.size(handles[1]),
        Ok(8192),
    );
    cases.check(
        "there is room for another",
        card.create(4096)
            .is_ok_and(|it| !handles[1..].contains(&it)),
    );
    // The others go with the file.
    Ok(())
}

/// Arguments shorter than the structure, and numbers that say the wrong thing about who writes.
pub(crate) fn arguments(cases: &mut Cases, node: &Node) -> Outcome<()> {
    let card = node.open()?;
    let call = |direction, number, size, argument: &mut [u32; 16]| {
        ioctl_with(&card, request(direction, number, size), argument)
    };
    let fresh = |handle: u32| {
        let mut words = [0x5555_5555; 16];
        words[..4].copy_from_slice(&[handle, 0, 4096, 0]);
        words
    };
    for size in [0, 4, 8] {
        let result = call(direction::BOTH, GEM_CREATE, size, &mut fresh(0));
        cases.refused(
            &format!("{size} bytes say nothing of a buffer's size"),
            result,
            libc::EINVAL,
        );
    }
    for size in [10, 12, 16, 64] {
        let mut words = fresh(0);
        let result = call(direction::BOTH, GEM_CREATE, size, &mut words);
        cases.equal(&format!("{size} bytes do"), result, Ok(0));
        cases.equal("the buffer is there", card.size(words[0]), Ok(4096));
        cases.check(
            "nothing is behind the structure",
            words[4..].iter().all(|word| *word == 0x5555_5555),
        );
    }
    let handle = card.create(4096)?;
    for (what, way, number, result) in [
        (
            "reads, makes no buffer",
            direction::READ,
            GEM_CREATE,
            Err(Errno(libc::EINVAL)),
        ),
        (
            "has no argument, makes no buffer",
            direction::NONE,
            GEM_CREATE,
            Err(Errno(libc::EINVAL)),
        ),
        ("writes, makes one", direction::WRITE, GEM_CREATE, Ok(0)),
        (
            "reads, asks for no buffer",
            direction::READ,
            GEM_INFO,
            Err(Errno(libc::ENOENT)),
        ),
        (
            "has no argument, asks for none",
            direction::NONE,
            GEM_INFO,
            Err(Errno(libc::ENOENT)),
        ),
        ("writes, asks for one", direction::WRITE, GEM_INFO, Ok(0)),
    ] {
        let found = call(way, number, 16, &mut fresh(handle));
        cases.equal(&format!("who only {what}"), found, result);
    }
    let mut words = fresh(handle);
    words[2] = 3;
    let result = call(direction::BOTH, GEM_INFO, 4, &mut words);
    cases.equal("the handle is enough to ask", result, Ok(0));
    cases.equal("without room there is no answer", words[2], 3);
    Ok(())
}

/// Nova's buffers can't be mapped yet: no offset leads to one.
pub(crate) fn maps(cases: &mut Cases, node: &Node) -> Outcome<()> {
    /// Where DRM begins to give out offsets.
    const OFFSETS: i64 = 1 << 32;
    let card = node.open()?;
    let handle = card.create(65_536)?;
    for (what, length, offset) in [
        ("from the beginning", 4096, 0),
        ("from the second page", 4096, 4096),
        ("where offsets begin", 4096, OFFSETS),
        ("all of it", 65_536, OFFSETS),
        ("more than all", 1 << 20, OFFSETS),
        ("by its handle", 4096, i64::from(handle) << 12),
        ("far away", 4096, 1 << 62),
        ("at the end", 4096, -4096),
        ("nothing", 0, 0),
        ("in the middle of a page", 4096, 2048),
    ] {
        cases.refused(
            &format!("no map {what}"),
            card.map(length, offset),
            libc::EINVAL,
        );
    }
    cases.equal("the buffer is as it was", card.size(handle), Ok(65_536));
    Ok(())
}
