// SPDX-License-Identifier: GPL-2.0

//! Buffers that several files have: by names, and by descriptors.

use std::os::fd::AsRawFd;

use guest_programs::{outcome, Cases, Outcome};

use crate::calls::{map_shared, Node};

pub(crate) fn names(cases: &mut Cases, node: &Node) -> Outcome<()> {
    let (card, other) = (node.open()?, node.open()?);
    let handle = card.create(8192)?;
    let name = card.name(handle)?;
    cases.check("a buffer gets a name", name > 0);
    cases.equal("it keeps it", card.name(handle), Ok(name));
    for strange in [0, handle + 1, u32::MAX] {
        cases.refused(
            &format!("handle {strange:#x} gets no name"),
            card.name(strange),
            libc::ENOENT,
        );
    }
    for strange in [0, name + 1, 0x8000_0000, u32::MAX] {
        cases.refused(
            &format!("nothing has the name {strange:#x}"),
            other.open_name(strange),
            libc::ENOENT,
        );
    }
    let (theirs, size) = other.open_name(name)?;
    cases.equal("another file has it by its name", size, 8192);
    cases.equal("it is as long there", other.size(theirs), Ok(8192));
    let (again, _) = other.open_name(name)?;
    cases.check("a second time it is another handle", again != theirs);
    cases.equal("that one is closed", other.close(again), Ok(()));
    cases.equal("the first one is closed", card.close(handle), Ok(()));
    drop(card);
    cases.equal("the other file still has it", other.size(theirs), Ok(8192));
    cases.equal("under the same name", other.name(theirs), Ok(name));
    cases.equal("the last handle is closed", other.close(theirs), Ok(()));
    cases.refused(
        "with it the name is gone",
        other.open_name(name),
        libc::ENOENT,
    );
    Ok(())
}

pub(crate) fn descriptors(cases: &mut Cases, node: &Node) -> Outcome<()> {
    let (card, other) = (node.open()?, node.open()?);
    let handle = card.create(8192)?;
    for (what, flags) in [
        ("one bit", 1 << 2),
        ("all bits", -1),
        ("append", libc::O_APPEND),
    ] {
        cases.refused(
            &format!("no descriptor with {what} in the flags"),
            card.export(handle, flags),
            libc::EINVAL,
        );
    }
    for strange in [0, handle + 1, u32::MAX] {
        cases.refused(
            &format!("handle {strange:#x} gets no descriptor"),
            card.export(strange, libc::O_CLOEXEC),
            libc::ENOENT,
        );
    }
    let buffer = card.export(handle, libc::O_CLOEXEC | libc::O_RDWR)?;
    // SAFETY: The call has no addresses.
    let size = outcome(unsafe { libc::lseek(buffer.as_raw_fd(), 0, libc::SEEK_END) } as isize);
    cases.equal("a descriptor is as long as the buffer", size, Ok(8192));
    cases.refused(
        "it can't be mapped",
        map_shared(&buffer, 4096, 0),
        libc::EINVAL,
    );
    cases.refused(
        "nor more than it has",
        map_shared(&buffer, 12_288, 0),
        libc::EINVAL,
    );
    cases.equal(
        "the file knows it by its handle",
        card.import(buffer.as_raw_fd()),
        Ok(handle),
    );
    let theirs = other.import(buffer.as_raw_fd())?;
    cases.equal("another file gets one", other.size(theirs), Ok(8192));
    cases.equal(
        "and not a second",
        other.import(buffer.as_raw_fd()),
        Ok(theirs),
    );
    let second = card.export(handle, libc::O_CLOEXEC)?;
    cases.equal(
        "a second descriptor is of the same buffer",
        other.import(second.as_raw_fd()),
        Ok(theirs),
    );
    drop(second);
    cases.refused("no descriptor", other.import(-1), libc::EBADF);
    cases.refused("a large one", other.import(0x7fff_ffff), libc::EBADF);
    cases.refused(
        "that of a node",
        other.import(card.as_raw_fd()),
        libc::EINVAL,
    );
    cases.equal("the first handle is closed", card.close(handle), Ok(()));
    drop(card);
    cases.equal("the other file still has it", other.size(theirs), Ok(8192));
    cases.equal("it closes it", other.close(theirs), Ok(()));
    let theirs = other.import(buffer.as_raw_fd())?;
    cases.equal("the descriptor still has it", other.size(theirs), Ok(8192));
    drop(buffer);
    cases.equal("now the handle has it", other.size(theirs), Ok(8192));
    let descriptor = other.export(theirs, 0)?;
    drop(other);
    cases.check(
        "a descriptor is there without a file",
        // SAFETY: The call has no addresses.
        unsafe { libc::lseek(descriptor.as_raw_fd(), 0, libc::SEEK_END) } == 8192,
    );
    Ok(())
}
