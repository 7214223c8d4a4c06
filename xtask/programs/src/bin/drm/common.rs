// SPDX-License-Identifier: GPL-2.0

//! What DRM itself answers for a driver, whichever it is.

use guest_programs::{direction, ioc, ioctl, ioctl_with, read, write, Cases, Errno, Outcome};

use crate::calls::{request, Card, Node, Version, END_OF_DRIVERS, END_OF_DRM, OF_DRIVERS};

pub(crate) fn version(
    cases: &mut Cases,
    node: &Node,
    name: &str,
    numbers: [i32; 3],
) -> Outcome<()> {
    let card = node.open()?;
    cases.equal("the driver's name", card.driver(), Ok(name.to_owned()));

    let mut version = Version::default();
    card.version(&mut version)?;
    cases.equal("its version", version.numbers, numbers);
    cases.equal("how long its name is", version.name_length, name.len());
    cases.check("it has a description", version.description_length > 0);

    let mut text = [b'.'; 16];
    let mut version = Version {
        name_length: 3,
        name: text.as_mut_ptr() as usize,
        ..Version::default()
    };
    card.version(&mut version)?;
    cases.equal("three bytes of the name", &text[..3], &name.as_bytes()[..3]);
    cases.check("and no more", text[3..].iter().all(|byte| *byte == b'.'));
    cases.equal(
        "it says how many there are",
        version.name_length,
        name.len(),
    );

    for (what, address) in [("the first page", 4), ("the kernel's half", 1 << 63)] {
        let mut version = Version {
            name_length: 8,
            name: address,
            ..Version::default()
        };
        cases.refused(
            &format!("no name to {what}"),
            card.version(&mut version),
            libc::EFAULT,
        );
    }
    Ok(())
}

/// Numbers that no ioctl has, where the driver has the first `count`.
pub(crate) fn unknown_numbers(cases: &mut Cases, node: &Node, count: u8) -> Outcome<()> {
    let card = node.open()?;
    let (drivers, others) = (OF_DRIVERS + count..END_OF_DRIVERS, END_OF_DRM..=255);
    let mut argument = [0u64; 32];
    for (what, size) in [("none", 0), ("16 bytes", 16), ("256 bytes", 256)] {
        let mut odd = Vec::new();
        for number in drivers.clone().chain(others.clone()) {
            let result = ioctl_with(&card, request(direction::BOTH, number, size), &mut argument);
            if result != Err(Errno(libc::EINVAL)) {
                odd.push((number, result));
            }
        }
        cases.equal(
            &format!("numbers of no ioctl, with {what}"),
            odd,
            Vec::new(),
        );
    }
    for group in [0, b'D', b'e', 255] {
        cases.refused(
            &format!("group {group} is not DRM's"),
            ioctl_with(&card, ioc(direction::BOTH, group, 0x40, 16), &mut argument),
            libc::ENOTTY,
        );
    }
    Ok(())
}

/// What drivers without displays, without buffers to draw on and without sync objects do not offer.
pub(crate) fn what_is_not_offered(cases: &mut Cases, node: &Node) -> Outcome<()> {
    const PRIME: u64 = 5;
    let card = node.open()?;
    cases.equal("descriptors can come and go", card.capability(PRIME), Ok(3));
    for (what, number) in [("dumb buffers", 1), ("nothing", 0), ("anything", u64::MAX)] {
        cases.refused(
            &format!("no capability for {what}"),
            card.capability(number),
            libc::EOPNOTSUPP,
        );
    }
    for (what, number, size, errno) in [
        ("resources of a display", 0xa0, 64, libc::EOPNOTSUPP),
        ("dumb buffer", 0xb2, 32, libc::ENOSYS),
        ("map of a dumb buffer", 0xb3, 16, libc::ENOSYS),
        ("end of a dumb buffer", 0xb4, 4, libc::ENOSYS),
        ("sync object", 0xbf, 8, libc::EOPNOTSUPP),
        ("other handle for a buffer", 0xd2, 8, libc::EINVAL),
    ] {
        let mut argument = [1u32; 16];
        cases.refused(
            &format!("no {what}"),
            ioctl_with(&card, request(direction::BOTH, number, size), &mut argument),
            errno,
        );
    }
    Ok(())
}

/// What else there is to a file.
pub(crate) fn files(cases: &mut Cases, node: &Node) -> Outcome<()> {
    cases.refused(
        "nobody has it for himself",
        node.open_with(libc::O_RDWR | libc::O_EXCL),
        libc::EBUSY,
    );
    let quiet = node.open_with(libc::O_RDWR | libc::O_NONBLOCK)?;
    let mut bytes = [0; 64];
    cases.refused(
        "there are no events",
        read(&quiet, &mut bytes),
        libc::EAGAIN,
    );
    cases.refused("nothing can be written", write(&quiet, b"x"), libc::EINVAL);
    let reader = node.open_with(libc::O_RDONLY)?;
    cases.check("who may only read can ask", reader.driver().is_ok());

    let files: Outcome<Vec<Card>> = (0..50).map(|_| node.open()).collect();
    let files = files?;
    let answers = files.iter().filter(|card| card.driver().is_ok()).count();
    cases.equal("50 files are open at once", answers, 50);
    cases.refused(
        "a number without an address",
        ioctl(&quiet, request(direction::BOTH, 0, 64), 0),
        libc::EFAULT,
    );
    Ok(())
}
