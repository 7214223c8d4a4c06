// SPDX-License-Identifier: GPL-2.0

//! The page that those who are bound to a box share.

use guest_programs::{map, outcome, Cases, Cliff, Outcome};

use crate::calls::*;

const READ: i32 = libc::PROT_READ;
const WRITE: i32 = libc::PROT_READ | libc::PROT_WRITE;

/// A mapping of a page.
struct Mapping(usize);

impl Mapping {
    fn new(endpoint: &Endpoint, protection: i32) -> Outcome<Self> {
        map(endpoint, Cliff::PAGE, protection, libc::MAP_SHARED, 0).map(Self)
    }

    fn byte(&self, at: usize) -> *mut u8 {
        (self.0 + at) as *mut u8
    }

    fn get(&self, at: usize) -> u8 {
        // SAFETY: The page is mapped for as long as this exists; others may write to it meanwhile.
        unsafe { self.byte(at).read_volatile() }
    }

    fn set(&self, at: usize, value: u8) {
        // SAFETY: As above, and callers have mapped it for writing.
        unsafe { self.byte(at).write_volatile(value) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: The page is this mapping's.
        unsafe { libc::munmap(self.0 as *mut libc::c_void, Cliff::PAGE) };
    }
}

pub(crate) fn run(cases: &mut Cases) -> Outcome<()> {
    let (one, two) = (Endpoint::bound("page")?, Endpoint::bound("page")?);
    let other = Endpoint::bound("another page")?;
    let unbound = Endpoint::open(0)?;
    cases.refused(
        "unbound, there is no page",
        map(&unbound, Cliff::PAGE, READ, libc::MAP_SHARED, 0),
        libc::ENODEV,
    );
    for (what, length, protection, flags, errno) in [
        (
            "two pages",
            2 * Cliff::PAGE,
            WRITE,
            libc::MAP_SHARED,
            libc::EINVAL,
        ),
        (
            "a great deal",
            1 << 30,
            READ,
            libc::MAP_SHARED,
            libc::EINVAL,
        ),
        ("nothing", 0, READ, libc::MAP_SHARED, libc::EINVAL),
        (
            "a copy",
            Cliff::PAGE,
            WRITE,
            libc::MAP_PRIVATE,
            libc::EINVAL,
        ),
        (
            "a program",
            Cliff::PAGE,
            READ | libc::PROT_EXEC,
            libc::MAP_SHARED,
            libc::EINVAL,
        ),
    ] {
        cases.refused(
            &format!("{what} can't be mapped"),
            map(&one, length, protection, flags, 0),
            errno,
        );
    }
    cases.refused(
        "nor can a part of a page",
        map(&one, Cliff::PAGE, READ, libc::MAP_SHARED, 1),
        libc::EINVAL,
    );

    let (mine, yours) = (Mapping::new(&one, WRITE)?, Mapping::new(&two, READ)?);
    let theirs = Mapping::new(&other, WRITE)?;
    let empty = (0..Cliff::PAGE).all(|at| mine.get(at) == 0);
    cases.check("a page is all zeroes at first", empty);
    mine.set(0, 1);
    mine.set(Cliff::PAGE - 1, 2);
    cases.equal(
        "who shares a box shares its page",
        (yours.get(0), yours.get(Cliff::PAGE - 1)),
        (1, 2),
    );
    cases.equal("others have another", theirs.get(0), 0);

    // SAFETY: Nobody uses the page in a way that a change of its protection would disturb.
    let result =
        unsafe { libc::mprotect(mine.byte(0).cast(), Cliff::PAGE, READ | libc::PROT_EXEC) };
    cases.refused(
        "it can't become a program",
        outcome(result as isize),
        libc::EACCES,
    );
    // SAFETY: It is expected to fail, and what it would give is not used.
    let grown = unsafe {
        libc::mremap(
            mine.byte(0).cast(),
            Cliff::PAGE,
            2 * Cliff::PAGE,
            libc::MREMAP_MAYMOVE,
        )
    };
    cases.check("it can't be made larger", grown == libc::MAP_FAILED);

    drop((one, two));
    cases.equal("a closed file leaves its page", yours.get(0), 1);
    mine.set(1, 3);
    cases.equal("which is still shared", yours.get(1), 3);
    let next = Endpoint::bound("page")?;
    cases.equal(
        "a box stays while its page is mapped",
        next.counts()?.users,
        3,
    );
    drop((mine, yours));
    cases.equal("and goes with the mapping", next.counts()?.users, 1);
    drop(next);
    let next = Endpoint::bound("page")?;
    let fresh = Mapping::new(&next, WRITE)?;
    cases.equal("the next box has its own", fresh.get(0), 0);
    Ok(())
}
