// SPDX-License-Identifier: GPL-2.0

//! Addresses where nothing is, for each of Nova's ioctls and for DRM's about buffers.

use guest_programs::{direction, ioctl, map, Cases, Cliff, Outcome};

use crate::calls::{request, Node, GEM_CREATE, GEM_INFO, GETPARAM};

/// Addresses that nothing can be read from, nor written to.
const NOWHERE: [(&str, usize); 5] = [
    ("null", 0),
    ("an address in the first page", 4),
    ("the last address", usize::MAX),
    ("an address that wraps around", usize::MAX - 2),
    ("an address of the kernel's half", 1 << 63),
];

/// What is called: its name, its number and the size of its argument.
const CALLS: [(&str, u8, usize); 7] = [
    ("GETPARAM", GETPARAM, 16),
    ("GEM_CREATE", GEM_CREATE, 16),
    ("GEM_INFO", GEM_INFO, 16),
    ("GEM_CLOSE", 0x09, 8),
    ("GEM_FLINK", 0x0a, 8),
    ("GEM_OPEN", 0x0b, 16),
    ("PRIME_HANDLE_TO_FD", 0x2d, 12),
];

pub(crate) fn run(cases: &mut Cases, node: &Node) -> Outcome<()> {
    let card = node.open()?;
    let cliff = Cliff::new()?;
    for (name, number, size) in CALLS {
        let number = request(direction::BOTH, number, size);
        for (what, address) in NOWHERE {
            cases.refused(
                &format!("{name}: {what}"),
                ioctl(&card, number, address),
                libc::EFAULT,
            );
        }
        for there in [1, 4, size - 1] {
            cases.refused(
                &format!("{name}: {there} bytes before nothing"),
                ioctl(&card, number, cliff.before_end(there)),
                libc::EFAULT,
            );
        }
    }
    read_only(cases, node)
}

/// Arguments that the kernel can read, and can't answer to.
fn read_only(cases: &mut Cases, node: &Node) -> Outcome<()> {
    let card = node.open()?;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    let page = map(
        &-1,
        Cliff::PAGE,
        libc::PROT_READ | libc::PROT_WRITE,
        flags,
        0,
    )?;
    // By the words of GETPARAM, the second is the first's answer; by those of GEM_CREATE, it is a size.
    // SAFETY: The page was just mapped, for reading and writing, and is longer than that.
    unsafe { (page as *mut [u64; 2]).write([1, 4096]) };
    // SAFETY: Nobody has a reference to what lies in the page.
    let result = unsafe { libc::mprotect(page as *mut libc::c_void, Cliff::PAGE, libc::PROT_READ) };
    guest_programs::outcome(result as isize)?;
    cases.refused(
        "a parameter can't be told to who can't be written to",
        ioctl(&card, request(direction::BOTH, GETPARAM, 16), page),
        libc::EFAULT,
    );
    let odd = (0..20)
        .map(|_| ioctl(&card, request(direction::BOTH, GEM_CREATE, 16), page))
        .filter(|result| *result != Err(guest_programs::Errno(libc::EFAULT)))
        .count();
    cases.equal("nor can handles", odd, 0);
    cases.check("the file works all the same", card.create(4096).is_ok());
    // SAFETY: The page is ours, and nobody uses its address any more.
    unsafe { libc::munmap(page as *mut libc::c_void, Cliff::PAGE) };
    Ok(())
}
